"""A smaller model of a real one, on a real desktop: from its card, beside a question, over a restart, to an answer."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import psutil
import pytest

from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import CatnapDriver
from tests.e2e.test_documents import driver  # noqa: F401 (a fixture)
from tests.e2e.test_scenario import wait_answers
from tests.e2e.test_screen_reader import Item, Reader, below
from tests.support.patience import LONG_PATIENCE_S, wait_for

pytestmark = pytest.mark.e2e

_STUDENT = "A smaller model of this one"
# A few answers of a few words, hardly a search, no learning, and no questions beside them: it takes a minute.
_OPTIONS = [
    *("--limit", "6", "--new", "--held-out 2 --max-tokens 6 --kept 32"),
    *("--prune", "--breadth 1 --tokens 16", "--untrained", "--without-functions"),
]
_DOING = {"push button", "check box", "radio button"}


def _named(reader: Reader, window: str, name: str) -> Item:
    """Waits for something in a window that can be seen, whose name begins so."""

    def probe() -> Item | None:
        found = (item for item in below(reader.window(window)) if item["seen"] and item["name"].startswith(name))
        return next(found, None)

    return wait_for(f"{name!r} in {window!r}", probe)


def _click(desktop: DesktopSession, item: Item) -> None:
    x, y, width, height = item["place"]
    desktop.click(x + width // 2, y + height // 2)


def _open(desktop: DesktopSession, reader: Reader) -> None:
    """Opens the window for a smaller model, from the card of the model in use."""
    desktop.focus(desktop.window("Catnap"))
    desktop.key("ctrl+m")
    desktop.in_front("Models")
    _click(desktop, _named(reader, "Models", "A smaller one…"))
    desktop.in_front(_STUDENT)


def _maker(driver: CatnapDriver) -> psutil.Process | None:  # noqa: F811
    """Returns the process that makes the student, at a priority that this busy machine has time for."""
    for pid in driver.children():
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if "student" in process.cmdline():
                for each in (process, *process.children(recursive=True)):
                    with contextlib.suppress(psutil.AccessDenied):
                        each.nice(0)
                return process
    return None


def _state(driver: CatnapDriver) -> dict[str, object]:  # noqa: F811
    document = json.loads((driver.data / "students" / "students.json").read_text(encoding="utf-8"))
    found: dict[str, object] = document["students"][0]
    return found


def test_a_smaller_model_is_made_beside_a_question_and_over_a_restart(
    desktop: DesktopSession,
    driver: CatnapDriver,  # noqa: F811
    pictures: Path,
) -> None:
    # GIVEN a running Catnap with a real model
    reader = Reader(desktop)
    folder = driver.data / "students"
    folder.mkdir()
    (folder / "students.json").write_text(json.dumps({"version": 1, "options": _OPTIONS, "students": []}))
    driver.start()
    wait_for("the model", lambda: any(item["name"] == "Asleep" for item in below(reader.window("Catnap"))))

    # WHEN a smaller one is wanted THEN what it takes is said, and everything that can be pressed has a name
    _open(desktop, reader)
    _named(reader, _STUDENT, "It takes")
    window = reader.window(_STUDENT)
    assert [item for item in below(window) if item["role"] in _DOING and item["seen"] and not item["name"]] == []
    desktop.screenshot(pictures / "1-what-it-takes.png")
    desktop.key("alt+w")  # without training, where there is no PyTorch
    desktop.key("alt+b")
    maker = wait_for("the process that makes it", lambda: _maker(driver))
    _named(reader, _STUDENT, "Step")
    desktop.screenshot(pictures / "2-under-way.png")
    desktop.key("Escape")
    desktop.in_front("Models")
    desktop.key("Escape")

    # WHEN a question is written THEN it stands still until that is answered
    desktop.focus(driver.main_window())
    desktop.type("What is a museum?")
    wait_for("it to stand still", lambda: maker.status() == psutil.STATUS_STOPPED)
    desktop.key("Return")
    assert wait_answers(driver, 1).state == "complete"

    # WHEN the program ends THEN so does it, and the next one goes on
    driver.terminate()
    assert driver.wait_end() == 0
    wait_for("its end", lambda: not maker.is_running())
    assert _state(driver)["state"] == "wanted"
    driver.start()
    wait_for("the next process", lambda: _maker(driver))

    def is_made() -> bool:
        _maker(driver)
        return _state(driver)["state"] != "wanted"

    wait_for("the student", is_made, LONG_PATIENCE_S)
    assert _state(driver)["state"] == "done", _state(driver)

    # THEN what came of it is said, and it is used
    _open(desktop, reader)
    _named(reader, _STUDENT, str(_state(driver)["sentence"])[:20])
    desktop.screenshot(pictures / "3-made.png")
    desktop.key("alt+u")
    wait_for("it to be chosen", lambda: "22" in str(driver.settings().get("model")))
    desktop.focus(driver.main_window())
    desktop.key("Escape")
    desktop.focus(driver.main_window())
    desktop.type("What is a teacher?")
    desktop.key("Return")
    wait_answers(driver, 2)
    desktop.screenshot(pictures / "4-it-answers.png")
    driver.terminate()
    assert driver.wait_end() == 0
    driver.assert_quiet()
    assert "Traceback" not in driver.log()
