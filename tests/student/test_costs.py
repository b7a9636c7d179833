"""What a run will take is said by step, and together."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.gguf.header import read_header
from desktop.student.collecting import Plan
from desktop.student.costs import Cost, Wanted, costs_of, planned_of
from desktop.student.manifest import ProjectSettings
from desktop.student.steps import Step

PLAN = Plan(64, 1.0, 1.0, 0.97, 0.97, 50.0)
SETTINGS = ProjectSettings(max_tokens=100)


def test_each_step_costs_what_it_makes(teacher: Path) -> None:
    header = read_header(teacher)
    steps = (Step.COLLECT, Step.PRUNE, Step.TRAIN, Step.EXPORT, Step.CHECK, Step.INSTALL)
    wanted = Wanted(steps, answers=400, tries=40, try_tokens=240, training_seconds=600.0, tasks=30)
    costs = {cost.step: cost for cost in costs_of(wanted, header, PLAN, SETTINGS)}
    assert tuple(costs) == steps
    assert costs[Step.COLLECT].seconds == pytest.approx(400 * 100 / 50)
    assert costs[Step.COLLECT].disk == PLAN.size(400, SETTINGS)
    assert costs[Step.PRUNE].seconds > 40 * 240 / 100 and costs[Step.TRAIN].seconds == 600.0
    assert costs[Step.TRAIN].memory > 1_000_000_000, "PyTorch alone takes some of that"
    # AND fewer tasks, or less to do, cost less
    fewer = Wanted((Step.CHECK,), answers=400)
    assert costs_of(fewer, header, PLAN, SETTINGS)[0].seconds < costs[Step.CHECK].seconds
    # AND so do fewer formats to compare with
    one = costs_of(Wanted((Step.CHECK,), answers=400, plain=1), header, PLAN, SETTINGS)[0]
    all_of_them = costs_of(fewer, header, PLAN, SETTINGS)[0]
    assert one.seconds < all_of_them.seconds and one.disk < all_of_them.disk / 3
    assert costs_of(Wanted((Step.COLLECT,), answers=0), header, PLAN, SETTINGS)[0].seconds == 0


def test_together_times_and_disk_add_up_and_memory_does_not() -> None:
    planned = planned_of([Cost(Step.COLLECT, 10.0, 5, 100), Cost(Step.CHECK, 20.0, 7, 80)])
    assert (planned.steps, planned.seconds, planned.disk, planned.memory) == ((Step.COLLECT, Step.CHECK), 30.0, 12, 100)
    assert planned_of([]).seconds == 0.0
