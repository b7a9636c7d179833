"""The cat on a real desktop: a panel's tray, a window manager that decides about the focus, and real clicks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.e2e.desktop_session import Box, DesktopSession, missing_programs
from tests.support.patience import PATIENCE_S, wait_for

pytestmark = pytest.mark.e2e

# The tray and the quick ask wired as the program does it; what is asked for goes to standard output.
PROGRAM = """
import sys
from PySide6.QtWidgets import QApplication
from desktop.ui.theme.icons import CatState
from desktop.ui.quick_ask.box import QuickAsk
from desktop.ui.tray.tray import Tray
app = QApplication(sys.argv)
app.setApplicationName("catnap")
app.setQuitOnLastWindowClosed(False)
say = lambda *words: print(*words, flush=True)
tray, box = Tray(lambda: 62_000_000), QuickAsk()
tray.askRequested.connect(box.open_at)
tray.openRequested.connect(lambda: say("open"))
tray.settingsRequested.connect(lambda: say("settings"))
tray.quitRequested.connect(app.quit)
tray.availabilityChanged.connect(lambda there: say("tray", there))
box.asked.connect(lambda question: say("asked", question))
box.asked.connect(lambda question: (box.begin_answer(), box.finish_answer(question.upper(), "")))
box.asked.connect(lambda question: tray.set_state(CatState.AWAKE))
box.hidden.connect(lambda: say("hidden"))
tray.start()
if sys.argv[1:]:
    from desktop.ui.theme.text_size import apply_text_size
    apply_text_size(app, int(sys.argv[1]))
say("there" if tray.available else "looking")
sys.exit(app.exec())
"""


PANEL = """
panel_items = S
panel_position = top right horizontal
panel_size = 120 30
systray_icon_size = 22
"""


@pytest.fixture
def session(tmp_path: Path) -> Iterator[DesktopSession]:
    """A desktop whose panel is started by the test."""
    assert missing_programs() == []
    with DesktopSession(tmp_path / "session", with_tray=False) as session:
        yield session


def _start_panel(session: DesktopSession) -> subprocess.Popen[bytes]:
    config = session.folder / "tint2rc"
    config.write_text(PANEL, encoding="utf-8")
    return session.start("tint2", ["tint2", "-c", str(config)])


def _start(session: DesktopSession, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return session.start("cat", command, {"PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONWARNINGS": "error"})


def _hear(session: DesktopSession, line: str) -> None:
    wait_for(repr(line), lambda: line in session.log_of("cat").splitlines() or None)


def _picture(session: DesktopSession) -> QImage:
    """Returns what is seen where the icon is."""
    icon = session.tray_icon()
    screen = QImage(str(session.screenshot(session.folder / "tray.png")))
    return screen.copy(icon.x, icon.y, icon.width, icon.height)


def test_all_of_the_cat_is_seen_whatever_the_size_of_text(session: DesktopSession) -> None:
    _start_panel(session)
    empty = session.screenshot(session.folder / "empty.png")
    cat = _start(session)

    def drawn() -> QImage | None:
        picture, icon = _picture(session), session.tray_icon()
        return picture if picture != QImage(str(empty)).copy(icon.x, icon.y, icon.width, icon.height) else None

    usual = wait_for("the icon", drawn)
    cat.terminate()
    cat.wait(PATIENCE_S)
    # WHEN the text is as large as somebody of seventy may want it THEN the icon is the same
    _start(session, "20")
    _hear(session, "tray True")
    wait_for("the whole icon", lambda: _picture(session) == usual or None)


def test_a_click_opens_a_box_that_has_the_keyboard(session: DesktopSession) -> None:
    _start_panel(session)
    _start(session)
    icon = session.tray_icon()
    session.click(*icon.centre)
    box = session.in_front("Ask Catnap")
    assert box.y + box.height < 200  # near the icon in the upper corner
    assert box.x + box.width <= 1024
    session.type("hello cat")
    session.key("Return")
    _hear(session, "asked hello cat")
    wait_for("the answer", lambda: session.window("Ask Catnap").height > box.height or None)
    session.key("Escape")
    _hear(session, "hidden")
    wait_for("the box to go", lambda: not session.has_window("Ask Catnap"))


def test_a_middle_click_opens_the_window_and_the_menu_has_the_rest(session: DesktopSession) -> None:
    _start_panel(session)
    _start(session)
    icon = session.tray_icon()
    session.click(*icon.centre, button=2)
    _hear(session, "open")
    session.click(*icon.centre, button=3)
    wait_for("the menu", lambda: _menus(session))
    session.key("e")  # its letter in the menu
    _hear(session, "settings")


def test_the_icon_comes_back_with_the_panel(session: DesktopSession) -> None:
    panel = _start_panel(session)
    _start(session)
    session.tray_icon()
    panel.terminate()
    panel.wait(PATIENCE_S)
    wait_for("the icon to go", lambda: not _icons(session))
    _start_panel(session)
    icon = session.tray_icon()
    session.click(*icon.centre, button=2)
    _hear(session, "open")


def test_the_panel_may_come_after_the_program(session: DesktopSession) -> None:
    _start(session)
    wait_for("the program", lambda: "looking" in session.log_of("cat"))
    _start_panel(session)
    _hear(session, "tray True")
    session.tray_icon()


def _menus(session: DesktopSession) -> list[Box]:
    tall = [box for _, box in session.windows() if box.height > 100 and box.width < 400]
    return [box for box in tall if session.is_viewable(box)]


def _icons(session: DesktopSession) -> list[str]:
    return [title for title, box in session.windows() if title.startswith("catnap") and session.is_viewable(box)]
