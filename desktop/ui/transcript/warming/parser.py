"""Has the Markdown parser imported before the first answer needs it, by a thread of its own.

That takes 75 to 110 ms of the processor on the machine of docs/ARCHITECTURE.md. By a thread, the window waits for no
more than 5 ms of it at a time (``sys.setswitchinterval``).
"""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, QTimer

# The window comes first, and what is shown in it.
_AFTER_MS = 800


class ParserWarming(QObject):
    """Does so once, a moment after it was begun."""

    def __init__(self, parent: QObject) -> None:
        """
        Args:
            parent: Owner.
        """
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, interval=_AFTER_MS)
        self._timer.timeout.connect(_start)

    def begin(self) -> None:
        """Begins to wait for the moment."""
        self._timer.start()


def _start() -> None:
    threading.Thread(target=_import, name="markdown-parser", daemon=True).start()


def _import() -> None:
    from desktop.ui.transcript.markdown.parser import markdown_parser

    markdown_parser().parse("**a** `b`\n\n1. c\n")
