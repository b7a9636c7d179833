"""When questions of programs are put, how they give way to people, and that none is lost."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from desktop.api.conversations import OWNER, ConversationNames
from desktop.api.errors import ApiError
from desktop.api.questions import MOST_WAITING, ProgramQuestions, Question, Reply
from desktop.common.errors import UserFacingError
from desktop.engine.types import (
    Asleep,
    BegunAnswer,
    Failed,
    Finished,
    FinishReason,
    Generation,
    Message,
    Role,
    Sampling,
    SleepReason,
    Stats,
    Token,
)

_SYSTEM = "You are a helpful program. " * 40


class _Timer:
    def __init__(self, due: float, call: Callable[[], None]) -> None:
        self.due, self.call, self.is_cancelled = due, call, False

    def cancel(self) -> None:
        self.is_cancelled = True


class Bench:
    """The engine, the clock and the person are the test's."""

    def __init__(self) -> None:
        self.requests: list[Generation] = []
        self.cancelled: list[int] = []
        self.forgotten: list[str] = []
        self.now, self.is_wanted, self.refusal = 100.0, False, ""
        self.timers: list[_Timer] = []
        self.busy: list[bool] = []
        self.questions = ProgramQuestions(
            self,
            itertools.count(7),
            lambda: self.is_wanted,
            lambda _file: self.refusal or None,
            self._later,
            lambda: self.now,
        )
        self.questions.subscribe(self.busy.append)

    def _later(self, seconds: float, call: Callable[[], None]) -> _Timer:
        self.timers.append(_Timer(self.now + seconds, call))
        return self.timers[-1]

    def generate_behind(self, request: Generation) -> None:
        self.requests.append(request)

    def cancel(self, request_id: int) -> None:
        self.cancelled.append(request_id)

    def forget(self, conversation_id: str) -> None:
        self.forgotten.append(conversation_id)

    def put(self, text: str, system: str = "", max_tokens: int | None = None, plain: bool = False) -> Asked:
        first = (Message(Role.SYSTEM, system),) if system else ()
        messages = (*first, Message(Role.USER, text))
        asked = Asked(Generation(0, "", messages, Sampling(max_tokens=max_tokens), plain=plain))
        self.questions.put(asked.question)
        return asked

    def say(self, *words: str) -> None:
        for word in words:
            self.questions.on_engine_event(Token(self.requests[-1].request_id, word))

    def end(self, reason: FinishReason = FinishReason.COMPLETE, **stats: int) -> None:
        self.questions.on_engine_event(Finished(self.requests[-1].request_id, reason, Stats(**stats)))

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for timer in list(self.timers):
            if timer.due <= self.now and not timer.is_cancelled:
                self.timers.remove(timer)
                timer.call()


class Asked:
    def __init__(self, generation: Generation) -> None:
        self.replies: list[Reply] = []
        self.question = Question(generation, self.replies.append)

    @property
    def text(self) -> str:
        return "".join(reply.text for reply in self.replies if isinstance(reply, Token))

    @property
    def end(self) -> Finished:
        assert isinstance(self.replies[-1], Finished)
        return self.replies[-1]

    @property
    def refused(self) -> ApiError:
        assert isinstance(self.replies[-1], ApiError)
        return self.replies[-1]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_one_is_asked_after_the_other(bench: Bench) -> None:
    first, second = bench.put("One?"), bench.put("Two?")
    assert len(bench.requests) == 1 and bench.busy == [True]
    bench.say("1")
    bench.end(generated_tokens=1)
    assert first.text == "1" and first.end.reason is FinishReason.COMPLETE
    assert len(bench.requests) == 2 and not second.replies
    bench.say("2")
    bench.end()
    assert second.text == "2" and bench.busy == [True, False]
    assert not bench.timers  # nothing is looked for any more


def test_while_a_person_wants_the_model_nothing_is_put(bench: Bench) -> None:
    bench.is_wanted = True
    bench.put("One?")
    bench.pass_time(10)
    assert not bench.requests
    # WHEN the person has been answered THEN it waits for a moment more
    bench.is_wanted = False
    bench.questions.on_engine_event(Finished(1, FinishReason.COMPLETE, Stats()))
    bench.pass_time(1)
    assert not bench.requests
    bench.pass_time(1.5)
    assert len(bench.requests) == 1


