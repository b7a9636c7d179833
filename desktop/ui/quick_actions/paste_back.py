"""Puts an answer where the selected text was: through the clipboard, whose content can be had back."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence

from desktop.system.paste.types import PasteKeys
from desktop.ui.quick_actions.selection import clipboard_data
from desktop.ui.words import sentences

if TYPE_CHECKING:
    from desktop.ui.quick_ask.box import QuickAsk

_LOOK_MS: Final = 20
# A window manager takes some milliseconds to hand the keyboard on, and a person a moment to let go of the keys.
_PATIENCE_S: Final = 3.0
# What is kept of a clipboard that is replaced; an image of a whole 4K screen has 33 MB.
_MOST_BYTES: Final = 64_000_000


class PasteBack(QObject):
    """Remembers which window was in front, and pastes there. GUI thread.

    Attributes:
        said: (title, text) What became of it, translated, after the box has gone.
        keptChanged: Whether there is a clipboard to be put back.
    """

    said = Signal(str, str)
    keptChanged = Signal(bool)

    def __init__(self, make_keys: Callable[[], PasteKeys | None], parent: QObject | None = None) -> None:
        """
        Args:
            make_keys: Returns what presses keys here; called when a text is pasted or the box opened for the first
                time. None: nothing does.
            parent: Owner.
        """
        super().__init__(parent)
        self._make_keys: Callable[[], PasteKeys | None] | None = make_keys
        self._keys: PasteKeys | None = None
        self._window: int | None = None
        self._kept: QMimeData | None = None
        self._deadline = 0.0
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._try)

    @property
    def keeps_clipboard(self) -> bool:
        """Whether there is a clipboard to be put back."""
        return self._kept is not None

    def remember(self) -> None:
        """Remembers the window in front: the box is about to open."""
        keys = self._get_keys()
        self._window = keys.window_in_front() if keys is not None else None

    def paste(self, text: str, box: QuickAsk) -> None:
        """Puts a text where the other text came from, or says which keys do that.

        Args:
            text: The answer.
            box: Is hidden where the text can be pasted, and says so where it cannot.
        """
        self._keep_clipboard(text)
        QGuiApplication.clipboard().setText(text)
        keys = self._get_keys()
        if keys is None or self._window is None:
            box.say(self._press_words())
            return
        box.hide()
        keys.bring_to_front(self._window)
        self._deadline = time.monotonic() + _PATIENCE_S
        self._look.start()

    def put_clipboard_back(self) -> None:
        """Puts back what the clipboard held before an answer was pasted; does nothing where there is nothing."""
        if self._kept is not None:
            kept, self._kept = self._kept, None
            QGuiApplication.clipboard().setMimeData(kept)
            self.keptChanged.emit(False)

    def close(self) -> None:
        """Lets go of the display. May be repeated."""
        self._look.stop()
        self._make_keys = None
        if self._keys is not None:
            self._keys.close()
            self._keys = None

    def _get_keys(self) -> PasteKeys | None:
        if self._make_keys is not None:
            self._keys, self._make_keys = self._make_keys(), None
        return self._keys

    def _try(self) -> None:
        keys, window = self._keys, self._window
        if keys is not None and window is not None and keys.is_ready(window):
            self._look.stop()
            if keys.press():
                if self._kept is not None:
                    self.said.emit(self.tr("The answer was pasted."), self._kept_words())
            else:
                self.said.emit(self.tr("The answer was copied."), self._press_words())
        elif time.monotonic() > self._deadline:
            self._look.stop()
            self.said.emit(self.tr("The answer was copied."), self._press_words())

    def _press_words(self) -> str:
        name = QKeySequence("Ctrl+V").toString(QKeySequence.SequenceFormat.NativeText)
        words = self.tr("Copied. Press {keys} where it shall go.").format(
            keys=name if sys.platform == "darwin" else "Ctrl+V"
        )
        return sentences(words, self._kept_words()) if self._kept is not None else words

    def _kept_words(self) -> str:
        return self.tr("What the clipboard held before can be put back from the tray menu.")

    def _keep_clipboard(self, text: str) -> None:
        """Copies what the clipboard holds, which belongs to another program and would be gone."""
        held = clipboard_data()
        if held is None or not held.formats() or held.text() == text:
            return
        kept, size = QMimeData(), 0
        for form in held.formats():
            data = held.data(form)
            size += data.size()
            if data.size() and size <= _MOST_BYTES:
                kept.setData(form, data)
        if kept.formats():
            self._kept = kept
            self.keptChanged.emit(True)
