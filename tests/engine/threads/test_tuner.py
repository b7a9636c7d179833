from __future__ import annotations

import math

import pytest

from desktop.engine.threads.tuner import Counts, Phase, choose_threads, most_threads, read_usage
from desktop.machine.cpu import Processors
from tests.support.simulated_machine import Machine, Run


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


@pytest.mark.parametrize(
    ("physical", "quota", "limit", "threads"),
    [(8, math.inf, 0, 8), (8, math.inf, 4, 4), (8, 2.5, 0, 2), (8, 0.5, 0, 1), (2, math.inf, 16, 2)],
)
def test_no_more_than_the_physical_cores_are_ever_tried(physical: int, quota: float, limit: int, threads: int) -> None:
    assert most_threads(Processors(16, physical, quota), limit) == threads


def test_alone_it_takes_what_it_may() -> None:
    run = Run(Machine(45, 60), limit=2)

    assert run.share_of_best(60) > 0.97


def test_it_steps_back_within_two_seconds_and_comes_again() -> None:
    machine = Machine(45, 60)
    run = Run(machine, limit=2)
    run.generate(3)

    machine.others = 1.0
    run.generate(2)
    assert run.share_of_best(20) > 0.85

    machine.others = 0.0
    run.generate(2)
    assert run.share_of_best(20) > 0.95


def test_a_token_that_takes_a_second_is_reason_enough_to_look() -> None:
    """GIVEN an old laptop whose threads hinder each other so much that a token takes seconds."""
    machine = Machine(5, 8, penalty=16)
    run = Run(machine, limit=2)
    run.generate(4)

    machine.others = 1.0
    history = run.generate(6)

    assert history[2:].count(2) == 0


def test_many_threads_step_back_at_once() -> None:
    machine = Machine(10, 18, 24, 28)
    run = Run(machine, limit=4)
    machine.others = 3.0
    history = run.generate(12)

    assert set(history[3:]) == {1}


def test_more_threads_than_four_are_tried_and_kept_where_they_help() -> None:
    helping = Run(Machine(10, 20, 30, 40, 50, 60), limit=6)
    assert helping.generate(1)[0] == 4
    helping.generate(60)
    assert helping.pace.good.generating == 6

    useless = Run(Machine(10, 20, 30, 40, 40, 38), limit=6)
    useless.generate(60)
    assert useless.pace.good.generating == 4


@pytest.mark.parametrize("speeds", [(20, 26, 21, 15), (30, 22, 20, 18)], ids=["two", "one"])
def test_the_speed_decides_where_all_processors_look_busy_and_well_used(speeds: tuple[float, ...]) -> None:
    """GIVEN small cores or hyper-threads: every thread gets all of its processor, yet fewer are faster."""
    run = Run(Machine(*speeds), limit=4)

    run.generate(60)

    assert run.share_of_best(60) > 0.95


def test_a_processor_that_only_seems_idle_is_tried_ever_more_rarely() -> None:
    """GIVEN a container whose quota lets one thread run, on a host where another processor is idle."""

    class Throttled(Machine):
        def speed(self, threads: int) -> float:
            return (20.0, 4.0)[threads - 1]

        def seen_idle(self, wanted: float) -> float:
            return 1.0

    run = Run(Throttled(20, 4), limit=2)

    def tries(seconds: float) -> int:
        before = run.machine.cut_off
        run.generate(seconds)
        return run.machine.cut_off - before

    assert tries(60) >= 2
    run.generate(180)
    assert 1 <= tries(120) <= 4
    assert run.share_of_best(120) > 0.95


def test_work_of_others_that_comes_and_goes_does_no_harm() -> None:
    machine = Machine(45, 60)
    run = Run(machine, limit=2)
    tokens = 0
    for second in range(60):
        machine.others = float(second % 6 < 3)
        tokens += len(run.generate(1))

    assert tokens / machine.wall > 0.8 * (45 + 60) / 2


@pytest.mark.parametrize(("others", "threads"), [(0.0, 2), (0.3, 2), (1.0, 1), (2.0, 1)])
def test_an_answer_begins_with_what_others_left_free(others: float, threads: int) -> None:
    machine = Machine(45, 60)
    run = Run(machine, limit=2)
    run.pace.rest()
    machine.others = others
    machine.rest(60)
    run.begin()

    assert run.read_batches(1) == [threads]
    assert run.generate(0.01) == [threads]


def test_another_answer_at_once_goes_on_where_the_last_one_was() -> None:
    machine = Machine(45, 60)
    run = Run(machine, limit=2)
    machine.others = 1.0
    run.generate(4)

    run.pace.rest()
    run.begin()

    assert run.generate(1)[0] == 1


def test_reading_has_a_number_of_its_own() -> None:
    """GIVEN six cores, more than generation begins with; THEN reading, which is bound by computing, takes all."""
    run = Run(Machine(10, 20, 30, 40, 40, 40), limit=6)

    assert run.read_batches(2) == [6, 6]
    assert run.generate(0.1)[-1] == 4


def test_generating_begins_with_what_reading_stepped_back_to() -> None:
    machine = Machine(16, 31)
    run = Run(machine, limit=2)
    assert run.read_batches(1) == [2]

    machine.others = 1.0

    assert run.read_batches(1) == [1]
    assert run.generate(0.01) == [1]


def test_what_was_good_alone_is_what_the_next_run_begins_with() -> None:
    machine = Machine(20, 26, 21, 15)
    run = Run(machine, limit=4)
    run.generate(60)
    assert run.pace.good.generating == 2

    machine.others = 3.0
    run.generate(20)
    assert run.generate(1)[-1] == 1
    assert run.pace.good.generating == 2

    machine.others = 0.0
    assert Run(machine, limit=4, known=run.pace.good).generate(0.01) == [2]


def test_what_is_known_of_a_larger_limit_does_not_exceed_this_one() -> None:
    run = Run(Machine(10, 20), limit=2, known=Counts(generating=4, reading=4))

    assert run.read_batches(1) == [2]
    assert run.generate(0.01) == [2]


def test_the_limit_holds_at_once() -> None:
    run = Run(Machine(10, 20, 30, 40), limit=4)
    pace = run.pace

    counts = [pace.step(Phase.DECODE, done, limit).threads for done, limit in ((0, 4), (1, 2), (2, 1))]
    assert counts == [4, 2, 1]


def test_the_clocks_of_this_machine_go_forward() -> None:
    before = read_usage()
    sum(range(200_000))
    after = read_usage()

    assert after.wall > before.wall and after.used >= before.used and after.idle >= before.idle
