"""What the model has read survives a quick question, sleep and the end of the program, and goes when it is deleted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.conftest import Offer
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import CatnapDriver
from tests.e2e.test_scenario import install, wait_answers
from tests.support.parrot import PARROT_TEXT
from tests.support.patience import wait_for

pytestmark = pytest.mark.e2e

QUESTION = "What does a cat do all day long while nobody is at home and the keyboard is still warm from the morning?"


def ask(desktop: DesktopSession, driver: CatnapDriver, question: str, answers: int) -> None:
    desktop.focus(driver.main_window())
    desktop.type(question)
    desktop.key("Return")
    assert wait_answers(driver, answers).text == PARROT_TEXT


def quit_program(desktop: DesktopSession, driver: CatnapDriver) -> None:
    desktop.focus(driver.main_window())
    desktop.key("ctrl+q")
    assert driver.wait_end() == 0
    driver.assert_quiet()
    assert "Traceback" not in driver.log()


def states(driver: CatnapDriver) -> list[Path]:
    return sorted(driver.data.rglob("*.state"))


def restored(log: str) -> list[int]:
    """Returns how many tokens were restored, each time."""
    return [int(count) for count in re.findall(r"restored (\d+) tokens of the conversation", log)]


def test_a_conversation_goes_on_where_it_was(desktop: DesktopSession, offer: Offer) -> None:
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": 1024})
    install(driver, offer.parrot)
    driver.start()

    # GIVEN a conversation WHEN a quick question takes the model THEN its state goes to disk first
    ask(desktop, driver, QUESTION, 1)
    assert states(driver) == []
    desktop.click(*desktop.tray_icon().centre)
    desktop.in_front("Ask Catnap")
    desktop.type("Quickly?")
    desktop.key("Return")
    driver.wait_log("state saved (")
    assert len(states(driver)) == 1
    desktop.key("Escape")
    wait_for("the quick box to hide", lambda: not desktop.has_window("Ask Catnap"))

    # AND the conversation goes on from it, over sleep too
    ask(desktop, driver, "And then?", 2)
    assert len(restored(driver.log())) == 1
    desktop.key("ctrl+shift+s")
    driver.wait_log("asleep: asked")
    ask(desktop, driver, "And at night?", 3)
    before = restored(driver.log())
    assert len(before) == 2 and before[1] > before[0] > len(QUESTION)

    # WHEN the program ends and another one begins THEN it goes on from what the first one has read
    quit_program(desktop, driver)
    (state,) = states(driver)
    driver.start()
    ask(desktop, driver, "And tomorrow?", 4)
    after = restored(driver.log())[2:]
    assert len(after) == 1 and after[0] > before[1]

    # WHEN the conversation is deleted THEN it can still come back, as it was
    desktop.key("ctrl+shift+Delete")
    desktop.key("alt+c", "l")
    desktop.in_front("Recently deleted")
    assert len(driver.messages()) == 8
    assert state.exists()

    # WHEN it is deleted for good THEN nothing of it stays on disk
    desktop.key("Delete")
    desktop.key("Return")
    wait_for("the state to go", lambda: not state.exists())
    desktop.key("Escape")
    wait_for("the list to close", lambda: not desktop.has_window("Recently deleted"))
    quit_program(desktop, driver)
    assert driver.messages() == []
    assert not state.exists()
    assert states(driver) == []
