"""A table from documents on a real desktop by the keyboard alone, and what somebody hears of it who sees nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import CatnapDriver
from tests.e2e.test_documents import driver  # noqa: F401 (a fixture)
from tests.e2e.test_screen_reader import Item, Reader, below
from tests.support.patience import wait_for

pytestmark = pytest.mark.e2e

_TABLE = "Table from documents"
_DOING = {"push button", "toggle button", "check box", "combo box", "text", "list", "menu item", "table", "spin button"}


def _names(window: Item, role: str) -> list[str]:
    return [item["name"] for item in below(window) if item["role"] == role and item["seen"]]


def _assert_named(window: Item) -> None:
    """Everything in a window that can be pressed or written in has a name."""
    nameless = [item for item in below(window) if item["role"] in _DOING and item["seen"] and not item["name"].strip()]
    assert nameless == []


def _in_chat(desktop: DesktopSession) -> None:
    """Waits until the chat window has the keyboard: the names of the others end in its name."""
    wait_for("the chat window", lambda: desktop.hands("getactivewindow", "getwindowname") == "Catnap")


def test_a_table_is_made_by_keyboard_and_heard(
    desktop: DesktopSession,
    driver: CatnapDriver,  # noqa: F811
    pictures: Path,
) -> None:
    # GIVEN two invoices, and somebody who does not see the screen
    reader = Reader(desktop)
    folder = desktop.folder / "bills"
    folder.mkdir()
    for number, amount in ((1, "110.50"), (2, "220.75")):
        words = f"Invoice {number}\nFrom: Acme Ltd\nAmount due: {amount} EUR\n"
        (folder / f"bill{number}.txt").write_text(words, encoding="utf-8")
    driver.start()
    desktop.focus(driver.main_window())
    wait_for("the model", lambda: any(item["name"] == "Asleep" for item in below(reader.window("Catnap"))))

    # WHEN the window for tables is opened by its letters THEN all in it is named
    desktop.open_menu_by_key("alt+m")
    desktop.key("d")
    desktop.in_front(_TABLE)
    _assert_named(reader.window(_TABLE))
    # WHEN Enter comes before anything is written THEN what is missing is heard, and where to write it has the keyboard
    desktop.key("alt+s")
    said = "No field has a name yet. Write at least one, such as: amount."
    wait_for("what is missing", lambda: said in reader.heard())
    desktop.type("amount")
    # AND the button beside "Start" that has the keyboard is the one that Enter presses
    desktop.key("alt+f")
    desktop.in_front("Choose a folder with documents")
    desktop.type(str(folder))
    desktop.key("Return")
    desktop.in_front(_TABLE)
    wait_for("the folder", lambda: any(str(folder) in name for name in _names(reader.window(_TABLE), "label")))
    desktop.screenshot(pictures / "1-what-of.png")
    desktop.key("alt+s")

    # THEN the table comes, its cells can be gone through, and its end is heard
    title = f"bills · {_TABLE}"
    wait_for("the end of the table", lambda: any(said.startswith("2 documents") for said in reader.heard()))
    desktop.screenshot(pictures / "2-done.png")
    window = reader.window(title)
    _assert_named(window)
    cells = _names(window, "table cell")
    assert [name for name in cells if name.startswith("bill")] == ["bill1.txt", "bill2.txt"]
    assert len(cells) >= 2 * 3, "each document has its name, a value and a remark"
    # WHEN the keyboard goes to a row THEN Enter shows its document
    desktop.key("Down", "Return")
    desktop.in_front("bill2.txt")
    desktop.screenshot(pictures / "3-document.png")
    desktop.key("Escape")
    desktop.in_front(title)
    desktop.key("Escape")

    # AND the other windows of documents are named, too
    for letter, name in (("l", "Libraries"), ("b", "Answer as a table or a form")):
        _in_chat(desktop)
        desktop.open_menu_by_key("alt+m")
        desktop.key(letter)
        desktop.in_front(name)
        _assert_named(reader.window(name))
        desktop.key("Escape")
    _in_chat(desktop)
    desktop.key("ctrl+q")
    assert driver.wait_end() == 0
    driver.assert_quiet()
    assert "Traceback" not in driver.log()
