"""FAULTS B, people's words: each test is named after its row and takes the row's own input."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.app.leftovers import sweep_leftovers
from desktop.chat.adoption import adopt_unfinished
from desktop.chat.events import AnswerFailed, ChatEvent
from desktop.chat.service import ChatService
from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.common.paths import resolve_paths
from desktop.engine.types import Failed, Finished, FinishReason, Stats, Token
from desktop.history.database import open_database
from desktop.history.records import MessageState
from desktop.history.rescue.answer_journal import AnswerJournal
from desktop.history.schema import MIGRATIONS
from desktop.history.store import History
from desktop.settings.options import Settings
from desktop.ui.chat.deleted import DeletedPresenter
from tests.rigs.chat import Bench
from tests.support.command_line import environment
from tests.support.fake_engine import FakeEngine
from tests.support.patience import PATIENCE_S, wait_for
from tests.support.start_and_quit import start_and_quit
from tests.support.widgets import children

ROOT = Path(__file__).parents[2]


class Store:
    """The conversation service on a real history, without a window."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[UserFacingError] = []
        self.history = History(folder / "history.sqlite3", tell=self.told.append)
        self.engine = FakeEngine()
        self.events: list[ChatEvent] = []
        self.journal = AnswerJournal(folder / "answers", interval=0.01)
        self.chat = ChatService(
            self.engine, self.history, Settings, lambda: "tiny", self.events.append, itertools.count(1),
            forget=self.engine.forget, journal=self.journal,
        )  # fmt: skip

    def say(self, text: str) -> None:
        self.chat.on_engine_event(Token(self.engine.last.request_id, text))

    def finish(self) -> None:
        self.chat.on_engine_event(Finished(self.engine.last.request_id, FinishReason.COMPLETE, Stats()))

    def talk(self, question: str, answer: str, conversation: str | None = None) -> str:
        conversation = self.chat.send(conversation, question)
        self.say(answer)
        self.finish()
        return conversation

    def texts(self, conversation: str) -> list[str]:
        return [message.text for message in self.history.transcript(conversation).messages]

    def words_in_files(self, *words: str) -> list[str]:
        content = b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file()).lower()
        return [word for word in words if word.lower().encode() in content]

    def close(self) -> None:
        self.chat.shut_down()
        self.journal.close()
        self.history.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "data").mkdir()
    made = Store(tmp_path / "data")
    yield made
    made.close()


def test_b2_editing_a_question_in_the_middle_loses_nothing(store: Store) -> None:
    conversation = store.talk("Question 0", "Answer 0")
    for number in range(1, 160):
        store.talk(f"Question {number}", f"Answer {number}", conversation)
    before = store.texts(conversation)
    question = store.history.transcript(conversation).messages[2 * 133]
    store.chat.edit(conversation, question.id, "Question 133, better")
    store.say("A better answer")
    store.finish()
    assert store.texts(conversation) == [*before[: 2 * 133], "Question 133, better", "A better answer"]
    # AND all 54 messages are a page back
    store.chat.show_version(conversation, question.id)
    assert store.texts(conversation) == before


def test_b3_two_conversations_deleted_one_after_the_other_both_come_back(store: Store) -> None:
    kept, first, second = (store.talk(f"Question {number}", "Answer") for number in range(3))
    store.history.delete(first)
    store.history.delete(second)
    store.close()
    again = Store(store.folder)  # the next start does not take them either
    assert again.history.purge_deleted(30 * 86400) == ()
    assert [one.conversation.id for one in again.history.deleted()] == [second, first]
    again.history.restore(first)
    again.history.restore(second)
    assert [one.id for one in again.history.conversations()] == [second, first, kept]
    again.close()


