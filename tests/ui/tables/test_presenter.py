"""A table that is made in the window, with an engine that the test plays and documents that it has written."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.background_writer import write_at_once
from desktop.common.errors import UserFacingError
from desktop.documents.library.libraries import DocumentLibrary
from desktop.documents.types import Document, DocumentKind, Note, NoteKind, Part, PartKind
from desktop.engine.types import Asleep, Failed, Finished, FinishReason, Generation, SleepReason, Stats, Token
from desktop.extraction.kept import KeptTable
from desktop.lifecycle.low_memory import SpareMemory
from desktop.machine.memory_pressure import Pressure
from desktop.structured.fields import parse_fields
from desktop.structured.library import FormLibrary
from desktop.ui.documents.viewer import DocumentViewer
from desktop.ui.tables.dialog import TableDialog
from desktop.ui.tables.making import TableMaking
from desktop.ui.tables.presenter import TablesPresenter
from desktop.ui.widgets.banner import Notice

FORM = parse_fields("name, total: number", "Bills")


class Bench:
    """The presenter and all that it knows."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot, self.folder = qtbot, folder
        self.requests: list[Generation] = []
        self.cancelled: list[int] = []
        self.troubles: list[UserFacingError] = []
        self.is_in_use, self.can_ask, self.is_admitted = False, True, True
        self.pressure, self.now = Pressure.NONE, 0.0
        self.documents: dict[str, Document | UserFacingError] = {}
        self.kept = KeptTable(folder / "table.jsonl")
        self.libraries: list[DocumentLibrary] = []
        self.begin()

    def begin(self) -> None:
        """Begins the program, for the first time or again."""
        self.owner = QObject()
        self.memory = SpareMemory(self, lambda: self.now)
        self.making = TableMaking(
            self.kept, self, itertools.count(1), lambda: self.is_admitted, lambda: self.is_in_use, self.memory,
            self._document, self.owner, quiet_seconds=0.0,
        )  # fmt: skip
        self.presenter = TablesPresenter(
            self._dialog, self._viewer, self.kept, FormLibrary(self.folder / "forms.json"), lambda: self.libraries,
            self.making, lambda: self.can_ask, write_at_once, self._document, self.owner,
        )  # fmt: skip
        self.presenter.troubled.connect(self.troubles.append)

    def _dialog(self) -> TableDialog:
        dialog = TableDialog()
        self.qtbot.addWidget(dialog)
        return dialog

    def _viewer(self) -> DocumentViewer:
        viewer = DocumentViewer()
        self.qtbot.addWidget(viewer)
        return viewer

    def read(self) -> Pressure:
        return self.pressure

    def _document(self, path: Path, _show: object, _given_up: threading.Event) -> Document:
        found = self.documents[path.name]
        if isinstance(found, UserFacingError):
            raise found
        return found

    # the engine

    def generate_behind(self, request: Generation) -> None:
        self.requests.append(request)

    def cancel(self, request_id: int) -> None:
        self.cancelled.append(request_id)
        self.making.on_engine_event(Finished(request_id, FinishReason.STOPPED, Stats()))

    def answer(self, name: str, total: str, reason: FinishReason = FinishReason.COMPLETE) -> None:
        """Answers the question that is with the engine, or comes to it."""
        self.qtbot.waitUntil(lambda: (asking := self.making.questions) is not None and asking.is_asking)
        request = self.requests[-1].request_id
        self.making.on_engine_event(Token(request, json.dumps({"name": f" {name}", "total": f" {total}"})))
        self.making.on_engine_event(Finished(request, reason, Stats()))

    # the person

    def write(self, **texts: str | UserFacingError) -> None:
        for name, text in texts.items():
            file = f"{name}.txt"
            (self.folder / "bills").mkdir(exist_ok=True)
            (self.folder / "bills" / file).touch()
            if isinstance(text, str):
                parts, notes = (Part(PartKind.WHOLE, 1, "", text),), (Note(NoteKind.PICTURES, "2"),)
                self.documents[file] = Document(file, DocumentKind.TEXT, parts, notes)
            else:
                self.documents[file] = text

    def start(self) -> None:
        self.presenter.show()
        self.dialog.setup.set_places([self.folder / "bills"])
        self.dialog.setup.editor.show_form(FORM)
        self.dialog.setup.start.click()
        self.qtbot.waitUntil(lambda: self.dialog.shows_rows)

    @property
    def dialog(self) -> TableDialog:
        assert self.presenter.dialog is not None
        return self.presenter.dialog

    def cells(self) -> list[list[str]]:
        table = self.dialog.rows.table
        return [
            [item.text() if (item := table.item(row, column)) is not None else "" for column in range(4)]
            for row in range(table.rowCount())
        ]

    def state(self) -> str:
        return self.dialog.rows._state.text()

    def trouble(self) -> str:
        notice = self.dialog.banner.current
        return f"{notice.title} {notice.detail}" if notice is not None else ""

    def wait_for_requests(self, count: int) -> None:
        self.qtbot.waitUntil(lambda: len(self.requests) == count)

    def wait_for_mark(self, words: str) -> None:
        self.qtbot.waitUntil(lambda: (one := self.presenter.viewer) is not None and one.text.marked == words)

    def until(self, state: str) -> None:
        self.qtbot.waitUntil(lambda: state in self.state())


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    yield made
    made.presenter.shut_down()


