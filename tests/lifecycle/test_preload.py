"""Loading the model while the question is being written."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.types import (
    Asleep,
    Crashed,
    Dozing,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Generation,
    Reading,
    SleepReason,
    Stats,
    Waking,
    Work,
)
from desktop.lifecycle.preload import Preloader
from tests.support.fake_engine import FakeEngine

PROBLEM = UserFacingError("It is broken.")


class Bench:
    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.welcome = True
        self.known = True
        self.now = 1000.0
        self.looks = 0  # at model folder, memory and battery
        self.preloader = Preloader(self.engine, self._may_preload, lambda: self.now)
        self._ids = itertools.count(1)

    def write(self, key: str = "chat") -> int:
        """Something is written; returns how often the engine has been prepared."""
        self.preloader.want(key, self._request)
        return len(self.engine.prepared)

    def pause(self, key: str) -> None:
        self.preloader.follow(key, self._request)

    def hand(self, *events: EngineEvent) -> None:
        for event in events:
            self.preloader.on_engine_event(event)

    def end(self, reason: FinishReason = FinishReason.COMPLETE) -> None:
        self.hand(Finished(self.engine.prepared[-1].request_id, reason, Stats()))

    def _may_preload(self) -> bool:
        self.looks += 1
        return self.welcome

    def _request(self) -> Generation | None:
        return Generation(next(self._ids), "conversation", ()) if self.known else None


def test_the_next_letter_wakes_what_has_dozed_off() -> None:
    bench = Bench()
    assert bench.write() == 1
    bench.end()
    assert bench.write() == 1
    bench.hand(Dozing())
    assert bench.write() == 2
    # WHEN the word comes late, from before the waking THEN that goes on
    bench.hand(Dozing())
    assert bench.write() == 2
    assert bench.preloader.is_running


def test_what_has_crashed_ahead_of_a_question_waits_for_the_question() -> None:
    bench = Bench()
    bench.write()
    bench.hand(Failed(bench.engine.prepared[-1].request_id, PROBLEM, Stats()))
    bench.hand(Crashed(None, Work.LOADING), Asleep(SleepReason.CRASHED))
    assert bench.write() == 1
    bench.preloader.asked()
    assert bench.write() == 2


def test_what_has_crashed_at_rest_is_woken_by_the_next_letter() -> None:
    bench = Bench()
    bench.write()
    bench.end()
    bench.hand(Crashed(None, Work.RESTING), Asleep(SleepReason.CRASHED))
    assert bench.write() == 2


def test_a_question_wakes_the_model_once() -> None:
    bench = Bench()
    assert [bench.write(), bench.write()] == [1, 1]
    bench.hand(Waking(1, 0.5), Reading(1, 5, 10))
    assert bench.preloader.is_running
    assert bench.write() == 1
    bench.end()
    assert not bench.preloader.is_running
    assert bench.write() == 1


def test_what_is_emptied_before_it_is_done_is_cancelled_and_may_begin_again() -> None:
    bench = Bench()
    bench.write()
    bench.preloader.drop("chat")
    assert bench.engine.cancelled == [1]
    bench.end(FinishReason.STOPPED)
    bench.hand(Asleep(SleepReason.ASKED))
    assert bench.write() == 2


def test_what_is_emptied_after_it_is_done_is_left_to_the_nap() -> None:
    bench = Bench()
    bench.write()
    bench.end()
    bench.preloader.drop("chat")
    assert bench.engine.cancelled == []
    assert bench.engine.sleeps == []


def test_another_box_that_is_empty_cancels_nothing() -> None:
    bench = Bench()
    bench.write("chat")
    bench.preloader.drop("quick ask")
    assert bench.engine.cancelled == []


def test_another_box_takes_over() -> None:
    bench = Bench()
    bench.write("chat")
    assert bench.write("quick ask") == 2
    assert bench.engine.cancelled == [1]
    bench.end()
    # the first one is prepared for anew when it is gone on with
    assert bench.write("chat") == 3


def test_a_question_that_is_sent_cancels_nothing() -> None:
    bench = Bench()
    bench.write()
    bench.preloader.asked()
    bench.preloader.drop("chat")  # the box is empty now
    assert bench.engine.cancelled == []
    assert bench.write() == 2  # the next one


def test_it_waits_until_it_is_welcome() -> None:
    bench = Bench()
    bench.known = False
    assert bench.write() == 0
    bench.known = True
    assert bench.write() == 1


def test_a_refusal_is_not_found_out_anew_with_every_key() -> None:
    bench = Bench()
    bench.welcome = False
    for _ in range(200):
        bench.write()
        bench.now += 0.04
    assert bench.looks == 1
    bench.now += 10
    assert bench.write() == 0
    assert bench.looks == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda bench: bench.preloader.reconsider(),  # settings, models or the power have changed
        lambda bench: bench.preloader.drop("chat"),
        lambda bench: bench.hand(Finished(7, FinishReason.COMPLETE, Stats())),
        lambda bench: bench.hand(Asleep(SleepReason.IDLE)),
    ],
    ids=["something changed", "the box was emptied", "an answer ended", "a model went"],
)
def test_what_may_have_changed_a_refusal_lets_the_next_key_ask_again(change: Callable[[Bench], None]) -> None:
    bench = Bench()
    bench.welcome = False
    assert bench.write() == 0
    bench.welcome = True
    assert bench.write() == 0
    change(bench)
    assert bench.write() == 1


def test_a_nap_while_a_long_question_is_written_is_ended_by_the_next_key() -> None:
    bench = Bench()
    bench.write()
    bench.end()
    bench.hand(Asleep(SleepReason.IDLE))
    assert bench.write() == 2


@pytest.mark.parametrize("reason", [SleepReason.IDLE, SleepReason.RECONFIGURED])
def test_a_sleep_before_the_waking_is_not_the_end_of_it(reason: SleepReason) -> None:
    bench = Bench()
    bench.write()
    bench.hand(Asleep(reason), Waking(1, 0.1))
    assert bench.write() == 1
    assert bench.preloader.is_running


def test_memory_that_was_taken_back_is_not_fought_for() -> None:
    bench = Bench()
    bench.write()
    bench.end()
    bench.hand(Asleep(SleepReason.MEMORY))
    assert bench.write() == 1
    # WHEN the box is emptied THEN the next question counts as a new one
    bench.preloader.drop("chat")
    assert bench.write() == 2


def test_what_failed_is_not_tried_with_every_key() -> None:
    bench = Bench()
    bench.write()
    bench.hand(Failed(1, PROBLEM, Stats()), Asleep(SleepReason.ASKED))
    assert bench.write() == 1
    bench.preloader.asked()
    assert bench.write() == 2


def test_the_ends_of_other_requests_are_none_of_its_business() -> None:
    bench = Bench()
    bench.write()
    bench.hand(Finished(7, FinishReason.COMPLETE, Stats()), Failed(8, PROBLEM, Stats()))
    assert bench.preloader.is_running


def test_the_draft_is_read_when_what_was_known_has_been() -> None:
    """GIVEN a box that is being prepared for WHEN the writing pauses twice THEN the draft follows once."""
    bench = Bench()
    bench.write()
    bench.pause("chat")
    bench.pause("chat")
    assert len(bench.engine.prepared) == 1
    bench.end()
    assert len(bench.engine.prepared) == 2
    assert bench.preloader.is_running
    bench.end()
    assert not bench.preloader.is_running
    bench.pause("chat")
    assert len(bench.engine.prepared) == 3


def test_no_draft_is_read_that_was_sent_emptied_or_belongs_elsewhere() -> None:
    bench = Bench()
    bench.pause("chat")  # never prepared for
    assert bench.engine.prepared == []
    bench.write()
    bench.pause("chat")
    bench.preloader.asked()
    bench.end()
    assert len(bench.engine.prepared) == 1
    bench.write()
    bench.pause("chat")
    bench.preloader.drop("chat")
    bench.end(FinishReason.STOPPED)
    assert len(bench.engine.prepared) == 2
    bench.write("quick")
    bench.pause("chat")
    bench.end()
    assert len(bench.engine.prepared) == 3


def test_no_draft_is_read_where_that_is_not_welcome_or_has_failed() -> None:
    bench = Bench()
    bench.write()
    bench.end()
    bench.welcome = False
    bench.pause("chat")
    assert len(bench.engine.prepared) == 1
    bench.welcome = True
    bench.pause("chat")
    bench.hand(Failed(bench.engine.prepared[-1].request_id, PROBLEM, Stats()))
    bench.pause("chat")
    assert len(bench.engine.prepared) == 2
