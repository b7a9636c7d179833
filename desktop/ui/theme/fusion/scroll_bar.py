"""A scroll bar without arrows: where its parts lie, and how they look."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyleOptionSlider

from desktop.ui.theme.fusion.options import ShownSlider
from desktop.ui.theme.fusion.painting import prepare
from desktop.ui.theme.palette import mix

_Role = QPalette.ColorRole
_State = QStyle.StateFlag
_Sub = QStyle.SubControl

_LEAST_SLIDER = 1.6  # of the height of the font


def draw_scroll_bar(option: QStyleOptionSlider, painter: QPainter, page: QColor | None) -> None:
    shown = cast("ShownSlider", option)
    text = shown.palette.color(_Role.Text)
    if page is not None:
        painter.fillRect(shown.rect, page)
    page = page or shown.palette.color(_Role.Base)
    if shown.minimum == shown.maximum:
        return
    slider = scroll_bar_part(option, _Sub.SC_ScrollBarSlider)
    in_hand = shown.state & (_State.State_MouseOver | _State.State_Sunken)
    touched = bool(in_hand and shown.activeSubControls & _Sub.SC_ScrollBarSlider)
    inset = max(2.0, min(shown.rect.width(), shown.rect.height()) * 0.22)
    bar = QRectF(slider).adjusted(inset, inset, -inset, -inset)
    radius = min(bar.width(), bar.height()) / 2
    prepare(painter, None, mix(page, text, 0.55 if touched else 0.38))
    painter.drawRoundedRect(bar, radius, radius)
    painter.restore()


def scroll_bar_part(option: QStyleOptionSlider, part: QStyle.SubControl) -> QRect:
    shown = cast("ShownSlider", option)
    lying = shown.orientation is Qt.Orientation.Horizontal
    whole = shown.rect.width() if lying else shown.rect.height()
    span, page = shown.maximum - shown.minimum, shown.pageStep
    least = min(whole, round(_LEAST_SLIDER * shown.fontMetrics.height()))
    length = whole if span <= 0 else max(least, whole * page // max(1, span + page))
    start = QStyle.sliderPositionFromValue(
        shown.minimum, shown.maximum, shown.sliderPosition, whole - length, shown.upsideDown
    )
    begin, size = {
        _Sub.SC_ScrollBarSlider: (start, length),
        _Sub.SC_ScrollBarSubPage: (0, start),
        _Sub.SC_ScrollBarAddPage: (start + length, whole - start - length),
        _Sub.SC_ScrollBarGroove: (0, whole),
    }.get(part, (0, 0))
    if size <= 0:
        return QRect()
    rect = shown.rect
    box = (
        QRect(rect.x() + begin, rect.y(), size, rect.height())
        if lying
        else QRect(rect.x(), rect.y() + begin, rect.width(), size)
    )
    return QStyle.visualRect(shown.direction, rect, box)
