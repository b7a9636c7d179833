"""Three screens side by side, one with two pixels for one, one small: where things open, and what is drawn anew."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.quick_ask.box import QuickAsk
from tests.rigs.every_window import before_close, empty_chat
from tests.rigs.looks import settled
from tests.support.command_line import ROOT
from tests.support.patience import LONG_PATIENCE_S
from tests.support.widgets import children

_DOTS = {"logicalDpi": 96, "logicalBaseDpi": 96}
_SCREENS = [
    {"name": "laptop", "x": 0, "y": 0, "width": 1366, "height": 768, "dpr": 1, **_DOTS},
    {"name": "sharp", "x": 1366, "y": 0, "width": 1366, "height": 768, "dpr": 2, **_DOTS},
    {"name": "small", "x": -1024, "y": 200, "width": 1024, "height": 600, "dpr": 1.25, **_DOTS},
]
_OPENED = """
import json, os, sys
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication
from desktop.ui.quick_ask.box import QuickAsk
from desktop.ui.theme.theme import apply_theme
app = QApplication([])
apply_theme(app, "light")
box = QuickAsk()
found = []
for screen in app.screens():
    area = screen.availableGeometry()
    for corner in (area.topLeft(), area.topRight(), area.center(), area.bottomLeft(), area.bottomRight()):
        box.open_at(corner)
        box.begin_answer()
        box.grow_answer("A long answer. " * 400, "")
        for _turn in range(5):
            app.sendPostedEvents()
            app.processEvents()
        found.append([screen.name(), area.contains(box.frameGeometry())])
        box.hide()
print(json.dumps(found))
sys.stdout.flush()
os._exit(0)
"""


def test_the_quick_ask_opens_and_grows_on_the_screen_of_the_pointer(tmp_path: Path) -> None:
    config = tmp_path / "screens.json"
    config.write_text(json.dumps({"screens": _SCREENS}), encoding="utf-8")
    # WHEN it is opened in every corner of every screen, and a long answer comes
    done = subprocess.run(
        [sys.executable, "-c", _OPENED],
        capture_output=True, cwd=ROOT, timeout=LONG_PATIENCE_S, check=False,
        env=os.environ | {"QT_QPA_PLATFORM": f"offscreen:configfile={config}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    # THEN all of it is on that screen
    found = json.loads(done.stdout)
    assert {name for name, _inside in found} == {"laptop", "sharp", "small"}
    assert [name for name, inside in found if not inside] == []


@pytest.mark.parametrize("make", [empty_chat, QuickAsk])
def test_pictures_are_drawn_anew_on_a_screen_of_another_scale(
    qapp: QApplication, qtbot: QtBot, make: Callable[[], QWidget]
) -> None:
    window = make()
    qtbot.addWidget(window, before_close_func=before_close)
    window.show()
    settled(window)

    def pictures() -> list[int]:
        return [label.pixmap().cacheKey() for label in children(window, QLabel) if not label.pixmap().isNull()]

    before = pictures()
    assert before
    # WHEN a window comes to such a screen, which Qt tells each of its widgets
    for widget in (window, *children(window, QWidget)):
        QApplication.sendEvent(widget, QEvent(QEvent.Type.DevicePixelRatioChange))
    # THEN none of its pictures is that of the other one
    assert not set(before) & set(pictures())