def test_an_answer_gives_way_and_goes_on_from_its_words(bench: Bench) -> None:
    asked, later = bench.put("One?", max_tokens=10), bench.put("Two?")
    bench.say("The ca")
    bench.questions.on_engine_event(Token(bench.requests[-1].request_id, "hm", thinking=True))
    first = bench.requests[-1]
    # WHEN a person has it stopped
    bench.is_wanted = True
    bench.end(FinishReason.STOPPED, prompt_tokens=20, reused_tokens=5, generated_tokens=4)
    assert asked.text == "The cahm" and not isinstance(asked.replies[-1], Finished)
    bench.questions.on_engine_event(Token(1, "for the person"))
    bench.is_wanted = False
    bench.questions.on_engine_event(Finished(1, FinishReason.COMPLETE, Stats()))
    bench.pass_time(3)
    # THEN it goes on before what came later, as one answer
    again = bench.requests[-1]
    assert again.begun == BegunAnswer("The ca", "hm") and again.request_id != first.request_id
    assert again.messages == first.messages and again.sampling.max_tokens == 6
    bench.say("t.")
    bench.end(prompt_tokens=30, generated_tokens=2)
    assert asked.text.endswith("t.") and not later.replies
    assert asked.end.stats == Stats(prompt_tokens=20, reused_tokens=5, generated_tokens=6)


def test_one_that_was_read_only_is_asked_again_as_it_was(bench: Bench) -> None:
    bench.put("One?")
    bench.end(FinishReason.STOPPED, prompt_tokens=3)
    bench.pass_time(3)
    assert bench.requests[1].begun is None and bench.requests[1].messages == bench.requests[0].messages


def test_a_text_goes_on_as_a_text(bench: Bench) -> None:
    asked = bench.put("Once", plain=True)
    bench.say(" upon")
    bench.end(FinishReason.STOPPED, generated_tokens=1)
    bench.pass_time(3)
    assert "".join(each.text for each in bench.requests[-1].messages) == "Once upon"
    assert bench.requests[-1].plain and bench.requests[-1].begun is None
    bench.say(" a time")
    bench.end()
    assert asked.text == " upon a time"


def test_one_that_had_all_its_words_before_the_pause_is_over(bench: Bench) -> None:
    asked = bench.put("One?", max_tokens=2)
    bench.say("a", "b")
    bench.end(FinishReason.STOPPED, generated_tokens=2)
    bench.pass_time(3)
    assert asked.end.reason is FinishReason.LENGTH and len(bench.requests) == 1
    bench.pass_time(0)
    assert bench.busy[-1] is False


def test_other_work_that_nobody_waits_for_is_no_person(bench: Bench) -> None:
    bench.questions.on_engine_event(Token(1, "a row of a table"))
    bench.put("One?")
    assert len(bench.requests) == 1


def test_one_that_is_dropped_is_told_nothing(bench: Bench) -> None:
    asked, waiting = bench.put("One?"), bench.put("Two?")
    bench.questions.drop(waiting.question)
    bench.questions.drop(asked.question)
    assert bench.cancelled == [bench.requests[-1].request_id]
    bench.say("late")
    bench.end(FinishReason.STOPPED)
    assert not asked.replies and not waiting.replies and bench.busy == [True, False]
    assert len(bench.requests) == 1


def test_one_that_is_stopped_is_told_its_figures(bench: Bench) -> None:
    asked, waiting = bench.put("One?"), bench.put("Two?")
    bench.questions.stop(asked.question)
    bench.end(FinishReason.STOPPED, generated_tokens=3)
    assert asked.end.stats.generated_tokens == 3
    bench.end(FinishReason.STOPPED, generated_tokens=1)  # the second one gives way to somebody
    bench.questions.stop(waiting.question)
    assert waiting.end.reason is FinishReason.STOPPED


def test_too_many_are_refused(bench: Bench) -> None:
    asked = [bench.put("x") for _number in range(MOST_WAITING + 2)]
    assert [bool(each.replies) for each in asked] == [False] * (MOST_WAITING + 1) + [True]
    assert asked[-1].refused.status == 429