def test_rows_fill_in_while_it_works_and_what_the_text_does_not_say_is_marked(bench: Bench) -> None:
    bench.write(a="Miller: 12", b="Smith: 30")
    bench.start()
    # THEN each document has a row at once, and the window says where it is
    assert [row[0] for row in bench.cells()] == ["a.txt", "b.txt"]
    bench.until("1 of 2, a.txt")
    bench.answer("Miller", "12")
    bench.until("2 of 2, b.txt")
    assert bench.cells()[0] == ["a.txt", "Miller", "12", "Pages that are pictures without text: 2."]
    assert bench.cells()[1] == ["b.txt", "", "", ""]
    bench.answer("Jones", "30")
    bench.until("2 documents")
    assert bench.cells()[1][:3] == ["b.txt", "Jones (?)", "30"]
    item = bench.dialog.rows.table.item(1, 1)
    assert item is not None and "The document does not say this." in item.toolTip()
    assert not bench.dialog.rows.main.isVisible()
    assert FormLibrary(bench.folder / "forms.json").all() == (FORM,)


def test_who_has_closed_the_window_is_told_that_the_table_is_done(bench: Bench) -> None:
    told: list[Notice] = []
    over: list[str] = []
    bench.presenter.finished.connect(told.append)
    bench.presenter.shown.connect(over.append)
    bench.write(a="Miller: 12")
    bench.start()
    assert bench.dialog.rows.table.hasFocus() or not bench.dialog.isActiveWindow()
    bench.until("1 of 1, a.txt")
    # GIVEN somebody who goes on with something else
    bench.dialog.close()
    bench.answer("Miller", "12")
    bench.qtbot.waitUntil(lambda: bool(told))
    (notice,) = told
    assert notice.title == "The table is done: bills"
    # WHEN they want to see it THEN it is there, and the notice has had its time
    over.clear()
    notice.actions[0].run()
    assert bench.dialog.isVisible() and bench.cells()[0][:3] == ["a.txt", "Miller", "12"]
    assert over == [notice.key]


def test_what_cannot_be_read_and_what_was_cut_off_are_rows_with_their_sentences(bench: Bench) -> None:
    bench.write(a=UserFacingError("It is locked."), b="Smith: 30", c="Brown: 1")
    bench.start()
    bench.answer("Smith", "30", FinishReason.LENGTH)
    bench.answer("Brown", "1")
    bench.until("2 could not be filled in")
    assert bench.cells()[0][:2] == ["a.txt", "It is locked."]
    assert "cut off before it was whole" in bench.cells()[1][1]
    assert bench.dialog.rows.table.columnSpan(1, 1) == 3
    # WHEN they are tried again THEN only they are
    bench.documents["a.txt"] = bench.documents["b.txt"]
    bench.dialog.rows.main.click()
    bench.answer("Smith", "30")
    bench.answer("Smith", "30")
    bench.until("3 documents")
    assert [row[1] for row in bench.cells()] == ["Smith", "Smith", "Brown"]
    assert bench.dialog.rows.table.columnSpan(1, 1) == 1
    assert len(bench.requests) == 4


