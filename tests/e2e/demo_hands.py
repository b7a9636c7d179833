"""Mouse, keyboard, eyes and patience of the demo: real events to real widgets. GUI thread only."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop.common.events import Publisher
from tests.e2e.demo_report import NotAsExpectedError
from tests.support.patience import PATIENCE_S

_LOOK_AGAIN_S = 0.005
# What a change leaves to be laid out and painted may leave something in its turn, but not that often.
_ROUNDS = 20

T = TypeVar("T")
E = TypeVar("E")


async def until(what: str, probe: Callable[[], T | None], seconds: float = PATIENCE_S) -> T:
    """Waits until ``probe`` returns something true, and returns that.

    Raises:
        NotAsExpectedError: It did not in time.
    """
    deadline = time.monotonic() + seconds
    while not (found := probe()):
        if time.monotonic() > deadline:
            raise NotAsExpectedError(f"waited {seconds:.0f} s for {what}")
        await asyncio.sleep(_LOOK_AGAIN_S)
    return found


async def settle() -> None:
    """Lets the interface come to rest: each round, the loop does all that is waiting to be done."""
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Heard(Generic[E]):
    """An event and when it came, in seconds of ``time.monotonic``."""

    at: float
    event: E


class Ear(Generic[E]):
    """Keeps what a relay has announced."""

    def __init__(self, relay: Publisher[E]) -> None:
        """
        Args:
            relay: Listened to from now on.
        """
        self._heard: list[Heard[E]] = []
        relay.subscribe(lambda event: self._heard.append(Heard(time.monotonic(), event)))

    def mark(self) -> int:
        """Returns the place in the list from which later events are."""
        return len(self._heard)

    def since(self, mark: int, kind: type[T]) -> list[Heard[T]]:
        """Returns the events of a kind that came after ``mark``."""
        return [Heard(one.at, one.event) for one in self._heard[mark:] if isinstance(one.event, kind)]

    async def hear(
        self,
        what: str,
        mark: int,
        kind: type[T],
        test: Callable[[T], bool] = lambda _event: True,
        seconds: float = PATIENCE_S,
    ) -> Heard[T]:
        """Waits for the first event of a kind after ``mark`` that passes a test.

        Raises:
            NotAsExpectedError: None has come in time.
        """
        return await until(
            what, lambda: next((one for one in self.since(mark, kind) if test(one.event)), None), seconds
        )


def click(widget: QWidget) -> None:
    """Clicks into the middle of a widget with the left button."""
    middle = QPoint(widget.width() // 2, widget.height() // 2)
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)


def press(widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Presses and releases a key."""
    QTest.keyClick(widget, key, modifier)


def type_text(widget: QWidget, text: str) -> None:
    """Types Latin text, key by key."""
    QTest.keyClicks(widget, text)


async def picture(widget: QWidget, file: Path) -> None:
    """Saves what a window shows as PNG.

    Raises:
        NotAsExpectedError: There is nothing to be seen, or the file cannot be written.
    """
    await settle()
    shown = widget.grab()
    if shown.isNull() or not shown.save(str(file)):
        raise NotAsExpectedError(f"no picture in {file}")
