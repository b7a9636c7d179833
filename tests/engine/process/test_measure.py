"""What "faster answers" brings is measured in processes that nobody else hears of."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled, UserFacingError
from desktop.engine.process.handle import EngineProcess
from desktop.engine.process.measure import RepackTrial
from desktop.engine.process.messages import Delivery, Loaded
from desktop.engine.repacking import RepackGain, repacked_bytes
from desktop.gguf.header import read_header
from desktop.machine.cpu import read_features
from tests.support.engine_harness import config_for
from tests.support.quantise import quantise
from tests.support.tiny import make_tiny

Deliver = Callable[[EngineProcess, Delivery], None]


class Started:
    """Starts processes and remembers them.

    Args:
        on_delivery: Sees what arrives, before the measurement does.
        command: What to start; None: the engine.
    """

    def __init__(self, on_delivery: Callable[[Delivery], None] | None = None, command: list[str] | None = None) -> None:
        self._on_delivery = on_delivery
        self._command = command
        self.processes: list[EngineProcess] = []

    def __call__(self, deliver: Deliver) -> EngineProcess:
        def see(process: EngineProcess, delivery: Delivery) -> None:
            if self._on_delivery is not None:
                self._on_delivery(delivery)
            deliver(process, delivery)

        self.processes.append(EngineProcess(see, self._command))
        return self.processes[-1]

    @property
    def all_ended(self) -> bool:
        return all(process._popen.poll() is not None for process in self.processes)


@pytest.fixture(scope="module")
def q4_0_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose weights have another form on most processors. Read only."""
    folder = tmp_path_factory.mktemp("q4_0")
    model = quantise(make_tiny(folder / "full.gguf", ascii_only=True), folder / "tiny-q4_0.gguf", "Q4_0")
    if not repacked_bytes(read_header(model), read_features()):
        pytest.skip("this processor has no other form for any weights")
    return model


def test_both_forms_are_compared_and_both_processes_end(q4_0_model: Path) -> None:
    # GIVEN a model that can be rewritten
    started = Started()

    # WHEN it is measured
    gain = RepackTrial(replace(config_for(q4_0_model), memory_limit=500_000_000), started, steady=math.inf).run()

    # THEN both speeds and the code that computed are known
    assert gain.backend
    assert gain.reading > 0
    assert gain.generation > 0
    # AND nothing is left
    assert len(started.processes) == 2
    assert started.all_ended


def test_where_nothing_can_be_rewritten_nothing_is_started(tiny_model: Path) -> None:
    started = Started()
    assert RepackTrial(config_for(tiny_model), started).run() == RepackGain()
    assert not started.processes


def test_a_cancelled_measurement_ends_at_once(q4_0_model: Path) -> None:
    # GIVEN a measurement that is cancelled as soon as a model is loaded
    started = Started(lambda delivery: trial.cancel() if isinstance(delivery, Loaded) else None)
    trial = RepackTrial(config_for(q4_0_model), started)

    # WHEN it runs THEN it says so, and leaves nothing
    with pytest.raises(Cancelled):
        trial.run()
    assert started.all_ended


def test_pairs_that_do_not_agree_say_nothing(q4_0_model: Path) -> None:
    started = Started()
    with pytest.raises(UserFacingError, match="too busy"):
        RepackTrial(config_for(q4_0_model), started, steady=0.0).run()
    assert started.all_ended


def test_a_process_that_dies_is_said(q4_0_model: Path) -> None:
    started = Started(command=[sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(UserFacingError, match="exit code 3"):
        RepackTrial(config_for(q4_0_model), started).run()
    assert started.all_ended


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserFacingError, match="cannot be read"):
        RepackTrial(config_for(tmp_path / "gone.gguf")).run()
