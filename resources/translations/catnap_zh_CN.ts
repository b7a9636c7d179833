<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About Catnap</source>
        <translation>关于 Catnap</translation>
    </message>
    <message>
        <source>A small language model in the tray of an old laptop, asleep until somebody asks.</source>
        <translation>旧笔记本托盘里的小语言模型，没人提问时就睡着。</translation>
    </message>
    <message>
        <source>Free software under the MIT licence. Models have licences of their own.</source>
        <translation>自由软件，采用 MIT 许可证。各模型另有自己的许可证。</translation>
    </message>
    <message>
        <source>About this build</source>
        <translation>关于此版本</translation>
    </message>
    <message>
        <source>Catnap {version}</source>
        <translation>Catnap {version}</translation>
    </message>
    <message>
        <source>&amp;Copy details</source>
        <translation>复制详细信息(&amp;C)</translation>
    </message>
    <message>
        <source>Copies the lines above, for a report of a fault</source>
        <translation>复制以上各行，便于报告故障</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Catnap never looks for updates by itself; look for a newer one where you got this one.</source>
        <translation>Catnap 从不自行检查更新；新版本请到原来的获取处查看。</translation>
    </message>
    <message>
        <source>&amp;Project page</source>
        <translation>项目主页(&amp;P)</translation>
    </message>
</context>
<context>
    <name>Accessible</name>
    <message>
        <source>You: {text}</source>
        <translation>您：{text}</translation>
    </message>
    <message>
        <source>Catnap: {text}</source>
        <translation>Catnap：{text}</translation>
    </message>
    <message>
        <source>Catnap is answering.</source>
        <translation>Catnap 正在回答。</translation>
    </message>
    <message>
        <source>The answer was stopped.</source>
        <translation>回答已停止。</translation>
    </message>
    <message>
        <source>The answer was interrupted.</source>
        <translation>回答被中断了。</translation>
    </message>
    <message>
        <source>The answer failed before its end.</source>
        <translation>回答没有完成就出错了。</translation>
    </message>
    <message>
        <source>The answer is complete.</source>
        <translation>回答完毕。</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>消息</translation>
    </message>
</context>
<context>
    <name>ActionEditor</name>
    <message>
        <source>Edit the action</source>
        <translation>编辑操作</translation>
    </message>
    <message>
        <source>New action</source>
        <translation>新建操作</translation>
    </message>
    <message>
        <source>Such as: Make it shorter</source>
        <translation>例如：缩短文字</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>名称(&amp;N)</translation>
    </message>
    <message>
        <source>What the model is &amp;told</source>
        <translation>给模型的指令(&amp;T)</translation>
    </message>
    <message>
        <source>Empty: as shown, in the language of the text. The text goes where {text} stands.</source>
        <translation>留空则用上面显示的指令，语言随所选文字而定。{text} 处会换成所选文字。</translation>
    </message>
    <message>
        <source>Make the text below half as long.

{text}</source>
        <translation>把下面的文字缩短一半。

{text}</translation>
    </message>
    <message>
        <source>The text goes where {text} stands, or at the end. Short and plain works best.</source>
        <translation>{text} 处会换成所选文字，没有写时放在末尾。指令简短明白，效果最好。</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation>保存(&amp;S)</translation>
    </message>
</context>
<context>
    <name>Activity</name>
    <message>
        <source>Asleep</source>
        <translation>睡着</translation>
    </message>
    <message>
        <source>Awake</source>
        <translation>醒着</translation>
    </message>
    <message>
        <source>Waking</source>
        <translation>正在醒来</translation>
    </message>
    <message>
        <source>Waking {percent} %</source>
        <translation>正在醒来 {percent}%</translation>
    </message>
    <message>
        <source>Thinking</source>
        <translation>思考中</translation>
    </message>
    <message>
        <source>Thinking · {speed} tokens/s</source>
        <translation>思考中 · {speed} 词元/秒</translation>
    </message>
    <message>
        <source>The model is being loaded into memory, and the state of the conversation with it (KV cache).</source>
        <translation>正在把模型和对话状态（KV 缓存）载入内存。</translation>
    </message>
    <message>
        <source>The model reads what it has not read yet of the conversation (prompt evaluation).</source>
        <translation>模型正在阅读对话中还没读过的部分（提示词处理）。</translation>
    </message>
    <message>
        <source>The model writes the answer, one token after the other (generation).</source>
        <translation>模型正在逐个词元写出回答（生成）。</translation>
    </message>
    <message>
        <source>Asleep: the computer ran short of memory</source>
        <translation>睡着：电脑内存不足</translation>
    </message>
    <message>
        <source>Writing</source>
        <translation>回答中</translation>
    </message>
    <message>
        <source>Writing · {speed} tokens/s</source>
        <translation>回答中 · {speed} 词元/秒</translation>
    </message>
    <message>
        <source>The model writes its thoughts, which come before the answer (thinking mode).</source>
        <translation>模型正在写出回答之前的思考（思考模式）。</translation>
    </message>
    <message>
        <source>Dozing</source>
        <translation>打盹</translation>
    </message>
    <message>
        <source>The model is not in memory. It wakes with the next message (the GGUF file is loaded in a new process).</source>
        <translation>模型不在内存中，收到下一条消息时醒来（在新进程中载入 GGUF 文件）。</translation>
    </message>
    <message>
        <source>The model has given back what takes most of its memory (context, pages of the weights). It wakes at once.</source>
        <translation>模型已交还占用内存最多的部分（上下文和权重的内存页），提问时立即醒来。</translation>
    </message>
    <message>
        <source>The model is in memory and answers at once. When nobody asks it dozes, and later it sleeps.</source>
        <translation>模型已在内存中，可立即回答。没人提问时先打盹，再久一些就睡着。</translation>
    </message>
    <message>
        <source>The engine has not moved for {duration}</source>
        <translation>引擎已有 {duration} 没有动静</translation>
    </message>
    <message>
        <source>Computing without getting any further for {duration}</source>
        <translation>已计算 {duration}，没有进展</translation>
    </message>
    <message>
        <source>The engine&apos;s process gets no further. Its disk may not answer, another program may have stopped it, or it computes what has no end.</source>
        <translation>引擎进程没有进展：可能是磁盘没有响应、被其他程序暂停，或者陷入了没有尽头的计算。</translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation>还没有模型</translation>
    </message>
    <message>
        <source>There is no model to answer yet. The button on the right leads to the models.</source>
        <translation>还没有可以回答的模型。点右边的按钮去选择模型。</translation>
    </message>
    <message>
        <source>Reading your message…</source>
        <translation>正在读您的消息…</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>正在读…</translation>
    </message>
    <message>
        <source>{what} {percent} %</source>
        <translation>{what}{percent}%</translation>
    </message>
    <message>
        <source>{done} of {total} tokens</source>
        <translation>{done}/{total} 个词元</translation>
    </message>
    <message>
        <source>{what} · for another program</source>
        <translation>{what} · 为其他程序</translation>
    </message>
    <message>
        <source>{host} has sent nothing for {duration}</source>
        <translation>{host} 已有 {duration} 没有发来内容</translation>
    </message>
    <message>
        <source>Waiting for {host}…</source>
        <translation>正在等待 {host}…</translation>
    </message>
    <message>
        <source>{host} is thinking</source>
        <translation>{host} 正在思考</translation>
    </message>
    <message>
        <source>{host} is writing</source>
        <translation>{host} 正在写</translation>
    </message>
    <message>
        <source>{speed} tokens/s</source>
        <translation>{speed} 词元/秒</translation>
    </message>
    <message>
        <source>A server answers; your words have left this computer. Nothing wakes here for it.</source>
        <translation>由服务器回答；您写的内容已离开这台电脑。本机不会为此唤醒任何模型。</translation>
    </message>
</context>
<context>
    <name>AnswerTrouble</name>
    <message>
        <source>The server has sent nothing for {duration}.</source>
        <translation>服务器已有 {duration} 没有发来内容。</translation>
    </message>
    <message>
        <source>It may have much to do, or a long text to read. What was said so far is kept.</source>
        <translation>它可能很忙，或在读很长的文本。已有的内容会保留。</translation>
    </message>
    <message>
        <source>The engine has computed for {duration} without getting any further.</source>
        <translation>引擎已计算 {duration}，但没有任何进展。</translation>
    </message>
    <message>
        <source>It may have got stuck. What was said so far is kept.</source>
        <translation>它可能卡住了。已经说出的内容会保留。</translation>
    </message>
    <message>
        <source>The engine has not moved for {duration}.</source>
        <translation>引擎已有 {duration} 没有动静。</translation>
    </message>
    <message>
        <source>The disk with the model may be slow, or gone. What was said so far is kept.</source>
        <translation>存放模型的磁盘可能很慢，或者已经断开。已写出的内容会保留。</translation>
    </message>
    <message>
        <source>End the answer</source>
        <translation>结束回答</translation>
    </message>
    <message>
        <source>Wait</source>
        <translation>继续等待</translation>
    </message>
    <message>
        <source>Save again</source>
        <translation>重新保存</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Answer on this computer</source>
        <translation>由这台电脑回答</translation>
    </message>
</context>
<context>
    <name>Arranging</name>
    <message>
        <source>Conversation archived</source>
        <translation>对话已归档</translation>
    </message>
    <message>
        <source>Archive, above the list, has it; the search finds it too.</source>
        <translation>可在列表上方的“归档”中找到，也能搜索到。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Done: {change}</source>
        <translation>已完成：{change}</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>More notices wait behind this one.</source>
        <translation>后面还有其他通知。</translation>
    </message>
    <message>
        <source>Other ways</source>
        <translation>其他办法</translation>
    </message>
</context>
<context>
    <name>BugDialog</name>
    <message>
        <source>A fault in Catnap</source>
        <translation>Catnap 出现故障</translation>
    </message>
    <message>
        <source>Something went wrong inside Catnap. It goes on, but what you just did may not have worked.</source>
        <translation>Catnap 内部出错。程序会继续运行，但您刚才的操作可能没有成功。</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>With this report the fault can be found. Your conversations are not part of it; look through it first.</source>
        <translation>这份报告可帮助找到故障。其中不含您的对话；请先看一遍。</translation>
    </message>
    <message>
        <source>&amp;Copy report</source>
        <translation>复制报告(&amp;C)</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
</context>
<context>
    <name>ChangedFiles</name>
    <message>
        <source>Read it again</source>
        <translation>重新读取</translation>
    </message>
    <message>
        <source>{name} was changed since it was read.</source>
        <translation>{name} 在读取之后有改动。</translation>
    </message>
    <message>
        <source>Answers are about what was in it then.</source>
        <translation>回答依据的仍是当时的内容。</translation>
    </message>
