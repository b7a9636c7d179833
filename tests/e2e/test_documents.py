"""A PDF on a real desktop: dropped on the window, read, asked about; its page named, and asked about again at once."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import N_CTX, spec_of
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import ROOT, CatnapDriver
from tests.e2e.test_scenario import install, on_the_page, wait_answers
from tests.e2e.test_screen_reader import Reader, below, messages
from tests.support.documents import pdf, written
from tests.support.patience import PATIENCE_S, wait_for
from tests.support.weights import smollm2

pytestmark = pytest.mark.e2e

_FILES = "Files to drag"
_BOILER = "The boiler is in the cellar. It was installed in 1998."
_PAGES = (
    "The house has twelve flats. The landlady is Ada Brook.\nShe lives on the ground floor.",
    f"{_BOILER}\nThe heating is off from June to August.",
    "The bicycles stand in the yard. The key of the yard is with the baker.",
)
_FIRST_TOKEN = re.compile(r"first token after ([\d.]+) s .*?reading (\d+) of (\d+) tokens")
# How often it is looked whether the files are dragged, until they are taken once more.
_LOOKS_A_PRESS = 20
# Of the end of the instructions, the question and the head of the answer, and of what was said before.
_FEW_TOKENS = 90


def drag(desktop: DesktopSession, files: list[Path], target: tuple[int, int]) -> subprocess.Popen[bytes]:
    """Drags files with the mouse out of another program's window; returns that program."""
    command = [sys.executable, "-m", "tests.e2e.drag_window", _FILES, *map(str, files)]
    program = desktop.start("files", command, {"PYTHONPATH": str(ROOT)})
    x, y = desktop.in_front(_FILES).centre
    looks = itertools.count()

    def is_begun() -> bool:
        nonlocal x, y
        # A press is lost in the moment in which the window comes, before it is in its place or while another covers it.
        if next(looks) % _LOOKS_A_PRESS == 0:
            desktop.hands("mouseup", "1")
            source = desktop.window(_FILES)
            desktop.focus(source)
            x, y = source.centre
            desktop.hands("mousemove", str(x), str(y), "mousedown", "1")
        for aside in (10, 20):
            desktop.hands("mousemove", str(x + aside), str(y))
        return "begun" in desktop.log_of("files")

    wait_for("the files to be dragged", is_begun)
    for step in range(1, 11):  # a hand does not jump
        desktop.hands("mousemove", str(x + (target[0] - x) * step // 10), str(y + (target[1] - y) * step // 10))

    def is_over() -> bool:
        for aside in (3, 0):  # the program may have begun to drag only now
            desktop.hands("mousemove", str(target[0] + aside), str(target[1]))
        return "over: CopyAction" in desktop.log_of("files")

    wait_for("a place where it may be dropped", is_over)
    desktop.hands("mouseup", "1")
    wait_for("the file to be dropped", lambda: "dropped: CopyAction" in desktop.log_of("files"))
    return program


def first_tokens(driver: CatnapDriver) -> list[tuple[int, int]]:
    """Returns of each answer how many tokens were read for it, and of how many."""
    return [(int(read), int(all_)) for _, read, all_ in _FIRST_TOKEN.findall(driver.log())]


@pytest.fixture
def driver(desktop: DesktopSession) -> CatnapDriver:
    """Catnap with a real model, which its catalogue vouches for."""
    catalog = desktop.folder / "models.json"
    entry = spec_of(smollm2(), "smollm2", "http://127.0.0.1:9/nowhere")
    catalog.write_text(json.dumps({"version": 1, "default": "smollm2", "models": [entry]}), encoding="utf-8")
    chosen = {"n_ctx": N_CTX, "language": "en", "theme": "light", "first_steps": False}
    made = CatnapDriver(desktop, catalog, chosen)
    install(made, smollm2())
    return made


def test_a_document_from_the_drop_to_the_next_day(
    desktop: DesktopSession, driver: CatnapDriver, pictures: Path
) -> None:
    # GIVEN a running Catnap with a real model, and a handbook of three pages
    reader = Reader(desktop)
    handbook = written(desktop.folder, "handbook.pdf", pdf(_PAGES))
    driver.start()
    window = driver.main_window()
    wait_for("the model", lambda: any(item["name"] == "Asleep" for item in below(reader.window("Catnap"))))

    # WHEN the file is dropped on the window
    files = drag(desktop, [handbook], on_the_page(window))
    # THEN its text is shown before it is used
    viewer = desktop.in_front("handbook.pdf")
    files.terminate()
    files.wait(PATIENCE_S)
    desktop.screenshot(pictures / "1-before-use.png")
    assert any("handbook.pdf" in item["name"] for item in below(reader.window("handbook.pdf — Catnap")))
    assert driver.messages() == [] and viewer.width > 300

    # WHEN it is taken THEN the model reads it, which is seen and heard
    desktop.key("ctrl+Return")
    wait_for("the word that it was read", lambda: "handbook.pdf was read." in reader.heard())
    desktop.in_front("Catnap")
    assert any(item["name"] == "handbook.pdf: read" for item in below(reader.window("Catnap")))
    desktop.screenshot(pictures / "2-read.png")
    # WHEN a question is asked THEN only that was left to be read, and the answer names the page
    desktop.type("When was the boiler installed?")
    desktop.key("Return")
    answer = wait_answers(driver, 1)
    assert "1998" in answer.text
    ((read, of),) = first_tokens(driver)
    assert read < _FEW_TOKENS < of
    (_question, said) = messages(reader.window("When was the boiler installed? — Catnap"))
    assert said.endswith("From page 2 of handbook.pdf")
    desktop.screenshot(pictures / "3-answer.png")

    # WHEN the page is gone to, by keyboard
    desktop.click(*on_the_page(window))
    desktop.key("Tab", "Return")
    desktop.in_front("handbook.pdf")
    # THEN the passage is marked there: it is what is selected
    desktop.empty_clipboard()
    desktop.key("ctrl+c")
    wait_for("the passage", lambda: "boiler" in desktop.clipboard())
    assert desktop.clipboard().replace("\n", " ") in " ".join(_PAGES[1].split("\n"))
    desktop.screenshot(pictures / "4-passage.png")
    desktop.key("Escape")

    # GIVEN another day, and no file any more
    desktop.in_front("Catnap")
    desktop.key("ctrl+q")
    assert driver.wait_end() == 0
    handbook.unlink()
    before = len(driver.log())
    heard = len(reader.heard())
    driver.start()
    desktop.in_front("When was the boiler installed?")
    wait_for("the word that it was read", lambda: "handbook.pdf was read." in reader.heard()[heard:])
    # WHEN the next question is asked THEN nothing of the document is read again, and it still knows it
    desktop.type("With whom is the key of the yard?")
    desktop.key("Return")
    wait_answers(driver, 2)
    read, of = first_tokens(driver)[-1]
    assert read < _FEW_TOKENS < of, driver.log()[before:]
    said = messages(reader.window("When was the boiler installed? — Catnap"))[-1]
    assert "of handbook.pdf" in said and "baker" in said
    desktop.screenshot(pictures / "5-next-day.png")
    desktop.key("ctrl+q")
    assert driver.wait_end() == 0
    driver.assert_quiet()
