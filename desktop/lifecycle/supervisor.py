"""The life of the local model: awake, dozing, asleep. All that decides about it is put together here. GUI thread.

What wakes it: a request (:meth:`Supervisor.generate`), or one that is still being written (``preload``); both only if
``admission`` lets it in, the latter not where the model has brought the engine down before (``crash_marks``).

It dozes after ``EngineConfig.idle_seconds`` without a request: its process stays, and gives back what it can have again
at once. Where that would give nothing back (``EngineConfig.can_doze``) it sleeps instead. What puts it to sleep, which
ends its process, awake or dozing, and where that is decided:

========================  ============================================================================================
``SleepReason.IDLE``      no request for ``EngineConfig.sleep_seconds``, counted from the last one as the doze is; what
                          is shorter comes first. Both are the wait of the engine's own inbox that ends without a
                          command (``EngineWorker._next``); there is no other timer. The seconds come from the settings,
                          halved on battery; below 20 % of its charge the model sleeps where it would have dozed
                          (``settings.for_engine``).
``SleepReason.MEMORY``    the computer runs short of memory: ``low_memory``, polled every few seconds while a model is
                          in memory and never during an answer (``app.watching.machine_monitor``).
``SleepReason.ASKED``     somebody chose "Sleep now".
``SleepReason.RELEASED``  its file is to be moved or deleted: :meth:`Supervisor.release`; or another program waits to
                          write to it, which the engine's process hears of (``engine.model_file``).
``RECONFIGURED``          a setting changed that needs another load, said once in ``EngineConfig.needs_reload``.
``SleepReason.STOPPED``   the program ends.
``SleepReason.CRASHED``   nobody decided it: its process has died. ``Crashed`` comes before, with what it did.
========================  ============================================================================================
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.paths import Paths
from desktop.engine.footprint import Footprint
from desktop.engine.ports import LocalEnginePort
from desktop.engine.types import Asleep, EngineConfig, EngineEvent, Failed, Finished, Generation, SleepReason
from desktop.lifecycle.admission import AdmissionCheck
from desktop.lifecycle.context_size import ContextSize
from desktop.lifecycle.crash_marks import CrashMarks
from desktop.lifecycle.faster_answers import RepackAdvisor
from desktop.lifecycle.gpu.advisor import GpuAdvisor
from desktop.lifecycle.gpu.verdicts import RememberedVerdicts
from desktop.lifecycle.low_memory import LowMemoryUnloader
from desktop.lifecycle.memory_fit import MemoryFit
from desktop.lifecycle.model_state import ModelState
from desktop.lifecycle.preload import Preloader
from desktop.lifecycle.remembered_gains import RememberedGains
from desktop.machine.battery import PowerMonitor
from desktop.machine.file_systems import FileSystems
from desktop.machine.memory import MemoryReader
from desktop.machine.memory_pressure import PressureReader
from desktop.models.choice import ModelChoice
from desktop.models.events import LibraryChanged, ModelEvent
from desktop.models.types import Catalog, InstalledModel, ModelSpec
from desktop.settings.for_engine import Conditions, engine_config
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore

# Longest wait for the model to be unloaded before its file is moved or deleted.
_RELEASE_SECONDS = 30.0


@dataclass(frozen=True)
class Machine:
    """What tells how this computer is off.

    Attributes:
        cores: Physical cores that may be used.
        files: Tells which files may be mapped.
    """

    memory: MemoryReader
    pressure: PressureReader
    power: PowerMonitor
    cores: int
    files: FileSystems = field(default_factory=FileSystems)


class Supervisor:
    """The local engine as conversations use it: an :class:`~desktop.engine.ports.AnswerPort` that keeps the engine's
    configuration in step with the settings, the installed models and the machine, and looks at all three before each
    request.

    Attributes:
        state: Whether the model is in memory, and whether it answers.
        fit: What models and settings would take of the memory.
        admission: Whether it may be loaded.
        gains: What rewriting the weights of models was found to bring.
        crash_marks: Which models have brought the engine down.
        preloader: Loads it while a question is being written.
        low_memory: Unloads it when the system runs short.
        faster_answers: Finds out whether rewriting its weights pays.
        gpu: Finds out whether the graphics processor is to compute along.
    """

    def __init__(
        self,
        engine: LocalEnginePort,
        settings: SettingsStore,
        choice: ModelChoice,
        paths: Paths,
        catalog: Catalog,
        machine: Machine,
        patience: float = _RELEASE_SECONDS,
    ) -> None:
        """
        Args:
            engine: The engine itself, configured with ``EngineConfig(None)`` so far.
            settings: The settings.
            choice: Which model the settings mean.
            paths: Where states of conversations are kept, and which models have brought the engine down.
            catalog: The models on offer, with what they take.
            machine: Looked at before each request.
            patience: Longest wait, in seconds, for the model to be unloaded.
        """
        self._engine = engine
        self._settings = settings
        self._choice = choice
        self._paths = paths
        self._machine = machine
        self._context = ContextSize(machine.memory)
        self._patience = patience
        self._in_force = EngineConfig(None)
        self._released = asyncio.Event()
        self._behind: set[int] = set()  # requests that give way
        self._memory_of_machine = machine.memory.read().machine_total
        self.state = ModelState()
        self.gains = RememberedGains(paths.repacking_file)
        self.fit = MemoryFit(
            catalog,
            lambda: settings.current,
            machine.memory,
            machine.cores,
            self._context,
            self._is_steady,
            self.gains,
            self._on_gpu,
        )
        self.admission = AdmissionCheck(
            self.fit, lambda: settings.current, choice.ready, self.wanted, self.state, self._observe_before_load
        )
        self.crash_marks = CrashMarks(paths.crash_marks_file)
        self.preloader = Preloader(self, self._may_preload)
        self.low_memory = LowMemoryUnloader(engine, self.state, machine.pressure, self._is_wanted)
        self.faster_answers = self._make_repack_advisor()
        self.faster_answers.subscribe(self.update)
        self.gpu = self._make_gpu_advisor()
        self.gpu.subscribe(self.update)
        settings.subscribe(lambda _old, _new: self._on_change())
        machine.power.subscribe(self._on_change)

    def _make_repack_advisor(self) -> RepackAdvisor:
        return RepackAdvisor(
            self.gains,
            lambda: self._settings.current,
            self._choice.ready,
            self.wanted,
            self.fit,
            self._machine.memory,
            self._machine.power,
            self._is_in_use,
        )

    def _make_gpu_advisor(self) -> GpuAdvisor:
        return GpuAdvisor(
            RememberedVerdicts(self._paths.gpu_file),
            self._paths.gpu_dir,
            lambda: self._settings.current,
            self._wanted_of_processor,
            self._machine.power,
            self._is_in_use,
            self._machine.cores,
            self._machine.memory.read,
        )

    # --- for conversations

    def generate(self, request: Generation) -> None:
        """Queues a request for an answer, by the model that it names."""
        self._choice.turn_to(request.model_file)
        self._observe()
        self.state.asked(request.request_id)
        self._give_way()
        self._end_trials()  # an answer comes first
        self.preloader.asked()
        self._engine.generate(request)

    def prepare(self, request: Generation) -> None:
        """Queues a request to load and read."""
        self._give_way()
        self._end_trials()
        self._choice.turn_to(request.model_file)
        self._observe()
        self._engine.prepare(request)

    def read_ahead(self, box: str, request: Callable[[], Generation | None]) -> None:
        """Has what is known of a conversation read, if that is welcome now, whatever was prepared for its box before.

        Args:
            box: Names the composer of the conversation, as for :meth:`Preloader.want`.
            request: Makes the request; None: there is nothing to read.
        """
        self.preloader.drop(box)
        self.preloader.want(box, request)

    def cancel(self, request_id: int) -> None:
        """Stops a request."""
        self._engine.cancel(request_id)

    # --- for what is done in the background

    def generate_behind(self, request: Generation) -> None:
        """Queues a request for an answer that nobody waits for, by the usual model.

        It is stopped, and to be asked again, as soon as somebody asks, writes, or wants the model to let go. Where
        memory is short it does not keep the model there.
        """
        self._choice.turn_to(request.model_file)
        self._observe()
        self._end_trials()
        self._behind.add(request.request_id)
        self._engine.generate(request)

    @property
    def is_asked_behind(self) -> bool:
        """Whether such a request is under way."""
        return bool(self._behind)

    # --- for whoever looks after the model

    def wanted(self) -> EngineConfig:
        """Returns the configuration that settings, models and machine ask for now."""
        config = self._wanted_of_processor()
        return replace(config, gpu=self.gpu.use(config))

    def _wanted_of_processor(self) -> EngineConfig:
        """Returns the same without a graphics processor: whether one is used depends on the rest."""
        model, settings = self._choice.ready(), self._settings.current
        config = self._config_of(settings, model)
        footprint = self.fit.known_cost(settings, model) if model else None
        return config if footprint is None else replace(config, memory_limit=footprint.rss)

    def _on_gpu(self, alone: Footprint, settings: Settings, model: InstalledModel) -> Footprint:
        """Returns what a model takes of the computer's memory where a graphics processor is used with it."""
        return self.gpu.reckon(alone, self._config_of(settings, model), settings)

    def _config_of(self, settings: Settings, model: InstalledModel | None) -> EngineConfig:
        power = self._machine.power
        reads_weights = model is not None and not self._maps(model)
        pays = model is None or not settings.faster_answers or self.gains.pays(model.path, settings.threads)
        conditions = Conditions(
            self._context.tokens,
            power.unplugged,
            power.is_low,
            self._machine.cores,
            reads_weights,
            pays,
            self._memory_of_machine,
        )
        return engine_config(settings, model.path if model else None, self._paths, conditions)

    def update(self) -> None:
        """Tells the engine the configuration that is right now, if it is another one."""
        config = self.wanted()
        if config != self._in_force:
            self._in_force = config
            self._engine.configure(config)

    def sleep(self) -> None:
        """Has the process of the model ended after the answer that is on its way, awake or dozing."""
        self._give_way()
        self._engine.sleep(SleepReason.ASKED)

    def forget(self, conversation_id: str) -> None:
        """Drops everything the engine keeps of a conversation, in memory and on disk."""
        self._engine.forget(conversation_id)

    async def release(self) -> None:
        """Returns when the engine has let go of the model file, which the choice no longer names.

        Raises:
            UserFacingError: It is answering with it.
        """
        if self.state.is_answering:
            raise _still_answering()
        await self.faster_answers.let_go()
        await self.gpu.let_go()
        self._give_way()
        self.update()
        # Not "asleep already": a question may be in the engine's inbox. Its answer to this very call comes after that.
        self._released.clear()
        self._engine.sleep(SleepReason.RELEASED)
        try:
            await asyncio.wait_for(self._released.wait(), self._patience)
        except TimeoutError:
            raise _still_answering() from None

    # --- what happens

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine; to be called before anybody else takes it."""
        self.state.on_engine_event(event)
        self.crash_marks.on_engine_event(event)
        self.preloader.on_engine_event(event)
        self.faster_answers.on_engine_event(event)
        self.gpu.on_engine_event(event)
        if isinstance(event, Asleep) and event.reason is SleepReason.RELEASED:
            self._released.set()
        elif isinstance(event, Finished | Failed):
            self._behind.discard(event.request_id)

    def on_model_event(self, event: ModelEvent) -> None:
        """Takes an event of the model service."""
        if isinstance(event, LibraryChanged):
            self._on_change()

    def _on_change(self) -> None:
        self.update()
        self.preloader.reconsider()
        self.faster_answers.consider()
        self.gpu.consider()

    def _end_trials(self) -> None:
        self.faster_answers.cancel()
        self.gpu.cancel()

    def _give_way(self) -> None:
        for request_id in self._behind:
            self._engine.cancel(request_id)

    def _observe(self) -> None:
        """Looks at the machine, as before each request."""
        if not self.state.is_in_memory:
            self._context.decide()
        self._machine.power.poll()
        self.update()

    def _observe_before_load(self) -> None:
        if not self.state.is_in_memory:
            self._choice.rescan()  # one that is loaded needs its file no more
        self._observe()

    def _may_preload(self) -> bool:
        if self.state.is_answering or self.admission.refusal() is not None:
            return False
        model = self._choice.ready()  # only now: the admission has looked at the folder
        if model is None:
            return False
        if self._machine.power.is_low or self.crash_marks.is_marked(model.path):
            self._engine.attend()  # a process without a model costs next to nothing
            return False
        return True

    def _maps(self, model: InstalledModel) -> bool:
        loaded = self.state.loaded_with
        if loaded is not None and loaded.model_path == model.path:
            return loaded.use_mmap  # its drive may have been pulled out since, which is no reason to let it go
        return self._is_steady(model)

    def _is_steady(self, model: InstalledModel | ModelSpec) -> bool:
        path = model.path if isinstance(model, InstalledModel) else self._choice.folder / model.file
        return self._machine.files.is_steady(path)

    def _is_wanted(self) -> bool:
        return self.state.is_answering or self.preloader.is_running

    def _is_in_use(self) -> bool:
        return self._is_wanted() or self.is_asked_behind


def _still_answering() -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The model is answering and cannot be touched now."),
        "",
        QT_TRANSLATE_NOOP("Errors", "Wait for the answer or stop it, then try again."),
    )
