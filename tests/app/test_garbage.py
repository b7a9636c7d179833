"""Cycles die on the GUI thread, whoever else allocates."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop.app.garbage import GarbageCollector


class Witness:
    """In a reference cycle; remembers which thread destroyed it."""

    def __init__(self, deaths: list[int]) -> None:
        self.me = self
        self._deaths = deaths

    def __del__(self) -> None:
        self._deaths.append(threading.get_ident())


@pytest.fixture
def collecting() -> Iterator[None]:
    """Python's own setting, put back afterwards."""
    was_enabled = gc.isenabled()
    gc.enable()
    yield
    if not was_enabled:
        gc.disable()


def test_only_the_gui_thread_collects(qtbot: QtBot, collecting: None) -> None:
    # GIVEN a cycle that is garbage
    collector = GarbageCollector()
    collector.collect_if_due()
    deaths: list[int] = []
    Witness(deaths)

    # WHEN another thread allocates far beyond the thresholds THEN it lives
    thread = threading.Thread(target=lambda: [[] for _ in range(200_000)])
    thread.start()
    thread.join()
    assert deaths == []

    # WHEN the GUI thread's turn comes THEN it dies there
    keep: list[list[int]] = [[] for _ in range(2_000)]
    collector.collect_if_due()
    assert keep
    assert deaths == [threading.get_ident()]
    collector.close()
    assert gc.isenabled()


def test_what_the_program_began_with_is_set_aside(qtbot: QtBot, collecting: None) -> None:
    collector = GarbageCollector()
    before = gc.get_freeze_count()
    began_with = len(gc.get_objects())
    collector.collect_if_due()
    assert gc.get_freeze_count() >= before + began_with
    assert len(gc.get_objects()) < began_with / 10
    collector.close()
    assert gc.get_freeze_count() == before


def test_nothing_due_collects_nothing(qtbot: QtBot, collecting: None) -> None:
    collector = GarbageCollector()
    collector.collect_if_due()
    gc.collect()
    deaths: list[int] = []
    Witness(deaths)
    collector.collect_if_due()
    assert deaths == []
    collector.close()
    gc.collect()
