"""What the C library keeps of freed memory is given back when the model rests."""

from __future__ import annotations

import ctypes
import gc
import linecache
import sys
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop.app.reclaim import MemoryReclaimer
from desktop.engine.types import Asleep, Dozing, SleepReason, Token, Waking
from desktop.machine.memory import MemoryReader

_BLOCK = 64 << 10  # below what glibc maps on its own (M_MMAP_THRESHOLD)
_BLOCKS = 500
_MEGABYTE = 1 << 20


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits before it is done."""
    monkeypatch.setattr("desktop.app.reclaim._AFTER_MS", 0)


class Heap:
    """Freed blocks of the C library's heap below one that is still in use, so that it keeps them all."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None)
        self._libc.malloc.restype = ctypes.c_void_p
        self._libc.malloc.argtypes = (ctypes.c_size_t,)
        self._libc.free.argtypes = (ctypes.c_void_p,)
        blocks = [self._libc.malloc(_BLOCK) for _ in range(_BLOCKS)]
        for block in blocks:
            ctypes.memset(block, 1, _BLOCK)
        *freed, self._last = blocks
        for block in freed:
            self._libc.free(block)

    def close(self) -> None:
        self._libc.free(self._last)


@pytest.fixture
def heap() -> Iterator[Heap]:
    if sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"):
        pytest.skip("only glibc keeps freed memory like this")
    made = Heap()
    yield made
    made.close()


def test_a_nap_gives_freed_memory_back(qtbot: QtBot, at_once: None, heap: Heap) -> None:
    # GIVEN 30 MB that were freed, and that the C library keeps
    memory, reclaimer = MemoryReader(), MemoryReclaimer()
    before = memory.read().anonymous

    # WHEN the model falls asleep
    reclaimer.on_engine_event(Asleep(SleepReason.IDLE))
    qtbot.waitUntil(lambda: not reclaimer.is_due)

    # THEN most of it has gone back to the system
    assert memory.read().anonymous < before - 20 * _MEGABYTE


class Cycle:
    """Is freed by the collector alone."""

    def __init__(self) -> None:
        self.me = self


def test_a_nap_ends_what_has_outlived_many_collections(qtbot: QtBot, at_once: None) -> None:
    # GIVEN garbage of the oldest generation, where Python looks last
    left = Cycle()
    gc.collect()
    death = weakref.ref(left)
    del left
    gc.collect(1)
    assert death() is not None

    # WHEN the model falls asleep THEN it is gone
    reclaimer = MemoryReclaimer()
    reclaimer.on_engine_event(Asleep(SleepReason.IDLE))
    qtbot.waitUntil(lambda: not reclaimer.is_due)
    assert death() is None


def test_a_nap_ends_the_sources_that_python_keeps(qtbot: QtBot, at_once: None) -> None:
    assert linecache.getlines(__file__)
    reclaimer = MemoryReclaimer()
    reclaimer.on_engine_event(Dozing())
    qtbot.waitUntil(lambda: not reclaimer.is_due)
    assert __file__ not in linecache.cache


def test_once_for_each_nap(qtbot: QtBot, at_once: None) -> None:
    done: list[str] = []
    reclaimer = MemoryReclaimer(lambda: done.append("reclaimed"))
    for event in (Dozing(), Asleep(SleepReason.IDLE)):
        reclaimer.on_engine_event(event)
        qtbot.waitUntil(lambda: not reclaimer.is_due)
    assert done == ["reclaimed"] * 2


def test_nothing_is_given_back_that_is_about_to_be_needed(qtbot: QtBot) -> None:
    done: list[str] = []
    reclaimer = MemoryReclaimer(lambda: done.append("reclaimed"))
    reclaimer.on_engine_event(Token(1, "a"))
    assert not reclaimer.is_due
    reclaimer.on_engine_event(Dozing())
    assert reclaimer.is_due
    reclaimer.on_engine_event(Waking(2, 0.0))
    assert not reclaimer.is_due
    assert done == []
