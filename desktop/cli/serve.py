"""``catnap serve``: other programs use the sleeping model, without a window, until Ctrl+C."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import itertools
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from desktop.api.access import TokenFile
from desktop.api.backstage import OwnBackstage, make_questions
from desktop.api.service import ApiService
from desktop.api.state import ADDRESS, ApiKind, ApiState
from desktop.cli import common
from desktop.common.errors import UserFacingError
from desktop.common.events import Publisher
from desktop.common.paths import Paths
from desktop.engine.types import EngineConfig, EngineEvent
from desktop.engine.worker import EngineWorker
from desktop.lifecycle.embedding import EmbeddingInUse
from desktop.lifecycle.low_memory import EVERY_SECONDS
from desktop.lifecycle.supervisor import Machine, Supervisor
from desktop.machine.battery import PowerMonitor
from desktop.machine.cpu import read_processors
from desktop.machine.memory import MemoryReader
from desktop.machine.memory_pressure import make_pressure_reader
from desktop.models.choice import ModelChoice
from desktop.models.events import ModelEvent, ModelTrouble
from desktop.models.types import Catalog
from desktop.settings.checks import listed_origins
from desktop.settings.store import SettingsStore

# For a program that listens where we want to, to say who it is.
_WHO_S: Final = 2.0
_END_S: Final = 5.0


@dataclass(frozen=True)
class ServeRequest:
    """Arguments of the verb; None stands for the value of the settings.

    Attributes:
        model: An id or name.
        port: 0: any that is free.
        new_token: Another token is made.
    """

    model: str | None = None
    port: int | None = None
    new_token: bool = False


def run(places: common.Places, request: ServeRequest, *, as_json: bool) -> int:
    """Runs the verb; see :mod:`desktop.cli.common` for what it raises."""
    places.paths.create()
    settings = places.settings()
    offer = places.offer()
    model = common.check_model(common.find_model(places, settings, request.model))
    store = SettingsStore(places.paths.settings_file)
    store.write_with(lambda _file, _write: None, lambda problem: None)  # what is said here holds for this run only
    ids = [each.id for each in places.library(settings, offer).installed() if each.path == model.path]
    if not ids:
        raise UserFacingError(
            "Only a model that Catnap knows can be served.", f"{model.path}.", "First: catnap models import PATH"
        )
    store.change(model=ids[0])
    if _is_running(places.paths):
        common.warn("Catnap runs with its window, too, and can do this itself: Settings, Other programs")
    port = store.current.api_port if request.port is None else request.port
    tokens = TokenFile(places.paths.api_file)
    token = tokens.renew() if request.new_token or not tokens.exists else None
    return asyncio.run(_Serving(places, store, offer, tokens, token, as_json=as_json).run(port))


class _Serving:
    """The parts of Catnap that answer, without a window."""

    def __init__(
        self,
        places: common.Places,
        store: SettingsStore,
        offer: Catalog,
        tokens: TokenFile,
        token: str | None,
        *,
        as_json: bool,
    ) -> None:
        self._places, self._store, self._offer = places, store, offer
        self._tokens, self._token, self._as_json = tokens, token, as_json
        self._code = common.DONE
        self._watch: asyncio.TimerHandle | None = None

    async def run(self, port: int) -> int:
        """Serves until it is told to end."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        events = Publisher[EngineEvent]()

        def post(event: EngineEvent) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(events, event)

        paths, store = self._places.paths, self._store
        choice = ModelChoice(self._offer, paths.data, paths.models_dir, store, _say_trouble)
        engine = EngineWorker(post, EngineConfig(None), threads_file=paths.threads_file)
        memory = MemoryReader(engine=lambda: engine.process_id)
        machine = Machine(memory, make_pressure_reader(memory), PowerMonitor(), read_processors().physical)
        supervisor = Supervisor(engine, store, choice, paths, self._offer, machine)
        questions = make_questions(supervisor, choice, itertools.count(1), loop.call_later)
        embedding = EmbeddingInUse(lambda: store.current.embedding_model, memory, machine.cores)
        backstage = OwnBackstage(choice, lambda: store.current, embedding, questions)
        service = ApiService(backstage, self._tokens.opens, lambda work: _hand_over(loop, work))
        problems: list[UserFacingError] = []

        def on_state(state: ApiState) -> None:
            if state.kind is ApiKind.ON:
                self._announce(state, choice.name())
            elif state.kind is ApiKind.FAILED and state.error is not None:
                problems.append(_taken(port) or state.error)
                ended.set()

        for receiver in (supervisor.on_engine_event, questions.on_engine_event, lambda _: self._follow(supervisor)):
            events.subscribe(receiver)
        service.subscribe(on_state)
        engine.start()
        supervisor.update()
        service.start(port, listed_origins(store.current.api_origins))
        try:
            with self._ended_by_signals(loop, ended):
                await ended.wait()
        finally:
            if self._watch is not None:
                self._watch.cancel()
            service.stop()
            questions.end()
            embedding.end()
            supervisor.faster_answers.end()
            if not engine.stop(_END_S):
                common.warn("the engine does not end; it is left alone")
        if problems:
            raise problems[0]
        return self._code

    @contextlib.contextmanager
    def _ended_by_signals(self, loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> Iterator[None]:
        def end(code: int) -> None:
            self._code = code
            common.second_interrupt_ends()
            ended.set()

        if sys.platform == "win32":  # its loop hears of no signals: Ctrl+C comes as an exception
            yield
            return
        for number, code in ((signal.SIGINT, common.INTERRUPTED), (signal.SIGTERM, common.DONE)):
            loop.add_signal_handler(number, end, code)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _follow(self, supervisor: Supervisor) -> None:
        """Looks after the memory while there is a model in it."""
        if self._watch is None and supervisor.state.is_in_memory:
            self._watch = asyncio.get_running_loop().call_later(EVERY_SECONDS, self._look, supervisor)

    def _look(self, supervisor: Supervisor) -> None:
        self._watch = None
        supervisor.low_memory.poll()
        self._follow(supervisor)

    def _announce(self, state: ApiState, model: str) -> None:
        if self._as_json:
            common.print_json({"address": state.address, "token": self._token, "model": model})
            return
        common.say(f"address: {state.address}")
        if self._token is not None:
            common.say(f"token: {self._token}")
            common.say("It is shown this once; --new-token makes another.")
        else:
            common.say("token: as it was shown; --new-token makes another")
        common.say(f"{model} sleeps until somebody asks. Ctrl+C ends it.")
        sys.stdout.flush()


def _hand_over(loop: asyncio.AbstractEventLoop, work: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(work)


def _say_trouble(event: ModelEvent) -> None:
    if isinstance(event, ModelTrouble):
        common.warn(str(event.error))


def _taken(port: int) -> UserFacingError | None:
    """Returns what to say where Catnap itself listens on the port already; None: it does not."""
    try:
        connection = http.client.HTTPConnection(ADDRESS, port, timeout=_WHO_S)
        with contextlib.closing(connection):
            connection.request("GET", "/v1/models")
            server = connection.getresponse().getheader("server")
    except (OSError, http.client.HTTPException):
        return None
    if server != "catnap":
        return None
    return UserFacingError(
        "Catnap answers other programs there already.",
        f"{ADDRESS}:{port}.",
        "Use that one, or choose another port with --port.",
    )


def _is_running(paths: Paths) -> bool:
    """Tells whether the app runs with this data folder."""
    if sys.platform == "win32":
        return False  # its pipe cannot be looked at without being opened
    for address in paths.instance_names:
        with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
            probe.settimeout(_WHO_S)
            probe.connect(address)
            return True
    return False
