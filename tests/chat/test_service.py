"""The conversation service on a real history and a fake engine."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.chat.events import (
    AnswerBegan,
    AnswerDropped,
    AnswerFailed,
    AnswerGrew,
    AnswerRecovered,
    AnswerStalled,
    AnswerStored,
    AnswerUnsaved,
    CutMoved,
    MessageStored,
    PathChanged,
    TemplateSubstituted,
)
from desktop.chat.service import ChatService
from desktop.common.errors import AnswerInterruptedError, EngineDiedError, MessageTooLongError, UserFacingError
from desktop.engine.types import (
    Failed,
    Finished,
    FinishReason,
    Recovered,
    Role,
    Stalled,
    Stats,
    TemplateReplaced,
    Token,
    Trimmed,
)
from desktop.history.records import MessageState
from desktop.history.store import History
from desktop.settings.options import Settings
from tests.chat.bench import Bench
from tests.support.fake_engine import FakeEngine


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.history.close()


def test_a_question_is_stored_before_the_engine_is_asked_and_the_answer_once(bench: Bench) -> None:
    conversation = bench.chat.send(None, "  How tall is a giraffe? ")
    assert bench.texts(conversation) == ["How tall is a giraffe?"]
    assert bench.chat.answers.is_busy(conversation)
    bench.chat.on_engine_event(Token(bench.engine.last.request_id, "Five "))
    assert bench.texts(conversation) == ["How tall is a giraffe?"], "no write for a token"
    assert bench.chat.answers.growing(conversation) == ("Five ", "")
    bench.answer("metres.")
    assert bench.texts(conversation) == ["How tall is a giraffe?", "Five metres."]
    assert not bench.chat.answers.is_busy(conversation)
    kinds = [type(event) for event in bench.events]
    assert kinds.index(MessageStored) < kinds.index(AnswerBegan) < kinds.index(AnswerGrew) < kinds.index(AnswerStored)


def test_the_second_question_carries_the_whole_conversation(bench: Bench) -> None:
    conversation = bench.chat.send(None, "A poem please")
    bench.answer("Roses")
    bench.chat.send(conversation, "Now in seven characters a line")
    assert [(m.role, m.text) for m in bench.engine.last.messages] == [
        (Role.USER, "A poem please"),
        (Role.ASSISTANT, "Roses"),
        (Role.USER, "Now in seven characters a line"),
    ]


def test_stop_keeps_what_is_there_and_marks_it(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Tell me all")
    bench.chat.answers.stop(conversation)
    assert bench.engine.cancelled == [bench.engine.last.request_id]
    bench.answer("Well,", FinishReason.STOPPED)
    assert bench.history.transcript(conversation).messages[-1].state is MessageState.STOPPED


def test_stop_before_the_first_word_stores_nothing(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Tell me all")
    bench.answer("", FinishReason.STOPPED)
    assert bench.texts(conversation) == ["Tell me all"]
    assert bench.of(AnswerDropped)


def test_a_message_that_cannot_fit_is_given_back_and_not_stored(bench: Bench) -> None:
    conversation = bench.chat.send(None, "long " * 50)
    bench.chat.on_engine_event(Failed(bench.engine.last.request_id, MessageTooLongError(900, 700), Stats()))
    failed = bench.of(AnswerFailed)[0]
    assert isinstance(failed, AnswerFailed)
    assert (failed.put_back, failed.conversation_gone) == (("long " * 50).strip(), True)
    assert (bench.history.conversations(), bench.history.deleted()) == ((), ())
    with pytest.raises(UserFacingError, match="no longer there"):
        bench.history.transcript(conversation)


def test_a_later_message_that_cannot_fit_leaves_the_conversation(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Hello")
    bench.answer("Hi!")
    bench.chat.send(conversation, "long " * 50)
    bench.chat.on_engine_event(Failed(bench.engine.last.request_id, MessageTooLongError(900, 700), Stats()))
    (failed,) = bench.of(AnswerFailed)
    assert isinstance(failed, AnswerFailed)
    assert (failed.put_back is not None, failed.conversation_gone) == (True, False)
    assert bench.texts(conversation) == ["Hello", "Hi!"]


def test_an_edit_that_cannot_fit_shows_what_was_there(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Helo")
    bench.answer("First")
    bench.chat.regenerate(conversation)
    bench.answer("Second")
    first, _answer = bench.history.transcript(conversation).messages
    bench.chat.edit(conversation, first.id, "Hello there")
    bench.answer("Hi!")
    bench.chat.show_version(conversation, first.id)
    bench.chat.edit(conversation, first.id, "long " * 50)
    bench.chat.on_engine_event(Failed(bench.engine.last.request_id, MessageTooLongError(900, 700), Stats()))
    assert bench.texts(conversation) == ["Helo", "Second"]
    assert bench.history.conversations()[0].title == "Helo"
    assert bench.history.transcript(conversation).messages[0].versions == 2
    assert bench.of(PathChanged)[-1] == PathChanged(conversation)


def test_a_failure_keeps_the_question_and_the_part_of_the_answer(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Why?")
    request = bench.engine.last.request_id
    bench.chat.on_engine_event(Token(request, "Because"))
    bench.chat.on_engine_event(Failed(request, UserFacingError("The model failed."), Stats()))
    assert bench.texts(conversation) == ["Why?", "Because"]
    assert bench.history.transcript(conversation).messages[-1].state is MessageState.FAILED


def test_what_was_said_before_the_file_changed_is_kept_as_interrupted(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Why?")
    request = bench.engine.last.request_id
    bench.chat.on_engine_event(Token(request, "Because"))
    bench.chat.on_engine_event(Failed(request, AnswerInterruptedError("The file has changed."), Stats()))
    assert bench.texts(conversation) == ["Why?", "Because"]
    assert bench.history.transcript(conversation).messages[-1].state is MessageState.INTERRUPTED


def test_a_death_of_the_engine_interrupts_an_answer(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Why?")
    request = bench.engine.last.request_id
    bench.chat.on_engine_event(Token(request, "Because"))
    death = EngineDiedError("It has died.", "{0}.", "Ask again.", values=("SIGSEGV",), ways=())
    bench.chat.on_engine_event(Failed(request, death, Stats()))
    assert bench.texts(conversation) == ["Why?", "Because"]
    assert bench.history.transcript(conversation).messages[-1].state is MessageState.INTERRUPTED
    assert bench.of(AnswerFailed)


def test_regenerate_shows_the_new_answer_when_it_is_there(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Hello")
    bench.answer("First")
    bench.chat.regenerate(conversation)
    assert bench.texts(conversation) == ["Hello", "First"]
    assert bench.chat.answers.replaced_message(conversation) is not None
    assert [m.text for m in bench.engine.last.messages] == ["Hello"]
    bench.answer("Second")
    assert bench.texts(conversation) == ["Hello", "Second"]


def test_regenerate_that_fails_keeps_the_old_answer(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Hello")
    bench.answer("First")
    bench.chat.regenerate(conversation)
    bench.chat.on_engine_event(Failed(bench.engine.last.request_id, UserFacingError("No."), Stats()))
    assert bench.texts(conversation) == ["Hello", "First"]


def test_edit_replaces_the_message_and_what_followed(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Helo")
    bench.answer("Pardon?")
    first = bench.history.transcript(conversation).messages[0]
    bench.chat.edit(conversation, first.id, "Hello")
    bench.answer("Hi!")
    assert bench.texts(conversation) == ["Hello", "Hi!"]


def test_only_one_answer_at_a_time_in_a_conversation(bench: Bench) -> None:
    conversation = bench.chat.send(None, "One")
    with pytest.raises(UserFacingError, match="still answering"):
        bench.chat.send(conversation, "Two")
    assert bench.texts(conversation) == ["One"]
    other = bench.chat.send(None, "Another conversation may ask meanwhile")
    assert other != conversation


def test_late_events_of_a_dropped_conversation_are_ignored(bench: Bench) -> None:
    conversation = bench.chat.send(None, "One")
    request = bench.engine.last.request_id
    bench.chat.answers.keep_silently(conversation)
    bench.history.delete(conversation)
    bench.events.clear()
    bench.chat.on_engine_event(Token(request, "late"))
    bench.chat.on_engine_event(Finished(request, FinishReason.STOPPED, Stats()))
    assert bench.events == []


def test_quitting_stores_the_part_as_interrupted(bench: Bench) -> None:
    conversation = bench.chat.send(None, "One")
    bench.chat.on_engine_event(Token(bench.engine.last.request_id, "Half an ans"))
    bench.chat.shut_down()
    bench.chat.shut_down()
    last = bench.history.transcript(conversation).messages[-1]
    assert (last.text, last.state) == ("Half an ans", MessageState.INTERRUPTED)
    assert len(bench.texts(conversation)) == 2


def test_a_replaced_template_is_passed_on_whoever_has_asked(bench: Bench) -> None:
    bench.chat.on_engine_event(TemplateReplaced("parrot"))
    assert bench.events == [TemplateSubstituted("parrot")]


def test_a_cut_is_remembered_and_sent_with_the_next_question(bench: Bench) -> None:
    conversation = bench.chat.send(None, "One")
    bench.answer("1")
    bench.chat.send(conversation, "Two")
    bench.chat.on_engine_event(Trimmed(bench.engine.last.request_id, 2))
    bench.answer("2")
    assert CutMoved(conversation, 2) in bench.events
    bench.chat.send(conversation, "Three")
    assert bench.engine.last.cut == 2
    bench.answer("3")
    # WHEN the conversation is edited to be shorter than the cut THEN the cut is gone
    first = bench.history.transcript(conversation).messages[0]
    bench.chat.edit(conversation, first.id, "Anew")
    assert bench.engine.last.cut == 0


def test_a_quick_ask_can_become_a_conversation(bench: Bench) -> None:
    conversation = bench.chat.adopt("Capital of France?", "Paris", "", Stats(generated_tokens=1))
    assert bench.texts(conversation) == ["Capital of France?", "Paris"]


def fill_disk(history: History) -> None:
    (pages,) = history._connection.execute("PRAGMA page_count").fetchone()
    history._connection.execute(f"PRAGMA max_page_count = {pages}")


def make_room(history: History) -> None:
    history._connection.execute("PRAGMA max_page_count = 100000")


LONG = "word " * 100_000


def test_an_answer_that_cannot_be_stored_is_kept_until_it_can(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Tell me all")
    fill_disk(bench.history)
    bench.answer(LONG)
    assert bench.of(AnswerUnsaved)
    assert not bench.of(AnswerStored)
    assert bench.chat.answers.growing(conversation) == (LONG, ""), "whoever opens the conversation still sees it"
    assert not bench.chat.answers.is_busy(conversation)
    # WHEN the conversation shall go on THEN the answer comes first
    with pytest.raises(UserFacingError, match="disk is full"):
        bench.chat.send(conversation, "And then?")
    assert bench.texts(conversation) == ["Tell me all"]
    with pytest.raises(UserFacingError, match="disk is full"):
        bench.chat.answers.save_again(conversation)
    make_room(bench.history)
    bench.chat.answers.save_again(conversation)
    assert bench.texts(conversation) == ["Tell me all", LONG]
    assert bench.chat.answers.growing(conversation) is None
    bench.chat.answers.save_again(conversation)
    assert len(bench.of(AnswerStored)) == 1


def test_an_answer_that_could_not_be_stored_is_stored_when_quitting(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Tell me all")
    fill_disk(bench.history)
    bench.answer(LONG)
    make_room(bench.history)
    bench.chat.shut_down()
    assert bench.history.transcript(conversation).messages[-1].state is MessageState.COMPLETE


def test_regenerating_on_a_full_disk_keeps_the_old_answer(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Hello")
    bench.answer("First")
    bench.chat.regenerate(conversation)
    fill_disk(bench.history)
    bench.answer(LONG)
    assert bench.texts(conversation) == ["Hello", "First"]
    make_room(bench.history)
    bench.chat.answers.save_again(conversation)
    assert bench.texts(conversation) == ["Hello", LONG]


def test_an_edit_that_cannot_be_stored_takes_nothing_away(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Helo")
    bench.answer("Pardon?")
    first = bench.history.transcript(conversation).messages[0]
    fill_disk(bench.history)
    with pytest.raises(UserFacingError, match="disk is full"):
        bench.chat.edit(conversation, first.id, LONG)
    assert bench.texts(conversation) == ["Helo", "Pardon?"]
    assert len(bench.engine.requests) == 1


def test_deleting_a_conversation_keeps_what_was_answered_for_an_undo(bench: Bench) -> None:
    conversation = bench.chat.send(None, "One")
    request = bench.engine.last.request_id
    bench.chat.on_engine_event(Token(request, "Half"))
    bench.chat.answers.keep_silently(conversation)
    bench.history.delete(conversation)
    assert bench.engine.cancelled == [request]
    bench.chat.on_engine_event(Token(request, " more"))
    bench.history.restore(conversation)
    last = bench.history.transcript(conversation).messages[-1]
    assert (last.text, last.state) == ("Half", MessageState.STOPPED)


def test_a_cut_that_cannot_be_remembered_does_not_stop_the_answer(bench: Bench) -> None:
    conversation = bench.chat.send(None, "One")
    bench.answer("1")
    bench.chat.send(conversation, "Two")
    bench.history._connection.execute("PRAGMA query_only = ON")
    bench.chat.on_engine_event(Trimmed(bench.engine.last.request_id, 2))
    bench.history._connection.execute("PRAGMA query_only = OFF")
    assert CutMoved(conversation, 2) in bench.events
    bench.answer("2")
    assert bench.texts(conversation) == ["One", "1", "Two", "2"]


def test_the_name_stored_is_that_of_the_model_that_answered(tmp_path: Path) -> None:
    history, engine, names = History(tmp_path / "history.sqlite3"), FakeEngine(), ["tiny"]
    chat = ChatService(engine, history, Settings, lambda: names[-1], lambda _: None, itertools.count(1))
    conversation = chat.send(None, "Who are you?")
    names.append("parrot")  # chosen in the settings while the answer is on its way
    chat.on_engine_event(Token(engine.last.request_id, "Tiny."))
    chat.on_engine_event(Finished(engine.last.request_id, FinishReason.COMPLETE, Stats()))
    assert history.transcript(conversation).messages[-1].model == "tiny"
    history.close()


def test_a_full_disk_leaves_no_conversation_without_its_message(bench: Bench) -> None:
    (pages,) = bench.history._connection.execute("PRAGMA page_count").fetchone()
    bench.history._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(UserFacingError, match="disk is full"):
        bench.chat.send(None, "x" * 100_000)
    assert bench.history.conversations() == ()
    with pytest.raises(UserFacingError, match="disk is full"):
        bench.chat.adopt("Capital of France?", "x" * 100_000, "", None)
    assert bench.history.conversations() == ()
    assert bench.events == []
    assert bench.engine.requests == []


def test_a_stall_is_said_once_until_the_engine_moves_again(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Hello")
    request = bench.engine.last.request_id
    for event in (Stalled(request, 60), Stalled(request, 65), Stalled(request + 1, 60), Recovered(request)):
        bench.chat.on_engine_event(event)
    bench.chat.on_engine_event(Recovered(request))
    bench.chat.on_engine_event(Stalled(request, 61))

    assert bench.of(AnswerStalled) == [AnswerStalled(conversation, 60), AnswerStalled(conversation, 61)]
    assert bench.of(AnswerRecovered) == [AnswerRecovered(conversation)]
    assert bench.chat.answers.is_busy(conversation), "nobody ends it unasked"


def test_an_answer_that_repeats_itself_is_kept_once_and_goes_on_or_begins_anew(bench: Bench) -> None:
    # GIVEN an answer that was stopped since it said the same over and over
    said = "The sea is deep and blue and full of fish that swim in it all day long. "
    conversation = bench.chat.send(None, "Tell me about the sea")
    bench.answer("Well. " + said * 4, FinishReason.REPEATED)
    # THEN it is kept once, and known for what it is
    answer = bench.history.transcript(conversation).messages[-1]
    assert answer.text == f"Well. {said}".strip()
    assert answer.repeated and answer.is_cut_off and answer.state is MessageState.COMPLETE
    # WHEN it shall go on, THEN nothing stops it
    usual = bench.engine.last.sampling
    assert usual.stop_loops
    bench.chat.go_on(conversation)
    assert not bench.engine.last.sampling.stop_loops and bench.engine.last.begun is not None
    bench.answer(" And so on.", FinishReason.REPEATED)
    # WHEN it is asked anew, THEN more freely
    bench.chat.regenerate(conversation)
    assert bench.engine.last.sampling.temperature > usual.temperature
