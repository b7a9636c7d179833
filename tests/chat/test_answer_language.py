"""An answer in another language than its question: what is one, and what only looks like it."""

from __future__ import annotations

import time

import pytest

from desktop.chat.answer_language import OtherLanguage, language_asked, names_language, other_language, said_in
from desktop.personas.builtin import builtin_personas

ZH, EN = "zh", "en"
PARIS = "The capital of France is Paris. It is a large city on the river Seine."
PARIS_ZH = "法国的首都是巴黎，它是一座坐落在塞纳河畔的大城市。"
CODE = "```python\ndef is_even(number):\n    return number % 2 == 0\n```"

# (question, answer, language that it should have had, language that it has)
FAULTS = [
    ("法国的首都是哪里？", PARIS, ZH, EN),
    ("你好", "Hello! How can I help you today?", ZH, EN),
    ("你是谁", "I am an assistant that was trained by a company. What can I do for you?", ZH, EN),
    ("什么是光合作用？", "Photosynthesis is the process by which plants make food from light and water.", ZH, EN),
    ("法国的首都是哪里？", "The capital of 法国 is Paris, which is a city on the Seine.", ZH, EN),
    ("用 Python 写一个函数",
     f"Here is a function that tells whether a number is even:\n\n{CODE}\n\nIt can be called with a number.", ZH, EN),
    ("解释一下这段代码：\n" + CODE,
     "This function returns True if the number is even, and False if it is not.", ZH, EN),
    ("为什么天空是蓝色的？",
     "**Answer:** the sky is blue because of the way that light is scattered by the air.", ZH, EN),
    ("推荐一部电影",
     "I would recommend a film with a good story, such as one about a family that has to move.", ZH, EN),
    ("Windows 和 Linux 有什么区别？",
     "Windows is made by one company and is paid for, while Linux is free and open to all.", ZH, EN),
    ("編程語言有哪些？", "There are many of them: Python, Java and C are the ones that are used most.", ZH, EN),
    ("什么是大语言模型？", "A large language model is a program that has read a lot of text and can write.", ZH, EN),
    ("怎么学好编程",
     "1. Read the book that you like.\n2. Write a program with it.\n3. Ask for help when it is not clear.", ZH, EN),
    ("帮我写一封感谢信", "Dear friend, thank you for the help that you have given to me and my family.", ZH, EN),
    ("苹果", "An apple is a fruit that is sweet and can be eaten raw or cooked.", ZH, EN),
    ("天気はいい", "The weather is good and it is warm.", "", ""),
    ("法国的首都是哪里？", "La capitale de la France est Paris, qui est une ville dans le nord avec une tour.", ZH, ""),
    ("法国的首都是哪里？", "Столица Франции — Париж, большой город на реке Сена.", ZH, ""),
    ("法国的首都是哪里？", "フランスの首都はパリです。セーヌ川のほとりにある大きな街です。", ZH, ""),
    ("法国的首都是哪里？", "프랑스의 수도는 파리입니다. 센 강가에 있는 큰 도시입니다.", ZH, ""),
    ("What is the capital of France?", PARIS_ZH, EN, ZH),
    ("hello", "你好！有什么可以帮您的吗？", EN, ZH),
    ("Name three fruits", "三种水果是：苹果、香蕉和橙子。", EN, ZH),
    ("Why is the sky blue?", "天空之所以是蓝色的，是因为 Rayleigh 散射。", EN, ZH),
    ("Write a function that adds two numbers", f"下面是一个把两个数相加的函数：\n\n{CODE}\n\n可以直接调用它。", EN, ZH),
    ("How do I sort a list in Python?", "可以使用 `sorted` 函数，或者调用列表的 `sort` 方法。", EN, ZH),
    ("Tell me a story about a dragon.", "從前有一條龍住在山裡，牠很喜歡看書。", EN, ZH),
    ("Which programming language should I learn?", "建议先学习 Python，它简单易学，用途广泛。", EN, ZH),
    ("What is the capital of France?", "フランスの首都はパリです。", EN, ""),
    ("What is the capital of France?", "Столица Франции — Париж.", EN, ""),
    ("Explain recursion:\n```c\n// 递归\nint f(int n) { return n ? n * f(n - 1) : 1; }\n```",
     "递归是指函数调用自身的一种编程方法。", EN, ZH),
    ("what does this mean: https://例子.cn/路径", "这个网址指向一个中文网站的页面。", "", ""),
    ("Who are you?", "我是一个由人工智能驱动的助手，很高兴认识你。", EN, ZH),
    ("Summarise: the meeting is on Tuesday at six and the room is 12.", "会议在星期二六点，在十二号房间举行。", EN, ZH),
]  # fmt: skip
# (question, answer): no fault, or none that anybody could be sure of
FINE = [
    # in the language of the question
    ("法国的首都是哪里？", PARIS_ZH),
    ("What is the capital of France?", PARIS),
    ("用 Python 写一个函数", f"这是一个判断偶数的函数：\n\n{CODE}\n\nThe function returns `True` if it is even."),
    ("什么是 CPU？", "CPU（Central Processing Unit，中央处理器）是计算机的核心。"),
    ("有哪些编程语言", "Python、Java、JavaScript、C++、Go、Rust、Swift、Kotlin、Ruby、PHP 和 Perl。"),
    ("Name some Linux tools", "grep, sed, awk, find, xargs, sort, uniq, cut, tr, head, tail"),
    # a wish
    ("把“你好，世界”翻译成英文", "Hello, world. This is the translation that you have asked for."),
    ("翻译：今天天气很好", "The weather is very nice today, and it is warm."),
    ("请用英语介绍你自己", "I am an assistant and I can help you with a lot of things."),
    ("用英文写一封信给我的老师", "Dear teacher, I am writing to you about the lesson that was missed."),
    ("“谢谢”英文怎么说", "It is said as 'thank you' in that language, and it is polite."),
    ("我想练习英语口语", "That is great! What would you like to talk about with me today?"),
    ("Translate to Chinese: good morning", "早上好，祝你今天一切顺利。"),
    ("translate this into mandarin please", "请把这句话翻译成普通话。"),
    ("Answer in Chinese: what is the capital of France?", PARIS_ZH),
    ("How do you say thank you in Chinese?", "谢谢，或者更正式地说：非常感谢您。"),
    ("Let's talk in Mandarin. How are you?", "我很好，谢谢！你今天怎么样？"),
    ("What is the pinyin of this?", "这个词的拼音是这样写的，请看下面。"),
    ("写三个英语单词和它们的意思", "Apple is a fruit, a book is for reading, and the sun is a star."),
    ("Give me a bilingual summary", "这是一个总结，包含了主要的内容和观点。"),
    # a text in the other language that was handed over
    ("修改这句话：I has a pen and a apple", "I have a pen and an apple. That is the right way to write it."),
    ("总结一下：\nThe meeting is on Tuesday at six, and everybody is asked to bring a chair.",
     "The meeting is on Tuesday at six; you have to bring a chair."),
    ("What does 红楼梦 tell about?", "红楼梦讲述了贾宝玉与林黛玉的爱情故事。"),
    ("Fix this: 我昨天去商店了买东西", "我昨天去商店买东西了。这样说比较自然。"),
    ("continue: 从前有一座山", "从前有一座山，山里有一座庙，庙里有个老和尚。"),
    ("“to be or not to be”是谁说的", "It was said by Hamlet in the play of that name, and it is about life."),
    # names, code, formulas, quotations, addresses, figures
    ("法国的首都是哪里？", "Paris."),
    ("谁写了《哈姆雷特》？", "William Shakespeare"),
    ("推荐五部电影", "1. Gone with the Wind\n2. The Lord of the Rings\n3. The Shawshank Redemption\n4. Forrest Gump"),
    ("What is the capital of China?", "北京。"),
    ("Who was the first emperor of China?", "秦始皇"),
    ("写一个判断偶数的函数", CODE),
    ("写一个判断偶数的函数",
     "def is_even(number):\n    # this is true if it is even\n    return number % 2 == 0\nprint(is_even(4))"),
    ("怎么安装？", "pip install numpy\npython -m numpy"),
    ("求根公式是什么",
     r"\[x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a} \text{ where the roots of it are real and a is not zero}\]"),
    ("名言一句", "“To be, or not to be, that is the question that is asked of the man in the play.”"),
    ("名言一句", "> The only thing that we have to fear is fear itself, and it is not to be feared."),
    ("官网是什么", "https://www.python.org/about/this-is-the-page-of-the-language"),
    ("2 的 10 次方", "1024"),
    ("What is 2 to the power of 10?", "1024"),
    ("讲个笑话", "哈哈哈！😄"),
    ("Say something nice", "😄👍"),
    ("化学式是什么", "H2O, CO2, NaCl, C6H12O6"),
    # both languages, and others
    ("法国的首都是哪里？", f"{PARIS_ZH}\n\n{PARIS}"),
    ("What is the capital of France?", f"{PARIS}\n\n{PARIS_ZH}"),
    ("フランスの首都はどこですか？", PARIS),
    ("フランスの首都はどこですか？", PARIS_ZH),
    ("東京の人口は？", "东京的人口大约是一千四百万人。"),
    ("“ありがとう”是什么意思", "It means that one is thankful, and it is used a lot."),
    ("Quelle est la capitale de la France ?", PARIS_ZH),
    ("Was ist die Hauptstadt von Frankreich und wie groß ist sie?", PARIS_ZH),
    ("Где находится Париж?", PARIS),
    ("Bonjour", PARIS_ZH),
    ("ls -la /tmp", "列出目录中的所有文件和文件夹。"),
    ("42", PARIS_ZH),
    ("猫", "A cat is an animal that is kept in the house."),
    ("", PARIS),
    ("法国的首都是哪里？", ""),
]  # fmt: skip


