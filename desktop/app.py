"""The tray app: start it, connect everything once, and end it in order."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QMessageBox
from qasync import QEventLoop

from desktop import __version__
from desktop.app_options import AppOptions
from desktop.build_info import read_facts
from desktop.display import display_problem
from desktop.engine.pace import choose_threads
from desktop.engine.processors import read_processors
from desktop.engine.types import EngineEvent
from desktop.errors import UserFacingError
from desktop.logs import BugReporter, LogTail, enable_crash_log, set_up_logging
from desktop.model_events import LibraryChanged
from desktop.paths import Paths, resolve_paths
from desktop.relay import Relay
from desktop.services import Services, build_services
from desktop.settings import Settings, SettingsStore
from desktop.ui.bridge import EngineBridge
from desktop.ui.collector import Collector
from desktop.ui.formats import error_words
from desktop.ui.icons import app_icon
from desktop.ui.language import install_translator
from desktop.ui.notices import Notices
from desktop.ui.quit_signals import QuitSignals
from desktop.ui.shell import Shell
from desktop.ui.single_instance import SingleInstance
from desktop.ui.style import apply_theme

_log = logging.getLogger(__name__)

# The tray icon comes first.
_STUDY_AFTER_SECONDS = 1.0
# The engine gets this long to stop; a native call that takes longer is stuck.
_ENGINE_SECONDS = 5.0
# After this the process ends whatever hangs; everything the user would miss was stored before.
_WATCHDOG_SECONDS = 10.0


@dataclass(frozen=True)
class Program:
    """The running app, as the demo, the benchmarks and the tests see it.

    Attributes:
        quitting: Set when the program shall end.
    """

    services: Services
    shell: Shell
    bridge: EngineBridge
    quitting: asyncio.Event

    def request_quit(self) -> None:
        """Every way out ends here. May be called again; the first call counts."""
        self.quitting.set()


def run(options: AppOptions) -> int:
    """Runs the app until it is told to end, or tells the one that is already running. Returns the exit code.

    Raises:
        UserFacingError: It cannot start: no display, folders that cannot be written, another Catnap that hangs.
    """
    paths = resolve_paths(options.data_dir)
    paths.create()
    instance = SingleInstance(paths)
    if not instance.acquire(listen=False):
        return _tell_running(instance, options)
    try:
        if options.verb == "quit":
            return 0
        problem = display_problem()
        if problem is not None:
            raise problem
        tail = set_up_logging(paths.log_file)
        try:
            return _run_here(options, paths, instance, tail)
        finally:
            tail.close()
    finally:
        instance.close()


def build(paths: Paths, store: SettingsStore, options: AppOptions, app: QApplication, tail: LogTail) -> Program:
    """Builds the whole app on a running asyncio loop, shows nothing yet.

    Raises:
        UserFacingError: The history cannot be opened.
    """
    bridge = EngineBridge(app)
    events = Relay[EngineEvent]()
    bridge.event.connect(events)
    services = build_services(paths, store, options.catalog, bridge.post, events)
    notices = Notices(lambda: shell.is_window_visible, lambda: read_facts().lines, tail.lines, app)
    auto_threads = choose_threads(0, read_processors())
    shell = Shell(app, services, notices, read_facts, auto_threads)
    program = Program(services, shell, bridge, asyncio.Event())
    shell.quitRequested.connect(program.request_quit)
    reporter = BugReporter(notices.report_bug)
    reporter.install()
    asyncio.get_running_loop().set_exception_handler(_exception_handler(reporter))
    _study_models(services, asyncio.get_running_loop())
    for problem in services.problems:
        notices.report(problem)
    return program


def _study_models(services: Services, loop: asyncio.AbstractEventLoop) -> None:
    """Has the header of an own file read before it is asked for: up to 80 ms, too long for the GUI thread."""

    def study() -> None:
        model = services.models.ready()
        if model is not None and services.models.catalog.get(model.id) is None:
            loop.run_in_executor(None, services.advice.cost, services.store.current, model)

    loop.call_later(_STUDY_AFTER_SECONDS, study)
    services.model_events.subscribe(lambda event: study() if isinstance(event, LibraryChanged) else None)


async def shut_down(program: Program) -> None:
    """Ends everything in order; what the user would miss is stored before anything slow is waited for."""
    services = program.services
    program.shell.close()  # gone at once: whoever quits wants it gone
    services.chat.shut_down()  # unfinished answers are stored as interrupted, new ones are refused
    await services.models.shut_down()  # downloads keep their bytes
    for conversation_id in services.history.purge_deleted():
        services.engine.forget(conversation_id)
    stopped = await asyncio.to_thread(services.engine.stop, _ENGINE_SECONDS)
    if not stopped:
        _log.warning("the engine did not stop within %.0f s", _ENGINE_SECONDS)
    program.bridge.close()
    services.history.close()
    _log.info("ended")


def _tell_running(instance: SingleInstance, options: AppOptions) -> int:
    QCoreApplication(sys.argv[:1])  # the socket needs one; it lives until the process ends, a moment later
    verb = "show" if options.verb == "start" else options.verb
    reply = instance.send(verb, activation_token=os.environ.get("XDG_ACTIVATION_TOKEN", ""))
    if reply.problem is not None:
        raise reply.problem
    return 0


def _run_here(options: AppOptions, paths: Paths, instance: SingleInstance, tail: LogTail) -> int:
    crash = enable_crash_log(paths.log_dir / "crash.log")
    if crash:
        _log.warning("the last run ended in a crash:\n%s", crash)
    _log.info("Catnap %s starts", __version__)
    store = SettingsStore(paths.settings_file)
    app = _make_application(store.current)
    collector = Collector(app)
    with QEventLoop(app) as loop:
        loop.set_default_executor(ThreadPoolExecutor(2, "worker"))
        try:
            loop.run_until_complete(_main(app, options, paths, store, instance, tail))
        except UserFacingError as problem:
            _log.error("cannot start: %s", problem)
            if app.platformName() not in ("offscreen", "minimal"):
                QMessageBox(QMessageBox.Icon.Critical, "Catnap", error_words(problem)).exec()
            raise
        finally:
            collector.close()
    return 0


async def _main(
    app: QApplication,
    options: AppOptions,
    paths: Paths,
    store: SettingsStore,
    instance: SingleInstance,
    tail: LogTail,
) -> None:
    program = build(paths, store, options, app, tail)
    shell = program.shell
    signals = QuitSignals(app)
    signals.quitRequested.connect(program.request_quit)
    signals.sessionEnding.connect(program.services.chat.shut_down)  # the session may not wait for more than this
    signals.sessionEnding.connect(program.request_quit)
    instance.requested.connect(_obey(program))
    instance.listen()
    shell.tray.availabilityChanged.connect(_log_tray)
    shell.start(hidden=options.hidden or options.verb == "quick-ask")
    if options.verb == "quick-ask":
        shell.open_quick_ask()
    loop = asyncio.get_running_loop()
    loop.call_later(_STUDY_AFTER_SECONDS, loop.run_in_executor, None, program.services.login.repair)
    await program.quitting.wait()
    _log.info("ending")
    watchdog = _start_watchdog()
    instance.close()
    await shut_down(program)
    signals.close()
    watchdog.cancel()


def _obey(program: Program) -> Callable[[str, str], None]:
    def obey(verb: str, activation_token: str) -> None:
        if activation_token:
            os.environ["XDG_ACTIVATION_TOKEN"] = activation_token  # Qt takes it from there for the next activation
        if verb == "quit":
            program.request_quit()
        elif verb == "quick-ask":
            program.shell.open_quick_ask()
        else:
            program.shell.show_window()

    return obey


def _make_application(settings: Settings) -> QApplication:
    app = QApplication(sys.argv[:1])
    app.setApplicationName("catnap")
    app.setApplicationDisplayName("Catnap")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("catnap")
    app.setQuitOnLastWindowClosed(False)
    install_translator(app, settings.language)
    apply_theme(app, settings.theme)
    app.setWindowIcon(app_icon())
    return app


def _exception_handler(reporter: BugReporter) -> Callable[[asyncio.AbstractEventLoop, dict[str, object]], None]:
    def handle(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            reporter.handle(error)
        else:
            _log.error("event loop: %s", context.get("message"))

    return handle


def _log_tray(there: bool) -> None:
    """The benchmark for the start reads this line."""
    if there:
        since_start = time.time() - psutil.Process().create_time()
        _log.info("tray icon shown after %.0f ms", since_start * 1000)


def _start_watchdog() -> threading.Timer:
    def end() -> None:
        _log.error("still not ended after %.0f s; giving up on what hangs", _WATCHDOG_SECONDS)
        logging.shutdown()
        os._exit(1)

    watchdog = threading.Timer(_WATCHDOG_SECONDS, end)
    watchdog.daemon = True
    watchdog.start()
    return watchdog
