from __future__ import annotations

import math

import pytest

from desktop.engine.process.stall import PATIENCE_SECONDS, StallWatch
from desktop.machine.vital_signs import VitalSigns


class Watched:
    """A watch over a process and a clock that both do what the test says."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.signs: VitalSigns | None = VitalSigns(0, 0)
        self.watch = StallWatch(7, lambda: self.now, read=lambda _pid: self.signs)
        self.watch.heard()

    def look_for(self, seconds: float, *, alive: bool = False) -> float:
        """Lets time pass, looking whenever that is due; returns how long the process has been silent at the end."""
        end, silent = self.now + seconds, 0.0
        while self.watch.look_at <= end:
            self.now = self.watch.look_at
            if alive and self.signs is not None:
                self.signs = VitalSigns(self.signs.computed, self.signs.moved + 4096)
            silent = self.watch.look()
        self.now = end
        return silent


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


@pytest.mark.parametrize("how", ["says something", "moves a page"])
def test_a_stalled_process_that_moves_again_is_stalled_no_more(how: str) -> None:
    watched = Watched()
    watched.look_for(2 * PATIENCE_SECONDS)

    if how == "says something":
        assert watched.watch.heard()
    else:
        watched.look_for(5, alive=True)

    assert not watched.watch.is_stalled
    assert not watched.watch.heard()
    assert watched.look_for(PATIENCE_SECONDS - 1) < PATIENCE_SECONDS


def test_the_sleep_of_the_computer_is_not_laid_at_the_process_s_door() -> None:
    # GIVEN a process that has just been given something to do
    watched = Watched()

    # WHEN the computer sleeps for a night, of which some systems' clocks know
    watched.now += 8 * 3600
    silent = watched.watch.look()

    # THEN that is no silence of the process
    assert silent <= 10
    assert not watched.watch.is_stalled


def test_a_system_that_tells_nothing_accuses_nobody() -> None:
    watched = Watched()
    watched.signs = None

    assert watched.look_for(10 * PATIENCE_SECONDS) == 0
