"""A power user, who touches no mouse: what is written, what is too long for it, who answers, with a real model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Offer, spec_of
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import CatnapDriver
from tests.e2e.person import Person
from tests.e2e.test_documents import first_tokens
from tests.e2e.test_quick_actions import copy
from tests.e2e.test_scenario import install, wait_answers
from tests.support.parrot import make_parrot
from tests.support.patience import wait_for
from tests.support.weights import smollm2

pytestmark = pytest.mark.e2e

_CONTEXT = 512
_QUESTION = "What is the capital of France?"
_LONG = "The quick brown fox jumps over the lazy dog by the river. " * 150
_TOO_LONG = "This message is too long for the model."
_HOMEWORK = "How do I solve 3x + 5 = 20?"
# Of an answer that does not end before another message is written.
_TOKENS = 400


@pytest.fixture
def person(desktop: DesktopSession) -> Iterator[Person]:
    """Somebody with a real model that keeps little in view."""
    catalog = desktop.folder / "models.json"
    entry = spec_of(smollm2(), "smollm2", "http://127.0.0.1:9/nowhere")
    catalog.write_text(json.dumps({"version": 1, "default": "smollm2", "models": [entry]}), encoding="utf-8")
    settings: dict[str, object] = {"n_ctx": _CONTEXT, "model": "smollm2", "language": "en"}
    driver = CatnapDriver(desktop, catalog, settings | {"temperature": 0.0, "max_tokens": 60})
    install(driver, smollm2())
    yield Person(desktop, driver)


def meter(person: Person) -> str:
    """Returns what a screen reader hears of the context in the field."""
    return person.find("Message", "text").description


def wait_meter(person: Person, pattern: str) -> None:
    wait_for(f"the meter to say {pattern!r}", lambda: re.fullmatch(pattern, meter(person)))


def paste(person: Person, text: str) -> None:
    copy(person.desktop, text)
    person.desktop.key("ctrl+a")
    person.desktop.key("ctrl+v")


def choose_persona(person: Person, name: str) -> None:
    """Chooses who answers in a new conversation."""
    person.desktop.key("ctrl+n")
    person.wait_state("focused", "Message", "text")
    person.tab_to(re.compile("Persona: .*"), "shift+Tab")
    person.choose_line(name, "space")
    person.find(f"Persona: {name}")


def test_what_is_written_and_who_answers(person: Person, pictures: Path) -> None:
    desktop, driver = person.desktop, person.driver
    driver.start()
    desktop.in_front("Catnap")
    # WHEN a question is written THEN it is said what it takes of the context, and what is left, before it is sent
    desktop.type(_QUESTION)
    wait_meter(person, r"About \d+ of 512 tokens\. This message: about \d+\. About \d+ are left for the answer\.")
    desktop.key("Return")
    assert "Paris" in wait_answers(driver, 1).text
    wait_meter(person, r"About \d+ of 512 tokens\. About \d+ are left for the answer\.")
    # WHEN Up is pressed in the empty field THEN the question is there again; Down takes it away
    desktop.key("Up")
    wait_for("the question", lambda: person.find("Message", "text").text == _QUESTION)
    desktop.key("Down")
    wait_for("the empty field", lambda: person.find("Message", "text").text == "")

    # WHEN more is pasted than the model can take THEN that is said and heard at once, with ways out
    paste(person, _LONG)
    person.wait_heard(_TOO_LONG)
    person.wait_heard("A long text was pasted")
    desktop.screenshot(pictures / "1-too-long.png")
    # the end can be selected, and goes with a key
    person.tab_to("Select what is too much", "shift+Tab")
    desktop.key("Return")
    person.wait_state("focused", "Message", "text")
    desktop.key("Delete")
    person.wait_gone(_TOO_LONG, "label")
    assert _LONG.startswith(person.find("Message", "text").text)
    # the context can be made larger, for a price that is said
    paste(person, _LONG)
    person.tab_to(re.compile(r"Larger context \(\+.* MB\)"), "shift+Tab")
    desktop.key("Return")
    wait_for("a larger context", lambda: int(str(driver.settings()["n_ctx"])) > _CONTEXT)
    person.wait_gone(_TOO_LONG, "label")
    # or it becomes a document, which questions are asked about
    person.tab_to("Ask about this text", "shift+Tab")
    desktop.key("Return")
    person.find("Document: Pasted text", "push button")
    assert person.find("Message", "text").text == ""
    desktop.screenshot(pictures / "2-document.png")

    # WHEN a persona has answered once THEN what is told to it was read, and is kept
    choose_persona(person, "Homework helper")
    person.wait_gone("Document: Pasted text")
    desktop.type(_HOMEWORK)
    desktop.key("Return")
    wait_answers(driver, 2)
    desktop.key("ctrl+shift+s")
    driver.wait_log("asleep: asked")
    # SO a new conversation with it begins at once, even after sleep: only the question is read
    choose_persona(person, "Homework helper")
    desktop.type(_HOMEWORK)
    desktop.key("Return")
    wait_answers(driver, 3)
    assert re.search(r"restored \d+ tokens of the prefix", driver.log())
    read, of = first_tokens(driver)[-1]
    assert read < of / 2, (read, of)
    person.leave()


def test_messages_wait_for_the_answer(desktop: DesktopSession, offer: Offer, pictures: Path) -> None:
    # GIVEN an answer that takes its time
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": 2048, "max_tokens": _TOKENS, "stop_loops": False})
    (driver.data / "models").mkdir(parents=True)
    make_parrot(driver.data / "models" / "slow.gguf", endless=True, layers=150)
    person = Person(desktop, driver)
    driver.start()
    desktop.in_front("Catnap")
    desktop.type("First?")
    desktop.key("Return")
    person.find("Stop", "push button")
    # WHEN two more are entered meanwhile THEN both are seen to wait; Up takes the newest back, and Enter lets it wait
    for words in ("Second?", "Third?"):
        desktop.type(words)
        desktop.key("Return")
        person.find(f"Take it back into the field: {words}", "push button")
    desktop.screenshot(pictures / "3-waiting.png")
    desktop.key("Up")
    person.wait_gone("Take it back into the field: Third?")
    assert person.find("Message", "text").text == "Third?"
    desktop.type(" Really")
    desktop.key("Return")
    person.find("Take it back into the field: Third? Really", "push button")
    assert [row.text for row in driver.messages()] == ["First?"]
    # THEN the first of them is sent when the answer before it has ended, and the other one waits on
    wait_for("the second question", lambda: [row.text for row in driver.messages()][2:] == ["Second?"])
    person.find("Take it back into the field: Third? Really", "push button")
    desktop.key("Escape")
    person.find("Send", "push button")
    person.leave()
