"""The few signs on buttons, drawn in the colour of the text, so that they follow palette and size."""

from __future__ import annotations

from enum import Enum
from typing import cast

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QStyle, QStyleOptionToolButton, QStylePainter, QToolButton, QWidget

from desktop.ui.theme.metrics import unit

_ButtonText = QPalette.ColorRole.ButtonText
_Disabled = QPalette.ColorGroup.Disabled


class Glyph(Enum):
    """What is drawn; the value lists its strokes in a square of 16."""

    LIST = (((2, 4), (14, 4)), ((2, 8), (14, 8)), ((2, 12), (14, 12)))
    PLUS = (((8, 2.5), (8, 13.5)), ((2.5, 8), (13.5, 8)))
    CLOSE = (((4, 4), (12, 12)), ((12, 4), (4, 12)))
    LEFT = (((10, 4), (6, 8)), ((6, 8), (10, 12)))
    RIGHT = (((6, 4), (10, 8)), ((10, 8), (6, 12)))
    HIGHER = (((8, 13), (8, 3.5)), ((4, 7.5), (8, 3.5)), ((8, 3.5), (12, 7.5)))
    NEW_FOLDER = (
        *(((2, 4), (6, 4)), ((6, 4), (7.5, 5.5)), ((7.5, 5.5), (14, 5.5)), ((14, 5.5), (14, 13)), ((14, 13), (2, 13))),
        *(((2, 13), (2, 4)), ((8, 7.3), (8, 11.3)), ((6, 9.3), (10, 9.3))),
    )
    GRID = (
        *(((3, 3), (6.5, 3)), ((6.5, 3), (6.5, 6.5)), ((6.5, 6.5), (3, 6.5)), ((3, 6.5), (3, 3))),
        *(((9.5, 3), (13, 3)), ((13, 3), (13, 6.5)), ((13, 6.5), (9.5, 6.5)), ((9.5, 6.5), (9.5, 3))),
        *(((3, 9.5), (6.5, 9.5)), ((6.5, 9.5), (6.5, 13)), ((6.5, 13), (3, 13)), ((3, 13), (3, 9.5))),
        *(((9.5, 9.5), (13, 9.5)), ((13, 9.5), (13, 13)), ((13, 13), (9.5, 13)), ((9.5, 13), (9.5, 9.5))),
    )
    UP = (((4, 10), (8, 6)), ((8, 6), (12, 10)))
    DOWN = (((4, 6), (8, 10)), ((8, 10), (12, 6)))
    MORE = (((3, 8), (3, 8.1)), ((8, 8), (8, 8.1)), ((13, 8), (13, 8.1)))
    BATTERY = (
        ((1.5, 4.5), (12.5, 4.5)),
        ((12.5, 4.5), (12.5, 11.5)),
        ((12.5, 11.5), (1.5, 11.5)),
        ((1.5, 11.5), (1.5, 4.5)),
        ((14.5, 7), (14.5, 9)),
        ((4, 7), (4, 9)),
        ((6.5, 7), (6.5, 9)),
    )
    COPY = (
        *(
            ((5.5, 5.5), (13.5, 5.5)),
            ((13.5, 5.5), (13.5, 13.5)),
            ((13.5, 13.5), (5.5, 13.5)),
            ((5.5, 13.5), (5.5, 5.5)),
        ),
        *(((10.5, 2.5), (2.5, 2.5)), ((2.5, 2.5), (2.5, 10.5))),
    )
    SPEAKER = (
        *(((2, 6), (4.5, 6)), ((4.5, 6), (8, 3)), ((8, 3), (8, 13)), ((8, 13), (4.5, 10)), ((4.5, 10), (2, 10))),
        *(((2, 10), (2, 6)), ((10.5, 6), (11.2, 8)), ((11.2, 8), (10.5, 10))),
        *(((12.5, 4), (14, 8)), ((14, 8), (12.5, 12))),
    )
    STOP = (((4, 4), (12, 4)), ((12, 4), (12, 12)), ((12, 12), (4, 12)), ((4, 12), (4, 4)))
    PENCIL = (
        *(((3, 13), (3.8, 10)), ((3.8, 10), (10.8, 3)), ((10.8, 3), (13, 5.2)), ((13, 5.2), (6, 12.2))),
        *(((6, 12.2), (3, 13)), ((9.3, 4.5), (11.5, 6.7))),
    )
    AGAIN = (
        *(((12.8, 9.5), (11.4, 12)), ((11.4, 12), (8.8, 13.2)), ((8.8, 13.2), (6, 12.9)), ((6, 12.9), (3.8, 11.2))),
        *(((3.8, 11.2), (2.8, 8.5)), ((2.8, 8.5), (3.4, 5.7)), ((3.4, 5.7), (5.4, 3.6)), ((5.4, 3.6), (8.2, 2.9))),
        *(((8.2, 2.9), (10.9, 3.7)), ((10.9, 3.7), (13, 6)), ((13.2, 2.8), (13, 6)), ((13, 6), (9.9, 5.9))),
    )
    PAGE = (
        *(((4, 2), (9.5, 2)), ((9.5, 2), (12.5, 5)), ((12.5, 5), (12.5, 14)), ((12.5, 14), (4, 14)), ((4, 14), (4, 2))),
        *(((6.3, 7.5), (10.2, 7.5)), ((6.3, 10.5), (10.2, 10.5))),
    )
    ONWARD = (((3.5, 3.5), (8, 8)), ((8, 8), (3.5, 12.5)), ((8.5, 3.5), (13, 8)), ((13, 8), (8.5, 12.5)))
    BIN = (
        *(((2.5, 4.5), (13.5, 4.5)), ((6, 4.5), (6.4, 2.5)), ((6.4, 2.5), (9.6, 2.5)), ((9.6, 2.5), (10, 4.5))),
        *(((4, 4.5), (4.7, 13.5)), ((4.7, 13.5), (11.3, 13.5)), ((11.3, 13.5), (12, 4.5))),
        *(((6.7, 7), (6.9, 11)), ((9.3, 7), (9.1, 11))),
    )
    THUMB_UP = (
        *(((2.5, 7.5), (4.5, 7.5)), ((4.5, 7.5), (4.5, 13)), ((4.5, 13), (2.5, 13)), ((2.5, 13), (2.5, 7.5))),
        *(((4.5, 8), (7.5, 2.5)), ((7.5, 2.5), (8.9, 3.7)), ((8.9, 3.7), (8.3, 6.5)), ((8.3, 6.5), (13, 6.5))),
        *(((13, 6.5), (13.4, 8)), ((13.4, 8), (12, 13)), ((12, 13), (4.5, 13))),
    )
    THUMB_DOWN = (
        *(((2.5, 8.5), (4.5, 8.5)), ((4.5, 8.5), (4.5, 3)), ((4.5, 3), (2.5, 3)), ((2.5, 3), (2.5, 8.5))),
        *(((4.5, 8), (7.5, 13.5)), ((7.5, 13.5), (8.9, 12.3)), ((8.9, 12.3), (8.3, 9.5)), ((8.3, 9.5), (13, 9.5))),
        *(((13, 9.5), (13.4, 8)), ((13.4, 8), (12, 3)), ((12, 3), (4.5, 3))),
    )