KILLED = """
import itertools, sys, time
from pathlib import Path
from desktop.engine.types import Token
from tests.faults.test_b_words import Store
store = Store(Path(sys.argv[1]))
conversation = store.talk("Hello", "Hi!")
if sys.argv[2] == "regenerated":
    store.chat.regenerate(conversation)
else:
    store.chat.send(conversation, "Tell me all")
store.chat.on_engine_event(Token(store.engine.last.request_id, "hm", True))
store.say("Once upon")
store.say(" a time")
print("said", flush=True)
time.sleep(1000)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("what", ["sent", "regenerated"])
def test_b5_a_kill_in_the_middle_of_an_answer_takes_two_seconds_of_it(tmp_path: Path, what: str) -> None:
    # GIVEN a program that is killed while an answer grows, and a copy of what it had on the disk
    data = tmp_path / "data"
    data.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(data), what], stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "said\n"
        wait_for("the answer on the disk", lambda: any(b" a time" in one.read_bytes() for one in answers(data)))
        program.send_signal(signal.SIGKILL)
    left = {file.name: file.read_bytes() for file in answers(data)}
    # WHEN it is started again THEN the answer is there, marked as interrupted
    with closing(History(data / "history.sqlite3")) as history:
        assert adopt_unfinished(history, data / "answers") == 1
        conversation = history.conversations()[0].id
        last = history.transcript(conversation).messages[-1]
        assert (last.text, last.thinking, last.state, last.model) == (
            "Once upon a time", "hm", MessageState.INTERRUPTED, "tiny",
        )  # fmt: skip
        assert last.versions == (2 if what == "regenerated" else 1)
        assert answers(data) == []
        # AND once only, if that start was killed before it had erased the journal
        for name, content in left.items():
            (data / "answers" / name).write_bytes(content)
        assert adopt_unfinished(history, data / "answers") == 0
        assert history.transcript(conversation).messages[-1] == last
        assert answers(data) == []


def answers(data: Path) -> list[Path]:
    return sorted((data / "answers").glob("*.answer"))


def test_b5_an_answer_whose_conversation_is_lost_makes_one_of_its_own(store: Store, tmp_path: Path) -> None:
    store.chat.send(None, "How tall is a giraffe?")
    store.say("Five")
    wait_for("it on the disk", lambda: any(b"Five" in one.read_bytes() for one in answers(store.folder)))
    with closing(History(tmp_path / "another.sqlite3")) as history:
        assert adopt_unfinished(history, store.folder / "answers") == 1
        (conversation,) = history.conversations()
        assert conversation.title == "How tall is a giraffe?"
        assert [one.text for one in history.transcript(conversation.id).messages] == [conversation.title, "Five"]


def test_b5_what_is_sent_is_synchronised_and_a_rename_is_not(store: Store) -> None:
    statements: list[str] = []
    store.history._connection.set_trace_callback(statements.append)

    def level() -> str:
        return [one for one in statements if "synchronous" in one][-1]

    conversation = store.talk("Hello", "Hi!")
    assert level() == "PRAGMA synchronous = FULL"
    store.history.rename(conversation, "Greeting")
    assert level() == "PRAGMA synchronous = NORMAL"


def test_b5_a_stored_answer_leaves_no_journal(store: Store) -> None:
    conversation = store.talk("Hello", "Hi!")
    store.chat.send(conversation, "More")
    store.say("Half an")
    store.chat.answers.keep_silently(conversation)
    store.chat.send(conversation, "Again")
    store.say("All")
    store.chat.shut_down()
    assert store.journal.wait_erased(PATIENCE_S)
    assert answers(store.folder) == []
    assert store.texts(conversation)[-1] == "All"


def test_b7_the_title_follows_the_first_message_until_it_is_renamed(store: Store) -> None:
    conversation = store.talk("How tal is a girafe?", "Five metres.")
    first = store.history.transcript(conversation).messages[0]
    store.chat.edit(conversation, first.id, "How tall is a giraffe?")
    store.finish()
    assert store.history.conversations()[0].title == "How tall is a giraffe?"
    store.chat.show_version(conversation, first.id)
    assert store.history.conversations()[0].title == "How tal is a girafe?"
    store.history.rename(conversation, "Animals")
    store.chat.edit(conversation, first.id, "And an elephant?")
    store.finish()
    assert store.history.conversations()[0].title == "Animals"


def test_b7_a_first_message_that_is_refused_leaves_nothing(store: Store) -> None:
    conversation = store.chat.send(None, "Zebra " * 1000)
    store.chat.on_engine_event(Failed(store.engine.last.request_id, MessageTooLongError(900, 700), Stats()))
    (failed,) = (event for event in store.events if isinstance(event, AnswerFailed))
    assert failed.put_back == ("Zebra " * 1000).strip()
    assert (store.history.conversations(), store.history.deleted()) == ((), ())
    assert store.engine.forgotten == [conversation]
    assert store.history.wait_done(PATIENCE_S)
    assert store.words_in_files("Zebra", "zeb") == []


def test_b8_nothing_of_what_was_deleted_for_good_is_in_any_file(store: Store) -> None:
    kept = store.talk("Wombats?", "They dig.")
    gone = store.talk("Xylophone zqj", "Quokka")
    store.history.back_up()
    assert store.history.wait_done(PATIENCE_S)
    assert store.words_in_files("Xylophone", "zqj", "Quokka", "uok") == ["Xylophone", "zqj", "Quokka", "uok"]
    store.history.delete(gone)
    store.chat.delete_for_good(gone)
    assert store.history.wait_done(PATIENCE_S)
    assert store.words_in_files("Xylophone", "zqj", "Quokka", "uok") == []
    assert store.engine.forgotten == [gone]
    assert [hit.conversation.id for hit in store.history.search("Wombats")] == [kept]


def test_b10_answers_given_anew_stand_beside_each_other(store: Store) -> None:
    conversation = store.talk("Hello", "First")
    for text in ("Second", "Third"):
        store.chat.regenerate(conversation)
        store.say(text)
        store.finish()
    last = store.history.transcript(conversation).messages[-1]
    assert (last.text, last.version, last.versions) == ("Third", 3, 3)
    second = store.history.tree(conversation).messages[2]
    store.chat.show_version(conversation, second.id)
    assert store.texts(conversation) == ["Hello", "Second"]
    # AND the next question follows what is shown
    store.chat.send(conversation, "Go on")
    assert [one.text for one in store.engine.last.messages] == ["Hello", "Second", "Go on"]


@pytest.mark.skipif(os.name == "nt", reason="Windows does not delete files that are open")
@pytest.mark.parametrize("what", ["the folder", "the file", "the log"])
def test_b11_a_data_folder_that_is_deleted_is_told_at_the_next_write(store: Store, what: str) -> None:
    conversation = store.talk("Hello", "Hi!")
    assert store.history.wait_done(PATIENCE_S)
    if what == "the folder":
        shutil.rmtree(store.folder)
    else:
        (store.folder / ("history.sqlite3" if what == "the file" else "history.sqlite3-wal")).unlink()
    store.talk("Are you still there?", "Yes.", conversation)
    (problem,) = store.told
    assert problem.title == "The file of the conversations had been deleted; it was written again."
    store.close()
    with closing(History(store.folder / "history.sqlite3")) as again:
        shown = [one.text for one in again.transcript(conversation).messages]
        assert shown == ["Hello", "Hi!", "Are you still there?", "Yes."]
        assert len(again.search("still there")) == 1


def test_b12_a_conversation_of_2031_does_not_stay_on_top(tmp_path: Path) -> None:
    now = [1_924_992_000.0]  # 2031
    with closing(History(tmp_path / "history.sqlite3", lambda: now[0])) as history:
        future = history.create("From the future").id
        history.add_user_message(future, "What year is it?")
        now[0] = 1_790_000_000.0
        present = history.create("Today").id
        assert [one.id for one in history.conversations()] == [present, future]
        history.add_user_message(present, "It is 2026.")
        assert [one.id for one in history.conversations()] == [present, future]
        history.delete(present)
        history.restore(present)
        assert [one.id for one in history.conversations()] == [present, future]
        history.add_user_message(future, "Back again")
        assert [one.id for one in history.conversations()] == [future, present]


def test_b_a_full_disk_leaves_nothing_half(store: Store) -> None:
    """Each change, with the disk full at each page it needs."""
    conversation = store.talk("Hello", "Hi!")
    first = store.history.transcript(conversation).messages[0]
    changes: dict[str, Callable[[], object]] = {
        "send": lambda: store.chat.send(conversation, "x" * 30_000),
        "edit": lambda: store.chat.edit(conversation, first.id, "y" * 30_000),
        "begin": lambda: store.chat.send(None, "z" * 30_000),
        "rename": lambda: store.history.rename(conversation, "t" * 30_000),
        "copy": lambda: store.history.add_tree(store.history.tree(conversation)),
        "delete": lambda: store.history.delete(conversation),
    }
    connection = store.history._connection
    for name, change in changes.items():
        failed = 0
        for room in itertools.count():
            assert store.history.wait_done(PATIENCE_S)
            before = everything(store)
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            (free,) = connection.execute("PRAGMA freelist_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages + room}")
            try:
                change()
                break
            except UserFacingError as problem:
                assert "disk is full" in problem.title, name
                assert everything(store) == before, (name, room)
                failed += 1
            finally:
                connection.execute("PRAGMA max_page_count = 1000000")
                for request in store.engine.requests:
                    store.chat.on_engine_event(Finished(request.request_id, FinishReason.STOPPED, Stats()))
        assert failed or name == "delete" or free, name


def everything(store: Store) -> list[object]:
    history = store.history
    found: list[object] = [history.conversations(), history.deleted()]
    return found + [history.tree(one.id) for one in history.conversations()]


def test_b_an_older_file_is_kept_before_it_is_changed(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite3"
    with closing(open_database(file, MIGRATIONS[:2]).connection) as connection:
        connection.execute("INSERT INTO conversations (id, title, created, updated) VALUES ('a', 'Old', 1, 1)")
    with closing(History(file)) as history:
        assert [one.title for one in history.conversations()] == ["Old"]
    with closing(sqlite3.connect(tmp_path / "history.v2.sqlite3")) as old:
        assert old.execute("PRAGMA user_version").fetchone() == (2,)


# The window's side of these rows.


def test_b1_typing_in_the_conversation_list_writes_the_message(bench: Bench) -> None:
    # GIVEN conversations one of which begins with the letter that will be typed, and a click on another
    for title in ("What is a cat?", "Zebras", "Apples"):
        bench.talk(title, "An answer.")
    click_row(bench, "Zebras")
    opened = bench.presenter.current
    # WHEN a person types there, and presses Backspace
    type_where_the_focus_is("What is")
    QTest.keyClick(focus(), Qt.Key.Key_Backspace)
    # THEN it is a message, the conversation stays, and nothing is deleted
    assert bench.draft() == "What i"
    assert bench.presenter.current == opened
    # AND Backspace in the list itself does nothing
    bench.window.list.rows.setFocus()
    QTest.keyClick(bench.window.list.rows, Qt.Key.Key_Backspace)
    assert len(bench.history.conversations()) == 3
    assert bench.presenter.current == opened


def test_b2_editing_an_old_question_sets_aside_and_loses_nothing(bench: Bench) -> None:
    # GIVEN a conversation of 160 exchanges, and its 134th question in the composer
    conversation = long_conversation(bench, 160)
    before = bench.texts(conversation)
    old = bench.history.transcript(conversation).messages[2 * 133]
    bench.window.pane.transcript.requests.editRequested.emit(old.id)
    assert bench.draft() == "Question 133?"
    # THEN the strip says in true words what becomes of what followed
    assert "The 53 that followed are set aside under ‹ ›." in strip(bench)
    # WHEN it is sent
    bench.send("Another question?")
    # THEN it says what was set aside and where it is
    assert bench.banner() == "53 messages set aside"
    bench.say("Another answer.")
    bench.finish()
    assert bench.texts(conversation) == [*before[: 2 * 133], "Another question?", "Another answer."]
    assert "2/2" in bench.page()
    # WHEN a person pages back THEN all of it is there again, and forth the new one
    click_link(bench, f"catnap:version/{bench.history.transcript(conversation).messages[-2].id}/-1")
    assert bench.texts(conversation) == before
    bench.qtbot.waitUntil(lambda: "1/2" in bench.page())
    bench.window.menu.version_after.trigger()
    assert bench.texts(conversation)[-1] == "Another answer."
    # AND Undo shows what was there before, Redo what came then
    assert bench.window.menu.undo.text() == "&Undo edit of a message"
    bench.window.menu.undo.trigger()
    assert bench.texts(conversation) == before
    bench.window.menu.redo.trigger()
    assert bench.texts(conversation)[-1] == "Another answer."


def test_b3_two_conversations_deleted_come_back_by_undo_or_from_recently_deleted(bench: Bench) -> None:
    # GIVEN three conversations, two of which are deleted at once
    first, second = bench.talk("First", "1"), bench.talk("Second", "2")
    kept = bench.talk("Third", "3")
    for title in ("First", "Second"):
        click_row(bench, title)
        QTest.keyClick(focus(), Qt.Key.Key_Delete)
    assert [one.id for one in bench.history.conversations()] == [kept]
    # WHEN Ctrl+Z is pressed twice THEN both are back
    assert bench.window.menu.undo.text() == "&Undo delete “Second”"
    for _time in range(2):
        QTest.keyClick(focus(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert {one.id for one in bench.history.conversations()} == {first, second, kept}
    assert bench.presenter.current == first
    # AND Ctrl+Shift+Z deletes them again
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(focus(), Qt.Key.Key_Z, keys)
    assert first not in {one.id for one in bench.history.conversations()}
    # AND the list of what was deleted has it, for 30 days
    deleted = DeletedPresenter(
        *(bench.window, bench.presenter, bench.history, lambda: 30),
        *(bench.chat.delete_for_good, bench.chat.remove_messages),
    )
    bench.window.menu.deleted.trigger()
    assert deleted.dialog is not None
    assert deleted.dialog.rows.item(0).text() == "First"
    deleted.dialog.restoreRequested.emit([first])
    assert {one.id for one in bench.history.conversations()} == {first, second, kept}


def test_b4_the_conversation_clicked_in_a_scrolled_list_is_marked_and_stays(bench: Bench) -> None:
    # GIVEN 64 conversations and a list that is scrolled down
    for number in range(64):
        bench.talk(f"Conversation {number}", "An answer.")
    rows = bench.window.list.rows
    bar = rows.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    # WHEN one is clicked
    clicked = rows.itemAt(rows.viewport().rect().center())
    title, place = clicked.text(), rows.visualItemRect(clicked).top()
    click_row(bench, title)
    # THEN it is open, it is the one that is marked, and it is where it was under the mouse
    assert rows.marked is not None
    assert rows.marked.text() == title
    assert rows.visualItemRect(rows.marked).top() == place
    assert bench.texts(str(bench.presenter.current))[0] == title
    # AND Del deletes just that one
    QTest.keyClick(rows, Qt.Key.Key_Delete)
    assert title not in [one.title for one in bench.history.conversations()]
    assert len(bench.history.conversations()) == 63


def test_b6_copying_a_long_conversation_copies_all_of_it_with_who_said_what(bench: Bench) -> None:
    # GIVEN a conversation of 160 exchanges
    long_conversation(bench, 160)
    # WHEN all is selected and copied
    page = bench.window.pane.transcript
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(page, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    # THEN that is all of it, and who said what
    said = (f"You:\nQuestion {number}?\n\nCatnap:\nAnswer {number}." for number in range(160))
    assert QApplication.clipboard().text() == "\n\n".join(said)
    # WHEN the beginning is asked for THEN it comes
    QTest.keyClick(page, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    bench.qtbot.waitUntil(lambda: "Question 0?" in bench.page() and page.verticalScrollBar().value() == 0)


def test_b7_the_title_follows_the_first_message(bench: Bench) -> None:
    # GIVEN a conversation that has its title from its first message
    bench.talk("How tall is a giraffe?", "Five metres.")
    # WHEN that is edited THEN the list and the head say so
    bench.edit_last("How tall is a house?")
    bench.say("Ten metres.")
    bench.finish()
    assert titles(bench) == ["How tall is a house?"]
    # AND back again with the version
    bench.window.menu.undo.trigger()
    assert titles(bench) == ["How tall is a giraffe?"]


def test_b7_a_first_message_that_is_refused_leaves_no_conversation(bench: Bench) -> None:
    # GIVEN a message that is too long, and more that was written while it was tried
    bench.send("A very long message")
    bench.window.pane.composer.set_text("Another thought")
    # WHEN the engine refuses it
    bench.fail(MessageTooLongError(5000, 2048))
    # THEN nothing is in the list, and all that was written is in the composer
    assert titles(bench) == []
    assert bench.history.conversations() == ()
    assert bench.presenter.current is None
    assert bench.draft() == "A very long message\nAnother thought"
    assert {text for text in bench.window.pane.drafts().values() if text} == {bench.draft()}


def test_b10_answering_anew_keeps_the_old_answer(bench: Bench) -> None:
    conversation = bench.talk("Tell me", "The first answer.")
    bench.window.menu.regenerate.trigger()
    bench.say("The second answer.")
    bench.finish()
    assert "2/2" in bench.page()
    assert bench.texts(conversation) == ["Tell me", "The second answer."]
    bench.window.menu.version_before.trigger()
    assert bench.texts(conversation) == ["Tell me", "The first answer."]
    bench.qtbot.waitUntil(lambda: "The first answer." in bench.page() and "1/2" in bench.page())
    bench.window.menu.undo.trigger()  # of the regeneration: that is what is shown already
    assert bench.texts(conversation) == ["Tell me", "The first answer."]
    bench.window.menu.redo.trigger()
    assert bench.texts(conversation) == ["Tell me", "The second answer."]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    made.window.resize(1100, 700)
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow)
    yield made
    made.history.close()


def focus() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def type_where_the_focus_is(text: str) -> None:
    """Types as a person does: each key goes to what has the keyboard then."""
    for letter in text:
        QTest.keyClicks(focus(), letter)


def click_row(bench: Bench, title: str) -> None:
    """Clicks the conversation with this title."""
    rows = bench.window.list.rows
    (item,) = rows.findItems(title, Qt.MatchFlag.MatchExactly)
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualItemRect(item).center())
    assert rows.hasFocus()


def titles(bench: Bench) -> list[str]:
    """Returns what the list shows."""
    rows = bench.window.list.rows
    return [rows.item(row).text() for row in range(rows.count())]


def strip(bench: Bench) -> str:
    """Returns what is said above the message that is being edited."""
    return " ".join(label.text() for label in children(bench.window.pane.composer, QLabel, shown=True))


def click_link(bench: Bench, address: str) -> None:
    """Clicks a link on the page."""
    bench.window.pane.transcript.anchorClicked.emit(QUrl(address))


def long_conversation(bench: Bench, exchanges: int) -> str:
    """Opens a conversation of "Question 0?", "Answer 0." and so on, and returns its id."""
    conversation = bench.history.create("Long").id
    with bench.history.transaction():
        for number in range(exchanges):
            bench.history.add_user_message(conversation, f"Question {number}?")
            bench.history.add_answer(
                conversation, f"Answer {number}.", thinking="", state=MessageState.COMPLETE, model="tiny", stats=None
            )
    bench.presenter.open(conversation)
    return conversation


# Saves a system prompt, and stops where the new file is written and has not got its name yet.
SAVING = """
import sys, time
from pathlib import Path
from desktop.settings.store import SettingsStore
def wait(*_):
    print("there", flush=True)
    time.sleep(1000)
