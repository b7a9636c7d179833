"""Markdown on the page: any text in any pieces looks as if it had come at once, and no letter is lost (hypothesis)."""

from __future__ import annotations

import itertools
import re
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from desktop.ui.transcript.markdown.mending import mended
from desktop.ui.transcript.markdown.source import FinalPart, final_part
from desktop.ui.transcript.plain_text import code_below, plain_text
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import answer, question
from tests.rigs.windows import transcript, whole
from tests.support.properties import PROPERTY
from tests.support.written import shown

# Letters that stand for nothing but themselves wherever they are.
_LETTERS = "甲乙丙丁戊己庚辛"
# What becomes a format or a block, or only looks like it.
_MARKS = (
    *(" ", "\n", "\n\n", "  \n", "\\\n", "\t", "    ", "\r\n", "\u2028", "\u00a0", "\u200b", "\u202e", "e\u0301"),
    *("*", "**", "_", "~~", "`", "``", "# ", "###### ", "> ", ">> ", "- ", "* ", "+ ", "1. ", "3) ", "- [ ] ", "---\n"),
    *("===\n", "***\n", "```py\n", "```\n", "~~~\n", "````\n", "|甲|乙|\n|---|---|\n|丙|丁|\n", "|", "\\", "\\*", "$$"),
    *("&amp;", "&#x4e59;", "<b>", "</b>", "<!--", "<br>", "\U0001f600", "a", "1", ".", "\x00", "\x1b[2J"),
    *("[乙](http://a.example)", "![丙](file:///etc/passwd)", "[甲](catnap:copy)", "<http://a.example/甲>"),
)
_TEXT = st.lists(st.sampled_from([*_MARKS, *_LETTERS]), max_size=25).map("".join)
_CUTS = st.lists(st.integers(0, 60), max_size=8)
_ON_A_PAGE = settings(PROPERTY, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def view(qtbot: QtBot) -> TranscriptView:
    return transcript(qtbot)


def _grown(view: TranscriptView, text: str, cuts: list[int]) -> None:
    """Gives a text to the page in pieces, each of which is written."""
    view.show_messages([question(1)], 0)
    view.begin_answer(None, "Waking")
    places = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    for begin, end in itertools.pairwise(places):
        view.grow_answer(text[begin:end], "")
        view._flush()
    while view._page.is_behind:
        view._flush()


def _said(view: TranscriptView) -> str:
    cursor = QTextCursor(view.document())
    cursor.select(QTextCursor.SelectionType.Document)
    return plain_text(cursor)


def _letters(text: str) -> list[str]:
    return [letter for letter in text if letter in _LETTERS]


@_ON_A_PAGE
@given(_TEXT, _CUTS)
@example("1. 甲\n\n   ```\n乙\n", [3, 9])
@example("甲\n===\n", [2, 3])
def test_any_text_in_any_pieces_looks_as_if_it_had_come_at_once(
    view: TranscriptView, text: str, cuts: list[int]
) -> None:
    # GIVEN an answer that has grown in pieces WHEN it ends
    _grown(view, text, cuts)
    view.finish_answer(answer(2, text) if text else answer(2, " "))
    grown = view.toHtml()
    # THEN the page is as if the conversation had just been opened, also where it is copied from
    view.show_messages([question(1), answer(2, text) if text else answer(2, " ")], 0)
    assert _without_addresses(view.toHtml()) == _without_addresses(grown)
    if text.strip():
        assert text in whole(view)


@_ON_A_PAGE
@given(_TEXT, _CUTS)
def test_no_letter_is_lost_while_it_grows_or_after_it(view: TranscriptView, text: str, cuts: list[int]) -> None:
    _grown(view, text, cuts)
    growing = _letters(_said(view))
    view.show_messages([question(1), answer(2, text or " ")], 0)
    shown = _letters(_said(view))
    # THEN all that was written can be read: of an address its label, of a character's number the character
    expected = text.replace("&#x4e59;", "乙").replace("<http://a.example/甲>", "甲")
    for letter in _LETTERS:
        assert shown.count(letter) >= min(1, _letters(expected).count(letter))
    assert set(growing) == set(shown)


@_ON_A_PAGE
@given(_TEXT)
def test_a_question_is_shown_and_copied_as_it_was_typed(view: TranscriptView, text: str) -> None:
    view.show_messages([question(1, text), answer(2)], 0)
    if text.strip():
        assert text in whole(view)
        assert _letters(_said(view)) == _letters(text)


_CODE_LINES = st.lists(
    st.sampled_from(
        [
            "x = 1",
            "    y",
            "\tz",
            "",
            "- a",
            "1. b",
            "2. Next",
            "# c",
            "> q",
            "| a | b |",
            "|---|",
            "``",
            "$$",
            "\\[",
            "***",
            "  - d",
            "      ",
        ]
    ),
    min_size=1,
    max_size=8,
).filter(lambda lines: bool(lines[0].strip() and lines[-1].strip()))
_MARKERS = ("{}. ", "{}) ", "- ", "* ", "10{}. ")


@_ON_A_PAGE
@given(
    st.lists(st.tuples(_CODE_LINES, st.integers(0, 8), st.booleans()), min_size=1, max_size=3),
    st.sampled_from(_MARKERS),
)
@example([(["- a", "\tb"], 0, False), (["c"], 8, True)], "{}. ")
def test_code_of_items_is_copied_exactly_however_it_is_indented(
    view: TranscriptView, items: list[tuple[list[str], int, bool]], marker: str
) -> None:
    # GIVEN a list each of whose items holds code, with fences that are indented well, too little or too much
    parts = []
    for number, (lines, indent, is_loose) in enumerate(items, start=1):
        begin = marker.format(number)
        room = " " * min(indent, len(begin) + 3)
        code = [f"{room}{line}" if line else "" for line in lines]
        parts.append("\n".join([f"{begin}Item", *([""] if is_loose else []), f"{room}```py", *code, f"{room}```"]))
    text = "\n".join(parts)
    # WHEN it is shown at once, and in pieces
    view.show_messages([question(1), answer(2, text)], 0)
    at_once = shown(view)
    _grown(view, text, list(range(0, len(text), 7)))
    # THEN there are as many items as there should be, in order, and each piece of code is as it was written
    view.finish_answer(answer(2, text))
    assert shown(view) == at_once
    assert sum(line.endswith(" Item") for line in at_once) == len(items)
    view.show_messages([question(1), answer(2, text)], 0)
    for number, (lines, _, _) in enumerate(items):
        assert code_below(view.document(), f"catnap:code/2/{number}") == "\n".join(lines)


@PROPERTY
@given(_TEXT, _CUTS)
def test_what_is_final_never_shrinks_and_never_changes(text: str, cuts: list[int]) -> None:
    final = FinalPart()
    for end in [*sorted(cut for cut in cuts if cut < len(text)), len(text)]:
        now = final_part(text[:end], final)
        assert final.length <= now.length <= end
        final = now


@PROPERTY
@given(_TEXT)
def test_mending_loses_no_letter(text: str) -> None:
    assert _letters(mended(text)) == _letters(text)


@pytest.mark.parametrize(
    "line",
    ["-" + " " * 50_000 + "x", "- " * 25_000 + "x", "> " * 25_000, " " * 50_000, "`" * 50_000 + "x", "1" * 50_000],
)
def test_no_line_is_looked_at_for_long(line: str) -> None:
    began = time.process_time()
    final_part(f"甲\n\n{line}\n乙", FinalPart())
    mended(f"甲\n{line}\n乙")
    assert time.process_time() - began < 2


def _without_addresses(html: str) -> str:
    """Returns what is seen of a page: the links that copy code have other names while an answer grows."""

    return re.sub(r'href="catnap:[^"]*"', "", html)
