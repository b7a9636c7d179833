"""Thoughts and answers told apart in a stream."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.engine.chat_template.thinking.matching import tags_in
from desktop.engine.chat_template.thinking.splitter import ThoughtSplitter, without_thoughts
from desktop.engine.chat_template.thinking.tags import KNOWN, TOKEN_MARK, ThoughtTags


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


_TAGS = [each.opening for each in KNOWN] + [closing for each in KNOWN for closing in each.closings]
_AROUND = ["<answer>", "</answer>", "<|begin_of_solution|>", "<|end_of_solution|>", "<Output>", "<THINK>", "</Think>"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        ("[THINK]hm[/THINK]4", "hm", "4"),
        ("<seed:think>hm</seed:think>\n\n4", "hm", "4"),
        ("<thought>hm</thought>4", "hm", "4"),
        ("<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>4", "hm", "4"),
        ("<|channel|>analysis hm<|end|>4", "hm", "4"),
        ("<|channel|>final<|message|>4", "", "4"),
        ("<|channel>thought\nhm<channel|>4", "hm", "4"),
        ("\u25c1think\u25b7hm\u25c1/think\u25b74", "hm", "4"),
        ("<THINK>hm</THINK>4", "hm", "4"),
        ("<Thought>\nhm\n</Thought>\n<Output>\n4</Output>", "hm", "4"),
        ("<\u601d\u8003>hm</\u601d\u8003>4", "hm", "4"),
        ("<reflection>hm</reflection>4", "hm", "4"),
        ("<unused94>thought\nhm<unused95>4", "hm", "4"),
        ("<think/>4", "", "4"),
        ("<think />\n\n4", "", "4"),
        ("<think>hm<think/>4", "hm", "4"),
        ("<think>\n<think>\nhm</think>4", "hm", "4"),
        ("<think>hm</think>\n<answer>\n4</answer>\n", "hm", "4\n"),
        ("<think>hm</think><answer>4, not <b>5</b>", "hm", "4, not <b>5</b>"),
        ("<think>hm</think>4 </ans", "hm", "4 </ans"),
        ("<think>hm</think><ans", "hm", "<ans"),
        ("<answer>4</answer>", "", "<answer>4</answer>"),
        (
            "<|begin_of_thought|>hm<|end_of_thought|>\n\n<|begin_of_solution|>4<|end_of_solution|>",
            "hm",
            "4",
        ),
        ("\u0130 <THINK>x</THINK>", "", "\u0130 <THINK>x</THINK>"),
        ("Well.\n[THINK]hm[/THINK]\n4", "hm", "Well.\n4"),
        ("Well. <thought>hm</thought> 4", "hm", "Well. 4"),
        ("<think>a</think>\nb\n<think>\nc\n</think>\nd", "a\n\nc", "b\nd"),
        ("The tag <think>so</think> is one.", "", "The tag <think>so</think> is one."),
        ("<thinker> and [THINKER]", "", "<thinker> and [THINKER]"),
        ("Use it:\n```\n<think>\nhm\n</think>\n```\n", "", "Use it:\n```\n<think>\nhm\n</think>\n```\n"),
        ("It is. `<think>a` too.", "", "It is. `<think>a` too."),
        ("1. `<think>` opens\n2. `</think>` closes", "", "1. `<think>` opens\n2. `</think>` closes"),
        ("One.\n<think> opens a thought.", "", "One.\n<think> opens a thought."),
        ("a [b] <c> [THIN", "", "a [b] <c> [THIN"),
    ],
)
def test_the_tags_of_other_models(text: str, thought: str, answer: str, size: int) -> None:
    splitter = ThoughtSplitter(opened=False)
    pieces = [piece for at in range(0, len(text), size) for piece in splitter.feed(text[at : at + size])]
    pieces += splitter.flush()
    assert _joined(pieces) == (thought, answer)


# Tags that do not match each other, and what is to be seen of them.
_UNBALANCED = [
    ("<think>a<think>b</think>c</think>d", "a\n\nb\n\nc", "d"),
    ("<think>a\n<think>\nb\n</think>\nc\n</think>\n\nd", "a\n\nb\n\nc", "d"),
    ("<think>\n<think>\na\n</think>\nb\n</think>\n\nd", "a\n\nb", "d"),
    ("<think>a<think>b<think>c</think>d</think>e</think>f", "a\n\nb\n\nc\n\nd\n\ne", "f"),
    ("<think>a<think>b</think></think>d", "a\n\nb", "d"),
    ("<think>a<think>b</think>\n</think>\n\nd", "a\n\nb", "d"),
    ("<think><think></think></think>\n\nd", "", "d"),
    ("<think>a<THINK>b</Think>c</THINK>d", "a\n\nb\n\nc", "d"),
    # opened more often than closed: the first that closes counts
    ("<think>a<think>b</think>c", "a\n\nb", "c"),
    ("<think>a\n<think>\nb</think>\n\nc", "a\n\nb", "c"),
    ("<think>a<think>b<think>c</think>d</think>e", "a\n\nb\n\nc\n\nd", "e"),
    ("<think>a<think>b</think>" + "c d " * 500, "a\n\nb", "c d " * 500),
    ("<think>a<think>b</think>" + "c d " * 500 + "e</think>f", "a\n\nb", "c d " * 500 + "ef"),
    # closed more often than opened
    ("<think>a</think></think>d", "a", "d"),
    ("<think>a</think>\n</think>\n\nd", "a", "d"),
    ("<think>a</think>b</think>d", "a", "bd"),
    ("<think>a</think>b\n</think>\n\nd", "a", "b\n\n\nd"),
    ("<think>a</think>b.</think>", "a", "b."),
    ("<think>a</think>b</think><think>c", "a\n\nc", "b"),
    ("<think>a</think>b</think>\n<think>c</think>d", "a\n\nc", "b\nd"),
    ("</think>\n\nd", "", "d"),
    ("\n</think>d", "", "d"),
    ("b\n</think>\nd", "", "b\n\nd"),
    ("b\n</think>", "", "b\n"),
    # cut by the end
    ("<think>a<think>b", "a\n\nb", ""),
    ("<think>a<think>", "a", ""),
    ("<think>a<think>b</think>", "a\n\nb", ""),
    ("<think>a</think>b</think", "a", "b</think"),
    # words
    ("<think>The <think> tag.</think>It is </think> that closes.", "The <think> tag.", "It is </think> that closes."),
    ("<think>`<think>` and `</think`.</think>d", "`<think>` and `</think`.", "d"),
    ("<think>a</think>\n```\n</think>\n```\n", "a", "```\n</think>\n```\n"),
    ("<think>a</think>Use `b</think>`.", "a", "Use `b</think>`."),
    ("<think>a<think>b</think>c `</think>` d", "a\n\nb", "c `</think>` d"),
    ("</think> closes a thought.", "", "</think> closes a thought."),
    ("b</think>d", "", "b</think>d"),
]


@pytest.mark.parametrize("tags", [tags for tags in KNOWN if not tags.opening.startswith("<|channel|>")], ids=str)
@pytest.mark.parametrize(("text", "thought", "answer"), _UNBALANCED)
def test_tags_that_do_not_match_are_not_seen(text: str, thought: str, answer: str, tags: ThoughtTags) -> None:
    # GIVEN the tags of one model, spelled out
    if tags is not KNOWN[0] and "THINK" in text:
        pytest.skip("capitals are for tags that look like XML")

    def told(words: str) -> str:
        closing = tags.closings[0]
        words = words.replace("</think>", "\0").replace("</think", "\1").replace("<think>", "\2")
        return words.replace("\0", closing).replace("\1", closing[:-1]).replace("\2", tags.opening)

    text, expected = told(text), (told(thought), told(answer))
    # WHEN they come whole, letter by letter, and cut in two at any place
    cuts = [[text], list(text), *([text[:at], text[at:]] for at in range(1, min(len(text), 80)))]
    for parts in cuts:
        splitter = ThoughtSplitter(opened=False)
        pieces = [piece for part in parts for piece in splitter.feed(part)]
        # THEN thought and answer are told apart alike
        assert _joined(pieces + splitter.flush()) == expected, parts


@pytest.mark.parametrize(
    ("parts", "thought", "answer"),
    [
        (("+<think>", "a ", "+<think>", " b", "+</think>", " c ", "+</think>", "d"), "a\n\nb\n\nc", "d"),
        (("+<think>", "a", "+</think>", "b ", "+</think>", " d"), "a", "b  d"),
        (("b ", "+</think>", " d"), "", "b  d"),
        (("+</think>", "\n\nd"), "", "d"),
        (("+<think>", "a", "+</think>", "b ", "+</think>"), "a", "b "),
    ],
)
def test_tags_that_are_tokens_are_never_words(parts: tuple[str, ...], thought: str, answer: str) -> None:
    splitter = ThoughtSplitter(opened=False)
    pieces = [piece for part in parts for piece in splitter.feed(part.replace("+", TOKEN_MARK))]
    assert _joined(pieces + splitter.flush()) == (thought, answer)


def test_a_tag_that_the_prompt_has_ended_with_may_come_once_more_without_a_wait_for_its_end() -> None:
    splitter = ThoughtSplitter(opened=True)
    assert _joined(splitter.feed("<think>\na</think>\n\nd")) == ("a", "d")
    splitter = ThoughtSplitter(opened=True)
    assert _joined(splitter.feed("<think>\n<think>a</think>b</think>d")) == ("a\n\nb", "d")


def test_an_answer_behind_a_thought_that_was_opened_twice_is_not_held_back_for_long() -> None:
    splitter = ThoughtSplitter(opened=False)
    splitter.feed("<think>a<think>b</think>")
    shown = "".join(text for _ in range(100) for text, _ in splitter.feed("word "))
    assert len(shown) > 0


def test_a_tag_that_is_a_token_of_its_own_opens_a_thought_anywhere() -> None:
    splitter = ThoughtSplitter(opened=False)
    pieces = []
    for piece in ("So it", f" {TOKEN_MARK}[THINK]", "hm", f"{TOKEN_MARK}[/THINK]", " is", " 4"):
        pieces += splitter.feed(piece)
    assert _joined(pieces + splitter.flush()) == ("hm", "So it is 4")


def test_a_tag_of_the_models_own_opens_a_thought_at_the_start_of_a_sentence() -> None:
    text = "Yes. [THINK] hm[/THINK] 4"
    assert _joined(ThoughtSplitter(False, own=tags_in("... [THINK] ...")).feed(text)) == ("hm", "Yes. 4")
    assert _joined(ThoughtSplitter(False).feed(text)) == ("", text)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    st.lists(
        st.sampled_from([*_TAGS, *_AROUND, "<|message|>", " ", "\n", "a", "hm.", "```\n", "`", "<", "[TH", "你好"])
    ),
    st.lists(st.integers(0, 60)),
    st.booleans(),
)
def test_any_text_is_split_alike_however_it_is_cut(parts: list[str], cuts: list[int], opened: bool) -> None:
    # GIVEN a text of tags and words
    text = "".join(parts)
    whole = ThoughtSplitter(opened)
    expected = _joined(whole.feed(text) + whole.flush())
    # WHEN it comes in any pieces
    places = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    splitter = ThoughtSplitter(opened)
    pieces = [piece for begin, end in pairwise(places) for piece in splitter.feed(text[begin:end])]
    pieces += splitter.flush()
    # THEN thoughts and answer are the same, and nothing is lost but tags and white space
    assert _joined(pieces) == expected
    rest = "".join(expected)
    assert all(rest.count(letter) == text.count(letter) for letter in "你好")
    assert TOKEN_MARK not in rest


def _joined(pieces: list[tuple[str, bool]]) -> tuple[str, str]:
    return "".join(text for text, thought in pieces if thought), "".join(
        text for text, thought in pieces if not thought
    )


@pytest.mark.parametrize("part", ["\n<think>\nb</think>", "a <think> ", "<answer>", "\n", "`<think>` "])
def test_a_long_answer_of_another_program_is_looked_through_in_no_time(part: str) -> None:
    # GIVEN an answer as ChatGPT's and Open WebUI's exports have them, that begins with thoughts and is full of tags
    text = "<think>x</think>" + part * (100_000 // len(part))
    began = time.process_time()
    # WHEN a prompt is made of it THEN that takes a second, not minutes
    kept = without_thoughts(text)
    assert time.process_time() - began < 15
    assert len(kept) <= len(text)
