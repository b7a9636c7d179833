"""Quick actions on a real desktop: a text is selected in another program with the mouse, and its answer goes back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import N_CTX, Offer
from tests.e2e.desktop_session import Box, DesktopSession
from tests.e2e.driver import ROOT, CatnapDriver
from tests.e2e.test_scenario import install
from tests.support.parrot import PARROT_TEXT
from tests.support.patience import PATIENCE_S, wait_for

pytestmark = pytest.mark.e2e

TITLE = "A letter"
TEXT = "he go to school, 他去上学"
_BOX = "Ask Catnap"


class Letter:
    """Another program's window, whose text is seen in a file."""

    def __init__(self, desktop: DesktopSession) -> None:
        self._desktop = desktop
        self._file = desktop.folder / "letter.txt"
        command = [sys.executable, "-m", "tests.e2e.text_window", TITLE, str(self._file), TEXT]
        desktop.start("letter", command, {"PYTHONPATH": str(ROOT)})
        self.window: Box = desktop.window(TITLE)

    @property
    def text(self) -> str:
        return self._file.read_text("utf-8")

    def select_line(self) -> None:
        """Clicks into the line three times, which selects it, also for other programs."""
        self._desktop.focus(self.window)
        window = self._desktop.window(TITLE)  # which a window manager may have moved since it came
        x, y = window.x + 30, window.y + 12
        self._desktop.hands("mousemove", str(x), str(y), "click", "--repeat", "3", "--delay", "40", "1")
        read = ("xclip", "-selection", "primary", "-o")
        wait_for("the selection", lambda: self._desktop.output(*read).strip() == TEXT)


@pytest.fixture
def driver(desktop: DesktopSession, offer: Offer) -> CatnapDriver:
    made = CatnapDriver(desktop, offer.catalog, {"n_ctx": N_CTX})
    install(made, offer.parrot)
    return made


def copy(desktop: DesktopSession, text: str) -> None:
    """Puts a text on the clipboard, as another program that stays to hand it out."""
    command = ["xclip", "-selection", "clipboard", "-i"]
    subprocess.run(
        command, input=text, text=True, env=desktop.environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, timeout=PATIENCE_S, check=True,
    )  # fmt: skip


def answered(desktop: DesktopSession) -> bool:
    desktop.key("ctrl+shift+c")
    return desktop.clipboard() == PARROT_TEXT


def test_a_selected_text_is_done_with_and_pasted_back(
    desktop: DesktopSession, driver: CatnapDriver, pictures: Path
) -> None:
    # GIVEN a line that is selected in another program, something else on the clipboard, and no Catnap
    letter = Letter(desktop)
    letter.select_line()
    copy(desktop, "what was copied before")

    # WHEN a key starts it with an action THEN it starts, without its window, and answers in the box
    driver.start("--action", "correct")
    desktop.in_front(_BOX)
    wait_for("the answer", lambda: answered(desktop))
    desktop.screenshot(pictures / "actions-1-answer.png")
    copy(desktop, "what was copied before")

    # WHEN the answer is pasted back THEN it replaces the line, and the box is gone
    desktop.key("ctrl+shift+v")
    wait_for("the answer in the letter", lambda: letter.text == PARROT_TEXT.rstrip("\n"))
    wait_for("the quick box to hide", lambda: not desktop.has_window(_BOX))
    assert desktop.clipboard() == PARROT_TEXT

    assert driver.messages() == [], "nothing of it is stored"


def test_the_tray_and_a_later_start_do_it_in_the_running_one(
    desktop: DesktopSession, driver: CatnapDriver, pictures: Path
) -> None:
    letter = Letter(desktop)
    driver.start("--hidden")
    desktop.tray_icon()

    # WHEN nothing is selected THEN the box says so
    assert driver.launch("later", ["--action", "解释"]).wait(PATIENCE_S) == 0
    desktop.in_front(_BOX)
    desktop.screenshot(pictures / "actions-3-nothing.png")
    desktop.key("Escape")
    wait_for("the quick box to hide", lambda: not desktop.has_window(_BOX))

    # WHEN a name means nothing THEN it says which there are, and the running one is left alone
    later = driver.launch("later", ["--action", "Exploin"])
    desktop.in_front("Catnap")
    desktop.screenshot(pictures / "actions-5-unknown.png")
    desktop.key("Return")
    assert later.wait(PATIENCE_S) == 1
    said = desktop.log_of("later")
    assert "There is no action of this name. Exploin; there are: Explain, Summarise, Translate" in said
    assert not desktop.has_window(_BOX)

    # WHEN the first action of the tray's menu is chosen THEN it is done with the selected line
    letter.select_line()
    desktop.open_menu(*desktop.tray_icon().centre)
    desktop.key("Down", "Down", "Right", "Return")
    desktop.in_front(_BOX)
    desktop.empty_clipboard()
    wait_for("the answer", lambda: answered(desktop))
    desktop.screenshot(pictures / "actions-4-tray.png")

    # WHEN the exchange is continued THEN the conversation has the text
    desktop.key("ctrl+Return")
    (question, answer) = wait_for("the conversation", lambda: driver.messages() or None)
    assert TEXT in question.text
    assert answer.text == PARROT_TEXT
