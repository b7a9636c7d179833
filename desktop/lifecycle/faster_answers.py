""" "Faster answers": what it brings with the model in use, measured once, remembered, and used only where it pays.

It is measured when somebody looks at the option in the settings: only while the computer is plugged in, only while
nothing is answered or read ahead, only where there is memory for two models. An answer always comes first: it ends the
measuring at once, which begins anew when the answer has ended and somebody still looks. What has not been measured is
believed to pay, so that a setting means what it says.

No Qt; GUI thread and its asyncio loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from desktop.common.events import Publisher
from desktop.engine.process.measure import CONTEXT, RepackTrial
from desktop.engine.repacking import RepackGain
from desktop.engine.types import Asleep, Awake, EngineConfig, EngineEvent, Failed, Finished
from desktop.lifecycle.background_trial import BackgroundTrial, Hindrance, Trial
from desktop.lifecycle.memory_fit import MemoryFit
from desktop.lifecycle.remembered_gains import RememberedGains, RepackKey
from desktop.machine.battery import PowerMonitor
from desktop.machine.memory import MemoryReader
from desktop.models.types import InstalledModel
from desktop.settings.options import Settings

# Bytes that a process with a model takes beside the weights: vocabulary, a short context, the interpreter.
_BESIDE_WEIGHTS = 150_000_000


@dataclass(frozen=True)
class RepackAdvice:
    """What is known of "faster answers" with the model in use.

    Attributes:
        model: Its name.
        gain: What it brings; None: not measured yet.
        is_measuring: It is being found out.
        hindrance: Why not; None: nothing is in the way.
    """

    model: str
    gain: RepackGain | None
    is_measuring: bool = False
    hindrance: Hindrance | None = None

    @property
    def is_offered(self) -> bool:
        """Whether switching it on may be of use: it pays, or is not known not to."""
        return self.gain is None or self.gain.pays


class RepackAdvisor:
    """Knows, or finds out, whether "faster answers" pays; see the module."""

    def __init__(
        self,
        remembered: RememberedGains,
        settings: Callable[[], Settings],
        model: Callable[[], InstalledModel | None],
        wanted: Callable[[], EngineConfig],
        fit: MemoryFit,
        memory: MemoryReader,
        power: PowerMonitor,
        is_busy: Callable[[], bool],
        make_trial: Callable[[EngineConfig], Trial[RepackGain]] = RepackTrial,
    ) -> None:
        """
        Args:
            remembered: What was measured before.
            settings: Returns the settings in force.
            model: Returns the model that can answer; None: there is none.
            wanted: Returns the configuration that the next load will have.
            fit: Predicts what is needed for two models.
            memory: Tells what there is.
            power: The battery.
            is_busy: Whether something is answered or read ahead.
            make_trial: Makes a measurement.
        """
        self._remembered = remembered
        self._settings = settings
        self._model = model
        self._wanted = wanted
        self._fit = fit
        self._memory = memory
        self._power = power
        self._is_busy = is_busy
        self._make_trial = make_trial
        self._changed = Publisher[[]]()
        self._is_watched = False
        self._trial = BackgroundTrial[RepackKey, RepackGain]("faster answers", self._end_trial, self._changed)
        self._failed: RepackKey | None = None  # not tried again before the settings are opened again

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Calls ``listener()`` when :meth:`advice` may say something else."""
        self._changed.subscribe(listener)

    def advice(self) -> RepackAdvice | None:
        """Returns what is known of the model in use; None: there is none."""
        model = self._model()
        if model is None:
            return None
        gain = self._gain(model)
        if gain is not None:
            return RepackAdvice(model.name, gain)
        is_measuring = self._trial.key is not None and self._key(model) == self._trial.key
        return RepackAdvice(model.name, None, is_measuring, None if is_measuring else self._hindrance(model))

    def watch(self) -> None:
        """Somebody looks at the option: it is measured as soon as that can be done."""
        self._is_watched, self._failed = True, None
        self._power.poll()
        self.consider()

    def unwatch(self) -> None:
        """Nobody looks any more; a measurement under way goes on."""
        self._is_watched = False

    def consider(self) -> None:
        """Begins to measure if that is wanted, needed and possible now; to be called when one of these may change."""
        model = self._model()
        key = self._key(model)
        if key != self._trial.key:
            self.cancel()
        if not self._is_watched or self._trial.key is not None or model is None or key is None:
            return
        if self._gain(model) is None and self._hindrance(model) is None:
            self._begin(model, key)

    def cancel(self) -> None:
        """Gives a measurement under way up: something more important needs the processor."""
        self._trial.cancel()

    async def let_go(self) -> None:
        """Gives a measurement up and returns when no process has the model file any more."""
        await self._trial.let_go()

    def end(self) -> None:
        """The program ends: nothing more is measured."""
        self._is_watched = False
        self.cancel()

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine."""
        if isinstance(event, Awake):
            self._remembered.backend = event.backend
        elif isinstance(event, Finished | Failed | Asleep) and self._is_watched:
            self.consider()
            self._changed()

    def _key(self, model: InstalledModel | None) -> RepackKey | None:
        return None if model is None else self._remembered.key(model.path, self._settings().threads)

    def _gain(self, model: InstalledModel) -> RepackGain | None:
        return self._remembered.get(model.path, self._settings().threads)

    def _hindrance(self, model: InstalledModel) -> Hindrance | None:
        if self._failed is not None and self._failed == self._key(model):
            return Hindrance.FAILED
        if self._power.unplugged:
            return Hindrance.BATTERY
        if self._is_busy():
            return Hindrance.ANSWERING
        if self._needed(model) > self._memory.read().machine_available:
            return Hindrance.MEMORY
        return None

    def _needed(self, model: InstalledModel) -> int:
        """Returns the bytes for two processes with a model, one of them with weights of its own."""
        settings = replace(self._settings(), faster_answers=True, n_ctx=CONTEXT)
        footprint = self._fit.known_cost(settings, model)
        if footprint is None:  # not read yet; each weight rewritten is the most there can be
            return 2 * model.size + 2 * _BESIDE_WEIGHTS
        return footprint.rss + _BESIDE_WEIGHTS

    def _begin(self, model: InstalledModel, key: RepackKey) -> None:
        needed = self._needed(model)
        config = replace(self._wanted(), threads=key.threads, threads_limit=0, memory_limit=needed)
        self._trial.begin(key, lambda: self._make_trial(config))

    def _end_trial(self, key: RepackKey, gain: RepackGain | None) -> None:
        if gain is None:
            self._failed = key
        else:
            self._remembered.put(key, gain)
