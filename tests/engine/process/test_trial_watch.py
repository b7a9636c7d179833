"""What a trial may take, counted in what its process does."""

from __future__ import annotations

import pytest

from desktop.engine.process.trial_watch import FRUITLESS_SECONDS, PATIENCE_SECONDS, Exhausted, TrialWatch
from desktop.machine.vital_signs import VitalSigns

GB = 10**9
HOUR = 3600.0


class Watched:
    """A watch over a process and a clock that both do what the test says."""

    def __init__(self, size: int = 0) -> None:
        self.now = 1000.0
        self.signs: VitalSigns | None = VitalSigns(0.0, 0)
        self.watch = TrialWatch(7, lambda: self.now, size, lambda _pid: self.signs)

    def look_for(self, seconds: float, *, computed: float = 0.0, fetched: int = 0) -> Exhausted | None:
        """Lets time pass and looks whenever that is due, until the trial has taken enough.

        Args:
            seconds: By the clock.
            computed: Seconds of the processor in each of them.
            fetched: Bytes from the disk in each of them.
        """
        end = self.now + seconds
        while self.watch.look_at <= end:
            passed = self.watch.look_at - self.now
            self.now = self.watch.look_at
            if (signs := self.signs) is not None:
                more = int(passed * fetched)
                self.signs = VitalSigns(
                    signs.computed + passed * computed, signs.moved + more, fetched=signs.fetched + more
                )
            if (exhausted := self.watch.look()) is not None:
                return exhausted
        self.now = end
        return None


@pytest.mark.parametrize("share", [4.0, 1.0, 0.2])
def test_computing_without_a_step_counts_by_the_processor_and_not_by_the_clock(share: float) -> None:
    watched = Watched()

    watched.look_for(5, computed=share)  # the first look has nothing to compare with
    assert watched.look_for((FRUITLESS_SECONDS - 20) / share, computed=share) is None
    assert watched.look_for(60 / share, computed=share) is Exhausted.COMPUTED


def test_a_step_forward_gives_new_time() -> None:
    watched = Watched()
    for _ in range(5):
        assert watched.look_for(FRUITLESS_SECONDS - 10, computed=1.0) is None
        watched.watch.advanced()


def test_threads_that_end_take_nothing_off_what_was_computed() -> None:
    watched = Watched()
    assert watched.look_for(FRUITLESS_SECONDS - 10, computed=1.0) is None
    watched.signs = VitalSigns(1.0, 0)
    assert watched.look_for(40, computed=1.0) is Exhausted.COMPUTED


@pytest.mark.parametrize("fetched", [1, 4096, 5 << 20])
def test_time_that_passes_with_the_disk_is_not_laid_at_the_file_s_door(fetched: int) -> None:
    assert Watched().look_for(20 * HOUR, computed=2.0, fetched=fetched) is Exhausted.SLOW


def test_no_sign_of_life_for_a_minute_is_enough() -> None:
    watched = Watched()
    assert watched.look_for(PATIENCE_SECONDS) is None
    assert watched.look_for(10) is Exhausted.STILL


def test_a_large_file_may_take_as_long_as_it_takes_to_read_it_from_a_bad_stick() -> None:
    assert Watched().look_for(HOUR, fetched=1_000_000) is Exhausted.SLOW
    assert Watched(4 * GB).look_for(HOUR + 2000, fetched=1_000_000) is None


def test_the_sleep_of_the_computer_does_not_count() -> None:
    watched = Watched()
    assert watched.look_for(5) is None
    for _ in range(2):
        watched.now += 8 * HOUR
        assert watched.watch.look() is None


def test_where_the_system_tells_nothing_only_the_clock_is_left() -> None:
    watched = Watched()
    watched.signs = None
    assert watched.look_for(HOUR / 4) is None
    assert watched.look_for(HOUR) is Exhausted.SLOW
