"""How large controls are, and where their parts lie: Fusion knows one size only, these grow with the letters."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QStyle, QStyleOption, QStyleOptionFrame

from desktop.ui.theme.fusion.options import ShownFrame, shown_by

_PADDING = 0.2  # of the height of the font: beside what is written in a field
# Width of what has the arrows of a field, in letters, and what Fusion gives it, in pixels (qfusionstyle.cpp,
# subControlRect).
_ARROWS = 1.2
_FUSION_ARROWS = 16
# Height of a button and of a field, which stand side by side: in letters, and in pixels, as letters may be low.
_LEAST_OF_LETTERS, _LEAST_PIXELS = 1.85, 30


def field_part(option: QStyleOption, usual: QRect, *, are_words: bool) -> QRect:
    """Returns where the words and the arrows of a field are: room beside the words, and a column for the arrows."""
    shown = shown_by(option)
    letter, whole = shown.fontMetrics.height(), shown.rect
    side = round(_PADDING * letter)
    arrows = min(max(_FUSION_ARROWS, round(_ARROWS * letter)), whole.width() // 2)
    rect = QStyle.visualRect(shown.direction, whole, usual)
    if are_words:
        rect.setLeft(rect.left() + side)
        rect.setRight(whole.right() - arrows - side // 2)
    else:
        rect.setLeft(whole.right() + 1 - arrows - side // 2)
        rect.setWidth(arrows)
    return QStyle.visualRect(shown.direction, whole, rect)


def least_field(option: QStyleOption) -> QSize:
    """Returns what a field measures at the least: room above and below its letters, whatever their size."""
    return QSize(0, control_height(option))


def control_height(option: QStyleOption) -> int:
    return max(round(_LEAST_OF_LETTERS * shown_by(option).fontMetrics.height()), _LEAST_PIXELS)


def padding(option: QStyleOptionFrame) -> int:
    """Returns the room beside what is written in a field, in pixels; one without a frame lies in one that has it."""
    framed = cast("ShownFrame", option).lineWidth > 0
    return round(shown_by(option).fontMetrics.height() * _PADDING) if framed else 0


def room_in_field(option: QStyleOption) -> int:
    """Returns what a field with arrows is wider than Fusion's: room beside its words, and arrows like its letters."""
    letter = shown_by(option).fontMetrics.height()
    return 2 * round(_PADDING * letter) + max(0, round(_ARROWS * letter) - _FUSION_ARROWS)
