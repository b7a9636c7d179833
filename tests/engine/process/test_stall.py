from __future__ import annotations

import math

import pytest

from desktop.engine.process.stall import FRUITLESS_SECONDS, PATIENCE_SECONDS, Paces, StallWatch
from desktop.engine.types import Work
from desktop.machine.vital_signs import VitalSigns


class Watched:
    """A watch over a process and a clock that both do what the test says."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.signs: VitalSigns | None = VitalSigns(0, 0)
        self.paces = Paces()
        self.watch = StallWatch(7, lambda: self.now, paces=self.paces, read=lambda _pid: self.signs)
        self.watch.begin(Work.READING)

    def look_for(self, seconds: float, *, alive: bool = False, computing: bool = False) -> float:
        """Lets time pass, looking whenever that is due; returns how long the process has got no further at the end."""
        end = self.now + seconds
        while self.watch.look_at <= end:
            self.now = self.watch.look_at
            if alive and self.signs is not None:
                self.signs = VitalSigns(self.signs.computed, self.signs.moved + 4096)
            elif computing and self.signs is not None:
                self.signs = VitalSigns(self.signs.computed + 1, self.signs.moved + 4096)  # reads a clock
            self.watch.look()
        self.now = end
        return self.watch.seconds


def test_nothing_is_looked_at_before_the_process_has_something_to_do() -> None:
    assert StallWatch(7, lambda: 0.0, read=lambda _pid: None).look_at == math.inf


def test_a_process_without_a_sign_of_life_is_stalled_after_a_minute_and_the_time_goes_on() -> None:
    watched = Watched()

    assert watched.look_for(PATIENCE_SECONDS - 1) < PATIENCE_SECONDS
    assert not watched.watch.is_stalled
    assert watched.look_for(1) == PATIENCE_SECONDS
    assert watched.watch.is_stalled
    assert watched.look_for(30) == PATIENCE_SECONDS + 30


def test_a_process_that_moves_a_page_now_and_then_is_never_stalled_however_long_it_takes() -> None:
    watched = Watched()

    for _ in range(60):
        watched.look_for(PATIENCE_SECONDS - 10)
        assert watched.look_for(10, alive=True) == 0
        assert not watched.watch.is_stalled


@pytest.mark.parametrize("how", ["gets further", "says something", "moves a page"])
def test_a_stalled_process_that_moves_again_is_stalled_no_more(how: str) -> None:
    watched = Watched()
    watched.look_for(2 * PATIENCE_SECONDS)

    if how == "gets further":
        assert watched.watch.advanced(Work.READING)
    elif how == "says something":
        assert watched.watch.heard()
    else:
        watched.look_for(5, alive=True)

    assert not watched.watch.is_stalled
    assert not watched.watch.advanced(Work.READING)
    assert watched.look_for(PATIENCE_SECONDS - 1) < PATIENCE_SECONDS


def test_the_sleep_of_the_computer_is_not_laid_at_the_process_s_door() -> None:
    # GIVEN a process that has just been given something to do
    watched = Watched()

    # WHEN the computer sleeps for a night, of which some systems' clocks know
    watched.now += 8 * 3600
    watched.watch.look()

    # THEN that is no silence of the process
    assert not watched.watch.is_stalled
    # AND its own silence still counts
    assert watched.look_for(PATIENCE_SECONDS) >= PATIENCE_SECONDS


def test_a_system_that_tells_nothing_accuses_nobody() -> None:
    watched = Watched()
    watched.signs = None

    assert watched.look_for(10 * PATIENCE_SECONDS) == 0


def test_a_process_that_computes_and_gets_no_further_is_stalled_after_two_minutes() -> None:
    watched = Watched()

    watched.look_for(FRUITLESS_SECONDS, computing=True)  # the first look has nothing to compare with
    assert not watched.watch.is_stalled
    assert watched.look_for(5, computing=True) == FRUITLESS_SECONDS
    assert watched.watch.is_stalled and not watched.watch.is_still

    # AND what it says for the log, or the same thing once more, is no step forward
    assert not watched.watch.heard()
    assert watched.watch.is_stalled
    # AND a step is one
    assert watched.watch.advanced(Work.READING)
    assert not watched.watch.is_stalled


def test_lines_for_the_log_do_not_put_the_look_off() -> None:
    watched = Watched()
    for _ in range(4 * int(FRUITLESS_SECONDS)):
        watched.look_for(0.5, computing=True)
        watched.watch.heard()
    assert watched.watch.is_stalled


@pytest.mark.parametrize("fetched", ["pages", "bytes"])
def test_what_waits_for_a_disk_again_and_again_is_not_said_to_compute_for_ever(fetched: str) -> None:
    # GIVEN a machine that swaps, or a model on a slow drive, and a processor that is busy with that
    watched = Watched()
    for look in range(1, 400):
        count = (look * 4096, look) if fetched == "pages" else (look * (5 << 20), 0)
        watched.signs = VitalSigns(float(look), count[0], fetched=count[1])
        watched.look_for(5)
    assert not watched.watch.is_stalled


def test_on_a_slow_machine_a_step_may_take_many_times_what_it_took_before() -> None:
    # GIVEN an old computer beside a busy program, which takes 26 seconds for a token
    watched = Watched()
    for _ in range(3):
        watched.look_for(26, computing=True)
        assert not watched.watch.advanced(Work.ANSWERING)

    # THEN ten times that is no reason to say anything, and hundred times is
    watched.look_for(260, computing=True)
    assert not watched.watch.is_stalled
    watched.look_for(2340, computing=True)
    assert watched.watch.is_stalled


def test_what_is_known_of_a_pace_is_of_that_work_alone_and_outlives_the_process() -> None:
    watched = Watched()
    watched.look_for(60, computing=True)
    watched.watch.advanced(Work.ANSWERING)
    # A token may take no longer for it.
    assert watched.paces.patience(Work.ANSWERING) == FRUITLESS_SECONDS
    assert watched.paces.patience(Work.READING) > FRUITLESS_SECONDS

    another = StallWatch(8, lambda: watched.now, paces=watched.paces, read=lambda _pid: watched.signs)
    another.begin(Work.READING)
    assert not another.is_stalled


def test_the_time_between_two_requests_says_nothing_about_the_pace() -> None:
    watched = Watched()
    watched.now += 9
    watched.watch.begin(Work.READING)
    watched.watch.advanced(Work.READING)
    assert watched.paces.patience(Work.READING) == FRUITLESS_SECONDS
