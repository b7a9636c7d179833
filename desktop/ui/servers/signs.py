"""What says that words leave this computer, beside what they are written in."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QWidget

from desktop.ui.theme.palette import elsewhere
from desktop.ui.widgets.labels import ElidedLabel


class PlaceSign(ElidedLabel):
    """Says above a conversation where its answers come from; hidden while they come from this computer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, fills=False)
        self._place = ""
        self._colour()
        self.hide()

    @property
    def place(self) -> str:
        """Host of the server; empty: none answers."""
        return self._place

    def show_place(self, place: str) -> None:
        """Shows the host of a server; empty: none answers."""
        self._place = place
        if place:
            self.say(self.tr("answers from {host}").format(host=place), place)
        self.setVisible(bool(place))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.ApplicationPaletteChange, QEvent.Type.ParentChange, QEvent.Type.PaletteChange):
            self._colour()

    def _colour(self) -> None:
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.WindowText, elsewhere(palette))
        if self.palette() != palette:
            self.setPalette(palette)
