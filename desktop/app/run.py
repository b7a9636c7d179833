"""The tray app: start it, connect everything once, and end it in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import shiboken6
from PySide6.QtCore import QEvent, QLocale, QMimeData
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from desktop.app.early import Started
from desktop.app.engine_bridge import EngineBridge
from desktop.app.garbage import GarbageCollector
from desktop.app.leftovers import sweep_leftovers, sweep_model_folder
from desktop.app.services import Services, build_services
from desktop.app.shell import Shell
from desktop.arguments.parsing import AppOptions
from desktop.common import detached
from desktop.common.events import Publisher
from desktop.common.logs import BugReporter, LogTail
from desktop.common.paths import Paths
from desktop.engine.threads.tuner import choose_threads
from desktop.engine.types import EngineEvent
from desktop.gguf.header import GgufHeader, read_header_if_possible
from desktop.history.store import History
from desktop.machine.cpu import read_processors
from desktop.models.events import LibraryChanged
from desktop.models.types import InstalledModel
from desktop.settings.store import SettingsStore
from desktop.system.build_info import read_facts
from desktop.ui.language import language_for
from desktop.ui.notices import Notices
from desktop.ui.tray.tray import Tray

_log = logging.getLogger(__name__)

# Models whose headers are read, each on a thread of its own.
_STUDIED = 20
# The tray icon comes first.
_STUDY_AFTER_SECONDS = 1.0
# A copy of the conversations is made when the start is over, and where another day has begun.
_BACKUP_AFTER_SECONDS = 10.0
_BACKUP_EVERY_SECONDS = 3600.0
# The engine gets this long to stop; a native call that takes longer is stuck.
_ENGINE_SECONDS = 5.0
# At the end of the session settings and drafts get this long to be written.
_SESSION_SECONDS = 2.0
# What is cancelled ends at the next turn of the loop.
_TASKS_SECONDS = 1.0
# After this the process ends whatever hangs; everything the user would miss was stored before.
_WATCHDOG_SECONDS = 10.0
# Folders of documents are looked at when the start is long over.
_LIBRARIES_AFTER_SECONDS = 30.0


@dataclass(frozen=True)
class Program:
    """The running app, as the demo, the benchmarks and the tests see it.

    Attributes:
        notices: Where errors reach people.
        quitting: Set when the program shall end.
    """

    services: Services
    shell: Shell
    notices: Notices
    bridge: EngineBridge
    quitting: asyncio.Event

    def request_quit(self) -> None:
        """Every way out ends here. May be called again; the first call counts."""
        self.quitting.set()


def build(
    paths: Paths,
    store: SettingsStore,
    options: AppOptions,
    app: QApplication,
    tail: LogTail,
    tray: Tray | None = None,
) -> Program:
    """Builds the whole app on a running asyncio loop, shows nothing yet.

    Args:
        tray: The icon that is shown already; None: one that the shell will show.

    Raises:
        UserFacingError: The history cannot be opened.
    """
    bridge = EngineBridge(app)
    events = Publisher[EngineEvent]()
    bridge.event.connect(events)
    language = language_for(store.current.language, QLocale.system())
    services = build_services(paths, store, options.catalog, bridge.post, events, language=language)
    notices = Notices(lambda: read_facts().lines, tail.lines, app)
    for own in (store, services.personas):
        own.write_with(services.writer.put, notices.report)
    services.actions.tell_with(notices.report)
    auto_threads = choose_threads(0, read_processors())

    def resident() -> int:
        return services.machine.memory.read().rss

    if tray is None:
        tray = Tray(resident)
    else:
        tray.measure_with(resident)  # until now it knew of one process only
    shell = Shell(app, services, notices, read_facts, auto_threads, tray)
    program = Program(services, shell, notices, bridge, asyncio.Event())
    shell.quitRequested.connect(program.request_quit)
    reporter = BugReporter(notices.report_bug)
    reporter.install()
    asyncio.get_running_loop().set_exception_handler(_exception_handler(reporter))
    _study_models(services, asyncio.get_running_loop())
    _back_up_daily(services.history, asyncio.get_running_loop())
    asyncio.get_running_loop().call_later(_LIBRARIES_AFTER_SECONDS, services.libraries.begin)
    asyncio.get_running_loop().call_later(_STUDY_AFTER_SECONDS, services.programs.begin)
    asyncio.get_running_loop().call_later(_LIBRARIES_AFTER_SECONDS, shell.rarely_used.go_on)
    return program


def _study_models(services: Services, loop: asyncio.AbstractEventLoop) -> None:
    """Has the headers of the model in use and of own ones read before they are asked for.

    Up to 80 ms each, too long for the GUI thread.
    """
    fit, asked = services.supervisor.fit, set[tuple[Path, int]]()

    def study() -> None:
        ready = services.choice.ready()
        own = (model for model in services.choice.installed() if model.spec is None or model.spec.is_added)
        for model in [*((ready,) if ready is not None else ()), *own][:_STUDIED]:
            if model.missing or not model.kind.can_chat or fit.knows(model) or (model.path, model.size) in asked:
                continue
            asked.add((model.path, model.size))
            read = detached.start(partial(read_header_if_possible, model.path), "model header")
            read.add_done_callback(partial(learn, model))

    def learn(model: InstalledModel, done: Future[GgufHeader | None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(fit.learn, model, done.result())

    loop.call_later(_STUDY_AFTER_SECONDS, study)
    services.model_events.subscribe(lambda event: study() if isinstance(event, LibraryChanged) else None)


def _back_up_daily(history: History, loop: asyncio.AbstractEventLoop) -> None:
    """Has a copy of the conversations made a while after the start, and looks every hour whether another day began."""

    def look() -> None:
        history.back_up()
        loop.call_later(_BACKUP_EVERY_SECONDS, look)

    loop.call_later(_BACKUP_AFTER_SECONDS, look)


async def shut_down(program: Program) -> None:
    """Ends everything in order; what the user would miss is stored before anything slow is waited for."""
    services = program.services
    program.shell.close()  # gone at once: whoever quits wants it gone
    services.chat.shut_down()  # unfinished answers are stored as interrupted, new ones are refused
    services.documents.shut_down()
    services.programs.shut_down()
    await asyncio.to_thread(services.libraries.end)
    await asyncio.to_thread(services.embedding.end)
    services.supervisor.faster_answers.end()
    services.supervisor.gpu.end()
    await services.models.shut_down()  # downloads keep their bytes
    await services.network.shut_down()
    if not await asyncio.to_thread(services.servers.end):
        _log.warning("a server is still being left")
    stopped = await asyncio.to_thread(services.engine.stop, _ENGINE_SECONDS)
    if not stopped:
        _log.warning("the engine did not stop within %.0f s", _ENGINE_SECONDS)
    program.bridge.close()
    services.journal.close()
    services.history.close()
    services.store.save_again()
    if not await asyncio.to_thread(services.writer.close):
        _log.warning("settings or drafts are not written yet")
    _leave_clipboard()
    _log.info("ended")


def _leave_clipboard() -> None:
    """Leaves what was copied as plain text, which Qt holds by itself.

    What is of a class that Python has added to, as each QMimeData that is made here, Qt deletes when Python has ended,
    and the process dies of it (PySide6 6.8.3).
    """
    clipboard = QGuiApplication.clipboard()
    for mode in (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection):
        # None where the system has no such clipboard, which Qt's declaration does not say.
        data = cast("QMimeData | None", clipboard.mimeData(mode))
        if data is not None and shiboken6.createdByPython(data):
            clipboard.setText(data.text(), mode)


def run(started: Started) -> int:
    """Runs the app until it is told to end and returns the exit code; ``desktop.app.start`` has shown the icon before.

    Raises:
        UserFacingError: It cannot start.
    """
    collector = GarbageCollector(started.app)
    with QEventLoop(started.app) as loop:
        loop.set_default_executor(detached.DetachedExecutor())
        try:
            loop.run_until_complete(_main(started))
        finally:
            collector.close()
    _destroy_windows(started.app)
    return 0


def _destroy_windows(app: QApplication) -> None:
    """Has Qt destroy what is left of the windows, with what it tells screen readers of them.

    WORKAROUND(PySide6 6.8, ``destroyQCoreApplication`` in pyside.cpp): at the end of the process PySide destroys what
    was made in Python in no order. An accessible object of ours that went before its widget was deleted once more by
    Qt: the program ended in a crash, when everything was done.
    """
    for window in app.topLevelWidgets():
        window.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


async def _main(started: Started) -> None:
    options, instance, signals = started.options, started.instance, started.signals
    sweep_leftovers(started.paths)
    program = build(started.paths, started.store, options, started.app, started.tail, started.tray)
    shell = program.shell
    signals.quitRequested.connect(program.request_quit)
    signals.sessionEnding.connect(program.services.chat.shut_down)  # the session may not wait for more than this
    signals.sessionEnding.connect(shell.drafts.save)
    signals.sessionEnding.connect(lambda: program.services.writer.flush(_SESSION_SECONDS))
    signals.sessionEnding.connect(program.request_quit)
    instance.requested.connect(_obey(program))
    shell.start(hidden=options.hidden or options.verb in ("quick-ask", "action"), welcomes=True)
    for problem in program.services.problems:  # now that it is known whether there is a window that says it
        program.notices.report(problem)
    if options.verb == "quick-ask":
        shell.open_quick_ask()
    elif options.verb == "action":
        shell.run_action(options.action)
    loop = asyncio.get_running_loop()
    loop.call_later(_STUDY_AFTER_SECONDS, loop.run_in_executor, None, program.services.login.repair)
    models = program.services.choice.library.folder
    loop.call_later(_STUDY_AFTER_SECONDS, detached.start, lambda: sweep_model_folder(models), "leftovers")
    started.early.release()
    await program.quitting.wait()
    _log.info("ending")
    watchdog = _start_watchdog()
    instance.close()
    await shut_down(program)
    await _end_tasks()
    watchdog.cancel()


async def _end_tasks() -> None:
    """Cancels what is still waited for: nobody will take its result, and the loop complains of what is left behind."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks and (left := (await asyncio.wait(tasks, timeout=_TASKS_SECONDS))[1]):
        _log.warning("%d tasks did not end", len(left))


def _obey(program: Program) -> Callable[[str, str, str], None]:
    def obey(verb: str, activation_token: str, action: str) -> None:
        if activation_token:
            os.environ["XDG_ACTIVATION_TOKEN"] = activation_token  # Qt takes it from there for the next activation
        if verb == "quit":
            program.request_quit()
        elif verb == "quick-ask":
            program.shell.open_quick_ask()
        elif verb == "action":
            program.shell.run_action(action)
        else:
            program.shell.show_window()

    return obey


def _exception_handler(reporter: BugReporter) -> Callable[[asyncio.AbstractEventLoop, dict[str, object]], None]:
    def handle(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            reporter.handle(error)
        else:
            _log.error("event loop: %s", context.get("message"))

    return handle


def _start_watchdog() -> threading.Timer:
    def end() -> None:
        _log.error("still not ended after %.0f s; giving up on what hangs", _WATCHDOG_SECONDS)
        logging.shutdown()
        os._exit(1)

    watchdog = threading.Timer(_WATCHDOG_SECONDS, end)
    watchdog.daemon = True
    watchdog.start()
    return watchdog
