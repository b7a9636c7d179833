"""Words that join or ask and say nothing about a subject: a question is not looked for by them."""

from __future__ import annotations

import re
from typing import Final

ENGLISH: Final = frozenset(
    re.findall(
        r"\S+",
        """
    a about after again all also am an and any anybody anyone anything are as at be because been before
    being between both but by can cannot could did do does doing don done during each either else ever every
    everything few for from further get gets give given gives go goes got had has have having he her here
    hers him his how however i if in into is isn it its itself just kind know let like made make makes many
    may me mean means might mine more most much must my need needed needs neither no nor not of off on one
    only or other our ours out over own please same say says shall she should so some somebody someone
    something sort still such take takes tell than that the their theirs them then there these they thing
    things this those through to too under until up upon us use used very was way ways we were what whatever
    when where whether which while who whom whose why will with within without would you your yours
        """,
    )
)
# Of single characters only those that are hardly ever a part of another word, as one of them is in "时区" and "用户".
_CHINESE: Final = tuple(
    re.findall(
        r"\S+",
        """
        什么 甚么 怎么样 怎么 怎样 如何 哪些 哪个 哪种 哪里 哪儿 哪一个 多少 多大 多长 多久 几个 是否 是不是
        能不能 可不可以 会不会 要不要 为什么 为何 有没有 有哪些 没有 可以 能够 可能 需要 应该 应当 必须 的话
        以及 或者 还是 请问 告诉 我们 你们 他们 她们 它们 这个 这些 这种 这里 这样 那个 那些 那样 其中 其他 对于
        关于 由于 进行 通过 使用 一个 一种 一下 一些 一般 如果 假如 要是 但是 而且 并且 因为 所以 时候 以后 之后
        以前 之前 最多 最少 至少 一共 总共 已经 然后 起来 出来 下来 进去 最好 不能 不会 不是 什麼 甚麼 怎麼 怎樣
        哪裡 哪裏 哪個 幾個 為什麼 有沒有 沒有 應該 請問 告訴 我們 你們 他們 這個 這些 這樣 那個 對於 關於 還是
        時候 以後 之後 因為
        的 了 吗 呢 吧 啊 呀 么 是 哪 谁 几 我 你 您 他 她 它 这 那 把 被 请 在 和 与 及 就 也 都 很 嗎 誰 幾 這
        請 與
        """,
    )
)
# Finds them in a run of Chinese characters; the longest that fits is taken.
CHINESE: Final = re.compile("|".join(sorted(_CHINESE, key=len, reverse=True)))
