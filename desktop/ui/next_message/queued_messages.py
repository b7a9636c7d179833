"""What waits above the composer to be sent when the answer has ended."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.common.printable import one_line
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.theme.palette import tinted
from desktop.ui.widgets.glyphs import Glyph, GlyphButton
from desktop.ui.widgets.labels import ElidedLabel, MutedLabel

# More are counted: the page keeps its room.
_MOST_ROWS = 3
# Characters of a message that fill any line.
_LOOKED_AT = 400


class _Row(QWidget):
    """One message; a click takes it back."""

    clicked = Signal()

    def __init__(self, text: str, hint: str, parent: QWidget) -> None:
        super().__init__(parent)
        line = one_line(text[:_LOOKED_AT])
        label = ElidedLabel(line, self)
        button = GlyphButton(Glyph.CLOSE, hint, self)
        button.setAccessibleName(f"{hint}: {line}")
        button.clicked.connect(self.clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label, stretch=1)
        row.addWidget(button)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(hint)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()


class QueuedMessages(QFrame):
    """The messages that wait; hidden while there are none.

    Signals:
        takeBackRequested: (place) A message shall come back into the field.
    """

    takeBackRequested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[str, ...] = ()
        self._rows: list[_Row] = []
        self._head = MutedLabel(parent=self)
        self._more = MutedLabel(parent=self)
        gap = spacing(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(gap.unit, gap.unit, gap.half, gap.half)
        self._column.setSpacing(0)
        self._column.addWidget(self._head)
        self._column.addWidget(self._more)
        self.hide()

    def set_messages(self, messages: Sequence[str]) -> None:
        """Shows the messages in the order in which they will be sent."""
        if tuple(messages) == self._shown:
            return
        self._shown = tuple(messages)
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = [self._row(place, text) for place, text in enumerate(self._shown[:_MOST_ROWS])]
        self._head.setText(self.tr("Sent when this answer has ended:"))
        more = len(self._shown) - _MOST_ROWS
        self._more.setText(self.tr("and {count} more").format(count=more))
        self._more.setVisible(more > 0)
        self.setAccessibleName(f"{self._head.text()} {'; '.join(one_line(text[:_LOOKED_AT]) for text in self._shown)}")
        self.setVisible(bool(self._shown))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        # Like a message of the user's on the page, and not there yet.
        palette = self.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1.0, Qt.PenStyle.DashLine))
        painter.setBrush(tinted(palette, 0.05))
        box = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, unit(self) * 0.75, unit(self) * 0.75)

    def _row(self, place: int, text: str) -> _Row:
        row = _Row(text, self.tr("Take it back into the field"), self)
        row.clicked.connect(partial(self.takeBackRequested.emit, place))
        self._column.insertWidget(1 + place, row)
        row.show()  # the layout would do so in a later turn
        return row
