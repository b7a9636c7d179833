"""The chat window without a model, on a full disk, and after a conversation has gone; the engine is played."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.common.errors import EngineDiedError, UserFacingError, WayOut
from desktop.engine.types import FinishReason, Recovered, Stalled, TemplateReplaced, Trimmed
from tests.rigs.chat import Bench

LONG = "word " * 100_000


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    yield made
    made.history.close()


def died(*ways: WayOut) -> EngineDiedError:
    return EngineDiedError(
        "The engine has died.", "{0}: {1}.", "Ask again.", values=("tiny.gguf", "SIGSEGV"), ways=ways
    )


# When the engine dies


def test_a_death_says_what_happened_and_leads_to_the_ways_out(bench: Bench) -> None:
    taken: list[tuple[object, object]] = []
    bench.presenter.wayOutChosen.connect(lambda way, about: taken.append((way, about)))
    error = died(WayOut.ANOTHER_MODEL, WayOut.SMALLER_CONTEXT, WayOut.REPORT)
    bench.send("Why?")
    bench.say("Because")
    bench.fail(error)
    # THEN the part of the answer stays, marked, and the banner names the model and the cause
    assert "Because" in bench.page() and "Interrupted" in bench.page()
    notice = bench.window.pane.banner.current
    assert notice is not None
    assert (notice.title, notice.detail) == ("The engine has died.", "tiny.gguf: SIGSEGV.")
    assert [action.text for action in notice.actions] == [
        "Try again", "Another model…", "Smaller context…", "Report…",
    ]  # fmt: skip
    for action in notice.actions[1:]:
        action.run()
    assert taken == [(way, error) for way in error.ways]
    # WHEN it is tried again THEN the same question is asked
    bench.press("Try again")
    assert [message.text for message in bench.engine.last.messages] == ["Why?"]
    assert len(bench.engine.requests) == 2


def test_a_death_in_a_conversation_that_is_not_shown_offers_the_ways_out_too(bench: Bench) -> None:
    bench.talk("Other", "1")
    bench.presenter.open(None)
    bench.send("Why?")
    request = bench.engine.last.request_id
    bench.presenter.open(None)
    bench.fail(died(WayOut.REPORT), request)
    # WHEN one goes there
    bench.press("Show it")
    # THEN the ways out are there, and the question that is asked again is its own
    notice = bench.window.pane.banner.current
    assert notice is not None and [action.text for action in notice.actions] == ["Try again", "Report…"]
    bench.press("Try again")
    assert [message.text for message in bench.engine.last.messages] == ["Why?"]


def test_what_went_wrong_is_left_behind_when_something_is_asked_again(bench: Bench) -> None:
    bench.send("Why?")
    bench.fail(UserFacingError("It is broken."))
    assert bench.window.pane.banner.current is not None
    bench.send("And now?")
    assert bench.window.pane.banner.current is None


def test_other_errors_have_no_ways_out_of_their_own(bench: Bench) -> None:
    bench.send("Why?")
    bench.fail(UserFacingError("It is broken."))
    notice = bench.window.pane.banner.current
    assert notice is not None and [action.text for action in notice.actions] == ["Try again"]


# Without a model


def test_a_question_waits_for_a_model(bench: Bench) -> None:
    bench.model_is_there = False
    bench.send("Hello")
    assert bench.needed == ["Hello"]
    assert bench.draft() == "Hello"
    assert bench.presenter.asking.waiting_question == "Hello"
    assert bench.engine.requests == []
    bench.model_is_there = True
    bench.presenter.asking.on_model_ready()
    assert [message.text for message in bench.engine.last.messages] == ["Hello"]
    assert bench.draft() == ""
    bench.presenter.asking.on_model_ready()
    assert len(bench.engine.requests) == 1


def test_a_question_that_was_taken_back_is_not_sent(bench: Bench) -> None:
    bench.model_is_there = False
    bench.send("Hello")
    bench.window.pane.composer.set_text("  ")
    bench.model_is_there = True
    bench.presenter.asking.on_model_ready()
    # AND what is written later is not sent without Enter
    bench.window.pane.composer.set_text("Not yet")
    bench.presenter.asking.on_model_ready()
    assert bench.engine.requests == []


def test_a_question_is_asked_in_the_conversation_it_was_written_in(bench: Bench) -> None:
    first, second = bench.talk("First", "1"), bench.talk("Second", "2")
    bench.presenter.open(first)
    bench.model_is_there = False
    bench.send("More about the first")
    # WHEN the user looks at another one, with a draft of its own, until the model has come
    bench.presenter.open(second)
    bench.window.pane.composer.set_text("a draft")
    bench.model_is_there = True
    bench.presenter.asking.on_model_ready()
    # THEN
    assert bench.engine.last.conversation_id == first
    assert bench.texts(first)[-1] == "More about the first"
    assert bench.texts(second) == ["Second", "2"]
    assert bench.draft() == "a draft"
    bench.presenter.open(first)
    assert bench.draft() == ""
    assert bench.busy()


def test_a_question_for_a_new_conversation_is_asked_though_another_is_shown(bench: Bench) -> None:
    old = bench.talk("Old", "1")
    bench.presenter.open(None)
    bench.model_is_there = False
    bench.send("A new one")
    bench.presenter.open(old)
    bench.model_is_there = True
    bench.presenter.asking.on_model_ready()
    assert bench.presenter.current == old
    assert bench.engine.last.conversation_id != old
    assert bench.texts(old) == ["Old", "1"]
    assert len(bench.history.conversations()) == 2


def test_an_edit_without_a_model_changes_nothing_and_stays(bench: Bench) -> None:
    conversation = bench.talk("Helo", "Pardon?")
    bench.model_is_there = False
    bench.edit_last("Hello")
    assert bench.needed == ["Hello"]
    assert bench.texts(conversation) == ["Helo", "Pardon?"]
    assert bench.window.pane.composer.is_editing
    assert bench.draft() == "Hello"
    bench.model_is_there = True
    bench.send("Hello!")
    assert bench.texts(conversation) == ["Hello!"]


def test_another_answer_waits_for_a_model(bench: Bench) -> None:
    bench.talk("Hello", "Hi")
    bench.model_is_there = False
    bench.window.menu.regenerate.trigger()
    assert bench.needed == ["Hello"]
    assert bench.presenter.asking.waiting_question == "Hello"
    assert len(bench.engine.requests) == 1
    bench.model_is_there = True
    bench.presenter.asking.on_model_ready()
    assert len(bench.engine.requests) == 2
    assert bench.presenter.asking.waiting_question == ""


# A disk that is full, a conversation that is gone


def test_a_message_that_cannot_be_stored_stays_in_the_composer(bench: Bench) -> None:
    bench.talk("Hello", "Hi")
    bench.fill_disk()
    bench.send(LONG)
    assert "disk is full" in bench.banner()
    assert bench.draft().strip() == LONG.strip()
    assert len(bench.engine.requests) == 1


def test_an_answer_that_cannot_be_stored_stays_in_view_and_is_saved_later(bench: Bench) -> None:
    other = bench.talk("Other", "Something else")
    bench.presenter.open(None)
    bench.send("Tell me all")
    conversation = bench.presenter.current
    assert conversation is not None
    bench.fill_disk()
    bench.say("the beginning " + LONG)
    bench.finish()
    assert "disk is full" in bench.banner()
    assert not bench.busy()
    bench.presenter.open(other)
    bench.presenter.open(conversation)
    bench.qtbot.waitUntil(lambda: "the beginning" in bench.page())
    bench.make_room()
    bench.press("Save again")
    assert bench.texts(conversation)[1].startswith("the beginning")
    assert bench.page().count("the beginning") == 1
    assert not bench.window.pane.transcript.is_growing


def test_an_edit_that_cannot_be_stored_goes_on(bench: Bench) -> None:
    conversation = bench.talk("Helo", "Pardon?")
    bench.forbid_writing()
    bench.edit_last("Hello")
    assert "cannot be read or saved" in bench.banner()
    assert bench.texts(conversation) == ["Helo", "Pardon?"]
    assert bench.window.pane.composer.is_editing
    assert bench.draft() == "Hello"
    assert "Pardon?" in bench.page()


def test_a_conversation_that_is_gone_is_said_and_leaves_an_empty_page(bench: Bench) -> None:
    bench.talk("Hello", "Hi")
    bench.presenter.open("unheard-of")
    assert bench.banner() == "This conversation is no longer there."
    assert bench.presenter.current is None
    assert bench.window.pane.empty_page.isVisible()


def test_deleting_a_conversation_that_is_being_answered_and_undoing_it(bench: Bench) -> None:
    conversation = bench.talk("Hello", "Hi")
    bench.send("And then?")
    request = bench.engine.last.request_id
    bench.say("Half an ans")
    bench.window.menu.delete.trigger()
    # THEN the answer is stopped and the page is empty
    assert bench.engine.cancelled == [request]
    assert bench.presenter.current is None
    assert not bench.busy()
    assert bench.history.conversations() == ()
    bench.finish(FinishReason.STOPPED, request)
    # WHEN it is undone THEN everything is back, also what was said until then
    bench.press("Undo")
    assert bench.presenter.current == conversation
    assert bench.texts(conversation) == ["Hello", "Hi", "And then?", "Half an ans"]
    assert "Half an ans" in bench.page()


def test_a_conversation_that_cannot_be_deleted_stays(bench: Bench) -> None:
    conversation = bench.talk("Hello", "Hi")
    bench.forbid_writing()
    bench.window.menu.delete.trigger()
    assert "cannot be read or saved" in bench.banner()
    assert bench.window.pane.banner.waiting == 0, "nothing offers to undo what was not done"
    assert bench.presenter.current == conversation
    assert "Hi" in bench.page()


def test_renaming_and_searching(bench: Bench) -> None:
    conversation = bench.talk("Hello", "Hi")
    bench.window.list.renameRequested.emit(conversation, "Greetings")
    assert [one.title for one in bench.history.conversations()] == ["Greetings"]
    bench.window.list.searchChanged.emit("hel")
    bench.window.list.searchChanged.emit(" ")
    bench.window.list.renameRequested.emit("unheard-of", "x")
    assert bench.banner() == "This conversation is no longer there."


def test_a_replaced_template_is_told_in_one_sentence_that_names_the_model(bench: Bench) -> None:
    bench.send("Hello")
    bench.chat.on_engine_event(TemplateReplaced("Parrot 1B"))
    assert bench.banner() == (
        "The chat template of Parrot 1B takes too much time or memory; a common one is used instead."
    )


def test_a_cut_is_shown_where_it_is(bench: Bench) -> None:
    bench.talk("One", "1")
    bench.send("Two")
    before = bench.page()
    bench.chat.on_engine_event(Trimmed(bench.engine.last.request_id, 2))
    assert len(bench.page()) > len(before)


# When the engine does not move


def test_an_engine_that_does_not_move_can_be_waited_for_or_ended(bench: Bench) -> None:
    # GIVEN an answer that has begun
    bench.send("Why?")
    conversation = bench.presenter.current
    bench.say("Because")
    request = bench.engine.last.request_id
    # WHEN the engine does not move any more
    bench.chat.on_engine_event(Stalled(request, 60))
    # THEN the banner says so, and nobody is ended for it
    notice = bench.window.pane.banner.current
    assert notice is not None and notice.title == "The engine has not moved for 1 min."
    assert [action.text for action in notice.actions] == ["End the answer", "Wait"]
    assert bench.engine.cancelled == []
    # WHEN the user waits, and it goes on until it stands still once more
    bench.press("Wait")
    assert bench.window.pane.banner.current is None
    bench.chat.on_engine_event(Recovered(request))
    bench.chat.on_engine_event(Stalled(request, 60))
    # THEN that is said again, and the answer can be ended
    bench.press("End the answer")
    assert bench.engine.cancelled == [request]
    bench.finish(FinishReason.STOPPED)
    assert "Because" in bench.page()
    assert conversation is not None and not bench.chat.answers.is_busy(conversation)


@pytest.mark.parametrize("end", ["goes on", "ends", "fails", "is deleted"])
def test_that_it_does_not_move_is_said_only_as_long_as_it_is_true(bench: Bench, end: str) -> None:
    bench.send("Why?")
    conversation = bench.presenter.current
    bench.say("Because")
    request = bench.engine.last.request_id
    bench.chat.on_engine_event(Stalled(request, 60))
    if end == "goes on":
        bench.chat.on_engine_event(Recovered(request))
    elif end == "ends":
        bench.finish()
    elif end == "fails":
        bench.fail(died())
    else:
        assert conversation is not None
        bench.window.list.deleteRequested.emit(conversation)
    notice = bench.window.pane.banner.current
    assert notice is None or "not moved" not in notice.title


def test_when_the_banner_has_gone_the_keyboard_is_where_questions_are_written(bench: Bench, qtbot: QtBot) -> None:
    # GIVEN a keyboard that was on a button of the banner, and has fallen to what comes first in the window
    bench.window.show()
    bench.window.activateWindow()
    bench.window.list.focus_search()

    def has_keyboard(part: QWidget) -> bool:
        focused = QApplication.focusWidget()
        return focused is not None and part.isAncestorOf(focused)

    qtbot.waitUntil(lambda: has_keyboard(bench.window.list))
    # WHEN the banner says so
    bench.window.pane.banner.focusLeft.emit()
    # THEN the next letter goes into the message, and not into the search
    assert has_keyboard(bench.window.pane.composer)