class GlyphButton(QToolButton):
    """A flat button with a sign."""

    def __init__(self, glyph: Glyph, name: str, parent: QWidget | None = None) -> None:
        """
        Args:
            glyph: The sign.
            name: Accessible name and tooltip, translated.
            parent: Owner.
        """
        super().__init__(parent)
        self._glyph = glyph
        self.setAutoRaise(True)
        self.setAccessibleName(name)
        self.setToolTip(name)

    def show_as(self, glyph: Glyph, name: str) -> None:
        """Shows another sign, which means something else.

        Args:
            glyph: The sign.
            name: Accessible name and tooltip, translated.
        """
        self._glyph = glyph
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.update()

    def sizeHint(self) -> QSize:
        edge = unit(self) * 4 - unit(self) // 2
        return QSize(edge, edge)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        _paint(self, self._glyph)


class MenuButton(QToolButton):
    """A flat button with words that opens a menu, and the sign for that: the style's own is a speck beside them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoRaise(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._colour()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.ApplicationPaletteChange, QEvent.Type.PaletteChange):
            self._colour()

    def _colour(self) -> None:
        """It stands beside a title, and is less than that."""
        palette = QPalette()
        role = QPalette.ColorRole
        for each in (role.ButtonText, role.WindowText):
            palette.setColor(each, palette.color(role.PlaceholderText))
        if self.palette() != palette:
            self.setPalette(palette)

    def sizeHint(self) -> QSize:
        edge = unit(self)
        words = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text())
        return QSize(words.width() + 5 * edge, max(words.height() + edge, 4 * edge - edge // 2))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the button without the style's arrow, its words at the left, and the sign behind them."""
        del event  # a button is small
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        fields = cast("_ButtonOption", option)
        fields.features = QStyleOptionToolButton.ToolButtonFeature.None_
        fields.text = ""
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        edge = unit(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.ButtonText))
        words = self.rect().adjusted(edge, 0, -3 * edge, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextShowMnemonic, self.text())
        painter.end()
        _paint(self, Glyph.DOWN, QPointF(self.width() - 2 * edge, self.height() / 2))


