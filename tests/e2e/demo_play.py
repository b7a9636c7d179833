"""Starts the real app in this process, plays the steps of ``make demo`` and ends it in order. GUI thread only."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from desktop.app import run as catnap
from desktop.arguments.parsing import AppOptions
from desktop.common.logs import LogTail, set_up_logging
from desktop.common.paths import Paths, resolve_paths
from desktop.history.records import MessageState
from desktop.history.store import History
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore
from desktop.ui.language import install_translator
from desktop.ui.theme.theme import apply_theme
from tests.e2e.demo_hands import until
from tests.e2e.demo_report import NotAsExpectedError, Report, milliseconds
from tests.e2e.demo_steps import Demo
from tests.e2e.demo_text import N_CTX, PATIENT_MINUTES

# What platforms without a window manager say of themselves, whoever runs there.
_HARMLESS = ("This plugin does not support", "QStandardPaths: XDG_RUNTIME_DIR")


def play(report: Report, data: Path, catalog: Path) -> None:
    """Plays everything; what was wrong is in ``report`` afterwards."""
    paths = resolve_paths(data)
    paths.create()
    store = SettingsStore(paths.settings_file)
    store.change(n_ctx=N_CTX, idle_minutes=PATIENT_MINUTES, sleep_minutes=PATIENT_MINUTES)
    said: list[str] = []

    def listen(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if not text.startswith(_HARMLESS):
            said.append(text)

    qInstallMessageHandler(listen)
    with closing(set_up_logging(paths.log_file)) as tail:
        app = _application(store.current)
        with QEventLoop(app) as loop:
            loop.set_default_executor(ThreadPoolExecutor(2, "worker"))
            loop.run_until_complete(_play(report, paths, store, AppOptions(data, catalog), app, tail))
        _check_what_is_left(report, paths, tail, said)


async def _play(
    report: Report, paths: Paths, store: SettingsStore, options: AppOptions, app: QApplication, tail: LogTail
) -> None:
    report.step("Start")
    began = time.monotonic()
    program = catnap.build(paths, store, options, app, tail)
    built = time.monotonic()
    demo = Demo(program, report)
    try:
        await demo.first_window(built - began)
        await demo.question_that_waits()
        await demo.download()
        await demo.first_answer()
        await demo.quick_ask()
        await demo.doze()
        await demo.sleep()
        await demo.wake_again()
        await demo.other_threads()
        await demo.smaller_context()
        await demo.leave()
        await until("the order to quit", program.quitting.is_set)
    except NotAsExpectedError as problem:
        report.fail(str(problem))
        demo.tell_banners()
    finally:
        began = time.monotonic()
        await catnap.shut_down(program)
        report.say(f"ended {milliseconds(time.monotonic() - began)} later, in order")
        report.check(not program.services.engine.is_alive(), "the engine's thread has ended")


def _application(settings: Settings) -> QApplication:
    app = QApplication(sys.argv[:1])
    app.setApplicationName("catnap")
    app.setApplicationDisplayName("Catnap")
    app.setQuitOnLastWindowClosed(False)
    install_translator(app, settings.language)
    apply_theme(app, settings.theme)
    return app


def _check_what_is_left(report: Report, paths: Paths, tail: LogTail, said: list[str]) -> None:
    with closing(History(paths.history_file)) as history:
        kept = [history.transcript(conversation.id) for conversation in history.conversations()]
    messages = [message for transcript in kept for message in transcript.messages]
    complete = all(message.state is MessageState.COMPLETE for message in messages)
    report.check(
        len(kept) == 1 and len(messages) == 10 and complete,
        f"on disk: {len(kept)} conversation with {len(messages)} messages, the quick ask not among them",
        "1 conversation with 10 complete messages",
    )
    complaints = [line for line in tail.lines() if " ERROR " in line or " WARNING " in line]
    report.check(not complaints, "the log has neither errors nor warnings", "none of these:\n" + "\n".join(complaints))
    for text in said:
        report.say(f"Qt remarks: {text}")
