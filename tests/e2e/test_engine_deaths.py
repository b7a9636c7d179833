"""An engine that dies, on a real desktop: what a person sees, keeps, and does about it with mouse and keyboard."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.e2e.conftest import N_CTX, Offer, spec_of
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import CatnapDriver, Row
from tests.e2e.test_scenario import install, on_the_page
from tests.support.gguf_files import with_number
from tests.support.parrot import PARROT_TEXT
from tests.support.patience import wait_for

pytestmark = pytest.mark.e2e


@dataclass
class Person:
    """Somebody in front of Catnap who knows only what can be seen and copied."""

    desktop: DesktopSession
    driver: CatnapDriver

    def ask(self, question: str) -> None:
        self.desktop.focus(self.driver.main_window())
        self.desktop.type(question)
        self.desktop.key("Return")

    def whole_page(self) -> str:
        """Returns what the page shows, by way of the clipboard."""
        self.desktop.empty_clipboard()
        self.desktop.click(*on_the_page(self.driver.main_window()))
        self.desktop.key("ctrl+a")
        self.desktop.key("ctrl+c")
        return self.desktop.clipboard()

    def wait_page(self, text: str) -> None:
        wait_for(f"{text!r} on the page", lambda: text in self.whole_page())

    def wait_answers(self, count: int) -> list[Row]:
        def probe() -> list[Row] | None:
            answers = [row for row in self.driver.messages() if row.role == "assistant"]
            return answers if len(answers) >= count else None

        return wait_for(f"{count} stored answers", probe)

    def leave(self) -> None:
        self.desktop.focus(self.driver.main_window())
        self.desktop.key("ctrl+q")
        assert self.driver.wait_end() == 0
        self.driver.assert_quiet()
        assert "Traceback" not in self.driver.log()


def test_an_engine_that_is_killed_in_the_middle_of_an_answer(
    desktop: DesktopSession, offer: Offer, pictures: Path
) -> None:
    # GIVEN an answer that can be seen growing
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": N_CTX, "model": "endless", "stop_loops": False})
    install(driver, offer.endless)
    driver.start()
    person = Person(desktop, driver)
    person.ask("Tell me everything")
    person.wait_page(PARROT_TEXT)

    # WHEN its engine is killed
    (engine,) = driver.children()
    os.kill(engine, signal.SIGKILL)

    # THEN what was said stays, as interrupted, and the window says what happened
    (answer,) = person.wait_answers(1)
    assert answer.state == "interrupted"
    assert answer.text.startswith(PARROT_TEXT)
    driver.wait_log("died while answering")
    person.wait_page(PARROT_TEXT)
    desktop.screenshot(pictures / "killed.png")

    # AND the next message is answered, by another process
    person.ask("Go on")
    wait_for("an answer on its way", lambda: "Go on" in (page := person.whole_page()) and page.count(PARROT_TEXT) > 1)
    assert engine not in driver.children()
    desktop.screenshot(pictures / "next.png")
    driver.terminate()
    assert driver.wait_end() == 0
    kept = next(row for row in driver.messages() if row.role == "assistant")
    assert kept == answer
    driver.assert_quiet()
    assert "Traceback" not in driver.log()


def test_after_a_death_in_loading_another_model_answers_the_same_message(
    desktop: DesktopSession, offer: Offer, tmp_path: Path, pictures: Path
) -> None:
    # GIVEN a model of the catalogue that brings every engine down, in use, and a good one beside it
    deadly = with_number(offer.parrot, tmp_path / "deadly.gguf", "qwen2.block_count", 513)
    document = json.loads(offer.catalog.read_text(encoding="utf-8"))
    document["models"].append(spec_of(deadly, "deadly", "http://127.0.0.1:9/deadly.gguf"))
    offer.catalog.write_text(json.dumps(document), encoding="utf-8")
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": N_CTX, "model": "deadly"})
    install(driver, offer.parrot)
    install(driver, deadly)
    driver.start()
    person = Person(desktop, driver)

    # WHEN it is asked THEN it dies, and the message is kept
    person.ask("Who are you?")
    driver.wait_log("died while loading")
    wait_for("the message", lambda: driver.messages() == [Row("user", "Who are you?", "complete")])
    window = driver.main_window()

    def is_told() -> bool:
        picture = QImage(str(desktop.screenshot(pictures / "died.png")))
        # At the left of the last line of the banner with its ways out, which is tinted, and the page nearly white; what
        # is said of the engine that had died with the first letter is shorter.
        return picture.pixelColor(window.x + 240, window.y + 122).green() < 235

    wait_for("the banner", is_told)

    # WHEN another model is wanted, of the ways out in the menu beside "Try again"
    desktop.open_menu(window.x + window.width - 108, window.y + 86, button=1)
    desktop.key("Down", "Return")
    desktop.in_front("Models")
    desktop.screenshot(pictures / "models.png")
    # AND chosen: the keyboard is on the one that is there
    desktop.key("Return")

    # THEN it answers that message, which nobody has typed again, and the list has gone
    assert person.wait_answers(1) == [Row("assistant", PARROT_TEXT, "complete")]
    wait_for("the models dialog to close by itself", lambda: not desktop.has_window("Models"))
    person.wait_page(PARROT_TEXT)
    desktop.screenshot(pictures / "answered.png")
    assert [row.text for row in driver.messages() if row.role == "user"] == ["Who are you?"]
    assert driver.settings()["model"] == "parrot"
    person.leave()