class _ButtonOption:
    """The fields of QStyleOptionToolButton, which PySide's declarations leave out; never made, only cast to."""

    features: QStyleOptionToolButton.ToolButtonFeature
    text: str


class GlyphSign(QWidget):
    """A sign that only says something."""

    def __init__(self, glyph: Glyph, parent: QWidget | None = None) -> None:
        """
        Args:
            glyph: The sign.
            parent: Owner.
        """
        super().__init__(parent)
        self._glyph = glyph
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def say(self, words: str) -> None:
        """Sets what the sign means, translated: its tooltip and accessible name."""
        self.setToolTip(words)
        self.setAccessibleName(words)

    def sizeHint(self) -> QSize:
        edge = unit(self) * 2
        return QSize(edge, edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event  # a sign is small: it is painted whole
        _paint(self, self._glyph)


def glyph_icon(widget: QWidget, glyph: Glyph) -> QIcon:
    """Returns a sign for a button of Qt's own, in the colours and the size that are in force for a widget now."""
    edge, ratio = unit(widget) * 2, widget.devicePixelRatioF()
    icon = QIcon()
    for mode, group in ((QIcon.Mode.Normal, QPalette.ColorGroup.Active), (QIcon.Mode.Disabled, _Disabled)):
        picture = QPixmap(round(edge * ratio), round(edge * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        _draw(painter, glyph, edge, QPointF(edge / 2, edge / 2), widget.palette().color(group, _ButtonText))
        painter.end()
        icon.addPixmap(picture, mode)
    return icon


def _paint(widget: QWidget, glyph: Glyph, middle: QPointF | None = None) -> None:
    middle = middle or QPointF(widget.width() / 2, widget.height() / 2)
    painter = QPainter(widget)
    _draw(painter, glyph, unit(widget) * 2, middle, widget.palette().color(_ButtonText))
    painter.end()


def _draw(painter: QPainter, glyph: Glyph, edge: int, middle: QPointF, colour: QColor) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(middle.x() - edge / 2, middle.y() - edge / 2)
    painter.scale(edge / 16, edge / 16)
    pen = QPen(colour, 1.5)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    for start, end in glyph.value:
        painter.drawLine(QPointF(*start), QPointF(*end))
