"""Somebody in front of Catnap, who finds things by what they are called and does everything with mouse and keyboard.

What can be seen, where it is and what it is called, a screen reader's interface says (AT-SPI, by a client that is not
ours). So whatever is not found here, nobody finds who does not see the screen.
"""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import IO, Any, cast

from tests.e2e.desktop_session import Box, DesktopSession
from tests.e2e.driver import CatnapDriver
from tests.e2e.test_screen_reader import CLIENT, Reader
from tests.support.patience import wait_for

Name = str | re.Pattern[str]
ANYTHING = re.compile(".*")
_SUFFIX = " — Catnap"  # of the titles of windows
_MOST_STEPS = 60  # of the Tab key, through any window of ours
_A_LINE = 16  # pixels, and less than any line of a menu
_WHEEL_UP, _WHEEL_DOWN = 4, 5


@dataclass(frozen=True)
class Thing:
    """Something that can be seen now.

    Attributes:
        role: As AT-SPI names it.
        name: What it is called.
        window: Title of the window that it is in.
        description: What is said about it beside its name.
        text: What stands in it.
        value: Of a number.
        box: Where it is, in pixels of the screen.
        states: "focused", "checked", "selected", "enabled" and the like.
    """

    role: str
    name: str
    window: str
    description: str
    text: str
    value: float | None
    box: Box
    states: frozenset[str]