def test_the_persons_question_comes_first_and_the_document_is_asked_about_again(bench: Bench) -> None:
    bench.write(a="Miller: 12")
    bench.start()
    bench.qtbot.waitUntil(lambda: len(bench.requests) == 1)
    # WHEN the person asks, which has the request stopped
    bench.is_in_use = True
    bench.cancel(bench.requests[0].request_id)
    # THEN the table waits, and says so
    bench.until("Waiting while you use Catnap")
    assert len(bench.requests) == 1
    bench.is_in_use = False
    bench.making.on_engine_event(Finished(99, FinishReason.COMPLETE, Stats()))
    bench.answer("Miller", "12")
    bench.until("One document")
    assert len(bench.requests) == 2


def test_it_stops_where_memory_is_short_and_goes_on_later(bench: Bench) -> None:
    bench.write(a="Miller: 12")
    bench.start()
    bench.qtbot.waitUntil(lambda: len(bench.requests) == 1)
    bench.pressure = Pressure.SHORT
    bench.now += 3
    assert bench.memory.is_there()
    bench.now += 3
    bench.until("Waiting until there is more free memory")
    assert bench.cancelled == [1]
    bench.pressure = Pressure.NONE
    bench.now += 100
    bench.answer("Miller", "12")
    bench.until("One document")


def test_a_model_that_does_not_fit_waits_too(bench: Bench) -> None:
    bench.write(a="Miller: 12")
    bench.is_admitted = False
    bench.start()
    bench.until("Waiting until there is more free memory")
    assert not bench.requests
    bench.is_admitted = True
    bench.now += 100
    bench.answer("Miller", "12")
    bench.until("One document")


def test_it_is_paused_and_goes_on_after_a_restart(bench: Bench) -> None:
    bench.write(a="Miller: 12", b="Smith: 30", c="Brown: 1")
    bench.start()
    bench.answer("Miller", "12")
    bench.qtbot.waitUntil(lambda: len(bench.requests) == 2)
    bench.dialog.rows.main.click()
    bench.until("Paused")
    bench.presenter.shut_down()
    # WHEN the program begins again
    bench.begin()
    bench.presenter.show()
    assert bench.dialog.shows_rows
    assert [row[:2] for row in bench.cells()] == [["a.txt", "Miller"], ["b.txt", ""], ["c.txt", ""]]
    assert bench.state() == "Paused" and len(bench.requests) == 2
    bench.dialog.rows.main.click()
    bench.answer("Smith", "30")
    bench.answer("Brown", "1")
    bench.until("3 documents")
    assert [row[1] for row in bench.cells()] == ["Miller", "Smith", "Brown"]


def test_whoever_wants_the_model_to_sleep_pauses_it(bench: Bench) -> None:
    bench.write(a="Miller: 12")
    bench.start()
    bench.qtbot.waitUntil(lambda: len(bench.requests) == 1)
    bench.making.on_engine_event(Asleep(SleepReason.MEMORY))
    assert bench.making.is_running
    bench.making.on_engine_event(Asleep(SleepReason.ASKED))
    assert not bench.making.is_running
    bench.until("Paused")


def test_an_engine_that_does_not_answer_is_said(bench: Bench) -> None:
    bench.write(a="Miller: 12", b="Smith: 30", c="Brown: 1")
    bench.start()
    for number in (1, 2):
        bench.wait_for_requests(number)
        bench.making.on_engine_event(Failed(number, UserFacingError("It died.", "Twice."), Stats()))
    bench.until("Paused")
    assert bench.trouble() == "It died. Twice."
    assert bench.dialog.rows.main.text() == "&Go on"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda setup: setup.editor.show_form(parse_fields("a")), "Choose the documents first."),
        (lambda setup: setup.set_places([Path("/")]), "No field has a name yet."),
        (lambda setup: setup.set_places([Path("/nowhere/at/all")]), ""),
    ],
)
def test_what_is_missing_is_said_before_it_begins(bench: Bench, change: Callable[[object], None], words: str) -> None:
    bench.presenter.show()
    setup = bench.dialog.setup
    change(setup)
    setup.start.click()
    if words:
        assert words in setup._complaint.text()
    assert not bench.dialog.shows_rows