@pytest.mark.parametrize(("question", "answer", "asked", "answered"), FAULTS)
def test_an_answer_in_another_language(question: str, answer: str, asked: str, answered: str) -> None:
    found = other_language(question, answer)
    assert found == (OtherLanguage(asked, answered) if asked else None)


@pytest.mark.parametrize(("question", "answer"), FINE)
def test_nobody_can_be_sure_that_it_is_a_fault(question: str, answer: str) -> None:
    assert other_language(question, answer) is None


def test_there_are_enough_of_them_in_both_directions() -> None:
    assert len(FAULTS) + len(FINE) >= 60
    for asked in (ZH, EN):
        assert len([fault for fault in FAULTS if fault[2] == asked]) >= 12


def test_a_language_that_was_named_before_is_wished() -> None:
    # GIVEN a conversation in which somebody has asked for translations
    before = ["Translate what I write into English", "今天天气很好"]
    # THEN what comes after them is no fault, and would be one without
    assert other_language("我想喝茶", "I would like to have a cup of tea.", before) is None
    assert other_language("我想喝茶", "I would like to have a cup of tea.") == OtherLanguage(ZH, EN)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_personas_that_are_about_languages_say_so(language: str) -> None:
    # GIVEN the personas that come with the program
    personas = builtin_personas(language)
    # THEN the translator and the one for English are known by their words, and no other one is
    named = {persona.id for persona in personas if names_language(persona.prompt)}
    assert named == {"translator", "english"}


