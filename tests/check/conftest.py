"""A few tasks, and a place for what comes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from desktop.check.store import Record, ResultStore, Setup
from desktop.check.tasks import TaskSet
from desktop.check.types import Kind, Language, Task

ENGLISH = Language.ENGLISH


def make_task(name: str, kind: Kind = Kind.FACTS, question: str = "Which day?", **expect: Any) -> Task:
    return Task(name, kind, ENGLISH, question, expect or {"type": "any", "words": ["Tuesday"]})


@pytest.fixture
def tasks() -> TaskSet:
    """Three facts and a program."""
    python = make_task(
        "p1", Kind.PYTHON, "Write a function called f.", type="python", function="f", calls=[[[2], 4], [[3], 6]]
    )
    return TaskSet("", (*(make_task(f"f{number}") for number in (1, 2, 3)), python))


SETUP = Setup("Model", "a" * 24, "Q4_1", "f16", "1.0", "b" * 24)


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    return ResultStore(tmp_path / "checks")


@pytest.fixture
def record(store: ResultStore) -> Record:
    return store.open(SETUP)
