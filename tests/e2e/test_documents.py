"""A PDF on a real desktop: dropped on the window, read, asked about; the page is named, and asked about again at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.conftest import N_CTX, Offer
from tests.e2e.desktop_session import Box, DesktopSession
from tests.e2e.driver import ROOT, CatnapDriver
from tests.e2e.test_scenario import install, wait_answers
from tests.support.documents import pdf, written
from tests.support.patience import wait_for
from tests.support.weights import smollm2

pytestmark = pytest.mark.e2e

_FILES = "Files to drag"
_PAGES = (
    "The house has twelve flats. The landlady is Ada Brook.\nShe lives on the ground floor.",
    "The boiler is in the cellar. It was installed in 1998.\nThe heating is off from June to August.",
    "The bicycles stand in the yard. The key of the yard is with the baker.",
)


def drag(desktop: DesktopSession, files: list[Path], target: tuple[int, int]) -> None:
    """Drags files out of another program's window, with the mouse, to a place of the screen."""
    command = [sys.executable, "-m", "tests.e2e.drag_window", _FILES, *map(str, files)]
    program = desktop.start("files", command, {"PYTHONPATH": str(ROOT)})
    source = desktop.window(_FILES)
    desktop.focus(source)
    x, y = source.centre
    desktop.hands("mousemove", str(x), str(y), "mousedown", "1")
    for step in range(1, 11):
        at = (x + (target[0] - x) * step // 10, y + (target[1] - y) * step // 10)
        desktop.hands("mousemove", str(at[0]), str(at[1]))
    desktop.hands("mousemove", str(target[0] + 2), str(target[1] + 2))
    desktop.hands("mouseup", "1")
    return program


def test_x(desktop: DesktopSession, offer: Offer, pictures: Path) -> None:
    file = written(desktop.folder, "handbook.pdf", pdf(_PAGES))
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": N_CTX})
    install(driver, smollm2())
    driver.start()
    window = driver.main_window()
    desktop.screenshot(pictures / "1.png")
    import time
    time.sleep(4)
    desktop.screenshot(pictures / "1b.png")
    drag(desktop, [file], window.centre)
    time.sleep(1)
    desktop.screenshot(pictures / "2.png")
    viewer = desktop.window("handbook.pdf")
    desktop.screenshot(pictures / "3.png")
    desktop.focus(viewer)
    desktop.key("ctrl+Return")
    time.sleep(6)
    desktop.screenshot(pictures / "4.png")
    desktop.type("Where is the boiler?")
    desktop.key("Return")
    answer = wait_answers(driver, 1)
    print(answer)
    time.sleep(1)
    desktop.screenshot(pictures / "5.png")
    print(driver.log()[-3000:])
    print(desktop.log_of("catnap"))
