"""Whether the graphics processor is used with the model in use: tried once, remembered, used only where it pays.

It is tried when the setting is on and nothing is known yet: only while the computer is plugged in, only while nothing
is answered or read ahead. An answer always comes first: it ends the trial, which begins anew later. Until there is a
verdict the processor answers alone. After a death it does so for good, until somebody asks for another trial.

While the setting is off nothing of what tries it is imported. No Qt; GUI thread and its asyncio loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.common.events import Publisher
from desktop.common.json_file import FileFault
from desktop.engine.backends import GpuUse
from desktop.engine.footprint import Footprint
from desktop.engine.gpu.fitting import share_of
from desktop.engine.gpu.verdict import FoundLibrary, GpuVerdict, Outcome
from desktop.engine.types import Asleep, EngineConfig, EngineEvent, Failed, Finished, GpuGivenUp
from desktop.lifecycle.background_trial import BackgroundTrial, Hindrance, Trial
from desktop.lifecycle.gpu.verdicts import GpuKey, RememberedVerdicts, gpu_key
from desktop.machine.battery import PowerMonitor
from desktop.machine.memory import MemoryReading
from desktop.settings.options import Settings

if TYPE_CHECKING:
    from desktop.engine.gpu.messages import Try

OFF, AUTO = "off", "auto"


@dataclass(frozen=True)
class GpuAdvice:
    """What is known of the graphics processor with the model in use.

    Attributes:
        library: The code for it, or why there is none.
        verdict: What its trial came to; None: there was none.
        is_used: Answers come from it.
        is_trying: It is being found out.
        hindrance: Why not; None: nothing is in the way.
    """

    library: FoundLibrary
    verdict: GpuVerdict | None = None
    is_used: bool = False
    is_trying: bool = False
    hindrance: Hindrance | None = None


def use_of(verdict: GpuVerdict | None, found: FoundLibrary, settings: Settings) -> GpuUse | None:
    """Returns how a graphics processor is used, as far as settings and verdict let it. Pure.

    Args:
        verdict: What its trial came to; None: there was none.
        found: The code for it.
        settings: The settings in force.
    """
    if found.library is None or verdict is None or settings.gpu == OFF or not verdict.outcome.is_right:
        return None
    if settings.gpu == AUTO and verdict.outcome is not Outcome.GOOD:
        return None
    return GpuUse(found.library, verdict.name, verdict.driver, verdict.layers, settings.gpu_kv)


def order_of(found: FoundLibrary, config: EngineConfig, settings: Settings, threads: int) -> Try:
    """Returns what is to be tried for a model that will be loaded so.

    Args:
        found: The code for the device, which is there.
        config: How the model will be loaded.
        settings: The settings in force.
        threads: Of the processor.
    """
    from desktop.engine.gpu.messages import Try

    assert found.library is not None
    config = replace(config, gpu=None, snapshots_dir=None, snapshots_budget=0, idle_seconds=None, sleep_seconds=None)
    memory = None if config.memory_limit is None else 2 * config.memory_limit
    return Try(found.library, config, settings.gpu_layers, settings.gpu_kv, max(1, threads), memory)


class GpuAdvisor:
    """Knows, or finds out, whether the graphics processor is used; see the module."""

    def __init__(
        self,
        remembered: RememberedVerdicts,
        downloads: Path,
        settings: Callable[[], Settings],
        wanted: Callable[[], EngineConfig],
        power: PowerMonitor,
        is_busy: Callable[[], bool],
        threads: int,
        memory: Callable[[], MemoryReading],
        look: Callable[[], FoundLibrary] | None = None,
        make_trial: Callable[[Try], Trial[GpuVerdict]] | None = None,
    ) -> None:
        """
        Args:
            remembered: What trials came to before.
            downloads: Folder of the downloaded library.
            settings: Returns the settings in force.
            wanted: Returns the configuration that the next load will have.
            power: The battery.
            is_busy: Whether something is answered or read ahead.
            threads: Of the processor, for the comparison.
            memory: Tells what the computer has, and has left.
            look: Looks for the library; None: in the folder.
            make_trial: Makes a trial; None: a real one.
        """
        self._remembered = remembered
        self._downloads = downloads
        self._settings = settings
        self._wanted = wanted
        self._power = power
        self._is_busy = is_busy
        self._threads = threads
        self._memory = memory
        self._look = look or self._look_into_folder
        self._make_trial = make_trial or _real_trial
        self._changed = Publisher[[]]()
        self._found: FoundLibrary | None = None
        self._trial = BackgroundTrial[GpuKey, GpuVerdict]("the graphics processor", self._end_trial, self._changed)
        self._failed: GpuKey | None = None  # could not be tried; not before somebody asks for it
        self._has_ended = False

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Calls ``listener()`` when :meth:`advice`, or :meth:`use`, may say something else."""
        self._changed.subscribe(listener)

    def use(self, config: EngineConfig) -> GpuUse | None:
        """Returns the graphics processor that a model is loaded with; None: none is used.

        Args:
            config: How it will be loaded otherwise.
        """
        settings = self._settings()
        if settings.gpu == OFF:
            return None
        found = self.library()
        key = self._key(found, config, settings)
        return use_of(self._remembered.get(key) if key is not None else None, found, settings)

    def library(self) -> FoundLibrary:
        """Returns what there is of the library; looked for once, and again by :meth:`look_again`."""
        if self._found is None:
            self._found = self._look()
        return self._found

    def look_at_file(self) -> FileFault | None:
        """Reads what is remembered, and returns what is wrong with its file, to be said once; None: nothing."""
        return self._remembered.look()

    def advice(self) -> GpuAdvice:
        """Returns what is known with the model in use."""
        found, config, settings = self.library(), self._wanted(), self._settings()
        key = self._key(found, config, settings)
        if key is None:
            return GpuAdvice(found)
        verdict = self._remembered.get(key)
        if verdict is not None:
            return GpuAdvice(found, verdict, use_of(verdict, found, settings) is not None)
        if key == self._trial.key:
            return GpuAdvice(found, is_trying=True)
        return GpuAdvice(found, hindrance=self._hindrance(key))

    def footprint(self, alone: Footprint) -> Footprint:
        """Returns what the model in use takes where its layers lie on the graphics processor, if it is used.

        Args:
            alone: What it takes with the processor alone.
        """
        return self.reckon(alone, self._wanted(), self._settings())

    def reckon(self, alone: Footprint, config: EngineConfig, settings: Settings) -> Footprint:
        """Returns what a model would take with given settings, which need not be in force.

        Args:
            alone: What it takes with the processor alone.
            config: How it would be loaded otherwise.
            settings: What the graphics processor would be used by.
        """
        if settings.gpu == OFF:
            return alone
        found = self.library()
        key = gpu_key(found.library, config, settings.gpu_layers, kv=settings.gpu_kv) if found.library else None
        verdict = self._remembered.get(key) if key is not None else None
        if verdict is None or use_of(verdict, found, settings) is None:
            return alone
        share = share_of(verdict.layers, verdict.of_layers)
        return alone.on_gpu(share, kv=settings.gpu_kv, own_memory=verdict.has_own_memory)

    def look_again(self) -> None:
        """Looks for the library anew: it may have been put there since."""
        self._found = None
        self.consider()
        self._changed()

    def try_again(self) -> None:
        """Somebody wants another trial, whatever the last one came to."""
        self._found, self._failed = None, None
        config, settings = self._wanted(), self._settings()
        key = self._key(self.library(), config, settings)
        if key is not None:
            self._remembered.drop(key)
        self._power.poll()
        self.consider()
        self._changed()

    def consider(self) -> None:
        """Begins a trial if that is wanted, needed and possible now; to be called when one of these may change."""
        settings = self._settings()
        if settings.gpu == OFF or self._has_ended:
            self.cancel()
            return
        found, config = self.library(), self._wanted()
        key = self._key(found, config, settings)
        if key != self._trial.key:
            self.cancel()
        if self._trial.key is not None or key is None or self._remembered.get(key) is not None:
            return
        if self._hindrance(key) is None:
            order = order_of(found, config, settings, self._threads)
            self._trial.begin(key, lambda: self._make_trial(order))

    def cancel(self) -> None:
        """Gives a trial under way up: something more important needs the processor."""
        self._trial.cancel()

    def end(self) -> None:
        """The program ends: nothing more is tried."""
        self._has_ended = True
        self.cancel()

    async def let_go(self) -> None:
        """Gives a trial up and returns when no process has the model file any more."""
        await self._trial.let_go()

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine."""
        if isinstance(event, GpuGivenUp) and event.is_lasting:
            self._on_given_up(event)
        elif isinstance(event, Finished | Failed | Asleep):
            self.consider()

    def _on_given_up(self, event: GpuGivenUp) -> None:
        config, settings = self._wanted(), self._settings()
        key = self._key(self.library(), config, settings)
        if key is None or config.model_path != event.model_path:
            return
        verdict = self._remembered.get(key)
        if event.has_died and verdict is not None:
            self._remembered.put(key, replace(verdict, outcome=Outcome.DIED, reason=event.problem.detail))
        else:  # another driver, or none: that is found out anew
            self._remembered.drop(key)
        self._changed()

    def _look_into_folder(self) -> FoundLibrary:
        from desktop.engine.gpu.library import find_library, known_libraries, library_folder

        return find_library(known_libraries(library_folder()), self._downloads)

    def _key(self, found: FoundLibrary, config: EngineConfig, settings: Settings) -> GpuKey | None:
        if found.library is None:
            return None
        return gpu_key(found.library, config, settings.gpu_layers, kv=settings.gpu_kv)

    def _hindrance(self, key: GpuKey) -> Hindrance | None:
        if self._failed == key:
            return Hindrance.FAILED
        if self._power.unplugged:
            return Hindrance.BATTERY
        if self._is_busy():
            return Hindrance.ANSWERING
        needed, memory = self._wanted().memory_limit, self._memory()
        if needed is None or needed >= memory.machine_total:  # nobody knows what the model takes
            return None
        # Twice, since a device may have no memory but the computer's.
        return Hindrance.MEMORY if 2 * needed > memory.machine_available else None

    def _end_trial(self, key: GpuKey, verdict: GpuVerdict | None) -> None:
        if verdict is None:
            self._failed = key
        else:
            self._remembered.put(key, verdict)


def _real_trial(order: Try) -> Trial[GpuVerdict]:
    from desktop.engine.gpu.trial import GpuTrial

    return GpuTrial(order)
