"""A conversation on paper: every word of it, in pages, without holding the interface up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.engine.types import Role
from desktop.history.exchange.records import ExchangedConversation, ExchangedMessage
from desktop.history.exchange.words import ExportWords
from desktop.history.store import History
from desktop.ui.exchange.printing import PaperJobs
from desktop.ui.exchange.sheets import message_sheets, page_ends, sheet_style, split
from desktop.ui.theme.palette import make_palette

NOW = 1_700_000_000.0
ANSWER = """## Heading

A paragraph with **bold** words and `code`, as long as three lines on paper are when the letters are of a usual size.

1. one
2. two
   - inner

```python
while a_condition_with_a_long_name(cat) or another_condition_with_a_long_name(cat) or a_third_condition_of_all(cat):
    nap()
```

| a | b |
|---|---|
| 1 | 猫每天睡十二到十六个小时 |
"""


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    history = History(tmp_path / "history.sqlite3")
    yield history
    history.close()


@pytest.fixture
def widget(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def conversation_of(history: History, exchanges: int, answer: str = ANSWER) -> str:
    messages = tuple(
        ExchangedMessage(
            str(n), str(n - 1) if n else None, Role.ASSISTANT if n % 2 else Role.USER, answer if n % 2 else "Why?", NOW
        )
        for n in range(2 * exchanges)
    )
    return history.take_in(ExchangedConversation("test:1", "猫 naps", NOW, NOW, messages)).conversation_id


def pages(file: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", file.read_bytes()))


def test_160_exchanges_become_a_pdf_within_seconds_and_in_slices(
    history: History, widget: QWidget, qtbot: QtBot, tmp_path: Path
) -> None:
    # GIVEN
    conversation = conversation_of(history, 160)
    jobs = PaperJobs(widget, ExportWords)
    turns: list[float] = []
    clock = QTimer(interval=0)
    clock.timeout.connect(lambda: turns.append(perf_counter()))
    clock.start()
    # WHEN
    with qtbot.waitSignal(jobs.finished) as signal:
        jobs.write_pdf(history, conversation, tmp_path / "a.pdf")
    # THEN other work had its turn many times between
    assert signal.args == [tmp_path / "a.pdf"]
    assert len(turns) > 10
    assert not jobs.is_busy
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")
    assert 30 < pages(tmp_path / "a.pdf") < 160


def test_an_empty_conversation_is_a_page_with_its_title(
    history: History, widget: QWidget, qtbot: QtBot, tmp_path: Path
) -> None:
    jobs = PaperJobs(widget, ExportWords)
    with qtbot.waitSignal(jobs.finished):
        jobs.write_pdf(history, history.create("Nothing yet").id, tmp_path / "a.pdf")
    assert pages(tmp_path / "a.pdf") == 1


@pytest.mark.parametrize(
    "answer",
    ["x" * 100_000, "word " * 20_000, "```\n" + "line\n" * 3000, "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 300],
    ids=["one word", "one line", "open code", "table"],
)
def test_what_is_longer_than_a_page_goes_on_behind_it(
    history: History, widget: QWidget, qtbot: QtBot, tmp_path: Path, answer: str
) -> None:
    jobs = PaperJobs(widget, ExportWords)
    with qtbot.waitSignal(jobs.finished):
        jobs.write_pdf(history, conversation_of(history, 1, answer), tmp_path / "a.pdf")
    assert pages(tmp_path / "a.pdf") >= 4


def test_a_cancel_leaves_no_half_of_a_pdf(history: History, widget: QWidget, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"old")
    jobs = PaperJobs(widget, ExportWords)
    with qtbot.waitSignal(jobs.advanced):
        jobs.write_pdf(history, conversation_of(history, 100), tmp_path / "a.pdf")
    with qtbot.waitSignal(jobs.ended):
        jobs.cancel()
    assert not jobs.is_busy
    assert (tmp_path / "a.pdf").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".pdf" or ".pdf." in path.name] == ["a.pdf"]


def test_what_cannot_be_written_is_a_sentence(history: History, widget: QWidget, tmp_path: Path) -> None:
    jobs = PaperJobs(widget, ExportWords)
    for conversation, file in (
        (conversation_of(history, 1), tmp_path / "gone" / "a.pdf"),
        ("gone", tmp_path / "a.pdf"),
    ):
        with pytest.raises(UserFacingError):
            jobs.write_pdf(history, conversation, file)
        assert not jobs.is_busy
    assert not (tmp_path / "a.pdf").exists()


def test_paper_is_light_whatever_the_screen_shows(widget: QWidget) -> None:
    style = sheet_style(widget.font(), make_palette(dark=False), 600)
    assert style.palette.color(QPalette.ColorRole.Text).lightness() < 60


def test_every_word_is_on_the_sheets_and_no_line_is_cut(history: History, widget: QWidget) -> None:
    style = sheet_style(widget.font(), make_palette(dark=False), 600)
    tree = history.stored_tree(conversation_of(history, 1))
    assert tree is not None
    _, answer = tree.messages(tree.structure.path())
    (sheet,) = message_sheets(answer, ExportWords(), style)
    text = sheet.document.toPlainText()
    for words in ("Model", "Heading", "bold", "inner", "nap()", "猫每天睡十二到十六个小时"):
        assert words in text
    ends = page_ends(sheet.document)
    assert ends == sorted(ends)
    assert ends[-1] == sheet.document.size().height()
    # a page does not end behind a heading
    layout = sheet.document.documentLayout()
    block = sheet.document.begin()
    while block.isValid() and block.text() != "Heading":
        block = block.next()
    below = layout.blockBoundingRect(block.next()).top()
    assert not [end for end in ends if layout.blockBoundingRect(block).bottom() <= end <= below + 1]


@given(st.lists(st.text(alphabet="a `~\n-", max_size=400), max_size=30).map("\n".join))
def test_a_text_in_pieces_says_the_same(text: str) -> None:
    pieces = list(split(text))
    assert all(len(piece) < 7_000 for piece in pieces)
    assert re.sub(r"[\s`~]", "", "".join(pieces)) == re.sub(r"[\s`~]", "", text)


def test_code_that_is_cut_begins_again() -> None:
    pieces = list(split("```\n" + "x = 1\n" * 3000))
    assert len(pieces) > 2
    assert all(piece.startswith("```") for piece in pieces)
    assert all(piece.rstrip().endswith("```") for piece in pieces[:-1])
