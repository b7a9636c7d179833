"""How buttons, fields and what is ticked look: flat, with outlines that can be seen on a dark window too."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import QAbstractSpinBox, QStyle, QStyleOption, QStyleOptionComplex, QStyleOptionSpinBox

from desktop.ui.theme.focus import FOCUS_WIDTH, draw_focus
from desktop.ui.theme.fusion.options import Shown, ShownSpinBox, is_default, shown_by
from desktop.ui.theme.fusion.painting import FIELD_LINE, FRAME_LINE, prepare, radius_of
from desktop.ui.theme.palette import mix

_Role = QPalette.ColorRole
_State = QStyle.StateFlag
_Sub = QStyle.SubControl

_BUTTON_LINE = 0.3  # as FIELD_LINE: of what is pressed
_CHEVRON = 0.2  # of the height of the font


def draw_button(option: QStyleOption, painter: QPainter) -> None:
    shown = shown_by(option)
    palette, state = shown.palette, shown.state
    fill, text = palette.color(_Role.Button), palette.color(_Role.ButtonText)
    filled = fill == palette.color(_Role.Highlight)
    enabled = bool(state & _State.State_Enabled)
    line = mix(fill, text, 0.0 if filled else _BUTTON_LINE if enabled else FRAME_LINE)
    if state & _State.State_On:
        fill = mix(fill, palette.color(_Role.Accent), 0.22)
        line = mix(fill, palette.color(_Role.Accent), 0.7)
    if state & _State.State_Sunken:
        fill = mix(fill, text, 0.16)
    elif enabled and state & _State.State_MouseOver:
        fill = mix(fill, text, 0.07)
    if is_default(option) and not filled:
        line = palette.color(_Role.Accent)
    radius = radius_of(shown)
    box = QRectF(shown.rect).adjusted(0.5, 0.5, -0.5, -0.5)
    prepare(painter, line, fill)
    painter.drawRoundedRect(box, radius, radius)
    if state & _State.State_HasFocus:  # also after a click: Enter and Space go there
        inside = QRectF(shown.rect).adjusted(2, 2, -2, -2) if filled else QRectF(shown.rect)
        draw_focus(painter, inside, palette, radius, text if filled else None)
    painter.restore()


def draw_tick_box(option: QStyleOption, painter: QPainter) -> None:
    shown = shown_by(option)
    palette, state = shown.palette, shown.state
    enabled, ticked = bool(state & _State.State_Enabled), bool(state & _State.State_On)
    page = palette.color(_Role.Base if enabled else _Role.Window)
    touched = bool(state & _State.State_MouseOver)
    line = mix(page, palette.color(_Role.Text), (0.8 if touched else FIELD_LINE) if enabled else FRAME_LINE)
    if ticked:
        page = line = palette.color(_Role.Highlight)
    edge = min(shown.rect.width(), shown.rect.height())
    box = QRectF(shown.rect.x(), shown.rect.y() + (shown.rect.height() - edge) / 2, edge, edge).adjusted(
        0.5, 0.5, -0.5, -0.5
    )
    prepare(painter, line, page)
    painter.drawRoundedRect(box, edge * 0.2, edge * 0.2)
    if ticked:
        pen = QPen(palette.color(_Role.HighlightedText), max(1.4, edge * 0.13))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        corners = ((0.24, 0.52), (0.43, 0.71), (0.77, 0.3))
        painter.drawPolyline([QPointF(box.x() + x * box.width(), box.y() + y * box.height()) for x, y in corners])
    painter.restore()


def draw_field(option: QStyleOption, painter: QPainter) -> None:
    shown = shown_by(option)
    palette = shown.palette
    enabled = bool(shown.state & _State.State_Enabled)
    page = palette.color(_Role.Base if enabled else _Role.Window)
    line, width = mix(page, palette.color(_Role.Text), FIELD_LINE if enabled else FRAME_LINE), 1.0
    if enabled and shown.state & _State.State_HasFocus:
        line, width = palette.color(_Role.Accent), FOCUS_WIDTH
    prepare(painter, line, page, width=width)
    edge = width / 2
    painter.drawRoundedRect(QRectF(shown.rect).adjusted(edge, edge, -edge, -edge), radius_of(shown), radius_of(shown))
    painter.restore()


def draw_outline(option: QStyleOption, painter: QPainter, share: float) -> None:
    shown = shown_by(option)
    if shown.state & _State.State_HasFocus:
        draw_focus(painter, shown.rect, shown.palette, radius=0)
        return
    line = mix(shown.palette.color(_Role.Base), shown.palette.color(_Role.Text), share)
    prepare(painter, line, None)
    # In the middle of its line on all four sides: at 150 % whole pixels would leave the right one under the page.
    painter.drawRect(QRectF(shown.rect).adjusted(0.5, 0.5, -0.5, -0.5))
    painter.restore()


def draw_spin_box(option: QStyleOptionSpinBox, painter: QPainter, *, up: QRect, down: QRect) -> None:
    """Draws the box and its arrows; the figure in it is a field of its own.

    Args:
        up: Where the arrow lies that makes it more.
        down: Where that lies that makes it less.
    """
    draw_field(option, painter)
    shown = cast("ShownSpinBox", option)
    steps = QAbstractSpinBox.StepEnabledFlag
    for part, place, allowed, way in (
        (_Sub.SC_SpinBoxUp, up, steps.StepUpEnabled, -1),
        (_Sub.SC_SpinBoxDown, down, steps.StepDownEnabled, 1),
    ):
        enabled = bool(shown.stepEnabled & allowed) and bool(shown.state & _State.State_Enabled)
        colour = mix(shown.palette.color(_Role.Base), shown.palette.color(_Role.Text), 0.85 if enabled else 0.35)
        if enabled and shown.activeSubControls & part and shown.state & _State.State_MouseOver:
            colour = shown.palette.color(_Role.Link)
        _draw_chevron(painter, QRectF(place), way, shown, colour)


def draw_combo_box(option: QStyleOptionComplex, painter: QPainter, arrow: QRect) -> None:
    """Draws the box and its arrow; the words in it are drawn by themselves."""
    shown = shown_by(option)
    palette, enabled = shown.palette, bool(shown.state & _State.State_Enabled)
    fill, text = palette.color(_Role.Button), palette.color(_Role.ButtonText)
    if shown.state & (_State.State_Sunken | _State.State_On):
        fill = mix(fill, text, 0.16)
    elif enabled and shown.state & _State.State_MouseOver:
        fill = mix(fill, text, 0.07)
    prepare(painter, mix(fill, text, FIELD_LINE if enabled else FRAME_LINE), fill)
    painter.drawRoundedRect(QRectF(shown.rect).adjusted(0.5, 0.5, -0.5, -0.5), radius_of(shown), radius_of(shown))
    painter.restore()
    _draw_chevron(painter, QRectF(arrow), 1, shown, mix(fill, text, 0.85 if enabled else 0.35))
    if shown.state & _State.State_HasFocus:
        draw_focus(painter, shown.rect, palette, radius_of(shown))


def _draw_chevron(painter: QPainter, place: QRectF, way: int, shown: Shown, colour: QColor) -> None:
    """Draws an arrow that points up (-1) or down (1) in the middle of a place."""
    reach = shown.fontMetrics.height() * _CHEVRON
    tip, middle = QPointF(0, way * reach / 2), place.center() + QPointF(0, 0.5)
    prepare(painter, colour, None, width=max(1.2, reach * 0.5))
    painter.drawPolyline([middle - tip + QPointF(-reach, 0), middle + tip, middle - tip + QPointF(reach, 0)])
    painter.restore()
