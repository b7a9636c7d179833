"""What trials cost, and how soon they are made: the same machine in a model as in test_pace.py."""

from __future__ import annotations

import itertools
import random

import pytest

from desktop.engine.threads.tuner import Phase
from tests.support.simulated_machine import Machine, Run

# On the machine of the benchmark a token that takes 22 ms takes 2.4 s beside a busy program with one thread too many.
DEAR = 100.0


def test_a_trial_that_hangs_is_cut_off_and_counts_as_failed() -> None:
    """GIVEN a program that stops, and begins again at the moment when another thread is tried."""
    machine = Machine(45, 60, penalty=DEAR)
    run = Run(machine, limit=2)
    machine.others = 1.0
    run.generate(5)
    machine.others = 0.0
    began = machine.wall
    while (step := run.pace.step(Phase.DECODE, run.done, 2)).threads == 1:
        machine.evaluate(step)
        run.done += 1
    assert machine.wall - began < 1

    machine.others = 1.0
    lost = machine.lost
    assert machine.evaluate(step) is False
    again = run.pace.step(Phase.DECODE, run.done, 2, cut_off=True)

    assert again.threads == 1 and again.slowest == 0
    assert machine.lost - lost < 5 / 45
    assert set(run.generate(5)) == {1}


def test_the_first_token_that_hangs_is_cut_off() -> None:
    """GIVEN an answer under way with two threads; WHEN another program begins; THEN it takes no second to react."""
    machine = Machine(45, 60, penalty=DEAR)
    run = Run(machine, limit=2)
    run.generate(3)

    machine.others = 1.0
    began = machine.wall
    assert set(run.generate(0.1)) == {1}

    assert machine.wall - began < 0.15
    assert run.share_of_best(10) > 0.95


def test_a_token_that_hesitates_is_not_cut_off() -> None:
    """GIVEN a machine on which every tenth token takes three times as long."""

    class Hesitant(Machine):
        tokens = 0

        def speed(self, threads: int) -> float:
            self.tokens += 1
            return super().speed(threads) / (3 if self.tokens % 10 == 0 else 1)

    machine = Hesitant(45, 60)
    run = Run(machine, limit=2)
    run.generate(30)

    assert machine.lost == 0


def test_one_thread_waits_for_nobody_and_is_never_cut_off() -> None:
    machine = Machine(45, 60)
    run = Run(machine, limit=1)
    run.generate(5)

    machine.others = 4.0  # its processor is shared out as well

    assert run.pace.step(Phase.DECODE, run.done, 1).slowest == 0
    run.generate(20)
    assert machine.lost == 0


def test_a_model_that_was_just_loaded_may_be_slow() -> None:
    """GIVEN speeds of a small model; THEN a large one, ten times as slow, is not cut off for that."""
    run = Run(Machine(45, 60), limit=2)
    run.generate(5)

    run.machine.speeds = (4.5, 6.0)
    run.pace.rest()
    run.machine.rest(5)
    run.pace.forget_speeds()
    run.begin()

    assert set(run.generate(4)) == {2}
    assert run.machine.lost == 0


@pytest.mark.parametrize("speeds", [(45, 60), (5, 8)], ids=["fast", "slow"])
def test_what_was_known_in_the_last_answer_cuts_off_the_first_token_of_the_next(speeds: tuple[float, ...]) -> None:
    """GIVEN a long rest, at whose very end another program has begun, so that the clocks show two free processors."""
    machine = Machine(*speeds, penalty=DEAR)
    run = Run(machine, limit=2)
    run.generate(5)
    run.pace.rest()
    machine.rest(600)
    machine.others = 1.0
    run.begin()

    began = machine.wall
    assert run.generate(0.01) == [1]

    assert machine.wall - began < 6 / speeds[0]


@pytest.mark.parametrize("busy", [2, 10, 100], ids=["2 s", "10 s", "100 s"])
@pytest.mark.parametrize("speeds", [(45, 60), (5, 8)], ids=["fast", "slow"])
def test_it_recovers_within_two_seconds(speeds: tuple[float, ...], busy: float) -> None:
    machine = Machine(*speeds, penalty=DEAR)
    run = Run(machine, limit=2)
    run.generate(10)
    machine.others = 1.0
    run.generate(busy)

    machine.others = 0.0
    run.generate(2)

    assert set(run.generate(5)) == {2}


def test_it_recovers_from_a_stop_in_the_middle_of_a_trial() -> None:
    """GIVEN a speed that rises and falls, so that another thread is tried at any time.

    THEN a trial that failed for lack of a processor says nothing about the processor that is free now.
    """
    for moment in range(40):
        chance = random.Random(moment)

        class Noisy(Machine):
            def speed(self, threads: int, chance: random.Random = chance) -> float:
                return super().speed(threads) * chance.choice((0.7, 0.8, 1.0, 1.3, 1.5))

        machine = Noisy(45, 70, penalty=DEAR)
        run = Run(machine, limit=2)
        machine.others = 1.0
        run.generate(20 + moment / 10)
        machine.others = 0.0
        run.generate(2)

        history = run.generate(10)
        assert history.count(2) > 0.85 * len(history), moment


