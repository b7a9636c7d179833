"""Measures what "Faster answers" brings: two processes with the same model, weights mapped and rewritten, take turns.

They do the same short work one after the other, so that a machine that slows down, or has other work, slows down both.
Neither can be heard by anybody else, and both end with the measurement.
"""

from __future__ import annotations

import itertools
import logging
import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.engine.errors import no_model
from desktop.engine.process.crash import died
from desktop.engine.process.handle import EngineProcess, StartProcess
from desktop.engine.process.messages import Delivery, Ended, Loaded, Ready, Refused, Resting, Run
from desktop.engine.process.throwaway import Throwaways
from desktop.engine.repacking import RepackGain, repacked_bytes
from desktop.engine.types import EngineConfig, Finished, Generation, Message, Role, Sampling, Stats, Work
from desktop.gguf.header import read_header
from desktop.machine.cpu import read_features
from desktop.machine.memory import MemoryReader

_log = logging.getLogger(__name__)

# A turn: some 40 tokens to read, of which the template's own are known from the second turn on, and a few to write.
# An old laptop takes half a second for it with 0.5 billion weights, this is the shortest that says something.
_WORDS, _ANSWER = 28, 8
# Pairs of turns: no fewer, and no more once so many seconds have passed and they agree.
_LEAST_PAIRS, _MOST_PAIRS, _SECONDS, _MOST_SECONDS = 2, 9, 2.0, 8.0
# Pairs agree when the ratios of all, or all but the lowest and the highest of four and more, lie within this factor.
# Beside busy programs they seldom do, and then nothing is said: what is remembered would be wrong for good.
_STEADY: Final = 1.15
# Enough for a turn with any template; a longer one would only take memory.
CONTEXT: Final = 512
# Two processes, two loads and the turns of a model that is just bearable; whatever takes longer hangs.
_PATIENCE_SECONDS = 90.0
_TEXT = "one red cat sat by the warm window and saw nine small birds fly over an old house near the river at noon today"


@dataclass
class _Side:
    """One of the two processes.

    Attributes:
        stats: Of its last turn.
        is_free: It has nothing to do.
    """

    process: EngineProcess
    backend: str = ""
    stats: Stats = field(default_factory=Stats)
    is_loaded: bool = False
    is_free: bool = False


class RepackTrial:
    """One measurement; :meth:`run` is called once, on a thread that may wait for some seconds."""

    def __init__(self, config: EngineConfig, start: StartProcess = EngineProcess, steady: float = _STEADY) -> None:
        """
        Args:
            config: How the model would be loaded; what it says of rewriting, context and naps is overruled.
            start: Starts a process.
            steady: The factor within which pairs of turns must lie.
        """
        self._config = replace(
            config,
            n_ctx=min(config.n_ctx, CONTEXT),
            idle_seconds=None,
            sleep_seconds=None,
            snapshots_dir=None,
            snapshots_budget=0,
        )
        self._start = start
        self._steady = steady
        self._given_up = threading.Event()
        self._ids = itertools.count(1)
        self._deadline = math.inf

    def cancel(self) -> None:
        """Has :meth:`run` end both processes within some 0.1 s; any thread, also before and after it runs."""
        self._given_up.set()

    def run(self) -> RepackGain:
        """Measures and returns what was found; some 3 s, less than 0.1 s where there is nothing to rewrite.

        Raises:
            Cancelled: :meth:`cancel` was called.
            UserFacingError: The file cannot be read, a process could not be started, refused or died, or other programs
                are so busy that nothing can be said.
        """
        path = self._config.model_path
        if path is None:
            raise no_model()
        if not repacked_bytes(read_header(path), read_features()):
            return RepackGain()
        self._deadline = time.monotonic() + _PATIENCE_SECONDS
        with Throwaways(self._start, self._given_up) as processes:
            sides = [_Side(processes.begin(replace(self._config, repack=repack))) for repack in (False, True)]
            return self._measure(processes, *sides)

    def _measure(self, processes: Throwaways, mapped: _Side, repacked: _Side) -> RepackGain:
        from statistics import median  # with all of decimal and fractions, and nobody measures at the start

        sides = (mapped, repacked)
        for side in sides:  # both load at the same time, and touch every page of the weights
            self._turn(side, "warm", 1)
        self._wait(processes, sides)
        reading: list[float] = []
        generation: list[float] = []
        began = time.monotonic()
        while not self._suffices(reading, generation, time.monotonic() - began):
            name = str(len(reading))
            for side in sides if len(reading) % 2 else reversed(sides):
                self._turn(side, name, _ANSWER)
                self._wait(processes, (side,))
            reading.append(_ratio(repacked.stats.prompt_tps, mapped.stats.prompt_tps))
            generation.append(_ratio(repacked.stats.gen_tps, mapped.stats.gen_tps))
            _log.debug("pair %s: %s and %s", name, mapped.stats, repacked.stats)
        more = _anonymous(repacked) - _anonymous(mapped)
        gain = RepackGain(median(reading), median(generation), max(0, more), repacked.backend)
        _log.info("faster answers for %s, %d pairs: %s", self._config.model_path, len(reading), gain)
        return gain

    def _suffices(self, reading: Sequence[float], generation: Sequence[float], seconds: float) -> bool:
        """Tells whether enough was measured; raises UserFacingError where more would not help."""
        count = len(reading)
        if count < _LEAST_PAIRS or (seconds < _SECONDS and count < _MOST_PAIRS):
            return False
        if self._agree(reading) and self._agree(generation):
            return True
        if seconds < _MOST_SECONDS and count < _MOST_PAIRS:
            return False
        raise _too_busy()

    def _agree(self, ratios: Sequence[float]) -> bool:
        kept = sorted(ratios)
        if len(kept) > 3:
            kept = kept[1:-1]
        return kept[-1] <= kept[0] * self._steady

    def _turn(self, side: _Side, name: str, answer: int) -> None:
        """Has a process read something new, which is the same for both, and answer."""
        words = _TEXT.split()
        text = " ".join((name, *(words[(number * 7 + len(name)) % len(words)] for number in range(_WORDS))))
        sampling = Sampling(temperature=0.0, max_tokens=answer)
        request = Generation(next(self._ids), name, (Message(Role.USER, text),), sampling, keep_state=False)
        side.is_free = False
        side.process.send(Run(request, prepares=False))

    def _wait(self, processes: Throwaways, sides: Sequence[_Side]) -> None:
        """Waits until processes have nothing to do."""
        while not all(side.is_free for side in sides):
            arrived = processes.hear(self._deadline)
            if arrived is None:
                raise _too_busy()
            process, delivery = arrived
            for side in sides:
                if process is side.process:
                    self._hear(side, delivery)

    def _hear(self, side: _Side, delivery: Delivery) -> None:
        match delivery:
            case Ready(_, facts):
                side.backend = facts.backend.name
            case Loaded():
                side.is_loaded = True
            case Finished(_, _, stats):
                side.stats = stats
            case Refused() as refused:
                raise refused.as_error()
            case Resting():
                side.is_free = True
            case Ended() as ended:
                raise died(self._config.model_path, Work.READING if side.is_loaded else Work.LOADING, ended)
            case _:
                pass


def _too_busy() -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The computer is too busy to measure anything."),
        "",
        QT_TRANSLATE_NOOP("Errors", "Open the settings again when other programs have less to do."),
    )


def _ratio(one: float, other: float) -> float:
    return one / other if other > 0 else 1.0


def _anonymous(side: _Side) -> int:
    return MemoryReader(engine=lambda: side.process.pid).read().engine
