"""Reads the text that is selected in another program, or the one that was copied there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QClipboard, QGuiApplication

from desktop.chat.quick_actions.selected_text import clean_selection

# How password managers mark what nobody shall see, on KDE and its like, Windows and macOS.
_SECRET: Final = (
    "x-kde-passwordManagerHint",
    'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"',
    'application/x-qt-windows-mime;value="Clipboard Viewer Ignore"',
    "org.nspasteboard.ConcealedType",
)


class Source(Enum):
    """Where a text comes from."""

    SELECTION = "selection"
    CLIPBOARD = "clipboard"


@dataclass(frozen=True)
class TakenText:
    """A text from elsewhere, cleaned; ``total`` is its length before it was shortened."""

    text: str
    source: Source
    total: int


class SelectedTexts(Protocol):
    """Where selected and copied texts are read; a test has its own."""

    @property
    def has_selection(self) -> bool:
        """Whether the system has a selection of its own beside the clipboard."""
        ...

    @property
    def needs_focus(self) -> bool:
        """Whether only a window with the keyboard may read."""
        ...

    def read(self, source: Source) -> str:
        """Returns the text there, cleaned; empty: none, or one that nobody shall see."""
        ...


class DesktopTexts:
    """Those of this desktop. GUI thread; a program that owns the text and hangs holds a read up for some seconds."""

    @property
    def has_selection(self) -> bool:
        """X11 has one, and Wayland where the compositor offers it."""
        return QGuiApplication.clipboard().supportsSelection()

    @property
    def needs_focus(self) -> bool:
        """Wayland tells only the window with the keyboard what is selected."""
        return QGuiApplication.platformName().startswith("wayland")

    def read(self, source: Source) -> str:
        """Returns the text there, cleaned; empty: none, or one that a password manager has put there."""
        mode = QClipboard.Mode.Selection if source is Source.SELECTION else QClipboard.Mode.Clipboard
        data = clipboard_data(mode)
        if data is None or any(data.hasFormat(mark) for mark in _SECRET):
            return ""
        return clean_selection(QGuiApplication.clipboard().text(mode))


def clipboard_data(mode: QClipboard.Mode = QClipboard.Mode.Clipboard) -> QMimeData | None:
    """Returns what lies there; None: nothing, which PySide's declarations leave out."""
    return QGuiApplication.clipboard().mimeData(mode)
