"""What is entered while an answer is on its way waits for it, and is neither lost nor sent anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.engine.types import Finished, FinishReason, Stats
from desktop.history.drafts import DraftFile
from desktop.ui.activity import Activity, ActivityKind
from desktop.ui.chat.draft_saver import DraftSaver
from desktop.ui.widgets.labels import ElidedLabel
from tests.rigs.chat import Bench
from tests.support.widgets import children


@pytest.fixture(params=[False, True], ids=["at once", "in pieces"])
def bench(qtbot: QtBot, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path, in_pieces=request.param)
    yield made
    made.history.close()


def waiting(bench: Bench) -> list[str]:
    """Returns what is seen to wait."""
    queue = bench.window.pane.queued_messages
    return [label.accessibleName() for label in children(queue, ElidedLabel, shown=True)]


def enter(bench: Bench, text: str) -> None:
    bench.window.pane.composer.set_text(text)
    QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Return)


def asked(bench: Bench, count: int) -> list[str]:
    """Waits for a number of requests; returns the last message of each."""
    bench.qtbot.waitUntil(lambda: len(bench.engine.requests) >= count)
    return [request.messages[-1].text for request in bench.engine.requests]


def begun(bench: Bench) -> str:
    bench.send("One")
    assert bench.presenter.current is not None
    return bench.presenter.current


def test_each_waits_for_the_answer_before_it(bench: Bench) -> None:
    # GIVEN an answer on its way
    conversation = begun(bench)
    # WHEN two messages are entered
    enter(bench, "Two")
    enter(bench, "Three")
    # THEN they are seen to wait, and the field is empty
    assert waiting(bench) == ["Two", "Three"] and bench.draft() == ""
    assert len(bench.engine.requests) == 1 and bench.banner() == ""
    # AND each is sent by itself when the answer before it has ended
    bench.say("Answer 1")
    bench.finish()
    assert asked(bench, 2) == ["One", "Two"]
    assert waiting(bench) == ["Three"] and bench.busy()
    bench.say("Answer 2")
    bench.finish()
    assert asked(bench, 3)[-1] == "Three"
    assert waiting(bench) == []
    bench.say("Answer 3")
    bench.finish()
    assert bench.texts(conversation) == ["One", "Answer 1", "Two", "Answer 2", "Three", "Answer 3"]


def test_a_click_or_up_takes_a_message_back(bench: Bench) -> None:
    begun(bench)
    for text in ("Two", "Three", "Four"):
        enter(bench, text)
    # WHEN the first is clicked THEN it is in the field, and the others wait
    label = children(bench.window.pane.queued_messages, ElidedLabel)[0]
    QTest.mouseClick(label, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert bench.draft() == "Two" and waiting(bench) == ["Three", "Four"]
    # AND Up in the empty field takes the newest
    bench.window.pane.composer.set_text("")
    QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Up)
    assert bench.draft() == "Four" and waiting(bench) == ["Three"]


def test_stop_ends_all_of_it_and_gives_the_words_back(bench: Bench) -> None:
    begun(bench)
    bench.say("Answer 1")
    enter(bench, "Two")
    enter(bench, "Three")
    bench.window.pane.composer.set_text("and this")
    bench.window.menu.stop.trigger()
    bench.finish(FinishReason.STOPPED)
    assert bench.draft() == "Two\nThree\nand this"
    assert waiting(bench) == [] and not bench.busy()
    assert len(bench.engine.requests) == 1


def test_stop_before_the_first_word(bench: Bench) -> None:
    begun(bench)
    enter(bench, "Two")
    bench.finish(FinishReason.STOPPED)
    assert bench.draft() == "Two"


def test_a_failure_gives_the_words_back(bench: Bench) -> None:
    begun(bench)
    enter(bench, "Two")
    bench.fail(UserFacingError("The engine has died."))
    assert bench.draft() == "Two" and bench.banner() == "The engine has died."


def test_the_first_message_of_a_conversation_is_refused(bench: Bench) -> None:
    begun(bench)
    enter(bench, "Two")
    bench.window.pane.composer.set_text("and this")
    bench.fail(MessageTooLongError(900, 700))
    assert bench.presenter.current is None
    assert bench.draft() == "One\nTwo\nand this"


def test_the_first_message_of_a_conversation_is_refused_unseen(bench: Bench) -> None:
    other = bench.talk("Other", "Answer")
    bench.presenter.open(None)
    begun(bench)
    enter(bench, "Two")
    bench.presenter.open(other)
    bench.fail(MessageTooLongError(900, 700))
    assert bench.draft() == ""
    bench.presenter.open(None)
    assert bench.draft() == "One\nTwo"


def test_it_is_sent_where_it_was_written(bench: Bench) -> None:
    # GIVEN a message that waits in one conversation
    other = bench.talk("Other", "Answer")
    bench.presenter.open(None)
    conversation = begun(bench)
    enter(bench, "Two")
    # WHEN another is shown while the answer ends
    bench.presenter.open(other)
    assert waiting(bench) == []
    bench.window.pane.composer.set_text("a draft")
    bench.say("Answer 1")
    bench.finish()
    # THEN it goes where it belongs, and what is shown stays as it was
    asked(bench, 3)
    assert bench.engine.last.conversation_id == conversation
    assert bench.texts(other) == ["Other", "Answer"] and bench.draft() == "a draft" and not bench.busy()
    bench.say("Answer 2")
    bench.finish()
    bench.presenter.open(conversation)
    assert bench.texts(conversation) == ["One", "Answer 1", "Two", "Answer 2"]
    assert "Answer 2" in bench.page() and bench.draft() == ""


def test_a_conversation_that_is_deleted_keeps_it_as_a_draft(bench: Bench) -> None:
    conversation = begun(bench)
    bench.say("Answer 1")
    enter(bench, "Two")
    bench.window.list.deleteRequested.emit(conversation)
    assert bench.draft() == "" and waiting(bench) == []
    bench.finish(FinishReason.STOPPED)
    # WHEN it comes back
    bench.presenter.changes.take_deletion_back(conversation)
    # THEN nothing is sent, and nothing is lost
    assert bench.draft() == "Two"
    assert len(bench.engine.requests) == 1


def test_no_model_is_there_any_more(bench: Bench) -> None:
    begun(bench)
    enter(bench, "Two")
    bench.model_is_there = False
    bench.say("Answer 1")
    bench.finish()
    bench.qtbot.waitUntil(lambda: bench.needed != [])
    assert bench.draft() == "Two" and bench.needed == ["Two"]
    bench.model_is_there = True
    bench.presenter.asking.on_model_ready()
    assert asked(bench, 2)[-1] == "Two" and bench.draft() == ""


def test_the_answer_cannot_be_stored(bench: Bench) -> None:
    begun(bench)
    enter(bench, "Two")
    bench.forbid_writing()
    bench.say("Answer 1")
    bench.finish()
    assert bench.draft() == "Two"
    assert len(bench.engine.requests) == 1


def test_the_message_cannot_be_stored(bench: Bench) -> None:
    begun(bench)
    enter(bench, "Two")
    bench.say("Answer 1")
    # What waits follows in the next turn of the loop, and finds this:
    bench.chat.on_engine_event(Finished(bench.engine.last.request_id, FinishReason.COMPLETE, Stats()))
    bench.forbid_writing()
    bench.qtbot.waitUntil(lambda: bench.banner() != "")
    assert bench.draft() == "Two"


def test_it_survives_a_restart_as_a_draft(bench: Bench, tmp_path: Path) -> None:
    saver = DraftSaver(DraftFile(tmp_path / "drafts.json"))
    saver.follow(bench.window.pane)
    conversation = begun(bench)
    enter(bench, "Two")
    bench.window.pane.composer.set_text("and this")
    saver.save()
    assert DraftFile(tmp_path / "drafts.json").load() == {conversation: "Two\nand this"}
    # WHEN it has been sent THEN it is no draft any more
    bench.say("Answer 1")
    bench.finish()
    asked(bench, 2)
    saver.save()
    assert DraftFile(tmp_path / "drafts.json").load() == {conversation: "and this"}


def test_the_end_of_the_program_sends_nothing(bench: Bench) -> None:
    conversation = begun(bench)
    bench.say("Answer 1")
    enter(bench, "Two")
    bench.chat.shut_down()
    assert bench.window.pane.drafts()[conversation] == "Two"
    assert bench.texts(conversation) == ["One", "Answer 1"]


def test_many_and_long_ones_leave_the_page_its_room(bench: Bench) -> None:
    begun(bench)
    for number in range(8):
        enter(bench, f"{number} " + "long " * 500)
    pane = bench.window.pane
    assert len(waiting(bench)) == 3
    assert "5" in pane.queued_messages.accessibleName()
    assert pane.queued_messages.height() < pane.height() / 3
    assert pane.transcript.height() > pane.height() / 3


def test_an_answer_elsewhere_is_not_this_ones(bench: Bench) -> None:
    # GIVEN an answer that is written in another conversation
    first = begun(bench)
    bench.window.set_activity(Activity(ActivityKind.WRITING, tokens_per_second=12.0), first)
    # WHEN a question is asked here
    bench.presenter.open(None)
    bench.send("Elsewhere")
    # THEN it says what it waits for, not how fast the other one comes
    assert "Another answer is being written first; this one follows it." in bench.page()
    bench.window.set_activity(Activity(ActivityKind.WRITING, tokens_per_second=13.0), first)
    assert "tokens/s" not in bench.page()
    # AND when its turn comes, that
    bench.window.set_activity(Activity(ActivityKind.READING, tokens_done=1, tokens_total=9), bench.presenter.current)
    assert "Reading your message…" in bench.page()
