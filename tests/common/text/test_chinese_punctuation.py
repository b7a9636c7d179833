"""Marks of Chinese where a text is Chinese, and nowhere else; whole, and in pieces."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.common.text.chinese_punctuation import PunctuationStream, with_chinese_punctuation


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("你好,世界.", "你好，世界。"),
        ("你好, 世界. 再见!", "你好，世界。再见！"),
        ("真的吗?!", "真的吗？！"),
        ("原因如下:\n\n1. 快;\n2. 省电.", "原因如下：\n\n1. 快；\n2. 省电。"),
        ("水(液体)会结冰.", "水（液体）会结冰。"),
        ("等等...然后", "等等……然后"),
        ("**注意:** 先保存.", "**注意：** 先保存。"),
        ("“好的”,他说.", "“好的”，他说。"),
        ("时间:10:30,地点:3号楼", "时间：10:30，地点：3号楼"),
        ("使用Python和Linux的人,都知道.", "使用Python和Linux的人，都知道。"),
        ("使用Python, 然后用`print`,再看", "使用Python，然后用`print`，再看"),
        ("涨了5%,很好", "涨了5%，很好"),
        ("他说, hello.", "他说，hello."),
        ("行末有两个空格,  \n下一行", "行末有两个空格，  \n下一行"),
    ],
)
def test_chinese(text: str, right: str) -> None:
    assert with_chinese_punctuation(text) == right


@pytest.mark.parametrize(
    "text",
    [
        "Hello, world. Really? Yes! (Maybe): a; b",
        'The word 你好, means "hello".',
        "Say 你好, then bow.",
        "3,000.50元和1:2",
        "1. 苹果",
        "1.苹果",
        "Hello,世界",
        "`打印,文本.`",
        "``打印 ` 文本,结束.``",
        "```python\nprint('你好,世界.')\n```",
        "~~~\n你好,世界.\n~~~",
        "见 https://例子.中文/路径,页?甲:乙 吧",
        "[链接](地址)和[文字](http://a.b/c)",
        "打开文件.txt",
        "函数f(x)和人工智能(AI)",
        "你好:)",
        "公式 \\(速度,时间.\\)",
        "$$速度, 时间.$$",
        "| 甲 | 乙 |\n|---|---|",
        "全角的，早就对了。",
        "",
    ],
)
def test_what_is_no_chinese_text_stays(text: str) -> None:
    assert with_chinese_punctuation(text) == text


def test_behind_code_it_is_chinese_again() -> None:
    text = "```\na,中,b\n```\n用`x,中,y`吧,好."
    assert with_chinese_punctuation(text) == "```\na,中,b\n```\n用`x,中,y`吧,好.".replace("吧,好.", "吧，好。")


def test_a_mark_is_held_back_until_it_is_known_what_follows() -> None:
    stream = PunctuationStream()
    assert stream.feed("文件.") == "文件"
    assert stream.feed("t") == ".t"
    assert stream.feed("xt好.") == "xt好"
    assert stream.end() == "。"
    assert stream.end() == ""


_PIECES = st.sampled_from(
    [*"你好世界, .?!:;()`\n~$\\ab1[]-*", "中文", "...", "```\n", "\n\n", "https://a.b/", "\\(", "\\)", "$$", "word "]
)
_TEXTS = st.lists(_PIECES, max_size=60).map("".join)


@given(_TEXTS, st.lists(st.integers(0, 80), max_size=12))
def test_cut_anywhere_it_is_the_same(text: str, cuts: list[int]) -> None:
    stream, places = PunctuationStream(), sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[start:end] for start, end in pairwise(places)]
    assert "".join(map(stream.feed, pieces)) + stream.end() == with_chinese_punctuation(text)


@given(_TEXTS)
def test_doing_it_twice_changes_nothing(text: str) -> None:
    once = with_chinese_punctuation(text)
    assert with_chinese_punctuation(once) == once


@given(st.text(max_size=200))
def test_only_marks_and_spaces_change(text: str) -> None:
    strange = set(",.?!:;() ，。？！：；（）…")
    kept = [character for character in text if character not in strange]
    assert [character for character in with_chinese_punctuation(text) if character not in strange] == kept
