"""People's words on a real desktop (FAULTS B1 to B4), with mouse and keyboard, as a person loses or keeps them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from desktop.history.records import MessageState
from desktop.history.store import History
from tests.e2e.conftest import N_CTX, Offer
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import CatnapDriver
from tests.e2e.test_scenario import install
from tests.support.parrot import PARROT_TEXT
from tests.support.patience import wait_for

pytestmark = pytest.mark.e2e

_CONVERSATIONS = 64
_EXCHANGES = 6
_LONG, _EDITED = 160, 134  # exchanges of one conversation; the question of it that is edited
_WHEEL_UP, _WHEEL_DOWN = 4, 5
_HIGHEST_ROW = 70  # pixels


class Person:
    """Somebody in front of Catnap with 64 conversations, who knows only what can be seen and copied."""

    def __init__(self, desktop: DesktopSession, offer: Offer, language: str = "en", theme: str = "light") -> None:
        self.desktop = desktop
        settings: dict[str, object] = {"n_ctx": N_CTX, "model": "parrot", "language": language, "theme": theme}
        self.driver = CatnapDriver(desktop, offer.catalog, settings)
        install(self.driver, offer.parrot)
        with closing(History(self.driver.data / "history.sqlite3")) as history:
            self._furnish(history)
        self.driver.start()
        self.window = self.driver.main_window()
        desktop.focus(self.window)

    def _furnish(self, history: History) -> None:
        for number in range(_CONVERSATIONS):
            conversation = history.create(f"Conversation {number}").id
            for exchange in range(_EXCHANGES):
                history.add_user_message(conversation, f"What about {number}, {exchange}?")
                _add_answer(history, conversation, f"Answer {exchange} of conversation {number}.")

    def click_list(self, below: int) -> None:
        """Clicks into the list, so many pixels below the top of the window."""
        self.desktop.click(self.window.x + 80, self.window.y + below)

    def scroll_list(self, notches: int) -> None:
        self.desktop.hands("mousemove", str(self.window.x + 80), str(self.window.y + 300))
        self.desktop.hands("click", "--repeat", str(notches), "--delay", "10", str(_WHEEL_DOWN))

    def message_at(self, y: int) -> str:
        """Returns the message at a height of the page, by way of its menu and the clipboard; empty: there is none."""
        self.desktop.empty_clipboard()
        middle = self.window.x + self.window.width // 2
        self.desktop.click(middle, y)  # takes back what the last menu selected
        self.desktop.open_menu(middle, y)
        self.desktop.key("Down", "Return")  # Copy message, or Select all
        return self.desktop.clipboard()

    def list_picture(self) -> list[QImage]:
        """Returns the list of conversations as it looks, a line of pixels each, from the top of the screen on."""
        picture = QImage(str(self.desktop.screenshot(self.desktop.folder / "list.png")))
        return [picture.copy(self.window.x + 30, y, 100, 1) for y in range(picture.height())]

    def last_answer(self) -> str:
        """Returns the newest answer of the conversation that is shown, by way of the clipboard."""
        self.desktop.empty_clipboard()

        def copied() -> str:
            self.desktop.key("ctrl+shift+c")
            return self.desktop.clipboard()

        return wait_for("an answer on the clipboard", copied)

    def wait_last_answer(self, text: str) -> None:
        wait_for(f"{text!r} at the end of the page", lambda: self.last_answer() == text)

    def rows(self, statement: str) -> Sequence[tuple[object, ...]]:
        with closing(sqlite3.connect(f"file:{self.driver.data / 'history.sqlite3'}?mode=ro", uri=True)) as database:
            return database.execute(statement).fetchall()

    def deleted(self) -> set[object]:
        return {title for (title,) in self.rows("SELECT title FROM conversations WHERE deleted IS NOT NULL")}

    def leave(self) -> None:
        self.desktop.focus(self.window)
        self.desktop.key("ctrl+q")
        assert self.driver.wait_end() == 0
        self.driver.assert_quiet()
        assert "Traceback" not in self.driver.log()


def test_b1_and_b4_a_scrolled_list_a_click_and_a_question(
    desktop: DesktopSession, offer: Offer, pictures: Path
) -> None:
    person = Person(desktop, offer)
    # GIVEN a list that is scrolled down, and a click on one conversation of it
    person.wait_last_answer("Answer 5 of conversation 63.")
    person.scroll_list(20)
    y = person.window.y + 300
    before = person.list_picture()
    person.click_list(300)
    wait_for("another conversation", lambda: person.last_answer() != "Answer 5 of conversation 63.")
    # THEN that row is marked, and it and all others are where they were
    changed = [at for at, (old, new) in enumerate(zip(before, person.list_picture(), strict=True)) if old != new]
    assert changed and changed[0] <= y <= changed[-1], (changed[:1], y, changed[-1:])
    assert changed[-1] - changed[0] < _HIGHEST_ROW
    title = f"Conversation {person.last_answer().removesuffix('.').split()[-1]}"
    desktop.screenshot(pictures / "clicked.png")

    # WHEN a question is typed there, with a slip and Backspace THEN it is a question, and nothing is opened or deleted
    desktop.type("What is")
    desktop.key("BackSpace", "BackSpace")
    desktop.type("as it?")
    desktop.screenshot(pictures / "typed.png")
    desktop.key("Return")
    person.wait_last_answer(PARROT_TEXT)
    asked = person.rows("SELECT text, title FROM messages JOIN conversations ON conversations.id = conversation_id"
                        " WHERE text LIKE '%as it?'")  # fmt: skip
    assert asked == [("What as it?", title)]
    assert person.deleted() == set()

    # WHEN another one is clicked in the scrolled list, and Del is pressed THEN just that one goes
    person.scroll_list(20)
    person.click_list(400)
    wait_for("another conversation", lambda: person.last_answer() != PARROT_TEXT)
    other = f"Conversation {person.last_answer().removesuffix('.').split()[-1]}"
    assert other != title
    person.click_list(400)
    desktop.key("Delete")
    wait_for("the deletion", lambda: person.deleted() == {other})
    desktop.screenshot(pictures / "deleted.png")
    person.leave()


def test_b3_two_deletions_and_their_way_back(desktop: DesktopSession, offer: Offer, pictures: Path) -> None:
    person = Person(desktop, offer)
    # GIVEN two conversations deleted one after the other
    person.wait_last_answer("Answer 5 of conversation 63.")
    person.click_list(200)
    desktop.key("Delete")
    wait_for("the first deletion", lambda: len(person.deleted()) == 1)
    person.click_list(200)
    desktop.key("Delete")
    wait_for("the second deletion", lambda: len(person.deleted()) == 2)
    desktop.screenshot(pictures / "two-deleted.png")
    # WHEN Ctrl+Z is pressed twice THEN both are back
    desktop.key("ctrl+z")
    wait_for("one of them", lambda: len(person.deleted()) == 1)
    desktop.key("ctrl+z")
    wait_for("both of them", lambda: person.deleted() == set())
    # WHEN one is deleted and Catnap ends and starts THEN it is among those recently deleted, and is restored from there
    person.click_list(200)
    desktop.key("Delete")
    wait_for("the deletion", lambda: len(person.deleted()) == 1)
    person.leave()
    person.driver.start()
    person.window = person.driver.main_window()
    desktop.focus(person.window)
    desktop.key("alt+c", "l")
    desktop.in_front("Recently deleted")
    desktop.screenshot(pictures / "recently-deleted.png")
    desktop.key("alt+r")
    wait_for("the conversation to come back", lambda: person.deleted() == set())
    assert person.rows("SELECT count(*) FROM conversations") == [(_CONVERSATIONS,)]
    desktop.key("Escape")
    person.leave()


class LongTalker(Person):
    """Somebody in the middle of one conversation of 160 exchanges."""

    def _furnish(self, history: History) -> None:
        conversation = history.create("A long talk").id
        for number in range(1, _LONG + 1):
            history.add_user_message(conversation, f"Question {number}?")
            _add_answer(history, conversation, f"Answer {number}.")

    def find_question(self, number: int) -> int:
        """Scrolls until a question is in view; returns its height on the screen."""
        top, bottom = self.window.y + 130, self.window.y + self.window.height - 170
        for _look in range(30):
            away = _LONG
            for y in range(top, bottom, 20):
                found = self.message_at(y)
                if found == f"Question {number}?":
                    return y
                if found.startswith(("Question ", "Answer ")):
                    away = number - int(found.strip("?.").split()[-1])
                    if away < 0:
                        break
            self.desktop.hands("mousemove", str(self.window.x + self.window.width // 2), str((top + bottom) // 2))
            notches = str(min(abs(away), 15) + 1)
            self.desktop.hands(
                "click", "--repeat", notches, "--delay", "20", str(_WHEEL_DOWN if away > 0 else _WHEEL_UP)
            )
        raise AssertionError(f"question {number} is not to be found")


def _add_answer(history: History, conversation: str, text: str) -> None:
    history.add_answer(conversation, text, thinking="", state=MessageState.COMPLETE, model="Parrot", stats=None)


def test_b2_an_edited_question_in_the_middle_keeps_what_followed_it(
    desktop: DesktopSession, offer: Offer, pictures: Path
) -> None:
    person = LongTalker(desktop, offer)
    person.wait_last_answer(f"Answer {_LONG}.")
    # GIVEN a question in the middle, edited by its menu
    y = person.find_question(_EDITED)
    desktop.screenshot(pictures / "found.png")
    desktop.open_menu(person.window.x + person.window.width // 2, y)
    desktop.key("Down", "Down", "Down", "Return")  # copy, read aloud, edit
    desktop.key("ctrl+a")
    desktop.type("Something else")
    desktop.screenshot(pictures / "editing.png")
    # WHEN it is sent THEN it is answered, and all that followed the old one is still there
    desktop.key("Return")
    person.wait_last_answer(PARROT_TEXT)
    desktop.screenshot(pictures / "edited.png")
    assert person.rows("SELECT count(*) FROM messages WHERE text LIKE 'Answer %.'") == [(_LONG,)]
    assert person.rows("SELECT count(*) FROM messages WHERE text LIKE 'Question %?'") == [(_LONG,)]
    # WHEN a person pages back THEN it is shown, and forth the new answer
    desktop.key("alt+Left")
    person.wait_last_answer(f"Answer {_LONG}.")
    desktop.screenshot(pictures / "paged-back.png")
    desktop.key("alt+Right")
    person.wait_last_answer(PARROT_TEXT)
    # AND Undo shows what was there before the edit, Redo what came then
    desktop.key("ctrl+z")
    person.wait_last_answer(f"Answer {_LONG}.")
    desktop.key("ctrl+shift+z")
    person.wait_last_answer(PARROT_TEXT)
    person.leave()
