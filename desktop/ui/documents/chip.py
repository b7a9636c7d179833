"""The document that a conversation is about, above the field for questions: what of it, and how far it was read."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from desktop.common.printable import one_line
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.theme.palette import tinted
from desktop.ui.widgets.accessible import announce
from desktop.ui.widgets.glyphs import Glyph, GlyphButton, GlyphSign
from desktop.ui.widgets.labels import ElidedLabel, small_font
from desktop.ui.words import plain_tip

# Of the width, for the name, where that is too long.
_NAME_SHARE = 0.55


class _NameButton(QToolButton):
    """The name, cut in its middle where there is no room: both ends tell files apart."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self._most = 0
        self.setAutoRaise(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def say(self, name: str, most: int) -> None:
        """Shows a name within so many pixels."""
        if (name, most) != (self._name, self._most):
            self._name, self._most = name, most
            room = max(4 * unit(self), most - 2 * unit(self))
            shown = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, room)
            self.setText(shown.replace("&", "&&"))

    def sizeHint(self) -> QSize:
        step = unit(self)
        words = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text())
        return QSize(words.width() + 2 * step, 4 * step - step // 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(6 * unit(self), self.sizeHint().height())


class DocumentChip(QFrame):
    """Hidden while there is no document.

    Signals:
        lookRequested: The text shall be shown.
        removeRequested: The document shall be taken away, or not be opened after all.
    """

    lookRequested = Signal()
    removeRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self._fraction: float | None = None
        self._sign = GlyphSign(Glyph.PAGE, self)
        self._button = _NameButton(self)
        self._button.clicked.connect(self.lookRequested)
        self._state = ElidedLabel(parent=self)
        self._state.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._state.setFont(small_font(self._state.font()))
        self._close = GlyphButton(Glyph.CLOSE, "", self)
        self._close.clicked.connect(self.removeRequested)
        gap = spacing(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(gap.unit, 0, gap.half, 0)
        row.setSpacing(gap.half)
        row.addWidget(self._sign)
        row.addWidget(self._button)
        row.addWidget(self._state, stretch=1)
        row.addWidget(self._close)
        self.hide()

    @property
    def name(self) -> str:
        """Of the document; empty: there is none."""
        return self._name if not self.isHidden() else ""

    @property
    def state_words(self) -> str:
        """What is said of the document."""
        return self._state.accessibleName()

    def show_opening(self, name: str, state: str, fraction: float | None) -> None:
        """Shows a file that is being opened.

        Args:
            name: Of the file.
            state: How far it is, translated.
            fraction: How much of it is done, 0 to 1; None: nobody knows.
        """
        self._show(name, state, fraction)
        self._button.setEnabled(False)
        self._close.setToolTip(self.tr("Give up opening it"))
        self._close.setAccessibleName(self._close.toolTip())

    def show_document(self, name: str, state: str, fraction: float | None, tip: str = "") -> None:
        """Shows the document of a conversation.

        Args:
            name: Of the document.
            state: What of it, and how far it was read, translated.
            fraction: How much of it was read, 0 to 1; None: it is not being read.
            tip: More about that.
        """
        self._show(name, state, fraction)
        self._state.setToolTip(plain_tip(tip or state))
        self._button.setEnabled(True)
        self._close.setToolTip(self.tr("Take the document away"))
        self._close.setAccessibleName(self.tr("Take {name} away").format(name=self._name))

    def tell(self, words: str) -> None:
        """Has a screen reader say something about it."""
        announce(self, words)

    def clear(self) -> None:
        """Shows that there is no document."""
        self.hide()
        self._name, self._fraction = "", None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_name()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_state"):
            self._fit_name()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints it as a slip of paper on the composer, with a line along its foot while it is being read."""
        del event
        palette, step = self.palette(), unit(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tinted(palette, 0.18), 1.0))
        painter.setBrush(tinted(palette, 0.05))
        box, radius = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), step * 0.75
        painter.drawRoundedRect(box, radius, radius)
        if self._fraction is None:
            return
        thick = max(2.0, step * 0.3)
        groove = QRectF(box.left() + radius, box.bottom() - thick, box.width() - 2 * radius, thick)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(QPalette.ColorRole.Accent))
        groove.setWidth(groove.width() * min(1.0, max(0.0, self._fraction)))
        painter.drawRoundedRect(groove, thick / 2, thick / 2)

    def _show(self, name: str, state: str, fraction: float | None) -> None:
        self._name, self._fraction = one_line(name), fraction
        self._state.say(state)
        self._button.setAccessibleName(self.tr("Document: {name}").format(name=self._name))
        self._button.setAccessibleDescription(state)
        tip = self.tr("Look at {name}, or choose what of it is asked about").format(name=self._name)
        self._button.setToolTip(plain_tip(tip))
        self.setAccessibleName(f"{self._name}: {state}")
        self.show()
        self._fit_name()
        self.update()

    def _fit_name(self) -> None:
        self._button.say(self._name, round(self.width() * _NAME_SHARE))
