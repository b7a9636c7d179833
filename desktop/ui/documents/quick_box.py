"""Files and long texts in the quick box: it has one line, so they go to a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication

from desktop.ui.documents.drops import FileDrops
from desktop.ui.documents.incoming import Incoming, is_long, look_at
from desktop.ui.documents.words import words_of
from desktop.ui.quick_ask.presenter import QuickPresenter
from desktop.ui.widgets.banner import NoticeAction

if TYPE_CHECKING:  # made when it is first opened
    from desktop.ui.quick_ask.box import QuickAsk

# What comes at once is pasted, not typed.
_AT_ONCE = 7


class QuickBoxDocuments(QObject):
    """Watches the box.

    Signals:
        brought: (Incoming, question) What is for a new conversation, and what was typed before; the box is gone.
    """

    brought = Signal(object, str)

    def __init__(self, quick: QuickPresenter, parent: QObject | None = None) -> None:
        """
        Args:
            quick: Opens the box.
            parent: Owner.
        """
        super().__init__(parent)
        self._quick = quick
        self._followed: QuickAsk | None = None
        self._before = ""
        quick.opened.connect(self._on_opened)
        self._on_opened()

    def _on_opened(self) -> None:
        box = self._quick.box
        if box is None or box is self._followed:
            return
        self._followed = box
        FileDrops(box).dropped.connect(lambda incoming: self._hand_over(box, incoming, box.text))
        box.composingChanged.connect(lambda text: self._on_text(box, text))

    def _on_text(self, box: QuickAsk, text: str) -> None:
        before, self._before = self._before, text
        if len(text) - len(before) < _AT_ONCE:
            return
        # However it was pasted: by a key, the menu, the middle button.
        clipboard = QGuiApplication.clipboard()
        pasted = next((data for data in (clipboard.mimeData(), _selection()) if _is_in(data, text)), None)
        if pasted is None:
            return
        incoming = look_at(pasted)
        if incoming.files:
            self._hand_over(box, incoming, before)
        elif is_long(incoming.text):
            words = self.tr("A long text was pasted: {amount}.").format(amount=words_of(incoming.text))
            ask = NoticeAction(
                self.tr("Ask about it in the &window"),
                lambda: self._hand_over(box, Incoming(text=incoming.text), before),
            )
            box.offer(words, (ask,))

    def _hand_over(self, box: QuickAsk, incoming: Incoming, question: str) -> None:
        box.hide()
        self.brought.emit(incoming, question)


def _selection() -> QMimeData | None:
    clipboard = QGuiApplication.clipboard()
    return clipboard.mimeData(clipboard.Mode.Selection) if clipboard.supportsSelection() else None


def _is_in(data: QMimeData | None, line: str) -> bool:
    """Tells whether a text that was pasted into a line is this one: a line has no ends of lines."""
    words = data.text().split() if data is not None and data.hasText() else []
    return bool(words) and " ".join(words) in " ".join(line.split())
