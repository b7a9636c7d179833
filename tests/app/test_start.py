"""The start of the tray app: what the icon waits for, and what happens to those who do not wait for the rest."""

from __future__ import annotations

import ctypes
import json
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.app.start import _message
from desktop.common.errors import UserFacingError
from tests.support.command_line import environment, python
from tests.support.patience import PATIENCE_S

Begin = Callable[..., subprocess.Popen[str]]

# Runs the program with something that happens at the moment when its icon is shown.
PROGRAM = """
import sys
from desktop.__main__ import main
from desktop.ui.tray.tray import Tray

show = Tray.start

def show_and_then(tray):
    show(tray)
    if not hasattr(tray, "seen"):
        tray.seen = True
        at_the_icon(tray)

Tray.start = show_and_then
{at_the_icon}
sys.exit(main(sys.argv[1:]))
"""

# Runs the program, which says when another one has the lock, and waits for that one as long as its first word says.
SECOND = """
import sys
from desktop.__main__ import main
from desktop.app import single_instance

single_instance.STARTING_S = float(sys.argv[1])
look = single_instance.SingleInstance._is_reachable

def look_and_say(instance):
    if not hasattr(instance, "has_met"):
        instance.has_met = True
        print("met", flush=True)
    return look(instance)

single_instance.SingleInstance._is_reachable = look_and_say
sys.exit(main(sys.argv[2:]))
"""

# Comes with the services or the windows; none of it is needed to draw a cat.
LATER = (
    *("_ssl", "_hashlib", "csv", "difflib", "email.utils", "filecmp", "statistics", "httpx", "markdown_it"),
    *("desktop.ui.chat.window", "desktop.ui.chat.pane", "desktop.ui.chat.presenter", "desktop.ui.composer.composer"),
    *("desktop.ui.transcript.page", "desktop.ui.transcript.view", "desktop.ui.conversations.conversation_list"),
    *("desktop.ui.find.bar", "desktop.ui.exchange.presenter", "desktop.ui.structured.presenter"),
)
HEAVY = (
    *("httpx", "jinja2", "sqlite3", "llama_cpp", "psutil", "asyncio", "qasync", "ssl", "hashlib", "markdown", "socket"),
    *(
        "PySide6.QtNetwork",
        "desktop.app.services",
        "desktop.arguments.verbs",
        "desktop.history.store",
        "desktop.chat.service",
        "desktop.engine",
        "desktop.models",
    ),
    *(
        "desktop.app.shell",
        "desktop.ui.chat.window",
        "desktop.ui.transcript.markdown.document",
        "desktop.ui.theme.theme",
        "logging.handlers",
    ),
)


def at_the_icon(body: str) -> str:
    return PROGRAM.format(at_the_icon="def at_the_icon(tray):\n" + textwrap.indent(textwrap.dedent(body), "    "))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Starts an interpreter; what still runs at the end of the test is killed."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        command = [sys.executable, *arguments]
        process = subprocess.Popen(command, text=True, env=environment(), stdin=pipe, stdout=pipe, stderr=pipe)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def log_of(data: Path) -> str:
    return (data / "logs" / "catnap.log").read_text(encoding="utf-8")


def test_nothing_heavy_is_imported_before_the_icon(data: Path) -> None:
    done = python(
        at_the_icon(
            """
            import json, os
            from PySide6 import QtCore
            print(json.dumps([sorted(sys.modules), "Qt" in vars(QtCore)]), flush=True)
            os._exit(0)
            """
        ),
        "--data-dir",
        str(data),
    )

    modules, is_namespace_made = json.loads(done.out)
    assert "desktop.ui.tray.tray" in modules
    assert [name for name in HEAVY if any(each == name or each.startswith(f"{name}.") for each in modules)] == []
    # PySide6 makes the class Qt with all of its enumerations at the first use: a seventh of the whole start.
    assert not is_namespace_made


def test_who_starts_hidden_pays_for_no_window(data: Path) -> None:
    # GIVEN a start at login, of which nobody sees more than the icon
    done = python(
        at_the_icon(
            """
            import json, os
            def end():
                print(json.dumps(sorted(sys.modules)), flush=True)
                os._exit(0)
            tray.start = end  # the last thing that a hidden start does
            """
        ),
        "--hidden",
        "--data-dir",
        str(data),
    )

    modules = json.loads(done.out)

    # THEN everything is there but what the window is made of, and the libraries that only some work needs
    assert "desktop.app.shell" in modules
    assert [name for name in LATER if name in modules] == []


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_info"), reason="only glibc makes many heaps"
)
def test_all_threads_of_the_app_take_memory_from_one_heap(data: Path) -> None:
    done = python(
        at_the_icon(
            """
            import ctypes, os, threading
            libc = ctypes.CDLL(None)
            libc.fopen.restype = libc.malloc.restype = ctypes.c_void_p
            met = threading.Barrier(4)
            for _ in range(3):
                threading.Thread(target=lambda: (libc.malloc(10_000), met.wait())).start()
            met.wait()
            file = ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w"))
            libc.malloc_info(0, file)
            libc.fclose(file)
            os._exit(0)
            """
        ),
        "--data-dir",
        str(data),
    )
    assert done.out.count("<heap nr=") == 1


