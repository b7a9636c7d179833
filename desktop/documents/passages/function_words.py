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
_CHINESE: Final = tuple(
    re.findall(
        r"\S+",
        """
    什么 甚么 怎么样 怎么 怎样 如何 哪些 哪个 哪种 哪里 哪儿 哪一个 哪 谁 多少 多大 多长 多久 几个 几 是否 是不是
    能不能 可不可以 为什么 为何 有没有 有哪些 有 可以 能够 可能 需要 应该 应当 必须 要 会 能 吗 呢 吧 啊 的话 的 了
    地 得 着 过 是 在 和 与 及 以及 或者 或 还是 请问 请 告诉 我们 我 你们 你 您 他们 他 她 它们 它 这个 这些 这种
    这里 这 那个 那些 那 其 之 其中 对于 关于 对 把 被 让 使 给 从 到 向 由 于 以 为 用 使用 进行 通过 一个 一种
    一下 一些 个 种 些 也 都 就 才 只 还 又 再 很 最 更 不 没有 没 如果 假如 要是 但是 但 而 而且 并且 并 因为 所以
    时候 时 什麼 甚麼 怎麼 怎樣 哪裡 哪裏 誰 幾 為什麼 有沒有 應該 嗎 請問 請 我們 這個 這些 這 那個 對 會 還是 於
    為
        """,
    )
)
# Finds them in a run of Chinese characters; the longest that fits is taken.
CHINESE: Final = re.compile("|".join(sorted(_CHINESE, key=len, reverse=True)))
