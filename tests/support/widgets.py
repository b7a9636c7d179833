"""Finding widgets in tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from PySide6.QtWidgets import QAbstractButton, QLabel, QMenu, QMenuBar, QWidget

from desktop.ui.widgets.mnemonics import mnemonic_of

W = TypeVar("W", bound=QWidget)


def children(parent: QWidget, kind: type[W], shown: bool = False) -> list[W]:
    """Returns the widgets of a kind below ``parent``, in the order they were made.

    Args:
        shown: Only those that are visible.
    """
    found = cast(list[W], list(parent.findChildren(kind)))
    return [widget for widget in found if widget.isVisible()] if shown else found


def child(parent: QWidget, kind: type[W]) -> W:
    """Returns the only widget of a kind below ``parent``."""
    (found,) = children(parent, kind)
    return found


def words_on(parent: QWidget) -> str:
    """Returns what the labels below ``parent`` say that are visible, each on a line."""
    return "\n".join(label.text() for label in children(parent, QLabel, shown=True))


def press(parent: QWidget, text: str, wait: Callable[[Callable[[], bool]], object]) -> None:
    """Clicks the button below ``parent`` with these words.

    Args:
        parent: Where it is.
        text: Without the mark of its letter.
        wait: Waits until it is there, and can be pressed.
    """

    def found() -> list[QAbstractButton]:
        shown = children(parent, QAbstractButton, shown=True)
        return [one for one in shown if one.text().replace("&", "") == text and one.isEnabled()]

    wait(lambda: bool(found()))
    found()[0].click()


def letters_given_twice(bar: QMenuBar) -> list[str]:
    """Returns the letters that lead to more than one entry of the bar or of one of its menus."""
    twice = []
    for menu in (bar, *children(bar, QMenu)):
        letters = [mnemonic_of(action.text()) for action in menu.actions() if action.text()]
        twice += sorted({letter for letter in letters if letter and letters.count(letter) > 1})
    return twice
