"""Takes a picture of every window: in English and Chinese, light and dark, at 100 and 200 %, and with large text.

    python -m tests.e2e.every_window FOLDER

On a screen of 1366 x 768 with a window manager. The pictures are there to be looked at, one by one; nothing compares
them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from desktop.ui.language import install_translator
from desktop.ui.theme.text_size import apply_text_size
from desktop.ui.theme.theme import apply_theme
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import ROOT
from tests.rigs.every_window import WINDOWS, before_close
from tests.rigs.window_states import OVERLAYS, STATES
from tests.support.patience import LONG_PATIENCE_S

_SCREEN = (1366, 768)
_LANGUAGES = {"en": "en_GB.UTF-8", "zh_CN": "zh_CN.UTF-8"}
# The scale of the screen in per cent, and the size of the text in points; 0: the system's.
_SIZES = ((100, 0), (200, 0), (100, 24), (200, 24))
_THEMES = ("light", "dark")


def file_name(window: str, language: str, theme: str, scale: int, points: int) -> str:
    """Returns the name of a picture's file: ``models.zh-CN.dark.200.png``, ``models.en.light.200.24pt.png``."""
    size = str(scale) if not points else f"{points}pt" if scale == 100 else f"{scale}.{points}pt"
    return f"{window}.{language.replace('_', '-')}.{theme}.{size}.png"


def take(app: QApplication, folder: Path, language: str, scale: int, points: int, only: Sequence[str]) -> None:
    """Takes the pictures of one language and size; the screen is scaled already."""
    app.setApplicationName("catnap")
    app.setApplicationDisplayName("Catnap")
    install_translator(app, language)
    for theme in _THEMES:
        apply_theme(app, theme)
        apply_text_size(app, points)
        for make in (*WINDOWS, *STATES, *OVERLAYS):
            if only and make.__name__ not in only:
                continue
            window = make()
            window.show()
            window.activateWindow()
            _settle(app)
            window.grab().save(str(folder / file_name(make.__name__, language, theme, scale, points)))
            _close(app, window)


def _settle(app: QApplication) -> None:
    for _turn in range(20):
        app.sendPostedEvents()
        app.processEvents()


def _close(app: QApplication, window: QWidget) -> None:
    before_close(window)
    window.close()
    window.deleteLater()
    _settle(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Takes all of them, each language and size in a process of its own, and returns the exit code."""
    parser = argparse.ArgumentParser(description="Takes a picture of every window.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--take", nargs=3, metavar=("LANGUAGE", "SCALE", "POINTS"), help=argparse.SUPPRESS)
    parser.add_argument("--only", nargs="*", default=(), metavar="WINDOW")
    given = parser.parse_args(arguments)
    folder: Path = given.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if given.take:
        language, scale, points = given.take
        app = QApplication(sys.argv[:1])
        take(app, folder, language, int(scale), int(points), given.only)
        os._exit(0)  # the order in which Python would take the application apart is nothing to look at
        return 0
    with tempfile.TemporaryDirectory(prefix="catnap-windows-") as scratch:
        for at, (language, locale) in enumerate(_LANGUAGES.items()):
            with DesktopSession(Path(scratch) / str(at), _SCREEN, with_tray=False) as desktop:
                for scale, points in _SIZES:
                    command = [sys.executable, "-m", "tests.e2e.every_window", str(folder), "--only", *given.only]
                    scaled = {"QT_SCALE_FACTOR": str(scale / 100), "LC_ALL": locale, "PYTHONPATH": str(ROOT)}
                    subprocess.run(
                        [*command, "--take", language, str(scale), str(points)],
                        cwd=ROOT, env=desktop.environment | scaled, timeout=LONG_PATIENCE_S, check=True,
                    )  # fmt: skip
    for file in sorted(folder.glob("*.png")):
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