Path.replace = wait
SettingsStore(Path(sys.argv[1])).change(system_prompt="very private words")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such end here")
def test_b9_what_a_kill_in_a_settings_write_leaves_is_swept_at_the_start(tmp_path: Path) -> None:
    # GIVEN kill -9 in a settings write, which leaves the system prompt in a file that nobody looks for
    paths = resolve_paths(tmp_path / "data")
    paths.create()
    with subprocess.Popen(
        [sys.executable, "-c", SAVING, str(paths.settings_file)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "there"
        process.kill()
    assert _private(tmp_path)
    # AND what the versions before this one have left, whose names do not say who wrote them
    (paths.config / ".settings.json-ab1_xy9z.tmp").write_text("very private words")
    # WHEN the app starts and ends
    start_and_quit(paths.data)
    # THEN nothing of it is left
    assert _private(tmp_path) == []


def test_b9_what_others_write_at_this_moment_stays(tmp_path: Path) -> None:
    # GIVEN scratch files of a process that lives, of files that the command line writes as well, and of strangers
    paths = resolve_paths(tmp_path / "data")
    paths.create()
    kept = [
        paths.data / f".imports.json-{os.getppid()}-0123abcd.tmp",
        paths.data / ".verdicts.json-abcd1234.tmp",
        paths.data / ".other.json-0123abcd.tmp",
        paths.data / "settings.json.tmp",
        paths.data / f"bench-{os.getppid()}-abcdefgh",
    ]
    for file in kept:
        file.write_text("x") if file.suffix else file.mkdir()
    # WHEN the leftovers are swept THEN they are left alone
    sweep_leftovers(paths)
    assert [file for file in kept if not file.exists()] == []


# --- what the tests above use


def _private(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and b"very private words" in file.read_bytes()]
