"""Looking at the memory, and at why it is slow, in the interface as a whole: real services, a real engine process."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from desktop.ui.memory.panel import MemoryPanel
from desktop.ui.slowness import SlownessDialog
from desktop.ui.theme.icons import CatState
from tests.rigs.shell import Bench, running
from tests.support.own_models import use_own
from tests.support.widgets import child, children

# The offscreen platform has no tray of its own, so that Qt tries its X11 one; the real one is clicked end to end.
pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, data_dir: Paths) -> Iterator[Bench]:
    with running(qapp, qtbot, data_dir) as made:
        yield made


def wait_for_cat(bench: Bench, state: CatState) -> None:
    bench.qtbot.waitUntil(lambda: bench.shell.tray.state is state)


def test_the_panel_tells_the_parts_and_sends_it_to_sleep(bench: Bench, parrot_model: Path, qtbot: QtBot) -> None:
    use_own(bench.services, parrot_model)
    bench.show()
    bench.send("Hello")
    bench.wait_for_answer()
    bench.window.menu.memory.trigger()
    panel = child(bench.window, MemoryPanel)
    assert panel.isVisible()
    assert "for the conversation (context)" in "\n".join(label.text() for label in children(panel, QLabel))
    QTest.mouseClick(child(panel, QPushButton), Qt.MouseButton.LeftButton)
    wait_for_cat(bench, CatState.ASLEEP)
    panel.refresh()
    assert "Sent to sleep: gave" in "\n".join(label.text() for label in children(panel, QLabel))
    # AND a click on the figure in the status bar opens the same one
    panel.close()
    QTest.mouseClick(bench.window.status._memory, Qt.MouseButton.LeftButton)
    assert child(bench.window, MemoryPanel) is panel
    assert panel.isVisible()
    panel.close()


def test_the_use_of_memory_is_written_only_where_that_is_wanted(
    bench: Bench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.show()
    recorder, file = bench.shell.health.memory.recorder, bench.paths.memory_file
    assert not recorder.is_running  # nothing is in memory, nothing is wanted
    recorder._timer.setInterval(1)
    bench.services.store.change(record_memory=True)
    assert recorder.is_running

    def lines() -> int:
        return len(list(csv.reader(file.read_text(encoding="utf-8").splitlines()))) if file.exists() else 0

    qtbot.waitUntil(lambda: lines() > 3)
    bench.services.store.change(record_memory=False)
    assert not recorder.is_running


def test_why_is_it_slow(bench: Bench, parrot_model: Path, qtbot: QtBot) -> None:
    use_own(bench.services, parrot_model)
    bench.services.store.change(sleep_minutes=0.5)
    bench.show()
    bench.window.menu.slowness.trigger()
    dialog = child(bench.window, SlownessDialog)

    def button(words: str) -> QPushButton | None:
        return next((each for each in children(dialog, QPushButton, shown=True) if each.text() == words), None)

    qtbot.waitUntil(lambda: button("Let it sleep after 30 minutes") is not None)
    found = button("Let it sleep after 30 minutes")
    assert found is not None
    found.click()
    assert bench.services.store.current.sleep_minutes == 30
    # WHEN it is asked again THEN it looks again, in the same window
    bench.window.menu.slowness.trigger()
    qtbot.waitUntil(lambda: button("Let it sleep after 30 minutes") is None)
    assert children(bench.window, SlownessDialog) == [dialog]
    dialog.close()
    qtbot.waitUntil(lambda: not children(bench.window, SlownessDialog))
    # AND once more, after it is gone
    bench.window.menu.slowness.trigger()
    child(bench.window, SlownessDialog).close()
    qtbot.waitUntil(lambda: not children(bench.window, SlownessDialog))
