"""What is read aloud of an answer: every sentence once, whatever the size of the pieces it comes in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.speech.sentences import Sentence, SentenceStream
from desktop.ui.transcript.maths.spotting import inline_formula

PIECES = (1, 2, 3, 7, 10_000)


def cut(text: str, size: int = 10_000) -> list[Sentence]:
    stream = SentenceStream(inline_formula)
    found = [one for at in range(0, len(text), size) for one in stream.feed(text[at : at + size])]
    return found + stream.end()


def said(text: str) -> list[str]:
    """Returns what is said, which must not depend on how the text comes."""
    words = [one.text for one in cut(text)]
    for size in PIECES:
        assert [one.text for one in cut(text, size)] == words, f"in pieces of {size}"
    return words


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Hello there. How are you? Fine!", ["Hello there.", "How are you?", "Fine!"]),
        ("你好。今天天气很好！你呢？", ["你好。", "今天天气很好！", "你呢？"]),
        ("“好的。”他说。", ["“好的。”", "他说。"]),
        ("好的,走吧!然后回家", ["好的,走吧!", "然后回家"]),
        ("He said “No.” Then he left.", ["He said “No.”", "Then he left."]),
        ("Dr. Smith, e.g. at No. 5, met Mrs. Jones.", ["Dr. Smith, e.g. at No. 5, met Mrs. Jones."]),
        ("J. R. Smith came at 5 p.m. today. He left at 6 p.m. The end.",
         ["J. R. Smith came at 5 p.m. today.", "He left at 6 p.m.", "The end."]),
        ("Apples, pears etc. are fruit. So did I. Good.", ["Apples, pears etc. are fruit.", "So did I.", "Good."]),
        ("Pi is 3.14 and e is 2.718. Version 1.2.3 is out.", ["Pi is 3.14 and e is 2.718.", "Version 1.2.3 is out."]),
        ("Well... maybe. Wait… what?", ["Well... maybe.", "Wait… what?"]),
        ("It costs $5 and $10. Not more.", ["It costs $5 and $10.", "Not more."]),
        ("价格是3.5元。用 Python 3.11 写。", ["价格是3.5元。", "用 Python 3.11 写。"]),
        ("really?! yes", ["really?!", "yes"]),
    ],
)  # fmt: skip
def test_where_sentences_end(text: str, sentences: list[str]) -> None:
    assert said(text) == sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("# Title\n\nSome **bold text. More** bold.\n", ["Title", "Some bold text.", "More bold."]),
        ("1. First\n2. Second. More\n- [x] a *task*\n", ["1. First", "2. Second.", "More", "a task"]),
        ("Roses are red\nViolets are blue\n", ["Roses are red", "Violets are blue"]),
        ("A line that was broken by whoever wrote it, since it is so long\nand goes on here. Next.\n",
         ["A line that was broken by whoever wrote it, since it is so long and goes on here.", "Next."]),
        ("The following things, of which there are more than anybody needs:\n- one\n- two\n",
         ["The following things, of which there are more than anybody needs:", "one", "two"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n", ["a, b", "1, 2"]),
        ("> quoted words. And more.\n\n---\n\nAfter.", ["quoted words.", "And more.", "After."]),
        ("Use `a.b. c` here. Done.", ["Use a.b. c here.", "Done."]),
        ("See https://example.com/a.b?x=1. Or [the page](http://x.y/z.html). 见https://a.cn/b。好",
         ["See link.", "Or the page.", "见链接。", "好"]),
        ("Great 😀! Next → step.", ["Great!", "Next step."]),
        ("snake_case and __init__ stay words. 2*3 too.", ["snake case and init stay words.", "2*3 too."]),
        ("A footnote[^1]. <b>Bold</b> &amp; more.\n\n[^1]: https://x.y", ["A footnote.", "Bold & more."]),
    ],
)  # fmt: skip
def test_marks_of_markdown_are_not_said(text: str, sentences: list[str]) -> None:
    assert said(text) == sentences


@pytest.mark.parametrize("fence", ["```", "~~~~", "```python", "  ```"])
def test_code_is_only_named(fence: str) -> None:
    close = fence.strip().rstrip("python")
    text = f"Do this:\n\n{fence}\nprint('a. b')\n# no. more\n\nx\n{close}\n\nDone. Well."
    assert said(text) == ["Do this:", "Code.", "Done.", "Well."]


def test_code_is_named_in_the_language_around_it_and_is_left_at_the_end_of_an_answer_that_was_cut_off() -> None:
    assert said("用 Python 写：\n```\nprint(1)\n```\n完成。") == ["用 Python 写：", "代码。", "完成。"]
    assert said("Look:\n```\nprint(1)\n") == ["Look:", "Code."]


def test_formulas_are_said_in_words_or_named() -> None:
    assert said("So $x^2 + 1 = 5$. Then \\(a \\times b\\). Good.") == [
        "So x squared plus 1 equals 5.",
        "Then a times b.",
        "Good.",
    ]
    assert said("面积是 $a^2$。然后。") == ["面积是 a 的平方。", "然后。"]
    assert said("Here:\n\n$$\n\\sum_{i=1}^n \\int_0^1 f(x_i) dx\n$$\n\nEnd.") == ["Here:", "formula", "End."]
    assert said("$$\\frac{a}{b}$$") == ["a over b"]


def test_a_sentence_is_given_out_as_soon_as_it_is_certain() -> None:
    stream = SentenceStream(inline_formula)
    assert stream.feed("It is five metres") == []
    assert stream.feed(" tall.") == []  # 5.5 may follow, or a quotation mark
    assert [one.text for one in stream.feed(" T")] == ["It is five metres tall."]
    assert [one.text for one in stream.feed("he end\n\n")] == ["The end"]
    assert [one.text for one in stream.feed("好。")] == []
    assert [one.text for one in stream.feed("再")] == ["好。"]
    assert [one.text for one in stream.end()] == ["再"]
    assert stream.end() == []


def test_the_language_of_each_sentence() -> None:
    text = "你好。This is the answer. 3. 用 Python 写。Das ist nicht die Antwort. Да."
    assert [one.language for one in cut(text)] == ["zh", "en", "en", "zh", "de", "ru"]


def test_what_never_ends_is_cut_where_a_pause_can_be() -> None:
    words = said("word " * 400)
    assert all(len(one) <= 400 for one in words)
    assert " ".join(words) == ("word " * 400).strip()
    assert "".join(said("很长" * 500)) == "很长" * 500


@given(st.text(alphabet='ab 好。.!?`*_$\\[](){}<>#|-\n1"”h:/', max_size=80), st.integers(1, 9))
def test_nothing_is_said_twice_or_lost_by_the_way_it_comes(text: str, size: int) -> None:
    # Whatever is fed, letters come out at most as often, and in the order, that they went in.
    stream = SentenceStream(inline_formula)
    found = [one for at in range(0, len(text), size) for one in stream.feed(text[at : at + size])] + stream.end()
    spoken = iter("".join(one.text for one in found).replace("代码。", "").replace("Code.", ""))
    letters = [letter for letter in spoken if letter == "好"]
    assert len(letters) <= text.count("好")
    assert stream.feed("") == [] and stream.end() == []


def test_a_long_answer_costs_little_for_each_piece() -> None:
    import time

    stream, text = SentenceStream(inline_formula), "An answer, with `code` and *marks*; it goes on. " * 2_000
    begin = time.process_time()
    count = sum(len(stream.feed(text[at : at + 4])) for at in range(0, len(text), 4))
    assert count + len(stream.end()) == 2_000
    assert time.process_time() - begin < 60  # a quadratic one takes hours
