"""A power user among conversations: found, chosen for each who answers and how, and an action of one's own on a key."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.history.records import MessageState
from desktop.history.store import History
from tests.e2e.conftest import N_CTX, Offer
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import CatnapDriver
from tests.e2e.person import Person
from tests.e2e.test_quick_actions import TEXT, Letter, answered, copy
from tests.e2e.test_scenario import install, wait_answers
from tests.support.parrot import PARROT_TEXT
from tests.support.patience import PATIENCE_S, wait_for

pytestmark = pytest.mark.e2e

_DAY_S = 24 * 3600
_EXCHANGES = 30
# In the middle of each conversation: what is searched for.
_RARE = "aardvark"
_BOX = "Ask Catnap"
_ACTION, _PROMPT = "Make it shorter", "Say this in three words"


@pytest.fixture
def person(desktop: DesktopSession, offer: Offer) -> Iterator[Person]:
    """Somebody with conversations of today, yesterday and last week."""
    driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": N_CTX, "model": "parrot", "language": "en"})
    install(driver, offer.parrot)
    for days, title in ((5, "Zoo"), (1, "Garden"), (0, "Kitchen")):
        then = time.time() - days * _DAY_S
        with closing(History(driver.data / "history.sqlite3", now=itertools.repeat(then).__next__)) as history:
            one = history.create(title).id
            for number in range(_EXCHANGES):
                words = f"Is there an {_RARE} in it?" if number == _EXCHANGES // 2 else f"Question {number} of it?"
                history.add_user_message(one, words)
                history.add_answer(
                    one, f"Answer {number}, {title}.", thinking="", state=MessageState.COMPLETE, model="parrot",
                    stats=None,
                )  # fmt: skip
    yield Person(desktop, driver)


def wait_title(person: Person, title: str) -> None:
    person.find(f"{title} — Catnap", "frame")


def choices(person: Person, title: str) -> dict[str, object]:
    """Returns what is chosen for a conversation."""
    ((found,),) = person.rows(f"SELECT choices FROM conversations WHERE title = '{title}'")
    chosen: dict[str, object] = json.loads(str(found or "{}"))
    return {key: value for key, value in chosen.items() if value is not None}


def find_things(person: Person, pictures: Path) -> None:
    """Search over all conversations, and in one of them, with the hit in its place each time."""
    desktop = person.desktop
    # GIVEN conversations below the days they were talked in
    for heading, title in (("Today", "Kitchen"), ("Yesterday", "Garden"), ("Last 7 days", "Zoo")):
        person.find(re.compile(f"{heading}, {title}, .*"), "list item")
    # WHEN a word is searched for THEN each hit shows it in its sentence; Down goes on, Enter opens
    desktop.key("ctrl+shift+f")
    person.wait_focus("Search all conversations")
    desktop.type(_RARE)
    for title in ("Kitchen", "Garden", "Zoo"):
        person.find(re.compile(f"{title}, .*Is there an {_RARE} in it\\?.*"), "list item")
    person.wait_state("selected", re.compile("Kitchen, .*"), "list item")
    desktop.key("Down")
    person.wait_state("selected", re.compile("Garden, .*"), "list item")
    desktop.key("Return")
    wait_title(person, "Garden")
    # AND it is in view, in the middle of what was said
    person.find(f"You: Is there an {_RARE} in it?", "list item")
    desktop.screenshot(pictures / "1-found.png")
    desktop.key("Escape")  # the search is over
    person.find(re.compile("Today, Kitchen, .*"), "list item")
    # WHEN something is looked for in this one THEN it is counted, and F3 goes on to the next, which comes into view
    desktop.key("ctrl+f")
    person.wait_focus("Find in this conversation")
    desktop.type("Answer 2")
    first = person.find(re.compile(r"\d+ of 11"), "label").name
    desktop.key("F3")
    person.wait_gone(first, "label")
    person.find(re.compile(r"Catnap: Answer 2.*"), "list item")
    desktop.screenshot(pictures / "2-found-here.png")
    desktop.key("Escape")


def choose_for_one(person: Person, pictures: Path) -> None:
    """Imagination and persona of one conversation, which leave the others as they are."""
    desktop, driver = person.desktop, person.driver
    person.wait_focus(re.compile("Message|Conversation"))
    person.choose_line("Wild (1.4)", "alt+m", "f")
    wait_for("the imagination", lambda: choices(person, "Garden").get("temperature") == 1.4)
    person.tab_to(re.compile("Persona: .*"), "shift+Tab")
    person.choose_line("Python helper", "space")
    person.find("Persona: Python helper")
    desktop.screenshot(pictures / "3-chosen.png")
    assert choices(person, "Garden") == {"temperature": 1.4, "persona": "python"}
    desktop.type("Who are you?")
    desktop.key("Return")
    assert wait_answers(driver, 3 * _EXCHANGES + 1).text == PARROT_TEXT
    # THEN another conversation is answered as the settings say
    desktop.key("ctrl+n")
    desktop.type("And who are you?")
    desktop.key("Return")
    assert wait_answers(driver, 3 * _EXCHANGES + 2).text == PARROT_TEXT
    assert choices(person, "And who are you?") == {}


def write_action(person: Person, pictures: Path) -> None:
    """An action of one's own is written, a key of the desktop runs it, and its answer is pasted back."""
    desktop, driver = person.desktop, person.driver
    desktop.key("ctrl+comma")
    desktop.in_front("Settings")
    person.tab_to("Model and memory")
    while "selected" not in person.find("Quick actions", "list item", "Settings").states:
        desktop.key("Down")
    person.wait_state("selected", "Quick actions", "list item", "Settings")
    desktop.key("alt+a")
    desktop.in_front("New action")
    desktop.type(_ACTION)
    desktop.key("Tab")
    desktop.type(_PROMPT)
    desktop.key("alt+s")
    person.find(_ACTION, "list item", "Settings")
    # it is said what to bind to a key
    command = person.find("Command", "text", "Settings").text
    assert command.endswith((f'--action "{_ACTION}"', f"--action '{_ACTION}'")), command
    desktop.screenshot(pictures / "4-action.png")
    desktop.key("Escape")
    # WHEN it is run for what is selected in another program
    letter = Letter(desktop)
    letter.select_line()
    copy(desktop, "what was copied before")
    assert driver.launch("later", ["--action", _ACTION]).wait(PATIENCE_S) == 0
    desktop.in_front(_BOX)
    wait_for("the answer", lambda: answered(desktop))
    # THEN it can be taken over as a conversation, which has what was written and what was selected
    before = len(driver.messages())
    desktop.key("ctrl+Return")
    question = wait_for("the conversation", lambda: driver.messages()[before:])[0]
    assert _PROMPT in question.text and TEXT in question.text
    # AND another time be pasted back over it
    letter.select_line()
    assert driver.launch("later", ["--action", _ACTION]).wait(PATIENCE_S) == 0
    desktop.in_front(_BOX)
    wait_for("the answer", lambda: answered(desktop))
    desktop.key("ctrl+shift+v")
    wait_for("the answer in the letter", lambda: letter.text == PARROT_TEXT.rstrip("\n"))


def test_everything_by_keyboard(person: Person, pictures: Path) -> None:
    person.driver.start()
    wait_title(person, "Kitchen")
    find_things(person, pictures)
    choose_for_one(person, pictures)
    write_action(person, pictures)
    # WHEN it is ended and started THEN it shows the conversation that was open, which is not the newest
    person.desktop.focus(person.driver.main_window())
    person.desktop.key("ctrl+shift+f")
    person.wait_focus("Search all conversations")
    person.desktop.type(_RARE)
    person.desktop.key("Down", "Return")
    wait_title(person, "Garden")
    person.leave()
    person.driver.start()
    wait_title(person, "Garden")
    person.leave()