@pytest.mark.parametrize("speeds", [(45, 60), (5, 8), (1, 1.6)], ids=["fast", "slow", "very slow"])
def test_beside_a_program_that_stays_busy_trials_cost_hardly_anything(speeds: tuple[float, ...]) -> None:
    machine = Machine(*speeds, penalty=DEAR)
    run = Run(machine, limit=2)
    machine.others = 1.0
    run.generate(60)

    before, began = machine.lost, machine.wall
    share = run.share_of_best(600)

    assert machine.lost > 0, "it never looks whether the clocks mislead"
    assert machine.lost - before < 0.01 * (machine.wall - began) + 4 / speeds[0], "the last trial is not paid for yet"
    assert share > 0.97


def test_a_speed_that_leaps_does_not_lead_to_one_trial_after_the_other() -> None:
    """GIVEN a virtual machine: from second to second its single thread is half as fast again, or not."""

    class Leaping(Machine):
        def speed(self, threads: int) -> float:
            return super().speed(threads) * (1.0 if int(self.wall) % 2 else 0.6)

    machine = Leaping(45, 60, penalty=DEAR)
    run = Run(machine, limit=2)
    machine.others = 1.0
    run.generate(120)

    assert machine.lost < 0.02 * machine.wall


def test_a_program_that_works_in_bursts_costs_little() -> None:
    """GIVEN bursts that come whenever another thread is tried."""

    class Spiteful(Machine):
        def speed(self, threads: int) -> float:
            self.others = float(threads > 1)
            return super().speed(threads)

    machine = Spiteful(45, 60, penalty=DEAR)
    run = Run(machine, limit=2)
    run.generate(120)

    assert machine.lost < 0.02 * machine.wall


@pytest.mark.parametrize("speeds", [(45, 60), (10, 19, 26, 30), (10, 20, 30, 40, 40, 38)], ids=["2", "4", "6"])
def test_curiosity_costs_less_than_two_percent(speeds: tuple[float, ...]) -> None:
    run = Run(Machine(*speeds), limit=len(speeds))
    run.generate(60)

    assert run.share_of_best(600) > 0.98


class TestFourCoresWithHyperThreads:
    """Eight logical processors, of which four threads are the most that are tried.

    Two busy programs still leave four logical processors idle or more: the clocks see room where cores are shared, and
    a thread that shares its core runs at 60 %, so that all others wait for it.
    """

    class Machine(Machine):
        def __init__(self) -> None:
            super().__init__(10, 19, 26, 30, processors=8)

        def speed(self, threads: int) -> float:
            free_cores = max(0.0, 4 - self.others)
            if threads <= free_cores:
                return self.speeds[threads - 1]
            return self.speeds[threads - 1] * 0.6

    def test_all_cores_are_used_alone(self) -> None:
        run = Run(self.Machine(), limit=4)

        assert run.generate(0.1)[0] == 4
        assert run.share_of_best(120) > 0.97

    @pytest.mark.parametrize("others", [1.0, 2.0, 3.0])
    def test_beside_others_the_measured_speed_decides(self, others: float) -> None:
        machine = self.Machine()
        run = Run(machine, limit=4)
        run.generate(5)

        machine.others = others
        run.generate(10)
        assert run.share_of_best(120) > 0.93

        machine.others = 0.0
        run.generate(20)
        assert run.share_of_best(60) > 0.95


def test_reading_is_cut_off_within_a_batch() -> None:
    """GIVEN batches of 1.7 s, which two threads need 8 s for beside a busy program, and one 3.4 s: as was measured."""

    class Reading(Machine):
        def speed(self, threads: int) -> float:
            return 6.4 if self.others and threads == 2 else (15.0, 30.0)[threads - 1]

    machine = Reading(15, 30)
    run = Run(machine, limit=2)
    assert run.read_batches(2) == [2, 2]

    machine.others = 1.0
    assert run.read_batches(3) == [1, 1, 1]
    assert 0.5 <= machine.lost < 1.5


def test_after_a_long_rest_it_is_the_present_that_counts() -> None:
    """GIVEN a rest for most of which another program was busy; THEN reading begins with all processors."""
    machine = Machine(15, 30)
    run = Run(machine, limit=2)
    run.pace.rest()
    machine.others = 1.0
    machine.rest(300)
    machine.others = 0.0
    machine.rest(20)
    run.begin()

    assert run.read_batches(1) == [2]


def test_trials_beside_others_become_rare_but_do_not_end() -> None:
    machine = Machine(45, 60, penalty=DEAR)
    run = Run(machine, limit=2)
    machine.others = 1.0

    losses = []
    for _ in range(10):
        before = machine.lost
        run.generate(60)
        losses.append(machine.lost - before)

    assert sum(losses[5:]) > 0
    assert all(later <= sum(losses[:2]) for later in itertools.islice(losses, 2, None))
