"""The commands that take conversations out and in, for the window's menu and for the list's."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu


class ExchangeActions(QObject):
    """Signals: what is asked for, with the id of the conversation; an empty one stands for the one shown."""

    exportRequested = Signal(str)
    exportAllRequested = Signal()
    importRequested = Signal()
    printRequested = Signal(str)
    pdfRequested = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        """
        Args:
            parent: Owner.
        """
        super().__init__(parent)
        self._single: list[QAction] = []

    def add_to_bar(self, menu: QMenu) -> None:
        """Adds all of them to the menu of the conversation."""
        self._single.append(self._add(menu, self.tr("E&xport…"), self.exportRequested, ""))
        self._add(menu, self.tr("Exp&ort all…"), self.exportAllRequested)
        self._add(menu, self.tr("&Import…"), self.importRequested)
        menu.addSeparator()
        printing = self._add(menu, self.tr("&Print…"), self.printRequested, "")
        printing.setShortcut(QKeySequence("Ctrl+P"))
        self._single += [printing, self._add(menu, self.tr("Save as PD&F…"), self.pdfRequested, "")]

    def add_to_list(self, menu: QMenu, conversation_id: str) -> None:
        """Adds what can be done with one conversation to its menu in the list."""
        menu.addSeparator()
        self._add(menu, self.tr("Export…"), self.exportRequested, conversation_id)
        self._add(menu, self.tr("Print…"), self.printRequested, conversation_id)
        self._add(menu, self.tr("Save as PDF…"), self.pdfRequested, conversation_id)

    def set_has_conversation(self, has: bool) -> None:
        """Offers what is done with the conversation shown, or not."""
        for action in self._single:
            action.setEnabled(has)

    def _add(self, menu: QMenu, text: str, signal: SignalInstance, *arguments: str) -> QAction:
        action = QAction(text, menu)
        action.triggered.connect(lambda _checked=False: signal.emit(*arguments))
        menu.addAction(action)
        return action