def test_an_empty_folder_is_said(bench: Bench) -> None:
    (bench.folder / "bills").mkdir()
    bench.presenter.show()
    bench.dialog.setup.set_places([bench.folder / "bills"])
    bench.dialog.setup.editor.show_form(FORM)
    bench.dialog.setup.start.click()
    bench.qtbot.waitUntil(lambda: "There is no document." in bench.dialog.setup._complaint.text())
    assert bench.dialog.setup.start.isEnabled() and not bench.dialog.shows_rows


def test_without_a_model_nothing_begins(bench: Bench) -> None:
    bench.write(a="Miller: 12")
    bench.can_ask = False
    bench.presenter.show()
    bench.dialog.setup.set_places([bench.folder / "bills"])
    bench.dialog.setup.editor.show_form(FORM)
    bench.dialog.setup.start.click()
    assert not bench.dialog.shows_rows and bench.kept.read() is None


def test_a_library(bench: Bench) -> None:
    bench.write(a="Miller: 12")
    bench.libraries = [
        DocumentLibrary("x", "House", bench.folder),
        DocumentLibrary("y", "Bills", bench.folder / "bills"),
    ]
    bench.presenter.show_for_library(bench.libraries[1])
    bench.dialog.setup.editor.show_form(FORM)
    bench.dialog.setup.start.click()
    bench.answer("Miller", "12")
    bench.until("One document")
    found = bench.kept.read()
    assert found is not None and found[0].title == "Bills"
    assert found[0].sources[0].path == bench.folder / "bills" / "a.txt"


def test_a_click_shows_where_the_document_says_it(bench: Bench) -> None:
    bench.write(a="From: Miller\n\nTotal: 1,250.40 EUR", b="Smith: 30")
    bench.start()
    bench.answer("Miller", "1250.40")
    bench.answer("Smith", "30")
    bench.until("2 documents")
    for place, column, marked in ((0, 2, "1,250.40"), (0, 1, "Miller"), (0, 0, "Miller"), (1, 2, "30")):
        bench.dialog.rows.table.cellClicked.emit(place, column)
        name = f"{'ab'[place]}.txt"
        bench.wait_for_mark(marked)
        viewer = bench.presenter.viewer
        assert viewer is not None and viewer.document is not None and viewer.document.name == name
    # WHEN the file is gone THEN that is said
    bench.documents["a.txt"] = UserFacingError("The file is gone.")
    bench.dialog.rows.table.cellClicked.emit(0, 0)
    bench.qtbot.waitUntil(lambda: bench.trouble() == "The file is gone. ")


def test_it_is_saved_and_copied(bench: Bench) -> None:
    bench.write(a="=Miller: 12", b="Smith: 30")
    bench.start()
    bench.answer("=Miller", "12")
    bench.qtbot.waitUntil(lambda: len(bench.requests) == 2)
    file = bench.folder / "out.csv"
    bench.presenter.save(file)
    assert file.read_bytes().decode() == (
        "\ufeffdocument,name,total,not found in the text,remark,error\r\n"
        "a.txt,'=Miller,12,,Pages that are pictures without text: 2.,\r\n"
    )
    bench.qtbot.waitUntil(lambda: bench.dialog.banner.holds("table-saved"))
    bench.presenter.copy()
    assert QGuiApplication.clipboard().text().startswith("| document | name | total | remark |\n")
    bench.presenter.save(bench.folder / "no" / "out.csv")
    bench.qtbot.waitUntil(lambda: bench.dialog.banner.holds("table-trouble"))


def test_it_can_be_deleted_and_comes_back(bench: Bench) -> None:
    bench.write(a="Miller: 12")
    bench.start()
    bench.answer("Miller", "12")
    bench.until("One document")
    bench.dialog.rows._new.trigger()
    assert not bench.dialog.shows_rows
    bench.dialog.setup.backRequested.emit()
    assert bench.dialog.shows_rows
    bench.dialog.rows._delete.trigger()
    assert bench.kept.read() is None and not bench.dialog.shows_rows
    notice = bench.dialog.banner.current
    assert notice is not None
    notice.actions[0].run()
    assert bench.dialog.shows_rows and bench.cells()[0][1] == "Miller"
    found = bench.kept.read()
    assert found is not None and list(found[1]) == ["a.txt"]
