"""A conversation on paper: every word of it, in pages, without holding the interface up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from PySide6.QtCore import QBuffer, QRectF, QTimer
from PySide6.QtGui import QFont, QPainter, QPalette, QPdfWriter, QTextDocument
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.engine.types import Role
from desktop.history.exchange.extent import Extent
from desktop.history.exchange.records import ExchangedConversation, ExchangedMessage
from desktop.history.exchange.words import ExportWords
from desktop.history.records import StoredMessage
from desktop.history.store import History
from desktop.ui.exchange.page_breaks import page_breaks
from desktop.ui.exchange.pages import Canvas, PageFrame, Pages
from desktop.ui.exchange.printing import PaperJobs
from desktop.ui.exchange.sheets import Sheet, message_sheets, sheet_style
from desktop.ui.theme.code_colours import CodePart, code_colours
from desktop.ui.theme.palette import make_palette
from desktop.ui.transcript.markdown.document import blocks_of

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
        jobs.write_pdf(history, conversation, tmp_path / "a.pdf", Extent())
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
        jobs.write_pdf(history, history.create("Nothing yet").id, tmp_path / "a.pdf", Extent())
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
        jobs.write_pdf(history, conversation_of(history, 1, answer), tmp_path / "a.pdf", Extent())
    assert pages(tmp_path / "a.pdf") >= 4


def test_a_cancel_leaves_no_half_of_a_pdf(history: History, widget: QWidget, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"old")
    jobs = PaperJobs(widget, ExportWords)
    with qtbot.waitSignal(jobs.advanced):
        jobs.write_pdf(history, conversation_of(history, 100), tmp_path / "a.pdf", Extent())
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
            jobs.write_pdf(history, conversation, file, Extent())
        assert not jobs.is_busy
    assert not (tmp_path / "a.pdf").exists()


def test_paper_is_light_whatever_the_screen_shows(widget: QWidget) -> None:
    style = sheet_style(widget.font(), make_palette(dark=False), 600)
    assert style.palette.color(QPalette.ColorRole.Text).lightness() < 60


def sheets_of(history: History, widget: QWidget, answer: str, *, with_thoughts: bool = False) -> list[Sheet]:
    style = sheet_style(widget.font(), make_palette(dark=False), 600)
    tree = history.stored_tree(conversation_of(history, 1, answer))
    assert tree is not None
    _, message = tree.messages(tree.structure.path())
    return list(message_sheets(message, ExportWords(), style, with_thoughts=with_thoughts))


def test_every_word_is_on_the_sheets_and_no_page_ends_behind_a_heading(history: History, widget: QWidget) -> None:
    heading, sheet = sheets_of(history, widget, ANSWER)
    assert heading.heads
    assert "Model" in heading.document.toPlainText()
    text = sheet.document.toPlainText()
    for words in ("Heading", "bold", "inner", "nap()", "猫每天睡十二到十六个小时"):
        assert words in text
    breaks = page_breaks(sheet.document)
    assert list(breaks.ends) == sorted(breaks.ends)
    assert breaks.end == sheet.document.size().height()
    layout = sheet.document.documentLayout()
    block = sheet.document.begin()
    while block.isValid() and block.text() != "Heading":
        block = block.next()
    below = layout.blockBoundingRect(block.next()).top()
    assert not [end for end in breaks.ends if layout.blockBoundingRect(block).bottom() <= end <= below + 1]


PAGE = 700.0


@pytest.mark.parametrize("what", ["code", "table", "paragraph"])
def test_what_fits_on_a_page_is_not_torn_apart(history: History, widget: QWidget, what: str) -> None:
    # GIVEN something of ten lines between paragraphs
    inside = {
        "code": "```python\n" + "".join(f"line_{n}()\n" for n in range(10)) + "```\n",
        "table": "| a | b |\n|---|---|\n" + "".join(f"| row {n} | more |\n" for n in range(10)),
        "paragraph": "short enough to be kept " * 5 + "\n",
    }[what]
    *_, sheet = sheets_of(history, widget, "\n\n".join(["before " * 60, inside, "after " * 60]))
    blocks = [block for block in blocks_of(sheet.document) if block.text().startswith(("line_", "row ", "short"))]
    layout = sheet.document.documentLayout()
    top = layout.blockBoundingRect(blocks[0]).top() + blocks[0].layout().lineAt(0).y()
    bottom = layout.blockBoundingRect(blocks[-1]).bottom()
    assert bottom - top > 30
    breaks = page_breaks(sheet.document)
    # WHEN a page ends anywhere THEN it ends before it or behind it
    for room in range(1, int(sheet.document.size().height())):
        end = breaks.fitting(0.0, room, PAGE)
        assert end is None or not top < end < bottom, room
        assert end is None or end <= room
    # and all of it goes on a page
    assert breaks.fitting(0.0, PAGE, PAGE) == breaks.end


def test_no_line_of_a_paragraph_is_alone_on_a_page(history: History, widget: QWidget) -> None:
    *_, sheet = sheets_of(history, widget, "word " * 200)
    breaks = page_breaks(sheet.document)
    layout = sheet.document.begin().layout()
    lines = [layout.lineAt(number).y() for number in range(layout.lineCount())]
    assert len(lines) > 5
    assert breaks.ends == (*lines[2:-1], sheet.document.size().height())


def test_a_table_longer_than_a_page_is_headed_on_each(history: History, widget: QWidget) -> None:
    # GIVEN a table that is laid out in several pieces
    rows = 300
    answer = "| number | of what |\n|---|---|\n" + "".join(f"| {n}. | row |\n" for n in range(rows))
    sheets = sheets_of(history, widget, answer)
    assert len(sheets) > 3
    # WHEN it goes on pages
    recorder = Recorder(sheets)
    # THEN every row is there once, and each page begins with the head
    assert len(recorder.pages) > 5
    words = [text for page in recorder.pages for text in page]
    assert [word for word in words if word.endswith(".")] == [f"{n}." for n in range(rows)]
    for page in recorder.pages:
        assert page.count("number") == 1
        assert next(text for text in page if text == "number" or text.endswith(".")) == "number"


class Recorder(Pages):
    """Pages that note the words on each."""

    def __init__(self, sheets: list[Sheet]) -> None:
        style = sheet_style(QFont(), make_palette(dark=False), 600)
        self.pages: list[list[str]] = []
        super().__init__(style, QRectF(0, 0, 600, PAGE), None)
        for sheet in sheets:
            self.add(sheet)
        self.finish()

    def _paint(self, sheet: QTextDocument, begin: float, end: float) -> None:
        layout = sheet.documentLayout()
        while len(self.pages) < self.count:
            self.pages.append([])
        for block in blocks_of(sheet):
            if begin <= layout.blockBoundingRect(block).center().y() < end:
                self.pages[-1].append(block.text())


def test_a_heading_stands_with_what_follows_it(history: History, widget: QWidget) -> None:
    # WHEN some messages of many lengths go on pages
    for lines in range(1, 60, 2):
        sheets = [*sheets_of(history, widget, "line\n\n" * lines), *sheets_of(history, widget, "follows")]
        recorder = Recorder(sheets)
        # THEN no page ends with the name of who speaks
        assert not [page for page in recorder.pages if page[-1].startswith("Model")]


def test_thoughts_and_other_versions_are_on_paper_where_they_are_asked_for(
    history: History, widget: QWidget, qtbot: QtBot, tmp_path: Path
) -> None:
    # GIVEN an answer with thoughts in two versions
    messages = (
        ExchangedMessage("0", None, Role.USER, "Why?", NOW),
        ExchangedMessage("1", "0", Role.ASSISTANT, "x" * 9_000, NOW, shown=False),
        ExchangedMessage("2", "0", Role.ASSISTANT, "Because.", NOW, thinking="Hm, " * 5_000),
    )
    conversation = history.take_in(ExchangedConversation("test:2", "Cats", NOW, NOW, messages)).conversation_id
    tree = history.stored_tree(conversation)
    assert tree is not None
    answer = list(tree.messages())[2]
    style = sheet_style(widget.font(), make_palette(dark=False), 600)
    with_thoughts = list(message_sheets(answer, ExportWords(), style, with_thoughts=True))
    assert with_thoughts[1].document.toPlainText().startswith("Thoughts\nHm, Hm")
    assert sum(sheet.document.toPlainText().count("Hm") for sheet in with_thoughts) == 5_000
    assert len(list(message_sheets(answer, ExportWords(), style, with_thoughts=False))) == 2
    # WHEN it is written THEN more pages tell more
    counts = []
    for extent in (Extent(), Extent(versions=True), Extent(thoughts=True), Extent(thoughts=True, versions=True)):
        jobs = PaperJobs(widget, ExportWords)
        with qtbot.waitSignal(jobs.finished):
            jobs.write_pdf(history, conversation, tmp_path / "a.pdf", extent)
        counts.append(pages(tmp_path / "a.pdf"))
    assert counts[0] == 1
    assert counts == sorted(set(counts))


def test_every_page_says_its_title_its_date_and_how_many_there_are(history: History, widget: QWidget) -> None:
    # GIVEN a painter that notes what is written
    lines: list[str] = []
    note = {"drawText": lambda _self, *arguments: lines.append(str(arguments[-1]))}
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    device = QPdfWriter(buffer)
    painter = type("Notes", (QPainter,), note)(device)
    style = sheet_style(widget.font(), make_palette(dark=False), 600)
    frame = PageFrame("猫 naps", "2026-11-28", "Page {0} of {1}", 2)
    written = Pages(style, QRectF(0, 0, 600, PAGE), Canvas(device, painter, frame))
    # WHEN two pages are written
    for sheet in sheets_of(history, widget, "word " * 600):
        written.add(sheet)
    written.finish()
    painter.end()
    # THEN each says what it is
    assert lines == ["2026-11-28", "猫 naps", "Page 1 of 2", "2026-11-28", "猫 naps", "Page 2 of 2"]


def test_code_has_the_colours_of_the_light_theme_also_where_it_goes_on(widget: QWidget) -> None:
    # GIVEN code that is laid out in several pieces, since it is long
    lines = [f"value_{number} = 'cat'  # naps" for number in range(400)]
    code = "\n".join(["def nap():", *lines])
    style = sheet_style(widget.font(), make_palette(dark=False), 600)
    told = StoredMessage(1, "c", Role.ASSISTANT, f"See:\n\n```python\n{code}\n```\n\nDone.", created=NOW)
    # WHEN it is put on paper
    sheets = list(message_sheets(told, ExportWords(), style, with_thoughts=False))
    # THEN every line of it is coloured, and nothing else is
    colours = code_colours(make_palette(dark=False))
    seen: dict[str, set[str]] = {}
    for sheet in sheets:
        for block in blocks_of(sheet.document):
            formats: list[Any] = block.layout().formats()  # PySide's declarations do not say what is in them
            seen[block.text()] = {each.format.foreground().color().name() for each in formats}
    assert len(sheets) > 3
    assert seen["def nap():"] == {colours[CodePart.KEYWORD].name(), colours[CodePart.NAME].name()}
    naps = {colours[CodePart.TEXT].name(), colours[CodePart.COMMENT].name()}
    assert all(seen[line] == naps for line in lines)
    assert seen["See:"] == seen["Done."] == set()
