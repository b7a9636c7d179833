from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.history.records import DeletedConversation, DeletedMessages
from desktop.history.rescue.answer_journal import AnswerJournal, unfinished_answers
from desktop.history.rescue.answer_journal import erase as answer_journal_erase
from desktop.ui.chat.deleted import DeletedPresenter
from desktop.ui.conversations.deleted_dialog import DeletedDialog
from tests.rigs.chat import Bench
from tests.rigs.conversations import conversation
from tests.support.patience import PATIENCE_S, wait_for
from tests.support.widgets import children

_DAY = 86_400.0


class Deleted:
    """A window with two deleted conversations and one that is kept, and the dialog."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.answers = folder / "answers"
        self.journal = AnswerJournal(self.answers, interval=0.01)
        self.bench = Bench(qtbot, folder, self.journal)
        bench = self.bench
        self.presenter = DeletedPresenter(
            *(bench.window, bench.presenter, bench.history, lambda: 30),
            *(bench.chat.delete_for_good, bench.chat.remove_messages),
        )
        self.ids = [self.bench.talk(title, "Words") for title in ("Cats", "Dogs", "Kept")]
        for identity in self.ids[:2]:
            self.bench.window.list.deleteRequested.emit(identity)
        self.bench.window.menu.deleted.trigger()

    @property
    def dialog(self) -> DeletedDialog:
        dialog = self.presenter.dialog
        assert dialog is not None
        return dialog

    def titles(self) -> list[str]:
        return titles(self.dialog)

    def press(self, text: str) -> None:
        press(self.dialog, text)

    def kept(self) -> set[str]:
        return {one.id for one in self.bench.history.conversations()}


@pytest.fixture
def deleted(qtbot: QtBot, tmp_path: Path) -> Iterator[Deleted]:
    made = Deleted(qtbot, tmp_path)
    yield made
    made.journal.close()
    made.bench.history.close()


def titles(dialog: DeletedDialog) -> list[str]:
    return [dialog.rows.item(row).text() for row in range(dialog.rows.count())]


def press(dialog: DeletedDialog, text: str) -> None:
    next(button for button in children(dialog, QPushButton) if button.text() == text).click()


def second_lines(dialog: DeletedDialog) -> list[str]:
    role = Qt.ItemDataRole.AccessibleTextRole
    return [dialog.rows.item(row).data(role).split(", ", 1)[1] for row in range(dialog.rows.count())]


def test_what_was_deleted_is_listed_and_comes_back(deleted: Deleted) -> None:
    assert deleted.titles() == ["Dogs", "Cats"]
    deleted.dialog.rows.setCurrentRow(1)
    deleted.press("&Restore")
    assert deleted.kept() == {deleted.ids[0], deleted.ids[2]}
    assert deleted.bench.presenter.current == deleted.ids[0]
    assert deleted.titles() == ["Dogs"]
    # THEN Undo no longer means that deletion, only the other one
    assert deleted.bench.window.menu.undo.text() == "&Undo delete “Dogs”"
    deleted.bench.window.menu.undo.trigger()
    assert deleted.titles() == []
    assert not deleted.bench.window.menu.undo.isEnabled()


def test_for_good_is_asked_once_and_leaves_nothing(deleted: Deleted) -> None:
    deleted.bench.window.pane.set_draft(deleted.ids[1], "Half a question")
    deleted.dialog.rows.setCurrentRow(0)
    QTest.keyClick(deleted.dialog.rows, Qt.Key.Key_Delete)
    assert deleted.titles() == ["Dogs", "Cats"]
    notice = deleted.dialog.banner.current
    assert notice is not None
    assert notice.title == "Delete “Dogs” for good?"
    deleted.press("Delete for good")
    assert deleted.titles() == ["Cats"]
    assert deleted.bench.forgotten == [deleted.ids[1]]
    assert "Half a question" not in deleted.bench.window.pane.drafts().values()
    # THEN neither Undo nor Redo knows it any more
    assert deleted.bench.window.menu.undo.text() == "&Undo delete “Cats”"
    deleted.bench.window.menu.undo.trigger()
    assert not deleted.bench.window.menu.undo.isEnabled()


def test_an_answer_that_was_on_its_way_does_not_come_back_with_the_next_start(
    deleted: Deleted, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN an answer on its way, on a disk that erases what was kept of it only when somebody waits for it
    waited, wait_erased = Event(), deleted.journal.wait_erased

    def erase_slowly(file: Path) -> None:
        waited.wait(PATIENCE_S)
        answer_journal_erase(file)

    def wait(_seconds: float) -> bool:
        waited.set()
        return wait_erased(PATIENCE_S)

    monkeypatch.setattr("desktop.history.rescue.answer_journal.erase", erase_slowly)
    monkeypatch.setattr(deleted.journal, "wait_erased", wait)
    bench = deleted.bench
    bench.presenter.open(None)
    bench.send("Birds?")
    bench.say("They sing")
    wait_for("it on the disk", lambda: list(unfinished_answers(deleted.answers)))
    # WHEN the conversation is deleted, and at once for good
    bench.window.menu.delete.trigger()
    deleted.dialog.eraseRequested.emit([bench.history.deleted()[0].conversation.id])
    # THEN a kill in this moment would leave nothing to the next start
    left = list(unfinished_answers(deleted.answers))
    waited.set()
    assert left == []


def test_all_of_them(deleted: Deleted) -> None:
    deleted.press("Delete &all…")
    notice = deleted.dialog.banner.current
    assert notice is not None
    assert notice.title == "Delete 2 conversations for good?"
    deleted.press("Delete for good")
    assert deleted.titles() == []
    assert deleted.bench.history.deleted() == ()
    assert deleted.kept() == {deleted.ids[2]}


def test_a_question_that_is_no_longer_true_goes(deleted: Deleted) -> None:
    deleted.press("Delete &all…")
    deleted.bench.window.menu.undo.trigger()
    assert deleted.titles() == ["Cats"]
    assert deleted.dialog.banner.current is None


def test_a_file_that_cannot_be_written_is_told_in_the_dialog(deleted: Deleted) -> None:
    deleted.bench.forbid_writing()
    deleted.dialog.rows.setCurrentRow(0)
    deleted.press("&Restore")
    assert deleted.titles() == ["Dogs", "Cats"]
    assert deleted.dialog.banner.current is not None


def test_how_long_they_stay(qtbot: QtBot) -> None:
    now = time.time()
    dialog = DeletedDialog(now=lambda: now)
    qtbot.addWidget(dialog)
    ages = {"a": 0.0, "b": 29.5 * _DAY, "c": 40 * _DAY, "d": -400 * _DAY}
    rows = [
        DeletedConversation(conversation(name, name), now - age, 1 if name == "a" else 7) for name, age in ages.items()
    ]
    dialog.set_deleted(rows, 30)
    said = second_lines(dialog)
    assert said[0].endswith("one message · 30 days left")
    assert said[1].endswith("7 messages · less than a day left")
    assert said[2].endswith("less than a day left")
    assert said[3].endswith("30 days left"), "a clock that was wrong"
    dialog.set_deleted(rows, 0)
    assert second_lines(dialog)[0].endswith("one message")


def test_an_empty_list_says_so(qtbot: QtBot) -> None:
    dialog = DeletedDialog()
    qtbot.addWidget(dialog)
    dialog.set_deleted([], 30)
    dialog.show()
    assert not dialog.rows.isVisible()
    assert [button.text() for button in children(dialog, QPushButton, shown=True)] == ["Close"]


def test_what_goes_for_good_is_called_what_it_is(qtbot: QtBot) -> None:
    # GIVEN a conversation, and two messages of another one, of which one went with its answer
    kept, now = conversation("k", "Kept"), time.time()
    dialog = DeletedDialog(now=lambda: now)
    qtbot.addWidget(dialog)
    messages = [DeletedMessages(kept, (1, 2), "Cats?", now - 1), DeletedMessages(kept, (5,), "Dogs?", now - 2)]
    dialog.set_deleted([DeletedConversation(conversation("a", "A"), now, 7)], 30, messages)

    def asked(*rows: int) -> str:
        dialog.rows.clearSelection()
        for row in rows:
            dialog.rows.item(row).setSelected(True)
        press(dialog, "&Delete for good…")
        notice = dialog.banner.current
        assert notice is not None
        return notice.title

    assert asked(0) == "Delete “A” for good?"
    assert asked(1) == "Delete “Cats?” for good?"
    assert asked(1, 2) == "Delete 3 messages for good?"
    assert asked(0, 2) == "Delete these conversations and messages for good?"
