"""Export, import and PDF from the window's own menus and dialogs."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QStandardPaths, QUrl
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from desktop.history.exchange.extent import Extent
from desktop.history.records import MessageState
from desktop.history.store import History
from desktop.ui.chat.window import ChatWindow
from desktop.ui.exchange.extent_dialog import ExtentDialog
from desktop.ui.exchange.presenter import ExchangePresenter
from desktop.ui.widgets.banner import Banner, Notice, Severity
from desktop.ui.widgets.file_dialog import FileDialog
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
    child(rig.window, ExtentDialog).accept()
    rig.choose(tmp_path / "all.json")
    assert rig.notice().severity is Severity.INFO
    value = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert {one["title"] for one in value["conversations"]} == {"Cats: why?", "Dogs"}


def test_an_export_of_nothing_replaces_nothing(rig: Rig, tmp_path: Path) -> None:
    # GIVEN an export, and a conversation that is deleted while the next one is asked for
    old = tmp_path / "old.md"
    old.write_text("words")
    rig.presenter.export()
    rig.history.delete(rig.history.conversations()[0].id)
    rig.choose(old)
    assert rig.notice().severity is Severity.PROBLEM
    # AND where there is none any more nothing is asked
    rig.presenter.export_all()
    assert rig.notice().title == "There are no conversations to export."
    assert not children(rig.window, ExtentDialog)
    assert old.read_text() == "words"


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


def test_a_file_without_conversations_says_that_it_has_none(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    rig.presenter.import_file(tmp_path / "x.json")
    assert rig.notice().detail == "There are no conversations in the file."


def test_the_next_import_begins_where_the_last_file_was_and_an_export_does_not(rig: Rig, tmp_path: Path) -> None:
    downloads = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
    rig.presenter.choose_import()
    assert child(rig.window, FileDialog).directory().path() in (downloads, str(Path.home()))
    child(rig.window, FileDialog).reject()
    # GIVEN a file whose path was typed
    (tmp_path / "x.json").write_text("[]")
    rig.presenter.import_file(tmp_path / "x.json")
    rig.notice()
    rig.presenter.choose_import()
    dialog = next(one for one in children(rig.window, FileDialog) if one.isVisible())
    assert dialog.directory().path() == str(tmp_path)
    dialog.reject()
    rig.presenter.export()
    dialog = next(one for one in children(rig.window, FileDialog) if one.isVisible())
    assert dialog.directory().path() != str(tmp_path)


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
    rig.presenter._export(tmp_path / "gone" / "a.md", rig.shown, Extent())
    assert rig.notice().severity is Severity.PROBLEM


class PaintLog(QObject):
    """Notes what a banner said whenever it was painted."""

    def __init__(self, banner: Banner) -> None:
        super().__init__(banner)
        self.painted: list[str] = []
        self._banner = banner
        banner.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._banner and event.type() == QEvent.Type.Paint and self._banner.current is not None:
            assert self._banner.height() > 20
            self.painted.append(self._banner.current.title)
        return False


def test_an_import_is_in_view_before_it_begins_whatever_else_there_was_to_say(rig: Rig, tmp_path: Path) -> None:
    # GIVEN a window that has something else to say, and a file
    rig.window.pane.banner.show_notice(Notice("Conversation deleted", key="undo"))
    (tmp_path / "one.json").write_text('[{"id": "1", "messages": [{"role": "user", "text": "Q"}]}]')
    log = PaintLog(rig.window.pane.banner)
    before = {thread.name for thread in threading.enumerate()}

    # WHEN it is chosen THEN it is painted that it is being read, before any of the work takes the interpreter's time
    rig.presenter.import_file(tmp_path / "one.json")
    assert log.painted == ["Importing conversations…"]
    assert {thread.name for thread in threading.enumerate()} == before
    running = rig.window.pane.banner.current
    assert running is not None and [action.text for action in running.actions] == ["Stop"]

    assert rig.notice().title == "1 conversation imported"


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


def think_twice(rig: Rig) -> None:
    """Gives the conversation in view an answer with thoughts, and another version of it."""
    assert rig.shown is not None
    question = rig.history.transcript(rig.shown).messages[-1]
    for text, thinking in (("First answer.", ""), ("Second answer.", "Hm, cats.")):
        rig.history.add_answer(
            rig.shown,
            text,
            thinking=thinking,
            state=MessageState.COMPLETE,
            model="Tiny",
            stats=None,
            parent=question.id,
        )


def test_what_is_not_in_view_is_offered_and_left_out_at_first(rig: Rig, tmp_path: Path) -> None:
    think_twice(rig)
    # WHEN nothing is ticked THEN it is not there, and the file says so
    rig.presenter.export()
    dialog = child(rig.window, ExtentDialog)
    boxes = [box for box in children(dialog, QCheckBox) if not box.isHidden()]
    assert [box.text().replace("&", "") for box in boxes] == [
        "Thoughts of the model (1 answer)",
        "Other versions, with what followed them (1 message)",
    ]
    assert not any(box.isChecked() for box in boxes)
    keyed = [button.text() for button in children(dialog, QAbstractButton) if "&" in button.text()]
    letters = [text[text.index("&") + 1].lower() for text in keyed]
    assert len(letters) == len(set(letters)) == 3
    dialog.accept()
    rig.choose(tmp_path / "out.md")
    rig.notice()
    said = (tmp_path / "out.md").read_text(encoding="utf-8")
    assert "Second answer." in said and "Hm, cats." not in said and "First answer." not in said
    assert "Left out: the thoughts of 1 answer · 1 message of other versions" in said
    # WHEN one is THEN just that is
    rig.qtbot.waitUntil(lambda: rig.window.findChildren(ExtentDialog) == [])
    rig.presenter.export()
    dialog = child(rig.window, ExtentDialog)
    children(dialog, QCheckBox)[1].click()
    dialog.accept()
    rig.choose(tmp_path / "more.md")
    rig.notice()
    said = (tmp_path / "more.md").read_text(encoding="utf-8")
    assert "First answer." in said and "Hm, cats." not in said


def test_printing_and_a_pdf_offer_the_same_and_a_cancel_does_nothing(rig: Rig) -> None:
    think_twice(rig)
    for begin in (rig.presenter.save_pdf, rig.presenter.print_out, rig.presenter.export, rig.presenter.export_all):
        begin()
        dialog = child(rig.window, ExtentDialog)
        assert len(children(dialog, QCheckBox)) == 2
        begin()  # a second time it is only raised
        dialog.reject()
        rig.qtbot.waitUntil(lambda: rig.window.findChildren(ExtentDialog) == [])
        assert rig.window.findChildren(QFileDialog) == []
    assert rig.window.pane.banner.current is None


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
