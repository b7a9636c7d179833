"""What can be done with a message, on a real desktop with mouse and keyboard: delete, undo, read aloud."""

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

_TALK = {
    "en": (("How tall is a giraffe?", "About five metres. It eats leaves."), ("And its neck?", "Two metres. Or so.")),
    "zh_CN": (("长颈鹿有多高？", "大约五米。它吃树叶。"), ("脖子呢？", "两米左右。")),
}


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh_CN", "dark")])
def test_a_message_is_deleted_brought_back_and_read_aloud(
    desktop: DesktopSession, offer: Offer, pictures: Path, language: str, theme: str
) -> None:
    settings: dict[str, object] = {"n_ctx": N_CTX, "model": "parrot", "language": language, "theme": theme}
    driver = CatnapDriver(desktop, offer.catalog, settings)
    install(driver, offer.parrot)
    with closing(History(driver.data / "history.sqlite3")) as history:
        conversation = history.create("Giraffes").id
        for question, answer in _TALK[language]:
            history.add_user_message(conversation, question)
            history.add_answer(
                conversation, answer, thinking="", state=MessageState.COMPLETE, model="parrot", stats=None
            )
    driver.start()
    desktop.focus(driver.main_window())

    def deleted() -> int:
        with closing(sqlite3.connect(f"file:{driver.data / 'history.sqlite3'}?mode=ro", uri=True)) as file:
            return int(file.execute("SELECT count(*) FROM messages WHERE deleted IS NOT NULL").fetchone()[0])

    def copied() -> bool:
        desktop.key("ctrl+shift+c")
        return desktop.clipboard() == _TALK[language][-1][1]

    desktop.empty_clipboard()
    wait_for("the conversation on the page", copied)
    window = driver.main_window()  # which a window manager may have moved since it came
    middle, first = window.x + window.width * 5 // 8, window.y + 105
    # GIVEN the mouse over the first question, which shows what can be done with it
    desktop.hands("mousemove", str(middle), str(first))
    desktop.hands("mousemove", str(middle + 3), str(first + 3))
    desktop.screenshot(pictures / f"message-actions-{language}-{theme}.png")
    # WHEN it is deleted by the menu of the right button: copy, read, edit, delete
    desktop.open_menu(middle, first)
    desktop.key(*["Down"] * 4, "Return")
    wait_for("the question and its answer to go", lambda: deleted() == 2)
    desktop.screenshot(pictures / f"message-deleted-{language}-{theme}.png")
    # THEN Ctrl+Z brings both back, and Ctrl+Shift+Z deletes them again
    desktop.key("ctrl+z")
    wait_for("them to come back", lambda: deleted() == 0)
    desktop.key("ctrl+shift+z")
    wait_for("them to go again", lambda: deleted() == 2)
    desktop.key("ctrl+z")
    wait_for("them to come back again", lambda: deleted() == 0)
    # WHEN the last answer is to be read aloud, THEN it is, or a sentence says what is missing here
    desktop.key("ctrl+shift+l")
    wait_for("a voice, or a sentence", lambda: "cannot read aloud" in driver.log() or len(driver.children()) > 0)
    desktop.screenshot(pictures / f"reading-{language}-{theme}.png")
    desktop.key("Escape", "ctrl+q")
    assert driver.wait_end() == 0
    driver.assert_quiet()