</context>
<context>
    <name>ChatActions</name>
    <message>
        <source>&amp;Chat</source>
        <translation>对话(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;New conversation</source>
        <translation>新对话(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Rename conversation</source>
        <translation>重命名对话(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Delete conversation</source>
        <translation>删除对话(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Close window</source>
        <translation>关闭窗口(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Quit Catnap</source>
        <translation>退出 Catnap(&amp;Q)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Search conversations</source>
        <translation>搜索对话(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Edit last message</source>
        <translation>修改上一条消息(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Copy last answer</source>
        <translation>复制上一个回答(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Regenerate answer</source>
        <translation>重新回答(&amp;R)</translation>
    </message>
    <message>
        <source>S&amp;top answer</source>
        <translation>停止回答(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Sleep now</source>
        <translation>让它睡着(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Models…</source>
        <translation>模型(&amp;M)…</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>查看(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Conversation list</source>
        <translation>对话列表(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Larger text</source>
        <translation>放大文字(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Smaller text</source>
        <translation>缩小文字(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Normal text</source>
        <translation>正常文字大小(&amp;N)</translation>
    </message>
    <message>
        <source>S&amp;ettings…</source>
        <translation>设置(&amp;E)…</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;About Catnap</source>
        <translation>关于 Catnap(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Tips and keys</source>
        <translation>使用提示与快捷键(&amp;T)</translation>
    </message>
    <message>
        <source>Quick &amp;ask</source>
        <translation>快速提问(&amp;A)</translation>
    </message>
    <message>
        <source>Ends the engine&apos;s process, with the model in it; the conversation stays (unload)</source>
        <translation>结束引擎进程，模型随之移出内存；对话会保留（卸载）</translation>
    </message>
    <message>
        <source>Recently de&amp;leted…</source>
        <translation>最近删除(&amp;L)…</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
    <message>
        <source>Re&amp;do</source>
        <translation>重做(&amp;D)</translation>
    </message>
    <message>
        <source>Version &amp;before</source>
        <translation>上一版本(&amp;B)</translation>
    </message>
    <message>
        <source>Version &amp;after</source>
        <translation>下一版本(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Undo {change}</source>
        <translation>撤销{change}(&amp;U)</translation>
    </message>
    <message>
        <source>Re&amp;do {change}</source>
        <translation>重做{change}(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Memory</source>
        <translation>内存(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Why is it slow?</source>
        <translation>为什么慢？(&amp;W)</translation>
    </message>
    <message>
        <source>Show the &amp;log</source>
        <translation>查看日志(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Find in this conversation</source>
        <translation>在此对话中查找(&amp;F)</translation>
    </message>
    <message>
        <source>Find &amp;next</source>
        <translation>查找下一个(&amp;N)</translation>
    </message>
    <message>
        <source>Find pre&amp;vious</source>
        <translation>查找上一个(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Continue answer</source>
        <translation>继续回答(&amp;C)</translation>
    </message>
    <message>
        <source>Pin &amp;to the top</source>
        <translation>置顶(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Move to folder…</source>
        <translation>移到文件夹(&amp;M)…</translation>
    </message>
    <message>
        <source>Arc&amp;hive</source>
        <translation>归档(&amp;H)</translation>
    </message>
    <message>
        <source>Copy messa&amp;ge</source>
        <translation>复制消息(&amp;G)</translation>
    </message>
    <message>
        <source>De&amp;lete message</source>
        <translation>删除消息(&amp;L)</translation>
    </message>
    <message>
        <source>Stop read&amp;ing</source>
        <translation>停止朗读(&amp;I)</translation>
    </message>
    <message>
        <source>Read answers to me &amp;aloud</source>
        <translation>为我朗读回答(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;For this conversation</source>
        <translation>仅用于此对话(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Personas…</source>
        <translation>角色(&amp;P)…</translation>
    </message>
    <message>
        <source>&amp;Unpin</source>
        <translation>取消置顶(&amp;U)</translation>
    </message>
    <message>
        <source>Back from t&amp;he archive</source>
        <translation>移出归档(&amp;H)</translation>
    </message>
    <message>
        <source>Read message al&amp;oud</source>
        <translation>朗读消息(&amp;O)</translation>
    </message>
    <message>
        <source>Op&amp;en document…</source>
        <translation>打开文档(&amp;E)…</translation>
    </message>
    <message>
        <source>Good answe&amp;r</source>
        <translation>回答得好(&amp;R)</translation>
    </message>
    <message>
        <source>Bad ans&amp;wer</source>
        <translation>回答得不好(&amp;W)</translation>
    </message>
    <message>
        <source>Answer as a ta&amp;ble or form…</source>
        <translation>以表格或表单回答(&amp;B)…</translation>
    </message>
    <message>
        <source>&amp;Libraries…</source>
        <translation>资料库(&amp;L)…</translation>
    </message>
    <message>
        <source>Make a table from &amp;documents…</source>
        <translation>用文档制作表格(&amp;D)…</translation>
    </message>
    <message>
        <source>Ser&amp;vers…</source>
        <translation>服务器(&amp;V)…</translation>
    </message>
    <message>
        <source>Tid&amp;y up conversations…</source>
        <translation>整理对话(&amp;Y)…</translation>
    </message>
    <message>
        <source>Newest te&amp;xt</source>
        <translation>最新内容(&amp;X)</translation>
    </message>
</context>
<context>
    <name>ChatPresenter</name>
    <message>
        <source>The chat template of {model} takes too much time or memory; a common one is used instead.</source>
        <translation>“{model}”的对话模板耗时过长或占用内存过多，已改用通用模板。</translation>
    </message>
    <message>
        <source>{title} (archived)</source>
        <translation>{title}（已归档）</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新对话</translation>
    </message>
</context>
<context>
    <name>ChatWindow</name>
    <message>
        <source>Conversation list (F9)</source>
        <translation>对话列表 (F9)</translation>
    </message>
    <message>
        <source>New conversation (Ctrl+N)</source>
        <translation>新对话 (Ctrl+N)</translation>
    </message>
</context>
<context>
    <name>Check</name>
    <message>
        <source>Both did exactly the same {0} of {1} tasks.</source>
        <translation>两者答对的题目完全相同：{1} 题中的 {0} 题。</translation>
    </message>
    <message>
        <source>{0} is better: of {1} tasks it alone did {2}, {3} alone did {4}. Chance would part them so with p = {5}.</source>
        <translation>{0} 更好：{1} 题中，只有它答对的有 {2} 题，只有 {3} 答对的有 {4} 题。纯属偶然的概率 p = {5}。</translation>
    </message>
    <message>
        <source>No difference can be told: of {1} tasks {0} alone did {2}, {3} alone did {4}. Chance would part them so with p = {5}.</source>
        <translation>看不出差别：{1} 题中，只有 {0} 答对的有 {2} 题，只有 {3} 答对的有 {4} 题。纯属偶然的概率 p = {5}。</translation>
    </message>
    <message>
        <source>There is no task that both were asked.</source>
        <translation>没有两者都答过的题目。</translation>
    </message>
    <message>
        <source>Good at: {0}.</source>
        <translation>擅长：{0}。</translation>
    </message>
    <message>
        <source>Sometimes right: {0}.</source>
        <translation>有时正确：{0}。</translation>
    </message>
    <message>
        <source>Not good at: {0}.</source>
        <translation>不擅长：{0}。</translation>
    </message>
    <message>
        <source>Not enough tasks to tell: {0}.</source>
        <translation>题目太少，尚难判断：{0}。</translation>
    </message>
    <message>
        <source>{0} in {1}</source>
        <translation>{0}（{1}）</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>Chinese questions</source>
        <translation>中文问答</translation>
    </message>
    <message>
        <source>sums</source>
        <translation>算术</translation>
    </message>
    <message>
        <source>Python</source>
        <translation>Python</translation>
    </message>
    <message>
        <source>tables</source>
        <translation>表格</translation>
    </message>
    <message>
        <source>facts from a text</source>
        <translation>从文中找事实</translation>
    </message>
    <message>
        <source>long texts</source>
        <translation>长文</translation>
    </message>
    <message>
        <source>JSON</source>
        <translation>JSON</translation>
    </message>
    <message>
        <source>following instructions</source>
        <translation>按要求作答</translation>
    </message>
    <message>
        <source>answers you marked down</source>
        <translation>您点踩的回答</translation>
    </message>
    <message>
        <source>English</source>
        <translation>英语</translation>
    </message>
    <message>
        <source>Chinese</source>
        <translation>中文</translation>
    </message>
    <message>
        <source>This system cannot shut in a program that a model wrote.</source>
        <translation>此系统无法隔离运行模型编写的程序。</translation>
    </message>
    <message>
        <source>The text does not fit into the context of this model.</source>
        <translation>文本超出了此模型的上下文。</translation>
    </message>
    <message>
        <source>not asked</source>
        <translation>未提问</translation>
    </message>
    <message>
        <source>{right} of {asked} · {share}% ({low}% to {high}%)</source>
        <translation>{asked} 题对 {right} 题 · {share}%（{low}% 至 {high}%）</translation>
    </message>
    <message>
        <source>{done} of {total} tasks</source>
        <translation>{total} 题中的 {done} 题</translation>
    </message>
    <message>
        <source>about {duration} left</source>
        <translation>大约还需 {duration}</translation>
    </message>
    <message>
        <source>KV type {kind}</source>
        <translation>KV 类型 {kind}</translation>
    </message>
</context>
<context>
    <name>CheckDialog</name>
    <message>
        <source>What can this model do?</source>
        <translation>这个模型能做什么？</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Ask all tasks &amp;again</source>
        <translation>重新提问所有题目(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Export answers marked down…</source>
        <translation>导出点踩的回答(&amp;E)…</translation>
    </message>
    <message>
        <source>Not checked yet. The check asks some 300 small tasks in English and Chinese, and marks the answers by rules. Your own questions always come first; nothing leaves this computer.</source>
        <translation>尚未测试。测试会用中英文提出约 300 道小题，并按规则评判回答。您自己的问题始终优先；任何内容都不会离开这台电脑。</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>正在测试…</translation>
    </message>
    <message>
        <source>Waiting while you use Catnap</source>
        <translation>您正在使用 Catnap，稍后自动继续</translation>
    </message>
    <message>
        <source>Waiting until this computer is plugged in</source>
        <translation>等待电脑接通电源</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>暂停(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Go on</source>
        <translation>继续(&amp;G)</translation>
    </message>
    <message>
        <source>Sta&amp;rt the check</source>
        <translation>开始测试(&amp;R)</translation>
    </message>
    <message>
        <source>Mistakes</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>Show some of the answers that were wrong</source>
        <translation>查看部分错误的回答</translation>
    </message>
    <message>
        <source>Not asked: {why}</source>
        <translation>未提问：{why}</translation>
    </message>
    <message>
        <source>Mistakes: {kind}</source>
        <translation>错误：{kind}</translation>
    </message>
    <message>
        <source>(no answer)</source>
        <translation>（没有回答）</translation>
    </message>
    <message>
        <source>Your thumbs</source>
        <translation>您的评价</translation>
    </message>
    <message>
        <source>good: {share}</source>
        <translation>好评：{share}</translation>
    </message>
    <message>
        <source>in all</source>
        <translation>总计</translation>
    </message>
    <message>
        <source>None yet. Below each answer there is a thumb up and a thumb down for it.</source>
        <translation>还没有。每条回答下方都有“赞”和“踩”。</translation>
    </message>
    <message>
        <source>They are kept on this computer only, with the conversations.</source>
        <translation>评价随对话保存，只留在这台电脑上。</translation>
    </message>
    <message>
        <source>Progress of the check</source>
        <translation>测试进度</translation>
    </message>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>Close this window (Esc); a check goes on</source>
        <translation>关闭此窗口（Esc）；测试会继续</translation>
    </message>
    <message>
        <source>Waiting until there is more free memory</source>
        <translation>等待有更多可用内存</translation>
    </message>
</context>
<context>
    <name>ChecksPresenter</name>
    <message>
        <source>Export answers marked down</source>
        <translation>导出点踩的回答</translation>
    </message>
    <message>
        <source>Tasks for the check</source>
        <translation>测试题目</translation>
    </message>
</context>
<context>
    <name>ChoicesButton</name>
    <message>
        <source>Model of this conversation</source>
        <translation>此对话的模型</translation>
    </message>
    <message>
        <source>Which model answers in this conversation: {name}</source>
        <translation>在此对话中回答的模型：{name}</translation>
    </message>
    <message>
        <source>{file}, which was chosen for it, is no longer here.</source>
        <translation>为此对话选择的 {file} 已不在这里。</translation>
    </message>
    <message>
        <source>Imagination (temperature): {value}</source>
        <translation>想象力（temperature）：{value}</translation>
    </message>
    <message>
        <source>It is on a server, {host}: your words leave this computer.</source>
        <translation>它在服务器 {host} 上：您写的内容会离开这台电脑。</translation>
    </message>
</context>
<context>
    <name>ChoicesMenu</name>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>As in the settings</source>
        <translation>与设置相同</translation>
    </message>
    <message>
        <source>As in the settings ({model})</source>
        <translation>与设置相同（{model}）</translation>
    </message>
    <message>
        <source>{file} (no longer here)</source>
        <translation>{file}（已不在）</translation>
    </message>
    <message>
        <source>Imagination</source>
        <translation>想象力</translation>
    </message>
    <message>
        <source>As usual ({value})</source>
        <translation>照常（{value}）</translation>
    </message>
    <message>
        <source>None: always the likeliest word (0)</source>
        <translation>无：总是选最可能的词（0）</translation>
    </message>
    <message>
        <source>Little (0.3)</source>
        <translation>较少（0.3）</translation>
    </message>
    <message>
        <source>Medium (0.7)</source>
        <translation>中等（0.7）</translation>
    </message>
    <message>
        <source>Much (1.0)</source>
        <translation>较多（1.0）</translation>
    </message>
    <message>
        <source>Wild (1.4)</source>
        <translation>奔放（1.4）</translation>
    </message>
    <message>
        <source>Another value…</source>
        <translation>其他数值…</translation>
    </message>
    <message>
        <source>Servers…</source>
        <translation>服务器…</translation>
    </message>
    <message>
        <source>On {server} ({host})</source>
        <translation>在 {server} 上（{host}）</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>这台电脑上</translation>
    </message>
    <message>
        <source>On this computer ({model})</source>
        <translation>这台电脑上（{model}）</translation>
    </message>
    <message>
        <source>{model} (is tried first)</source>
        <translation>{model}（先试用）</translation>
    </message>
</context>
<context>
    <name>Choosing</name>
    <message>
        <source>The model that was chosen for this conversation is no longer here: {file}.</source>
        <translation>为此对话选择的模型已不在：{file}。</translation>
    </message>
    <message>
        <source>{model} answers instead. If the file comes back, it answers again.</source>
        <translation>现由 {model} 回答。文件恢复后，仍由原模型回答。</translation>
    </message>
    <message>
        <source>As in the settings</source>
        <translation>与设置相同</translation>
    </message>
    <message>
        <source>{model} on this computer answers here from now on.</source>
        <translation>从现在起，由这台电脑上的 {model} 在此回答。</translation>
    </message>
    <message>
        <source>Back to {server}</source>
        <translation>改回 {server}</translation>
    </message>
    <message>
        <source>The server that answers in this conversation is no longer listed: {server}.</source>
        <translation>在这个对话中回答的服务器已不在列表中：{server}。</translation>
    </message>
    <message>
        <source>Add it again under this name, or choose another model.</source>
        <translation>请用这个名称重新添加，或选择其他模型。</translation>
    </message>
    <message>
        <source>Servers…</source>
        <translation>服务器…</translation>
    </message>
    <message>
        <source>Answer on this computer</source>
        <translation>由这台电脑回答</translation>
    </message>
    <message>
        <source>{model} is tried first, since nothing is known of it yet.</source>
        <translation>{model} 会先试用一下，因为还不知道它能不能用。</translation>
    </message>
    <message>
        <source>If it works, it answers in this conversation from then on.</source>
        <translation>如果能用，之后这个对话就由它回答。</translation>
    </message>
    <message>
        <source>If it works, it answers in this conversation from then on; until then {model} does.</source>
        <translation>如果能用，之后这个对话就由它回答；在那之前由 {model} 回答。</translation>
    </message>
</context>
<context>
    <name>ClearButton</name>
    <message>
        <source>Clear the field</source>
        <translation>清空此栏</translation>
    </message>
</context>
<context>
    <name>Closing</name>
    <message>
        <source>There is no tray here to keep Catnap in. What shall closing the window do?</source>
        <translation>这里没有托盘可供 Catnap 停留。关闭窗口时该怎么做？</translation>
    </message>
    <message>
        <source>The settings can change it later.</source>
        <translation>以后可在设置中更改。</translation>
    </message>
    <message>
        <source>Quit Catnap</source>
        <translation>退出 Catnap</translation>
    </message>
    <message>
        <source>Minimise the window</source>
        <translation>最小化窗口</translation>
    </message>
    <message>
        <source>Catnap goes on beside the clock.</source>
        <translation>Catnap 仍在时钟旁边运行。</translation>
    </message>
    <message>
        <source>Click the cat there to ask something. To end Catnap, open the cat&apos;s menu and choose Quit.</source>
        <translation>点那里的小猫就可以提问。要退出 Catnap，请打开小猫的菜单，选择“退出”。</translation>
    </message>
    <message>
        <source>Close the window</source>
        <translation>关闭窗口</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Message</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>Ask something</source>
        <translation>问点什么</translation>
    </message>
    <message>
        <source>Enter sends, Shift+Enter breaks the line, Esc stops the answer</source>
        <translation>Enter 发送，Shift+Enter 换行，Esc 停止回答</translation>
    </message>
    <message>
        <source>Leave the message as it was (Esc)</source>
        <translation>保持原消息不变 (Esc)</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>Stop the answer (Esc)</source>
        <translation>停止回答 (Esc)</translation>
    </message>
    <message>
        <source>Send (Enter)</source>
        <translation>发送 (Enter)</translation>
    </message>
    <message>
        <source>Editing an earlier message. The old one stays under ‹ ›.</source>
        <translation>正在修改先前的消息。原来的消息保留在 ‹ › 中。</translation>
    </message>
    <message>
        <source>Editing an earlier message. Its answer is set aside under ‹ ›, not lost.</source>
        <translation>正在修改先前的消息。原来的回答不会丢失，保留在 ‹ › 中。</translation>
    </message>
    <message>
        <source>Editing an earlier message. The {count} that followed are set aside under ‹ ›.</source>
        <translation>正在修改先前的消息。其后的 {count} 条消息保留在 ‹ › 中。</translation>
    </message>
    <message>
        <source>Send next</source>
        <translation>稍后发送</translation>
    </message>
    <message>
        <source>Send it when this answer has ended (Enter)</source>
        <translation>等这条回答结束后发送 (Enter)</translation>
    </message>
    <message>
        <source>Ask the next question: it is sent when this answer has ended</source>
        <translation>可以先写下一个问题，这条回答结束后自动发送</translation>
    </message>
    <message>
        <source>Ask about {name}</source>
        <translation>就“{name}”提问</translation>
    </message>
    <message>
        <source>Ask the next question</source>
        <translation>可以先写下一个问题</translation>
    </message>
    <message>
        <source>Ask about a document (Ctrl+O)</source>
        <translation>就一份文档提问 (Ctrl+O)</translation>
    </message>
    <message>
        <source>Message to {host}</source>
        <translation>发给 {host} 的消息</translation>
    </message>
    <message>
        <source>Ask {host}: what you write leaves this computer</source>
        <translation>向 {host} 提问：您写的内容会离开这台电脑</translation>
    </message>
    <message>
        <source>Ask {host}</source>
        <translation>向 {host} 提问</translation>
    </message>
    <message>
        <source>Send to {host} (Enter)</source>
        <translation>发送到 {host}（Enter）</translation>
    </message>
</context>
<context>
    <name>ContextMeter</name>
    <message>
        <source>About {used} of {context} tokens.</source>
        <translation>约占 {context} 个词元中的 {used} 个。</translation>
    </message>
    <message>
        <source>{used} of {context} tokens.</source>
        <translation>占 {context} 个词元中的 {used} 个。</translation>
    </message>
    <message>
        <source>This message: about {message}.</source>
        <translation>这条消息：约 {message} 个。</translation>
    </message>
    <message>
        <source>This message: {message}.</source>
        <translation>这条消息：{message} 个。</translation>
    </message>
    <message>
        <source>{left} are left for the answer.</source>
        <translation>剩 {left} 个留给回答。</translation>
    </message>
    <message>
        <source>About {left} are left for the answer.</source>
        <translation>约剩 {left} 个留给回答。</translation>
    </message>
    <message>
        <source>This message is too long for the model.</source>
        <translation>这条消息对模型来说太长了。</translation>
    </message>
    <message>
        <source>With it the oldest message will no longer be read.</source>
        <translation>发送后，模型将不再读最早的一条消息。</translation>
    </message>
    <message>
        <source>With it the oldest {count} messages will no longer be read.</source>
        <translation>发送后，模型将不再读最早的 {count} 条消息。</translation>
    </message>
    <message>
        <source>The model has only so much in view at once (its context); a token is a word or a part of one.
What is no longer read stays in the conversation.</source>
        <translation>模型一次只能看到这么多内容（上下文）；一个词元是一个字词或其中一部分。
不再读的内容仍留在对话里。</translation>
    </message>
    <message>
        <source>This message may be too long for the model.</source>
        <translation>这条消息对模型来说可能太长了。</translation>
    </message>
</context>
<context>
    <name>ContextWatch</name>
    <message>
        <source>Select what is too much</source>
        <translation>选中多出的部分</translation>
    </message>
    <message>
        <source>Larger context (+{price})</source>
        <translation>加大上下文（+{price}）</translation>
    </message>
    <message>
        <source>Shorten it, or give the model a context of {tokens} tokens: {price} more memory.</source>
        <translation>请缩短消息，或把模型的上下文加大到 {tokens} 个词元，需多占 {price} 内存。</translation>
    </message>
    <message>
        <source>Shorten it: a larger context is more than this model or this computer&apos;s memory takes.</source>
        <translation>请缩短消息：更大的上下文超出了这个模型或这台电脑内存的能力。</translation>
    </message>
    <message>
        <source>It takes {tokens} tokens; there is room for {room}.</source>
        <translation>它占 {tokens} 个词元，只放得下 {room} 个。</translation>
    </message>
    <message>
        <source>It takes about {tokens} tokens; there is room for {room}.</source>
        <translation>它约占 {tokens} 个词元，只放得下 {room} 个。</translation>
    </message>
    <message>
        <source>This message is too long for the model.</source>
        <translation>这条消息对模型来说太长了。</translation>
    </message>
    <message>
        <source>This message may be too long for the model.</source>
        <translation>这条消息对模型来说可能太长了。</translation>
    </message>
    <message>
        <source>Not even one passage of the documents fits into the model&apos;s context beside the question.</source>
        <translation>模型的上下文里，除了问题，连文档中的一段也放不下。</translation>
    </message>
    <message>
        <source>Together they take {tokens} tokens; there is room for {room}.</source>
        <translation>两者共占 {tokens} 个词元，只放得下 {room} 个。</translation>
    </message>
    <message>
        <source>Give the model a context of {tokens} tokens: {price} more memory.</source>
        <translation>请把模型的上下文加大到 {tokens} 个词元，需多占 {price} 内存。</translation>
    </message>
    <message>
        <source>A larger context is more than this model or this computer&apos;s memory takes: choose another model.</source>
        <translation>更大的上下文超出了此模型或本机内存的限度，请改用别的模型。</translation>
    </message>
</context>
<context>
    <name>ConversationChanges</name>
    <message>
        <source>delete “{title}”</source>
        <translation>删除“{title}”</translation>
    </message>
    <message>
        <source>rename “{title}”</source>
        <translation>重命名“{title}”</translation>
    </message>
    <message>
        <source>edit of a message</source>
        <translation>修改消息</translation>
    </message>
    <message>
        <source>regenerate answer</source>
        <translation>重新回答</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>continue answer</source>
        <translation>继续回答</translation>
    </message>
    <message>
        <source>delete message</source>
        <translation>删除消息</translation>
    </message>
    <message>
        <source>delete message and answer</source>
        <translation>删除消息及其回答</translation>
    </message>
    <message>
        <source>pin “{title}”</source>
        <translation>置顶“{title}”</translation>
    </message>
    <message>
        <source>unpin “{title}”</source>
        <translation>取消置顶“{title}”</translation>
    </message>
    <message>
        <source>archive “{title}”</source>
        <translation>归档“{title}”</translation>
    </message>
    <message>
        <source>unarchive “{title}”</source>
        <translation>移出归档“{title}”</translation>
    </message>
    <message>
        <source>move “{title}”</source>
        <translation>移动“{title}”</translation>
    </message>
    <message>
        <source>choice for “{title}”</source>
        <translation>更改“{title}”的选择</translation>
    </message>
    <message>
        <source>rename folder “{folder}”</source>
        <translation>重命名文件夹“{folder}”</translation>
    </message>
    <message>
        <source>dissolve folder “{folder}”</source>
        <translation>解散文件夹“{folder}”</translation>
    </message>
    <message>
        <source>archive {count} conversations</source>
        <translation>归档 {count} 个对话</translation>
    </message>
    <message>
        <source>unarchive {count} conversations</source>
        <translation>移出归档 {count} 个对话</translation>
    </message>
    <message>
        <source>move {count} conversations</source>
        <translation>移动 {count} 个对话</translation>
    </message>
    <message>
        <source>delete {count} conversations</source>
        <translation>删除 {count} 个对话</translation>
    </message>
</context>
<context>
    <name>ConversationList</name>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Search all conversations</source>
        <translation>搜索所有对话</translation>
    </message>
    <message>
        <source>New conversation (Ctrl+N)</source>
        <translation>新对话 (Ctrl+N)</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>没有找到</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Rename	F2</source>
        <translation>重命名	F2</translation>
    </message>
    <message>
        <source>Delete	Del</source>
        <translation>删除	Del</translation>
    </message>
    <message>
        <source>Search all conversations (Ctrl+Shift+F)</source>
        <translation>搜索所有对话 (Ctrl+Shift+F)</translation>
    </message>
    <message>
        <source>Archived: </source>
        <translation>已归档：</translation>
    </message>
    <message>
        <source>Unpin	Ctrl+Shift+T</source>
        <translation>取消置顶	Ctrl+Shift+T</translation>
    </message>
    <message>
        <source>Pin to the top	Ctrl+Shift+T</source>
        <translation>置顶	Ctrl+Shift+T</translation>
    </message>
    <message>
        <source>Move to folder</source>
        <translation>移到文件夹</translation>
    </message>
    <message>
        <source>Back from the archive	Ctrl+Shift+E</source>
        <translation>移出归档	Ctrl+Shift+E</translation>
    </message>
    <message>
        <source>Archive	Ctrl+Shift+E</source>
        <translation>归档	Ctrl+Shift+E</translation>
    </message>
    <message>
        <source>No folder</source>
        <translation>不放入文件夹</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>新建文件夹…</translation>
    </message>
</context>
<context>
    <name>ConversationNotices</name>
    <message>
        <source>In “{title}”.</source>
        <translation>在“{title}”中。</translation>
    </message>
    <message>
        <source>In a new conversation.</source>
        <translation>在新对话中。</translation>
    </message>
    <message>
        <source>Show it</source>
        <translation>去看看</translation>
    </message>
</context>
<context>
    <name>ConversationPane</name>
    <message>
        <source>One moment…</source>
        <translation>请稍候…</translation>
    </message>
    <message>
        <source>Another answer is being written first; this one follows it.</source>
        <translation>另一条回答还在写，写完就轮到这一条。</translation>
    </message>
    <message>
        <source>Find in this conversation</source>
        <translation>在此对话中查找</translation>
    </message>
    <message>
        <source>Looking in the document…</source>
        <translation>正在查找文档…</translation>
    </message>
    <message>
        <source>Looking in {count} documents…</source>
        <translation>正在 {count} 份文档中查找…</translation>
    </message>
</context>
<context>
    <name>CrashNotices</name>
    <message>
        <source>This model has brought the engine down twice while loading. It is tried once more.</source>
        <translation>这个模型在载入时已两次使引擎崩溃。现在再试一次。</translation>
    </message>
    <message>
        <source>The engine was ended while nobody asked, since memory was short.</source>
        <translation>没人提问时，由于内存不足，引擎被终止了。</translation>
    </message>
    <message>
        <source>The engine ended by itself while nobody asked.</source>
        <translation>没人提问时，引擎自行终止了。</translation>
    </message>
    <message>
        <source>Nothing is lost: it starts again with your next message.</source>
        <translation>什么也没有丢失：发送下一条消息时引擎会重新启动。</translation>
    </message>
    <message>
        <source>Another model…</source>
        <translation>换一个模型…</translation>
    </message>
    <message>
        <source>Another program, or the system, has ended the engine while nobody asked.</source>
        <translation>没人提问时，引擎被其他程序或系统终止了。</translation>
    </message>
</context>
<context>
    <name>DeletedDialog</name>
    <message>
        <source>Recently deleted</source>
        <translation>最近删除</translation>
    </message>
    <message>
        <source>Recently deleted conversations</source>
        <translation>最近删除的对话</translation>
    </message>
    <message>
        <source>No deleted conversations</source>
        <translation>没有已删除的对话</translation>
    </message>
    <message>
        <source>&amp;Restore</source>
        <translation>恢复(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Delete for good…</source>
        <translation>永久删除(&amp;D)…</translation>
    </message>
    <message>
        <source>Delete &amp;all…</source>
        <translation>全部删除(&amp;A)…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>They stay here for one day and go for good when Catnap starts after that.</source>
        <translation>对话会在这里保留一天，此后 Catnap 启动时将永久删除。</translation>
    </message>
    <message>
        <source>They stay here for {days} days and go for good when Catnap starts after that.</source>
        <translation>对话会在这里保留 {days} 天，此后 Catnap 启动时将永久删除。</translation>
    </message>
    <message>
        <source>They go for good when Catnap starts again. The settings can keep them longer.</source>
        <translation>Catnap 下次启动时将永久删除这些对话。您可以在设置中延长保留时间。</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>deleted: {when}</source>
        <translation>删除于 {when}</translation>
    </message>
    <message>
        <source>one message</source>
        <translation>1 条消息</translation>
    </message>
    <message>
        <source>{count} messages</source>
        <translation>{count} 条消息</translation>
    </message>
    <message>
        <source>{days} days left</source>
        <translation>还剩 {days} 天</translation>
    </message>
    <message>
        <source>less than a day left</source>
        <translation>不到一天</translation>
    </message>
    <message>
        <source>Delete “{title}” for good?</source>
        <translation>要永久删除“{title}”吗？</translation>
    </message>
    <message>
        <source>It cannot come back.</source>
        <translation>删除后无法恢复。</translation>
    </message>
    <message>
        <source>Delete {count} conversations for good?</source>
        <translation>要永久删除这 {count} 个对话吗？</translation>
    </message>
    <message>
        <source>They cannot come back.</source>
        <translation>删除后无法恢复。</translation>
    </message>
    <message>
        <source>Delete for good</source>
        <translation>永久删除</translation>
    </message>
    <message>
        <source>a message of “{title}”</source>
        <translation>“{title}”中的一条消息</translation>
    </message>
    <message>
        <source>{count} messages of “{title}”</source>
        <translation>“{title}”中的 {count} 条消息</translation>
    </message>
    <message>
        <source>Empty message</source>
        <translation>空消息</translation>
    </message>
    <message>
        <source>Delete {count} messages for good?</source>
        <translation>永久删除 {count} 条消息？</translation>
    </message>
    <message>
        <source>Delete these conversations and messages for good?</source>
        <translation>永久删除这些对话和消息？</translation>
    </message>
</context>
<context>
    <name>Deletions</name>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Conversation deleted</source>
        <translation>对话已删除</translation>
    </message>
    <message>
        <source>Recently deleted, in the Chat menu, keeps it for a while.</source>
        <translation>它会在“对话”菜单的“最近删除”中保留一段时间。</translation>
    </message>
    <message>
        <source>Message deleted</source>
        <translation>消息已删除</translation>
    </message>
    <message>
        <source>Message and answer deleted</source>
        <translation>消息及其回答已删除</translation>
    </message>
</context>
<context>
    <name>DetailsDialog</name>
    <message>
        <source>What is this model</source>
        <translation>这是什么模型</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>架构</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>Quantisation</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>Chat template</source>
        <translation>对话模板</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>有</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Languages</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>not stated</source>
        <translation>未注明</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>许可证</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Checked</source>
        <translation>校验</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>From</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>{size} in {count} files</source>
        <translation>{size}，共 {count} 个文件</translation>
    </message>
    <message>
        <source>the file is the one that was published</source>
        <translation>文件与公布的一致</translation>
    </message>
    <message>
        <source>not yet: “Check the file” does it</source>
        <translation>尚未校验：点“检查文件”即可</translation>
    </message>
    <message>
        <source>as its file is called</source>
        <translation>与文件名相同</translation>
    </message>
    <message>
        <source>such as en, zh</source>
        <translation>例如 en, zh</translation>
    </message>
    <message>
        <source>&amp;Show as</source>
        <translation>显示名称(&amp;S)</translation>
    </message>
    <message>
        <source>L&amp;anguages it speaks</source>
        <translation>它会的语言(&amp;A)</translation>
    </message>
    <message>
        <source>your own file: nobody has published a checksum for it</source>
        <translation>您自己的文件：没有公布的校验值</translation>
    </message>
    <message>
        <source>Student of</source>
        <translation>学生模型，来自</translation>
    </message>
    <message>
        <source>made here: “Check the file” tells whether it has changed since</source>
        <translation>在本机做成：“检查文件”会告诉您它此后是否变过</translation>
    </message>
</context>
<context>
    <name>DocumentChip</name>
    <message>
        <source>Give up opening it</source>
        <translation>不再打开</translation>
    </message>
    <message>
        <source>Take the document away</source>
        <translation>移除此文档</translation>
    </message>
    <message>
        <source>Take {name} away</source>
        <translation>移除“{name}”</translation>
    </message>
    <message>
        <source>Document: {name}</source>
        <translation>文档：{name}</translation>
    </message>
    <message>
        <source>Look at {name}, or choose what of it is asked about</source>
        <translation>查看“{name}”，或选择要提问的部分</translation>
    </message>
</context>
<context>
    <name>DocumentTextView</name>
    <message>
        <source>Text of the document</source>
        <translation>文档的文字</translation>
    </message>
</context>
<context>
    <name>DocumentViewer</name>
    <message>
        <source>&amp;Ask about this</source>
        <translation>就此提问(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Ask about these</source>
        <translation>就这些提问(&amp;A)</translation>
    </message>
    <message>
        <source>The text goes into the conversation (Ctrl+Enter)</source>
        <translation>这些文字会加入对话 (Ctrl+Enter)</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Close this window (Esc)</source>
        <translation>关闭此窗口 (Esc)</translation>
    </message>
    <message>
        <source>Find in this document</source>
        <translation>在此文档中查找</translation>
    </message>
</context>
<context>
    <name>Documents</name>
    <message>
        <source>Only the beginning was read: the first {0} characters.</source>
        <translation>只读取了开头部分：前 {0} 个字符。</translation>
    </message>
    <message>
        <source>Only the first {0} pages were read.</source>
        <translation>只读取了前 {0} 页。</translation>
    </message>
    <message>
        <source>Only the first {0} cells were read.</source>
        <translation>只读取了前 {0} 个单元格。</translation>
    </message>
    <message>
        <source>Hidden, and left out: {0}.</source>
        <translation>已隐藏，未读取：{0}。</translation>
    </message>
    <message>
        <source>Pages that are pictures without text: {0}.</source>
        <translation>只有图片、没有文字的页：{0}。</translation>
    </message>
    <message>
        <source>Pages that could not be read: {0}.</source>
        <translation>无法读取的页：{0}。</translation>
    </message>
    <message>
        <source>The file does not say how it is encoded; read as {0}.</source>
        <translation>文件没有说明编码，已按 {0} 读取。</translation>
    </message>
    <message>
        <source>opening: {percent}</source>
        <translation>正在打开：{percent}</translation>
    </message>
    <message>
        <source>opening: {count} characters</source>
        <translation>正在打开：{count} 个字符</translation>
    </message>
    <message>
        <source>opening…</source>
        <translation>正在打开…</translation>
    </message>
    <message>
        <source>The model has all of it in view ({tokens} tokens): answers begin at once.</source>
        <translation>模型已读完全文（{tokens} 个词元），可以立即开始回答。</translation>
    </message>
    <message>
        <source>read</source>
        <translation>已读完</translation>
    </message>
    <message>
        <source>It takes {tokens} tokens, and there is room for {room}. The model gets the passages that fit a question best. Fewer pages, or a larger context in the settings, let it read all.</source>
        <translation>全文需要 {tokens} 个词元，而只能容纳 {room} 个。模型会得到与问题最相关的段落。减少页数，或在设置中加大上下文，即可读完全文。</translation>
    </message>
    <message>
        <source>too long: passages are searched</source>
        <translation>太长：将查找相关段落</translation>
    </message>
    <message>
        <source>You can ask already: the answer begins when the document has been read.</source>
        <translation>您现在就可以提问：读完文档后便开始回答。</translation>
    </message>
    <message>
        <source>reading: {percent}</source>
        <translation>正在阅读：{percent}</translation>
    </message>
    <message>
        <source>reading: {percent}, about {duration}</source>
        <translation>正在阅读：{percent}，约需 {duration}</translation>
    </message>
    <message>
        <source>Text document</source>
        <translation>文本文档</translation>
    </message>
    <message>
        <source>Spreadsheet</source>
        <translation>电子表格</translation>
    </message>
    <message>
        <source>Presentation</source>
        <translation>演示文稿</translation>
    </message>
    <message>
        <source>Book</source>
        <translation>电子书</translation>
    </message>
    <message>
        <source>Web page</source>
        <translation>网页</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>表格</translation>
    </message>
    <message>
        <source>Source code</source>
        <translation>源代码</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文字</translation>
    </message>
    <message>
        <source>Page {number}</source>
        <translation>第 {number} 页</translation>
    </message>
    <message>
        <source>Sheet {number}</source>
        <translation>工作表 {number}</translation>
    </message>
    <message>
        <source>Slide {number}</source>
        <translation>幻灯片 {number}</translation>
    </message>
    <message>
        <source>Chapter {number}</source>
        <translation>第 {number} 章</translation>
    </message>
    <message>
        <source>{part}: {name}</source>
        <translation>{part}：{name}</translation>
    </message>
    <message>
        <source>page {numbers}</source>
        <translation>第 {numbers} 页</translation>
    </message>
    <message>
        <source>pages {numbers}</source>
        <translation>第 {numbers} 页</translation>
    </message>
    <message>
        <source>sheet {numbers}</source>
        <translation>工作表 {numbers}</translation>
    </message>
    <message>
        <source>sheets {numbers}</source>
        <translation>工作表 {numbers}</translation>
    </message>
    <message>
        <source>slide {numbers}</source>
        <translation>幻灯片 {numbers}</translation>
    </message>
    <message>
        <source>slides {numbers}</source>
        <translation>幻灯片 {numbers}</translation>
    </message>
    <message>
        <source>chapter {numbers}</source>
        <translation>第 {numbers} 章</translation>
    </message>
    <message>
        <source>chapters {numbers}</source>
        <translation>第 {numbers} 章</translation>
    </message>
    <message>
        <source>{place} of {name}</source>
        <translation>“{name}”{place}</translation>
    </message>
    <message>
        <source>one page</source>
        <translation>1 页</translation>
    </message>
    <message>
        <source>{count} pages</source>
        <translation>{count} 页</translation>
    </message>
    <message>
        <source>one sheet</source>
        <translation>1 个工作表</translation>
    </message>
    <message>
        <source>{count} sheets</source>
        <translation>{count} 个工作表</translation>
    </message>
    <message>
        <source>one slide</source>
        <translation>1 张幻灯片</translation>
    </message>
    <message>
        <source>{count} slides</source>
        <translation>{count} 张幻灯片</translation>
    </message>
    <message>
        <source>one chapter</source>
        <translation>1 章</translation>
    </message>
    <message>
        <source>{count} chapters</source>
        <translation>{count} 章</translation>
    </message>
    <message>
        <source>&amp;Pages:</source>
        <translation>页(&amp;P)：</translation>
    </message>
    <message>
        <source>S&amp;heets:</source>
        <translation>工作表(&amp;H)：</translation>
    </message>
    <message>
        <source>S&amp;lides:</source>
        <translation>幻灯片(&amp;L)：</translation>
    </message>
    <message>
        <source>C&amp;hapters:</source>
        <translation>章(&amp;H)：</translation>
    </message>
    <message>
        <source>The document has {parts}. Write them like this: 1-3, 7</source>
        <translation>此文档有{parts}。请这样填写：1-3, 7</translation>
    </message>
    <message>
        <source>about {count} characters</source>
        <translation>约 {count} 字</translation>
    </message>
    <message>
        <source>about {count} words</source>
        <translation>约 {count} 个词</translation>
    </message>
</context>
<context>
    <name>DocumentsPresenter</name>
    <message>
        <source>Documents</source>
        <translation>文档</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>所有文件</translation>
    </message>
    <message>
        <source>Open a document</source>
        <translation>打开文档</translation>
    </message>
    <message>
        <source>A link is not opened: Catnap loads nothing from the network on its own.</source>
        <translation>链接不会被打开：Catnap 不会自行从网络载入任何内容。</translation>
    </message>
    <message>
        <source>Save the page as a file, and drop that.</source>
        <translation>请把网页保存为文件，再拖放该文件。</translation>
    </message>
    <message>
        <source>Pasted text</source>
        <translation>粘贴的文字</translation>
    </message>
    <message>
        <source>{name} was read.</source>
        <translation>“{name}”已读完。</translation>
    </message>
    <message>
        <source>A conversation is about one document: {name} is opened.</source>
        <translation>一个对话只围绕一份文档：已打开“{name}”。</translation>
    </message>
    <message>
        <source>{names} and {count} more</source>
        <translation>{names}，以及另外 {count} 个</translation>
    </message>
    <message>
        <source>The others can follow in conversations of their own: {names}.</source>
        <translation>其他文档可以在各自的对话中打开：{names}。</translation>
    </message>
    <message>
        <source>Open {name}</source>
        <translation>打开“{name}”</translation>
    </message>
    <message>
        <source>The conversation was about {name} until now.</source>
        <translation>此前这个对话围绕的是“{name}”。</translation>
    </message>
    <message>
        <source>{name} was taken away. Questions are no longer about it.</source>
        <translation>已移除“{name}”，之后的问题不再与它有关。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Make a library of “{folder}”</source>
        <translation>将“{folder}”设为资料库</translation>
    </message>
</context>
<context>
    <name>DraftSaver</name>
    <message>
        <source>What you write and do not send cannot be kept.</source>
        <translation>您写下但未发送的内容无法保存。</translation>
    </message>
    <message>
        <source>It is lost when Catnap ends. Check that the disk is not full and the folder is writable, or copy it elsewhere.</source>
        <translation>Catnap 退出时这些内容会丢失。请检查磁盘是否已满、文件夹是否可写，或者先复制到别处。</translation>
    </message>
</context>
<context>
    <name>Edits</name>
    <message>
        <source>{count} messages set aside</source>
        <translation>已将 {count} 条消息移到旧版本中</translation>
    </message>
    <message>
        <source>Page back to them with ‹ › below your message.</source>
        <translation>点您消息下方的 ‹ › 即可翻回去。</translation>
    </message>
</context>
<context>
    <name>EmptyPage</name>
    <message>
        <source>A sleeping cat</source>
        <translation>睡着的猫</translation>
    </message>
    <message>
        <source>The model sleeps until you ask something. Everything stays on this computer.</source>
        <translation>在您提问之前，模型一直睡着。一切都留在这台电脑上。</translation>
    </message>
    <message>
        <source>A cat that wakes up</source>
        <translation>正在醒来的猫</translation>
    </message>
    <message>
        <source>The model is waking up. Everything stays on this computer.</source>
        <translation>模型正在醒来。一切都留在这台电脑上。</translation>
    </message>
    <message>
        <source>A cat that is awake</source>
        <translation>醒着的猫</translation>
    </message>
    <message>
        <source>The model is awake and answers at once. Everything stays on this computer.</source>
        <translation>模型醒着，会立即回答。一切都留在这台电脑上。</translation>
    </message>
    <message>
        <source>A dozing cat</source>
        <translation>打盹的猫</translation>
    </message>
    <message>
        <source>The model dozes and wakes at once when you ask. Everything stays on this computer.</source>
        <translation>模型正在打盹，您一提问就立即醒来。一切都留在这台电脑上。</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>No model is here yet. It is downloaded once; then everything stays on this computer.</source>
        <translation>这里还没有模型。只需下载一次，之后一切都留在这台电脑上。</translation>
    </message>
    <message>
        <source>Ask this question</source>
        <translation>问这个问题</translation>
    </message>
    <message>
        <source>The model is on its way: {percent}. You can ask as soon as it is here.</source>
        <translation>模型正在下载：{percent}。下载完成后即可提问。</translation>
    </message>
    <message>
        <source>Show the download</source>
        <translation>查看下载</translation>
    </message>
    <message>
        <source>Begin with this, and write the rest</source>
        <translation>以此开头，再写完后面的内容</translation>
    </message>
    <message>
        <source>What you ask goes to {host} and leaves this computer.</source>
        <translation>您的问题会发给 {host}，离开这台电脑。</translation>
    </message>
</context>
<context>
    <name>Errors</name>
    <message>
        <source>Catnap is still answering.</source>
        <translation>Catnap 还在回答。</translation>
    </message>
    <message>
        <source>Wait for the answer, or press Esc to stop it.</source>
        <translation>请等回答结束，或按 Esc 停止。</translation>
    </message>
    <message>
        <source>There is no display to show a window on.</source>
        <translation>没有可以显示窗口的显示器。</translation>
    </message>
    <message>
        <source>Start Catnap in a graphical session; without one, use &apos;catnap ask&apos;.</source>
        <translation>请在图形会话中启动 Catnap；没有图形会话时请用 catnap ask。</translation>
    </message>
    <message>
        <source>The display cannot be reached.</source>
        <translation>无法连接显示器。</translation>
    </message>
    <message>
        <source>Start Catnap from your own graphical session; elsewhere, use &apos;catnap ask&apos;.</source>
        <translation>请在您自己的图形会话中启动 Catnap；在别处请用 catnap ask。</translation>
    </message>
    <message>
        <source>The program&apos;s engine cannot be loaded.</source>
        <translation>无法载入程序的引擎。</translation>
    </message>
    <message>
        <source>Install Catnap again; &apos;catnap doctor&apos; says more.</source>
        <translation>请重新安装 Catnap；运行 catnap doctor 可了解详情。</translation>
    </message>
    <message>
        <source>Remove it and download it again.</source>
        <translation>请删除它并重新下载。</translation>
    </message>
    <message>
        <source>Choose another model, or a newer Catnap.</source>
        <translation>请选择其他模型，或使用较新版本的 Catnap。</translation>
    </message>
    <message>
        <source>Close other programs, or choose a smaller model or context.</source>
        <translation>请关闭其他程序，或选择更小的模型或上下文。</translation>
    </message>
    <message>
        <source>The model file is no longer there.</source>
        <translation>模型文件已不在原处。</translation>
    </message>
    <message>
        <source>Put it back, or choose or download another model.</source>
        <translation>请放回原处，或选择、下载其他模型。</translation>
    </message>
    <message>
        <source>The model file cannot be read.</source>
        <translation>无法读取模型文件。</translation>
    </message>
    <message>
        <source>Check its permissions and the disk, or choose another model.</source>
        <translation>请检查其权限和磁盘，或选择其他模型。</translation>
    </message>
    <message>
        <source>The model file is empty.</source>
        <translation>模型文件是空的。</translation>
    </message>
    <message>
        <source>This file is not a model in the GGUF format.</source>
        <translation>此文件不是 GGUF 格式的模型。</translation>
    </message>
    <message>
        <source>Choose a file that ends in .gguf, or download the model again.</source>
        <translation>请选择以 .gguf 结尾的文件，或重新下载模型。</translation>
    </message>
    <message>
        <source>No model is chosen.</source>
        <translation>还没有选择模型。</translation>
    </message>
    <message>
        <source>Choose or download one first.</source>
        <translation>请先选择或下载一个。</translation>
    </message>
    <message>
        <source>This kind of model is unknown to Catnap&apos;s engine.</source>
        <translation>Catnap 的引擎不认识这种模型。</translation>
    </message>
    <message>
        <source>The model file is damaged or incomplete.</source>
        <translation>模型文件已损坏或不完整。</translation>
    </message>
    <message>
        <source>This model cannot keep the conversation in the chosen precision.</source>
        <translation>此模型无法以所选精度保存对话。</translation>
    </message>
    <message>
        <source>Set conversation memory to full precision, or flash attention to automatic.</source>
        <translation>请把“对话记忆”设为全精度，或把 Flash attention 设为自动。</translation>
    </message>
    <message>
        <source>There is not enough memory.</source>
        <translation>内存不足。</translation>
    </message>
    <message>
        <source>This model is not made for conversations.</source>
        <translation>此模型不适合对话。</translation>
    </message>
    <message>
        <source>Something went wrong in Catnap&apos;s engine.</source>
        <translation>Catnap 的引擎出错了。</translation>
    </message>
    <message>
        <source>Ask again. If it happens again, the log file says what happened.</source>
        <translation>请再问一次。若再次发生，日志文件中有说明。</translation>
    </message>
    <message>
        <source>This conversation cannot be put into the form the model expects.</source>
        <translation>无法把此对话转换成模型需要的形式。</translation>
    </message>
    <message>
        <source>Choose another model, or begin a new conversation.</source>
        <translation>请选择其他模型，或开始新对话。</translation>
    </message>
    <message>
        <source>Catnap cannot prepare text for the model.</source>
        <translation>Catnap 无法为模型准备文本。</translation>
    </message>
    <message>
        <source>Install Catnap again.</source>
        <translation>请重新安装 Catnap。</translation>
    </message>
    <message>
        <source>This message is too long for the model&apos;s context.</source>
        <translation>消息太长，超出了模型的上下文。</translation>
    </message>
    <message>
        <source>Shorten it, or choose a larger context in the settings.</source>
        <translation>请缩短消息，或在设置中选择更大的上下文。</translation>
    </message>
    <message>
        <source>Choose a file that ends in .gguf; other formats have to be converted first.</source>
        <translation>请选择以 .gguf 结尾的文件；其他格式须先转换。</translation>
    </message>
    <message>
        <source>Unpack it, and choose the .gguf file inside.</source>
        <translation>请解压，然后选择其中的 .gguf 文件。</translation>
    </message>
    <message>
        <source>Download the model file itself; some networks ask for a login first.</source>
        <translation>请下载模型文件本身；有些网络要求先登录。</translation>
    </message>
    <message>
        <source>This is a web page, not a model.</source>
        <translation>这是网页，不是模型。</translation>
    </message>
    <message>
        <source>This is only a pointer to a model, not the model itself.</source>
        <translation>这只是指向模型的指针文件，不是模型本身。</translation>
    </message>
    <message>
        <source>This is a zip archive, not a model.</source>
        <translation>这是 zip 压缩包，不是模型。</translation>
    </message>
    <message>
        <source>This is a compressed archive, not a model.</source>
        <translation>这是压缩包，不是模型。</translation>
    </message>
    <message>
        <source>This model is in a format that came before GGUF.</source>
        <translation>此模型采用 GGUF 之前的旧格式。</translation>
    </message>
    <message>
        <source>Download a newer file of the same model.</source>
        <translation>请下载同一模型的较新文件。</translation>
    </message>
    <message>
        <source>Download it again.</source>
        <translation>请重新下载。</translation>
    </message>
    <message>
        <source>This is a safetensors file, not a GGUF model.</source>
        <translation>这是 safetensors 文件，不是 GGUF 模型。</translation>
    </message>
    <message>
        <source>This is not a GGUF model file.</source>
        <translation>这不是 GGUF 模型文件。</translation>
    </message>
    <message>
        <source>Check that it is still there and that you may open it.</source>
        <translation>请检查它是否还在、您是否有权打开。</translation>
    </message>
    <message>
        <source>The model file is incomplete.</source>
        <translation>模型文件不完整。</translation>
    </message>
    <message>
        <source>The model file is damaged.</source>
        <translation>模型文件已损坏。</translation>
    </message>
    <message>
        <source>This model file is for big-endian computers.</source>
        <translation>此模型文件适用于大端序计算机。</translation>
    </message>
    <message>
        <source>Download the ordinary (little-endian) file of the same model.</source>
        <translation>请下载同一模型的普通（小端序）文件。</translation>
    </message>
    <message>
        <source>This model file is of an outdated version of GGUF.</source>
        <translation>此模型文件的 GGUF 版本过旧。</translation>
    </message>
    <message>
        <source>This model file was written for a newer program.</source>
        <translation>此模型文件适用于较新的程序。</translation>
    </message>
    <message>
        <source>Update Catnap, or choose another file of the same model.</source>
        <translation>请更新 Catnap，或选择同一模型的其他文件。</translation>
    </message>
    <message>
        <source>This model file uses a quantisation that is no longer supported.</source>
        <translation>此模型文件使用了不再支持的量化方式。</translation>
    </message>
    <message>
        <source>Download a Q4_0 or Q4_K_M file of the same model.</source>
        <translation>请下载同一模型的 Q4_0 或 Q4_K_M 文件。</translation>
    </message>
    <message>
        <source>This model file uses a quantisation that this version does not know.</source>
        <translation>此模型文件使用了本版本不认识的量化方式。</translation>
    </message>
    <message>
        <source>The model folder cannot be moved now.</source>
        <translation>现在不能移动模型文件夹。</translation>
    </message>
    <message>
        <source>The model folder is being moved.</source>
        <translation>正在移动模型文件夹。</translation>
    </message>
    <message>
        <source>Try again when that is done.</source>
        <translation>请等它完成后再试。</translation>
    </message>
    <message>
        <source>The list of models cannot be read.</source>
        <translation>无法读取模型列表。</translation>
    </message>
    <message>
        <source>Install Catnap again; models already downloaded stay usable.</source>
        <translation>请重新安装 Catnap；已下载的模型仍可使用。</translation>
    </message>
    <message>
        <source>The list of models is malformed.</source>
        <translation>模型列表格式有误。</translation>
    </message>
    <message>
        <source>The list of models was written for a newer Catnap.</source>
        <translation>模型列表适用于较新版本的 Catnap。</translation>
    </message>
    <message>
        <source>Update Catnap; models already downloaded stay usable.</source>
        <translation>请更新 Catnap；已下载的模型仍可使用。</translation>
    </message>
    <message>
        <source>The models could not be moved.</source>
        <translation>无法移动模型。</translation>
    </message>
    <message>
        <source>Check that the disk is not full and the folder is writable.</source>
        <translation>请检查磁盘是否已满、文件夹是否可写。</translation>
    </message>
    <message>
        <source>The model folder cannot be moved while a download is running.</source>
        <translation>下载进行时不能移动模型文件夹。</translation>
    </message>
    <message>
        <source>Pause the download, then move the folder.</source>
        <translation>请先暂停下载，再移动文件夹。</translation>
    </message>
    <message>
        <source>A different file of the same name is in the way.</source>
        <translation>已有一个同名的不同文件。</translation>
    </message>
    <message>
        <source>Move or delete it, or choose another folder.</source>
        <translation>请移走或删除它，或选择其他文件夹。</translation>
    </message>
    <message>
        <source>There is not enough room in the new folder.</source>
        <translation>新文件夹空间不足。</translation>
    </message>
    <message>
        <source>Free some space, or choose another folder.</source>
        <translation>请腾出一些空间，或选择其他文件夹。</translation>
    </message>
    <message>
        <source>The list of imported models was written by a newer Catnap.</source>
        <translation>已导入模型的列表由较新版本的 Catnap 写入。</translation>
    </message>
    <message>
        <source>The list of imported models was malformed.</source>
        <translation>已导入模型的列表格式有误。</translation>
    </message>
    <message>
        <source>The list of imported models could not be saved.</source>
        <translation>无法保存已导入模型的列表。</translation>
    </message>
    <message>
        <source>It was kept; import your model files again.</source>
        <translation>原文件已保留；请重新导入您的模型文件。</translation>
    </message>
    <message>
        <source>The model cannot be deleted.</source>
        <translation>无法删除模型。</translation>
    </message>
    <message>
        <source>Close other programs that use it, and check that you may write there.</source>
        <translation>请关闭正在使用它的其他程序，并检查您是否有权写入。</translation>
    </message>
    <message>
        <source>This model is not installed.</source>
        <translation>此模型尚未安装。</translation>
    </message>
    <message>
        <source>Download it, or choose another model.</source>
        <translation>请下载它，或选择其他模型。</translation>
    </message>
    <message>
        <source>The model folder cannot be read.</source>
        <translation>无法读取模型文件夹。</translation>
    </message>
    <message>
        <source>Check that it is there and readable, or choose another one.</source>
        <translation>请检查它是否存在且可读，或另选一个。</translation>
    </message>
    <message>
        <source>There is no such model.</source>
        <translation>没有这个模型。</translation>
    </message>
    <message>
        <source>The model file is damaged and cannot be set aside.</source>
        <translation>模型文件已损坏，且无法移到一旁。</translation>
    </message>
    <message>
        <source>Delete it, and download the model again.</source>
        <translation>请删除它，然后重新下载模型。</translation>
    </message>
    <message>
        <source>Put it back, or choose another model.</source>
        <translation>请放回原处，或选择其他模型。</translation>
    </message>
    <message>
        <source>The address of the own host is missing or wrong.</source>
        <translation>自有服务器的地址缺失或有误。</translation>
    </message>
    <message>
        <source>Write it in the settings as https://host, or choose another mirror.</source>
        <translation>请在设置中写成 https://主机名，或选择其他镜像。</translation>
    </message>
    <message>
        <source>The mirror chosen in the settings does not have this model.</source>
        <translation>设置中选择的镜像没有此模型。</translation>
    </message>
    <message>
        <source>Choose Automatic as the place to download from.</source>
        <translation>请把下载来源设为“自动”。</translation>
    </message>
    <message>
        <source>The disk is full.</source>
        <translation>磁盘已满。</translation>
    </message>
    <message>
        <source>Free some space; the download goes on where it stopped.</source>
        <translation>请腾出一些空间；下载会从中断处继续。</translation>
    </message>
    <message>
        <source>The disk of the model folder cannot hold a file this large.</source>
        <translation>模型文件夹所在的磁盘放不下这么大的文件。</translation>
    </message>
    <message>
        <source>Choose a folder on another disk in the settings, or a smaller model.</source>
        <translation>请在设置中选择其他磁盘上的文件夹，或选择更小的模型。</translation>
    </message>
    <message>
        <source>The download cannot be written to the model folder.</source>
        <translation>无法把下载内容写入模型文件夹。</translation>
    </message>
    <message>
        <source>Make the folder writable, or choose another one in the settings.</source>
        <translation>请使文件夹可写，或在设置中另选一个。</translation>
    </message>
    <message>
        <source>The downloaded file is not the one that was published.</source>
        <translation>下载的文件与发布的文件不符。</translation>
    </message>
    <message>
        <source>It was set aside and is not used. Download it again, perhaps from another host.</source>
        <translation>该文件已移到一旁，不会使用。请重新下载，也可换一个来源。</translation>
    </message>
    <message>
        <source>Another Catnap is downloading this model already.</source>
        <translation>另一个 Catnap 正在下载此模型。</translation>
    </message>
    <message>
        <source>Wait until it is done, or stop it there.</source>
        <translation>请等它完成，或在那边停止下载。</translation>
    </message>
    <message>
        <source>This setting cannot take that value.</source>
        <translation>此设置不能取这个值。</translation>
    </message>
    <message>
        <source>Write the address as https://host or https://host/path.</source>
        <translation>地址请写成 https://主机名 或 https://主机名/路径。</translation>
    </message>
    <message>
        <source>Only https is accepted, so that nobody can change the model on its way.</source>
        <translation>只接受 https，以免模型在途中被人篡改。</translation>
    </message>
    <message>
        <source>Nobody can read text of that size.</source>
        <translation>这么小的字没人看得清。</translation>
    </message>
    <message>
        <source>Catnap cannot write to its folder.</source>
        <translation>Catnap 无法写入自己的文件夹。</translation>
    </message>
    <message>
        <source>Make it writable, or start with --data-dir and another folder.</source>
        <translation>请使其可写，或用 --data-dir 指定其他文件夹启动。</translation>
    </message>
    <message>
        <source>The settings were written by a newer Catnap; the defaults are used.</source>
        <translation>设置由较新版本的 Catnap 写入；已使用默认值。</translation>
    </message>
    <message>
        <source>The settings could not be read; the defaults are used.</source>
        <translation>无法读取设置；已使用默认值。</translation>
    </message>
    <message>
        <source>Some settings were out of range and went back to their defaults.</source>
        <translation>有些设置超出范围，已恢复默认值。</translation>
    </message>
    <message>
        <source>The old file was kept; nothing in it is lost.</source>
        <translation>旧文件已保留，其中内容没有丢失。</translation>
    </message>
    <message>
        <source>The settings could not be saved.</source>
        <translation>无法保存设置。</translation>
    </message>
    <message>
        <source>The Catnap that is running is an older version and does not understand this.</source>
        <translation>正在运行的 Catnap 版本较旧，不明白这个请求。</translation>
    </message>
    <message>
        <source>Quit it from its tray icon, then start Catnap again.</source>
        <translation>请从托盘图标退出它，再启动 Catnap。</translation>
    </message>
    <message>
        <source>The Catnap that is running did not accept the request.</source>
        <translation>正在运行的 Catnap 没有接受请求。</translation>
    </message>
    <message>
        <source>Catnap is not running.</source>
        <translation>Catnap 没有运行。</translation>
    </message>
    <message>
        <source>Catnap is running already, but it does not answer.</source>
        <translation>Catnap 已在运行，但没有响应。</translation>
    </message>
    <message>
        <source>Wait a moment and try again, or end the program in the system&apos;s task list.</source>
        <translation>请稍候再试，或在系统任务管理器中结束该程序。</translation>
    </message>
    <message>
        <source>This conversation is no longer there.</source>
        <translation>此对话已不存在。</translation>
    </message>
    <message>
        <source>The disk is full; the conversation was not saved.</source>
        <translation>磁盘已满；对话没有保存。</translation>
    </message>
    <message>
        <source>Make room on the disk and try again.</source>
        <translation>请腾出磁盘空间后重试。</translation>
    </message>
    <message>
        <source>The file of the conversations is damaged.</source>
        <translation>对话文件已损坏。</translation>
    </message>
    <message>
        <source>The conversations cannot be read or saved.</source>
        <translation>无法读取或保存对话。</translation>
    </message>
    <message>
        <source>Check that the file may be written and that no other program holds it.</source>
        <translation>请检查文件是否可写、是否被其他程序占用。</translation>
    </message>
    <message>
        <source>The conversations were written by a newer Catnap.</source>
        <translation>对话由较新版本的 Catnap 写入。</translation>
    </message>
    <message>
        <source>Install the newer Catnap again; the file was not changed.</source>
        <translation>请重新安装较新版本的 Catnap；文件未被改动。</translation>
    </message>
    <message>
        <source>The file of the conversations was damaged; a new one was begun.</source>
        <translation>对话文件已损坏；已新建一个。</translation>
    </message>
    <message>
        <source>There is not enough room on the disk for this model.</source>
        <translation>磁盘空间不足，放不下此模型。</translation>
    </message>
    <message>
        <source>Free some space, or choose another model folder in the settings.</source>
        <translation>请腾出一些空间，或在设置中选择其他模型文件夹。</translation>
    </message>
    <message>
        <source>The server cannot continue the download where it stopped.</source>
        <translation>服务器无法从中断处继续下载。</translation>
    </message>
    <message>
        <source>Try again later; what was downloaded is kept.</source>
        <translation>请稍后重试；已下载的部分会保留。</translation>
    </message>
    <message>
        <source>Choose another place to download from in the settings.</source>
        <translation>请在设置中选择其他下载来源。</translation>
    </message>
    <message>
        <source>The server has another file than the one that was published.</source>
        <translation>服务器上的文件与发布的不符。</translation>
    </message>
    <message>
        <source>The server sends the file in a form that cannot be used.</source>
        <translation>服务器传送的文件形式无法使用。</translation>
    </message>
    <message>
        <source>The server has a file of another size than the one that was published.</source>
        <translation>服务器上的文件大小与发布的不符。</translation>
    </message>
    <message>
        <source>The connection to the download server was cut.</source>
        <translation>与下载服务器的连接中断了。</translation>
    </message>
    <message>
        <source>The server does not have this file.</source>
        <translation>服务器上没有此文件。</translation>
    </message>
    <message>
        <source>The server refuses to give this file.</source>
        <translation>服务器拒绝提供此文件。</translation>
    </message>
    <message>
        <source>The server is busy or out of order.</source>
        <translation>服务器繁忙或出现故障。</translation>
    </message>
    <message>
        <source>The server gave an unexpected answer.</source>
        <translation>服务器的响应出乎意料。</translation>
    </message>
    <message>
        <source>Check the network connection and try again; what was downloaded is kept.</source>
        <translation>请检查网络连接后重试；已下载的部分会保留。</translation>
    </message>
    <message>
        <source>The proxy of this system cannot be used.</source>
        <translation>无法使用系统的代理。</translation>
    </message>
    <message>
        <source>The server sends the download round in circles.</source>
        <translation>服务器让下载不停地重定向。</translation>
    </message>
    <message>
        <source>The server sends the download over an insecure connection.</source>
        <translation>服务器要用不安全的连接传送下载。</translation>
    </message>
    <message>
        <source>The secure connection to the download server failed.</source>
        <translation>无法与下载服务器建立安全连接。</translation>
    </message>
    <message>
        <source>The proxy of this system did not let the download through.</source>
        <translation>系统的代理没有放行下载。</translation>
    </message>
    <message>
        <source>Check the proxy in the system settings.</source>
        <translation>请检查系统设置中的代理。</translation>
    </message>
    <message>
        <source>The download server cannot be reached.</source>
        <translation>无法连接下载服务器。</translation>
    </message>
    <message>
        <source>The download server has stopped sending.</source>
        <translation>下载服务器停止了传送。</translation>
    </message>
    <message>
        <source>The chosen model is no longer there, or no longer whole.</source>
        <translation>所选的模型已经不在了，或者文件不完整。</translation>
    </message>
    <message>
        <source>Download it again, or choose another model.</source>
        <translation>请重新下载，或选择其他模型。</translation>
    </message>
    <message>
        <source>The model is answering and cannot be touched now.</source>
        <translation>模型正在回答，现在不能动它。</translation>
    </message>
    <message>
        <source>Wait for the answer or stop it, then try again.</source>
        <translation>请等回答结束或停止回答，然后重试。</translation>
    </message>
    <message>
        <source>Your question is kept; it is asked when that is done.</source>
        <translation>您的问题已保留，完成后会自动提问。</translation>
    </message>
    <message>
        <source>A conversation needs a context of at least 256 tokens.</source>
        <translation>对话至少需要 256 个词元的上下文。</translation>
    </message>
    <message>
        <source>Catnap cannot show windows in the way that QT_QPA_PLATFORM asks for.</source>
        <translation>Catnap 无法按 QT_QPA_PLATFORM 要求的方式显示窗口。</translation>
    </message>
    <message>
        <source>Start Catnap without this variable.</source>
        <translation>请取消这个变量后再启动 Catnap。</translation>
    </message>
    <message>
        <source>Catnap cannot show windows, since a system library cannot be loaded.</source>
        <translation>Catnap 无法显示窗口，因为有一个系统库无法载入。</translation>
    </message>
    <message>
        <source>Install the package that it comes in, or update the system.</source>
        <translation>请安装包含它的软件包，或者更新系统。</translation>
    </message>
    <message>
        <source>Catnap cannot show windows, since the system lacks libraries. Install them as follows, then start Catnap again.</source>
        <translation>Catnap 无法显示窗口，因为系统缺少一些库。请按下面的方法安装，然后重新启动 Catnap。</translation>
    </message>
    <message>
        <source>macOS runs Catnap from a place that will be gone at the next login.</source>
        <translation>macOS 正从一个临时位置运行 Catnap，下次登录时该位置将不复存在。</translation>
    </message>
    <message>
        <source>Move Catnap to the Applications folder, start it from there and try again.</source>
        <translation>请将 Catnap 移到“应用程序”文件夹，从那里启动后再试。</translation>
    </message>
    <message>
        <source>Catnap is not installed here, so it cannot be started at login.</source>
        <translation>Catnap 未安装在此处，因此无法在登录时启动。</translation>
    </message>
    <message>
        <source>Set it up with &quot;make venv&quot; or install it, and start that one.</source>
        <translation>请用“make venv”配置好或安装后，再从那里启动。</translation>
    </message>
    <message>
        <source>Catnap cannot get at what starts when you log in.</source>
        <translation>Catnap 无法访问登录时自动启动的项目。</translation>
    </message>
    <message>
        <source>Windows cannot start a program at login whose path is this long.</source>
        <translation>路径太长，Windows 无法在登录时启动这个程序。</translation>
    </message>
    <message>
        <source>Move Catnap to a folder with a shorter path and start it from there.</source>
        <translation>请将 Catnap 移到路径较短的文件夹，再从那里启动。</translation>
    </message>
    <message>
        <source>Catnap&apos;s folder was moved, replaced or removed while Catnap was running.</source>
        <translation>Catnap 运行时，它所在的文件夹被移动、替换或删除了。</translation>
    </message>
    <message>
        <source>That was Catnap {0}; this is Catnap {1}. File: {2}.</source>
        <translation>写入的是 Catnap {0}，现在运行的是 Catnap {1}。文件：{2}。</translation>
    </message>
    <message>
        <source>Quit Catnap and start it again; your conversations are kept.</source>
        <translation>请退出 Catnap 再重新启动；您的对话都会保留。</translation>
    </message>
    <message>
        <source>The disk is full, so Catnap cannot start.</source>
        <translation>磁盘已满，Catnap 无法启动。</translation>
    </message>
    <message>
        <source>Make room on the disk, then start Catnap again; nothing is lost.</source>
        <translation>请清理磁盘空间，然后重新启动 Catnap；不会丢失任何内容。</translation>
    </message>
    <message>
        <source>Catnap does not know your home folder, where it keeps its files.</source>
        <translation>Catnap 找不到您的主文件夹，而它的文件要保存在那里。</translation>
    </message>
    <message>
        <source>Set HOME, or start with --data-dir and a folder.</source>
        <translation>请设置 HOME，或者用 --data-dir 指定一个文件夹来启动。</translation>
    </message>
    <message>
        <source>Let downloads, checks and moves end first, or pause them.</source>
        <translation>请等下载、检查和移动完成，或先暂停下载。</translation>
    </message>
    <message>
        <source>Model files are being checked.</source>
        <translation>正在检查模型文件。</translation>
    </message>
    <message>
        <source>The engine has run out of memory and was ended.</source>
        <translation>引擎耗尽内存，被终止了。</translation>
    </message>
    <message>
        <source>The engine ended while it was starting.</source>
        <translation>引擎在启动时终止了。</translation>
    </message>
    <message>
        <source>This model has brought the engine down while loading.</source>
        <translation>这个模型在载入时使引擎崩溃了。</translation>
    </message>
    <message>
        <source>Choose another model. The log holds what to report.</source>
        <translation>请选择其他模型。日志中有可供报告的内容。</translation>
    </message>
    <message>
        <source>The model has brought the engine down. What it said so far is kept.</source>
        <translation>模型使引擎崩溃了。已写出的内容会保留。</translation>
    </message>
    <message>
        <source>Ask again, choose another model or a smaller context. The log says more.</source>
        <translation>请再问一次，或选择其他模型、更小的上下文。日志中有更多说明。</translation>
    </message>
    <message>
        <source>The engine ended before the model could answer.</source>
        <translation>模型还没来得及回答，引擎就终止了。</translation>
    </message>
    <message>
        <source>The engine&apos;s process cannot be started.</source>
        <translation>无法启动引擎进程。</translation>
    </message>
    <message>
        <source>Close other programs and try again; an antivirus program may be in the way.</source>
        <translation>请关闭其他程序后重试；也可能是杀毒软件在阻拦。</translation>
    </message>
    <message>
        <source>This model has brought the engine down twice while loading.</source>
        <translation>这个模型在载入时已两次使引擎崩溃。</translation>
    </message>
    <message>
        <source>The model&apos;s file has changed while Catnap was using it.</source>
        <translation>Catnap 正在使用模型文件时，该文件发生了变化。</translation>
    </message>
    <message>
        <source>Ask again: the file is loaded anew. If that fails, download the model again.</source>
        <translation>请再问一次：文件会重新载入。如果仍然失败，请重新下载该模型。</translation>
    </message>
    <message>
        <source>Another program is writing the model&apos;s file.</source>
        <translation>另一个程序正在写入模型文件。</translation>
    </message>
    <message>
        <source>Wait until it is done, then ask again.</source>
        <translation>请等它完成后再问。</translation>
    </message>
    <message>
        <source>The answer was ended because another program wants to write the model&apos;s file.</source>
        <translation>另一个程序要写入模型文件，因此回答提前结束。</translation>
    </message>
    <message>
        <source>The engine said what makes no sense, and was ended.</source>
        <translation>引擎发来了无法理解的内容，已被结束。</translation>
    </message>
    <message>
        <source>The engine no longer answered, and was ended.</source>
        <translation>引擎没有响应，已被结束。</translation>
    </message>
    <message>
        <source>Ask again. If it happens again, choose another model or a smaller context.</source>
        <translation>请再问一次。如果再次发生，请换一个模型或更小的上下文。</translation>
    </message>
    <message>
        <source>This model has brought the engine down when it was tried.</source>
        <translation>试运行时，这个模型让引擎崩溃了。</translation>
    </message>
    <message>
        <source>This model did not answer when it was tried.</source>
        <translation>试运行时，这个模型没有回应。</translation>
    </message>
    <message>
        <source>Choose another model, or try it again when the computer is less busy.</source>
        <translation>请选择其他模型，或在电脑不忙时再试一次。</translation>
    </message>
    <message>
        <source>The engine&apos;s process does not begin.</source>
        <translation>引擎进程没有启动。</translation>
    </message>
    <message>
        <source>This is not a file.</source>
        <translation>这不是文件。</translation>
    </message>
    <message>
        <source>Choose a file that ends in .gguf; folders, pipes and devices are no models.</source>
        <translation>请选择以 .gguf 结尾的文件；文件夹、管道和设备不是模型。</translation>
    </message>
    <message>
        <source>This file claims to have more in it than any model has.</source>
        <translation>这个文件声称的内容比任何模型都多。</translation>
    </message>
    <message>
        <source>Choose another file of the same model.</source>
        <translation>请选择同一模型的其他文件。</translation>
    </message>
    <message>
        <source>This model was not tried: it does not fit into the memory that is free.</source>
        <translation>没有试运行这个模型：空闲内存不够。</translation>
    </message>
    <message>
        <source>{0}: it needs {1}, {2} are free.</source>
        <translation>{0}：需要 {1}，空闲 {2}。</translation>
    </message>
    <message>
        <source>The drive does not answer.</source>
        <translation>磁盘没有响应。</translation>
    </message>
    <message>
        <source>Check the drive, or the connection to it; what is on it can be used afterwards.</source>
        <translation>请检查磁盘或与它的连接；恢复后即可继续使用其中的文件。</translation>
    </message>
    <message>
        <source>The computer is too busy to measure anything.</source>
        <translation>电脑太忙，无法测量。</translation>
    </message>
    <message>
        <source>Open the settings again when other programs have less to do.</source>
        <translation>等其他程序不忙时再打开设置。</translation>
    </message>
    <message>
        <source>This model leaves no room for a conversation.</source>
        <translation>这个模型没有给对话留下空间。</translation>
    </message>
    <message>
        <source>{0}: its chat template takes {1} of {2} tokens.</source>
        <translation>{0}：它的对话模板占用 {2} 个词元中的 {1} 个。</translation>
    </message>
    <message>
        <source>Choose another model, or a larger context in the settings.</source>
        <translation>请选择其他模型，或在设置中调大上下文。</translation>
    </message>
    <message>
        <source>The model is being tried for the first time.</source>
        <translation>模型正在进行首次试运行。</translation>
    </message>
    <message>
        <source>The lock file of Catnap belongs to another user, who may be running it.</source>
        <translation>Catnap 的锁文件属于另一位用户，对方可能正在运行 Catnap。</translation>
    </message>
    <message>
        <source>Delete that file if nobody else uses Catnap with this folder.</source>
        <translation>如果没有其他人在此文件夹中使用 Catnap，请删除该文件。</translation>
    </message>
    <message>
        <source>Catnap cannot make the socket by which a second start reaches the first.</source>
        <translation>Catnap 无法创建套接字，再次启动时将无法联系到已运行的程序。</translation>
    </message>
    <message>
        <source>Remove what is in the way there, or start with --data-dir and another folder.</source>
        <translation>请移走占用该位置的内容，或使用 --data-dir 指定其他文件夹启动。</translation>
    </message>
    <message>
        <source>Close other programs and try again.</source>
        <translation>请关闭其他程序后重试。</translation>
    </message>
    <message>
        <source>The system refuses what Catnap needs.</source>
        <translation>系统拒绝了 Catnap 所需的操作。</translation>
    </message>
    <message>
        <source>A file of Catnap&apos;s could not be read; it is begun anew.</source>
        <translation>Catnap 的一个文件无法读取，已重新开始记录。</translation>
    </message>
    <message>
        <source>A file was written by a newer Catnap; this one begins it anew.</source>
        <translation>有一个文件由较新版本的 Catnap 写入，当前版本将重新开始记录。</translation>
    </message>
    <message>
        <source>The folder that Catnap was started in is no longer there.</source>
        <translation>启动 Catnap 时所在的文件夹已不存在。</translation>
    </message>
    <message>
        <source>Go to another folder, or name the place from its root on.</source>
        <translation>请切换到其他文件夹，或使用完整的绝对路径。</translation>
    </message>
    <message>
        <source>This file is only one part of a model, and its name does not say which.</source>
        <translation>这个文件只是模型的一部分，而文件名没有说明是哪一部分。</translation>
    </message>
    <message>
        <source>{0}: part {1} of {2}.</source>
        <translation>{0}：第 {1} 部分，共 {2} 部分。</translation>
    </message>
    <message>
        <source>Give all parts the names they were published under, in one folder.</source>
        <translation>请把所有部分放在同一个文件夹里，并使用发布时的文件名。</translation>
    </message>
    <message>
        <source>Choose a chat model: its name often has “instruct” or “chat” in it.</source>
        <translation>请选择对话模型：名称里通常带有“instruct”或“chat”。</translation>
    </message>
    <message>
        <source>This is an embedding model: it compares texts for searching, and cannot answer.</source>
        <translation>这是嵌入模型：用于搜索时比较文本，不能回答问题。</translation>
    </message>
    <message>
        <source>This is a reranking model: it sorts what a search has found, and cannot answer.</source>
        <translation>这是重排序模型：用于给搜索结果排序，不能回答问题。</translation>
    </message>
    <message>
        <source>This is a T5 model: it rewrites single texts, and cannot hold a conversation.</source>
        <translation>这是 T5 模型：只能改写单段文本，不能对话。</translation>
    </message>
    <message>
        <source>This is a diffusion model, which writes in a way that Catnap&apos;s engine does not.</source>
        <translation>这是扩散模型，它的生成方式 Catnap 的引擎不支持。</translation>
    </message>
    <message>
        <source>This is a helper that speeds a larger model up; it cannot answer by itself.</source>
        <translation>这是给更大的模型加速的辅助模型，不能单独回答问题。</translation>
    </message>
    <message>
        <source>Choose the file of the model that it belongs to.</source>
        <translation>请选择它所属的模型文件。</translation>
    </message>
    <message>
        <source>This is a projector: it lets another model see pictures, and cannot answer.</source>
        <translation>这是投影器：让另一个模型能看图，不能回答问题。</translation>
    </message>
    <message>
        <source>This is a LoRA adapter: it changes another model, and cannot answer by itself.</source>
        <translation>这是 LoRA 适配器：用于改变另一个模型，不能单独回答问题。</translation>
    </message>
    <message>
        <source>Choose the model it was made for, or a file in which both were merged.</source>
        <translation>请选择它所针对的模型，或二者合并后的文件。</translation>
    </message>
    <message>
        <source>This is a control vector: it steers another model, and cannot answer by itself.</source>
        <translation>这是控制向量：用于引导另一个模型，不能单独回答问题。</translation>
    </message>
    <message>
        <source>This is an importance matrix: it helps to make smaller files of a model, and is none itself.</source>
        <translation>这是重要性矩阵：用于制作更小的模型文件，本身不是模型。</translation>
    </message>
    <message>
        <source>This is a model for speech, and not for conversations in writing.</source>
        <translation>这是语音模型，不能用于文字对话。</translation>
    </message>
    <message>
        <source>This is a model that draws pictures, and cannot answer.</source>
        <translation>这是画图模型，不能回答问题。</translation>
    </message>
    <message>
        <source>This file has a vocabulary only, and no model.</source>
        <translation>这个文件只有词表，没有模型。</translation>
    </message>
    <message>
        <source>Parts of this model are missing.</source>
        <translation>这个模型缺少一些部分。</translation>
    </message>
    <message>
        <source>Put all its parts into one folder, with the names they were published under.</source>
        <translation>请把所有部分放进同一个文件夹，并保留发布时的文件名。</translation>
    </message>
    <message>
        <source>The parts of this model do not belong together.</source>
        <translation>这些部分不属于同一个模型。</translation>
    </message>
    <message>
        <source>Download all its parts from one place, and keep their names.</source>
        <translation>请从同一处下载所有部分，并保留文件名。</translation>
    </message>
    <message>
        <source>Start Catnap again: it saves what can be read, and keeps the damaged file.</source>
        <translation>请重新启动 Catnap：它会保存能读出的内容，并保留损坏的文件。</translation>
    </message>
    <message>
        <source>This file was written by a newer Catnap.</source>
        <translation>此文件由较新版本的 Catnap 写入。</translation>
    </message>
    <message>
        <source>Its version is {0}; this Catnap reads up to {1}.</source>
        <translation>文件版本为 {0}，此 Catnap 最高支持 {1}。</translation>
    </message>
    <message>
        <source>Install the newer Catnap and import the file there.</source>
        <translation>请安装较新版本的 Catnap，再导入此文件。</translation>
    </message>
    <message>
        <source>There is something else where the conversations should be written to.</source>
        <translation>要写入对话的位置已有其他内容，不是普通文件。</translation>
    </message>
    <message>
        <source>Choose another name.</source>
        <translation>请换一个名称。</translation>
    </message>
    <message>
        <source>A file of this name is there already; it was not changed.</source>
        <translation>同名文件已存在，没有更改它。</translation>
    </message>
    <message>
        <source>The disk is full; nothing was exported.</source>
        <translation>磁盘已满，没有导出任何内容。</translation>
    </message>
    <message>
        <source>Make room on the disk, or choose another folder.</source>
        <translation>请腾出磁盘空间，或选择其他文件夹。</translation>
    </message>
    <message>
        <source>The conversations cannot be written there.</source>
        <translation>无法把对话写入该位置。</translation>
    </message>
    <message>
        <source>Choose another folder.</source>
        <translation>请选择其他文件夹。</translation>
    </message>
    <message>
        <source>This file is too large to be imported.</source>
        <translation>此文件太大，无法导入。</translation>
    </message>
    <message>
        <source>Export fewer conversations at a time.</source>
        <translation>请每次少导出一些对话。</translation>
    </message>
    <message>
        <source>This file holds no conversations that Catnap can read.</source>
        <translation>此文件中没有 Catnap 能读取的对话。</translation>
    </message>
    <message>
        <source>The file cannot be read.</source>
        <translation>无法读取此文件。</translation>
    </message>
    <message>
        <source>Check that it is there and may be read.</source>
        <translation>请确认文件存在且允许读取。</translation>
    </message>
    <message>
        <source>The file of the conversations was damaged; what could be read was saved.</source>
        <translation>对话文件已损坏；能读出的内容都已保存。</translation>
    </message>
    <message>
        <source>Look whether what you need is there. The damaged file was kept.</source>
        <translation>请检查您需要的内容是否都在。损坏的文件已保留。</translation>
    </message>
    <message>
        <source>Conversations: {0}, messages: {1}. Damaged file: {2}.</source>
        <translation>对话：{0}，消息：{1}。损坏的文件：{2}。</translation>
    </message>
    <message>
        <source>Conversations: {0}, messages: {1}, of these from the backup {2}: {3}. Damaged file: {4}.</source>
        <translation>对话：{0}，消息：{1}，其中来自备份 {2} 的：{3}。损坏的文件：{4}。</translation>
    </message>
    <message>
        <source>This message is no longer there.</source>
        <translation>这条消息已不存在。</translation>
    </message>
    <message>
        <source>The file of the conversations was deleted and cannot be written again.</source>
        <translation>对话文件已被删除，且无法重新写入。</translation>
    </message>
    <message>
        <source>Do not quit yet: make its folder writable, then try again.</source>
        <translation>请先不要退出：让它所在的文件夹可以写入，然后重试。</translation>
    </message>
    <message>
        <source>The file of the conversations had been deleted; it was written again.</source>
        <translation>对话文件曾被删除，现已重新写入。</translation>
    </message>
    <message>
        <source>No conversation is lost. Find out what deletes files there.</source>
        <translation>没有丢失任何对话。请查明是什么在删除那里的文件。</translation>
    </message>
    <message>
        <source>The list of added models was malformed.</source>
        <translation>已添加模型的列表格式有误。</translation>
    </message>
    <message>
        <source>The list of added models was written by a newer Catnap.</source>
        <translation>已添加模型的列表是由较新版本的 Catnap 写的。</translation>
    </message>
    <message>
        <source>It was kept. Files in the model folder stay usable as your own.</source>
        <translation>原列表已保留。模型文件夹里的文件仍可作为您自己的模型使用。</translation>
    </message>
    <message>
        <source>This model cannot be added.</source>
        <translation>无法添加这个模型。</translation>
    </message>
    <message>
        <source>Download its file in a browser and import it.</source>
        <translation>请用浏览器下载它的文件，然后导入。</translation>
    </message>
    <message>
        <source>The list of added models could not be saved.</source>
        <translation>无法保存已添加模型的列表。</translation>
    </message>
    <message>
        <source>A model in the list is left out, since its file name or address is not safe.</source>
        <translation>列表中有一个模型未被采用，因为它的文件名或地址不安全。</translation>
    </message>
    <message>
        <source>Get the list from somebody you trust, or install Catnap again.</source>
        <translation>请从您信任的来源获取列表，或重新安装 Catnap。</translation>
    </message>
    <message>
        <source>A filter or a sign-in page of the network may be in the way.</source>
        <translation>可能被网络中的过滤设备或登录页拦截。</translation>
    </message>
    <message>
        <source>By this computer&apos;s clock the download server&apos;s certificate is not valid.</source>
        <translation>按这台电脑的时钟，下载服务器的证书不在有效期内。</translation>
    </message>
    <message>
        <source>{0}: {1}. The clock shows {2}.</source>
        <translation>{0}：{1}。时钟显示 {2}。</translation>
    </message>
    <message>
        <source>If the clock is wrong, set date and time of this computer and try again.</source>
        <translation>如果时钟不对，请校准这台电脑的日期和时间后重试。</translation>
    </message>
    <message>
        <source>The download server shows a certificate that this computer does not trust.</source>
        <translation>下载服务器出示的证书不受这台电脑信任。</translation>
    </message>
    <message>
        <source>If the network has a sign-in page, open it in a browser first. If a company or a virus scanner looks into secure connections, have its certificate installed in this system, or name its file in SSL_CERT_FILE.</source>
        <translation>如果网络有登录页，请先在浏览器中打开。如果公司或杀毒软件会检查加密连接，请把它的证书装进本系统，或用 SSL_CERT_FILE 指明证书文件。</translation>
    </message>
    <message>
        <source>The proxy of this system cannot be reached.</source>
        <translation>无法连接本系统的代理。</translation>
    </message>
    <message>
        <source>Start it, or take it out of the system settings; what was downloaded is kept.</source>
        <translation>请启动代理，或在系统设置中取消代理；已下载的内容会保留。</translation>
    </message>
    <message>
        <source>The proxy of this network did not accept the name and password.</source>
        <translation>此网络的代理不接受该用户名或密码。</translation>
    </message>
    <message>
        <source>The proxy of this network wants a name and a password.</source>
        <translation>此网络的代理需要用户名和密码。</translation>
    </message>
    <message>
        <source>Try again and enter them; what was downloaded is kept.</source>
        <translation>请重试并输入；已下载的内容会保留。</translation>
    </message>
    <message>
        <source>The proxy of this network asks for a kind of sign-in that Catnap does not know.</source>
        <translation>此网络的代理要求一种 Catnap 不支持的登录方式。</translation>
    </message>
    <message>
        <source>A helper such as cntlm or px can sign in for it; name that as the proxy of this system.</source>
        <translation>可用 cntlm 或 px 之类的辅助程序代为登录，并把它设为本系统的代理。</translation>
    </message>
    <message>
        <source>This system finds its proxy by a script (PAC), which Catnap cannot run.</source>
        <translation>本系统通过脚本（PAC）选择代理，Catnap 无法运行此类脚本。</translation>
    </message>
    <message>
        <source>Ask for the proxy&apos;s address, and set it in the system settings or as https_proxy in the environment.</source>
        <translation>请询问代理地址，并填入系统设置，或设为环境变量 https_proxy。</translation>
    </message>
    <message>
        <source>Set an http or socks5 proxy in the system settings or the environment, or none.</source>
        <translation>请在系统设置或环境变量中使用 http 或 socks5 代理，或不使用代理。</translation>
    </message>
    <message>
        <source>A web page came instead of the model.</source>
        <translation>收到的是网页，而不是模型。</translation>
    </message>
    <message>
        <source>If this network wants you to sign in first, open the network&apos;s page in a browser and do so. Then try again; what was downloaded is kept.</source>
        <translation>如果此网络要求先登录，请在浏览器中打开网络登录页并登录，然后重试；已下载的内容会保留。</translation>
    </message>
    <message>
        <source>The download server sends next to nothing.</source>
        <translation>下载服务器几乎没有发送数据。</translation>
    </message>
    <message>
        <source>Check the name on the model&apos;s page, or paste the link from there.</source>
        <translation>请在模型页面上核对名称，或从那里粘贴链接。</translation>
    </message>
    <message>
        <source>The repository does not have this version.</source>
        <translation>仓库里没有这个版本。</translation>
    </message>
    <message>
        <source>Leave the version out of the link to get the newest one.</source>
        <translation>去掉链接里的版本，即可得到最新版。</translation>
    </message>
    <message>
        <source>There is no such repository, or it is private.</source>
        <translation>没有这个仓库，或者它是私有的。</translation>
    </message>
    <message>
        <source>The server has been asked too often from your network.</source>
        <translation>您的网络对服务器的请求过于频繁。</translation>
    </message>
    <message>
        <source>Try again in some minutes, or choose another mirror in the settings.</source>
        <translation>请过几分钟再试，或在设置中选择其他镜像。</translation>
    </message>
    <message>
        <source>The server cannot tell what the repository has.</source>
        <translation>服务器无法给出仓库的内容。</translation>
    </message>
    <message>
        <source>Try again later, or choose another mirror in the settings.</source>
        <translation>请稍后再试，或在设置中选择其他镜像。</translation>
    </message>
    <message>
        <source>This repository has no GGUF files.</source>
        <translation>这个仓库里没有 GGUF 文件。</translation>
    </message>
    <message>
        <source>Look for one that has the same model as GGUF: its name mostly ends in “GGUF”.</source>
        <translation>请寻找同一模型的 GGUF 仓库：名称通常以“GGUF”结尾。</translation>
    </message>
    <message>
        <source>Check whether your network asks for a login first, or choose another mirror.</source>
        <translation>请检查网络是否需要先登录，或选择其他镜像。</translation>
    </message>
    <message>
        <source>This is no address of Hugging Face or one of its mirrors.</source>
        <translation>这不是 Hugging Face 或其镜像的地址。</translation>
    </message>
    <message>
        <source>Paste the link of a model&apos;s page, or write it as owner/name.</source>
        <translation>请粘贴模型页面的链接，或写成 owner/name。</translation>
    </message>
    <message>
        <source>This link does not lead to a model.</source>
        <translation>这个链接指向的不是模型。</translation>
    </message>
    <message>
        <source>This is no link to a model on Hugging Face.</source>
        <translation>这不是 Hugging Face 上模型的链接。</translation>
    </message>
    <message>
        <source>The repository does not have this file.</source>
        <translation>仓库里没有这个文件。</translation>
    </message>
    <message>
        <source>Choose one of those that it has.</source>
        <translation>请选择仓库里已有的文件。</translation>
    </message>
    <message>
        <source>The host does not say how to check this file.</source>
        <translation>服务器没有提供这个文件的校验值。</translation>
    </message>
    <message>
        <source>Choose another mirror in the settings, or download the file in a browser.</source>
        <translation>请在设置中选择其他镜像，或用浏览器下载。</translation>
    </message>
    <message>
        <source>The owner of this repository gives its files only to people who have signed in.</source>
        <translation>这个仓库的文件只提供给已登录的人。</translation>
    </message>
    <message>
        <source>Download the file in a browser after you have agreed there and import it, or look for the same model by somebody else.</source>
        <translation>请在网页上同意条款后用浏览器下载并导入，或寻找其他人发布的同一模型。</translation>
    </message>
    <message>
        <source>This is not the code of a language.</source>
        <translation>这不是语言代码。</translation>
    </message>
    <message>
        <source>Write codes of two or three letters, such as en, zh.</source>
        <translation>请写两三个字母的代码，例如 en, zh。</translation>
    </message>
    <message>
        <source>A model of the catalogue keeps its name.</source>
        <translation>目录中的模型不能改名。</translation>
    </message>
    <message>
        <source>The network cannot be checked, since the list of models is empty.</source>
        <translation>模型列表为空，无法检查网络。</translation>
    </message>
    <message>
        <source>This system has no keyring that would keep the proxy&apos;s password.</source>
        <translation>本系统没有可以保存代理密码的密钥环。</translation>
    </message>
    <message>
        <source>It is used until Catnap ends; then it will be asked for again.</source>
        <translation>密码会用到 Catnap 退出为止，之后会再次询问。</translation>
    </message>
    <message>
        <source>The download broke off for a reason that Catnap does not know.</source>
        <translation>下载中断，原因不明。</translation>
    </message>
    <message>
        <source>Try again; what was downloaded is kept.</source>
        <translation>请重试；已下载的内容会保留。</translation>
    </message>
    <message>
        <source>This system cannot print from Catnap.</source>
        <translation>此系统无法从 Catnap 打印。</translation>
    </message>
    <message>
        <source>Save the conversation as a PDF and print that.</source>
        <translation>请把对话另存为 PDF 再打印。</translation>
    </message>
    <message>
        <source>The printer takes nothing.</source>
        <translation>打印机没有响应。</translation>
    </message>
    <message>
        <source>Look after it, or save the conversation as a PDF.</source>
        <translation>请检查打印机，或把对话另存为 PDF。</translation>
    </message>
    <message>
        <source>The PDF cannot be written there.</source>
        <translation>无法把 PDF 写入该位置。</translation>
    </message>
    <message>
        <source>Another program, or the system, has ended the engine.</source>
        <translation>引擎被其他程序或系统终止了。</translation>
    </message>
    <message>
        <source>Try again: it starts anew. If it happens again, close other programs: some systems end what takes much memory.</source>
        <translation>请重试：引擎会重新启动。如果再次发生，请关闭其他程序：有些系统会终止占用大量内存的程序。</translation>
    </message>
    <message>
        <source>The system has ended the engine, since memory was short.</source>
        <translation>由于内存不足，系统终止了引擎。</translation>
    </message>
    <message>
        <source>The system has ended the engine: it had used the processor time that one program may take.</source>
        <translation>系统终止了引擎：它已用完单个程序允许使用的处理器时间。</translation>
    </message>
    <message>
        <source>Try again: it starts anew. Whoever looks after this computer can raise the limit (ulimit -t).</source>
        <translation>请重试：引擎会重新启动。这台电脑的管理员可以提高这个限制（ulimit -t）。</translation>
    </message>
    <message>
        <source>Do not quit yet: make room on the disk, then try again.</source>
        <translation>请先不要退出：腾出磁盘空间，然后重试。</translation>
    </message>
    <message>
        <source>{0}: the name is not found.</source>
        <translation>{0}：找不到这个名称。</translation>
    </message>
    <message>
        <source>{0}: no network.</source>
        <translation>{0}：没有网络。</translation>
    </message>
    <message>
        <source>{0}: connection refused.</source>
        <translation>{0}：连接被拒绝。</translation>
    </message>
    <message>
        <source>{0}: no answer.</source>
        <translation>{0}：没有应答。</translation>
    </message>
    <message>
        <source>The disk is full; the PDF was not written.</source>
        <translation>磁盘已满，PDF 没有写成。</translation>
    </message>
    <message>
        <source>This answer cannot go on: it fills the model&apos;s context.</source>
        <translation>无法继续这个回答：它已占满模型的上下文。</translation>
    </message>
    <message>
        <source>The question and the answer so far take nearly all of {0} tokens.</source>
        <translation>问题和已有的回答几乎占满了 {0} 个词元。</translation>
    </message>
    <message>
        <source>Set a larger context in the settings, or ask for the rest in a new message.</source>
        <translation>请在设置中调大上下文，或者发一条新消息询问余下的内容。</translation>
    </message>
    <message>
        <source>This model could not be tried to the end.</source>
        <translation>这个模型的试运行没有完成。</translation>
    </message>
    <message>
        <source>{0}: the computer is too busy, or the drive of the file does not answer.</source>
        <translation>{0}：电脑太忙，或者文件所在的磁盘没有响应。</translation>
    </message>
    <message>
        <source>Close other programs, then choose the model again.</source>
        <translation>请关闭其他程序，然后重新选择这个模型。</translation>
    </message>
    <message>
        <source>There are no conversations to export.</source>
        <translation>没有可导出的对话。</translation>
    </message>
    <message>
        <source>Catnap reads its own JSON files and databases (.sqlite3), the conversations.json of ChatGPT or the archive (.zip) that comes in, and the chats that Open WebUI exports.</source>
        <translation>Catnap 可以读取自己的 JSON 文件和数据库（.sqlite3）、ChatGPT 的 conversations.json 或包含它的压缩包（.zip），以及 Open WebUI 导出的聊天。</translation>
    </message>
    <message>
        <source>Correct them in the settings, or in the file.</source>
        <translation>请在设置中或在该文件中更正。</translation>
    </message>
    <message>
        <source>There is no action of this name.</source>
        <translation>没有叫这个名称的操作。</translation>
    </message>
    <message>
        <source>{0}; there are: {1}.</source>
        <translation>{0}；现有的操作：{1}。</translation>
    </message>
    <message>
        <source>An action needs a name.</source>
        <translation>操作需要一个名称。</translation>
    </message>
    <message>
        <source>Write what it does, such as: Make it shorter.</source>
        <translation>请写明它做什么，例如：缩短文字。</translation>
    </message>
    <message>
        <source>This name is too long.</source>
        <translation>这个名称太长。</translation>
    </message>
    <message>
        <source>{0} characters; {1} at the most.</source>
        <translation>{0} 个字符；最多 {1} 个。</translation>
    </message>
    <message>
        <source>There is an action of this name already.</source>
        <translation>已有同名的操作。</translation>
    </message>
    <message>
        <source>The instruction is empty.</source>
        <translation>指令是空的。</translation>
    </message>
    <message>
        <source>Write what shall be done with the text, and {text} where the text goes.</source>
        <translation>请写明要对文字做什么，并在放文字的地方写上 {text}。</translation>
    </message>
    <message>
        <source>This instruction is too long.</source>
        <translation>这条指令太长。</translation>
    </message>
    <message>
        <source>There are as many actions as there can be.</source>
        <translation>操作的数量已达上限。</translation>
    </message>
    <message>
        <source>Delete one that is not used.</source>
        <translation>请删除不用的操作。</translation>
    </message>
    <message>
        <source>There are too many personas.</source>
        <translation>角色太多。</translation>
    </message>
    <message>
        <source>Delete some that you do not use.</source>
        <translation>请删除一些不用的。</translation>
    </message>
    <message>
        <source>The personas could not be saved.</source>
        <translation>无法保存角色。</translation>
    </message>
    <message>
        <source>A persona needs a name.</source>
        <translation>角色需要一个名称。</translation>
    </message>
    <message>
        <source>Write one, for example what it is good for.</source>
        <translation>请写一个，例如它擅长什么。</translation>
    </message>
    <message>
        <source>The instructions are too long.</source>
        <translation>指令太长。</translation>
    </message>
    <message>
        <source>The name is too long.</source>
        <translation>名称太长。</translation>
    </message>
    <message>
        <source>There are too many questions to begin with.</source>
        <translation>开场问题太多。</translation>
    </message>
    <message>
        <source>Keep the best six.</source>
        <translation>请保留最好的六个。</translation>
    </message>
    <message>
        <source>A question to begin with is too long.</source>
        <translation>有一个开场问题太长。</translation>
    </message>
    <message>
        <source>The examples are not complete, or too many.</source>
        <translation>示例不完整，或者太多。</translation>
    </message>
    <message>
        <source>Write a question and below it its answer, six of both at the most.</source>
        <translation>先写一个问题，下一行写它的回答，最多六组。</translation>
    </message>
    <message>
        <source>An example is too long.</source>
        <translation>有一个示例太长。</translation>
    </message>
    <message>
        <source>Shorten it.</source>
        <translation>请缩短一些。</translation>
    </message>
    <message>
        <source>There is nothing here that can read aloud.</source>
        <translation>这台电脑上没有可以朗读的语音。</translation>
    </message>
    <message>
        <source>Install the package PySide6-Addons beside Catnap.</source>
        <translation>请在 Catnap 旁安装 PySide6-Addons 软件包。</translation>
    </message>
    <message>
        <source>There is no voice for Chinese.</source>
        <translation>没有中文语音。</translation>
    </message>
    <message>
        <source>There is no voice for English.</source>
        <translation>没有英文语音。</translation>
    </message>
    <message>
        <source>There is no voice for the language of this text.</source>
        <translation>没有适合这段文字的语音。</translation>
    </message>
    <message>
        <source>The voice of this system does not get any further.</source>
        <translation>系统的语音没有反应。</translation>
    </message>
    <message>
        <source>See whether sound works in other programs, then try again.</source>
        <translation>请看看其他程序有没有声音，然后重试。</translation>
    </message>
    <message>
        <source>Install it with this command in a terminal, then try again; Catnap need not be started anew.</source>
        <translation>请在终端用这条命令安装，然后重试；无需重新启动 Catnap。</translation>
    </message>
    <message>
        <source>Add one in System Settings: Accessibility, Spoken Content, System voice, Manage Voices.</source>
        <translation>请在“系统设置”中添加：辅助功能、朗读内容、系统声音、管理声音。</translation>
    </message>
    <message>
        <source>There is no command that starts this Catnap.</source>
        <translation>没有能启动这个 Catnap 的命令。</translation>
    </message>
    <message>
        <source>Add one in the Settings of Windows: Time and language, Speech, Manage voices.</source>
        <translation>请在 Windows 设置中添加：时间和语言、语音、管理语音。</translation>
    </message>
    <message>
        <source>Open it in the program that it was made with, save it again, and try that file.</source>
        <translation>请用制作它的程序打开，重新保存，再试新的文件。</translation>
    </message>
    <message>
        <source>Save the part that you need as a document of its own, and try that one.</source>
        <translation>请把您需要的部分另存为一个文档，再试那一个。</translation>
    </message>
    <message>
        <source>Save it as PDF, Word (.docx) or plain text, and try that file.</source>
        <translation>请另存为 PDF、Word（.docx）或纯文本，再试那个文件。</translation>
    </message>
    <message>
        <source>This file is empty.</source>
        <translation>这个文件是空的。</translation>
    </message>
    <message>
        <source>Choose another file, or save it again where it comes from.</source>
        <translation>请选择另一个文件，或在来源处重新保存。</translation>
    </message>
    <message>
        <source>There is no text in this document.</source>
        <translation>这份文档里没有文字。</translation>
    </message>
    <message>
        <source>Choose a document with text; pictures and drawings are not read.</source>
        <translation>请选择含有文字的文档；图片和图形不会被读取。</translation>
    </message>
    <message>
        <source>This PDF has pictures of text only.</source>
        <translation>这份 PDF 里只有文字的图片。</translation>
    </message>
    <message>
        <source>Have a program for text recognition (OCR) add the text, and try its result.</source>
        <translation>请先用文字识别（OCR）程序加上文字，再试处理后的文件。</translation>
    </message>
    <message>
        <source>This document is protected by a password.</source>
        <translation>这份文档有密码保护。</translation>
    </message>
    <message>
        <source>Open it with its password elsewhere, save it without one, and try that file.</source>
        <translation>请在别处用密码打开，不设密码另存，再试那个文件。</translation>
    </message>
    <message>
        <source>This book is copy protected.</source>
        <translation>这本书有版权保护，无法读取。</translation>
    </message>
    <message>
        <source>Only the program of the shop that sold it can read it.</source>
        <translation>只有出售它的商店的程序才能读取。</translation>
    </message>
    <message>
        <source>This document is damaged.</source>
        <translation>这份文档已损坏。</translation>
    </message>
    <message>
        <source>This document is too large to be read.</source>
        <translation>这份文档太大，无法读取。</translation>
    </message>
    <message>
        <source>This document unpacks to more than is read of any document.</source>
        <translation>这份文档解压后超出了可读取的大小。</translation>
    </message>
    <message>
        <source>This document is built as no ordinary one is, and was not read.</source>
        <translation>这份文档的结构不同寻常，因此没有读取。</translation>
    </message>
    <message>
        <source>Files of this kind cannot be read.</source>
        <translation>无法读取这种文件。</translation>
    </message>
    <message>
        <source>This is a document in a format before Office 2007.</source>
        <translation>这是 Office 2007 之前格式的文档。</translation>
    </message>
    <message>
        <source>Save it as .docx or .pptx, and try that file.</source>
        <translation>请另存为 .docx 或 .pptx，再试那个文件。</translation>
    </message>
    <message>
        <source>This is an archive, not a document.</source>
        <translation>这是压缩包，不是文档。</translation>
    </message>
    <message>
        <source>Unpack it, and choose a document that was in it.</source>
        <translation>请先解压，再选择其中的文档。</translation>
    </message>
    <message>
        <source>This is a picture, a sound or a film, not a document.</source>
        <translation>这是图片、声音或视频，不是文档。</translation>
    </message>
    <message>
        <source>Choose a document with text.</source>
        <translation>请选择含有文字的文档。</translation>
    </message>
    <message>
        <source>This document takes more memory than is given to any document.</source>
        <translation>读取这份文档所需的内存超出了限度。</translation>
    </message>
    <message>
        <source>Reading this document took too long and was stopped.</source>
        <translation>读取这份文档用时太久，已停止。</translation>
    </message>
    <message>
        <source>Reading this document did not get any further and was stopped.</source>
        <translation>读取这份文档时没有进展，已停止。</translation>
    </message>
    <message>
        <source>This document has brought down what reads it; nothing else was harmed.</source>
        <translation>这份文档使读取它的进程崩溃了；其他一切都没有受影响。</translation>
    </message>
    <message>
        <source>What came of this document makes no sense, and was thrown away.</source>
        <translation>从这份文档得到的内容不合理，已丢弃。</translation>
    </message>
    <message>
        <source>There is no such document.</source>
        <translation>没有这份文档。</translation>
    </message>
    <message>
        <source>It may have been moved or renamed, or be on a drive that is not connected.</source>
        <translation>它可能已被移动或改名，或所在的磁盘没有连接。</translation>
    </message>
    <message>
        <source>This is no file that can be read.</source>
        <translation>这不是可以读取的文件。</translation>
    </message>
    <message>
        <source>The system does not let this document be read.</source>
        <translation>系统不允许读取这份文档。</translation>
    </message>
    <message>
        <source>Look who may read the file, and whether another program has it locked.</source>
        <translation>请查看谁可以读取这个文件，以及是否被其他程序锁定。</translation>
    </message>
    <message>
        <source>What reads documents cannot be started.</source>
        <translation>无法启动读取文档的进程。</translation>
    </message>
    <message>
        <source>There is not enough memory free for the check.</source>
        <translation>可用内存不足，无法测试。</translation>
    </message>
    <message>
        <source>{0} needs {1} for it, and {2} can be had.</source>
        <translation>{0} 需要 {1}，目前可用 {2}。</translation>
    </message>
    <message>
        <source>The document could not be read, for a reason that Catnap does not know.</source>
        <translation>无法读取该文档，Catnap 不知道原因。</translation>
    </message>
    <message>
        <source>Try again, or save the document in another format.</source>
        <translation>请重试，或将文档另存为其他格式。</translation>
    </message>
    <message>
        <source>The process that runs a model&apos;s program could not be started.</source>
        <translation>无法启动运行模型程序的进程。</translation>
    </message>
    <message>
        <source>The file of tasks cannot be read.</source>
        <translation>无法读取题目文件。</translation>
    </message>
    <message>
        <source>This file of tasks will not do.</source>
        <translation>这个题目文件不能用。</translation>
    </message>
    <message>
        <source>Nothing was asked. What a task looks like stands in docs/TASKS.md.</source>
        <translation>没有提出任何问题。题目的写法见 docs/TASKS.md。</translation>
    </message>
    <message>
        <source>There is no such folder.</source>
        <translation>没有这个文件夹。</translation>
    </message>
    <message>
        <source>Choose a folder that has documents in it.</source>
        <translation>请选择一个里面有文档的文件夹。</translation>
    </message>
    <message>
        <source>There are as many libraries as there can be.</source>
        <translation>资料库的数量已达上限。</translation>
    </message>
    <message>
        <source>Remove one that is not used; its documents stay where they are.</source>
        <translation>请移除一个不用的资料库，其中的文档仍留在原处。</translation>
    </message>
    <message>
        <source>This folder is a library already.</source>
        <translation>这个文件夹已经是资料库了。</translation>
    </message>
    <message>
        <source>Ask that one.</source>
        <translation>请向那个资料库提问。</translation>
    </message>
    <message>
        <source>A library needs a name.</source>
        <translation>资料库需要一个名称。</translation>
    </message>
    <message>
        <source>Another library has this name.</source>
        <translation>已有同名的资料库。</translation>
    </message>
    <message>
        <source>Choose another one.</source>
        <translation>请另选一个名称。</translation>
    </message>
    <message>
        <source>The list of libraries cannot be written.</source>
        <translation>无法保存资料库列表。</translation>
    </message>
    <message>
        <source>Make the folder writable, or make room on the disk.</source>
        <translation>请让该文件夹可写，或腾出磁盘空间。</translation>
    </message>
    <message>
        <source>The documents were kept by a newer Catnap.</source>
        <translation>这些文档由更新版本的 Catnap 保存。</translation>
    </message>
    <message>
        <source>The file with the documents was damaged; a new one was begun.</source>
        <translation>保存文档的文件已损坏，已新建一个。</translation>
    </message>
    <message>
        <source>Open the documents again that you want to ask about.</source>
        <translation>请重新打开您想提问的文档。</translation>
    </message>
    <message>
        <source>The disk is full; the document was not kept.</source>
        <translation>磁盘已满，文档未保存。</translation>
    </message>
    <message>
        <source>The documents cannot be read or kept.</source>
        <translation>无法读取或保存文档。</translation>
    </message>
    <message>
        <source>The folder of the library cannot be read.</source>
        <translation>无法读取资料库的文件夹。</translation>
    </message>
    <message>
        <source>Connect the disk it lies on. What was read of it before is still known.</source>
        <translation>请连接它所在的磁盘。之前读过的内容仍然可用。</translation>
    </message>
    <message>
        <source>The answer cannot be continued as the JSON Schema asks.</source>
        <translation>无法按 JSON Schema 的要求继续回答。</translation>
    </message>
    <message>
        <source>Ask again, or choose another model.</source>
        <translation>请重新提问，或选择其他模型。</translation>
    </message>
    <message>
        <source>This JSON Schema cannot be used.</source>
        <translation>无法使用此 JSON Schema。</translation>
    </message>
    <message>
        <source>Make the schema simpler: fewer fields, fewer levels, shorter lists.</source>
        <translation>请简化结构：减少字段和层级，缩短列表。</translation>
    </message>
    <message>
        <source>{0}: {1}.</source>
        <translation>{0}：{1}。</translation>
    </message>
    <message>
        <source>It is no JSON: {0}.</source>
        <translation>不是 JSON：{0}。</translation>
    </message>
    <message>
        <source>It contains itself without end: {0}.</source>
        <translation>它无休止地包含自身：{0}。</translation>
    </message>
    <message>
        <source>It has more than {0} fields or {1} levels.</source>
        <translation>字段超过 {0} 个，或层级超过 {1} 层。</translation>
    </message>
    <message>
        <source>{0}: Catnap cannot keep to {1}.</source>
        <translation>{0}：Catnap 无法遵守 {1}。</translation>
    </message>
    <message>
        <source>Leave it out, and check the answer yourself.</source>
        <translation>请去掉它，并自行检查回答。</translation>
    </message>
    <message>
        <source>{0}: it has no type that is known.</source>
        <translation>{0}：没有已知的类型。</translation>
    </message>
    <message>
        <source>Say what it is, such as &quot;type&quot;: &quot;string&quot;.</source>
        <translation>请说明类型，例如 &quot;type&quot;: &quot;string&quot;。</translation>
    </message>
    <message>
        <source>{0}: a list must say what its items are.</source>
        <translation>{0}：列表必须说明其元素是什么。</translation>
    </message>
    <message>
        <source>Its lists and texts are longer than {0} altogether.</source>
        <translation>其中的列表和文字总长超过 {0}。</translation>
    </message>
    <message>
        <source>{0}: an object must say which fields it has.</source>
        <translation>{0}：对象必须说明有哪些字段。</translation>
    </message>
    <message>
        <source>{0}: a choice can be of texts and numbers only.</source>
        <translation>{0}：选项只能是文字和数字。</translation>
    </message>
    <message>
        <source>It has more than {0} values to choose from.</source>
        <translation>可选的值超过 {0} 个。</translation>
    </message>
    <message>
        <source>{0}: it refers to another file, {1}.</source>
        <translation>{0}：它引用了另一个文件 {1}。</translation>
    </message>
    <message>
        <source>Put everything into one schema.</source>
        <translation>请把所有内容放进同一个结构。</translation>
    </message>
    <message>
        <source>{0}: {1} is nowhere in the schema.</source>
        <translation>{0}：结构中没有 {1}。</translation>
    </message>
    <message>
        <source>The check has failed; the log says more.</source>
        <translation>测试失败；详情见日志。</translation>
    </message>
    <message>
        <source>The file of the settings was changed and cannot be read.</source>
        <translation>设置文件被改动过，现在无法读取。</translation>
    </message>
    <message>
        <source>Correct it, or change any setting here: the file is kept aside then.</source>
        <translation>请改正该文件，或在这里更改任意一项设置：原文件会另存保留。</translation>
    </message>
    <message>
        <source>These fields cannot be used.</source>
        <translation>无法使用这些字段。</translation>
    </message>
    <message>
        <source>There is no field.</source>
        <translation>没有字段。</translation>
    </message>
    <message>
        <source>There are more than {0} fields.</source>
        <translation>字段超过 {0} 个。</translation>
    </message>
    <message>
        <source>A field needs a name of up to {0} characters.</source>
        <translation>字段需要一个名称，最多 {0} 个字符。</translation>
    </message>
    <message>
        <source>There are two fields with the name {0}.</source>
        <translation>有两个字段都叫 {0}。</translation>
    </message>
    <message>
        <source>{0}: a choice needs between 2 and {1} values.</source>
        <translation>{0}：选项需要 2 到 {1} 个值。</translation>
    </message>
    <message>
        <source>The JSON Schema is no form: {0}.</source>
        <translation>此 JSON Schema 不是表单：{0}。</translation>
    </message>
    <message>
        <source>It must be an object whose values are texts, numbers, lists of texts.</source>
        <translation>必须是一个对象，其值为文字、数字或文字列表。</translation>
    </message>
    <message>
        <source>{0} is no field.</source>
        <translation>{0} 不是字段。</translation>
    </message>
    <message>
        <source>An example: name: text, amount: number, paid: yes/no, due: date?, state: choice(open|done), tags: list</source>
        <translation>例如：name: text, amount: number, paid: yes/no, due: date?, state: choice(open|done), tags: list</translation>
    </message>
    <message>
        <source>No answer was marked down, so there is nothing to write.</source>
        <translation>没有点踩的回答，无内容可写。</translation>
    </message>
    <message>
        <source>This document is no longer kept.</source>
        <translation>此文档已不再保存。</translation>
    </message>
    <message>
        <source>Open the file again to look at it.</source>
        <translation>请重新打开该文件后再查看。</translation>
    </message>
    <message>
        <source>The file with the documents is damaged.</source>
        <translation>保存文档的文件已损坏。</translation>
    </message>
    <message>
        <source>Try again: Catnap begins a new one, and keeps the damaged file.</source>
        <translation>请重试：Catnap 会新建一个文件，并保留损坏的文件。</translation>
    </message>
    <message>
        <source>Looking through the documents failed, for a reason that Catnap does not know.</source>
        <translation>查找文档时出错，Catnap 不知道原因。</translation>
    </message>
    <message>
        <source>Try again. If it stays so, open the documents again.</source>
        <translation>请重试。如果仍然如此，请重新打开这些文档。</translation>
    </message>
    <message>
        <source>The file of the quick actions was changed and cannot be read.</source>
        <translation>快捷操作文件被改动过，无法读取。</translation>
    </message>
    <message>
        <source>Correct it, or change any action here: the file is kept aside then.</source>
        <translation>请改正该文件，或在这里更改任意一个操作：原文件会另存保留。</translation>
    </message>
    <message>
        <source>The file of the personas was changed and cannot be read.</source>
        <translation>角色文件被改动过，无法读取。</translation>
    </message>
    <message>
        <source>Correct it, or change any persona here: the file is kept aside then.</source>
        <translation>请改正该文件，或在这里更改任意一个角色：原文件会另存保留。</translation>
    </message>
    <message>
        <source>The answer was cut off before it was whole.</source>
        <translation>回答还不完整就被截断了。</translation>
    </message>
    <message>
        <source>Choose a larger context, or fewer fields.</source>
        <translation>请选择更大的上下文，或减少字段。</translation>
    </message>
    <message>
        <source>The form leaves no room for the document.</source>
        <translation>表单太长，没有给文档留下空间。</translation>
    </message>
    <message>
        <source>The answer does not fit the form.</source>
        <translation>回答不符合表单。</translation>
    </message>
    <message>
        <source>The table could not be made; the log says more.</source>
        <translation>无法制作表格；日志中有更多信息。</translation>
    </message>
    <message>
        <source>The table cannot be kept.</source>
        <translation>无法保存表格。</translation>
    </message>
    <message>
        <source>There are too many documents for one table.</source>
        <translation>文档太多，一个表格放不下。</translation>
    </message>
    <message>
        <source>More than {0}.</source>
        <translation>超过 {0} 个。</translation>
    </message>
    <message>
        <source>Name fewer.</source>
        <translation>请减少文档数量。</translation>
    </message>
    <message>
        <source>There is no document.</source>
        <translation>没有文档。</translation>
    </message>
    <message>
        <source>Name files, or a folder with some.</source>
        <translation>请指定文件，或含有文件的文件夹。</translation>
    </message>
    <message>
        <source>The embedding model has brought its process down.</source>
        <translation>嵌入模型使其进程崩溃了。</translation>
    </message>
    <message>
        <source>Until it works again, documents are found by their words.</source>
        <translation>在它恢复之前，文档按词语查找。</translation>
    </message>
    <message>
        <source>This is no embedding model: it does not compare texts.</source>
        <translation>这不是嵌入模型：它不能比较文本。</translation>
    </message>
    <message>
        <source>Choose one whose name has “embed”, “e5” or “bge” in it.</source>
        <translation>请选择名称中含有“embed”、“e5”或“bge”的模型。</translation>
    </message>
    <message>
        <source>The embedding model cannot be loaded.</source>
        <translation>无法载入嵌入模型。</translation>
    </message>
    <message>
        <source>Choose another one. Until then documents are found by their words.</source>
        <translation>请另选一个。在此之前，文档按词语查找。</translation>
    </message>
    <message>
        <source>There is too little memory for the embedding model now.</source>
        <translation>现在的内存不足以运行嵌入模型。</translation>
    </message>
    <message>
        <source>Until there is more, documents are found by their words.</source>
        <translation>在内存足够之前，文档按词语查找。</translation>
    </message>
    <message>
        <source>The embedding model is busy.</source>
        <translation>嵌入模型正忙。</translation>
    </message>
    <message>
        <source>The process for the embedding model cannot be started.</source>
        <translation>无法启动嵌入模型的进程。</translation>
    </message>
    <message>
        <source>A value has up to {0} characters.</source>
        <translation>一个值最多 {0} 个字符。</translation>
    </message>
    <message>
        <source>There are more than {0} values to choose from, in all fields together.</source>
        <translation>所有字段的可选值总共超过 {0} 个。</translation>
    </message>
    <message>
        <source>{0}: only a choice has values in brackets.</source>
        <translation>{0}：只有“选择”的括号中可以有值。</translation>
    </message>
    <message>
        <source>It looks like 192.168.1.5:11434, http://computer:8000/v1 or https://api.example.com/v1.</source>
        <translation>地址的样子如 192.168.1.5:11434、http://computer:8000/v1 或 https://api.example.com/v1。</translation>
    </message>
    <message>
        <source>A name or password stands in the address of the server.</source>
        <translation>服务器地址里含有用户名或密码。</translation>
    </message>
    <message>
        <source>Leave it out: a key is given apart from the address, and kept apart.</source>
        <translation>请去掉它：密钥与地址分开填写，也分开保存。</translation>
    </message>
    <message>
        <source>An address with a question mark cannot be used for a server.</source>
        <translation>带问号的地址不能用作服务器地址。</translation>
    </message>
    <message>
        <source>A server is asked by http or https, and by nothing else.</source>
        <translation>服务器只能通过 http 或 https 访问。</translation>
    </message>
    <message>
        <source>This is no address of a server.</source>
        <translation>这不是服务器地址。</translation>
    </message>
    <message>
        <source>Something went wrong while a server was asked.</source>
        <translation>向服务器提问时出了问题。</translation>
    </message>
    <message>
        <source>The server has several models, and none is chosen.</source>
        <translation>服务器上有多个模型，还没有选定其中一个。</translation>
    </message>
    <message>
        <source>Choose one that it has.</source>
        <translation>请选择服务器上有的模型。</translation>
    </message>
    <message>
        <source>Check that it runs, and the network; or choose a model on this computer.</source>
        <translation>请检查服务器是否在运行以及网络是否正常，或选择本机上的模型。</translation>
    </message>
    <message>
        <source>Check its address; most end in /v1.</source>
        <translation>请检查它的地址；大多以 /v1 结尾。</translation>
    </message>
    <message>
        <source>Ask whoever runs it, or choose a model on this computer.</source>
        <translation>请询问服务器的管理者，或选择本机上的模型。</translation>
    </message>
    <message>
        <source>What came is kept; continue the answer when the server can be reached again.</source>
        <translation>已收到的部分会保留；服务器恢复后可以继续这条回答。</translation>
    </message>
    <message>
        <source>The server does not accept the key.</source>
        <translation>服务器不接受这个密钥。</translation>
    </message>
    <message>
        <source>The server has nothing at this address.</source>
        <translation>服务器在这个地址上没有内容。</translation>
    </message>
    <message>
        <source>The server sends Catnap elsewhere, where neither question nor key goes.</source>
        <translation>服务器要把 Catnap 引向别处；问题和密钥都不会发到那里。</translation>
    </message>
    <message>
        <source>The account at the server has nothing left to spend.</source>
        <translation>服务器上的账户额度已用完。</translation>
    </message>
    <message>
        <source>This is more than the server takes at once.</source>
        <translation>内容太多，服务器一次接收不了。</translation>
    </message>
    <message>
        <source>Shorten it, or ask about a part of it.</source>
        <translation>请缩短内容，或只就其中一部分提问。</translation>
    </message>
    <message>
        <source>Something went wrong on the server.</source>
        <translation>服务器出了问题。</translation>
    </message>
    <message>
        <source>The server does not take this question.</source>
        <translation>服务器不接受这个问题。</translation>
    </message>
    <message>
        <source>The proxy of this system does not lead to the server.</source>
        <translation>通过本系统的代理无法连到服务器。</translation>
    </message>
    <message>
        <source>{0}: the connection was cut.</source>
        <translation>{0}：连接已断开。</translation>
    </message>
    <message>
        <source>What the server sends is no answer that Catnap understands.</source>
        <translation>服务器发来的内容不是 Catnap 能理解的回答。</translation>
    </message>
    <message>
        <source>A web page came instead of an answer.</source>
        <translation>收到的是网页，而不是回答。</translation>
    </message>
    <message>
        <source>If this network wants you to sign in first, open its page in a browser and do so. Else check the address of the server; most end in /v1.</source>
        <translation>如果此网络要求先登录，请在浏览器中打开登录页面完成登录；否则请检查服务器地址，大多以 /v1 结尾。</translation>
    </message>
    <message>
        <source>The connection to the server broke off in the middle of the answer.</source>
        <translation>回答到一半时，与服务器的连接断开了。</translation>
    </message>
    <message>
        <source>The server gave up in the middle of the answer.</source>
        <translation>服务器在回答到一半时中止了。</translation>
    </message>
    <message>
        <source>The server&apos;s filter has ended the answer.</source>
        <translation>服务器的内容过滤中止了回答。</translation>
    </message>
    <message>
        <source>Ask in other words, or choose a model on this computer.</source>
        <translation>请换一种说法提问，或选择本机上的模型。</translation>
    </message>
    <message>
        <source>The server has stopped sending.</source>
        <translation>服务器不再发送内容。</translation>
    </message>
    <message>
        <source>{0}: nothing for {1} minutes.</source>
        <translation>{0}：{1} 分钟没有任何内容。</translation>
    </message>
    <message>
        <source>The server sends more than an answer can have.</source>
        <translation>服务器发来的内容超出了一条回答应有的长度。</translation>
    </message>
    <message>
        <source>The server has no model.</source>
        <translation>服务器上没有模型。</translation>
    </message>
    <message>
        <source>The server does not have this model.</source>
        <translation>服务器上没有这个模型。</translation>
    </message>
    <message>
        <source>Nobody has agreed yet that questions go to this server.</source>
        <translation>还没有人同意把问题发到这台服务器。</translation>
    </message>
    <message>
        <source>Agree to it once, or choose a model on this computer.</source>
        <translation>请同意一次，或选择本机上的模型。</translation>
    </message>
    <message>
        <source>The answer of the server does not keep to the JSON Schema.</source>
        <translation>服务器的回答不符合 JSON Schema。</translation>
    </message>
    <message>
        <source>The server is still loading its model.</source>
        <translation>服务器还在载入模型。</translation>
    </message>
    <message>
        <source>Ask again in a moment.</source>
        <translation>请稍后再问。</translation>
    </message>
    <message>
        <source>The server has too much to do.</source>
        <translation>服务器太忙。</translation>
    </message>
    <message>
        <source>{0} asks you to wait {1} seconds.</source>
        <translation>{0} 请您等待 {1} 秒。</translation>
    </message>
    <message>
        <source>{0} asks you to wait {1} minutes.</source>
        <translation>{0} 请您等待 {1} 分钟。</translation>
    </message>
    <message>
        <source>{0} asks you to wait {1} hours.</source>
        <translation>{0} 请您等待 {1} 小时。</translation>
    </message>
    <message>
        <source>Ask again then, or choose a model on this computer.</source>
        <translation>请到时再问，或选择本机上的模型。</translation>
    </message>
    <message>
        <source>The secure connection to the server failed.</source>
        <translation>与服务器的安全连接失败。</translation>
    </message>
    <message>
        <source>If it speaks without encryption, write http:// before its address.</source>
        <translation>如果服务器不使用加密，请在地址前写上 http://。</translation>
    </message>
    <message>
        <source>By this computer&apos;s clock the server&apos;s certificate is not valid.</source>
        <translation>按本机时钟，服务器的证书不在有效期内。</translation>
    </message>
    <message>
        <source>The server shows a certificate that this computer does not trust.</source>
        <translation>本机不信任服务器出示的证书。</translation>
    </message>
    <message>
        <source>If it is a server of your company or your own, have its certificate installed in this system, or name its file in SSL_CERT_FILE.</source>
        <translation>如果是贵公司或您自己的服务器，请在本系统中安装它的证书，或在 SSL_CERT_FILE 中指明证书文件。</translation>
    </message>
    <message>
        <source>The server cannot be reached.</source>
        <translation>无法连到服务器。</translation>
    </message>
    <message>
        <source>The key of the server could not be kept.</source>
        <translation>无法保存服务器的密钥。</translation>
    </message>
    <message>
        <source>This is no key of a server.</source>
        <translation>这不是服务器的密钥。</translation>
    </message>
    <message>
        <source>A key is one word of letters, digits and signs; copy it once more.</source>
        <translation>密钥是一串由字母、数字和符号组成、中间没有空格的字符；请重新复制。</translation>
    </message>
    <message>
        <source>There is no such server.</source>
        <translation>没有这台服务器。</translation>
    </message>
    <message>
        <source>Add it with its address, or choose another model.</source>
        <translation>请用它的地址添加，或选择其他模型。</translation>
    </message>
    <message>
        <source>A server cannot be called so.</source>
        <translation>服务器不能用这个名称。</translation>
    </message>
    <message>
        <source>A name has 60 letters at the most, no slash and no colon.</source>
        <translation>名称最多 60 个字，不能含斜杠或冒号。</translation>
    </message>
    <message>
        <source>There are as many servers as there can be.</source>
        <translation>服务器的数量已达上限。</translation>
    </message>
    <message>
        <source>Remove one that is not used.</source>
        <translation>请移除一台不用的服务器。</translation>
    </message>
    <message>
        <source>The list of servers could not be kept.</source>
        <translation>无法保存服务器列表。</translation>
    </message>
    <message>
        <source>No field has a name yet.</source>
        <translation>还没有任何字段有名称。</translation>
    </message>
    <message>
        <source>Write at least one, such as: amount.</source>
        <translation>请至少填写一个，例如：金额。</translation>
    </message>
    <message>
        <source>The quick actions could not be saved.</source>
        <translation>快捷操作没有存下来。</translation>
    </message>
    <message>
        <source>Install the download for graphics processors of this very version.</source>
        <translation>请安装与此版本对应的显卡支持下载包。</translation>
    </message>
    <message>
        <source>The processor answers instead.</source>
        <translation>改由处理器回答。</translation>
    </message>
    <message>
        <source>The file for graphics processors is not the one that belongs to this Catnap.</source>
        <translation>显卡支持文件不是这个 Catnap 所对应的那一个。</translation>
    </message>
    <message>
        <source>The file for graphics processors cannot be read.</source>
        <translation>无法读取显卡支持文件。</translation>
    </message>
    <message>
        <source>The code for graphics processors cannot be loaded: a driver may be missing.</source>
        <translation>无法载入显卡支持：可能缺少驱动程序。</translation>
    </message>
    <message>
        <source>No graphics processor was found.</source>
        <translation>没有找到显卡。</translation>
    </message>
    <message>
        <source>The graphics processor has another driver than when it was tried.</source>
        <translation>显卡的驱动程序与试用时不同。</translation>
    </message>
    <message>
        <source>The processor answers until it was tried again.</source>
        <translation>在重新试用之前，由处理器回答。</translation>
    </message>
    <message>
        <source>The engine died while the graphics processor computed along.</source>
        <translation>显卡参与计算时，引擎意外退出。</translation>
    </message>
    <message>
        <source>From now on the processor answers. Settings &gt; Graphics processor tries again.</source>
        <translation>从现在起由处理器回答。可在“设置 &gt; 显卡”中重新试用。</translation>
    </message>
    <message>
        <source>The graphics processor cannot be used with this model; the processor answers.</source>
        <translation>这个模型无法使用显卡，由处理器回答。</translation>
    </message>
    <message>
        <source>The file for graphics processors could not be put in its place.</source>
        <translation>无法把显卡支持文件放到指定位置。</translation>
    </message>
    <message>
        <source>The process that tries the graphics processor cannot be started.</source>
        <translation>无法启动试用显卡的进程。</translation>
    </message>
    <message>
        <source>The engine died on the graphics processor. What it said so far is kept.</source>
        <translation>引擎在使用显卡时意外退出。已说出的内容会保留。</translation>
    </message>
    <message>
        <source>Go on with the answer, or ask again: from now on the processor answers.</source>
        <translation>请继续这个回答，或重新提问：从现在起由处理器回答。</translation>
    </message>
    <message>
        <source>It can find passages of documents by what they mean: choose it under Libraries.</source>
        <translation>它可以按含义查找文档中的段落：请在“资料库”中选择它。</translation>
    </message>
    <message>
        <source>The forms could not be saved.</source>
        <translation>表单没有存下来。</translation>
    </message>
    <message>
        <source>The token could not be kept.</source>
        <translation>无法保存密钥。</translation>
    </message>
    <message>
        <source>Another program uses this port.</source>
        <translation>另一个程序正在使用此端口。</translation>
    </message>
    <message>
        <source>Choose another port, or end that program.</source>
        <translation>请选择其他端口，或结束那个程序。</translation>
    </message>
    <message>
        <source>Catnap cannot listen on this port.</source>
        <translation>Catnap 无法在此端口上监听。</translation>
    </message>
    <message>
        <source>Choose another port, from 1024 on.</source>
        <translation>请选择其他端口，从 1024 起。</translation>
    </message>
    <message>
        <source>The network could not be asked for servers.</source>
        <translation>无法在网络中寻找服务器。</translation>
    </message>
    <message>
        <source>Check the network, or enter the address of the server yourself.</source>
        <translation>请检查网络，或自己输入服务器的地址。</translation>
    </message>
    <message>
        <source>Only computers of the own network are searched for servers.</source>
        <translation>只在自己的网络里寻找服务器。</translation>
    </message>
    <message>
        <source>Add a server elsewhere with its whole address.</source>
        <translation>别处的服务器请用完整地址添加。</translation>
    </message>
    <message>
        <source>The server has answered without a word.</source>
        <translation>服务器的回答里一个字也没有。</translation>
    </message>
    <message>
        <source>The conversation may be longer than what the model reads there: begin a new one, shorten the text, or choose another model.</source>
        <translation>对话可能超出了那里的模型能读的长度：请新开一个对话、缩短文字，或换一个模型。</translation>
    </message>
    <message>
        <source>Write each as https://host or http://localhost:3000, without a path.</source>
        <translation>每一项请写成 https://host 或 http://localhost:3000，不带路径。</translation>
    </message>
    <message>
        <source>The process for distillation cannot be started.</source>
        <translation>无法启动蒸馏进程。</translation>
    </message>
    <message>
        <source>The model has brought the process for distillation down.</source>
        <translation>模型使蒸馏进程意外结束。</translation>
    </message>
    <message>
        <source>What was collected is kept, and the same command goes on. If it happens again, use another model file.</source>
        <translation>已收集的内容会保留，再运行同一条命令即可继续。如果再次发生，请换一个模型文件。</translation>
    </message>
    <message>
        <source>The model cannot be loaded.</source>
        <translation>无法载入模型。</translation>
    </message>
    <message>
        <source>The library that computes cannot be loaded.</source>
        <translation>无法载入计算用的库。</translation>
    </message>
    <message>
        <source>There is not enough memory to compute.</source>
        <translation>内存不足，无法计算。</translation>
    </message>
    <message>
        <source>The model computes nonsense.</source>
        <translation>模型算出的结果没有意义。</translation>
    </message>
    <message>
        <source>The model cannot be written anew.</source>
        <translation>无法重新写出模型。</translation>
    </message>
    <message>
        <source>There are no answers to judge models by yet.</source>
        <translation>还没有可以用来评判模型的回答。</translation>
    </message>
    <message>
        <source>First: catnap student collect DIR</source>
        <translation>请先运行：catnap student collect DIR</translation>
    </message>
    <message>
        <source>There is no such number format.</source>
        <translation>没有这种数字格式。</translation>
    </message>
    <message>
        <source>This number format may undo what the student has learnt.</source>
        <translation>这种数字格式会抹掉学生模型学到的东西。</translation>
    </message>
    <message>
        <source>Take another one, such as Q4_0 or Q5_0.</source>
        <translation>请换一种格式，例如 Q4_0 或 Q5_0。</translation>
    </message>
    <message>
        <source>There is such a student already.</source>
        <translation>已经有这个学生模型了。</translation>
    </message>
    <message>
        <source>Remove it first.</source>
        <translation>请先删除它。</translation>
    </message>
    <message>
        <source>The answers have tokens that this student has not.</source>
        <translation>回答中有这个学生模型没有的词元。</translation>
    </message>
    <message>
        <source>Make the vocabulary smaller after the export, or leave out --importance.</source>
        <translation>请先导出，再缩小词表；或者不用 --importance。</translation>
    </message>
    <message>
        <source>There is no such student.</source>
        <translation>没有这个学生模型。</translation>
    </message>
    <message>
        <source>See: catnap student status DIR</source>
        <translation>请看：catnap student status DIR</translation>
    </message>
    <message>
        <source>This folder is not empty.</source>
        <translation>这个文件夹不是空的。</translation>
    </message>
    <message>
        <source>Name one that is not there yet.</source>
        <translation>请换一个还不存在的文件夹。</translation>
    </message>
    <message>
        <source>There is no project of a student here.</source>
        <translation>这里没有学生模型的项目。</translation>
    </message>
    <message>
        <source>Begin one with: catnap student new DIR --teacher MODEL</source>
        <translation>新建项目：catnap student new DIR --teacher MODEL</translation>
    </message>
    <message>
        <source>The teacher&apos;s file is not there any more, or is another one.</source>
        <translation>教师模型的文件已不在，或者换成了别的文件。</translation>
    </message>
    <message>
        <source>Put it back, or begin another project.</source>
        <translation>请把它放回原处，或者新建一个项目。</translation>
    </message>
    <message>
        <source>The file of prompts cannot be read.</source>
        <translation>无法读取提示文件。</translation>
    </message>
    <message>
        <source>These prompts cannot be used.</source>
        <translation>这些提示无法使用。</translation>
    </message>
    <message>
        <source>There is nothing to judge layers by yet.</source>
        <translation>还没有可以用来评判各层的回答。</translation>
    </message>
    <message>
        <source>The layers of this model cannot be told apart while it computes.</source>
        <translation>这个模型计算时分不出各层。</translation>
    </message>
    <message>
        <source>Name the layers that are to go, with --drop.</source>
        <translation>请用 --drop 指定要去掉的层。</translation>
    </message>
    <message>
        <source>Give another name with --name.</source>
        <translation>请用 --name 另取一个名字。</translation>
    </message>
    <message>
        <source>These answers were collected in another way.</source>
        <translation>这些回答是用另一种方式收集的。</translation>
    </message>
    <message>
        <source>Begin another project for it.</source>
        <translation>请为它新建一个项目。</translation>
    </message>
    <message>
        <source>The teacher&apos;s answers cannot be read.</source>
        <translation>无法读取教师模型的回答。</translation>
    </message>
    <message>
        <source>This is no file of a teacher&apos;s answers.</source>
        <translation>这不是教师模型回答的文件。</translation>
    </message>
    <message>
        <source>The vocabulary of this model cannot be made smaller.</source>
        <translation>这个模型的词表无法缩小。</translation>
    </message>
    <message>
        <source>SmolLM2, Qwen and Llama 3 have one.</source>
        <translation>SmolLM2、Qwen 和 Llama 3 的词表可以。</translation>
    </message>
    <message>
        <source>This computer has too little memory to train a smaller model of this one.</source>
        <translation>这台电脑的内存太小，无法由此模型训练更小的模型。</translation>
    </message>
    <message>
        <source>It takes {0}, and there are {1} in all.</source>
        <translation>需要 {0}，而总共只有 {1}。</translation>
    </message>
    <message>
        <source>Take a smaller model to begin with.</source>
        <translation>请换一个较小的模型来做。</translation>
    </message>
    <message>
        <source>The smaller model could not be made to its end.</source>
        <translation>较小的模型没能做完。</translation>
    </message>
    <message>
        <source>What is done so far is kept; “Continue” goes on there.</source>
        <translation>已完成的部分都保留着；点“继续”可从那里接着做。</translation>
    </message>
    <message>
        <source>The smaller model could not be put among the models.</source>
        <translation>无法把较小的模型放入模型列表。</translation>
    </message>
    <message>
        <source>It is kept; “Use it” tries again.</source>
        <translation>它仍保留着；点“使用它”可再试一次。</translation>
    </message>
    <message>
        <source>Another model of that name is in the model folder.</source>
        <translation>模型文件夹中已有同名的另一个模型。</translation>
    </message>
    <message>
        <source>Give another name.</source>
        <translation>请换一个名称。</translation>
    </message>
    <message>
        <source>A file cannot be called so.</source>
        <translation>文件不能叫这个名称。</translation>
    </message>
    <message>
        <source>The model cannot be copied into the model folder.</source>
        <translation>无法把模型复制到模型文件夹。</translation>
    </message>
    <message>
        <source>PyTorch is missing, which students are trained with.</source>
        <translation>缺少训练学生模型所需的 PyTorch。</translation>
    </message>
    <message>
        <source>This Python cannot train students.</source>
        <translation>这个 Python 无法训练学生模型。</translation>
    </message>
    <message>
        <source>This student was not compared with its teacher yet.</source>
        <translation>这个学生模型还没有与教师模型比较过。</translation>
    </message>
    <message>
        <source>First: catnap student check DIR</source>
        <translation>请先运行：catnap student check DIR</translation>
    </message>
    <message>
        <source>This model has too few layers to leave any out.</source>
        <translation>这个模型的层数太少，没有可以去掉的。</translation>
    </message>
    <message>
        <source>There is too little room on the disk to make a smaller model.</source>
        <translation>磁盘空间不足，无法制作较小的模型。</translation>
    </message>
    <message>
        <source>It needs {0} meanwhile, and {1} are free.</source>
        <translation>期间需要 {0}，而可用的只有 {1}。</translation>
    </message>
    <message>
        <source>Delete what you no longer need, then begin again.</source>
        <translation>请删除不再需要的内容，然后重新开始。</translation>
    </message>
    <message>
        <source>The graphics processor has too little memory left.</source>
        <translation>显卡的剩余显存不足。</translation>
    </message>
    <message>
        <source>{0}: the model takes {1} there, and {2} is free.</source>
        <translation>{0}：模型需要 {1}，剩余 {2}。</translation>
    </message>
    <message>
        <source>The graphics processor cannot be used now, and without it there is no room.</source>
        <translation>显卡现在无法使用，而不用显卡时内存又不够。</translation>
    </message>
    <message>
        <source>{0} takes {1} of memory, and this computer has {2}.</source>
        <translation>{0} 需要 {1} 内存，这台电脑共有 {2}。</translation>
    </message>
    <message>
        <source>Close programs that use the graphics processor, or choose a smaller model.</source>
        <translation>请关闭占用显卡的程序，或选择较小的模型。</translation>
    </message>
    <message>
        <source>The server does not tell which words were likely.</source>
        <translation>服务器不提供各词的可能性。</translation>
    </message>
    <message>
        <source>llama.cpp&apos;s server and vLLM do; others may when they are newer.</source>
        <translation>llama.cpp 的服务器和 vLLM 会提供；其他服务器的新版本也许会。</translation>
    </message>
    <message>
        <source>Choose one of the servers that are listed, or this computer.</source>
        <translation>请选择列表中的服务器，或这台电脑。</translation>
    </message>
    <message>
        <source>The tokens of this model cannot be told by their text.</source>
        <translation>无法按文字区分这个模型的词元。</translation>
    </message>
    <message>
        <source>Vocabularies of byte pairs and of SentencePiece can.</source>
        <translation>字节对词表和 SentencePiece 词表可以。</translation>
    </message>
    <message>
        <source>The teacher of this project is on a server.</source>
        <translation>这个项目的教师模型在服务器上。</translation>
    </message>
    <message>
        <source>Students are made of the file that was named with --student.</source>
        <translation>学生模型由 --student 指定的文件制成。</translation>
    </message>
    <message>
        <source>The student&apos;s file is not there any more, or is another one.</source>
        <translation>学生模型的文件已不在，或已换成别的文件。</translation>
    </message>
    <message>
        <source>The layers of this model cannot be made narrower.</source>
        <translation>这个模型的层无法变窄。</translation>
    </message>
    <message>
        <source>Models of the families llama (SmolLM2), qwen2 and qwen3 can, whole files without experts.</source>
        <translation>llama（SmolLM2）、qwen2 和 qwen3 系列的模型可以，须是完整的单个文件，且不含专家层。</translation>
    </message>
    <message>
        <source>There can be no such narrower model.</source>
        <translation>不可能有这样的较窄模型。</translation>
    </message>
    <message>
        <source>The teacher has answered without a word.</source>
        <translation>教师模型的回答是空的。</translation>
    </message>
    <message>
        <source>This training cannot go on from where it was left.</source>
        <translation>无法从上次停下的地方继续训练。</translation>
    </message>
    <message>
        <source>Give another name with --name, or begin anew with --anew.</source>
        <translation>请用 --name 另取名称，或用 --anew 重新开始。</translation>
    </message>
    <message>
        <source>Models of this family cannot be trained here.</source>
        <translation>无法在这里训练这一系列的模型。</translation>
    </message>
    <message>
        <source>Llama, Qwen2 and Qwen3 can, in one file, without experts.</source>
        <translation>可以训练 Llama、Qwen2 和 Qwen3：单个文件，且不是混合专家模型。</translation>
    </message>
    <message>
        <source>There is nothing to learn from yet.</source>
        <translation>还没有可供学习的内容。</translation>
    </message>
    <message>
        <source>PyTorch sees no graphics processor.</source>
        <translation>PyTorch 没有找到可用的显卡。</translation>
    </message>
    <message>
        <source>Leave out --device, or install the build for it: make student ARGS=gpu</source>
        <translation>请去掉 --device，或安装支持显卡的版本：make student ARGS=gpu</translation>
    </message>
    <message>
        <source>Hidden states are compared token by token, in one vocabulary.</source>
        <translation>隐藏状态要逐个词元比较，两个模型的词表必须相同。</translation>
    </message>
    <message>
        <source>This student has another one than its teacher.</source>
        <translation>这个学生模型的词表与教师模型不同。</translation>
    </message>
    <message>
        <source>Leave out --hidden.</source>
        <translation>请去掉 --hidden。</translation>
    </message>
    <message>
        <source>A student is trained in 16 or 32 bits.</source>
        <translation>学生模型只能以 16 位或 32 位训练。</translation>
    </message>
    <message>
        <source>The training has gone astray: weights are no numbers any more.</source>
        <translation>训练已经失控：权重不再是有效的数值。</translation>
    </message>
    <message>
        <source>Begin again with a lower --rate.</source>
        <translation>请用更小的 --rate 重新开始。</translation>
    </message>
    <message>
        <source>The training has ended unexpectedly.</source>
        <translation>训练意外结束。</translation>
    </message>
    <message>
        <source>The same command goes on from the last checkpoint.</source>
        <translation>再次运行同一条命令，会从上一个检查点继续。</translation>
    </message>
    <message>
        <source>Give another name with --name, or train it again with --anew.</source>
        <translation>请用 --name 另取名称，或用 --anew 重新训练。</translation>
    </message>
    <message>
        <source>The answers of the other project are of another teacher, or kept otherwise.</source>
        <translation>另一个项目的回答来自别的教师模型，或保存方式不同。</translation>
    </message>
    <message>
        <source>Take one with the same teacher, --temperature and --kept.</source>
        <translation>请选用教师模型、--temperature 和 --kept 都相同的项目。</translation>
    </message>
    <message>
        <source>A student cannot be trained in this way.</source>
        <translation>无法这样训练学生模型。</translation>
    </message>
    <message>
        <source>This file ends in the middle.</source>
        <translation>这个文件不完整。</translation>
    </message>
    <message>
        <source>It was not written, or not downloaded, to its end. Get it once more.</source>
        <translation>文件没有写完或没有下载完，请重新获取。</translation>
    </message>
    <message>
        <source>This student has other tokens than the answers that were collected.</source>
        <translation>这个学生模型的词元与收集到的回答不同。</translation>
    </message>
    <message>
        <source>Begin a project with answers in its tokens: catnap student new DIR --student</source>
        <translation>请新建一个用它的词元保存回答的项目：catnap student new DIR --student</translation>
    </message>
    <message>
        <source>The teacher of this project thinks in other tokens than its students.</source>
        <translation>这个项目的教师模型与学生模型的词元不同。</translation>
    </message>
    <message>
        <source>Leave out --hidden; further answers come from collect alone.</source>
        <translation>请去掉 --hidden；更多的回答只能由 collect 取得。</translation>
    </message>
    <message>
        <source>There is not enough room for this student.</source>
        <translation>磁盘空间不足，放不下这个较小的模型。</translation>
    </message>
    <message>
        <source>Free some space, or begin the project on another disk.</source>
        <translation>请腾出磁盘空间，或在其他磁盘上重新开始。</translation>
    </message>
    <message>
        <source>The prompts are others than when the project was begun.</source>
        <translation>这些提示与开始制作时的不同。</translation>
    </message>
    <message>
        <source>Begin another project for them.</source>
        <translation>请用这些提示重新开始制作。</translation>
    </message>
    <message>
        <source>The teacher is not compared in such a number format.</source>
        <translation>教师模型没有以这种数字格式参加比较。</translation>
    </message>
    <message>
        <source>Enter its key again where the servers are listed; whoever runs the server has it.</source>
        <translation>请在服务器列表中重新填写密钥；可向服务器的管理者索取。</translation>
    </message>
    <message>
        <source>{0} is not there.</source>
        <translation>找不到 {0}。</translation>
    </message>
    <message>
        <source>This student is being trained already.</source>
        <translation>这个学生模型已经在训练中。</translation>
    </message>
    <message>
        <source>Wait until the other training has ended, or stop it.</source>
        <translation>请等另一个训练结束，或停止它。</translation>
    </message>
    <message>
        <source>If “Continue” does not help, remove it and begin anew.</source>
        <translation>如果“继续”没有用，请移除它，重新开始。</translation>
    </message>
    <message>
        <source>Make it with `python3 -m venv` and `pip install torch numpy`; in Catnap&apos;s source: make student.</source>
        <translation>请用 `python3 -m venv` 和 `pip install torch numpy` 建立它；在 Catnap 源代码中运行：make student。</translation>
    </message>
    <message>
        <source>`pip install torch numpy` may help; in Catnap&apos;s source `make student` makes one that can.</source>
        <translation>运行 `pip install torch numpy` 也许就行；在 Catnap 源代码中，`make student` 会建立一个可用的。</translation>
    </message>
    <message>
        <source>There is not enough memory to train.</source>
        <translation>内存不足，无法训练。</translation>
    </message>
    <message>
        <source>A file of the training cannot be used.</source>
        <translation>训练用的一个文件无法使用。</translation>
    </message>
    <message>
        <source>The report is not there any more.</source>
        <translation>报告已经不在了。</translation>
    </message>
    <message>
        <source>The teacher cannot make questions of its own here.</source>
        <translation>教师模型在这里无法自己提出问题。</translation>
    </message>
    <message>
        <source>Collect the answers to more prompts first: catnap student collect DIR</source>
        <translation>请先为更多提示收集回答：catnap student collect DIR</translation>
    </message>
    <message>
        <source>Choose a document; a device is none.</source>
        <translation>请选择一个文档，设备不是文档。</translation>
    </message>
    <message>
        <source>This is a folder, not a document.</source>
        <translation>这是文件夹，不是文档。</translation>
    </message>
    <message>
        <source>As a library it can be asked about, with all documents in it.</source>
        <translation>设为资料库后，就可以针对其中的所有文档提问。</translation>
    </message>
    <message>
        <source>Another command is at this step of the project.</source>
        <translation>另一个命令正在做这个项目的这一步。</translation>
    </message>
    <message>
        <source>Wait until the other one has ended, or stop it.</source>
        <translation>请等另一个结束，或者将它停止。</translation>
    </message>
    <message>
        <source>Download the file again, or choose another model.</source>
        <translation>请重新下载文件，或者选择别的模型。</translation>
    </message>
    <message>
        <source>No prompt fits into the context with an answer.</source>
        <translation>没有一条提示能连同回答放进上下文。</translation>
    </message>
    <message>
        <source>Begin another project with a larger --ctx, or with shorter prompts.</source>
        <translation>请用更大的 --ctx 或更短的提示新建一个项目。</translation>
    </message>
    <message>
        <source>A newer Catnap has written this project of a student.</source>
        <translation>这个学生模型的项目是由较新版本的 Catnap 写的。</translation>
    </message>
    <message>
        <source>The manifest of this project of a student is damaged.</source>
        <translation>这个学生模型项目的清单文件已损坏。</translation>
    </message>
    <message>
        <source>Update Catnap, or put back a copy of that file. The answers and students beside it are as they were.</source>
        <translation>请更新 Catnap，或者放回该文件的备份。旁边的回答和学生模型都没有变动。</translation>
    </message>
    <message>
        <source>A student cannot be called so.</source>
        <translation>学生模型不能叫这个名字。</translation>
    </message>
    <message>
        <source>Take a short name without folders, such as small-1.</source>
        <translation>请用不含文件夹的短名称，例如 small-1。</translation>
    </message>
    <message>
        <source>This project has another teacher.</source>
        <translation>这个项目用的是另一个教师模型。</translation>
    </message>
    <message>
        <source>Leave out --teacher, or begin another project.</source>
        <translation>请去掉 --teacher，或者新建一个项目。</translation>
    </message>
    <message>
        <source>Name a text file in UTF-8 with one prompt a line.</source>
        <translation>请指定一个 UTF-8 文本文件，每行一条提示。</translation>
    </message>
    <message>
        <source>Put back a copy of it, or remove it and collect the answers again.</source>
        <translation>请放回它的备份，或者删除它并重新收集回答。</translation>
    </message>
</context>
<context>
    <name>ExchangeActions</name>
    <message>
        <source>E&amp;xport…</source>
        <translation>导出(&amp;X)…</translation>
    </message>
    <message>
        <source>Exp&amp;ort all…</source>
        <translation>全部导出(&amp;O)…</translation>
    </message>
    <message>
        <source>&amp;Import…</source>
        <translation>导入(&amp;I)…</translation>
    </message>
    <message>
        <source>&amp;Print…</source>
        <translation>打印(&amp;P)…</translation>
    </message>
    <message>
        <source>Save as PD&amp;F…</source>
        <translation>另存为 PDF(&amp;F)…</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Print…</source>
        <translation>打印…</translation>
    </message>
    <message>
        <source>Save as PDF…</source>
        <translation>另存为 PDF…</translation>
    </message>
</context>
<context>
    <name>ExchangePresenter</name>
    <message>
        <source>Conversations</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Import conversations</source>
        <translation>导入对话</translation>
    </message>
    <message>
        <source>Exported conversations</source>
        <translation>导出的对话</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>所有文件</translation>
    </message>
    <message>
        <source>Importing conversations…</source>
        <translation>正在导入对话…</translation>
    </message>
    <message>
        <source>Save as PDF</source>
        <translation>另存为 PDF</translation>
    </message>
    <message>
        <source>PDF</source>
        <translation>PDF</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Markdown, to read</source>
        <translation>Markdown，便于阅读</translation>
    </message>
    <message>
        <source>JSON, for Catnap and other programs</source>
        <translation>JSON，供 Catnap 和其他程序使用</translation>
    </message>
    <message>
        <source>Plain text</source>
        <translation>纯文本</translation>
    </message>
    <message>
        <source>Exporting conversations…</source>
        <translation>正在导出对话…</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Sent to the printer</source>
        <translation>已发送到打印机</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>已保存</translation>
    </message>
    <message>
        <source>1 got new messages.</source>
        <translation>1 个对话有了新消息。</translation>
    </message>
    <message>
        <source>{count} got new messages.</source>
        <translation>{count} 个对话有了新消息。</translation>
    </message>
    <message>
        <source>1 was there already.</source>
        <translation>1 个对话已经存在。</translation>
    </message>
    <message>
        <source>{count} were there already.</source>
        <translation>{count} 个对话已经存在。</translation>
    </message>
    <message>
        <source>1 could not be read.</source>
        <translation>1 个无法读取。</translation>
    </message>
    <message>
        <source>{count} could not be read.</source>
        <translation>{count} 个无法读取。</translation>
    </message>
    <message>
        <source>The file is damaged: what comes behind the damage was not read.</source>
        <translation>文件已损坏，损坏处之后的内容没有读取。</translation>
    </message>
    <message>
        <source>You stopped it: what was read before stays.</source>
        <translation>您已停止导入，之前读取的内容会保留。</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>1 conversation imported</source>
        <translation>已导入 1 个对话</translation>
    </message>
    <message>
        <source>{count} conversations imported</source>
        <translation>已导入 {count} 个对话</translation>
    </message>
    <message>
        <source>Nothing new imported</source>
        <translation>没有新内容可导入</translation>
    </message>
    <message>
        <source>You</source>
        <translation>您</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <translation>思考过程</translation>
    </message>
    <message>
        <source>Exported from {0} on {1}</source>
        <translation>由 {0} 于 {1} 导出</translation>
    </message>
    <message>
        <source>version {0} of {1}</source>
        <translation>第 {0} 版，共 {1} 版</translation>
    </message>
    <message>
        <source>Other versions</source>
        <translation>其他版本</translation>
    </message>
    <message>
        <source>Instead of message {0}</source>
        <translation>代替第 {0} 条消息</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>已中断</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>A JSON file always has everything.</source>
        <translation>JSON 文件总是包含全部内容。</translation>
    </message>
    <message>
        <source>Export all</source>
        <translation>全部导出</translation>
    </message>
    <message>
        <source>Print</source>
        <translation>打印</translation>
    </message>
    <message>
        <source>Page {0} of {1}</source>
        <translation>第 {0} 页，共 {1} 页</translation>
    </message>
    <message>
        <source>Left out: {0}</source>
        <translation>未包含：{0}</translation>
    </message>
    <message>
        <source>the thoughts of 1 answer</source>
        <translation>1 个回答的思考过程</translation>
    </message>
    <message>
        <source>the thoughts of {0} answers</source>
        <translation>{0} 个回答的思考过程</translation>
    </message>
    <message>
        <source>1 message of other versions</source>
        <translation>其他版本的 1 条消息</translation>
    </message>
    <message>
        <source>{0} messages of other versions</source>
        <translation>其他版本的 {0} 条消息</translation>
    </message>
    <message>
        <source>message {0}</source>
        <translation>第 {0} 条消息</translation>
    </message>
    <message>
        <source>There are no conversations in the file.</source>
        <translation>文件里没有对话。</translation>
    </message>
</context>
<context>
    <name>ExtentDialog</name>
    <message>
        <source>The words in view are always included. Include as well:</source>
        <translation>当前显示的内容总会包含在内。另外还包含：</translation>
    </message>
    <message>
        <source>&amp;Continue…</source>
        <translation>继续(&amp;C)…</translation>
    </message>
    <message>
        <source>&amp;Thoughts of the model</source>
        <translation>模型的思考过程(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Thoughts of the model (1 answer)</source>
        <translation>模型的思考过程（1 个回答）(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Thoughts of the model ({count} answers)</source>
        <translation>模型的思考过程（{count} 个回答）(&amp;T)</translation>
    </message>
    <message>
        <source>Other &amp;versions, with what followed them</source>
        <translation>其他版本及其后续内容(&amp;V)</translation>
    </message>
    <message>
        <source>Other &amp;versions, with what followed them (1 message)</source>
        <translation>其他版本及其后续内容（1 条消息）(&amp;V)</translation>
    </message>
    <message>
        <source>Other &amp;versions, with what followed them ({count} messages)</source>
        <translation>其他版本及其后续内容（{count} 条消息）(&amp;V)</translation>
    </message>
</context>
<context>
    <name>FasterAnswers</name>
    <message>
        <source>Brings nothing with {model}: this computer has no faster form for its weights.</source>
        <translation>对 {model} 没有作用：这台电脑没有更快的权重格式。</translation>
    </message>
    <message>
        <source>With {model} on this computer: reading {reading}, answering {answering}; takes {memory} more that the system cannot take back.</source>
        <translation>在这台电脑上使用 {model}：阅读{reading}，回答{answering}；多占用 {memory} 系统无法收回的内存。</translation>
    </message>
    <message>
        <source>Does not pay with {model} on this computer: reading {reading}, answering {answering}, {memory} more.</source>
        <translation>在这台电脑上使用 {model} 不划算：阅读{reading}，回答{answering}，多占用 {memory}。</translation>
    </message>
    <message>
        <source>So it is not used.</source>
        <translation>因此不会启用。</translation>
    </message>
    <message>
        <source>Measuring what it brings with {model} on this computer…</source>
        <translation>正在测量它在这台电脑上对 {model} 的效果…</translation>
    </message>
    <message>
        <source>What it brings is measured when the computer is plugged in and these settings are open.</source>
        <translation>接通电源并打开此设置时会测量效果。</translation>
    </message>
    <message>
        <source>What it brings is measured when the answer is complete.</source>
        <translation>回答结束后会测量效果。</translation>
    </message>
    <message>
        <source>There is not enough free memory to measure what it brings with {model}.</source>
        <translation>可用内存不足，无法测量它对 {model} 的效果。</translation>
    </message>
    <message>
        <source>What it brings could not be measured; the computer may be too busy.</source>
        <translation>无法测量效果，电脑可能太忙。</translation>
    </message>
    <message>
        <source>as fast as without</source>
        <translation>速度不变</translation>
    </message>
    <message>
        <source>{percent} % faster</source>
        <translation>快 {percent}%</translation>
    </message>
    <message>
        <source>{percent} % slower</source>
        <translation>慢 {percent}%</translation>
    </message>
</context>
<context>
    <name>FieldRow</name>
    <message>
        <source>Name, such as: amount</source>
        <translation>名称，例如：金额</translation>
    </message>
    <message>
        <source>Name of the field</source>
        <translation>字段名称</translation>
    </message>
    <message>
        <source>Kind of value</source>
        <translation>值的类型</translation>
    </message>
    <message>
        <source>Values, such as: open, paid</source>
        <translation>可选值，例如：未付、已付</translation>
    </message>
    <message>
        <source>Values to choose from</source>
        <translation>可选的值</translation>
    </message>
    <message>
        <source>May stay empty</source>
        <translation>可以留空</translation>
    </message>
    <message>
        <source>A value with a comma in it: put | between the values</source>
        <translation>值中含有逗号时，请用 | 分隔各个值</translation>
    </message>
    <message>
        <source>Take this field out of the form</source>
        <translation>从表单中去掉这个字段</translation>
    </message>
</context>
<context>
    <name>Fields</name>
    <message>
        <source>Text</source>
        <translation>文字</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>数字</translation>
    </message>
    <message>
        <source>Whole number</source>
        <translation>整数</translation>
    </message>
    <message>
        <source>Yes or no</source>
        <translation>是或否</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>Choice</source>
        <translation>选项</translation>
    </message>
    <message>
        <source>List of texts</source>
        <translation>文字列表</translation>
    </message>
</context>
<context>
    <name>FileDrops</name>
    <message>
        <source>Drop it here to ask about it</source>
        <translation>拖放到此处即可提问</translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message>
        <source>The one before (Shift+F3)</source>
        <translation>上一个 (Shift+F3)</translation>
    </message>
    <message>
        <source>The next one (F3)</source>
        <translation>下一个 (F3)</translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation>关闭 (Esc)</translation>
    </message>
    <message>
        <source>{number} of {total}</source>
        <translation>第 {number} 个，共 {total} 个</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>没有找到</translation>
    </message>
</context>
<context>
    <name>FirstAnswerHint</name>
    <message>
        <source>Look at it</source>
        <translation>看看这个模型</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>{model} is small and may be wrong: check what matters. {better} knows more and fits here.</source>
        <translation>{model} 是小模型，可能会出错：重要的内容请核对。{better} 懂得更多，这台电脑也用得了。</translation>
    </message>
    <message>
        <source>{model} is small and may be wrong: check what matters.</source>
        <translation>{model} 是小模型，可能会出错：重要的内容请核对。</translation>
    </message>
    <message>
        <source>{model} hardly knows Chinese. {better} does, and fits here.</source>
        <translation>{model} 几乎不懂中文。{better} 懂中文，也适合这台电脑。</translation>
    </message>
    <message>
        <source>{model} hardly knows Chinese: it will understand more in English.</source>
        <translation>{model} 几乎不懂中文，用英文提问它更容易理解。</translation>
    </message>
</context>
<context>
    <name>FirstRun</name>
    <message>
        <source>one processor core</source>
        <translation>1 个处理器核心</translation>
    </message>
    <message>
        <source>{count} processor cores</source>
        <translation>{count} 个处理器核心</translation>
    </message>
    <message>
        <source>This computer has {cores} and {memory} of memory.</source>
        <translation>这台电脑有 {cores}、{memory} 内存。</translation>
    </message>
    <message>
        <source>This computer has {cores}, {memory} of memory, and {room} free on its disk.</source>
        <translation>这台电脑有 {cores}、{memory} 内存，磁盘可用空间 {room}。</translation>
    </message>
    <message>
        <source>Answers sooner, and knows less.</source>
        <translation>回答更快，但懂得少一些。</translation>
    </message>
    <message>
        <source>Knows more, and answers more slowly; memory may be short beside other programs.</source>
        <translation>懂得更多，但回答较慢；同时运行其他程序时内存可能不够。</translation>
    </message>
    <message>
        <source>Knows more, and answers more slowly.</source>
        <translation>懂得更多，但回答较慢。</translation>
    </message>
    <message>
        <source>The smallest of all: memory is short here, so close other programs while it answers.</source>
        <translation>最小的模型：这台电脑内存不足，回答时请关闭其他程序。</translation>
    </message>
    <message>
        <source>Expect less than one word a second.</source>
        <translation>预计每秒不到一个字。</translation>
    </message>
    <message>
        <source>Expect {most} words a second at the most.</source>
        <translation>预计每秒最多 {most} 个字。</translation>
    </message>
    <message>
        <source>Expect about {most} words a second.</source>
        <translation>预计每秒约 {most} 个字。</translation>
    </message>
    <message>
        <source>Expect {least} to {most} words a second.</source>
        <translation>预计每秒 {least} 到 {most} 个字。</translation>
    </message>
    <message>
        <source>There is too little memory for a model just now: the smallest needs {needed}, and {free} of {all} are free. Close other programs, above all the browser, then look again.</source>
        <translation>目前内存不够运行模型：最小的需要 {needed}，而 {all} 中只有 {free} 可用。请关闭其他程序，尤其是浏览器，然后重新检查。</translation>
    </message>
    <message>
        <source>There is too little room on the disk for a model: the smallest needs {needed}, and {free} are free. Delete what you no longer need, then look again; or keep models in a folder on another disk.</source>
        <translation>磁盘空间不够存放模型：最小的需要 {needed}，可用 {free}。请删除不再需要的文件后重新检查，或把模型放到其他磁盘的文件夹里。</translation>
    </message>
    <message>
        <source>The list of models that comes with Catnap could not be read, so there is none to download. You can use a model file that you already have.</source>
        <translation>无法读取 Catnap 自带的模型列表，因此没有可下载的模型。您可以使用已有的模型文件。</translation>
    </message>
    <message>
        <source>The best with room left for other programs.</source>
        <translation>在给其他程序留足内存的前提下，这是最好的模型。</translation>
    </message>
</context>
<context>
    <name>FirstRunDialog</name>
    <message>
        <source>A model file that you have already.</source>
        <translation>您已有的模型文件。</translation>
    </message>
    <message>
        <source>{model} is ready. Ask it anything: what you write stays on this computer.</source>
        <translation>{model} 已就绪。尽管提问，您写的内容只留在这台电脑上。</translation>
    </message>
    <message>
        <source>Go on in the &amp;background</source>
        <translation>在后台继续(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Skip</source>
        <translation>跳过(&amp;S)</translation>
    </message>
    <message>
        <source>Welcome to Catnap</source>
        <translation>欢迎使用 Catnap</translation>
    </message>
    <message>
        <source>Catnap answers questions with a small language model, on this computer alone. The model is downloaded once; after that no network is needed.</source>
        <translation>Catnap 用小型语言模型回答问题，一切都在这台电脑上进行。模型只需下载一次，之后不再需要网络。</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>语言(&amp;L)</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Look &amp;again</source>
        <translation>重新检查(&amp;A)</translation>
    </message>
    <message>
        <source>Another &amp;folder…</source>
        <translation>换个文件夹(&amp;F)…</translation>
    </message>
    <message>
        <source>You may close this window: the download goes on, and you find it again under Models.</source>
        <translation>您可以关闭此窗口：下载会继续，可在“模型”中查看。</translation>
    </message>
    <message>
        <source>&amp;I have a file…</source>
        <translation>我有模型文件(&amp;I)…</translation>
    </message>
    <message>
        <source>Use a model file you already have, where it lies; nothing is copied</source>
        <translation>直接使用您已有的模型文件，不复制</translation>
    </message>
    <message>
        <source>All &amp;models…</source>
        <translation>所有模型(&amp;M)…</translation>
    </message>
    <message>
        <source>Every model on offer, what each is good for, and help with the network</source>
        <translation>查看全部模型及其特长，并排查网络问题</translation>
    </message>
    <message>
        <source>Close this window (Esc); it does not come back, and models are in the menu</source>
        <translation>关闭此窗口（Esc）；它不会再出现，模型可从菜单打开</translation>
    </message>
    <message>
        <source>&amp;Begin</source>
        <translation>开始使用(&amp;B)</translation>
    </message>
</context>
<context>
    <name>FolderDialog</name>
    <message>
        <source>Rename folder</source>
        <translation>重命名文件夹</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>新建文件夹</translation>
    </message>
    <message>
        <source>&amp;Name of the folder</source>
        <translation>文件夹名称(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Rename</source>
        <translation>重命名(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Move there</source>
        <translation>移到那里(&amp;M)</translation>
    </message>
    <message>
        <source>There is a folder of this name; the two become one.</source>
        <translation>已有同名文件夹，两者将合并。</translation>
    </message>
    <message>
        <source>There is a folder of this name; the conversation is moved there.</source>
        <translation>已有同名文件夹，对话将移到其中。</translation>
    </message>
</context>
<context>
    <name>FolderEditor</name>
    <message>
        <source>The usual place</source>
        <translation>默认位置</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>浏览…</translation>
    </message>
    <message>
        <source>Browse for a folder</source>
        <translation>浏览文件夹</translation>
    </message>
    <message>
        <source>Usual place</source>
        <translation>默认位置</translation>
    </message>
    <message>
        <source>Move the models back to the folder Catnap chooses by itself</source>
        <translation>把模型移回 Catnap 默认的文件夹</translation>
    </message>
    <message>
        <source>Moving the models</source>
        <translation>正在移动模型</translation>
    </message>
    <message>
        <source>Moving the models… %p%</source>
        <translation>正在移动模型… %p%</translation>
    </message>
    <message>
        <source>Folder for the models</source>
        <translation>模型文件夹</translation>
    </message>
</context>
<context>
    <name>FormEditor</name>
    <message>
        <source>Saved forms</source>
        <translation>已保存的表单</translation>
    </message>
    <message>
        <source>&amp;Delete form</source>
        <translation>删除表单(&amp;D)</translation>
    </message>
    <message>
        <source>Name of the form</source>
        <translation>表单名称</translation>
    </message>
    <message>
        <source>&amp;Add a field</source>
        <translation>添加字段(&amp;A)</translation>
    </message>
    <message>
        <source>New form</source>
        <translation>新表单</translation>
    </message>
    <message>
        <source>Form</source>
        <translation>表单</translation>
    </message>
    <message>
        <source>&amp;Name of the form</source>
        <translation>表单名称(&amp;N)</translation>
    </message>
    <message>
        <source>Fields</source>
        <translation>字段</translation>
    </message>
    <message>
        <source>Saved &amp;forms</source>
        <translation>已保存的表单(&amp;F)</translation>
    </message>
</context>
<context>
    <name>Formats</name>
    <message>
        <source>{amount}/s</source>
        <translation>{amount}/秒</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} 秒</translation>
    </message>
    <message>
        <source>{minutes} min</source>
        <translation>{minutes} 分钟</translation>
    </message>
    <message>
        <source>{hours} h</source>
        <translation>{hours} 小时</translation>
    </message>
    <message>
        <source>{hours} h {minutes} min</source>
        <translation>{hours} 小时 {minutes} 分钟</translation>
    </message>
    <message>
        <source>{duration} left</source>
        <translation>剩余 {duration}</translation>
    </message>
    <message>
        <source>{number}%</source>
        <translation>{number}%</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} / {total}</translation>
    </message>
    <message>
        <source>about {total}, {conversation} of it for the conversation</source>
        <translation>约 {total}，其中对话占 {conversation}</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
</context>
<context>
    <name>Gpu</name>
    <message>
        <source>Try it</source>
        <translation>试用</translation>
    </message>
    <message>
        <source>Compare what it computes with the processor, and how fast it does</source>
        <translation>比较它与处理器的计算结果和速度</translation>
    </message>
    <message>
        <source>The code for it is installed. It is tried once this is switched on.</source>
        <translation>显卡支持已安装。打开此项后会试用一次。</translation>
    </message>
    <message>
        <source>It is being tried with your model; that may take some minutes…</source>
        <translation>正在用您的模型试用显卡，可能需要几分钟…</translation>
    </message>
    <message>
        <source>It is tried when the computer is plugged in.</source>
        <translation>接通电源后会试用。</translation>
    </message>
    <message>
        <source>It is tried when the answer is complete.</source>
        <translation>回答完成后会试用。</translation>
    </message>
    <message>
        <source>It could not be tried. The log says more.</source>
        <translation>无法试用。详情见日志。</translation>
    </message>
    <message>
        <source>It was not tried yet: there is no model.</source>
        <translation>尚未试用：还没有模型。</translation>
    </message>
    <message>
        <source>all layers</source>
        <translation>全部层</translation>
    </message>
    <message>
        <source>{count} layers</source>
        <translation>{count} 层</translation>
    </message>
    <message>
        <source>{tier}: {quantisation}, {layers}, conversation memory {kv}, context {context}; about {words} words/s</source>
        <translation>{tier}：{quantisation}，{layers}，对话记忆 {kv}，上下文 {context}；每秒约 {words} 个英文词</translation>
    </message>
    <message>
        <source>For a model of 7 billion weights, by the memory that it has:</source>
        <translation>70 亿参数的模型，按显存大小建议：</translation>
    </message>
    <message>
        <source>16 GB and more</source>
        <translation>16 GB 及以上</translation>
    </message>
    <message>
        <source>12 to 16 GB</source>
        <translation>12 至 16 GB</translation>
    </message>
    <message>
        <source>less than 12 GB</source>
        <translation>12 GB 以下</translation>
    </message>
    <message>
        <source>none of its own</source>
        <translation>没有独立显存</translation>
    </message>
    <message>
        <source>The code for it is a download of its own, and not there. {path} is its place (catnap gpu install).</source>
        <translation>显卡支持需要另外下载，现在还没有。它应放在 {path}（catnap gpu install）。</translation>
    </message>
    <message>
        <source>{path} does not belong to this Catnap, and is not used.</source>
        <translation>{path} 不属于这个 Catnap，不会使用。</translation>
    </message>
    <message>
        <source>This Catnap was built without code for graphics processors.</source>
        <translation>这个 Catnap 没有显卡支持。</translation>
    </message>
    <message>
        <source>{device} computes something else than the processor, so it is not used: {reason}.</source>
        <translation>{device} 的计算结果与处理器不符，因此不使用：{reason}。</translation>
    </message>
    <message>
        <source>The engine died on {device}, so it is not used: {reason}.</source>
        <translation>引擎在使用 {device} 时意外退出，因此不再使用：{reason}。</translation>
    </message>
    <message>
        <source>{device} did not come to an end, so it is not used.</source>
        <translation>{device} 没有算完，因此不使用。</translation>
    </message>
    <message>
        <source>Not used: {reason}.</source>
        <translation>未使用：{reason}。</translation>
    </message>
    <message>
        <source>{device} is used: {layers} of {of} layers, {memory}; reads {reading}, writes {writing} times as fast.</source>
        <translation>正在使用 {device}：{layers}/{of} 层，{memory}；阅读速度是原来的 {reading} 倍，回答速度是 {writing} 倍。</translation>
    </message>
    <message>
        <source>{device} computes rightly, but reads {reading} and writes {writing} times as fast as the processor alone, so it is not used.</source>
        <translation>{device} 计算正确，但阅读速度是单独使用处理器的 {reading} 倍，回答速度是 {writing} 倍，因此不使用。</translation>
    </message>
    <message>
        <source>There is not enough free memory to try it now.</source>
        <translation>现在没有足够的空闲内存来试用。</translation>
    </message>
</context>
<context>
    <name>HelpDialog</name>
    <message>
        <source>Tips and keys</source>
        <translation>使用提示与快捷键</translation>
    </message>
    <message>
        <source>Write a question at the bottom and press Enter. A small model on this computer answers; it can be wrong, so check what matters.</source>
        <translation>在底部写下问题，按回车即可。由这台电脑上的小模型回答；它可能出错，重要的内容请自行核实。</translation>
    </message>
    <message>
        <source>A quick question without a conversation: click the cat beside the clock.</source>
        <translation>只想随口问一句、不建对话：点时钟旁边的小猫。</translation>
    </message>
    <message>
        <source>Everything you write stays on this computer.</source>
        <translation>您写的一切都留在这台电脑上。</translation>
    </message>
    <message>
        <source>Send the message</source>
        <translation>发送消息</translation>
    </message>
    <message>
        <source>Break the line</source>
        <translation>换行</translation>
    </message>
    <message>
        <source>While nobody asks, the model dozes first and wakes at once; later it sleeps and takes no memory. The first words after that take a moment; the line at the bottom says what it waits for.</source>
        <translation>没人提问时，模型先打盹，可以立即醒来；再久一些就睡着，不占内存。睡着之后，最初几个字要稍等片刻；最下面一行会说明正在等什么。</translation>
    </message>
    <message>
        <source>An answer is not what you wanted? Press Regenerate below it, or change your question: click on it with the right button, or press {key}.</source>
        <translation>回答不合心意？点它下面的“重新回答”，或者修改您的问题：用右键点击问题，或按 {key}。</translation>
    </message>
    <message>
        <source>You need not wait for an answer: what you send meanwhile waits below it and follows by itself. In the empty field, {key} brings your last messages back.</source>
        <translation>不必等回答结束：这时发送的消息会先等着，随后自动发出。输入框为空时，按 {key} 可找回您之前发送的消息。</translation>
    </message>
    <message>
        <source>Your last messages</source>
        <translation>之前发送的消息</translation>
    </message>
</context>
<context>
    <name>HubDialog</name>
    <message>
        <source>Add from Hugging Face</source>
        <translation>从 Hugging Face 添加</translation>
    </message>
    <message>
        <source>&amp;Look</source>
        <translation>查看(&amp;L)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Asking what the repository has…</source>
        <translation>正在查询仓库内容…</translation>
    </message>
    <message>
        <source>Paste the link of a model&apos;s page, or write owner/name. Models in the GGUF format can be used; files of about 0.3 to 1.5 GB suit an old computer.</source>
        <translation>请粘贴模型页面的链接，或写 owner/name。可以使用 GGUF 格式的模型；旧电脑适合约 0.3 到 1.5 GB 的文件。</translation>
    </message>
    <message>
        <source>The owner gives these files only to people who have signed in on the page of the model and agreed there. Download one in a browser and import it, or look for the same model by somebody else.</source>
        <translation>这些文件只提供给在模型页面登录并同意条款的人。请用浏览器下载后导入，或寻找其他人发布的同一模型。</translation>
    </message>
    <message>
        <source>Link or name of a repository</source>
        <translation>仓库的链接或名称</translation>
    </message>
    <message>
        <source>Add a model from Hugging Face</source>
        <translation>从 Hugging Face 添加模型</translation>
    </message>
</context>
<context>
    <name>HubRow</name>
    <message>
        <source>Reading what the file says about itself…</source>
        <translation>正在读取文件的自我说明…</translation>
    </message>
    <message>
        <source>in {count} files</source>
        <translation>共 {count} 个文件</translation>
    </message>
    <message>
        <source>Added</source>
        <translation>已添加</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Parts of this model are missing in the repository: {names}</source>
        <translation>仓库里缺少这个模型的部分文件：{names}</translation>
    </message>
    <message>
        <source>The host does not say how to check this file, so it is not offered.</source>
        <translation>服务器没有提供校验值，因此不提供下载。</translation>
    </message>
    <message>
        <source>It finds passages of documents by what they mean, and cannot chat.</source>
        <translation>它按含义查找文档中的段落，不能聊天。</translation>
    </message>
</context>
<context>
    <name>KeyHelp</name>
    <message>
        <source>Let the desktop &amp;give keys to all of them</source>
        <translation>由桌面为所有操作分配快捷键(&amp;G)</translation>
    </message>
    <message>
        <source>A &amp;key for</source>
        <translation>快捷键用于(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Desktop</source>
        <translation>桌面(&amp;D)</translation>
    </message>
    <message>
        <source>C&amp;ommand</source>
        <translation>命令(&amp;O)</translation>
    </message>
    <message>
        <source>Co&amp;py</source>
        <translation>复制(&amp;P)</translation>
    </message>
    <message>
        <source>Catnap takes no key by itself: you choose a free one in your desktop.</source>
        <translation>Catnap 自己不占用任何快捷键：请您在桌面设置里选一个空闲的键。</translation>
    </message>
    <message>
        <source>Quick ask</source>
        <translation>快速提问</translation>
    </message>
    <message>
        <source>It shows a window in which you choose them, and tells Catnap when one is pressed.</source>
        <translation>桌面会显示一个窗口供您选择快捷键，按下时通知 Catnap。</translation>
    </message>
    <message>
        <source>The desktop has given no keys yet. Choose them in the window that it shows.</source>
        <translation>桌面还没有分配快捷键。请在它显示的窗口里选择。</translation>
    </message>
    <message>
        <source>No key is chosen yet: do so in the desktop&apos;s settings for keys.</source>
        <translation>还没有选择快捷键：请在桌面的快捷键设置里选择。</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
    <message>
        <source>Another</source>
        <translation>其他</translation>
    </message>
    <message>
        <source>Settings → Keyboard → View and Customise Shortcuts → Custom Shortcuts → Add Shortcut.</source>
        <translation>设置 → 键盘 → 查看及自定义快捷键 → 自定义快捷键 → 添加快捷键。</translation>
    </message>
    <message>
        <source>System Settings → Shortcuts → Add New → Command.</source>
        <translation>系统设置 → 快捷键 → 新增 → 命令。</translation>
    </message>
    <message>
        <source>Settings → Keyboard → Application Shortcuts → Add.</source>
        <translation>设置 → 键盘 → 应用程序快捷键 → 添加。</translation>
    </message>
    <message>
        <source>System Settings → Keyboard → Shortcuts → Custom Shortcuts → Add custom shortcut.</source>
        <translation>系统设置 → 键盘 → 快捷键 → 自定义快捷键 → 添加自定义快捷键。</translation>
    </message>
    <message>
        <source>Control Centre → Keyboard Shortcuts → Add.</source>
        <translation>控制中心 → 键盘快捷键 → 添加。</translation>
    </message>
    <message>
        <source>Right-click the desktop → New → Shortcut, paste the command; then in the shortcut&apos;s Properties set the “Shortcut key”. Copy the text first: it is taken from the clipboard.</source>
        <translation>右键单击桌面 → 新建 → 快捷方式，粘贴这条命令；再在该快捷方式的“属性”里设置“快捷键”。使用前请先复制文字：文字取自剪贴板。</translation>
    </message>
    <message>
        <source>Shortcuts app → New Shortcut → Run Shell Script with the command; then Details → Add Keyboard Shortcut. Copy the text first: it is taken from the clipboard.</source>
        <translation>“快捷指令”App → 新建快捷指令 → 用这条命令“运行 Shell 脚本”；再在“详细信息”里选“添加键盘快捷键”。使用前请先拷贝文字：文字取自剪贴板。</translation>
    </message>
    <message>
        <source>Give the command to a free key in your desktop&apos;s or window manager&apos;s settings.</source>
        <translation>请在桌面或窗口管理器的设置里，把这条命令指定给一个空闲的键。</translation>
    </message>
</context>
<context>
    <name>Language</name>
    <message>
        <source>en</source>
        <comment>the code of the language of these words</comment>
        <translation>zh_CN</translation>
    </message>
</context>
<context>
    <name>LibrariesDialog</name>
    <message>
        <source>Libraries</source>
        <translation>资料库</translation>
    </message>
    <message>
        <source>Folders of documents that you can ask about. They are read on this computer, and read again when they change.</source>
        <translation>您可以就这些文件夹中的文档提问。文档只在本机读取，有变化时会重新读取。</translation>
    </message>
    <message>
        <source>No library yet. Add a folder that has documents in it.</source>
        <translation>还没有资料库。请添加一个有文档的文件夹。</translation>
    </message>
    <message>
        <source>Files that cannot be read</source>
        <translation>无法读取的文件</translation>
    </message>
    <message>
        <source>&amp;Add folder…</source>
        <translation>添加文件夹(&amp;A)…</translation>
    </message>
    <message>
        <source>A&amp;sk</source>
        <translation>提问(&amp;S)</translation>
    </message>
    <message>
        <source>Begins a conversation that is answered from these documents</source>
        <translation>新建一个根据这些文档回答的对话</translation>
    </message>
    <message>
        <source>&amp;Look again now</source>
        <translation>立即重新检查(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>移除(&amp;R)</translation>
    </message>
    <message>
        <source>The folder and its files stay as they are</source>
        <translation>文件夹及其中的文件保持不变</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>reading {done} of {total}</source>
        <translation>正在读取第 {done} 个，共 {total} 个</translation>
    </message>
    <message>
        <source>not looked at yet</source>
        <translation>尚未检查</translation>
    </message>
    <message>
        <source>one document</source>
        <translation>1 个文档</translation>
    </message>
    <message>
        <source>{count} documents</source>
        <translation>{count} 个文档</translation>
    </message>
    <message>
        <source>Now: {file}</source>
        <translation>正在读取：{file}</translation>
    </message>
    <message>
        <source>There are more documents than are read of one folder; the others are left out.</source>
        <translation>文档数量超过一个文件夹的读取上限，其余的未包括在内。</translation>
    </message>
    <message>
        <source>Make a &amp;table…</source>
        <translation>制作表格(&amp;T)…</translation>
    </message>
    <message>
        <source>Looks for the same fields in each of these documents</source>
        <translation>在每个文档中查找相同的字段</translation>
    </message>
    <message>
        <source>Choose &amp;model…</source>
        <translation>选择模型(&amp;M)…</translation>
    </message>
    <message>
        <source>Switch &amp;off</source>
        <translation>关闭(&amp;O)</translation>
    </message>
    <message>
        <source>What the model has read is erased; its file stays</source>
        <translation>模型读过的内容会被清除；模型文件保留</translation>
    </message>
    <message>
        <source>Find by meaning: off. An embedding model also finds other words and languages; it takes up to 500 MB.</source>
        <translation>按含义查找：已关闭。嵌入模型也能找到其他说法和其他语言的内容；最多占用 500 MB 内存。</translation>
    </message>
    <message>
        <source>Find by meaning: {model}. {problem}</source>
        <translation>按含义查找：{model}。{problem}</translation>
    </message>
    <message>
        <source>Find by meaning: {model}.</source>
        <translation>按含义查找：{model}。</translation>
    </message>
    <message>
        <source>Find by meaning: {model}. {done} of {total} read; goes on when plugged in and idle.</source>
        <translation>按含义查找：{model}。已读 {done}/{total}；接通电源且空闲时继续。</translation>
    </message>
    <message>
        <source>Find by meaning: {model}. {done} of {total} passages read.</source>
        <translation>按含义查找：{model}。已读 {done}/{total} 个段落。</translation>
    </message>
    <message>
        <source>Choose a &amp;file…</source>
        <translation>选择文件(&amp;F)…</translation>
    </message>
    <message>
        <source>Add from &amp;Hugging Face…</source>
        <translation>从 Hugging Face 添加(&amp;H)…</translation>
    </message>
</context>
<context>
    <name>LibrariesPresenter</name>
    <message>
        <source>Choose a folder with documents</source>
        <translation>选择有文档的文件夹</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>“{name}” is no library any more; its folder stays.</source>
        <translation>“{name}”已不再是资料库，其文件夹保留不变。</translation>
    </message>
    <message>
        <source>The library that this conversation is about is gone; the model answers by itself.</source>
        <translation>此对话所用的资料库已不存在，由模型自行回答。</translation>
    </message>
    <message>
        <source>Answered from the library “{name}”.</source>
        <translation>根据资料库“{name}”回答。</translation>
    </message>
    <message>
        <source>Ask without it</source>
        <translation>不使用资料库提问</translation>
    </message>
    <message>
        <source>Models (*.gguf);;All files (*)</source>
        <translation>模型 (*.gguf);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Choose an embedding model</source>
        <translation>选择嵌入模型</translation>
    </message>
</context>
<context>
    <name>MachineMonitor</name>
    <message>
        <source>On battery ({percent}%): half of the processor cores at the most; the model sleeps where it would doze, and is not woken before you ask.</source>
        <translation>正在使用电池（{percent}%）：最多使用一半的处理器核心；该打盹时直接睡着，提问之前也不会被提前唤醒。</translation>
    </message>
    <message>
        <source>On battery ({percent}%): half of the processor cores at the most; the model dozes and sleeps after half the time.</source>
        <translation>正在使用电池（{percent}%）：最多使用一半的处理器核心，打盹和睡着的等待时间减半。</translation>
    </message>
</context>
<context>
    <name>Memory</name>
    <message>
        <source>{time} {what}: gave {amount} back ({before} → {after})</source>
        <translation>{time} {what}：归还 {amount}（{before} → {after}）</translation>
    </message>
    <message>
        <source>Dozed off</source>
        <translation>开始打盹</translation>
    </message>
    <message>
        <source>Fell asleep, since nobody asked</source>
        <translation>没人提问，睡着了</translation>
    </message>
    <message>
        <source>Sent to sleep</source>
        <translation>按您的要求睡着</translation>
    </message>
    <message>
        <source>Fell asleep, since the computer ran short</source>
        <translation>电脑内存不足，睡着了</translation>
    </message>
    <message>
        <source>Put away for another model or setting</source>
        <translation>因更换模型或设置而收起</translation>
    </message>
    <message>
        <source>Put away, since its file was needed</source>
        <translation>因要用到模型文件而收起</translation>
    </message>
    <message>
        <source>The engine ended unexpectedly</source>
        <translation>引擎意外结束</translation>
    </message>
    <message>
        <source>Fell asleep</source>
        <translation>睡着了</translation>
    </message>
</context>
<context>
    <name>MemoryCurve</name>
    <message>
        <source>Computer: {used} of {total} in use</source>
        <translation>电脑：{total} 中已用 {used}</translation>
    </message>
    <message>
        <source>10 min ago</source>
        <translation>10 分钟前</translation>
    </message>
    <message>
        <source>5 min ago</source>
        <translation>5 分钟前</translation>
    </message>
    <message>
        <source>now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>Memory in the last ten minutes: nothing was measured yet</source>
        <translation>最近十分钟的内存：尚未测量</translation>
    </message>
    <message>
        <source>Memory in the last ten minutes: Catnap took {least} to {most}, now {now}</source>
        <translation>最近十分钟的内存：Catnap 占用 {least} 到 {most}，现在 {now}</translation>
    </message>
</context>
<context>
    <name>MemoryPanel</name>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Windows and conversations</source>
        <translation>窗口与对话</translation>
    </message>
    <message>
        <source>Engine: vocabulary, context, intermediate results</source>
        <translation>引擎：词表、上下文、中间结果</translation>
    </message>
    <message>
        <source>Model file, which the system takes back when it needs room</source>
        <translation>模型文件，系统需要时可以收回</translation>
    </message>
    <message>
        <source>&amp;Sleep now</source>
        <translation>让它睡着(&amp;S)</translation>
    </message>
    <message>
        <source>No nap yet since Catnap started.</source>
        <translation>Catnap 启动后还没有休息过。</translation>
    </message>
    <message>
        <source>The model is not in memory, and the engine&apos;s process does not run.</source>
        <translation>模型不在内存中，引擎进程没有运行。</translation>
    </message>
    <message>
        <source>Of the engine&apos;s, up to {context} for the conversation (context) and up to {compute} for intermediate results.</source>
        <translation>引擎的内存中，对话（上下文）最多占 {context}，中间结果最多占 {compute}。</translation>
    </message>
    <message>
        <source>Memory in the last ten minutes</source>
        <translation>最近十分钟的内存</translation>
    </message>
    <message>
        <source>The last naps</source>
        <translation>最近几次休息</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>Message actions</source>
        <translation>消息操作</translation>
    </message>
    <message>
        <source>Copy message</source>
        <translation>复制消息</translation>
    </message>
    <message>
        <source>Read aloud</source>
        <translation>朗读</translation>
    </message>
    <message>
        <source>Edit and ask again</source>
        <translation>修改并重新提问</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Regenerate</source>
        <translation>重新回答</translation>
    </message>
    <message>
        <source>Delete message</source>
        <translation>删除消息</translation>
    </message>
    <message>
        <source>Stop reading</source>
        <translation>停止朗读</translation>
    </message>
    <message>
        <source>Good answer</source>
        <translation>回答得好</translation>
    </message>
    <message>
        <source>Bad answer</source>
        <translation>回答得不好</translation>
    </message>
    <message>
        <source>{name}; press again to take it back. Kept on this computer only.</source>
        <translation>{name}；再按一次可撤销。只保存在这台电脑上。</translation>
    </message>
    <message>
        <source>Have it answered</source>
        <translation>回答这个问题</translation>
    </message>
</context>
<context>
    <name>MessageLines</name>
    <message>
        <source>Thinking, {count} words so far</source>
        <translation>思考中，已有 {count} 个词</translation>
    </message>
    <message>
        <source>Thought for one word</source>
        <translation>思考了一个词</translation>
    </message>
    <message>
        <source>Thought for {count} words</source>
        <translation>思考了 {count} 个词</translation>
    </message>
    <message>
        <source>Fold the thoughts</source>
        <translation>折叠思考过程</translation>
    </message>
    <message>
        <source>Show the thoughts</source>
        <translation>显示思考过程</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Copy the answer (Ctrl+Shift+C)</source>
        <translation>复制回答 (Ctrl+Shift+C)</translation>
    </message>
    <message>
        <source>Regenerate</source>
        <translation>重新回答</translation>
    </message>
    <message>
        <source>Answer once more (Ctrl+R)</source>
        <translation>重新回答 (Ctrl+R)</translation>
    </message>
    <message>
        <source>The {count} messages above no longer fit into the model&apos;s context</source>
        <translation>以上 {count} 条消息已超出模型的上下文</translation>
    </message>
    <message>
        <source>The model no longer reads them. A larger context in the settings holds more (n_ctx).</source>
        <translation>模型不再阅读它们。在设置中加大上下文 (n_ctx) 可容纳更多。</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>已中断</translation>
    </message>
    <message>
        <source>Failed before the end</source>
        <translation>未完成就出错</translation>
    </message>
    <message>
        <source>Prompt: {total} tokens, {reused} of them found in the KV cache</source>
        <translation>提示词：{total} 词元，其中 {reused} 个来自 KV 缓存</translation>
    </message>
    <message>
        <source>Prompt evaluation: {speed:.1f} tokens/s</source>
        <translation>提示词处理：{speed:.1f} 词元/秒</translation>
    </message>
    <message>
        <source>Generation: {speed:.1f} tokens/s with {threads} threads</source>
        <translation>生成：{speed:.1f} 词元/秒，{threads} 个线程</translation>
    </message>
    <message>
        <source>Time to first token: {seconds:.2f} s, of which loading: {load:.2f} s</source>
        <translation>首个词元：{seconds:.2f} 秒，其中载入 {load:.2f} 秒</translation>
    </message>
    <message>
        <source>Too large to be laid out, so this is shown as plain text:</source>
        <translation>内容太大，无法排版，因此以纯文本显示：</translation>
    </message>
    <message>
        <source>Show the rest ({count} more characters)</source>
        <translation>显示其余部分（还有 {count} 个字符）</translation>
    </message>
    <message>
        <source>Show all of this message</source>
        <translation>显示这条消息的全部内容</translation>
    </message>
    <message>
        <source>The version before</source>
        <translation>上一版本</translation>
    </message>
    <message>
        <source>The version after</source>
        <translation>下一版本</translation>
    </message>
    <message>
        <source>Versions of this question, each with what followed it</source>
        <translation>此问题的各个版本，以及各自的后续内容</translation>
    </message>
    <message>
        <source>Versions of this answer, each with what followed it</source>
        <translation>此回答的各个版本，以及各自的后续内容</translation>
    </message>
    <message>
        <source>first word after {seconds} s</source>
        <translation>首字等待 {seconds} 秒</translation>
    </message>
    <message>
        <source>about one word in {seconds} s</source>
        <translation>约 {seconds} 秒一个字</translation>
    </message>
    <message>
        <source>about one word a second</source>
        <translation>每秒约 1 字</translation>
    </message>
    <message>
        <source>about {count} characters a second</source>
        <translation>每秒约 {count} 字</translation>
    </message>
    <message>
        <source>about {count} words a second</source>
        <translation>每秒约 {count} 词</translation>
    </message>
    <message>
        <source>Answer: {count} tokens</source>
        <translation>回答：{count} 个词元</translation>
    </message>
    <message>
        <source>Go on with the answer where it stopped</source>
        <translation>从停下的地方继续回答</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Cut off: as long as an answer may be</source>
        <translation>已截断：达到回答长度上限</translation>
    </message>
    <message>
        <source>Stop reading</source>
        <translation>停止朗读</translation>
    </message>
    <message>
        <source>Read no further (Esc)</source>
        <translation>不再朗读（Esc）</translation>
    </message>
    <message>
        <source>Read aloud</source>
        <translation>朗读</translation>
    </message>
    <message>
        <source>Read the answer aloud (Ctrl+Shift+L)</source>
        <translation>朗读回答（Ctrl+Shift+L）</translation>
    </message>
    <message>
        <source>Computed by Catnap itself; no model was asked</source>
        <translation>由 Catnap 自行计算，未询问模型</translation>
    </message>
    <message>
        <source>Calculated</source>
        <translation>计算所得</translation>
    </message>
    <message>
        <source>Ask the model anyway</source>
        <translation>仍然询问模型</translation>
    </message>
    <message>
        <source>Go on anyway</source>
        <translation>仍然继续</translation>
    </message>
    <message>
        <source>Answer once more, at a higher temperature (Ctrl+R)</source>
        <translation>用更高的温度重新回答（Ctrl+R）</translation>
    </message>
    <message>
        <source>Try again more freely</source>
        <translation>换种说法再试一次</translation>
    </message>
    <message>
        <source>From {places}</source>
        <translation>出自{places}</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>Show this passage in the document</source>
        <translation>在文档中显示这一段</translation>
    </message>
    <message>
        <source>It began to repeat itself and was stopped</source>
        <translation>回答开始重复，已停止</translation>
    </message>
    <message>
        <source>{words} and more</source>
        <translation>{words} 等</translation>
    </message>
    <message>
        <source>{words} and {count} more</source>
        <translation>{words}，另有 {count} 处</translation>
    </message>
    <message>
        <source>These figures and names of the answer stand neither in the document nor in your question. The model may have made them up.</source>
        <translation>回答中的这些数字和名称，文档和您的问题中都没有，可能是模型编造的。</translation>
    </message>
    <message>
        <source>Not in the text: {words}</source>
        <translation>文中没有：{words}</translation>
    </message>
    <message>
        <source>Answered in Chinese.</source>
        <translation>这条回答用了中文。</translation>
    </message>
    <message>
        <source>Answered in English.</source>
        <translation>这条回答用了英文。</translation>
    </message>
    <message>
        <source>Answer again in Chinese</source>
        <translation>用中文重新回答</translation>
    </message>
    <message>
        <source>Answer again in English</source>
        <translation>用英文重新回答</translation>
    </message>
    <message>
        <source>Answer once more in the language of the question; so will the next ones in this conversation be</source>
        <translation>用提问的语言重新回答；这个对话之后的回答也会用它</translation>
    </message>
    <message>
        <source>Answered in another language.</source>
        <translation>这条回答用了别的语言。</translation>
    </message>
    <message>
        <source>Prompt: {total} tokens, {reused} of them known to the server</source>
        <translation>提示词：{total} 个词元，其中 {reused} 个服务器已知</translation>
    </message>
    <message>
        <source>Generation: {speed:.1f} tokens/s</source>
        <translation>生成：{speed:.1f} 词元/秒</translation>
    </message>
    <message>
        <source>Time to first token: {seconds:.2f} s</source>
        <translation>首个词元用时：{seconds:.2f} 秒</translation>
    </message>
    <message>
        <source>This answer was given by {model}</source>
        <translation>这个回答来自 {model}</translation>
    </message>
    <message>
        <source>From {host}</source>
        <translation>来自 {host}</translation>
    </message>
</context>
<context>
    <name>MessageMenu</name>
    <message>
        <source>Copy selection</source>
        <translation>复制所选</translation>
    </message>
    <message>
        <source>Copy link</source>
        <translation>复制链接</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>全选</translation>
    </message>
    <message>
        <source>Copy message</source>
        <translation>复制消息</translation>
    </message>
    <message>
        <source>Stop reading</source>
        <translation>停止朗读</translation>
    </message>
    <message>
        <source>Read aloud</source>
        <translation>朗读</translation>
    </message>
    <message>
        <source>Edit and ask again</source>
        <translation>修改并重新提问</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Regenerate</source>
        <translation>重新回答</translation>
    </message>
    <message>
        <source>Delete message</source>
        <translation>删除消息</translation>
    </message>
    <message>
        <source>Good answer</source>
        <translation>回答得好</translation>
    </message>
    <message>
        <source>Bad answer</source>
        <translation>回答得不好</translation>
    </message>
    <message>
        <source>Version before</source>
        <translation>上一版本</translation>
    </message>
    <message>
        <source>Version after</source>
        <translation>下一版本</translation>
    </message>
    <message>
        <source>Have it answered</source>
        <translation>回答这个问题</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Read the licence</source>
        <translation>阅读许可证</translation>
    </message>
    <message>
        <source>Check the file</source>
        <translation>检查文件</translation>
    </message>
    <message>
        <source>Too big for this computer</source>
        <translation>这台电脑装不下</translation>
    </message>
    <message>
        <source>Recommended for this computer</source>
        <translation>推荐用于这台电脑</translation>
    </message>
    <message>
        <source>File checked: intact</source>
        <translation>文件完好</translation>
    </message>
    <message>
        <source>The file is not what was published. Remove it and download it again.</source>
        <translation>文件与发布的不符。请删除后重新下载。</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>正在连接…</translation>
    </message>
    <message>
        <source>Reading the whole file once more…</source>
        <translation>正在重新读取整个文件…</translation>
    </message>
    <message>
        <source>Remove {size}?</source>
        <translation>删除 {size}？</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Remove from the list</source>
        <translation>从列表中移除</translation>
    </message>
    <message>
        <source>Download progress</source>
        <translation>下载进度</translation>
    </message>
    <message>
        <source>I have read and accept the licence: {licence}</source>
        <translation>我已阅读并接受许可证：{licence}</translation>
    </message>
    <message>
        <source>Report…</source>
        <translation>报告问题…</translation>
    </message>
    <message>
        <source>Trying it…</source>
        <translation>正在试运行…</translation>
    </message>
    <message>
        <source>Details…</source>
        <translation>详情…</translation>
    </message>
    <message>
        <source>What can it do?</source>
        <translation>它能做什么？</translation>
    </message>
    <message>
        <source>Too big</source>
        <translation>太大</translation>
    </message>
    <message>
        <source>Recommended</source>
        <translation>推荐</translation>
    </message>
    <message>
        <source>Make a smaller and quicker one of this model, on this computer</source>
        <translation>在这台电脑上，由此模型制作一个更小、更快的模型</translation>
    </message>
    <message>
        <source>A smaller one…</source>
        <translation>更小的模型…</translation>
    </message>
    <message>
        <source>The file is not what was installed. Remove it and install it again from its project.</source>
        <translation>文件与安装时的不同。请删除它，再从它的项目重新安装。</translation>
    </message>
    <message>
        <source>Take it off the list?</source>
        <translation>从列表中移除？</translation>
    </message>
</context>
<context>
    <name>ModelEditor</name>
    <message>
        <source>the file is missing</source>
        <translation>文件不见了</translation>
    </message>
    <message>
        <source>Get more models…</source>
        <translation>获取更多模型…</translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation>还没有模型</translation>
    </message>
    <message>
        <source>{model} (not installed)</source>
        <translation>{model}（未安装）</translation>
    </message>
</context>
<context>
    <name>Models</name>
    <message>
        <source>In use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Installed</source>
        <translation>已安装</translation>
    </message>
    <message>
        <source>The file is missing</source>
        <translation>文件不见了</translation>
    </message>
    <message>
        <source>Download {size}</source>
        <translation>下载 {size}</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Use this</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>Checking the file… {percent}</source>
        <translation>正在检查文件… {percent}</translation>
    </message>
    <message>
        <source>Paused at {amount}</source>
        <translation>已暂停：{amount}</translation>
    </message>
    <message>
        <source>Connecting to {host}…</source>
        <translation>正在连接 {host}…</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>正在连接…</translation>
    </message>
    <message>
        <source>fits comfortably in memory ({needed})</source>
        <translation>内存充裕（需 {needed}）</translation>
    </message>
    <message>
        <source>tight: needs {needed} of memory, {free} free</source>
        <translation>内存紧张：需 {needed}，可用 {free}</translation>
    </message>
    <message>
        <source>too big: needs {needed} of memory, {free} free</source>
        <translation>太大：需 {needed} 内存，可用 {free}</translation>
    </message>
    <message>
        <source>Your own file: {path}</source>
        <translation>您自己的文件：{path}</translation>
    </message>
    <message>
        <source>can think first</source>
        <translation>可先思考</translation>
    </message>
    <message>
        <source>{languages} and {count} more</source>
        <translation>{languages}及另外 {count} 种</translation>
    </message>
    <message>
        <source>Arabic</source>
        <translation>阿拉伯语</translation>
    </message>
    <message>
        <source>German</source>
        <translation>德语</translation>
    </message>
    <message>
        <source>English</source>
        <translation>英语</translation>
    </message>
    <message>
        <source>Spanish</source>
        <translation>西班牙语</translation>
    </message>
    <message>
        <source>French</source>
        <translation>法语</translation>
    </message>
    <message>
        <source>Hindi</source>
        <translation>印地语</translation>
    </message>
    <message>
        <source>Italian</source>
        <translation>意大利语</translation>
    </message>
    <message>
        <source>Japanese</source>
        <translation>日语</translation>
    </message>
    <message>
        <source>Korean</source>
        <translation>韩语</translation>
    </message>
    <message>
        <source>Portuguese</source>
        <translation>葡萄牙语</translation>
    </message>
    <message>
        <source>Russian</source>
        <translation>俄语</translation>
    </message>
    <message>
        <source>Thai</source>
        <translation>泰语</translation>
    </message>
    <message>
        <source>Vietnamese</source>
        <translation>越南语</translation>
    </message>
    <message>
        <source>Chinese</source>
        <translation>中文</translation>
    </message>
    <message>
        <source>This model has brought the engine down twice while loading, so it is not woken before you ask. Choose another model, put another file in its place, or report it.</source>
        <translation>这个模型在载入时已两次使引擎崩溃，因此提问之前不会被提前唤醒。请选择其他模型、换一个文件，或报告问题。</translation>
    </message>
    <message>
        <source>This model has brought the engine down twice while loading, so it is not woken before you ask. Choose another model, remove this one and download it again, or report it.</source>
        <translation>这个模型在载入时已两次使引擎崩溃，因此提问之前不会被提前唤醒。请选择其他模型、移除后重新下载，或报告问题。</translation>
    </message>
    <message>
        <source>Does not work</source>
        <translation>无法使用</translation>
    </message>
    <message>
        <source>on a removable or network drive: read into memory whole, {size} that the system cannot take back</source>
        <translation>位于可移动或网络驱动器上：整个读入内存，系统无法收回其中的 {size}</translation>
    </message>
    <message>
        <source>Not for chats</source>
        <translation>不能用于对话</translation>
    </message>
    <message>
        <source>From Hugging Face: {repo}</source>
        <translation>来自 Hugging Face：{repo}</translation>
    </message>
    <message>
        <source>chat model</source>
        <translation>对话模型</translation>
    </message>
    <message>
        <source>base model: continues text</source>
        <translation>基础模型：只会续写</translation>
    </message>
    <message>
        <source>reranking model: not for chats</source>
        <translation>重排序模型：不能对话</translation>
    </message>
    <message>
        <source>T5 model: not for chats</source>
        <translation>T5 模型：不能对话</translation>
    </message>
    <message>
        <source>diffusion model: not for this engine</source>
        <translation>扩散模型：引擎不支持</translation>
    </message>
    <message>
        <source>helper of a larger model</source>
        <translation>更大模型的辅助模型</translation>
    </message>
    <message>
        <source>projector of another model</source>
        <translation>另一个模型的投影器</translation>
    </message>
    <message>
        <source>LoRA adapter for another model</source>
        <translation>另一个模型的 LoRA 适配器</translation>
    </message>
    <message>
        <source>control vector for another model</source>
        <translation>另一个模型的控制向量</translation>
    </message>
    <message>
        <source>importance matrix: no model</source>
        <translation>重要性矩阵：不是模型</translation>
    </message>
    <message>
        <source>speech model: not for chats</source>
        <translation>语音模型：不能对话</translation>
    </message>
    <message>
        <source>picture model: not for chats</source>
        <translation>画图模型：不能对话</translation>
    </message>
    <message>
        <source>vocabulary without a model</source>
        <translation>只有词表，没有模型</translation>
    </message>
    <message>
        <source>A base model continues what you write. It was not taught to answer, and often says odd things.</source>
        <translation>基础模型会接着您写的内容往下写。它没有学过回答问题，常会说出奇怪的话。</translation>
    </message>
    <message>
        <source>{number} billion</source>
        <translation>{number}B</translation>
    </message>
    <message>
        <source>{number} million</source>
        <translation>{number}M</translation>
    </message>
    <message>
        <source>{count} tokens</source>
        <translation>{count} 个词元</translation>
    </message>
    <message>
        <source>Finds by meaning</source>
        <translation>用于按含义查找</translation>
    </message>
    <message>
        <source>Find by meaning with it</source>
        <translation>用它按含义查找</translation>
    </message>
    <message>
        <source>embedding model: for finding by meaning, not for chats</source>
        <translation>嵌入模型：用于按含义查找，不能聊天</translation>
    </message>
    <message>
        <source>A student of {teacher}, made here.</source>
        <translation>{teacher} 的学生模型，在本机做成。</translation>
    </message>
    <message>
        <source>A student of {teacher}, made here. Reads texts: {right} of {asked} facts, its teacher {others}.</source>
        <translation>{teacher} 的学生模型，在本机做成。读文章：{asked} 个事实找对 {right} 个，教师模型找对 {others} 个。</translation>
    </message>
    <message>
        <source>Basic</source>
        <translation>基本</translation>
    </message>
    <message>
        <source>Everyday</source>
        <translation>日常</translation>
    </message>
    <message>
        <source>Larger</source>
        <translation>较大</translation>
    </message>
    <message>
        <source>For 8 GB of memory</source>
        <translation>适合 8 GB 内存</translation>
    </message>
    <message>
        <source>{class}, also with code</source>
        <translation>{class}，也能写代码</translation>
    </message>
    <message>
        <source>about {size}</source>
        <translation>约 {size}</translation>
    </message>
    <message>
        <source>{least} to {most}</source>
        <translation>{least} 至 {most}</translation>
    </message>
</context>
<context>
    <name>ModelsDialog</name>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>en</source>
        <comment>code of this language: en, zh_CN</comment>
        <translation>zh_CN</translation>
    </message>
    <message>
        <source>No model is both: take a filter away.</source>
        <translation>没有同时符合的模型，请取消一个筛选。</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>这台电脑上</translation>
    </message>
    <message>
        <source>To download</source>
        <translation>可下载</translation>
    </message>
    <message>
        <source>Import a model</source>
        <translation>导入模型</translation>
    </message>
    <message>
        <source>Models (*.gguf);;All files (*)</source>
        <translation>模型 (*.gguf);;所有文件 (*)</translation>
    </message>
    <message>
        <source>&amp;Import a GGUF file…</source>
        <translation>导入 GGUF 文件(&amp;I)…</translation>
    </message>
    <message>
        <source>Use a model file you already have, where it lies; nothing is copied</source>
        <translation>直接使用您已有的模型文件，不复制</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Close this window (Esc)</source>
        <translation>关闭此窗口 (Esc)</translation>
    </message>
    <message>
        <source>The list of models that comes with Catnap could not be read, so there is none to download. You can use a model file that you already have: import it with the button below.</source>
        <translation>无法读取 Catnap 自带的模型列表，因此没有可下载的模型。您可以使用已有的模型文件：用下面的按钮导入。</translation>
    </message>
    <message>
        <source>&amp;Add from Hugging Face…</source>
        <translation>从 Hugging Face 添加(&amp;A)…</translation>
    </message>
    <message>
        <source>Check my &amp;network</source>
        <translation>检查网络(&amp;N)</translation>
    </message>
    <message>
        <source>Paste the link of a model&apos;s page and see which of its files fit this computer</source>
        <translation>粘贴模型页面的链接，看看哪些文件适合这台电脑</translation>
    </message>
    <message>
        <source>Find out which download host answers, how fast, and through which proxy</source>
        <translation>看看哪个下载站点有响应、速度如何、经过哪个代理</translation>
    </message>
    <message>
        <source>On a ser&amp;ver…</source>
        <translation>用服务器上的模型(&amp;V)…</translation>
    </message>
    <message>
        <source>Use a model on another computer: your company&apos;s, or one in your own network</source>
        <translation>使用另一台电脑上的模型：公司的，或您自己网络中的</translation>
    </message>
</context>
<context>
    <name>ModelsHead</name>
    <message>
        <source>&amp;Fits this computer</source>
        <translation>适合这台电脑(&amp;F)</translation>
    </message>
    <message>
        <source>C&amp;hinese</source>
        <translation>支持中文(&amp;H)</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Choose a model to begin</source>
        <translation>先选一个模型</translation>
    </message>
    <message>
        <source>Catnap uses one at a time. They answer on this computer, without a network.</source>
        <translation>Catnap 每次使用一个模型，在这台电脑上回答，不用联网。</translation>
    </message>
    <message>
        <source>It is downloaded once. After that Catnap needs no network, and what you write stays here.</source>
        <translation>只需下载一次。之后 Catnap 不用联网，您写的内容不会离开这台电脑。</translation>
    </message>
    <message>
        <source>Your question is kept and will be asked when the model is ready: “{question}”</source>
        <translation>您的问题已保留，模型就绪后会自动提问：“{question}”</translation>
    </message>
    <message>
        <source>&amp;Ask it something</source>
        <translation>问它点什么(&amp;A)</translation>
    </message>
    <message>
        <source>{model} is ready.</source>
        <translation>{model} 已准备就绪。</translation>
    </message>
</context>
<context>
    <name>Moments</name>
    <message>
        <source>Today {time}</source>
        <translation>今天 {time}</translation>
    </message>
    <message>
        <source>Yesterday {time}</source>
        <translation>昨天 {time}</translation>
    </message>
    <message>
        <source>{day} {time}</source>
        <translation>{day} {time}</translation>
    </message>
    <message>
        <source>{day}, {time}</source>
        <translation>{day} {time}</translation>
    </message>
</context>
<context>
    <name>Network</name>
    <message>
        <source>The proxy is set in: {place}</source>
        <translation>代理设置来自：{place}</translation>
    </message>
    <message>
        <source>Not used, since Catnap cannot use its kind or address: {proxy}</source>
        <translation>未使用（Catnap 无法使用此类型或地址的代理）：{proxy}</translation>
    </message>
    <message>
        <source>This system finds its proxy by a script (PAC), which Catnap cannot run.</source>
        <translation>本系统通过脚本（PAC）选择代理，Catnap 无法运行此类脚本。</translation>
    </message>
    <message>
        <source>through {proxy}</source>
        <translation>经代理 {proxy}</translation>
    </message>
    <message>
        <source>directly</source>
        <translation>直连</translation>
    </message>
    <message>
        <source>{host} ({way}): {problem}</source>
        <translation>{host}（{way}）：{problem}</translation>
    </message>
    <message>
        <source>{host} ({way}): asking…</source>
        <translation>{host}（{way}）：正在询问…</translation>
    </message>
    <message>
        <source>{host} ({way}): answers after {seconds} s</source>
        <translation>{host}（{way}）：{seconds} 秒后响应</translation>
    </message>
    <message>
        <source>environment variables</source>
        <translation>环境变量</translation>
    </message>
    <message>
        <source>{host} ({way})</source>
        <translation>{host}（{way}）</translation>
    </message>
</context>
<context>
    <name>NetworkPanel</name>
    <message>
        <source>Check again</source>
        <translation>重新检查</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Open the network&apos;s page</source>
        <translation>打开网络登录页</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>隐藏</translation>
    </message>
    <message>
        <source>Your network</source>
        <translation>您的网络</translation>
    </message>
    <message>
        <source>Checking your network…</source>
        <translation>正在检查网络…</translation>
    </message>
    <message>
        <source>No host answers. If this network wants you to sign in first, its page says so.</source>
        <translation>没有站点响应。如果此网络要求先登录，它的页面会有提示。</translation>
    </message>
    <message>
        <source>What was found out about the network</source>
        <translation>网络检查结果</translation>
    </message>
</context>
<context>
    <name>NewestButton</name>
    <message>
        <source>Newest text</source>
        <translation>最新内容</translation>
    </message>
    <message>
        <source>There is new text below (Alt+End)</source>
        <translation>下方有新内容（Alt+End）</translation>
    </message>
</context>
<context>
    <name>Notices</name>
    <message>
        <source>What Catnap did lately</source>
        <translation>Catnap 最近做了什么</translation>
    </message>
</context>
<context>
    <name>OptionRow</name>
    <message>
        <source>Also known as: {name}</source>
        <translation>术语：{name}</translation>
    </message>
</context>
<context>
    <name>Options</name>
    <message>
        <source>Model and memory</source>
        <translation>模型与内存</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>窗口</translation>
    </message>
    <message>
        <source>Downloads and files</source>
        <translation>下载与文件</translation>
    </message>
    <message>
        <source> min</source>
        <translation> 分钟</translation>
    </message>
    <message>
        <source> pt</source>
        <translation> 磅</translation>
    </message>
    <message>
        <source> tokens</source>
        <translation> 词元</translation>
    </message>
    <message>
        <source>1 does nothing; more keeps the model from repeating itself.</source>
        <translation>1 不起作用；越大越能避免模型重复自己。</translation>
    </message>
    <message>
        <source>4 bits, a quarter of the memory</source>
        <translation>4 位，内存四分之一</translation>
    </message>
    <message>
        <source>8 bits, half the memory</source>
        <translation>8 位，内存减半</translation>
    </message>
    <message>
        <source>A fixed number makes the same question give the same answer.</source>
        <translation>固定数值可让同样的问题得到同样的回答。</translation>
    </message>
    <message>
        <source>A leaner way to compute attention; automatic uses it where the model allows.</source>
        <translation>更省内存的注意力计算方式；自动：模型允许时使用。</translation>
    </message>
    <message>
        <source>Address of a server that lays its files out like huggingface.co.</source>
        <translation>文件布局与 huggingface.co 相同的服务器地址。</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Answers are cut off after this many tokens.</source>
        <translation>回答超过这么多词元就截断。</translation>
    </message>
    <message>
        <source>As long as needed</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Automatic takes the first that answers.</source>
        <translation>自动：使用最先响应的来源。</translation>
    </message>
    <message>
        <source>Avoid repetition</source>
        <translation>避免重复</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>批大小</translation>
    </message>
    <message>
        <source>Best candidates</source>
        <translation>候选词数</translation>
    </message>
    <message>
        <source>Candidate share</source>
        <translation>候选概率</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>颜色</translation>
    </message>
    <message>
        <source>Context size</source>
        <translation>上下文长度</translation>
    </message>
    <message>
        <source>Conversation memory</source>
        <translation>对话记忆</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Download from</source>
        <translation>下载来源</translation>
    </message>
    <message>
        <source>Faster answers, more memory</source>
        <translation>回答更快，占用更多内存</translation>
    </message>
    <message>
        <source>Flash attention</source>
        <translation>Flash attention</translation>
    </message>
    <message>
        <source>Full precision</source>
        <translation>全精度</translation>
    </message>
    <message>
        <source>Imagination</source>
        <translation>想象力</translation>
    </message>
    <message>
        <source>Instructions to the model</source>
        <translation>给模型的指示</translation>
    </message>
    <message>
        <source>Keep Catnap in the tray when the window is closed</source>
        <translation>关闭窗口后留在托盘中</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Least likelihood</source>
        <translation>最低可能性</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Light or dark.</source>
        <translation>浅色或深色。</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Longest answer</source>
        <translation>最长回答</translation>
    </message>
    <message>
        <source>Lower precision takes less memory for long conversations and may cost some quality.</source>
        <translation>精度越低，长对话占的内存越少，但质量可能略降。</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Model folder</source>
        <translation>模型文件夹</translation>
    </message>
    <message>
        <source>Models that can will think aloud first: better at puzzles, several times slower.</source>
        <translation>支持的模型会先思考再回答：更善于解题，但慢几倍。</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>从不</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>On</source>
        <translation>开</translation>
    </message>
    <message>
        <source>Only the likeliest tokens that together reach this probability are considered.</source>
        <translation>只考虑概率之和达到此值的最可能词元。</translation>
    </message>
    <message>
        <source>Only this many of the likeliest tokens are considered.</source>
        <translation>只考虑这么多个最可能的词元。</translation>
    </message>
    <message>
        <source>Own host</source>
        <translation>自有服务器</translation>
    </message>
    <message>
        <source>Random</source>
        <translation>随机</translation>
    </message>
    <message>
        <source>Rewrites the weights for this processor when the model wakes: quicker answers, slower waking.</source>
        <translation>唤醒时按此处理器重排权重：回答更快，唤醒更慢。</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>文字大小</translation>
    </message>
    <message>
        <source>Think before answering</source>
        <translation>先思考再回答</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>线程数</translation>
    </message>
    <message>
        <source>Tokens less likely than this share of the best one are left out.</source>
        <translation>可能性低于最佳词元此比例的词元不予考虑。</translation>
    </message>
    <message>
        <source>Tokens read at once; smaller takes less memory while reading.</source>
        <translation>一次读入的词元数；越小，阅读时占的内存越少。</translation>
    </message>
    <message>
        <source>Where models are kept; models already there are moved along.</source>
        <translation>存放模型的位置；已有的模型会一并移动。</translation>
    </message>
    <message>
        <source>Where there is no tray, closing the window asks once what to do.</source>
        <translation>没有托盘时，关闭窗口会询问一次如何处理。</translation>
    </message>
    <message>
        <source>Which model answers.</source>
        <translation>由哪个模型回答。</translation>
    </message>
    <message>
        <source>Asks once</source>
        <translation>询问一次</translation>
    </message>
    <message>
        <source>Minimises it</source>
        <translation>最小化</translation>
    </message>
    <message>
        <source>Only matters on desktops that have no tray.</source>
        <translation>仅在没有托盘的桌面上有作用。</translation>
    </message>
    <message>
        <source>Quits Catnap</source>
        <translation>退出 Catnap</translation>
    </message>
    <message>
        <source>Without a tray, closing the window</source>
        <translation>没有托盘时关闭窗口</translation>
    </message>
    <message>
        <source> MB</source>
        <translation> MB</translation>
    </message>
    <message>
        <source>More keeps more of a conversation in view and takes more memory. Automatic: 1,024 or 2,048.</source>
        <translation>越大，模型能看到的对话越多，占用的内存也越多。自动：1,024 或 2,048。</translation>
    </message>
    <message>
        <source>Remember where conversations stopped</source>
        <translation>记住对话停在哪里</translation>
    </message>
    <message>
        <source>Spare the battery</source>
        <translation>节省电池</translation>
    </message>
    <message>
        <source>When it is used up, the states of conversations not used for longest go first.</source>
        <translation>用完后，最久未用的对话状态会先被删除。</translation>
    </message>
    <message>
        <source>Disk space for remembering</source>
        <translation>记住这些内容的磁盘空间</translation>
    </message>
    <message>
        <source>Only the cat in the tray: no window opens, and the model sleeps until you ask something.</source>
        <translation>只有托盘里的小猫：不打开窗口；在您提问之前，模型一直睡着。</translation>
    </message>
    <message>
        <source>Start when I log in</source>
        <translation>登录时启动</translation>
    </message>
    <message>
        <source>Processor cores that work on an answer. Automatic finds the quickest number while answering.</source>
        <translation>用于回答的处理器核心数。自动：在回答过程中找出最快的数量。</translation>
    </message>
    <message>
        <source>Doze after</source>
        <translation>多久后打盹</translation>
    </message>
    <message>
        <source>Nothing is read again after a rest. What was read lies on the disk; switching this off erases it.</source>
        <translation>打盹或睡着之后无需重新阅读。读过的内容保存在磁盘上；关闭此项会将其删除。</translation>
    </message>
    <message>
        <source>Sleep after</source>
        <translation>多久后睡着</translation>
    </message>
    <message>
        <source>While unplugged, half of the processor cores at the most; it dozes and sleeps after half the time.</source>
        <translation>未接电源时，最多使用一半的处理器核心，打盹和睡着的等待时间减半。</translation>
    </message>
    <message>
        <source>Without a question for that long, the model gives most of its memory back, and wakes at once.</source>
        <translation>这么久没有提问时，模型会交还大部分内存；之后可立即醒来。</translation>
    </message>
    <message>
        <source>Without a question for that long, it gives all of its memory back; waking takes longer then.</source>
        <translation>这么久没有提问时，模型会交还全部内存；之后醒来较慢。</translation>
    </message>
    <message>
        <source> days</source>
        <translation>天</translation>
    </message>
    <message>
        <source>They are under Recently deleted for that long and can be restored; then they go for good.</source>
        <translation>在此期间，对话保留在“最近删除”中，可以恢复；之后将永久删除。</translation>
    </message>
    <message>
        <source>Until Catnap starts again</source>
        <translation>直到 Catnap 下次启动</translation>
    </message>
    <message>
        <source>A line every ten seconds, in a table beside the log, for spreadsheets; no words of conversations.</source>
        <translation>每十秒一行，写入日志旁的表格文件，可用电子表格打开；不含对话内容。</translation>
    </message>
    <message>
        <source>Write the use of memory to a file</source>
        <translation>把内存用量写入文件</translation>
    </message>
    <message>
        <source>Takes effect at once.</source>
        <translation>立即生效。</translation>
    </message>
    <message>
        <source>Takes effect the next time you log in.</source>
        <translation>下次登录时生效。</translation>
    </message>
    <message>
        <source>Takes effect with the next answer.</source>
        <translation>从下一条回答起生效。</translation>
    </message>
    <message>
        <source>Takes effect with the next download.</source>
        <translation>从下一次下载起生效。</translation>
    </message>
    <message>
        <source>The model is loaded again with the next message; the conversation stays.</source>
        <translation>发送下一条消息时重新载入模型，对话会保留。</translation>
    </message>
    <message>
        <source>Takes effect when Catnap starts again.</source>
        <translation>重启 Catnap 后生效。</translation>
    </message>
    <message>
        <source>Language of Catnap&apos;s own words. The model answers in the language you write, if it knows that.</source>
        <translation>Catnap 界面的语言。只要模型懂您书写的语言，就会用它回答。</translation>
    </message>
    <message>
        <source>Size of the text in conversations, in points; everything else is in proportion.</source>
        <translation>对话文字的大小，以磅为单位；其余文字按比例变化。</translation>
    </message>
    <message>
        <source>Chinese punctuation in Chinese answers</source>
        <translation>中文回答使用中文标点</translation>
    </message>
    <message>
        <source>Small models mix the marks of both languages. Code, numbers, addresses and English stay as they are.</source>
        <translation>小模型常把两种语言的标点混用。代码、数字、网址和英文保持原样。</translation>
    </message>
    <message>
        <source>Reading aloud</source>
        <translation>朗读</translation>
    </message>
    <message>
        <source>As in the settings</source>
        <translation>与设置相同</translation>
    </message>
    <message>
        <source>0 always takes the likeliest word; more is more varied. Personas can have one of their own.</source>
        <translation>0 总是取最可能的词；越大回答越多样。角色可以有自己的数值。</translation>
    </message>
    <message>
        <source>Catnap opens with help to choose a model, once, while there is neither a model nor a conversation.</source>
        <translation>还没有模型和对话时，Catnap 启动时会引导您选择模型，只出现一次。</translation>
    </message>
    <message>
        <source>Help with the first steps</source>
        <translation>首次使用引导</translation>
    </message>
    <message>
        <source>How fast is read; 100% is the usual speed of the voice.</source>
        <translation>朗读的快慢；100% 是该语音的正常速度。</translation>
    </message>
    <message>
        <source>How loud is read, beside the volume of the system.</source>
        <translation>朗读的音量，与系统音量一同起作用。</translation>
    </message>
    <message>
        <source>Keep deleted conversations and messages</source>
        <translation>保留已删除的对话和消息</translation>
    </message>
    <message>
        <source>Persona</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Read answers to me</source>
        <translation>为我朗读回答</translation>
    </message>
    <message>
        <source>Sentence by sentence while the answer is being written; Esc stops. A single message: Read aloud.</source>
        <translation>边生成边逐句朗读；按 Esc 停止。单条消息请用“朗读”。</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>语速</translation>
    </message>
    <message>
        <source>Told to the model before every conversation with the general persona; the others have their own.</source>
        <translation>在“通用”角色的每个对话之前告诉模型；其他角色有各自的指令。</translation>
    </message>
    <message>
        <source>Volume</source>
        <translation>音量</translation>
    </message>
    <message>
        <source>Who answers in new conversations and in the quick ask. Each conversation can have another one.</source>
        <translation>在新对话和快速提问中由谁回答。每个对话都可以另选。</translation>
    </message>
    <message>
        <source>%</source>
        <translation>%</translation>
    </message>
    <message>
        <source>Calculate instead of guessing</source>
        <translation>直接计算，不靠猜测</translation>
    </message>
    <message>
        <source>Sums, percentages, units and dates are computed at once, without the model.</source>
        <translation>算式、百分比、单位和日期会立即算出，无需模型。</translation>
    </message>
    <message>
        <source>Small models sometimes say the same over and over. Poems, tables and what you ask for stay whole.</source>
        <translation>小模型有时会反复说同样的话。诗歌、表格和您要求的重复内容会保持完整。</translation>
    </message>
    <message>
        <source>Stop answers that repeat themselves</source>
        <translation>回答重复时停止</translation>
    </message>
    <message>
        <source>A GGUF file that compares texts, for documents and libraries; it is chosen there. Empty: none.</source>
        <translation>用来比较文本的 GGUF 文件，供文档和资料库使用；在资料库窗口中选择。留空：不使用。</translation>
    </message>
    <message>
        <source>Model that finds by meaning</source>
        <translation>按含义查找的模型</translation>
    </message>
    <message>
        <source>Graphics processor</source>
        <translation>显卡</translation>
    </message>
    <message>
        <source>As many as fit</source>
        <translation>能放多少放多少</translation>
    </message>
    <message>
        <source>Automatic uses it only where it was found to be faster. Its driver is let into the engine&apos;s walls, and the model cannot doze: it sleeps instead.</source>
        <translation>“自动”只在实测更快时才使用显卡。引擎的隔离会向显卡驱动开放，模型不打盹，而是睡着。</translation>
    </message>
    <message>
        <source>Conversations in its memory, too</source>
        <translation>对话内容也放在显存中</translation>
    </message>
    <message>
        <source>Each takes memory of the graphics processor. With 0 it only helps to read long texts.</source>
        <translation>每一层都占用显存。设为 0 时，显卡只帮助阅读长文本。</translation>
    </message>
    <message>
        <source>Faster, and takes more of its memory. Without, each word goes back and forth between both.</source>
        <translation>更快，但占用更多显存。关闭后，每个词都要在显卡与处理器之间往返。</translation>
    </message>
    <message>
        <source>Layers that it takes</source>
        <translation>由显卡计算的层数</translation>
    </message>
    <message>
        <source>Let it compute along</source>
        <translation>让显卡参与计算</translation>
    </message>
    <message>
        <source>On, also where it is slower</source>
        <translation>打开，即使更慢</translation>
    </message>
    <message>
        <source>Other programs</source>
        <translation>其他程序</translation>
    </message>
    <message>
        <source>Let other programs ask the model</source>
        <translation>允许其他程序向模型提问</translation>
    </message>
    <message>
        <source>Pages in a browser that may ask</source>
        <translation>可以提问的浏览器网页</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>端口</translation>
    </message>
    <message>
        <source>Where programs reach the model; another one where this is taken.</source>
        <translation>程序通过它访问模型；若已被占用，请换一个。</translation>
    </message>
    <message>
        <source>Programs on this computer that have the access token; nobody from elsewhere. You come first.</source>
        <translation>限本机上持有密钥的程序，外部无法访问。您的提问总是优先。</translation>
    </message>
    <message>
        <source>Such as http://localhost:3000, with spaces between. Empty: none. They need the access token too.</source>
        <translation>例如 http://localhost:3000，多项以空格分隔。留空：不允许任何网页。网页同样需要密钥。</translation>
    </message>
    <message>
        <source>New conversations are answered by</source>
        <translation>新对话由谁回答</translation>
    </message>
    <message>
        <source>Quick questions are answered by</source>
        <translation>快速提问由谁回答</translation>
    </message>
    <message>
        <source>This computer, or a model on a server. Each conversation can have another one.</source>
        <translation>这台电脑，或服务器上的模型。每个对话可以另选。</translation>
    </message>
    <message>
        <source>With its quick actions: then the selected text goes to the server, too.</source>
        <translation>包括快捷操作：选中的文字也会发往该服务器。</translation>
    </message>
</context>
<context>
    <name>PageDialog</name>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Close this window (Esc)</source>
        <translation>关闭此窗口 (Esc)</translation>
    </message>
</context>
<context>
    <name>PageSelection</name>
    <message>
        <source>You:</source>
        <translation>您：</translation>
    </message>
    <message>
        <source>Catnap:</source>
        <translation>Catnap：</translation>
    </message>
</context>
<context>
    <name>PaperJobs</name>
    <message>
        <source>Writing the PDF…</source>
        <translation>正在生成 PDF…</translation>
    </message>
    <message>
        <source>Printing…</source>
        <translation>正在打印…</translation>
    </message>
</context>
<context>
    <name>PartsList</name>
    <message>
        <source>Parts of the document that are asked about</source>
        <translation>要提问的部分</translation>
    </message>
</context>
<context>
    <name>PasteBack</name>
    <message>
        <source>The answer was pasted.</source>
        <translation>回答已粘贴。</translation>
    </message>
    <message>
        <source>The answer was copied.</source>
        <translation>回答已复制。</translation>
    </message>
    <message>
        <source>Copied. Press {keys} where it shall go.</source>
        <translation>已复制。请在要放的地方按 {keys}。</translation>
    </message>
    <message>
        <source>What the clipboard held before can be put back from the tray menu.</source>
        <translation>剪贴板原来的内容可以从托盘菜单里恢复。</translation>
    </message>
</context>
<context>
    <name>PasteOffer</name>
    <message>
        <source>Ask about this text</source>
        <translation>就这段文字提问</translation>
    </message>
    <message>
        <source>It leaves the field and becomes a document that your questions are about</source>
        <translation>它会移出输入框，成为您提问所依据的文档</translation>
    </message>
    <message>
        <source>Leave it in the message</source>
        <translation>保留在消息中</translation>
    </message>
    <message>
        <source>A long text was pasted: {amount}.</source>
        <translation>粘贴了一段长文字：{amount}。</translation>
    </message>
    <message>
        <source>This is a long text: {amount}.</source>
        <translation>这是一段长文字：{amount}。</translation>
    </message>
</context>
<context>
    <name>PersonaButton</name>
    <message>
        <source>Persona</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Persona: {name}</source>
        <translation>角色：{name}</translation>
    </message>
    <message>
        <source>Who answers in this conversation: {name}</source>
        <translation>在此对话中回答的是：{name}</translation>
    </message>
    <message>
        <source>Personas…</source>
        <translation>角色…</translation>
    </message>
</context>
<context>
    <name>PersonaEditor</name>
    <message>
        <source>Personas…</source>
        <translation>角色…</translation>
    </message>
</context>
<context>
    <name>PersonaForm</name>
    <message>
        <source>&amp;Large type in its conversations</source>
        <translation>对话使用大字(&amp;L)</translation>
    </message>
    <message>
        <source>The instructions and the temperature of this one are those of the settings.</source>
        <translation>此角色的指令和想象力就是设置中的那些。</translation>
    </message>
    <message>
        <source>Small models follow few words: say in two or three short sentences what to do.</source>
        <translation>小模型只听得进几句话：请用两三个短句说明要做什么。</translation>
    </message>
    <message>
        <source>N&amp;ame</source>
        <translation>名称(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Instructions to the model</source>
        <translation>给模型的指令(&amp;I)</translation>
    </message>
    <message>
        <source>E&amp;xamples: a question on one line, its answer on the next ({count} of both at the most)</source>
        <translation>示例：一行问题，下一行是回答（最多 {count} 组）(&amp;X)</translation>
    </message>
    <message>
        <source>The model answers in their manner. ↵ stands for a new line.</source>
        <translation>模型会照这种方式回答。↵ 表示换行。</translation>
    </message>
    <message>
        <source>I&amp;magination</source>
        <translation>想象力(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Questions to begin with, one a line ({count} at the most)</source>
        <translation>开场问题，每行一个（最多 {count} 个）(&amp;Q)</translation>
    </message>
    <message>
        <source>One that ends with a colon waits for the rest, such as a text.</source>
        <translation>以冒号结尾的会等您补上后面的内容，例如一段文字。</translation>
    </message>
    <message>
        <source>Instructions to the model</source>
        <translation>给模型的指示</translation>
    </message>
    <message>
        <source>Examples</source>
        <translation>示例</translation>
    </message>
    <message>
        <source>Questions to begin with</source>
        <translation>开场问题</translation>
    </message>
    <message>
        <source>Imagination</source>
        <translation>想象力</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>system prompt</source>
        <translation>系统提示词</translation>
    </message>
    <message>
        <source>Calculate &amp;sums at once</source>
        <translation>算式直接计算(&amp;S)</translation>
    </message>
    <message>
        <source>Sums, units and dates are computed, and the model is not asked; off, it may ask back</source>
        <translation>算式、单位和日期由程序直接算出，不询问模型；关闭后由模型回答，也可以反问</translation>
    </message>
</context>
<context>
    <name>PersonasDialog</name>
    <message>
        <source>Personas</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>&amp;New</source>
        <translation>新建(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Duplicate</source>
        <translation>复制一份(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Reset</source>
        <translation>还原(&amp;R)</translation>
    </message>
    <message>
        <source>Makes this persona again what it was when it came</source>
        <translation>把此角色恢复成最初的样子</translation>
    </message>
    <message>
        <source>D&amp;elete</source>
        <translation>删除(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Talk with it</source>
        <translation>与它对话(&amp;T)</translation>
    </message>
    <message>
        <source>Begins a new conversation with this persona</source>
        <translation>用此角色开始一个新对话</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Close this window (Esc)</source>
        <translation>关闭此窗口 (Esc)</translation>
    </message>
</context>
<context>
    <name>PersonasPresenter</name>
    <message>
        <source>“{name}” answers from the next message on.</source>
        <translation>从下一条消息起由“{name}”回答。</translation>
    </message>
    <message>
        <source>The conversation is read again then: about {tokens} tokens.</source>
        <translation>届时会重新读一遍对话：约 {tokens} 个词元。</translation>
    </message>
    <message>
        <source>The conversation is read again then, which takes about {duration}.</source>
        <translation>届时会重新读一遍对话，大约需要 {duration}。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>New persona</source>
        <translation>新角色</translation>
    </message>
    <message>
        <source>{name} (copy)</source>
        <translation>{name}（副本）</translation>
    </message>
    <message>
        <source>“{name}” is again as it came.</source>
        <translation>“{name}”已恢复成最初的样子。</translation>
    </message>
    <message>
        <source>“{name}” was deleted.</source>
        <translation>已删除“{name}”。</translation>
    </message>
</context>
<context>
    <name>PlaceSign</name>
    <message>
        <source>answers from {host}</source>
        <translation>由 {host} 回答</translation>
    </message>
</context>
<context>
    <name>PortalKeys</name>
    <message>
        <source>Quick ask</source>
        <translation>快速提问</translation>
    </message>
</context>
<context>
    <name>ProgramsPanel</name>
    <message>
        <source>A program is being answered, or waits for its answer.</source>
        <translation>正在回答某个程序，或有程序在等待回答。</translation>
    </message>
    <message>
        <source>Programs can ask. Without a question this takes neither memory nor power.</source>
        <translation>程序可以提问。没有提问时，既不占内存也不耗电。</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>正在启动……</translation>
    </message>
    <message>
        <source>Programs cannot ask.</source>
        <translation>程序无法提问。</translation>
    </message>
    <message>
        <source>Switched off: no program can ask.</source>
        <translation>已关闭：任何程序都无法提问。</translation>
    </message>
    <message>
        <source>It was shown when it was made. Make another one if it is lost: the one before is void then.</source>
        <translation>密钥只在生成时显示。如果遗失，请另外生成一个，原来的随即失效。</translation>
    </message>
    <message>
        <source>Make another</source>
        <translation>另外生成</translation>
    </message>
    <message>
        <source>Make one</source>
        <translation>生成</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Copy the address</source>
        <translation>复制地址</translation>
    </message>
    <message>
        <source>Example for</source>
        <translation>示例</translation>
    </message>
    <message>
        <source>Copy the example</source>
        <translation>复制示例</translation>
    </message>
    <message>
        <source>Example</source>
        <translation>示例</translation>
    </message>
    <message>
        <source>Copy the access token now: it is not shown again.</source>
        <translation>请立即复制密钥：之后不再显示。</translation>
    </message>
    <message>
        <source>Programs need an access token, like a password. There is none yet.</source>
        <translation>程序需要密钥，作用如同密码。目前还没有密钥。</translation>
    </message>
    <message>
        <source>Access token</source>
        <translation>密钥</translation>
    </message>
    <message>
        <source>Copy the access token</source>
        <translation>复制密钥</translation>
    </message>
    <message>
        <source>What programs ask is not among your conversations. What the model has read of it may be kept as it is of yours, until Catnap is started again.</source>
        <translation>程序的提问不会出现在您的对话中。模型读过的内容可能会像您的对话一样保留，直到 Catnap 下次启动。</translation>
    </message>
</context>
<context>
    <name>ProxyAccountPanel</name>
    <message>
        <source>&amp;Keep in this system&apos;s keyring</source>
        <translation>保存到系统密钥环(&amp;K)</translation>
    </message>
    <message>
        <source>Sign in</source>
        <translation>登录</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>&amp;User name</source>
        <translation>用户名(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Password</source>
        <translation>密码(&amp;P)</translation>
    </message>
</context>
<context>
    <name>QAbstractFileIconProvider</name>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>File Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Drive</source>
        <translation>驱动器</translation>
    </message>
    <message>
        <source>Shortcut</source>
        <translation>快捷方式</translation>
    </message>
    <message>
        <source>Alias</source>
        <translation>替身</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>%1 File</source>
        <translation>%1 文件</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>未知</translation>
    </message>
</context>
<context>
    <name>QFileSystemModel</name>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
</context>
<context>
    <name>QLineEdit</name>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
</context>
<context>
    <name>QShortcut</name>
    <message>
        <source>Up</source>
        <translation>↑</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>↓</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>←</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>→</translation>
    </message>
</context>
<context>
    <name>QWidgetTextControl</name>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
</context>
<context>
    <name>QueuedMessages</name>
    <message>
        <source>Sent when this answer has ended:</source>
        <translation>这条回答结束后发送：</translation>
    </message>
    <message>
        <source>and {count} more</source>
        <translation>还有 {count} 条</translation>
    </message>
    <message>
        <source>Take it back into the field</source>
        <translation>放回输入框</translation>
    </message>
</context>
<context>
    <name>QuickActions</name>
    <message>
        <source>Explain</source>
        <translation>解释</translation>
    </message>
    <message>
        <source>Summarise</source>
        <translation>概括</translation>
    </message>
    <message>
        <source>Translate</source>
        <translation>翻译</translation>
    </message>
    <message>
        <source>Correct</source>
        <translation>改错</translation>
    </message>
    <message>
        <source>Rewrite</source>
        <translation>改写</translation>
    </message>
    <message>
        <source>Ask about it</source>
        <translation>就此提问</translation>
    </message>
    <message>
        <source>{count} characters</source>
        <translation>{count} 个字符</translation>
    </message>
    <message>
        <source>one character</source>
        <translation>1 个字符</translation>
    </message>
</context>
<context>
    <name>QuickActionsPage</name>
    <message>
        <source>Quick actions</source>
        <translation>快捷操作</translation>
    </message>
    <message>
        <source>&amp;Add…</source>
        <translation>添加(&amp;A)…</translation>
    </message>
    <message>
        <source>&amp;Edit…</source>
        <translation>编辑(&amp;E)…</translation>
    </message>
    <message>
        <source>De&amp;lete</source>
        <translation>删除(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Up</source>
        <translation>上移(&amp;U)</translation>
    </message>
    <message>
        <source>Do&amp;wn</source>
        <translation>下移(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Built-in ones as they came</source>
        <translation>恢复自带的操作(&amp;B)</translation>
    </message>
    <message>
        <source>U&amp;ndo</source>
        <translation>撤销(&amp;N)</translation>
    </message>
    <message>
        <source>Changed: {name}.</source>
        <translation>已修改：{name}。</translation>
    </message>
    <message>
        <source>Deleted: {name}.</source>
        <translation>已删除：{name}。</translation>
    </message>
    <message>
        <source>The built-in actions are as they came.</source>
        <translation>自带的操作已恢复原样。</translation>
    </message>
    <message>
        <source>With the text selected in another program: in the quick box, from the tray, or by a key.</source>
        <translation>处理在其他程序里选中的文字：在快速提问框里、从托盘菜单，或用快捷键。</translation>
    </message>
    <message>
        <source>On a key of your own</source>
        <translation>用您自己的快捷键</translation>
    </message>
</context>
<context>
    <name>QuickActionsPresenter</name>
    <message>
        <source>Click into this box: only then may it read what is selected.</source>
        <translation>请点一下这个框：这样才能读取选中的文字。</translation>
    </message>
    <message>
        <source>Next: {action} “{text}”</source>
        <translation>接下来：{action}“{text}”</translation>
    </message>
    <message>
        <source>{action}: {text}</source>
        <translation>{action}：{text}</translation>
    </message>
    <message>
        <source>{action} · “{text}” · {length}</source>
        <translation>{action} · “{text}” · {length}</translation>
    </message>
    <message>
        <source>Selected: “{text}” · {length}</source>
        <translation>选中：“{text}” · {length}</translation>
    </message>
    <message>
        <source>Copied: “{text}” · {length}</source>
        <translation>剪贴板：“{text}” · {length}</translation>
    </message>
    <message>
        <source>the first {part} of {whole}</source>
        <translation>前 {part} 个，共 {whole}</translation>
    </message>
    <message>
        <source>There is no action of this name.</source>
        <translation>没有叫这个名称的操作。</translation>
    </message>
    <message>
        <source>There are: {names}.</source>
        <translation>现有：{names}。</translation>
    </message>
    <message>
        <source>Actions…</source>
        <translation>操作…</translation>
    </message>
    <message>
        <source>Copy some text in the other program, then try again.</source>
        <translation>请先在其他程序里复制一段文字，再试一次。</translation>
    </message>
    <message>
        <source>The clipboard holds no text.</source>
        <translation>剪贴板里没有文字。</translation>
    </message>
    <message>
        <source>Select some text in the other program, then try again.</source>
        <translation>请先在其他程序里选中一段文字，再试一次。</translation>
    </message>
    <message>
        <source>No text is selected.</source>
        <translation>没有选中文字。</translation>
    </message>
    <message>
        <source>Select some, or take what was copied: “{text}”</source>
        <translation>请选中一段文字，或使用已复制的文字：“{text}”</translation>
    </message>
    <message>
        <source>Take the copied text</source>
        <translation>使用已复制的文字</translation>
    </message>
    <message>
        <source>Only the beginning</source>
        <translation>只用开头</translation>
    </message>
    <message>
        <source>Larger context (+{price})</source>
        <translation>加大上下文（+{price}）</translation>
    </message>
    <message>
        <source>Take its beginning, or give the model a context of {tokens} tokens.</source>
        <translation>可以只用开头，或给模型 {tokens} 个 词元的上下文。</translation>
    </message>
    <message>
        <source>Take its beginning: a larger context is more than model or memory allow.</source>
        <translation>请只用开头：更大的上下文超出了模型或内存的限度。</translation>
    </message>
    <message>
        <source>It takes {tokens} tokens; there is room for {room}.</source>
        <translation>它占 {tokens} 个词元，只放得下 {room} 个。</translation>
    </message>
    <message>
        <source>It takes about {tokens} tokens; there is room for {room}.</source>
        <translation>它约占 {tokens} 个词元，只放得下 {room} 个。</translation>
    </message>
    <message>
        <source>This text is too long for the model.</source>
        <translation>这段文字对模型来说太长。</translation>
    </message>
    <message>
        <source>Shorten it, or give the model a context of {tokens} tokens: {price} more memory.</source>
        <translation>请缩短问题，或把模型的上下文加大到 {tokens} 个词元，需多占 {price} 内存。</translation>
    </message>
    <message>
        <source>This question is too long for the model.</source>
        <translation>这个问题对模型来说太长了。</translation>
    </message>
</context>
<context>
    <name>QuickAsk</name>
    <message>
        <source>Ask Catnap</source>
        <translation>问 Catnap</translation>
    </message>
    <message>
        <source>Ask anything…</source>
        <translation>问点什么…</translation>
    </message>
    <message>
        <source>Question</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Enter asks, Esc stops and closes</source>
        <translation>Enter 提问，Esc 停止并关闭</translation>
    </message>
    <message>
        <source>Catnap</source>
        <translation>Catnap</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>停止(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>复制(&amp;C)</translation>
    </message>
    <message>
        <source>Continue in c&amp;hat</source>
        <translation>到对话中继续(&amp;H)</translation>
    </message>
    <message>
        <source>Stops the answer; Esc also closes the box</source>
        <translation>停止回答；Esc 还会关闭此框</translation>
    </message>
    <message>
        <source>Ask about the text…</source>
        <translation>就这段文字提问…</translation>
    </message>
    <message>
        <source>Paste &amp;back</source>
        <translation>粘贴回去(&amp;B)</translation>
    </message>
    <message>
        <source>Puts the answer in place of the selected text, through the clipboard ({keys})</source>
        <translation>通过剪贴板，用回答替换选中的文字（{keys}）</translation>
    </message>
    <message>
        <source>Question, answered by {host}</source>
        <translation>问题，由 {host} 回答</translation>
    </message>
</context>
<context>
    <name>QuickBoxDocuments</name>
    <message>
        <source>A long text was pasted: {amount}.</source>
        <translation>粘贴了一段长文字：{amount}。</translation>
    </message>
    <message>
        <source>Ask about it in the &amp;window</source>
        <translation>在窗口中提问(&amp;W)</translation>
    </message>
</context>
<context>
    <name>QuickPresenter</name>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>The chat is being answered first; your question comes next.</source>
        <translation>先回答对话里的问题，接着就回答您的问题。</translation>
    </message>
    <message>
        <source>Ask the &amp;model anyway</source>
        <translation>仍然询问模型(&amp;M)</translation>
    </message>
    <message>
        <source>Calculated</source>
        <translation>计算所得</translation>
    </message>
    <message>
        <source>It began to repeat itself and was stopped</source>
        <translation>回答开始重复，已停止</translation>
    </message>
    <message>
        <source>This computer answers instead.</source>
        <translation>改由这台电脑回答。</translation>
    </message>
    <message>
        <source>Answer on this computer</source>
        <translation>由这台电脑回答</translation>
    </message>
</context>
<context>
    <name>RarelyUsed</name>
    <message>
        <source>Copy the command</source>
        <translation>复制命令</translation>
    </message>
</context>
<context>
    <name>ReadAloud</name>
    <message>
        <source>This is how your answers are read to you.</source>
        <translation>您的回答会这样读给您听。</translation>
    </message>
</context>
<context>
    <name>Readiness</name>
    <message>
        <source>Smaller model…</source>
        <translation>换更小的模型…</translation>
    </message>
    <message>
        <source>Load anyway</source>
        <translation>仍然载入</translation>
    </message>
    <message>
        <source>{model} does not fit into the memory that is free now.</source>
        <translation>目前的可用内存装不下 {model}。</translation>
    </message>
    <message>
        <source>It takes {needed}, {free} can be had.</source>
        <translation>它需要 {needed}，目前可用 {free}。</translation>
    </message>
    <message>
        <source>Close other programs, or choose a way out; your question is kept.</source>
        <translation>请关闭其他程序，或选择一种办法；您的问题已保留。</translation>
    </message>
    <message>
        <source>Shorter context ({tokens} tokens)</source>
        <translation>缩短上下文（{tokens} 个词元）</translation>
    </message>
    <message>
        <source>8-bit conversation memory</source>
        <translation>8 位对话记忆</translation>
    </message>
</context>
<context>
    <name>RowsPage</name>
    <message>
        <source>Save as &amp;CSV…</source>
        <translation>另存为 CSV(&amp;C)…</translation>
    </message>
    <message>
        <source>Copy as &amp;Markdown</source>
        <translation>复制为 Markdown(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;New table…</source>
        <translation>新建表格(&amp;N)…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>&amp;Delete this table</source>
        <translation>删除此表格(&amp;D)</translation>
    </message>
    <message>
        <source>Document</source>
        <translation>文档</translation>
    </message>
    <message>
        <source>Remark</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Waiting while you use Catnap</source>
        <translation>您正在使用 Catnap，稍后自动继续</translation>
    </message>
    <message>
        <source>Waiting until there is more free memory</source>
        <translation>等待有更多可用内存</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>{value} (?)</source>
        <translation>{value} (?)</translation>
    </message>
    <message>
        <source>The document does not say this.</source>
        <translation>文档中没有这个内容。</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>暂停(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Go on</source>
        <translation>继续(&amp;G)</translation>
    </message>
    <message>
        <source>Try a&amp;gain what failed</source>
        <translation>重试失败的文档(&amp;G)</translation>
    </message>
    <message>
        <source>{count} documents</source>
        <translation>{count} 个文档</translation>
    </message>
    <message>
        <source>One document</source>
        <translation>1 个文档</translation>
    </message>
    <message>
        <source>{count} could not be filled in</source>
        <translation>{count} 个无法填写</translation>
    </message>
    <message>
        <source>{count} values that the documents do not say: (?)</source>
        <translation>{count} 个值在文档中找不到：(?)</translation>
    </message>
    <message>
        <source>Progress of the table</source>
        <translation>表格的进度</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>表格</translation>
    </message>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>Close this window (Esc); the table goes on</source>
        <translation>关闭此窗口 (Esc)；表格会继续制作</translation>
    </message>
</context>
<context>
    <name>ScopeChooser</name>
    <message>
        <source>all, or for example 1-3, 7</source>
        <translation>全部，或例如 1-3, 7</translation>
    </message>
    <message>
        <source>Nothing is chosen. Check what you want to ask about.</source>
        <translation>尚未选择任何内容。请勾选要提问的部分。</translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Search the settings</source>
        <translation>搜索设置</translation>
    </message>
    <message>
        <source>Search the settings (Ctrl+F)</source>
        <translation>搜索设置（Ctrl+F）</translation>
    </message>
</context>
<context>
    <name>Sections</name>
    <message>
        <source>Pinned</source>
        <translation>置顶</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>昨天</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>最近 7 天</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>最近 30 天</translation>
    </message>
    <message>
        <source>MMMM yyyy</source>
        <translation>yyyy年M月</translation>
    </message>
</context>
<context>
    <name>ServedEditor</name>
    <message>
        <source>This computer</source>
        <translation>这台电脑</translation>
    </message>
    <message>
        <source>Servers…</source>
        <translation>服务器…</translation>
    </message>
    <message>
        <source>{server} (no longer listed)</source>
        <translation>{server}（已不在列表中）</translation>
    </message>
</context>
<context>
    <name>ServedModels</name>
    <message>
        <source>Usual model of {server}</source>
        <translation>{server} 的常用模型</translation>
    </message>
</context>
<context>
    <name>ServerConsent</name>
    <message>
        <source>It is not encrypted: others on the way can read along.</source>
        <translation>传输未加密：途中的其他人可以看到内容。</translation>
    </message>
    <message>
        <source>That is the conversation so far, and the documents that it is about.</source>
        <translation>包括到目前为止的对话，以及它所涉及的文档。</translation>
    </message>
    <message>
        <source>What you write here leaves this computer and goes to {host}.</source>
        <translation>您在这里写的内容会离开这台电脑，发往 {host}。</translation>
    </message>
    <message>
        <source>This is asked once for {server}.</source>
        <translation>对 {server} 只询问这一次。</translation>
    </message>
    <message>
        <source>Send it there</source>
        <translation>发送过去</translation>
    </message>
    <message>
        <source>Do not send</source>
        <translation>不发送</translation>
    </message>
    <message>
        <source>The server that answers in this conversation is no longer listed: {server}.</source>
        <translation>在这个对话中回答的服务器已不在列表中：{server}。</translation>
    </message>
    <message>
        <source>Your question is kept. Add it again under this name, or choose another model.</source>
        <translation>您的问题已保留。请用这个名称重新添加服务器，或选择其他模型。</translation>
    </message>
    <message>
        <source>Servers…</source>
        <translation>服务器…</translation>
    </message>
    <message>
        <source>That is the question, and with a quick action the text that is selected.</source>
        <translation>也就是您的问题；使用快捷操作时还包括选中的文字。</translation>
    </message>
    <message>
        <source>Answer on this computer</source>
        <translation>由这台电脑回答</translation>
    </message>
    <message>
        <source>The server that answers the quick ask is no longer listed: {server}.</source>
        <translation>回答快速提问的服务器已不在列表中：{server}。</translation>
    </message>
</context>
<context>
    <name>ServerForm</name>
    <message>
        <source>office</source>
        <translation>办公室</translation>
    </message>
    <message>
        <source>the only one it has</source>
        <translation>它唯一的那个</translation>
    </message>
    <message>
        <source>Choose</source>
        <translation>选择</translation>
    </message>
    <message>
        <source>The models that it had when it was tried last</source>
        <translation>上次测试时它拥有的模型</translation>
    </message>
    <message>
        <source>Ask it through this system&apos;s &amp;proxy, although it is near</source>
        <translation>虽在本地网络，仍通过系统代理访问(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Words may go there</source>
        <translation>允许把内容发到那里(&amp;W)</translation>
    </message>
    <message>
        <source>Else it is asked before the first question is sent</source>
        <translation>否则会在发送第一个问题之前询问</translation>
    </message>
    <message>
        <source>Only if the server wants one. It is kept in this system&apos;s keyring.</source>
        <translation>仅在服务器要求时填写。会保存在系统密钥环中。</translation>
    </message>
    <message>
        <source>Conversations know it by this name</source>
        <translation>对话用这个名称来识别它</translation>
    </message>
    <message>
        <source>kept; write another one to replace it</source>
        <translation>已保存；写入新的即可替换</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>名称(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Address</source>
        <translation>地址(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Key</source>
        <translation>密钥(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
</context>
<context>
    <name>ServersDialog</name>
    <message>
        <source>Servers</source>
        <translation>服务器</translation>
    </message>
    <message>
        <source>N&amp;ew</source>
        <translation>新建(&amp;E)</translation>
    </message>
    <message>
        <source>Write another server down</source>
        <translation>填写另一个服务器</translation>
    </message>
    <message>
        <source>&amp;Look in this network</source>
        <translation>在本网络中查找(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation>保存(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Test</source>
        <translation>测试(&amp;T)</translation>
    </message>
    <message>
        <source>Finds out who answers, how fast, and which models there are; says hello to one</source>
        <translation>查明由谁回答、速度如何、有哪些模型；会向其中一个打招呼</translation>
    </message>
    <message>
        <source>&amp;Forget key</source>
        <translation>删除密钥(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>移除(&amp;R)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Listens, once, for computers of this network that offer models; with an address written above, asks that computer</source>
        <translation>听一次本网络中有哪些电脑提供模型；若上面写了地址，则只询问那台电脑</translation>
    </message>
    <message>
        <source>A model on another computer: vLLM, llama.cpp&apos;s server, Ollama, LM Studio, or your company&apos;s. It is chosen above a conversation, or here for all new ones; what you write there leaves this computer.</source>
        <translation>另一台电脑上的模型：vLLM、llama.cpp 的服务器、Ollama、LM Studio，或公司的服务器。可在对话上方选用，也可在这里设为所有新对话的默认；您在那里写的内容会离开这台电脑。</translation>
    </message>
    <message>
        <source>Use for</source>
        <translation>用于</translation>
    </message>
    <message>
        <source>What this server answers unless something else is chosen</source>
        <translation>未另行选择时，由这台服务器回答的内容</translation>
    </message>
    <message>
        <source>New conversations</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>The quick ask and quick actions</source>
        <translation>快速提问和快捷操作</translation>
    </message>
    <message>
        <source>Used for: {uses}</source>
        <translation>用于：{uses}</translation>
    </message>
</context>
<context>
    <name>ServersPresenter</name>
    <message>
        <source>None is kept. It would go into this system&apos;s keyring.</source>
        <translation>没有保存密钥。填写后会存入系统密钥环。</translation>
    </message>
    <message>
        <source>Kept in a file that only you can read: this system has no keyring that would keep it.</source>
        <translation>保存在只有您能读取的文件中：这个系统没有可用的密钥环。</translation>
    </message>
    <message>
        <source>Kept in this system&apos;s keyring.</source>
        <translation>保存在系统密钥环中。</translation>
    </message>
    <message>
        <source>It is not encrypted on its way.</source>
        <translation>传输途中未加密。</translation>
    </message>
    <message>
        <source>Saving…</source>
        <translation>正在保存…</translation>
    </message>
    <message>
        <source>Asking {host}…</source>
        <translation>正在询问 {host}…</translation>
    </message>
    <message>
        <source>{program} answers after {seconds} s</source>
        <translation>{program} 在 {seconds} 秒后有回应</translation>
    </message>
    <message>
        <source>It answers after {seconds} s</source>
        <translation>{seconds} 秒后有回应</translation>
    </message>
    <message>
        <source>One model: {name}</source>
        <translation>一个模型：{name}</translation>
    </message>
    <message>
        <source>context of {tokens} tokens</source>
        <translation>上下文 {tokens} 个词元</translation>
    </message>
    <message>
        <source>{count} models</source>
        <translation>{count} 个模型</translation>
    </message>
    <message>
        <source>{model}: first word after {seconds} s</source>
        <translation>{model}：{seconds} 秒后出现第一个词</translation>
    </message>
    <message>
        <source>{speed} tokens/s</source>
        <translation>{speed} 词元/秒</translation>
    </message>
    <message>
        <source>Removing…</source>
        <translation>正在移除…</translation>
    </message>
    <message>
        <source>“{name}” is removed, with its key.</source>
        <translation>“{name}”及其密钥已移除。</translation>
    </message>
    <message>
        <source>“{name}” is removed.</source>
        <translation>“{name}”已移除。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Looking for servers in this network…</source>
        <translation>正在本网络中查找服务器…</translation>
    </message>
    <message>
        <source>Found in this network; anybody in it can offer such a server:</source>
        <translation>在本网络中找到（网络中任何人都可以提供这样的服务器）：</translation>
    </message>
    <message>
        <source>No other server was found. Few announce themselves: write the address of the computer.</source>
        <translation>没有找到其他服务器。很少有服务器会主动公布自己：请写入那台电脑的地址。</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>Automatic ({threads})</source>
        <translation>自动 ({threads})</translation>
    </message>
    <message>
        <source>If switched on: {cost}</source>
        <translation>开启后：{cost}</translation>
    </message>
    <message>
        <source>Nothing on this page differs from its default.</source>
        <translation>本页设置都是默认值。</translation>
    </message>
    <message>
        <source>Restored: {names}.</source>
        <translation>已恢复：{names}。</translation>
    </message>
    <message>
        <source>&amp;Restore defaults</source>
        <translation>恢复默认(&amp;R)</translation>
    </message>
    <message>
        <source>Puts this page back as it came; models and folders stay</source>
        <translation>把本页恢复原样；模型和文件夹不变</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Close this window (Esc)</source>
        <translation>关闭此窗口 (Esc)</translation>
    </message>
    <message>
        <source>Automatic ({tokens} tokens)</source>
        <translation>自动（{tokens} 个词元）</translation>
    </message>
    <message>
        <source>Try</source>
        <translation>试听</translation>
    </message>
    <message>
        <source>Hear how answers are read; press again to stop</source>
        <translation>听听朗读的效果；再按一次停止</translation>
    </message>
    <message>
        <source>What you write there leaves this computer and goes to {host}.</source>
        <translation>您在那里写的内容会离开这台电脑，发往 {host}。</translation>
    </message>
    <message>
        <source>No setting has these words.</source>
        <translation>没有包含这些词的设置。</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>&amp;More options</source>
        <translation>更多选项(&amp;M)</translation>
    </message>
</context>
<context>
    <name>SetupPage</name>
    <message>
        <source>Choose &amp;folder…</source>
        <translation>选择文件夹(&amp;F)…</translation>
    </message>
    <message>
        <source>Choose fi&amp;les…</source>
        <translation>选择文件(&amp;L)…</translation>
    </message>
    <message>
        <source>Libraries</source>
        <translation>资料库</translation>
    </message>
    <message>
        <source>Folders &amp;within it, too</source>
        <translation>包括其中的文件夹(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Start</source>
        <translation>开始(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Back to the table</source>
        <translation>返回表格(&amp;B)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Choose a library</source>
        <translation>选择资料库</translation>
    </message>
    <message>
        <source>Looking for documents…</source>
        <translation>正在查找文档…</translation>
    </message>
    <message>
        <source>{count} files</source>
        <translation>{count} 个文件</translation>
    </message>
    <message>
        <source>Nothing is chosen yet.</source>
        <translation>尚未选择。</translation>
    </message>
    <message>
        <source>The model looks for these fields in each document, and makes a row of what it finds. Your own questions always come first.</source>
        <translation>模型在每个文档中查找这些字段，并把找到的内容写成一行。您自己的问题总是优先。</translation>
    </message>
    <message>
        <source>Documents</source>
        <translation>文档</translation>
    </message>
    <message>
        <source>Close this window (Esc)</source>
        <translation>关闭此窗口 (Esc)</translation>
    </message>
</context>
<context>
    <name>SeveralDialog</name>
    <message>
        <source>Tidy up conversations</source>
        <translation>整理对话</translation>
    </message>
    <message>
        <source>Choose several with Ctrl or Shift and a click, or all with Ctrl+A.</source>
        <translation>按住 Ctrl 或 Shift 单击可选多个，按 Ctrl+A 全选。</translation>
    </message>
    <message>
        <source>Only titles with these words</source>
        <translation>只显示标题中有这些词的对话</translation>
    </message>
    <message>
        <source>Conversations to choose from</source>
        <translation>可选的对话</translation>
    </message>
    <message>
        <source>&amp;Move to folder…</source>
        <translation>移到文件夹(&amp;M)…</translation>
    </message>
    <message>
        <source>&amp;Delete</source>
        <translation>删除(&amp;D)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>没有找到</translation>
    </message>
    <message>
        <source>No conversations</source>
        <translation>没有对话</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>{count} of {total} chosen</source>
        <translation>已选 {count} 个，共 {total} 个</translation>
    </message>
    <message>
        <source>&amp;Back from the archive</source>
        <translation>移出归档(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Archive</source>
        <translation>归档(&amp;A)</translation>
    </message>
    <message>
        <source>No folder</source>
        <translation>不放入文件夹</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>新建文件夹…</translation>
    </message>
</context>
<context>
    <name>ShapeDialog</name>
    <message>
        <source>Answer as a table or a form</source>
        <translation>以表格或表单回答</translation>
    </message>
    <message>
        <source>Show the answer as</source>
        <translation>回答显示为</translation>
    </message>
    <message>
        <source>a table of several rows</source>
        <translation>多行表格</translation>
    </message>
    <message>
        <source>a filled form</source>
        <translation>填好的表单</translation>
    </message>
    <message>
        <source>JSON</source>
        <translation>JSON</translation>
    </message>
    <message>
        <source>&amp;Use for the next answer</source>
        <translation>用于下一个回答(&amp;U)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Close this window (Esc)</source>
        <translation>关闭此窗口 (Esc)</translation>
    </message>
    <message>
        <source>The model fills in these fields with its next answer, and only with that one.</source>
        <translation>模型只在下一个回答中填写这些字段。</translation>
    </message>
    <message>
        <source>&amp;Show the answer as</source>
        <translation>回答显示为(&amp;S)</translation>
    </message>
</context>
<context>
    <name>ShapePresenter</name>
    <message>
        <source>The next answer comes as a table: {name}</source>
        <translation>下一个回答将以表格显示：{name}</translation>
    </message>
    <message>
        <source>The next answer comes as a form: {name}</source>
        <translation>下一个回答将以表单显示：{name}</translation>
    </message>
    <message>
        <source>The next answer comes as JSON: {name}</source>
        <translation>下一个回答将以 JSON 显示：{name}</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>更改…</translation>
    </message>
    <message>
        <source>As usual</source>
        <translation>照常回答</translation>
    </message>
    <message>
        <source>Save as CSV…</source>
        <translation>另存为 CSV…</translation>
    </message>
    <message>
        <source>Copy JSON</source>
        <translation>复制 JSON</translation>
    </message>
    <message>
        <source>The answer fits the form. Whether it is true, only you can tell.</source>
        <translation>回答符合表单。内容是否属实，请您自行判断。</translation>
    </message>
    <message>
        <source>Save as CSV</source>
        <translation>另存为 CSV</translation>
    </message>
    <message>
        <source>Table for a spreadsheet</source>
        <translation>电子表格用的表格</translation>
    </message>
    <message>
        <source>The table was saved.</source>
        <translation>表格已保存。</translation>
    </message>
</context>
<context>
    <name>Shelf</name>
    <message>
        <source>All conversations</source>
        <translation>全部对话</translation>
    </message>
    <message>
        <source>Which conversations are listed</source>
        <translation>列出哪些对话</translation>
    </message>
    <message>
        <source>All conversations, those of a folder, or the archive</source>
        <translation>全部对话、某个文件夹或归档</translation>
    </message>
    <message>
        <source>Rename or dissolve the folder</source>
        <translation>重命名或解散此文件夹</translation>
    </message>
    <message>
        <source>Archive</source>
        <translation>归档</translation>
    </message>
    <message>
        <source>&amp;Rename folder…</source>
        <translation>重命名文件夹(&amp;R)…</translation>
    </message>
    <message>
        <source>&amp;Dissolve folder</source>
        <translation>解散文件夹(&amp;D)</translation>
    </message>
</context>
<context>
    <name>Shell</name>
    <message>
        <source>{model} is ready.</source>
        <translation>{model} 已准备就绪。</translation>
    </message>
</context>
<context>
    <name>Slowness</name>
    <message>
        <source>The computer is short of memory</source>
        <translation>电脑内存不足</translation>
    </message>
    <message>
        <source>Parts of the model are read from the disk again and again. Close what you do not need, or take a smaller model.</source>
        <translation>模型的一部分要反复从磁盘读取。请关闭不用的程序，或换用更小的模型。</translation>
    </message>
    <message>
        <source>The model hardly fits into the memory</source>
        <translation>模型勉强装进内存</translation>
    </message>
    <message>
        <source>It takes about {0}, and about {1} can be had. Close what you do not need, choose a smaller context, or take a smaller model.</source>
        <translation>它约需 {0}，而可用的约有 {1}。请关闭不用的程序，选择较小的上下文，或换用更小的模型。</translation>
    </message>
    <message>
        <source>Other programs are busy</source>
        <translation>其他程序正忙</translation>
    </message>
    <message>
        <source>To spare it, half of the processor cores answer at the most. Plugged in, it is faster by itself.</source>
        <translation>为了省电，最多用一半核心来回答。接上电源后会自动变快。</translation>
    </message>
    <message>
        <source>Only {0} of {1} processor cores answer</source>
        <translation>{1} 个处理器核心中只有 {0} 个在回答</translation>
    </message>
    <message>
        <source>The settings say so. By itself Catnap finds the quickest number while it answers.</source>
        <translation>这是设置中规定的。若设为自动，Catnap 会在回答时找出最快的线程数。</translation>
    </message>
    <message>
        <source>More threads than the processor has cores</source>
        <translation>线程数超过处理器核心数</translation>
    </message>
    <message>
        <source>The settings say {0} threads, for {1} cores: they get into each other&apos;s way. By itself Catnap finds the quickest number.</source>
        <translation>设置为 {0} 个线程，而核心只有 {1} 个，线程会互相妨碍。若设为自动，Catnap 会找出最快的线程数。</translation>
    </message>
    <message>
        <source>The model thinks before it answers</source>
        <translation>模型回答前先思考</translation>
    </message>
    <message>
        <source>That makes it better at puzzles, and several times slower.</source>
        <translation>这样更擅长解题，但要慢好几倍。</translation>
    </message>
    <message>
        <source>Conversations are read anew after each rest</source>
        <translation>每次休息后都要重读对话</translation>
    </message>
    <message>
        <source>Where they stopped is not kept, or hardly any room is left for it, so that a long conversation takes a long time to wake.</source>
        <translation>没有保留对话停在哪里，或留给它的空间太小，所以长对话醒来要很久。</translation>
    </message>
    <message>
        <source>The model sleeps after {0} minutes already</source>
        <translation>模型 {0} 分钟后就睡着</translation>
    </message>
    <message>
        <source>Then it has to be loaded anew for the next question. Dozing takes little memory, and wakes at once.</source>
        <translation>这样下一个问题又要重新载入模型。打盹只占很少内存，而且立刻就能醒来。</translation>
    </message>
    <message>
        <source>The model lies on a drive that may be pulled out</source>
        <translation>模型放在可移动的磁盘上</translation>
    </message>
    <message>
        <source>From {0} it is read as a whole, which takes longer and more memory. Keep models on the computer&apos;s own disk.</source>
        <translation>位于 {0} 的模型要整个读入，更慢，也更占内存。请把模型放在电脑自己的磁盘上。</translation>
    </message>
    <message>
        <source>“Faster answers” is switched off</source>
        <translation>“回答更快”没有打开</translation>
    </message>
    <message>
        <source>With this model on this processor it was measured to pay. It takes more memory, and waking takes longer.</source>
        <translation>实测这个模型在这台处理器上打开后更快，但会多占内存，醒来也更久。</translation>
    </message>
    <message>
        <source>The model is large for this computer</source>
        <translation>对这台电脑来说模型偏大</translation>
    </message>
    <message>
        <source>For each word all of {0} is read. {1} is smaller, and answers at reading speed here.</source>
        <translation>每写一个词都要读一遍整个 {0}。{1} 更小，在这台电脑上能跟上阅读的速度。</translation>
    </message>
    <message>
        <source>The processor is of an old kind</source>
        <translation>处理器型号较老</translation>
    </message>
    <message>
        <source>It lacks the instructions (AVX2) that models are computed with since 2013. A small model suits it best.</source>
        <translation>它缺少 2013 年以来模型计算所用的指令（AVX2），最适合小模型。</translation>
    </message>
    <message>
        <source>They take {0}% of the processor just now, and Catnap lets them go first.</source>
        <translation>它们此刻占用处理器的 {0}%，而 Catnap 总让它们先用。</translation>
    </message>
    <message>
        <source>The computer runs on its battery ({0}%)</source>
        <translation>电脑正在使用电池（{0}%）</translation>
    </message>
</context>
<context>
    <name>SlownessDialog</name>
    <message>
        <source>Why is it slow?</source>
        <translation>为什么慢？</translation>
    </message>
    <message>
        <source>Looking at the computer for a moment…</source>
        <translation>正在查看电脑的状况…</translation>
    </message>
    <message>
        <source>Nothing out of the ordinary slows Catnap down. How fast it is depends on the size of the model: the smaller, the faster. The first words after a rest always take a moment.</source>
        <translation>没有发现异常。速度取决于模型的大小，越小越快。休息之后的第一个字总要等一会儿。</translation>
    </message>
    <message>
        <source>&amp;Models…</source>
        <translation>模型(&amp;M)…</translation>
    </message>
    <message>
        <source>The last answer came at {speed} tokens a second; its first word after {seconds} s, {waking} s of them for waking.</source>
        <translation>上一个回答每秒 {speed} 个词元；首字等待 {seconds} 秒，其中醒来用了 {waking} 秒。</translation>
    </message>
    <message>
        <source>The last answer came at {speed} tokens a second; its first word after {seconds} s.</source>
        <translation>上一个回答每秒 {speed} 个词元；首字等待 {seconds} 秒。</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>设置(&amp;S)…</translation>
    </message>
    <message>
        <source>Switch it on</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Use all cores on battery</source>
        <translation>用电池时也用全部核心</translation>
    </message>
    <message>
        <source>Switch it off</source>
        <translation>关掉</translation>
    </message>
    <message>
        <source>Let Catnap choose</source>
        <translation>由 Catnap 选择</translation>
    </message>
    <message>
        <source>Let it sleep after {minutes} minutes</source>
        <translation>改为 {minutes} 分钟后睡着</translation>
    </message>
</context>
<context>
    <name>StatusBar</name>
    <message>
        <source>State: {state}</source>
        <translation>状态：{state}</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>{model} (not downloaded)</source>
        <translation>{model}（未下载）</translation>
    </message>
    <message>
        <source>Models (Ctrl+M)</source>
        <translation>模型 (Ctrl+M)</translation>
    </message>
    <message>
        <source>Model: {model}</source>
        <translation>模型：{model}</translation>
    </message>
    <message>
        <source>Catnap {rss} ({own} its own) · computer {free} of {total} free</source>
        <translation>Catnap {rss}（自身 {own}）· 电脑可用 {free}/{total}</translation>
    </message>
    <message>
        <source>Catnap {rss} · computer {free} free</source>
        <translation>Catnap {rss} · 电脑可用 {free}</translation>
    </message>
    <message>
        <source>Catnap {rss}</source>
        <translation>Catnap {rss}</translation>
    </message>
    <message>
        <source>Catnap: {rss} resident, {anonymous} of it anonymous, which the system cannot take back:
{app} for windows and conversations, {engine} in the engine&apos;s process;
the rest is the mapped model file, which it can.
Computer: {available} of {total} available.</source>
        <translation>Catnap：常驻 {rss}，其中 {anonymous} 为匿名内存，系统无法收回：
窗口和对话占 {app}，引擎进程占 {engine}；
其余是映射的模型文件，系统可以收回。
电脑：共 {total}，可用 {available}。</translation>
    </message>
    <message>
        <source>Catnap: {rss} resident, {anonymous} of it anonymous, which the system cannot take back.
The engine&apos;s process is not running.
Computer: {available} of {total} available.</source>
        <translation>Catnap：常驻 {rss}，其中 {anonymous} 为匿名内存，系统无法收回。
引擎进程没有运行。
电脑：共 {total}，可用 {available}。</translation>
    </message>
</context>
<context>
    <name>StudentDialog</name>
    <message>
        <source>A smaller model of this one</source>
        <translation>由此模型制作更小的模型</translation>
    </message>
    <message>
        <source>Make it &amp;without training, only to see how it goes</source>
        <translation>不经训练就制作，只看看过程(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>停止(&amp;S)</translation>
    </message>
    <message>
        <source>Show the re&amp;port</source>
        <translation>查看报告(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Look again</source>
        <translation>重新检查(&amp;L)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Catnap can make a smaller and quicker model of this one: some of its layers are left out, and what is left learns from this model&apos;s answers. It is done while the computer is plugged in and you do not use Catnap; a question of yours stops it at once. You can quit Catnap meanwhile: it goes on later.</source>
        <translation>Catnap 可以由此模型制作一个更小、更快的模型：去掉其中一些层，剩下的部分再从此模型的回答中学习。只有电脑接通电源且您没有使用 Catnap 时才会进行；您一提问，它就立即停下。期间可以退出 Catnap，之后会接着做。</translation>
    </message>
    <message>
        <source>The smaller one is always worse than the one that it is made of: it knows less and muddles more. At the end it is tried on texts that it has not seen, and the window says how much worse, and whether plain shrinking would have done better.</source>
        <translation>较小的模型总是比原来的差：知道得更少，出错更多。最后会用它没见过的文本来检验，窗口会说明差多少，以及直接压缩是否反而更好。</translation>
    </message>
    <message>
        <source>Looking at this computer…</source>
        <translation>正在查看这台电脑…</translation>
    </message>
    <message>
        <source>&amp;Begin</source>
        <translation>开始(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Use it</source>
        <translation>使用它(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Continue</source>
        <translation>继续(&amp;C)</translation>
    </message>
    <message>
        <source>Remove all that was done?</source>
        <translation>删除已做的一切？</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>删除(&amp;R)</translation>
    </message>
    <message>
        <source>Four bits, and eight where four lose most</source>
        <translation>四位，损失最大的部分用八位</translation>
    </message>
    <message>
        <source>Four bits nearly everywhere: a tenth smaller, and further from its teacher</source>
        <translation>几乎全部用四位：小十分之一，离原模型也更远</translation>
    </message>
    <message>
        <source>A model with layers left out that has not learnt afterwards hardly speaks: of ten words it chooses some four as its teacher would. It is good for a look at the way, and not for use.</source>
        <translation>去掉一些层而没有再学习的模型几乎不会说话：十个词里大约只有四个与原模型的选择相同。只适合看看过程，不能实际使用。</translation>
    </message>
    <message>
        <source>Progress of the smaller model</source>
        <translation>较小模型的进度</translation>
    </message>
    <message>
        <source>Close this window (Esc); the smaller model is gone on with</source>
        <translation>关闭此窗口 (Esc)；较小的模型会继续制作</translation>
    </message>
    <message>
        <source>It goes on by itself while this computer is plugged in and you do not use Catnap. You can close this window, and quit Catnap: nothing is lost.</source>
        <translation>只要这台电脑接通电源且您没有使用 Catnap，它就会自行继续。可以关闭此窗口，也可以退出 Catnap：什么都不会丢失。</translation>
    </message>
    <message>
        <source>How long it lear&amp;ns</source>
        <translation>学习时间(&amp;N)</translation>
    </message>
    <message>
        <source>Faster answers</source>
        <translation>回答更快</translation>
    </message>
    <message>
        <source>The smallest file</source>
        <translation>文件最小</translation>
    </message>
    <message>
        <source>An hour, to see how it goes</source>
        <translation>一小时，先看看效果</translation>
    </message>
    <message>
        <source>A night, five hours: the better one</source>
        <translation>一夜（五小时），效果更好</translation>
    </message>
    <message>
        <source>How s&amp;mall</source>
        <translation>多小(&amp;M)</translation>
    </message>
    <message>
        <source>What &amp;for</source>
        <translation>用途(&amp;F)</translation>
    </message>
    <message>
        <source>Cop&amp;y the lines</source>
        <translation>复制这两行(&amp;Y)</translation>
    </message>
    <message>
        <source>I h&amp;ave PyTorch…</source>
        <translation>我已有 PyTorch(&amp;A)…</translation>
    </message>
    <message>
        <source>Putting it among the models…</source>
        <translation>正在放入模型列表…</translation>
    </message>
</context>
<context>
    <name>Students</name>
    <message>
        <source>It takes {least} to {most} of computing on this computer, {disk} on the disk meanwhile, and up to {memory} of memory.</source>
        <translation>在这台电脑上需要计算 {least} 至 {most}，期间占用磁盘 {disk}，内存最多 {memory}。</translation>
    </message>
    <message>
        <source>It takes about {most} of computing on this computer, {disk} on the disk meanwhile, and up to {memory} of memory.</source>
        <translation>在这台电脑上大约需要计算 {most}，期间占用磁盘 {disk}，内存最多 {memory}。</translation>
    </message>
    <message>
        <source>{layers} of {all} layers, as small as can be</source>
        <translation>保留 {all} 层中的 {layers} 层，文件最小</translation>
    </message>
    <message>
        <source>{layers} of {all} layers, for faster answers</source>
        <translation>保留 {all} 层中的 {layers} 层，回答更快</translation>
    </message>
    <message>
        <source>collecting the model&apos;s answers</source>
        <translation>收集模型的回答</translation>
    </message>
    <message>
        <source>finding the layers that can go</source>
        <translation>寻找可以去掉的层</translation>
    </message>
    <message>
        <source>learning</source>
        <translation>学习</translation>
    </message>
    <message>
        <source>writing the file</source>
        <translation>写入文件</translation>
    </message>
    <message>
        <source>leaving out rare words</source>
        <translation>去掉罕见的词</translation>
    </message>
    <message>
        <source>checking what it can do</source>
        <translation>检验它的能力</translation>
    </message>
    <message>
        <source>putting it in its place</source>
        <translation>放到位</translation>
    </message>
    <message>
        <source>Waiting while you use Catnap</source>
        <translation>您正在使用 Catnap，稍后自动继续</translation>
    </message>
    <message>
        <source>Waiting until this computer is plugged in</source>
        <translation>等待这台电脑接通电源</translation>
    </message>
    <message>
        <source>Waiting until there is more free memory</source>
        <translation>等待有更多可用内存</translation>
    </message>
    <message>
        <source>Waiting until the other smaller model is made</source>
        <translation>等待另一个较小的模型做完</translation>
    </message>
    <message>
        <source>Stopping; what is done is kept</source>
        <translation>正在停止；已完成的部分会保留</translation>
    </message>
    <message>
        <source>Beginning…</source>
        <translation>正在开始…</translation>
    </message>
    <message>
        <source>Step {number} of {count}: {what}</source>
        <translation>第 {number} 步，共 {count} 步：{what}</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done}/{total}</translation>
    </message>
    <message>
        <source>Smaller model: {what}</source>
        <translation>较小的模型：{what}</translation>
    </message>
    <message>
        <source>Making a smaller model</source>
        <translation>正在制作较小的模型</translation>
    </message>
    <message>
        <source>A third fewer layers: {layers} of {all}, about {size}</source>
        <translation>减少三分之一的层：保留 {all} 层中的 {layers} 层，约 {size}</translation>
    </message>
    <message>
        <source>A quarter fewer layers: {layers} of {all}, about {size}</source>
        <translation>减少四分之一的层：保留 {all} 层中的 {layers} 层，约 {size}</translation>
    </message>
    <message>
        <source>3 GB to download and 5 GB on the disk</source>
        <translation>下载 3 GB，占用磁盘 5 GB</translation>
    </message>
    <message>
        <source>some hundred megabytes</source>
        <translation>几百 MB</translation>
    </message>
    <message>
        <source>Learning takes PyTorch ({size}), which does not come with Catnap. Python 3.11 or newer installs it with the two lines below, in a terminal; then “Look again”. If you have PyTorch and NumPy already, say where.</source>
        <translation>学习需要 PyTorch（{size}），Catnap 不自带它。有 Python 3.11 或更高版本的话，在终端里输入下面两行即可安装，然后点“重新检查”。如果您已经有 PyTorch 和 NumPy，请指出在哪里。</translation>
    </message>
    <message>
        <source>Stopped; what is done is kept</source>
        <translation>已停止；已完成的部分会保留</translation>
    </message>
</context>
<context>
    <name>StudentsPresenter</name>
    <message>
        <source>Show</source>
        <translation>查看</translation>
    </message>
    <message>
        <source>The smaller model of {model} is made.</source>
        <translation>{model} 的较小模型已做好。</translation>
    </message>
    <message>
        <source>The folder of a Python environment that has PyTorch</source>
        <translation>装有 PyTorch 的 Python 环境所在的文件夹</translation>
    </message>
</context>
<context>
    <name>TableDialog</name>
    <message>
        <source>Table from documents</source>
        <translation>用文档制作的表格</translation>
    </message>
</context>
<context>
    <name>Tables</name>
    <message>
        <source>{number} of {total}, {name}</source>
        <translation>第 {number} 个，共 {total} 个：{name}</translation>
    </message>
    <message>
        <source>reading</source>
        <translation>正在读取</translation>
    </message>
    <message>
        <source>part {number} of {total}</source>
        <translation>第 {number} 部分，共 {total} 部分</translation>
    </message>
    <message>
        <source>Asked in {count} parts.</source>
        <translation>分 {count} 部分询问。</translation>
    </message>
</context>
<context>
    <name>TablesPresenter</name>
    <message>
        <source>Choose the documents first.</source>
        <translation>请先选择文档。</translation>
    </message>
    <message>
        <source>Choose a folder with documents</source>
        <translation>选择含有文档的文件夹</translation>
    </message>
    <message>
        <source>Choose documents</source>
        <translation>选择文档</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>The table was deleted.</source>
        <translation>表格已删除。</translation>
    </message>
    <message>
        <source>Save as CSV</source>
        <translation>另存为 CSV</translation>
    </message>
    <message>
        <source>Table for a spreadsheet</source>
        <translation>电子表格用的表格</translation>
    </message>
    <message>
        <source>The table was saved.</source>
        <translation>表格已保存。</translation>
    </message>
    <message>
        <source>The table is done: {name}</source>
        <translation>表格已完成：{name}</translation>
    </message>
    <message>
        <source>Show it</source>
        <translation>去看看</translation>
    </message>
</context>
<context>
    <name>TemperatureDialog</name>
    <message>
        <source>Imagination</source>
        <translation>想象力</translation>
    </message>
    <message>
        <source>temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>&amp;Imagination in this conversation</source>
        <translation>本对话的想象力(&amp;I)</translation>
    </message>
    <message>
        <source>&amp;Set</source>
        <translation>设定(&amp;S)</translation>
    </message>
    <message>
        <source>From 0, always the likeliest word, to 2. Small models make sense up to about 1.</source>
        <translation>0 总是选最可能的词，最大为 2。小模型大约到 1 为止还能说得通。</translation>
    </message>
</context>
<context>
    <name>TextBar</name>
    <message>
        <source>Leave this text out</source>
        <translation>不用这段文字</translation>
    </message>
    <message>
        <source>Start &amp;now</source>
        <translation>立即开始(&amp;N)</translation>
    </message>
    <message>
        <source>More actions</source>
        <translation>更多操作</translation>
    </message>
</context>
<context>
    <name>TranscriptView</name>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>Catnap: {state}</source>
        <translation>Catnap：{state}</translation>
    </message>
    <message>
        <source>asleep</source>
        <translation>睡着</translation>
    </message>
    <message>
        <source>waking</source>
        <translation>正在醒来</translation>
    </message>
    <message>
        <source>thinking</source>
        <translation>思考中</translation>
    </message>
    <message>
        <source>awake</source>
        <translation>醒着</translation>
    </message>
    <message>
        <source>dozing</source>
        <translation>打盹</translation>
    </message>
</context>
<context>
    <name>TrayMenu</name>
    <message>
        <source>Put the earlier clipboard back</source>
        <translation>恢复剪贴板原来的内容</translation>
    </message>
    <message>
        <source>Actions…</source>
        <translation>操作…</translation>
    </message>
    <message>
        <source>&amp;Ask…</source>
        <translation>提问(&amp;A)…</translation>
    </message>
    <message>
        <source>With the selected &amp;text</source>
        <translation>处理选中的文字(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Open Catnap</source>
        <translation>打开 Catnap(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Sleep now</source>
        <translation>让它睡着(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Models…</source>
        <translation>模型(&amp;M)…</translation>
    </message>
    <message>
        <source>S&amp;ettings…</source>
        <translation>设置(&amp;E)…</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
</context>
<context>
    <name>WaysOut</name>
    <message>
        <source>Another model…</source>
        <translation>换一个模型…</translation>
    </message>
    <message>
        <source>Smaller context…</source>
        <translation>缩小上下文…</translation>
    </message>
    <message>
        <source>Report…</source>
        <translation>报告问题…</translation>
    </message>
</context>
<context>
    <name>_TwoLines</name>
    <message>
        <source>Title of the conversation</source>
        <translation>对话标题</translation>
    </message>
</context>
</TS>
