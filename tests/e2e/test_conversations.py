"""Pinned, archived, moved and taken back: a person arranges conversations on a real desktop, by mouse and keyboard."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from desktop.history.records import MessageState
from desktop.history.store import History
from tests.e2e.conftest import N_CTX, Offer
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import CatnapDriver
from tests.e2e.test_scenario import install
from tests.support.patience import wait_for

pytestmark = pytest.mark.e2e

_TITLES = ("Owls", "Dogs", "Cats")
# Pixels below the top of the window, in the list: what part of the conversations is chosen, the row below it where it
# has no heading, and the first one of the second heading.
_SHELF, _ROW, _SECOND_HEADING = 66, 105, 195


class Arranger:
    """Somebody with three conversations, of whom the file says what they have done."""

    def __init__(self, desktop: DesktopSession, offer: Offer) -> None:
        self.desktop = desktop
        self.driver = CatnapDriver(desktop, offer.catalog, {"n_ctx": N_CTX, "model": "parrot", "language": "en"})
        install(self.driver, offer.parrot)
        with closing(History(self.driver.data / "history.sqlite3")) as history:
            for title in _TITLES:
                one = history.create(title).id
                history.add_user_message(one, f"What do {title.lower()} eat?")
                history.add_answer(
                    one, f"{title} eat.", thinking="", state=MessageState.COMPLETE, model="parrot", stats=None
                )
        self.driver.start()
        self.window = self.driver.main_window()
        desktop.focus(self.window)

    def click_list(self, below: int, button: int = 1) -> None:
        window = self.driver.main_window()  # which a window manager may have moved since it came
        (self.desktop.click if button == 1 else self.desktop.open_menu)(window.x + 80, window.y + below, button)

    def titles(self, condition: str) -> list[str]:
        """Returns the titles of the conversations for which a condition of SQL is true."""
        statement = f"SELECT title FROM conversations WHERE {condition} ORDER BY title"
        with closing(sqlite3.connect(f"file:{self.driver.data / 'history.sqlite3'}?mode=ro", uri=True)) as database:
            return [title for (title,) in database.execute(statement)]

    def wait_titles(self, condition: str, *titles: str) -> None:
        wait_for(f"{titles} to be {condition}", lambda: self.titles(condition) == sorted(titles))

    def shown(self) -> str:
        """Returns the newest answer of the conversation on the page, by way of the clipboard."""
        self.desktop.empty_clipboard()

        def copied() -> str:
            self.desktop.key("ctrl+shift+c")
            return self.desktop.clipboard()

        return wait_for("an answer on the clipboard", copied)

    def wait_shown(self, title: str) -> None:
        wait_for(f"{title} on the page", lambda: self.shown() == f"{title} eat.")

    def open_row(self, below: int, title: str) -> None:
        """Clicks a row until its conversation is shown: the list may still be moving to make room above it."""

        def opened() -> bool:
            self.click_list(below)
            return self.shown() == f"{title} eat."

        wait_for(f"{title} on the page", opened)


def test_conversations_are_arranged_and_all_of_it_taken_back(
    desktop: DesktopSession, offer: Offer, pictures: Path
) -> None:
    person = Arranger(desktop, offer)
    person.wait_shown("Cats")

    # WHEN the conversation shown is pinned with the keys, taken back and pinned again THEN the file follows
    for key, pinned in (("ctrl+shift+t", ["Cats"]), ("ctrl+z", []), ("ctrl+shift+z", ["Cats"])):
        desktop.key(key)
        person.wait_titles("pinned IS NOT NULL", *pinned)

    # WHEN it is moved into a new folder, by the keys alone
    desktop.key("ctrl+shift+o")
    desktop.key("Up", "Return")
    desktop.in_front("New folder")
    desktop.type("Pets")
    desktop.key("Return")
    person.wait_titles("folder = 'Pets'", "Cats")
    desktop.focus(person.window)
    desktop.screenshot(pictures / "pinned-and-in-a-folder.png")

    # WHEN another one is archived by its menu, with the mouse, which the first row below "Pinned" and "Today" has
    person.open_row(_SECOND_HEADING, "Dogs")
    person.click_list(_SECOND_HEADING, button=3)
    desktop.key("Up", "Up", "Up", "Up", "Up", "Return")  # over Save as PDF…, Print…, Export…, Delete
    person.wait_titles("archived IS NOT NULL", "Dogs")
    person.wait_shown("Dogs")

    # AND is looked for where the archive is THEN it is there, alone
    person.click_list(_SHELF)
    desktop.key("End", "Return")
    person.open_row(_ROW, "Dogs")
    desktop.screenshot(pictures / "archive.png")

    # WHEN all of it is undone THEN everything is as it was
    desktop.key("ctrl+z")
    person.wait_titles("archived IS NOT NULL")
    desktop.key("ctrl+z")
    person.wait_titles("folder <> ''")
    desktop.key("ctrl+z")
    person.wait_titles("pinned IS NOT NULL")
    desktop.screenshot(pictures / "as-it-was.png")
    desktop.key("ctrl+q")
    assert person.driver.wait_end() == 0
    person.driver.assert_quiet()
    assert "Traceback" not in person.driver.log()
