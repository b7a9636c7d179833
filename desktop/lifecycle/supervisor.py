"""The life of the local model between waking and nap: all that decides about it is put together here. GUI thread.

What wakes it: a request (:meth:`Supervisor.generate`), or one that is still being written (``preload``); both only if
``admission`` lets it in. What puts it to sleep, and where that is decided:

========================  ============================================================================================
``SleepReason.IDLE``      no request for ``EngineConfig.idle_seconds``: the wait of the engine's own inbox ends without
                          a command (``EngineWorker._next``). The seconds come from the settings, halved on battery
                          (``settings.for_engine``). There is no other timer.
``SleepReason.MEMORY``    the computer runs short of memory: ``low_memory``, polled every few seconds while a model is
                          in memory and never during an answer (``app.machine_monitor``).
``SleepReason.ASKED``     somebody chose "Sleep now".
``SleepReason.RELEASED``  its file is to be moved or deleted: :meth:`Supervisor.release`.
``RECONFIGURED``          a setting changed that needs another load, said once in ``EngineConfig.needs_reload``.
``SleepReason.STOPPED``   the program ends.
========================  ============================================================================================
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.paths import Paths
from desktop.engine.types import Asleep, EngineConfig, EngineEvent, Generation, LocalEnginePort, SleepReason
from desktop.lifecycle.admission import AdmissionCheck
from desktop.lifecycle.context_size import ContextSize
from desktop.lifecycle.low_memory import LowMemoryUnloader
from desktop.lifecycle.memory_fit import MemoryFit
from desktop.lifecycle.model_state import ModelState
from desktop.lifecycle.preload import Preloader
from desktop.machine.battery import PowerMonitor
from desktop.machine.memory import MemoryReader
from desktop.machine.memory_pressure import PressureReader
from desktop.models.choice import ModelChoice
from desktop.models.events import LibraryChanged, ModelEvent
from desktop.models.types import Catalog
from desktop.settings.for_engine import Conditions, engine_config
from desktop.settings.store import SettingsStore

# Longest wait for the model to be unloaded before its file is moved or deleted.
_RELEASE_SECONDS = 30.0


@dataclass(frozen=True)
class Machine:
    """What tells how this computer is off.

    Attributes:
        cores: Physical cores that may be used.
    """

    memory: MemoryReader
    pressure: PressureReader
    power: PowerMonitor
    cores: int


class Supervisor:
    """The local engine as conversations use it: an :class:`~desktop.engine.types.AnswerPort` that keeps the engine's
    configuration in step with the settings, the installed models and the machine, and looks at all three before each
    request.

    Attributes:
        state: Whether the model is in memory, and whether it answers.
        fit: What models and settings would take of the memory.
        admission: Whether it may be loaded.
        preloader: Loads it while a question is being written.
        low_memory: Unloads it when the system runs short.
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
            paths: Where states of conversations are kept.
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
        self.state = ModelState()
        self.fit = MemoryFit(catalog, lambda: settings.current, machine.memory, machine.cores, self._context)
        self.admission = AdmissionCheck(
            self.fit, lambda: settings.current, choice.ready, self.wanted, self.state, self._observe_before_load
        )
        self.preloader = Preloader(self, self._may_preload)
        self.low_memory = LowMemoryUnloader(engine, self.state, machine.pressure, self._is_wanted)
        settings.subscribe(lambda _old, _new: self._on_change())
        machine.power.subscribe(self._on_change)

    # --- for conversations

    def generate(self, request: Generation) -> None:
        """Queues a request for an answer."""
        self._observe()
        self.state.asked(request.request_id)
        self.preloader.asked()
        self._engine.generate(request)

    def prepare(self, request: Generation) -> None:
        """Queues a request to load and read."""
        self._observe()
        self._engine.prepare(request)

    def cancel(self, request_id: int) -> None:
        """Stops a request."""
        self._engine.cancel(request_id)

    # --- for whoever looks after the model

    def wanted(self) -> EngineConfig:
        """Returns the configuration that settings, models and machine ask for now."""
        model = self._choice.ready()
        conditions = Conditions(self._context.tokens, self._machine.power.unplugged, self._machine.cores)
        return engine_config(self._settings.current, model.path if model else None, self._paths, conditions)

    def update(self) -> None:
        """Tells the engine the configuration that is right now, if it is another one."""
        config = self.wanted()
        if config != self._in_force:
            self._in_force = config
            self._engine.configure(config)

    def sleep(self) -> None:
        """Has the model unloaded after the answer that is on its way."""
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
        self.preloader.on_engine_event(event)
        if isinstance(event, Asleep) and event.reason is SleepReason.RELEASED:
            self._released.set()

    def on_model_event(self, event: ModelEvent) -> None:
        """Takes an event of the model service."""
        if isinstance(event, LibraryChanged):
            self._on_change()

    def _on_change(self) -> None:
        self.update()
        self.preloader.reconsider()

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
        if self.state.is_answering or self._choice.ready() is None or self.admission.refusal() is not None:
            return False
        battery = self._machine.power.battery
        return battery is None or not battery.is_low

    def _is_wanted(self) -> bool:
        return self.state.is_answering or self.preloader.is_running


def _still_answering() -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The model is answering and cannot be touched now."),
        "",
        QT_TRANSLATE_NOOP("Errors", "Wait for the answer or stop it, then try again."),
    )