class Person:
    """Sees, clicks and types."""

    def __init__(self, desktop: DesktopSession, driver: CatnapDriver) -> None:
        """
        Args:
            desktop: Where it happens; no Catnap may run on it yet.
            driver: Starts it.
        """
        self.desktop, self.driver = desktop, driver
        self.reader = Reader(desktop)
        # Qt complains whenever it is asked about what has just gone.
        desktop.environment["QT_LOGGING_RULES"] = "qt.accessibility.atspi.warning=false"
        self._eyes = desktop.start("eyes", [*CLIENT, "find"], talks=True)

    # --- what can be seen

    def all(self, name: Name = ANYTHING, role: str = "", window: Name = ANYTHING) -> list[Thing]:
        """Returns what can be seen now and is called so.

        Args:
            name: All of it, or what all of it has to match.
            role: As AT-SPI names it; empty: any.
            window: Title of the window.
        """
        found = [
            _thing(each) for each in self._seen({"name": _pattern(name), "role": role, "window": _pattern(window)})
        ]
        return [each for each in found if each.box.width > 0 and each.box.height > 0]

    def places(self, words: str, name: Name, role: str) -> list[Box]:
        """Returns where words stand in the text of something, from its beginning on."""
        found = self._seen({"name": _pattern(name), "role": role, "window": "", "words": words})
        return [Box("", *place) for each in found for place in each["places"]]

    def _seen(self, wish: dict[str, str]) -> list[dict[str, Any]]:
        into, out = cast("IO[bytes]", self._eyes.stdin), cast("IO[bytes]", self._eyes.stdout)
        into.write(f"{json.dumps(wish)}\n".encode())
        into.flush()
        found: list[dict[str, Any]] = json.loads(out.readline())
        return found

    def sees(self, name: Name = ANYTHING, role: str = "", window: Name = ANYTHING) -> bool:
        """Whether there is something of that name now."""
        return bool(self.all(name, role, window))

    def find(self, name: Name = ANYTHING, role: str = "", window: Name = ANYTHING) -> Thing:
        """Waits for something of that name that stands still, and returns the first."""
        before: list[Thing] = []

        def probe() -> Thing | None:
            found = self.all(name, role, window)
            stands = bool(found) and [each.box for each in found] == [each.box for each in before]
            before[:] = found
            return found[0] if stands else None

        return wait_for(f"{role or 'something'} called {_pattern(name)!r}", probe)

    def wait_gone(self, name: Name, role: str = "", window: Name = ANYTHING) -> None:
        wait_for(f"{_pattern(name)!r} to go", lambda: not self.sees(name, role, window))

    def wait_state(self, state: str, name: Name, role: str = "", window: Name = ANYTHING) -> None:
        """Waits until something is "focused", "checked", "enabled" or the like."""

        def probe() -> bool:
            return any(state in each.states for each in self.all(name, role, window))

        wait_for(f"{_pattern(name)!r} to be {state}", probe)

    def wait_focus(self, name: Name, described: str = "") -> Thing:
        """Waits until something of that name has got the keyboard last, in whatever window; returns it."""

        def probe() -> Thing | None:
            told = [_thing(each["focus"]) for each in self._focus_told()[-1:]]
            return next((each for each in told if re.fullmatch(_pattern(name), each.name)), None)

        found = wait_for(f"the keyboard on {_pattern(name)!r}", probe)
        assert described in found.description, found.description
        return found

    def wait_heard(self, words: str) -> None:
        """Waits for words that a screen reader was told to say."""
        wait_for(f"{words!r} to be said", lambda: any(words in said for said in self.reader.heard()))

    # --- what is done

    def click(self, name: Name, role: str = "", window: Name = ANYTHING, button: int = 1) -> Thing:
        """Clicks something as soon as it stands still; returns it."""
        thing = self.find(name, role, window)
        self.desktop.click(*thing.box.centre, button)
        return thing

    def click_in_menu(self, item: str, of: Name, role: str = "", window: Name = ANYTHING, button: int = 1) -> None:
        """Has something open its menu, with the mouse, and clicks a line of that."""
        menu = self.desktop.open_menu(*self.find(of, role, window).box.centre, button)
        self.click_line(item, menu)

    def click_line(self, item: str, menu: Box) -> None:
        """Clicks a line of a menu that has just opened, after the mouse has gone over it."""
        heard, heights = len(self._menus()), itertools.cycle(range(_A_LINE // 2, menu.height, _A_LINE))

        def probe() -> Box | None:
            told = [_lines(each) for each in self._menus()[heard:]]
            places = [line.box for lines in told for line in lines if line.name == item and menu.contains(line.box)]
            if not places:
                self.desktop.hands("mousemove", str(menu.x + menu.width // 2), str(menu.y + next(heights)))
            return places[-1] if places else None

        self.desktop.click(*wait_for(f"the line {item!r} of a menu", probe).centre)

    def choose_line(self, item: str, *opening: str) -> None:
        """Opens a menu with a key, or one in another with several, and takes a line of the last one by the keyboard."""
        for key in opening:
            heard = len(self._menus())
            self.desktop.open_menu_with(key)
        if opening[-1] == "space":  # the menu of a button begins without a line
            self.desktop.key("Down")

        def probe() -> int | None:
            told = [_lines(each) for each in self._menus()[heard:]]
            lines = [[line for line in each if line.role != "separator"] for each in told]
            names = [line.name for line in lines[-1]] if lines else []
            at_first = item in names and "focused" in lines[-1][0].states
            return 1 + names.index(item) if at_first else None

        place = wait_for(f"{item!r} in a menu, and the keyboard on its first line", probe)
        self.desktop.key(*["Down"] * (place - 1))
        self.wait_focus(item)
        self.desktop.key("Return")

    def _menus(self) -> list[dict[str, Any]]:
        return [each for each in self._focus_told() if "menu" in each]

    def _focus_told(self) -> list[dict[str, Any]]:
        whole, _, _begun = self.desktop.log_of("reader").rpartition("\n")
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def choose(self, name: Name, item: str, window: Name = ANYTHING) -> None:
        """Opens a list of choices and clicks one of them."""
        self.click(name, "combo box", window)
        self.click(item, "list item")

    def tab_to(self, name: Name, key: str = "Tab") -> Thing:
        """Presses a key until the keyboard is where it is wanted; returns that."""
        now = self._focused()
        for _step in range(_MOST_STEPS):
            for each in now:
                if re.fullmatch(_pattern(name), each.name):
                    return each
            self.desktop.key(key)
            now = self._focused_but(now)
        raise AssertionError(f"no {_pattern(name)!r}, but {[each.name for each in now]}")

    def _focused_but(self, before: frozenset[Thing]) -> frozenset[Thing]:
        """Waits until something else has the keyboard, and returns what does."""
        known = {(each.role, each.name) for each in before}

        def probe() -> frozenset[Thing] | None:
            now = self._focused()
            return now if any((each.role, each.name) not in known for each in now) else None

        return wait_for("the keyboard to go on", probe)

    def _focused(self) -> frozenset[Thing]:
        """Returns what has the keyboard in the windows: one thing, and rows of lists that would have it there."""
        title = self.desktop.hands("getactivewindow", "getwindowname")
        window = re.compile(f"{re.escape(title)}|{re.escape(title.removesuffix(_SUFFIX))}")
        return frozenset(each for each in self.all(window=window) if "focused" in each.states)

    def write(self, name: Name, words: str, role: str = "", window: Name = ANYTHING) -> None:
        """Clicks into a field, and writes instead of what stands in it."""
        self.click(name, role, window)
        self.desktop.key("ctrl+a")
        self.desktop.type(words)

    def wheel_to(self, name: Name, role: str = "", window: Name = ANYTHING, *, over: Box, up: bool = False) -> Thing:
        """Turns the wheel over a page until the middle of something is inside it, and returns that."""

        def probe() -> Thing | None:
            found = [each for each in self.all(name, role, window) if over.contains(each.box)]
            if found:
                return found[0]
            self.desktop.hands("mousemove", *map(str, over.centre), "click", str(_WHEEL_UP if up else _WHEEL_DOWN))
            return None

        wait_for(f"{_pattern(name)!r} to come into view", probe)
        return self.find(name, role, window)

    # --- of the files

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Returns what the file of the conversations says."""
        file = self.driver.data / "history.sqlite3"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            return database.execute(statement).fetchall()

    def has_set(self, **settings: object) -> Callable[[], bool]:
        """Returns what tells whether settings are stored."""
        return lambda: all(self.driver.settings().get(key) == value for key, value in settings.items())

    def leave(self) -> None:
        """Ends Catnap by its key; it has printed nothing, and nothing went wrong that only a log tells."""
        self.desktop.focus(self.driver.main_window())
        self.desktop.key("ctrl+q")
        assert self.driver.wait_end() == 0
        self.driver.assert_quiet()
        assert "Traceback" not in self.driver.log()


def _lines(menu: dict[str, Any]) -> list[Thing]:
    return [_thing(each) for each in menu["menu"]]


def _pattern(name: Name) -> str:
    return re.escape(name) if isinstance(name, str) else name.pattern


def _thing(found: dict[str, Any]) -> Thing:
    return Thing(**found | {"box": Box("", *found["box"]), "states": frozenset(found["states"])})
