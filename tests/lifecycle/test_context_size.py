"""The automatic context follows the machine, and does not come and go."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop.lifecycle.context_size import ContextSize, look_around
from desktop.machine.memory import MemoryReader

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the machine is made of Linux' files in /proc")


class Machine:
    def __init__(self, folder: Path) -> None:
        self._file = folder / "proc/meminfo"
        self._file.parent.mkdir()
        self.context = ContextSize(MemoryReader(folder))

    def decide(self, available: float) -> int:
        self.has(available)
        return self.context.decide()

    def has(self, available: float) -> None:
        text = f"MemTotal: 8000000 kB\nMemAvailable: {round(available * 1e9 / 1024)} kB\n"
        self._file.write_text(text, encoding="ascii")


@pytest.mark.parametrize(("available", "tokens"), [(0.5, 1024), (2.9, 1024), (3.1, 2048), (12, 2048)])
def test_little_memory_means_a_small_context(tmp_path: Path, available: float, tokens: int) -> None:
    assert Machine(tmp_path).decide(available) == tokens


def test_a_choice_holds_until_it_is_clearly_wrong(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    decisions = [machine.decide(available) for available in (3.1, 2.9, 2.75, 2.6, 2.9, 3.2, 3.4, 3.1)]
    assert decisions == [2048, 2048, 2048, 1024, 1024, 1024, 2048, 2048]


def test_it_is_chosen_once_and_then_only_when_told(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.has(8)
    assert machine.context.tokens == 2048
    machine.has(0.5)
    assert machine.context.tokens == 2048
    assert machine.context.decide() == 1024


def test_what_the_machine_is_like_is_found_out(tiny_model: Path) -> None:
    found = look_around(tiny_model)
    assert found.context in (1024, 2048)
    assert found.physical_cores >= 1
