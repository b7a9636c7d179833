"""The way back to the end of the page for somebody who reads further up while text comes below: a quiet button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QSizePolicy, QToolButton

from desktop.ui.theme.metrics import unit
from desktop.ui.theme.palette import tinted
from desktop.ui.transcript.navigation.scrolling import PageScroll
from desktop.ui.widgets.glyphs import Glyph, glyph_icon


class NewestButton(QToolButton):
    """Lies over the foot of the page while text that nobody has seen is below it."""

    def __init__(self, area: QAbstractScrollArea, scroll: PageScroll) -> None:
        """
        Args:
            area: Shows the page; owner.
            scroll: Knows whether its end can be seen.
        """
        super().__init__(area)
        self._area, self._scroll = area, scroll
        self._has_news = False
        self.setText(self.tr("Newest text"))
        self.setToolTip(self.tr("There is new text below (Alt+End)"))
        self.setAutoRaise(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._draw_sign()
        self.hide()

    def take_news(self) -> None:
        """Text has come at the end of the page; :meth:`offer` follows."""
        self._has_news = True

    def forget_news(self) -> None:
        """What has come is of no interest any more; :meth:`offer` follows."""
        self._has_news = False

    def offer(self, beside: QRect) -> None:
        """Comes where text has come that cannot be seen, else goes; the keyboard goes back to the page with it.

        Args:
            beside: What else lies over the page, in the area's coordinates; empty: nothing.
        """
        self._has_news = self._has_news and not self._scroll.is_end_in_view
        if self._has_news:
            self._place(beside)
            self.show()
        elif not self.isHidden():
            if self.hasFocus():
                self._area.setFocus(Qt.FocusReason.OtherFocusReason)
            self.hide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.PaletteChange) and hasattr(self, "_area"):
            self._draw_sign()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tinted(self.palette(), 0.3), 1))
        painter.setBrush(self.palette().brush(QPalette.ColorRole.Base))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), unit(self) / 2, unit(self) / 2)
        painter.end()
        super().paintEvent(event)

    def _place(self, beside: QRect) -> None:
        page, step, size = self._area.viewport().geometry(), unit(self), self.sizeHint()
        middle = page.center().x() - size.width() // 2
        place = QRect(middle, page.bottom() - size.height() - step, size.width(), size.height())
        if place.intersects(beside):
            place.moveBottom(beside.top() - step // 2)
        self.setGeometry(place)

    def _draw_sign(self) -> None:
        self.setIcon(glyph_icon(self, Glyph.DOWN))
