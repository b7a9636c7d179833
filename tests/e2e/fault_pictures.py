"""Takes a picture for each row of the table of faults about what is shown, named after the row.

    python -m tests.e2e.fault_pictures FOLDER

writes ``C1.code_in_list.en.light.100.png`` and so on. The screen is 1366 x 768, with a
window manager. Of row C11, which is heard and not seen, ``C11.heard.txt`` says what a screen reader finds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QWidget

from desktop.ui.language import install_translator
from desktop.ui.theme.text_size import apply_text_size
from desktop.ui.theme.theme import apply_theme
from desktop.ui.transcript.accessible import make_accessible
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import ROOT
from tests.rigs import every_window, fault_states, window_states
from tests.rigs.every_window import before_close
from tests.support.patience import LONG_PATIENCE_S

_SCREEN = (1366, 768)
_LOCALES = {"en": "en_GB.UTF-8", "zh_CN": "zh_CN.UTF-8"}


@dataclass(frozen=True)
class Shot:
    """A window as it is looked at.

    Attributes:
        make: Makes it.
        language: Of the interface.
        theme: Light or dark.
        scale: Of the screen, in per cent.
        points: Size of the text; 0: the system's.
    """

    make: Callable[[], QWidget]
    language: str = "en"
    theme: str = "light"
    scale: int = 100
    points: int = 0

    def file_name(self, row: str) -> str:
        size = str(self.scale) if not self.points else f"{self.points}pt"
        return f"{row}.{self.make.__name__}.{self.language.replace('_', '-')}.{self.theme}.{size}.png"


ROWS: Mapping[str, tuple[Shot, ...]] = MappingProxyType(
    {
        "C1": (Shot(fault_states.code_in_list), Shot(fault_states.code_in_list, theme="dark")),
        "C2": (Shot(fault_states.products),),
        "C3": (Shot(fault_states.formulas), Shot(fault_states.formulas, theme="dark")),
        "C7": (
            Shot(every_window.chat, points=24),
            Shot(every_window.settings, points=24),
            Shot(every_window.quick, points=24),
        ),
        "C8": (
            Shot(every_window.models, scale=200),
            Shot(every_window.settings, scale=200),
            Shot(every_window.files, scale=200),
        ),
        "C9": (Shot(fault_states.search_by_keyboard), Shot(window_states.found)),
        "C10": (Shot(fault_states.keyboard_in_list), Shot(fault_states.keyboard_in_list, theme="dark")),
        "C11": (Shot(every_window.chat),),
        "C12": (
            Shot(fault_states.without_a_model),
            Shot(window_states.answering),
            Shot(window_states.quick_waiting),
        ),
        "C16": (
            Shot(window_states.every_text, "zh_CN"),
            Shot(window_states.menu_model, "zh_CN"),
            Shot(every_window.settings, "zh_CN"),
        ),
        "F6": (Shot(fault_states.starter_pressed),),
        "F7": (Shot(window_states.first_answer), Shot(window_states.first_answer, "zh_CN")),
    }
)
_HEARD = "C11"


def take(app: QApplication, folder: Path, language: str, scale: int, points: int) -> None:
    """Takes the pictures of one language and size; the screen is scaled already."""
    app.setApplicationName("catnap")
    app.setApplicationDisplayName("Catnap")
    install_translator(app, language)
    make_accessible(app)
    for row, shots in ROWS.items():
        for shot in shots:
            if (shot.language, shot.scale, shot.points) != (language, scale, points):
                continue
            apply_theme(app, shot.theme)
            apply_text_size(app, shot.points)
            window = shot.make()
            window.show()
            window.activateWindow()
            _settle(app)
            window.grab().save(str(folder / shot.file_name(row)))
            if row == _HEARD:
                lines = heard(QAccessible.queryAccessibleInterface(window))
                (folder / f"{row}.heard.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
            before_close(window)
            window.close()
            window.deleteLater()
            _settle(app)


def heard(found: QAccessibleInterface, depth: int = 0) -> list[str]:
    """Returns what a screen reader finds below something: a line for each that has a name, indented by its depth."""
    name = found.text(QAccessible.Text.Name).strip()
    line = f"{'  ' * depth}{found.role().name}: {name}"
    below = [each for at in range(found.childCount()) for each in heard(found.child(at), depth + 1)]
    return [line, *below] if name or below else []


def _settle(app: QApplication) -> None:
    for _turn in range(20):
        app.sendPostedEvents()
        app.processEvents()


def main(arguments: Sequence[str] | None = None) -> int:
    """Takes all of them, each language and size in a process of its own, and returns the exit code."""
    parser = argparse.ArgumentParser(description="Takes a picture for each row of the table of faults.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--take", nargs=3, metavar=("LANGUAGE", "SCALE", "POINTS"), help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    folder: Path = given.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if given.take:
        language, scale, points = given.take
        take(QApplication(sys.argv[:1]), folder, language, int(scale), int(points))
        os._exit(0)  # the order in which Python would take the application apart is nothing to look at
        return 0
    kinds = dict.fromkeys((shot.language, shot.scale, shot.points) for shots in ROWS.values() for shot in shots)
    with (
        tempfile.TemporaryDirectory(prefix="catnap-faults-") as scratch,
        DesktopSession(Path(scratch) / "desktop", _SCREEN, with_tray=False) as desktop,
    ):
        for language, scale, points in kinds:
            words = ("--take", language, str(scale), str(points))
            environment = {"QT_SCALE_FACTOR": str(scale / 100), "LC_ALL": _LOCALES[language], "PYTHONPATH": str(ROOT)}
            subprocess.run(
                [sys.executable, "-m", "tests.e2e.fault_pictures", str(folder), *words],
                cwd=ROOT, env=desktop.environment | environment, timeout=LONG_PATIENCE_S, check=True,
            )  # fmt: skip
    for file in sorted(folder.iterdir()):
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
