from __future__ import annotations

import itertools
import math

import pytest

from desktop.engine.pace import Pace, Usage, choose_threads, read_usage
from desktop.engine.processors import Processors


@pytest.mark.parametrize(
    ("logical", "physical", "quota", "threads"),
    [
        (1, 1, math.inf, 1),
        (2, 2, math.inf, 2),
        (4, 2, math.inf, 2),  # hyper-threads do not count
        (4, 4, math.inf, 4),
        (16, 8, math.inf, 4),
        (8, 8, 2.0, 2),
        (8, 8, 1.9, 1),
        (8, 8, 0.5, 1),
    ],
)
def test_automatic_follows_the_physical_cores(logical: int, physical: int, quota: float, threads: int) -> None:
    assert choose_threads(0, Processors(logical, physical, quota)) == threads


@pytest.mark.parametrize(("setting", "threads"), [(1, 1), (3, 3), (4, 4), (64, 4)])
def test_a_fixed_number_is_capped_at_the_logical_processors(setting: int, threads: int) -> None:
    assert choose_threads(setting, Processors(logical=4, physical=2, quota=1.0)) == threads


@pytest.mark.parametrize(("setting", "limit", "threads"), [(0, 1, 1), (0, 0, 2), (3, 1, 1), (3, 2, 2), (1, 2, 1)])
def test_a_limit_holds_for_fixed_numbers_too(setting: int, limit: int, threads: int) -> None:
    assert choose_threads(setting, Processors(logical=4, physical=2, quota=math.inf), limit) == threads


class Machine:
    """Processors shared with other programs, seen through the clocks."""

    def __init__(self, processors: int) -> None:
        self.processors = processors
        self.others = 0.0  # processors that other programs keep busy
        self.wall = self.used = self.idle = 0.0

    def read(self) -> Usage:
        return Usage(self.wall, self.used, self.idle)

    def clock(self) -> float:
        return self.wall

    def evaluate(self, threads: int, seconds: float = 0.05) -> None:
        """Lets an evaluation pass. Every program gets its fair share when there are too few processors."""
        wanted = threads + self.others
        share = min(1.0, self.processors / max(wanted, 1.0))
        self.wall += seconds
        self.used += threads * share * seconds
        self.idle += max(0.0, self.processors - wanted) * seconds


def run(pace: Pace, machine: Machine, seconds: float, limit: int) -> list[int]:
    """Generates for a while; returns the threads used."""
    history = []
    end = machine.wall + seconds
    while machine.wall < end:
        history.append(pace.threads(limit))
        machine.evaluate(history[-1])
    return history


def test_alone_it_takes_what_it_may() -> None:
    machine = Machine(4)
    pace = Pace(machine.read, machine.clock)
    pace.begin(4)

    assert set(run(pace, machine, 10, limit=4)) == {4}


def test_it_steps_back_within_a_moment_and_comes_again() -> None:
    machine = Machine(2)
    pace = Pace(machine.read, machine.clock)
    pace.begin(2)
    assert set(run(pace, machine, 2, limit=2)) == {2}

    machine.others = 1.0
    assert set(run(pace, machine, 1, limit=2)[8:]) == {1}

    machine.others = 0.0
    assert run(pace, machine, 5, limit=2)[-1] == 2


def test_many_threads_step_back_at_once() -> None:
    machine = Machine(4)
    machine.others = 8.0
    pace = Pace(machine.read, machine.clock)
    pace.begin(4)

    assert run(pace, machine, 0.5, limit=4)[-1] == 1


def test_a_number_that_keeps_going_wrong_is_tried_ever_more_rarely() -> None:
    """GIVEN clocks that promise an idle processor which this process never gets (a container's quota)."""
    machine = Machine(2)

    class Throttled(Machine):
        def evaluate(self, threads: int, seconds: float = 0.05) -> None:
            self.wall += seconds
            self.used += seconds  # one processor, whatever is tried
            self.idle += seconds

    machine = Throttled(2)
    pace = Pace(machine.read, machine.clock)
    pace.begin(4)
    history = run(pace, machine, 120, limit=2)
    tries = [at for at, (one, other) in enumerate(itertools.pairwise(history)) if other > one]
    gaps = [later - earlier for earlier, later in itertools.pairwise(tries)]

    assert history[5:].count(2) < len(history) * 0.05
    assert gaps == sorted(gaps) and gaps[-1] > 4 * gaps[0]


@pytest.mark.parametrize(("others", "threads"), [(0.0, 2), (0.3, 2), (1.0, 1), (2.0, 1)])
def test_an_answer_begins_with_what_others_left_free(others: float, threads: int) -> None:
    machine = Machine(2)
    pace = Pace(machine.read, machine.clock)
    pace.rest()
    machine.others = others
    machine.evaluate(threads=0, seconds=60.0)
    pace.begin(2)

    assert pace.threads(2) == threads


def test_the_limit_holds_at_once() -> None:
    machine = Machine(4)
    pace = Pace(machine.read, machine.clock)
    pace.begin(4)

    assert [pace.threads(4), pace.threads(2), pace.threads(1)] == [4, 2, 1]


def test_the_clocks_of_this_machine_go_forward() -> None:
    before = read_usage()
    sum(range(200_000))
    after = read_usage()

    assert after.wall > before.wall and after.used >= before.used and after.idle >= before.idle