@pytest.mark.parametrize(
    "way", ["tray.quitRequested.emit()", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"]
)
def test_who_asks_for_the_end_while_it_starts_gets_it(data: Path, way: str) -> None:
    # GIVEN somebody who chooses "Quit" as soon as there is a menu, or a session that ends
    done = python(
        at_the_icon(
            f"""
            from PySide6.QtCore import QTimer
            def ask():
                {way}
            QTimer.singleShot(0, ask)
            """
        ),
        "--data-dir",
        str(data),
        "--hidden",
    )

    # THEN the program comes up and ends in order
    assert done.code == 0, done.err
    assert log_of(data).rstrip().endswith("ended")


def test_a_click_while_it_starts_opens_the_box(data: Path) -> None:
    done = python(
        at_the_icon(
            """
            from PySide6.QtCore import QPoint, QTimer
            from PySide6.QtWidgets import QApplication
            QTimer.singleShot(0, lambda: tray.askRequested.emit(QPoint(5, 5)))
            def look():
                boxes = [top for top in QApplication.topLevelWidgets() if type(top).__name__ == "QuickAsk"]
                if boxes and boxes[0].isVisible():
                    print("open", flush=True)
                    tray.quitRequested.emit()
            timer = QTimer(tray, interval=20)
            timer.timeout.connect(look)
            timer.start()
            """
        ),
        "--data-dir",
        str(data),
        "--hidden",
    )

    assert done.code == 0
    assert done.out.startswith("open")


def test_a_second_start_while_the_first_starts_is_not_lost(data: Path, begin: Begin) -> None:
    # GIVEN a first start that hangs at its icon until the second has met its lock
    code = at_the_icon(
        """
        print("icon", flush=True)
        sys.stdin.readline()
        """
    )
    first = begin("-c", code, "--data-dir", str(data), "--hidden")
    assert first.stdout is not None
    assert first.stdin is not None
    assert first.stdout.readline() == "icon\n"

    # WHEN somebody asks it to end
    second = begin("-c", SECOND, str(PATIENCE_S), "--data-dir", str(data), "--quit")
    assert second.stdout is not None
    assert second.stdout.readline() == "met\n"
    first.stdin.write("\n")
    first.stdin.flush()

    # THEN both end well
    assert second.communicate(timeout=PATIENCE_S)[1] == ""
    assert second.returncode == 0
    first.communicate(timeout=PATIENCE_S)
    assert first.returncode == 0


def test_a_start_that_fails_takes_the_icon_away_and_says_why(data: Path) -> None:
    data.mkdir()
    with closing(sqlite3.connect(data / "history.sqlite3")) as database:
        database.execute("PRAGMA user_version = 9999")
    done = python(
        at_the_icon(
            """
            close = tray.close
            def closed():
                close()
                print("closed", flush=True)
            tray.close = closed
            """
        ),
        "--data-dir",
        str(data),
    )

    assert done.code == 1
    assert "closed" in done.out
    assert done.err.startswith("catnap: ")
    assert "Traceback" not in done.err
    assert "cannot start" in log_of(data)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a lock is left by a process that was killed")
def test_a_crash_while_it_starts_leaves_nothing_in_the_way(data: Path) -> None:
    killed = python(at_the_icon("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"), "--data-dir", str(data))
    assert killed.code == -signal.SIGKILL

    done = python(at_the_icon("tray.quitRequested.emit"), "--data-dir", str(data), "--quit")
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_what_stops_the_start_is_said_in_words_alone(qtbot: QtBot, key: Qt.Key) -> None:
    box = _message(UserFacingError("Catnap cannot write to its folder.", "/a <b>bold</b> folder.", "Make it writable."))
    qtbot.addWidget(box)
    with qtbot.waitExposed(box):
        box.show()
    assert "<b>bold</b>" in box.text() and box.textFormat() is Qt.TextFormat.PlainText
    (button,) = box.buttons()
    assert button.icon().isNull()
    QTest.keyClick(box, key)
    assert not box.isVisible()