def test_what_cannot_be_loaded_is_said_to_each(bench: Bench) -> None:
    bench.refusal = "Too little memory."
    asked = [bench.put("One?"), bench.put("Two?")]
    bench.pass_time(0)
    bench.pass_time(0)
    assert [each.refused.status for each in asked] == [503, 503] and not bench.requests


def test_an_error_ends_one_and_the_next_is_asked(bench: Bench) -> None:
    asked = bench.put("One?")
    bench.put("Two?")
    bench.questions.on_engine_event(Failed(bench.requests[-1].request_id, UserFacingError("It died."), Stats()))
    assert (asked.refused.status, asked.refused.message) == (500, "It died.") and len(bench.requests) == 2


@pytest.mark.parametrize(
    ("reason", "ends"), [(SleepReason.ASKED, True), (SleepReason.IDLE, False), (SleepReason.MEMORY, False)]
)
def test_a_model_that_is_put_to_sleep_by_hand_stays_asleep(bench: Bench, reason: SleepReason, ends: bool) -> None:
    asked = bench.put("One?")
    bench.end(FinishReason.STOPPED)
    bench.questions.on_engine_event(Asleep(reason))
    bench.pass_time(3)
    assert (len(bench.requests) == 1) is ends
    assert not ends or (asked.refused.status, asked.refused.code) == (503, "asleep")
    # AND whoever asks then wakes it
    bench.put("Two?")
    assert len(bench.requests) == 2


def test_the_end_is_one_for_all_and_leaves_nothing(bench: Bench) -> None:
    asked, waiting = bench.put("One?"), bench.put("Two?")
    bench.questions.end()
    assert asked.refused.status == waiting.refused.status == 503
    assert bench.cancelled and bench.forgotten == [OWNER] and bench.busy == [True, False]


# What is kept of a conversation


class Names(ConversationNames):
    def __init__(self) -> None:
        self.forgotten: list[str] = []
        super().__init__(self.forgotten.append)


def _talk(*texts: str, system: str = "") -> tuple[Message, ...]:
    roles = itertools.cycle((Role.USER, Role.ASSISTANT))
    first = (Message(Role.SYSTEM, system),) if system else ()
    return (*first, *(Message(role, text) for role, text in zip(roles, texts, strict=False)))


def test_a_conversation_is_known_by_its_beginning() -> None:
    names = Names()
    names.name(None, _talk("Hi"))
    again, later = (
        names.name(None, _talk("Hi", "Hello", "And?")),
        names.name(None, _talk("Hi", "Hello", "And?", "x", "y")),
    )
    assert again == later and again.conversation_id.startswith(f"{OWNER}/")
    others = [names.name("m", _talk("Hi", "x", "y")), names.name(None, _talk("Ho", "x", "y"))]
    others.append(names.name(None, _talk("Hi", "x", "y", system="x")))
    assert len({each.conversation_id for each in (again, *others)}) == 4


def test_single_questions_under_the_same_instructions_share_a_state() -> None:
    names = Names()
    once = [names.name(None, _talk(f"{number}", system="Translate.")) for number in range(100)]
    assert len({each.conversation_id for each in once}) == 1 and not names.forgotten
    others = (names.name(None, _talk("1", system="Summarise.")), names.name("m", _talk("1", system="Translate.")))
    assert len({each.conversation_id for each in (once[0], *others)}) == 3


def test_long_instructions_are_kept_once_they_are_seen_again() -> None:
    names = Names()
    first, second = (names.name(None, _talk(text, system=_SYSTEM)) for text in ("A", "B"))
    assert first.prefix_id is None and second.prefix_id is not None and second.prefix_id.startswith(f"{OWNER}/")
    assert names.name(None, _talk("A", system="Short.")).prefix_id is None
    assert names.name(None, _talk("B", system="Short.")).prefix_id is None


def test_only_a_few_are_kept() -> None:
    names = Names()
    talks = [names.name(None, _talk(f"{number}", "x", "y")).conversation_id for number in range(10)]
    assert names.forgotten == talks[:6]
    names.forget_all()
    assert names.forgotten[-1] == OWNER
