"""Has what is imported late imported before it is needed, by a thread of its own.

The Markdown parser takes 75 to 110 ms of the processor on the machine of docs/ARCHITECTURE.md, the calculator 30. By a
thread, the window waits for no more than 5 ms of it at a time (``sys.setswitchinterval``).
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

# The window comes first, and what is shown in it.
_AFTER_MS = 800


class ImportWarming(QObject):
    """Does so once, a moment after it was begun."""

    def __init__(self, work: Callable[[], object], name: str, parent: QObject) -> None:
        """
        Args:
            work: Imports it; called on the thread.
            name: Of the thread.
            parent: Owner.
        """
        super().__init__(parent)
        self._work = work
        self._name = name
        self._has_begun = False

    def begin(self) -> None:
        """Begins to wait for the moment; from the second call on nothing more happens."""
        if not self._has_begun:
            self._has_begun = True
            QTimer.singleShot(_AFTER_MS, self, self._start)

    def _start(self) -> None:
        threading.Thread(target=self._work, name=self._name, daemon=True).start()


def import_parser() -> None:
    """Imports the Markdown parser, with all that it imports at its first text."""
    from desktop.ui.transcript.markdown.parser import markdown_parser

    markdown_parser().parse("**a** `b`\n\n1. c\n")
