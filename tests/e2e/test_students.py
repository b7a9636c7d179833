"""A smaller model of a real one, on a real desktop: from its card, beside a question, over a restart, to an answer."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path

import psutil
import pytest

from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import CatnapDriver
from tests.e2e.person import Person
from tests.e2e.test_documents import driver  # noqa: F401 (a fixture)
from tests.e2e.test_scenario import wait_answers
from tests.support.patience import LONG_PATIENCE_S, wait_for

pytestmark = pytest.mark.e2e

_STUDENT = "A smaller model of this one"
# A few answers of a few words, hardly a search, no learning, and no questions beside them. It is written in the very
# format that it is compared with, since writing models is most of the work: half a minute of a processor in all.
_OPTIONS = [
    *("--limit", "6", "--new", "--held-out 2 --max-tokens 6 --kept 32"),
    *("--prune", "--breadth 1 --tokens 16", "--untrained", "--plain", "--against", "Q4_0", "--without-functions"),
    "--quick",
]


def _open(person: Person) -> None:
    """Opens the window for a smaller model, from the card of the model in use."""
    person.desktop.focus(person.driver.main_window())
    person.desktop.key("ctrl+m")
    person.desktop.in_front("Models")
    person.click(re.compile("A smaller one….*"), "push button")
    person.desktop.in_front(_STUDENT)


def _maker(driver: CatnapDriver) -> psutil.Process | None:  # noqa: F811
    """Returns the process that makes the student, at a priority that a busy machine has time for, where it may."""
    for pid in driver.children():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process = psutil.Process(pid)
            if "student" in process.cmdline():
                for each in (process, *process.children(recursive=True)):
                    each.nice(0)
                return process
    return None


def _project(driver: CatnapDriver) -> dict[str, object]:  # noqa: F811
    document = json.loads((driver.data / "students" / "students.json").read_text(encoding="utf-8"))
    found: dict[str, object] = document["students"][0]
    return found


def test_a_smaller_model_is_made_beside_a_question_and_over_a_restart(
    desktop: DesktopSession,
    driver: CatnapDriver,  # noqa: F811
    pictures: Path,
) -> None:
    # GIVEN a running Catnap with a real model
    person = Person(desktop, driver)
    folder = driver.data / "students"
    folder.mkdir()
    (folder / "students.json").write_text(json.dumps({"version": 1, "options": _OPTIONS, "students": []}))
    driver.start()
    person.find("Asleep")

    # WHEN a smaller one is wanted THEN what it takes is said
    _open(person)
    person.find("How small", "label")
    if person.sees(re.compile("Make it without training.*"), "check box"):  # there is no PyTorch
        person.click(re.compile("Make it without training.*"), "check box")
    person.find(re.compile("It takes .*"), "label")
    desktop.screenshot(pictures / "1-what-it-takes.png")
    person.wait_state("enabled", "Begin", "push button")
    person.click("Begin", "push button")
    maker = wait_for("the process that makes it", lambda: _maker(driver))
    person.find(re.compile("Step .*"), "label")
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
    person.leave()
    wait_for("its end", lambda: not maker.is_running())
    assert _project(driver)["state"] == "wanted"
    driver.start()
    wait_for("the next process", lambda: _maker(driver))

    def is_made() -> bool:
        _maker(driver)
        return _project(driver)["state"] != "wanted"

    wait_for("the student", is_made, LONG_PATIENCE_S)
    assert _project(driver)["state"] == "done", _project(driver)

    # THEN what came of it is said, and it is used: it answers the next question
    _open(person)
    person.find(str(_project(driver)["sentence"]), "label")
    desktop.screenshot(pictures / "3-made.png")
    person.click("Use it", "push button")
    wait_for("it to be chosen", lambda: "22" in str(driver.settings().get("model")))
    desktop.in_front("Models")
    desktop.screenshot(pictures / "4-among-the-models.png")
    desktop.key("Escape")
    desktop.focus(driver.main_window())
    desktop.type("What is a teacher?")
    desktop.key("Return")
    wait_answers(driver, 2)
    desktop.screenshot(pictures / "5-it-answers.png")
    person.leave()
