"""Where the demo plays: the display that is there, a virtual one, or none at all. No Qt."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from desktop.system.display import display_problem
from tests.support.patience import PATIENCE_S

OFFSCREEN_SWITCH = "CATNAP_DEMO_OFFSCREEN"
_WIDTH, _HEIGHT = 1280, 800


@dataclass(frozen=True)
class Stage:
    """What to start a program of ours with.

    Attributes:
        words: What it is, for the report.
        environment: All variables of the process to start.
    """

    words: str
    environment: dict[str, str]


@contextlib.contextmanager
def stage(*, virtual: bool = False) -> Iterator[Stage]:
    """Sets up the best stage there is and takes down what it started.

    That is the display of this session, if there is one that can be reached; else Xvfb, if it is installed; else Qt's
    offscreen platform, which draws into memory. Setting ``CATNAP_DEMO_OFFSCREEN`` chooses the last one.

    Args:
        virtual: Leave the display of this session alone: nobody's theme and fonts get into the pictures.
    """
    given = dict(os.environ)
    if given.pop(OFFSCREEN_SWITCH, ""):
        with _offscreen(given, "as asked for") as found:
            yield found
        return
    if not virtual and display_problem(given) is None:
        platform = given.get("QT_QPA_PLATFORM", "").partition(":")[0]
        yield Stage(f"Qt's {platform} platform, as set" if platform else "the one of this session", given)
        return
    with contextlib.ExitStack() as stack:
        why = "no display here"
        if shutil.which("Xvfb") is None:
            why += " and no Xvfb"
        else:
            number = stack.enter_context(_xvfb())
            if number is None:
                why += ", Xvfb does not start"
            elif problem := _try_display(number):
                why += f"; under Xvfb: {problem}"
            else:
                words = f"Xvfb :{number}, {_WIDTH} x {_HEIGHT}, started for this: {why}"
                yield Stage(words, _only_x11(given, number))
                return
        yield stack.enter_context(_offscreen(given, why))


def _only_x11(given: dict[str, str], number: str) -> dict[str, str]:
    kept = {key: value for key, value in given.items() if key != "WAYLAND_DISPLAY"}
    return {**kept, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}


def _try_display(number: str) -> str:
    """Returns why Qt could not use a display, or an empty string."""
    before = os.environ.get("DISPLAY")
    os.environ["DISPLAY"] = f":{number}"  # the C library below asks this process's own environment
    try:
        problem = display_problem({"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"})
    finally:
        if before is None:
            del os.environ["DISPLAY"]
        else:
            os.environ["DISPLAY"] = before
    return str(problem) if problem else ""


@contextlib.contextmanager
def _offscreen(given: dict[str, str], why: str) -> Iterator[Stage]:
    """Qt's own platform without a server; its screen of 800 x 800 would fold the conversation list away."""
    screen = {"name": "demo", "x": 0, "y": 0, "width": _WIDTH, "height": _HEIGHT}
    screen |= {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    with tempfile.TemporaryDirectory(prefix="catnap-screen-") as folder:
        file = Path(folder) / "screen.json"
        file.write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
        platform = {"QT_QPA_PLATFORM": f"offscreen:configfile={file}"}
        yield Stage(f"none, Qt draws into memory (offscreen, {_WIDTH} x {_HEIGHT}): {why}", given | platform)


@contextlib.contextmanager
def _xvfb() -> Iterator[str | None]:
    """Starts Xvfb on a free display and yields its number; None: it did not start."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{_WIDTH}x{_HEIGHT}x24", "-nolisten", "tcp"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        [*command, "-noreset"], pass_fds=(writer,), stdin=quiet, stdout=quiet, stderr=quiet
    ) as process:
        os.close(writer)
        try:
            with os.fdopen(reader, encoding="ascii") as answer:
                yield answer.readline().strip() or None  # nothing, when it ends without having found a display
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
