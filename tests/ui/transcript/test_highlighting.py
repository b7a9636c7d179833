"""Code on the page has colours, soon and in slices."""

from __future__ import annotations

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.ui.theme.code_colours import CodePart, code_colours
from desktop.ui.theme.palette import make_palette
from desktop.ui.transcript.highlighting import Span, code_spans
from desktop.ui.transcript.markdown.document import KIND, Kind, blocks_of
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import answer, question
from tests.rigs.windows import transcript
from tests.support.longest_turn import longest_turn

_CODE = "```python\n# 猫 \U0001f600\ndef purr(n=3):\n    return 'rrr' * n\n```"


def _coloured(view: TranscriptView) -> dict[str, list[tuple[str, str]]]:
    """Returns the coloured words of each line of code, with their colours."""
    found: dict[str, list[tuple[str, str]]] = {}
    for block in blocks_of(view.document()):
        if block.blockFormat().property(KIND) == Kind.CODE:
            units = block.text().encode("utf-16-le")
            ranges: list[Any] = block.layout().formats()  # PySide's declarations do not say what is in them
            found[block.text()] = [
                (
                    units[each.start * 2 : (each.start + each.length) * 2].decode("utf-16-le"),
                    each.format.foreground().color().name(),
                )
                for each in ranges
            ]
    return found


def _settle(qtbot: QtBot, view: TranscriptView) -> None:
    qtbot.waitUntil(lambda: view._highlighter.is_done)


def test_code_gets_its_colours_when_it_is_shown(qtbot: QtBot) -> None:
    view = transcript(qtbot)
    view.show_messages([question(1), answer(2, _CODE)], 0)
    _settle(qtbot, view)
    colours = {part: colour.name() for part, colour in code_colours(view.palette()).items()}
    assert _coloured(view) == {
        "# 猫 \U0001f600": [("# 猫 \U0001f600", colours[CodePart.COMMENT])],
        "def purr(n=3):": [
            ("def", colours[CodePart.KEYWORD]),
            ("purr", colours[CodePart.NAME]),
            ("3", colours[CodePart.NUMBER]),
        ],
        "    return 'rrr' * n": [
            ("return", colours[CodePart.KEYWORD]),
            ("'", colours[CodePart.TEXT]),
            ("rrr", colours[CodePart.TEXT]),
            ("'", colours[CodePart.TEXT]),
        ],
    }


def test_code_that_grows_ends_with_the_colours_it_has_when_opened(qtbot: QtBot) -> None:
    # GIVEN code that comes in letter by letter
    view = transcript(qtbot)
    view.show_messages([question(1)], 0)
    view.begin_answer(None, "")
    for letter in f"{_CODE}\n\nDone":
        view.grow_answer(letter, "")
        view._flush()
        view._highlighter.go_on()
    grown = _coloured(view)
    # WHEN it is complete THEN it has its colours in the same turn
    view.finish_answer(answer(2, f"{_CODE}\n\nDone"))
    assert _coloured(view) == grown
    _settle(qtbot, view)
    finished = _coloured(view)
    view.show_messages([question(1), answer(2, f"{_CODE}\n\nDone")], 0)
    _settle(qtbot, view)
    assert _coloured(view) == finished == grown
    assert all(finished.values())


def test_the_theme_changes_the_colours(qtbot: QtBot) -> None:
    view = transcript(qtbot)
    view.show_messages([answer(1, _CODE)], 0)
    _settle(qtbot, view)
    before = _coloured(view)
    view.setPalette(make_palette(dark=True))
    _settle(qtbot, view)
    assert _coloured(view) != before
    assert all(_coloured(view).values())


@pytest.mark.parametrize("fence", ["```", "```no-such-language", "```text", "~~~ {", "```\u732b"])
def test_what_no_language_is_known_of_stays_plain(qtbot: QtBot, fence: str) -> None:
    view = transcript(qtbot)
    view.show_messages([answer(1, f"{fence}\nif x: return 1\n{fence[:3]}")], 0)
    _settle(qtbot, view)
    assert _coloured(view) == {"if x: return 1": []}


@pytest.mark.parametrize(
    ("language", "code", "word", "part"),
    [
        ("py", "import os", "import", CodePart.KEYWORD),
        ("JavaScript", "let x = 'a'", "let", CodePart.KEYWORD),
        ("c++", "int main() {}", "int", CodePart.KEYWORD),
        ("bash", "echo hi # c", "# c", CodePart.COMMENT),
        ("json", '{"a": 1}', "1", CodePart.NUMBER),
        ("html", "<p>x</p>", "p", CodePart.KEYWORD),
        ("sql", "SELECT 1", "SELECT", CodePart.KEYWORD),
        ("rust", "fn main() {}", "fn", CodePart.KEYWORD),
        ("{.python}", "pass", "pass", CodePart.KEYWORD),
    ],
)
def test_languages_are_found_by_the_names_people_write(language: str, code: str, word: str, part: CodePart) -> None:
    spans = list(code_spans(language, code))
    assert Span(code.index(word), len(word), part) in spans


def test_huge_code_keeps_nobody_waiting(qtbot: QtBot) -> None:
    # GIVEN code of 6,000 lines
    view = transcript(qtbot)
    view.show_messages([answer(1, _CODE)], 0)
    _settle(qtbot, view)
    text = "```python\n" + "    value = call('text', 12)  # why\n" * 6_000 + "```"
    # WHEN it is shown and coloured
    with longest_turn(qtbot, until=lambda: view._highlighter.is_done) as measured:
        view.show_messages([question(1), answer(2, text)], 0)
    # THEN nothing waits for it, as in tests/faults/test_c_shown.py
    assert measured.seconds < 0.4
    assert any(_coloured(view).values())
