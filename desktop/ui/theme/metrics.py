"""Distances and fonts of the whole interface: they come from the font in force, and grow with it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QScreen
from PySide6.QtWidgets import QWidget

# 8 px belong to the 9 pt font of a screen at 100 %, which is 12 px high; everything else is in proportion.
_UNIT_PER_FONT_PIXEL = 8 / 12

# Reading takes a little more size than a label does.
READING_FACTOR = 1.15

# What a frame and a title bar take of the space a screen has.
_FRAME = QSize(16, 48)


@dataclass(frozen=True)
class Spacing:
    """The one rhythm of distances, in device-independent pixels.

    Attributes:
        unit: 8 px at 100 %.
    """

    unit: int

    @property
    def half(self) -> int:
        """Between things that belong together: an icon and its word."""
        return max(1, self.unit // 2)

    @property
    def double(self) -> int:
        """Between groups."""
        return self.unit * 2

    @property
    def triple(self) -> int:
        """Between blocks, and the margin of a page."""
        return self.unit * 3


def unit(widget: QWidget) -> int:
    """Returns the distance that is 8 px at 100 %, in device-independent pixels, for the font of ``widget``."""
    return unit_for_font(widget.font())


def unit_for_font(font: QFont) -> int:
    """Returns the distance that is 8 px for a font 12 px high."""
    return max(4, round(QFontInfo(font).pixelSize() * _UNIT_PER_FONT_PIXEL))


def spacing(widget: QWidget) -> Spacing:
    """Returns the distances for the font of ``widget``."""
    return Spacing(unit(widget))


def points_of(font: QFont) -> float:
    """Returns the size of a font in points, also of one whose size was given in pixels."""
    return font.pointSizeF() if font.pointSizeF() > 0 else QFontInfo(font).pointSizeF()


def room_on_screen(widget: QWidget) -> QSize:
    """Returns what the inside of a window may measure on the screen of ``widget``, in device-independent pixels."""
    return room_of(widget.screen())


def room_of(screen: QScreen) -> QSize:
    """Returns what the inside of a window may measure on a screen, in device-independent pixels."""
    return screen.availableSize() - _FRAME


def mono_font(size_pt: float) -> QFont:
    """Returns the system's fixed-pitch font in a size in points."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(size_pt)
    return font


def scaled_font(base: QFont, factor: float) -> QFont:
    """Returns ``base`` larger by a factor; by 1 a font that says nothing, so that a widget has that of its parent."""
    font = QFont()
    if factor != 1.0:
        font.setPointSizeF(round(points_of(base) * factor, 2))
    return font


def message_font(base: QFont) -> QFont:
    """Returns the font of conversations: a little larger than ``base``, the application's, since it is for reading."""
    font = QFont(base)
    font.setPointSizeF(round(points_of(base) * READING_FACTOR, 2))
    return font
