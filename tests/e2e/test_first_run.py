"""The first steps on a fresh computer, as a newcomer takes them, and as somebody without a network does."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.e2e.conftest import N_CTX, Offer
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import CatnapDriver
from tests.e2e.test_scenario import wait_answers
from tests.support.parrot import PARROT_TEXT
from tests.support.patience import wait_for

pytestmark = pytest.mark.e2e

_WELCOME = "Welcome to Catnap"


def _speaks(driver: CatnapDriver, language: str) -> bool:
    return driver.settings().get("language") == language


def test_from_nothing_to_the_first_answer(desktop: DesktopSession, offer: Offer, pictures: Path) -> None:
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": N_CTX})
    driver.start()
    # GIVEN the first steps of a fresh home, the keyboard on getting the recommended model
    desktop.in_front(_WELCOME)
    desktop.screenshot(pictures / "1-welcome.png")
    wait_for("that it counts as shown", lambda: driver.settings().get("first_steps") is False)
    # WHEN the language is changed by its letter and the arrows THEN it is taken at once, and so is the way back
    for key, language in (("Down", "zh_CN"), ("Up", "en")):
        desktop.key(*(("alt+l",) if language == "zh_CN" else ()), key)
        wait_for(f"the language {language}", partial(_speaks, driver, language))
        desktop.screenshot(pictures / f"2-{language}.png")
    # WHEN Catnap is to start at login, three steps behind the button of the model
    desktop.key("Tab", "Tab", "Tab", "Tab", "Tab", "space")
    started = desktop.home / ".config" / "autostart" / "catnap.desktop"
    wait_for("the start at login", started.exists)
    desktop.screenshot(pictures / "3-login.png")
    # AND Enter presses the obvious button
    desktop.key("shift+Tab", "shift+Tab", "shift+Tab", "Return")
    # THEN the model arrives and is chosen, and a click begins
    wait_for("the model", lambda: driver.settings().get("model") == "parrot")
    desktop.screenshot(pictures / "4-ready.png")
    box = desktop.in_front(_WELCOME)  # other words may have given it another size

    def begun() -> bool:
        if desktop.has_window(_WELCOME):  # the button has just taken the place of another one
            desktop.click(box.x + box.width - 80, box.y + box.height - 28)
        return not desktop.has_window(_WELCOME)

    wait_for("the first steps to go", begun)
    desktop.in_front("Catnap")
    # AND the first question is answered
    desktop.type("Who are you?")
    desktop.key("Return")
    assert wait_answers(driver, 1).text == PARROT_TEXT
    desktop.screenshot(pictures / "5-answer.png")
    desktop.key("ctrl+q")
    assert driver.wait_end() == 0
    # AND it never comes again
    driver.start()
    desktop.in_front("Catnap")
    assert not desktop.has_window(_WELCOME) and not desktop.has_window("Models")
    driver.terminate()
    assert driver.wait_end() == 0
    driver.assert_quiet()
    assert "Traceback" not in driver.log()