def test_a_persona_may_speak_its_own_language() -> None:
    # GIVEN a persona that is told in Chinese to sum up whatever it is given
    (persona,) = (one for one in builtin_personas("zh_CN") if one.id == "summary")
    text = "The meeting is on Tuesday at six, and everybody is asked to bring a chair."
    # THEN a Chinese summary of an English text is none of its faults, and would be one of nobody in particular
    assert other_language(text, "会议在星期二六点举行，请自带椅子。", persona=persona.prompt) is None
    assert other_language(text, "会议在星期二六点举行，请自带椅子。") == OtherLanguage(EN, ZH)


@pytest.mark.parametrize(
    ("language", "question", "said"),
    [
        (ZH, "你好", "你好\n\n请用中文回答。"),
        (EN, "Who are you?", "Who are you?\n\nAnswer in English."),
        (ZH, "Who are you?", "Who are you?"),
        (ZH, "翻译成英文：你好", "翻译成英文：你好"),
        ("", "你好", "你好"),
        ("fr", "你好", "你好"),
    ],
)
def test_only_a_question_in_the_preferred_language_is_said_with_the_wish(
    language: str, question: str, said: str
) -> None:
    assert said_in(language, question) == said


@pytest.mark.parametrize(
    "piece", ["“", '"a', "`", "$", "\\(", "<a", "'", "```\n", "> ", "www.", "a@", "a.", "=", "def (", "语"]
)
def test_no_text_keeps_it_busy(piece: str) -> None:
    started = time.thread_time()
    other_language("你好" + piece * 5_000, piece * 20_000)
    language_asked(piece * 20_000)
    assert time.thread_time() - started < 0.25
