"""A desktop of our own for one test: Xvfb, a window manager, a panel with a tray, and hands (xdotool).

Every process is started here and ended here, by its id. Nothing outside the temporary folder is touched.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.support.patience import PATIENCE_S, NotThereError, wait_for

NEEDED = ("Xvfb", "openbox", "tint2", "xdotool", "xclip", "xwininfo", "xprop", "import")

# How often it is looked for a menu until its key is pressed once more, which would close it again.
_LOOKS_A_PRESS = 20
# tint2 knows a background only from the lines before its use.
_PANEL = """
rounded = 0
border_width = 0
background_color = #{panel} 100
panel_items = S
panel_position = top right horizontal
panel_size = 120 30
panel_background_id = 1
systray_background_id = 0
systray_icon_size = 22
wm_menu = 0
"""


def missing_programs() -> list[str]:
    """Returns the programs of ``NEEDED`` that are not on PATH."""
    return [name for name in NEEDED if shutil.which(name) is None]


@dataclass(frozen=True)
class Box:
    """A window on the screen, in pixels."""

    window: str
    x: int
    y: int
    width: int
    height: int

    @property
    def centre(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2

    def contains(self, other: Box) -> bool:
        """Whether the middle of ``other`` lies in it."""
        x, y = other.centre
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


class DesktopSession:
    """Xvfb with openbox and tint2."""

    def __init__(
        self, folder: Path, size: tuple[int, int] = (1024, 768), *, dark_panel: bool = True, with_tray: bool = True
    ) -> None:
        """
        Args:
            folder: For HOME, sockets, configuration and logs.
            size: Screen size in pixels.
            dark_panel: Colour of the panel under the tray.
            with_tray: False leaves the panel out.
        """
        self.folder = folder
        self._size = size
        self._panel = "202428" if dark_panel else "e8e8e8"
        self._with_tray = with_tray
        self._processes: list[subprocess.Popen[bytes]] = []
        self._logs: list[IO[bytes]] = []
        self.home = folder / "home"
        self.environment: dict[str, str] = {}

    def __enter__(self) -> DesktopSession:
        self.home.mkdir(parents=True)
        runtime = self.folder / "run"
        runtime.mkdir(mode=0o700)
        display = self._start_xvfb()
        keep = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL") if key in os.environ}
        self.environment = {
            **keep,
            "HOME": str(self.home),
            "DISPLAY": display,
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_CURRENT_DESKTOP": "openbox",
            "QT_QPA_PLATFORM": "xcb",
            "NO_AT_BRIDGE": "1",
            "LANG": keep.get("LANG", "C.UTF-8"),
        }
        self.start("openbox", ["openbox", "--sm-disable"])
        if self._with_tray:
            config = self.folder / "tint2rc"
            config.write_text(_PANEL.replace("#{panel}", "#" + self._panel), encoding="utf-8")
            self.start("tint2", ["tint2", "-c", str(config)])
            wait_for("the tray", lambda: "tint2" in self.output("xwininfo", "-root", "-tree"))
        return self

    def __exit__(self, *exc: object) -> None:
        for process in reversed(self._processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(PATIENCE_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(PATIENCE_S)
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        for log in self._logs:
            log.close()

    def start(
        self, name: str, command: Sequence[str], extra: Mapping[str, str] | None = None, *, talks: bool = False
    ) -> subprocess.Popen[bytes]:
        """Starts a program on this desktop; its output goes to ``<name>.log`` in the folder.

        Args:
            name: Of the log.
            command: What to start.
            extra: Variables beside those of the desktop.
            talks: It is written to and read from by pipes, and only what it complains of goes to the log.
        """
        log = (self.folder / f"{name}.log").open("ab")
        self._logs.append(log)
        environment = {**(self.environment or os.environ), **(extra or {})}
        into, out = (subprocess.PIPE, subprocess.PIPE) if talks else (subprocess.DEVNULL, log)
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=log, stdin=into)
        self._processes.append(process)
        return process

    def log_of(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def output(self, *command: str) -> str:
        """Runs a command on this desktop and returns its standard output; errors of the command are the caller's."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        return done.stdout

    def hands(self, *words: str) -> str:
        """Runs xdotool."""
        return self.output("xdotool", *words).strip()

    def type(self, text: str) -> None:
        """Types text, a key at a time, as a person does."""
        self.hands("type", "--delay", "15", "--", text)

    def key(self, *keys: str) -> None:
        self.hands("key", "--delay", "30", *keys)

    def click(self, x: int, y: int, button: int = 1) -> None:
        self.hands("mousemove", str(x), str(y), "click", str(button))

    def open_menu(self, x: int, y: int, button: int = 3) -> Box:
        """Clicks where a menu opens, waits for it, and returns where: keys that come before go to the window below."""
        before = self._menus()
        self.click(x, y, button)
        (opened, *_others) = wait_for("a menu", lambda: self._menus() - before)
        return next(box for _title, box in self.windows() if box.window == opened)

    def open_menu_by_key(self, key: str) -> None:
        """Presses a key that opens a menu, and waits for that; once more where it was lost on a window that came."""
        before = self._menus()
        looks = itertools.count()

        def is_open() -> bool:
            if next(looks) % _LOOKS_A_PRESS == 0:
                self.key(key)
            return bool(self._menus() - before)

        wait_for("a menu", is_open)

    def open_menu_with(self, *keys: str) -> None:
        """Presses keys that open a menu, and waits for it: keys that come before it go to what is below."""
        before = self._menus()
        self.key(*keys)
        wait_for("a menu", lambda: self._menus() - before)

    def _menus(self) -> set[str]:
        """Returns the windows that say of themselves that they are menus, and can be seen."""
        tree = self.output("xwininfo", "-root", "-tree")
        # The frame of a menu is drawn around all of it: what is smaller than a line is none.
        found = [
            window
            for window, width in re.findall(r"^\s*(0x[0-9a-f]+) .*?\s(\d+)x\d+\+", tree, re.MULTILINE)
            if int(width) > 60
        ]
        kinds = {each: self.output("xprop", "-id", each, "_NET_WM_WINDOW_TYPE") for each in found}
        menus = [each for each, kind in kinds.items() if "_MENU" in kind]
        return {each for each in menus if "IsViewable" in self.output("xwininfo", "-id", each)}

    def windows(self) -> list[tuple[str, Box]]:
        """Returns (title, place) of every named, viewable window, the children of the panel included."""
        found: list[tuple[str, Box]] = []
        pattern = re.compile(r'^\s*(0x[0-9a-f]+) "(.*?)": \(.*?\)\s+(\d+)x(\d+)\+-?\d+\+-?\d+\s+\+(-?\d+)\+(-?\d+)')
        for line in self.output("xwininfo", "-root", "-tree").splitlines():
            match = pattern.match(line)
            if match:
                window, title, width, height, x, y = match.groups()
                found.append((title, Box(window, int(x), int(y), int(width), int(height))))
        return found

    def window(self, title: str) -> Box:
        """Waits for a viewable window whose title contains ``title`` and returns its place."""

        def probe() -> Box | None:
            for name, box in self.windows():
                if title in name and box.width > 60 and self.is_viewable(box):
                    return box
            return None

        return wait_for(f"the window {title!r}", probe)

    def in_front(self, title: str) -> Box:
        """Waits until a window is where the keyboard goes to; returns its place."""
        box = self.window(title)
        wait_for(f"the keyboard in {title!r}", lambda: title in self.hands("getactivewindow", "getwindowname"))
        return box

    def has_window(self, title: str) -> bool:
        return any(title in name and box.width > 60 and self.is_viewable(box) for name, box in self.windows())

    def is_viewable(self, box: Box) -> bool:
        return "IsViewable" in self.output("xwininfo", "-id", box.window)

    def tray_icon(self) -> Box:
        """Waits for the icon in the panel's tray and returns its place.

        It is made and shown before the panel takes it in, in a corner where nobody will find it.
        """

        def probe() -> Box | None:
            windows = self.windows()
            panels = [box for name, box in windows if name == "tint2"]
            for name, box in windows:
                if name.lower().startswith("catnap") and box.width <= 48 and self.is_viewable(box):
                    return box if any(panel.contains(box) for panel in panels) else None
            return None

        return wait_for("the tray icon", probe)

    def focus(self, box: Box) -> None:
        self.hands("windowactivate", "--sync", box.window)

    def clipboard(self) -> str:
        return self.output("xclip", "-selection", "clipboard", "-o")

    def empty_clipboard(self) -> None:
        # It stays as the owner of the clipboard, so it may not hold a pipe that somebody waits for.
        command = ["xclip", "-selection", "clipboard", "-i", "/dev/null"]
        subprocess.run(command, env=self.environment, stdout=subprocess.DEVNULL, timeout=PATIENCE_S, check=True)

    def screenshot(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.output("import", "-window", "root", str(path))
        return path

    def _start_xvfb(self) -> str:
        reader, writer = os.pipe()
        log = (self.folder / "xvfb.log").open("ab")
        self._logs.append(log)
        width, height = self._size
        command = [
            "Xvfb",
            "-displayfd",
            str(writer),
            "-screen",
            "0",
            f"{width}x{height}x24",
            "-nolisten",
            "tcp",
            "-noreset",
        ]
        process = subprocess.Popen(command, pass_fds=(writer,), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self._processes.append(process)
        os.close(writer)
        with os.fdopen(reader, encoding="ascii") as answer:
            number = answer.readline().strip()
        if not number:
            raise NotThereError(f"Xvfb did not start: {(self.folder / 'xvfb.log').read_text()}")
        return f":{number}"
