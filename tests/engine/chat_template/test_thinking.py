"""Thoughts and answers told apart in a stream."""

from __future__ import annotations

import pytest

from desktop.engine.chat_template.thinking import ThoughtSplitter, without_thoughts


def split(text: str, *, opened: bool = False, size: int = 1) -> tuple[str, str]:
    """Feeds ``text`` in pieces of ``size`` characters; returns (thought, answer) and checks the order."""
    splitter = ThoughtSplitter(opened)
    pieces = [piece for at in range(0, len(text), size) for piece in splitter.feed(text[at : at + size])]
    pieces += splitter.flush()
    kinds = [is_thought for _, is_thought in pieces]
    assert kinds == sorted(kinds, reverse=True), "thoughts come before the answer"
    assert all(text for text, _ in pieces)
    return "".join(text for text, thought in pieces if thought), "".join(
        text for text, thought in pieces if not thought
    )


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 100])
@pytest.mark.parametrize(
    ("text", "opened", "thought", "answer"),
    [
        ("<think>\nhm\n\nso: 4\n</think>\n\nIt is 4.\n\nYes.", False, "hm\n\nso: 4", "It is 4.\n\nYes."),
        ("\n<think>hm</think>4", False, "hm", "4"),
        ("hm\n</think>\n\n4", True, "hm", "4"),
        ("\n hm </ think> a < b </think>4", True, "hm </ think> a < b", "4"),
        ("<think>\n\n</think>\n\n你好", False, "", "你好"),
        ("</think>\n\n4", True, "", "4"),
        ("<think>hm</think>\n\n    indented()", False, "hm", "    indented()"),
        ("plain answer", False, "", "plain answer"),
        ("  <thin soup", False, "", "  <thin soup"),
        ("The tag <think> opens, </think> closes.", False, "", "The tag <think> opens, </think> closes."),
        ("<think>a</think>b</think><think>c", False, "a", "b</think><think>c"),
        ("<think>cut off in the", False, "cut off in the", ""),
        ("<think>cut off </thi", False, "cut off </thi", ""),
        ("<think>hm</think>\n\n", False, "hm", ""),
        ("<thi", False, "", "<thi"),
        ("", False, "", ""),
        ("", True, "", ""),
    ],
)
def test_the_split_does_not_depend_on_how_the_text_is_cut(
    text: str, opened: bool, thought: str, answer: str, size: int
) -> None:
    assert split(text, opened=opened, size=size) == (thought, answer)


def test_only_what_may_become_a_tag_or_a_blank_line_is_held_back() -> None:
    splitter = ThoughtSplitter(opened=True)
    assert splitter.feed("Let me see\n") == [("Let me see", True)]
    assert splitter.feed("two </t") == [("\ntwo", True)]
    assert splitter.feed("wo>") == [(" </two>", True)]
    assert splitter.feed("</think>\n\nIt") == [("It", False)]
    assert splitter.feed(" <think") == [(" <think", False)]
    assert splitter.flush() == []


def test_an_answer_keeps_no_thoughts() -> None:
    assert without_thoughts("<think>\nhm\n</think>\n\nIt is 4.") == "It is 4."
    assert without_thoughts("\n<think>never ends") == ""
    assert without_thoughts("It is 4, not <think>5</think>.") == "It is 4, not <think>5</think>."
