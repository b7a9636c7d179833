"""The button that sends, and tells where to: filled while it is the obvious one to press."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.ui.theme.focus import draw_focus
from desktop.ui.theme.metrics import unit
from desktop.ui.theme.palette import elsewhere, mix


class SendButton(QPushButton):
    """A button that is filled with the accent's colour while it is the obvious one to press."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._accented = self._leads_away = False
        self.setAutoDefault(False)

    def set_leading_away(self, away: bool) -> None:
        """Fills it with the colour of what leaves this computer, where it is filled."""
        self._leads_away = away
        self.update()

    def set_accented(self, accented: bool) -> None:
        """Fills it, or makes it look like any other."""
        self._accented = accented
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._accented or not self.isEnabled():
            super().paintEvent(event)
            return
        # The style's own gradient makes the accent too light for the text on it.
        palette, role = self.palette(), QPalette.ColorRole
        words = palette.color(role.Base if self._leads_away else role.HighlightedText)
        fill = elsewhere(palette) if self._leads_away else palette.color(role.Highlight)
        if self.isDown() or self.underMouse():
            fill = mix(fill, palette.color(role.Text), 0.18 if self.isDown() else 0.09)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(self.rect().toRectF().adjusted(1, 1, -1, -1), unit(self) * 0.5, unit(self) * 0.5)
        painter.setPen(words)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            inside = self.rect().toRectF().adjusted(3, 3, -3, -3)
            draw_focus(painter, inside, palette, unit(self) * 0.5, words)
