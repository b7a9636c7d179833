"""Finding widgets in tests."""

from __future__ import annotations

from typing import TypeVar, cast

from PySide6.QtWidgets import QWidget

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
