"""Export, import and PDF from the window's own menus and dialogs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from desktop.history.store import History
from desktop.ui.chat.window import ChatWindow
from desktop.ui.exchange.presenter import ExchangePresenter
from desktop.ui.widgets.banner import Notice, Severity
from tests.rigs.meter import Meter
from tests.rigs.windows import chat_window
from tests.support.small_files import no_larger_files
from tests.support.widgets import child, children, letters_given_twice

EXAMPLES = Path(__file__).parents[2] / "history" / "exchange" / "examples"


class Rig:
    """A window, a history with one conversation in view, and what was opened."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.history = History(folder / "history.sqlite3")
        self.window: ChatWindow = chat_window(qtbot, Meter())
        self.shown: str | None = self.history.create("Cats: why?").id
        self.history.add_user_message(self.shown, "Why do cats nap?")
        self.folders: list[QUrl] = []
        self.imported: list[str] = []
        self.presenter = ExchangePresenter(
            self.window, self.history, lambda: self.shown, self.folders.append, self.window
        )
        self.presenter.imported.connect(self.imported.append)

    def choose(self, file: Path, accept: bool = True) -> QFileDialog:
        """Answers the dialog that is open."""
        dialog = child(self.window, QFileDialog)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        if accept:
            dialog.selectFile(str(file))
            dialog.accept()
        else:
            dialog.reject()
        return dialog

    def notice(self) -> Notice:
        """Waits until nothing is under way; returns what the banner says then."""
        self.qtbot.waitUntil(lambda: not self.presenter.is_busy)
        notice = self.window.pane.banner.current
        assert notice is not None
        return notice


