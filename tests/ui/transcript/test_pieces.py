"""Texts cut into pieces that are laid out soon."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from desktop.ui.transcript.markdown.source import FinalPart
from desktop.ui.transcript.pieces import Piece, next_piece, plain_blocks, plain_piece
from tests.rigs.conversations import answer, question
from tests.rigs.windows import copied, transcript
from tests.support.huge_texts import C6, MORE
from tests.support.longest_turn import longest_turn

_HELD_S = 0.4  # as in tests/faults/test_c_shown.py
_PARTS = (
    "word ",
    "*a* ",
    "| a | b |\n",
    "|---|---|\n",
    "```py\n",
    "- item\n",
    "\n",
    "x" * 3_000,
    "> q\n",
    "# h\n\n",
    "  ",
)


def _pieces(text: str) -> list[Piece]:
    pieces, written = [], FinalPart()
    while (following := next_piece(text, written, grows=False)) is not None:
        piece, after = following
        assert after.length > written.length
        pieces.append(piece)
        written = after
    return pieces


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(_PARTS), st.integers(1, 400)), max_size=8))
def test_pieces_are_all_of_a_text_and_none_is_large(parts: list[tuple[str, int]]) -> None:
    text = "".join(part * count for part, count in parts)
    pieces = _pieces(text)
    assert "".join(piece.text for piece in pieces) == text
    assert all(len(piece.text) <= 8_000 and piece.text.count("|") <= 301 for piece in pieces)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(_PARTS), st.integers(1, 400)), max_size=8))
def test_plain_blocks_are_all_of_a_text_and_none_is_long(parts: list[tuple[str, int]]) -> None:
    text = "".join(part * count for part, count in parts)
    blocks = plain_blocks(text)
    whole = "".join(block if goes_on else f"{block}\n" for block, goes_on in blocks)
    assert whole.removesuffix("\n") == text.removesuffix("\n")
    assert all(len(block) <= 2_000 and block.count("\n") <= 61 for block, _ in blocks)
    start, ends = 0, [0]
    while start < len(text):
        start = plain_piece(text, start)
        ends.append(start)
    assert all(0 < end - begin <= 8_000 for begin, end in pairwise(ends))


def test_a_long_table_has_its_head_in_each_piece() -> None:
    table = "| n | square |\n|---|---|\n" + "".join(f"| {n} | {n * n} |\n" for n in range(300))
    pieces = _pieces(f"Look:\n\n{table}\nThat was it.")
    assert len(pieces) > 2
    assert {piece.head for piece in pieces[2:]} == {"| n | square |\n|---|---|"}
    assert not any(piece.is_plain for piece in pieces)


def test_what_follows_something_huge_is_markdown_again() -> None:
    pieces = _pieces("a" * 20_000 + "\n\n**bold**\n")
    assert [piece.is_plain for piece in pieces[:-1]] == [True] * (len(pieces) - 1)
    assert (pieces[-1].text, pieces[-1].is_plain) == ("**bold**\n", False)


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in MORE.items()])
def test_no_text_of_the_kind_keeps_the_window_waiting(qtbot: QtBot, make: Callable[[], str]) -> None:
    # GIVEN a page
    text = make()
    view = transcript(qtbot)
    view.show_messages([question(1), answer(2)], 0)
    # WHEN the text is opened as a question, an answer and thoughts, and comes in as a growing answer
    with longest_turn(qtbot) as opening:
        view.show_messages([question(1, text)], 0)
        view.show_messages([answer(2, text, thinking=text)], 0)
    view.show_messages([question(1)], 0)
    view.begin_answer(None, "")
    with longest_turn(qtbot) as growing:
        for begin in range(0, 12_000, 3_000):
            view.grow_answer(text[begin : begin + 3_000], "")
            qtbot.waitUntil(lambda: not view._pacing.has_pending and not view._page.is_behind)
        view.finish_answer(answer(2, text[:12_000]))
    # THEN the window is never kept waiting
    assert max(opening.seconds, growing.seconds) < _HELD_S


@pytest.mark.parametrize("name", ["one word of 256,000 letters", "20,000 link definitions"])
def test_what_is_copied_is_what_was_written_however_it_was_cut(qtbot: QtBot, name: str) -> None:
    # GIVEN a long question of which all that is cut into pieces is shown
    text = C6[name]()[:10_000].rstrip()
    view = transcript(qtbot)
    view.show_messages([question(1, text)], 0)
    # WHEN the page is copied THEN no line is broken and none is joined
    assert copied(view) == text


@pytest.mark.parametrize(
    "sign", ["\U0001f468\u200d\U0001f469\u200d\U0001f467", "\r"], ids=["pictures", "carriage returns"]
)
def test_what_costs_more_than_letters_comes_in_smaller_pieces(sign: str) -> None:
    # GIVEN a text of signs that are dear to lay out, and one of as many letters
    text = sign * 4_000
    found = next_piece(text, FinalPart(), grows=False)
    letters = next_piece("a" * len(text), FinalPart(), grows=False)
    assert found is not None and letters is not None
    # THEN less of them is written at once
    assert len(found[0].text) < len(letters[0].text) / 5
