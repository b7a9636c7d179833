"""The running app as a screen reader finds it (FAULTS C11): by AT-SPI over D-Bus, with a client that is not ours."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Offer
from tests.e2e.desktop_session import DesktopSession
from tests.e2e.driver import CatnapDriver
from tests.e2e.test_scenario import install, wait_answers
from tests.support.parrot import PARROT_TEXT
from tests.support.patience import wait_for

pytestmark = pytest.mark.e2e

CLIENT = ["/usr/bin/python3", str(Path(__file__).parent / "screen_reader.py")]
_LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
_QUESTION = "What is a cat nap?"

Item = dict[str, Any]


class Reader:
    """A screen reader on a desktop."""

    def __init__(self, desktop: DesktopSession) -> None:
        self._desktop = desktop
        desktop.environment["DBUS_SESSION_BUS_ADDRESS"] = self._start_bus()
        del desktop.environment["NO_AT_BRIDGE"]
        launcher = next(path for path in _LAUNCHERS if Path(path).exists())
        desktop.start("at-spi", [launcher, "--launch-immediately", "--a11y=1", "--screen-reader=1"])
        desktop.start("reader", [*CLIENT, "hear"])
        wait_for("the screen reader", self.heard)

    def heard(self) -> list[str]:
        """Returns all that was announced, after the word that it listens."""
        return [json.loads(line) for line in self._desktop.log_of("reader").splitlines() if line.startswith('"')]

    def windows(self) -> list[Item]:
        """Returns the windows of the app, each with what is in it."""
        tree = self._desktop.output(*CLIENT, "look")
        return [window for app in json.loads(tree or "[]") for window in app["children"]]

    def window(self, name: str) -> Item:
        """Waits for the window of that name."""

        def probe() -> Item | None:
            return next((window for window in self.windows() if window["name"] == name), None)

        return wait_for(f"the window {name!r}", probe)

    def _start_bus(self) -> str:
        address = self._desktop.folder / "bus"
        self._desktop.start(
            "dbus", ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address=unix:path={address}"]
        )
        wait_for("the bus", address.exists)
        return f"unix:path={address}"


def below(item: Item) -> Iterator[Item]:
    """Yields everything in a window."""
    for child in item["children"]:
        yield child
        yield from below(child)


def messages(window: Item) -> list[str]:
    """Returns what the rows of the conversation say."""
    (rows,) = [item["children"] for item in below(window) if item["role"] == "list" and item["name"] == "Messages"]
    assert {row["role"] for row in rows} <= {"list item"}
    return [row["name"] for row in rows]


def test_c11_a_conversation_is_heard(desktop: DesktopSession, offer: Offer) -> None:
    # GIVEN somebody who does not see the screen
    reader = Reader(desktop)
    driver = CatnapDriver(desktop, offer.catalog, {"model": "parrot", "language": "en"})
    install(driver, offer.parrot)
    driver.start()
    desktop.focus(driver.main_window())
    window = reader.window("Catnap")
    # WHEN they come to the window THEN everything in it that can be pressed or written in has a name
    doing = {"push button", "toggle button", "check box", "combo box", "text", "list", "menu item", "spin button"}
    unnamed = [item for item in below(window) if item["role"] in doing and item["seen"] and not item["name"].strip()]
    assert unnamed == []
    # WHEN a question is asked THEN they hear that an answer begins, and at its end what it is, and no token of it
    desktop.type(_QUESTION)
    desktop.key("Return")
    assert wait_answers(driver, 1).text == PARROT_TEXT
    wait_for("the end of the answer", lambda: any("complete" in words for words in reader.heard()))
    _listening, *heard = reader.heard()
    assert heard == ["Catnap is answering.", f"The answer is complete. Catnap: {PARROT_TEXT}"]
    # AND the window names the conversation, of which each message is a row with who speaks
    window = reader.window(f"{_QUESTION} — Catnap")
    assert messages(window) == [f"You: {_QUESTION}", f"Catnap: {PARROT_TEXT}"]
    driver.terminate()
    assert driver.wait_end() == 0
    driver.assert_quiet()


def test_the_reader_is_there() -> None:
    done = subprocess.run([CLIENT[0], "-c", "import pyatspi"], capture_output=True, check=False)
    assert done.returncode == 0, "run: sudo apt-get install $(packaging/debian-packages.txt)"