@pytest.fixture
def rig(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(qtbot, tmp_path)
    yield rig
    rig.presenter.close()
    rig.history.close()


def test_a_conversation_is_exported_to_where_the_dialog_says(rig: Rig, tmp_path: Path) -> None:
    rig.presenter.export()
    assert "Cats why" in child(rig.window, QFileDialog).selectedFiles()[0]
    rig.choose(tmp_path / "out")
    notice = rig.notice()
    # THEN the ending was added by the dialog, which so asks before it replaces a file
    assert notice.detail == str(tmp_path / "out.md")
    assert "Why do cats nap?" in (tmp_path / "out.md").read_text(encoding="utf-8")
    # AND the folder can be shown
    (action,) = notice.actions
    action.run()
    assert rig.folders == [QUrl.fromLocalFile(str(tmp_path))]


def test_all_conversations_as_json_come_back_in_another_catnap(rig: Rig, tmp_path: Path) -> None:
    rig.history.create("Dogs")
    rig.presenter.export_all()
    rig.choose(tmp_path / "all.json")
    assert rig.notice().severity is Severity.INFO
    value = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert {one["title"] for one in value["conversations"]} == {"Cats: why?", "Dogs"}


def test_an_import_says_what_it_brought(rig: Rig, tmp_path: Path) -> None:
    rig.presenter.choose_import()
    rig.choose(EXAMPLES / "chatgpt.json")
    notice = rig.notice()
    assert notice.title == "2 conversations imported"
    assert len(rig.history.conversations()) == 3
    # AND leads to the newest
    opened: list[str] = []
    rig.presenter.openRequested.connect(opened.append)
    notice.actions[0].run()
    assert opened == rig.imported
    assert rig.history.transcript(opened[0]).conversation.title == "Weight of a cat"
    # WHEN the same is imported again THEN it says so
    rig.presenter.import_file(EXAMPLES / "chatgpt.json")
    again = rig.notice()
    assert (again.title, again.detail, again.actions) == ("Nothing new imported", "2 were there already.", ())


def test_a_file_of_something_else_is_a_sentence(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    rig.presenter.import_file(tmp_path / "x.json")
    notice = rig.notice()
    assert notice.severity is Severity.PROBLEM
    assert "ChatGPT" in notice.remedy
    assert rig.imported == []


def test_what_cannot_be_written_is_a_sentence(rig: Rig, tmp_path: Path) -> None:
    rig.presenter.export()
    rig.choose(tmp_path / "history.sqlite3" / "a.md", accept=False)
    rig.presenter._export(tmp_path / "gone" / "a.md", rig.shown)
    assert rig.notice().severity is Severity.PROBLEM


def test_a_stop_ends_an_import_and_keeps_what_came(rig: Rig, tmp_path: Path) -> None:
    conversations = [{"id": str(n), "messages": [{"role": "user", "text": "Q" * 500}]} for n in range(5000)]
    (tmp_path / "many.json").write_text(json.dumps(conversations))
    rig.presenter.import_file(tmp_path / "many.json")
    running = rig.window.pane.banner.current
    assert running is not None and not running.closable
    running.actions[0].run()
    notice = rig.notice()
    assert "You stopped it" in notice.detail
    assert len(rig.history.conversations()) < 5000


def test_one_thing_at_a_time(rig: Rig) -> None:
    rig.presenter.export()
    rig.presenter.export_all()
    rig.presenter.choose_import()
    child(rig.window, QFileDialog).reject()


def test_without_a_conversation_there_is_nothing_to_export(rig: Rig) -> None:
    rig.shown = None
    rig.presenter.export()
    rig.presenter.save_pdf()
    rig.presenter.print_out()
    assert rig.window.findChildren(QFileDialog) == []


@pytest.mark.parametrize(
    ("is_full", "said"),
    [
        (True, ("The disk is full; the PDF was not written.", "Make room")),
        (False, ("The PDF cannot", "Choose another")),
    ],
)
def test_a_pdf_that_finds_no_room_says_so(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_full: bool, said: tuple[str, str]
) -> None:
    (tmp_path / "cats.pdf").write_text("old")
    monkeypatch.setattr("desktop.ui.exchange.printing.has_no_room", lambda folder: is_full and folder == tmp_path)
    rig.presenter.save_pdf()
    with no_larger_files(1000):
        rig.choose(tmp_path / "cats.pdf")
        notice = rig.notice()
    assert (notice.title.startswith(said[0]), notice.remedy.startswith(said[1])) == (True, True)
    assert (tmp_path / "cats.pdf").read_text() == "old"
    assert len(list(tmp_path.glob("cats.pdf*"))) == 1


def test_a_pdf_is_written(rig: Rig, tmp_path: Path) -> None:
    rig.presenter.save_pdf()
    rig.choose(tmp_path / "cats")
    assert rig.notice().detail == str(tmp_path / "cats.pdf")
    assert (tmp_path / "cats.pdf").read_bytes().startswith(b"%PDF-")


def test_quitting_ends_what_is_under_way(rig: Rig, tmp_path: Path) -> None:
    conversations = [{"id": str(n), "messages": [{"role": "user", "text": "Q" * 500}]} for n in range(5000)]
    (tmp_path / "many.json").write_text(json.dumps(conversations))
    rig.presenter.import_file(tmp_path / "many.json")
    rig.presenter.close()
    rig.qtbot.waitUntil(lambda: not rig.presenter.is_busy)


def test_the_menus_offer_it(rig: Rig) -> None:
    bar = rig.window.menuBar()
    texts = [action.text().replace("&", "") for action in children(bar, QMenu)[0].actions()]
    offered = {"Export…", "Export all…", "Import…", "Print…", "Save as PDF…"}
    assert offered <= set(texts)
    assert letters_given_twice(bar) == []
    menu = QMenu(rig.window)
    asked: list[str] = []
    rig.window.menu.exchange.pdfRequested.connect(asked.append)
    rig.window.list.menuOpened.emit(menu, "gone")
    next(action for action in menu.actions() if "PDF" in action.text()).trigger()
    assert asked == ["gone"]
    rig.window.menu.exchange.pdfRequested.disconnect(asked.append)
    child(rig.window, QFileDialog).reject()
