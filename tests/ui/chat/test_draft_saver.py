"""What is written and not sent lasts: over a change of conversation, a crash, quitting and starting again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from desktop.history.drafts import DraftFile
from desktop.history.records import Transcript
from desktop.ui.chat.draft_saver import DraftSaver
from desktop.ui.chat.window import ChatWindow
from tests.rigs.conversations import dialogue, question
from tests.rigs.meter import Meter
from tests.rigs.shell import running
from tests.rigs.windows import A, B, chat_window
from tests.support.own_models import use_own
from tests.support.patience import PATIENCE_S


class Shelf(DraftFile):
    """Remembers what it was given, each time."""

    def __init__(self, drafts: Mapping[str, str] | None = None) -> None:
        super().__init__(Path("no folder", "drafts.json"))
        self.drafts = dict(drafts or {})
        self.saved: list[dict[str, str]] = []
        self.is_full = False

    def load(self) -> Mapping[str, str]:
        return self.drafts

    def save(self, drafts: Mapping[str, str]) -> bool:
        self.saved.append({key: text for key, text in drafts.items() if text})
        return not self.is_full


@pytest.fixture
def window(qtbot: QtBot) -> ChatWindow:
    return chat_window(qtbot, Meter())


def keep(window: ChatWindow, shelf: Shelf) -> DraftSaver:
    keeper = DraftSaver(shelf, window)
    keeper.follow(window.pane)
    return keeper


def write(window: ChatWindow, text: str) -> None:
    QTest.keyClicks(window.pane.composer.edit, text)


class TestWhen:
    def test_what_found_no_room_is_tried_again(
        self, window: ChatWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("desktop.ui.chat.draft_saver._AT_LATEST_MS", 10)
        shelf = Shelf()
        shelf.is_full = True
        keeper = keep(window, shelf)
        write(window, "a")
        keeper.save()
        qtbot.waitUntil(lambda: len(shelf.saved) > 2)
        shelf.is_full = False
        qtbot.waitUntil(lambda: not keeper._at_latest.isActive())
        assert shelf.saved[-1] == {"": "a"}

    def test_a_full_disk_is_said_until_there_is_room(
        self, window: ChatWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whoever quits would lose what is written, and has to know."""
        monkeypatch.setattr("desktop.ui.chat.draft_saver._AT_LATEST_MS", 10)
        folder = tmp_path / "not there yet"
        keeper = DraftSaver(DraftFile(folder / "drafts.json"), window)
        keeper.follow(window.pane)
        write(window, "a long letter")
        keeper.save()
        qtbot.waitUntil(lambda: window.pane.banner.holds("drafts are not kept"))
        notice = window.pane.banner.current
        assert notice is not None and "cannot be kept" in notice.title
        assert str(folder) in notice.detail and "writable" in notice.remedy  # there is room on the disk
        folder.mkdir()
        qtbot.waitUntil(lambda: not window.pane.banner.holds("drafts are not kept"))
        assert DraftFile(folder / "drafts.json").load() == {"": "a long letter"}

    def test_not_with_each_key_but_when_the_typing_stops(
        self, window: ChatWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("desktop.ui.chat.draft_saver._PAUSE_MS", 300)
        shelf = Shelf()
        keep(window, shelf)
        write(window, "a question")
        assert shelf.saved == []
        qtbot.waitUntil(lambda: shelf.saved != [])
        assert shelf.saved == [{"": "a question"}]

    def test_whoever_never_stops_loses_little(
        self, window: ChatWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("desktop.ui.chat.draft_saver._PAUSE_MS", 600_000)
        monkeypatch.setattr("desktop.ui.chat.draft_saver._AT_LATEST_MS", 10)
        shelf = Shelf()
        keep(window, shelf)
        write(window, "on and on")
        qtbot.waitUntil(lambda: shelf.saved != [])

    def test_at_once_when_another_conversation_is_shown(self, window: ChatWindow) -> None:
        shelf = Shelf()
        keep(window, shelf)
        window.pane.show_transcript(Transcript(A, ()))
        write(window, "for a")
        window.pane.show_transcript(Transcript(B, ()))
        assert shelf.saved[-1] == {"a": "for a"}

    def test_what_was_sent_is_gone_at_once(self, window: ChatWindow, qtbot: QtBot) -> None:
        shelf = Shelf()
        keep(window, shelf)
        write(window, "sent")
        window.pane.sendRequested.connect(lambda text: window.pane.append_message(question(1, text, "a")))
        window.pane.composer.submit()
        qtbot.waitUntil(lambda: shelf.saved[-1:] == [{}])

    def test_a_message_that_comes_back_to_another_conversation(self, window: ChatWindow, qtbot: QtBot) -> None:
        shelf = Shelf()
        keep(window, shelf)
        window.pane.show_transcript(Transcript(A, ()))
        window.pane.set_draft("b", "refused")
        qtbot.waitUntil(lambda: shelf.saved[-1:] == [{"b": "refused"}])


class TestWhat:
    def test_drafts_of_the_last_time_are_where_they_were_left(self, window: ChatWindow) -> None:
        keep(window, Shelf({"": "new", "a": "for a"}))
        assert window.pane.composer.text() == "new"
        window.pane.show_transcript(Transcript(A, ()))
        assert window.pane.composer.text() == "for a"
        window.pane.show_transcript(Transcript(B, ()))
        assert window.pane.composer.text() == ""
        window.pane.show_new()
        assert window.pane.composer.text() == "new"

    def test_a_draft_that_comes_back_wakes_nobody(self, window: ChatWindow) -> None:
        typed: list[str] = []
        window.pane.composer.composed.connect(lambda text: typed.append(text) if text else None)
        keep(window, Shelf({"": "new", "a": "for a"}))
        window.pane.show_transcript(Transcript(A, ()))
        assert typed == []
        write(window, "!")
        assert typed == ["for a!"]

    def test_while_an_old_message_is_edited_the_draft_below_it_is_kept(self, window: ChatWindow) -> None:
        shelf = Shelf()
        keeper = keep(window, shelf)
        window.pane.show_transcript(Transcript(A, tuple(dialogue(1))))
        write(window, "draft")
        window.pane.edit_last()
        write(window, " changed")
        keeper.save()
        assert shelf.saved[-1] == {"a": "draft"}

    def test_where_nothing_is_written_nothing_is_kept(self, window: ChatWindow) -> None:
        pane = window.pane
        for shown in (A, B, A):
            pane.show_transcript(Transcript(shown, ()))
        pane.set_draft("b", "refused")
        pane.set_draft("b", "")
        assert pane.drafts() == {"a": ""}


pytest_qt_tray = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


@pytest_qt_tray
def test_over_quitting_and_starting_again(
    qapp: QApplication, qtbot: QtBot, data_dir: Paths, parrot_model: Path
) -> None:
    with running(qapp, qtbot, data_dir) as bench:
        use_own(bench.services, parrot_model)
        bench.show()
        conversation = bench.services.chat.adopt("How tall?", "Very.", "", None)
        bench.window.list.conversationSelected.emit(conversation)
        write(bench.window, "and how old?")
    with running(qapp, qtbot, data_dir) as bench:
        bench.show()
        assert bench.window.pane.current == conversation
        assert bench.window.pane.composer.text() == "and how old?"
        assert not bench.services.supervisor.preloader.is_running
        # WHEN it is sent THEN it is gone for good
        bench.window.pane.composer.submit()
        bench.wait_for_answer()
    with running(qapp, qtbot, data_dir) as bench:
        bench.show()
        assert bench.window.pane.composer.text() == ""
    assert not data_dir.drafts_file.exists()


@pytest_qt_tray
def test_the_conversation_that_was_being_begun_is_shown_again(
    qapp: QApplication, qtbot: QtBot, data_dir: Paths, parrot_model: Path
) -> None:
    with running(qapp, qtbot, data_dir) as bench:
        use_own(bench.services, parrot_model)
        bench.services.chat.adopt("How tall?", "Very.", "", None)
        bench.show()
        bench.window.menu.new.trigger()
        write(bench.window, "Dear sir")
    with running(qapp, qtbot, data_dir) as bench:
        bench.show()
        assert bench.window.pane.current is None
        assert bench.window.pane.composer.text() == "Dear sir"


@pytest_qt_tray
def test_a_deleted_conversation_comes_back_with_its_draft_or_takes_it_along(
    qapp: QApplication, qtbot: QtBot, data_dir: Paths, parrot_model: Path
) -> None:
    with running(qapp, qtbot, data_dir) as bench:
        use_own(bench.services, parrot_model)
        conversation = bench.services.chat.adopt("How tall?", "Very.", "", None)
        bench.show()
        write(bench.window, "a secret")
        bench.window.list.deleteRequested.emit(conversation)
        assert bench.window.pane.composer.text() == ""
        bench.press("Undo")
        assert bench.window.pane.composer.text() == "a secret"
        bench.window.list.deleteRequested.emit(conversation)
    assert data_dir.drafts_file.exists()  # the conversation as well is only hidden yet
    with running(qapp, qtbot, data_dir) as bench:
        assert data_dir.drafts_file.exists(), "it is kept as long as the conversation"
        bench.services.chat.delete_for_good(conversation)
    with running(qapp, qtbot, data_dir) as bench:
        assert bench.services.writer.flush(PATIENCE_S)
        assert not data_dir.drafts_file.exists()
