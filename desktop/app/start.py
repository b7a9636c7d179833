"""Starts the tray app: the icon first, then all the rest.

Somebody who double-clicks wants to see that something happens. What the icon needs takes a fifth of a second, what the
program needs as much again; on an old laptop it is ten times as much. So this module imports only the former, and what
is asked of the program meanwhile is kept until it can be done.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from desktop import __version__
from desktop.app.early import EarlyRequests, Started
from desktop.app.single_instance import SingleInstance
from desktop.arguments.parsing import AppOptions
from desktop.common.errors import UserFacingError
from desktop.common.logs import LogTail, enable_crash_log, set_up_logging
from desktop.common.paths import Paths, resolve_paths
from desktop.machine.process import share_heap
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore
from desktop.system.display import display_problem
from desktop.system.input_method import choose_input_methods
from desktop.ui.language import install_translator
from desktop.ui.tray.tray import Tray

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMessageBox

    from desktop.app.quit_signals import QuitSignals
    from desktop.machine.memory import MemoryReader

_log = logging.getLogger(__name__)


def run(options: AppOptions) -> int:
    """Runs the app until it is told to end, or tells the one that is already running. Returns the exit code.

    Raises:
        UserFacingError: It cannot start: no display, folders that cannot be written, another Catnap that hangs.
    """
    share_heap()
    try:
        paths = resolve_paths(options.data_dir)
        paths.create()
        if options.verb == "action":
            _check_action(options.action, paths)
        instance = SingleInstance(paths)
        if not instance.acquire(listen=False):
            return _tell_running(instance, options)
    except UserFacingError as failure:
        _show_early(failure, options)
        raise
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


def _tell_running(instance: SingleInstance, options: AppOptions) -> int:
    core = QCoreApplication(sys.argv[:1])  # the socket needs one; it lives until the process ends, a moment later
    verb = "show" if options.verb == "start" else options.verb
    reply = instance.send(verb, instance.patience, os.environ.get("XDG_ACTIVATION_TOKEN", ""), options.action)
    if reply.problem is not None:
        core.shutdown()  # makes room for the one that shows the problem
        raise reply.problem
    return 0


def _check_action(name: str, paths: Paths) -> None:
    """Says at once which actions there are, in the terminal or beside the key that asked for another one.

    Raises:
        UserFacingError: There is none of this name.
    """
    from desktop.chat.quick_actions.actions import find_action, unknown_action
    from desktop.chat.quick_actions.store import read_actions

    actions = read_actions(paths.quick_actions_file)
    if find_action(actions, name) is None:
        raise unknown_action(name, actions)


def _run_here(options: AppOptions, paths: Paths, instance: SingleInstance, tail: LogTail) -> int:
    crash = enable_crash_log(paths.log_dir / "crash.log")
    if crash:
        _log.warning("the last run ended in a crash:\n%s", crash)
    _log.info("Catnap %s starts", __version__)
    store = SettingsStore(paths.settings_file)
    choose_input_methods()
    app = _make_application(store.current)
    tray = Tray(_resident())
    tray.availabilityChanged.connect(_log_tray)
    tray.start()
    shown_at = time.time()
    try:
        started = Started(options, paths, store, tail, app, tray, instance, *_listen(app, tray, instance))
        try:
            app.processEvents()  # only now the icon is drawn
            _dress(app, store.current)
            program = _import_the_rest(app)
            if tray.is_shown:
                _log_times(shown_at)
            return program(started)
        finally:
            started.signals.close()
    except UserFacingError as problem:
        _log.error("cannot start: %s", problem)
        tray.close()  # nobody would do what its menu says
        _show(problem, app)
        raise


def _import_the_rest(app: QApplication) -> Callable[[Started], int]:
    """Imports the program in pieces: between them the icon is drawn and a second start gets its answer."""
    import_asyncio()
    import desktop.app.services

    app.processEvents()
    import desktop.app.shell  # noqa: F401 (another)

    app.processEvents()
    from desktop.app.run import run

    app.processEvents()
    return run


def import_asyncio() -> None:
    """Imports asyncio without :mod:`ssl`: 4 MB of a program that has not spoken to anybody yet, and 3 ms of its start.

    Connections that need TLS are httpx's, which speaks it through :mod:`ssl` itself and not through the loop; whoever
    asks asyncio for it is told that it is not there. Where either of the two was imported already nothing is changed.

    WORKAROUND(CPython, asyncio/base_events.py, selector_events.py and sslproto.py): they import ssl whether or not
    anybody will ask, and do without it where Python was built without.
    """
    if "asyncio" in sys.modules or "ssl" in sys.modules:
        import asyncio
    else:
        sys.modules["ssl"] = None  # type: ignore[assignment]  # an import of it raises ImportError
        try:
            import asyncio  # noqa: F401
        finally:
            del sys.modules["ssl"]


def _make_application(settings: Settings) -> QApplication:
    app = QApplication(sys.argv[:1])
    app.setApplicationName("catnap")
    app.setApplicationDisplayName("Catnap")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("catnap")
    app.setQuitOnLastWindowClosed(False)
    install_translator(app, settings.language)
    return app


def _resident() -> Callable[[], int | None]:
    """Returns what measures the memory of the process; what that needs is imported and made at the first use."""
    made: list[MemoryReader] = []

    def measure() -> int | None:
        if not made:
            from desktop.machine.memory import MemoryReader

            made.append(MemoryReader())
        return made[0].read().rss

    return measure


def _listen(app: QApplication, tray: Tray, instance: SingleInstance) -> tuple[QuitSignals, EarlyRequests]:
    """Keeps from now on what anybody asks for.

    Raises:
        UserFacingError: The socket for later starts cannot be made.
    """
    from desktop.app.quit_signals import QuitSignals

    instance.listen()
    signals = QuitSignals(app)
    early = EarlyRequests()
    early.keep(tray.askRequested, tray.openRequested, tray.sleepRequested, tray.modelsRequested)
    early.keep(tray.settingsRequested, tray.quitRequested, tray.actionRequested)
    early.keep(signals.quitRequested, signals.sessionEnding, instance.requested)
    return signals, early


def _dress(app: QApplication, settings: Settings) -> None:
    from desktop.ui.theme.icons import app_icon
    from desktop.ui.theme.text_size import apply_text_size
    from desktop.ui.theme.theme import apply_theme

    apply_theme(app, settings.theme)
    apply_text_size(app, settings.font_size)
    app.setWindowIcon(app_icon())


def _show_early(problem: UserFacingError, options: AppOptions) -> None:
    """Shows why there will be no icon to somebody who double-clicked: what is printed is seen in a terminal only."""
    in_terminal = sys.stderr is not None and sys.stderr.isatty()
    if in_terminal or options.verb == "quit" or display_problem() is not None:
        return
    app = _make_application(Settings())
    _dress(app, Settings())
    _show(problem, app)


def _show(problem: UserFacingError, app: QApplication) -> None:
    if app.platformName() in ("offscreen", "minimal"):
        return
    _message(problem).exec()


def _message(problem: UserFacingError) -> QMessageBox:
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QMessageBox

    from desktop.ui.words import error_words

    box = QMessageBox(QMessageBox.Icon.Critical, "Catnap", error_words(problem))
    box.setTextFormat(Qt.TextFormat.PlainText)  # there are names of files in it
    # A running Catnap's quick box may be above all windows, and whoever pressed a key waits for an answer.
    box.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
    box.addButton(QMessageBox.StandardButton.Ok).setIcon(QIcon())  # words say enough, as on every other button
    return box


def _log_tray(there: bool) -> None:
    """The benchmark of the bundle's start takes the time of this line."""
    if there:
        _log.info("tray icon shown")


def _log_times(shown_at: float) -> None:
    """The benchmark reads this line as well."""
    import psutil

    began = psutil.Process().create_time()
    shown, there = (1000 * (moment - began) for moment in (shown_at, time.time()))
    _log.info("tray icon shown after %.0f ms, the rest there after %.0f ms", shown, there)
