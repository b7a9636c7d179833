"""Fusion with flat controls whose outlines can be seen on a dark window too.

Fusion draws every outline a little darker than the window, which on a dark one is next to nothing, and gives a button
no more room than its word. What is not drawn here is Fusion's own.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import cast

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QPlainTextEdit,
    QProxyStyle,
    QStyle,
    QStyleOption,
    QStyleOptionComplex,
    QStyleOptionFrame,
    QStyleOptionProgressBar,
    QStyleOptionSlider,
    QStyleOptionSpinBox,
    QWidget,
)

from desktop.ui.theme.focus import draw_focus
from desktop.ui.theme.fusion.controls import (
    draw_button,
    draw_combo_box,
    draw_field,
    draw_outline,
    draw_spin_box,
    draw_tick_box,
)
from desktop.ui.theme.fusion.measures import control_height, field_part, least_field, padding, room_in_field
from desktop.ui.theme.fusion.options import ShownFrame, is_editable, shown_by
from desktop.ui.theme.fusion.painting import FIELD_LINE, FRAME_LINE, radius_of
from desktop.ui.theme.fusion.scroll_bar import draw_scroll_bar, scroll_bar_part
from desktop.ui.theme.fusion.views import draw_head, draw_progress

_NAME = "Fusion"
_Role = QPalette.ColorRole
_State = QStyle.StateFlag
_Sub = QStyle.SubControl

# What gets the outline of the keyboard around the whole of it.
_OUTLINED = (QStyle.ComplexControl.CC_ComboBox, QStyle.ComplexControl.CC_ToolButton)

_OF_TICK_BOX = (
    QStyle.SubElement.SE_CheckBoxIndicator,
    QStyle.SubElement.SE_CheckBoxContents,
    QStyle.SubElement.SE_CheckBoxFocusRect,
)

# Of the height of the font: a tick box, and the room at the sides of a button's words.
_TICK_BOX = 0.85
_SIDE = 1.1

# Of the height of a row of a menu, and what Fusion counts, in pixels (qfusionstyle.cpp, CE_MenuItem).
_TICK_COLUMN = 0.79
_COUNTED_COLUMN = 12
# What is ticked has to be hit as well, in pixels (WCAG 2.2, 2.5.8).
_LEAST_TARGET = 24

# The words, and what has the arrows; by control, since parts of different ones share their numbers.
_WORDS = MappingProxyType(
    {
        QStyle.ComplexControl.CC_ComboBox: _Sub.SC_ComboBoxEditField,
        QStyle.ComplexControl.CC_SpinBox: _Sub.SC_SpinBoxEditField,
    }
)
_ARROW_PARTS = MappingProxyType(
    {
        QStyle.ComplexControl.CC_ComboBox: (_Sub.SC_ComboBoxArrow,),
        QStyle.ComplexControl.CC_SpinBox: (_Sub.SC_SpinBoxUp, _Sub.SC_SpinBoxDown),
    }
)
_FIELDS = (QStyle.ContentsType.CT_ComboBox, QStyle.ContentsType.CT_SpinBox)
_GROWING = MappingProxyType(
    {
        QStyle.PixelMetric.PM_ScrollBarExtent: 0.6,
        QStyle.PixelMetric.PM_SmallIconSize: 0.9,
        QStyle.PixelMetric.PM_ButtonIconSize: 0.9,
        QStyle.PixelMetric.PM_ListViewIconSize: 0.9,
        QStyle.PixelMetric.PM_LayoutHorizontalSpacing: 0.5,
        QStyle.PixelMetric.PM_LayoutVerticalSpacing: 0.5,
        # beside the words of a cell, and of its column's head
        QStyle.PixelMetric.PM_FocusFrameHMargin: 0.4,
        QStyle.PixelMetric.PM_HeaderMargin: 0.4,
    }
)


class FusionStyle(QProxyStyle):
    """The style of the whole application.

    ``styleHint`` is left to Fusion: Qt asks it a hundred times for each card of a model, and each answer from Python
    takes 1 to 3 µs.
    """

    def __init__(self) -> None:
        super().__init__(_NAME)

    def sizeFromContents(  # noqa: N802 (Qt's name, as those below)
        self, kind: QStyle.ContentsType, option: QStyleOption, size: QSize, widget: QWidget | None = None
    ) -> QSize:
        """Gives the words on a button room at their sides."""
        whole = super().sizeFromContents(kind, option, size, cast("QWidget", widget))
        if kind is QStyle.ContentsType.CT_PushButton:
            letter = shown_by(option).fontMetrics.height()
            return whole.expandedTo(QSize(size.width() + round(2 * _SIDE * letter), control_height(option)))
        if kind is QStyle.ContentsType.CT_MenuItem:
            # Fusion keeps a column for ticks that grows with the letters, and does not count that.
            return whole + QSize(max(0, round(_TICK_COLUMN * whole.height()) - _COUNTED_COLUMN), 0)
        if kind is QStyle.ContentsType.CT_CheckBox:
            more = self._tick_box_grows(option, widget)
            return (whole + QSize(more + more // 3, 0)).expandedTo(QSize(0, _LEAST_TARGET))
        if kind is QStyle.ContentsType.CT_LineEdit and isinstance(option, QStyleOptionFrame):
            whole += QSize(2 * padding(option), 0)
            return whole if cast("ShownFrame", option).lineWidth == 0 else whole.expandedTo(least_field(option))
        if kind in _FIELDS:
            return (whole + QSize(room_in_field(option), 0)).expandedTo(least_field(option))
        return whole

    def pixelMetric(  # noqa: N802
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        """Lets icons and scroll bars grow with the letters, of which Fusion's know one size only."""
        usual = super().pixelMetric(metric, cast("QStyleOption", option), cast("QWidget", widget))
        share = _GROWING.get(metric)
        if share is None:
            return usual
        font = widget.font() if widget is not None else QApplication.font()
        return max(usual, round(share * QFontMetrics(font).height()))

    def subElementRect(  # noqa: N802
        self, element: QStyle.SubElement, option: QStyleOption, widget: QWidget | None = None
    ) -> QRect:
        """Gives a tick box the size of its letters, and what is written in a field room at its sides."""
        rect = super().subElementRect(element, option, cast("QWidget", widget))
        if element is QStyle.SubElement.SE_LineEditContents and isinstance(option, QStyleOptionFrame):
            side = padding(option)
            return rect.adjusted(side, 0, -side, 0)
        if element in _OF_TICK_BOX and (more := self._tick_box_grows(option, widget)):
            shown = shown_by(option)
            rect = QStyle.visualRect(shown.direction, shown.rect, rect)
            if element is QStyle.SubElement.SE_CheckBoxIndicator:
                rect = QRect(
                    rect.x(),
                    rect.center().y() - (rect.height() + more) // 2 + 1,
                    rect.width() + more,
                    rect.height() + more,
                )
            else:
                shift = more + more // 3
                rect.setLeft(min(rect.left() + shift, rect.right()))
                if element is QStyle.SubElement.SE_CheckBoxFocusRect:  # as wide as the words, and not all that is left
                    rect.setRight(min(rect.right() + shift, shown.rect.width() - 1))
            return QStyle.visualRect(shown.direction, shown.rect, rect)
        return rect

    def _tick_box_grows(self, option: QStyleOption, widget: QWidget | None) -> int:
        """Returns by how many pixels a tick box is larger than Fusion's, which knows one size only."""
        usual = self.pixelMetric(QStyle.PixelMetric.PM_IndicatorWidth, option, cast("QWidget", widget))
        return max(0, round(shown_by(option).fontMetrics.height() * _TICK_BOX) - usual)

    def drawPrimitive(  # noqa: N802
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        match element:
            case QStyle.PrimitiveElement.PE_PanelButtonCommand:
                draw_button(option, painter)
            case QStyle.PrimitiveElement.PE_PanelLineEdit if isinstance(option, QStyleOptionFrame):
                if cast("ShownFrame", option).lineWidth > 0:
                    draw_field(option, painter)
                else:
                    super().drawPrimitive(element, option, painter, widget)
            case QStyle.PrimitiveElement.PE_FrameLineEdit:
                pass  # drawn with its panel
            case QStyle.PrimitiveElement.PE_FrameFocusRect:
                # Fusion draws it pale, and only after Tab; and not at all around the rows of a list.
                shown = shown_by(option)
                draw_focus(painter, shown.rect, shown.palette, radius_of(shown))
            case QStyle.PrimitiveElement.PE_IndicatorCheckBox:
                draw_tick_box(option, painter)
            case QStyle.PrimitiveElement.PE_Frame if widget is not None and not widget.inherits("QComboBox"):
                if _is_filled_here(widget):
                    draw_field(option, painter)
                    return
                if _row_has_focus(widget):
                    shown_by(option).state &= ~_State.State_HasFocus  # one outline is enough: the row's
                draw_outline(option, painter, FIELD_LINE if _is_written_in(widget) else FRAME_LINE)
            case _:
                super().drawPrimitive(element, option, painter, widget)

    def drawControl(  # noqa: N802
        self, element: QStyle.ControlElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        """Puts a tick box together from parts of our size, where Fusion's own would be too small for its letters."""
        match element:
            case QStyle.ControlElement.CE_HeaderSection | QStyle.ControlElement.CE_HeaderEmptyArea:
                draw_head(option, painter)
                return
            case QStyle.ControlElement.CE_ProgressBarGroove if isinstance(option, QStyleOptionProgressBar):
                if draw_progress(option, painter):
                    return
            case QStyle.ControlElement.CE_ProgressBarContents if isinstance(option, QStyleOptionProgressBar):
                if draw_progress(option, painter):
                    return
        if element is not QStyle.ControlElement.CE_CheckBox or not self._tick_box_grows(option, widget):
            super().drawControl(element, option, painter, widget)
            return
        shown, whole = shown_by(option), QRect(shown_by(option).rect)
        parts = [self.subElementRect(part, option, widget) for part in _OF_TICK_BOX]
        shown.rect = parts[0]
        draw_tick_box(option, painter)
        shown.rect = parts[1]
        super().drawControl(QStyle.ControlElement.CE_CheckBoxLabel, option, painter, widget)
        shown.rect = whole
        if shown.state & _State.State_HasFocus:
            draw_focus(painter, parts[2], shown.palette, radius_of(shown))

    def drawComplexControl(  # noqa: N802
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if control is QStyle.ComplexControl.CC_ScrollBar and isinstance(option, QStyleOptionSlider):
            draw_scroll_bar(option, painter, _page_colour(option, widget))
        elif control is QStyle.ComplexControl.CC_SpinBox and isinstance(option, QStyleOptionSpinBox):
            arrows = [self.subControlRect(control, option, part, widget) for part in _ARROW_PARTS[control]]
            draw_spin_box(option, painter, up=arrows[0], down=arrows[1])
        elif control is QStyle.ComplexControl.CC_ComboBox and not is_editable(option):
            arrow = self.subControlRect(control, option, _Sub.SC_ComboBoxArrow, widget)
            draw_combo_box(option, painter, arrow)
        elif control in _OUTLINED and shown_by(option).state & _State.State_HasFocus:
            shown = shown_by(option)
            shown.state &= ~_State.State_HasFocus  # Qt's own would lie within, below the sign of a small button
            super().drawComplexControl(control, option, painter, widget)
            shown.state |= _State.State_HasFocus
            draw_focus(painter, shown.rect, shown.palette, radius_of(shown))
        else:
            super().drawComplexControl(control, option, painter, widget)

    def subControlRect(  # noqa: N802
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        part: QStyle.SubControl,
        widget: QWidget | None = None,
    ) -> QRect:
        """Gives a scroll bar its whole length: it has no arrows; and the parts of a field the size of its letters."""
        if control is QStyle.ComplexControl.CC_ScrollBar and isinstance(option, QStyleOptionSlider):
            return scroll_bar_part(option, part)
        usual = super().subControlRect(control, option, part, cast("QWidget", widget))
        if part is _WORDS.get(control) or part in _ARROW_PARTS.get(control, ()):
            return field_part(option, usual, are_words=part is _WORDS[control])
        return usual


def _is_written_in(widget: QWidget) -> bool:
    """Tells a field for several lines, which looks like one for a single line, from a page to be read."""
    return isinstance(widget, QPlainTextEdit) and not widget.isReadOnly()


def _is_filled_here(widget: QWidget) -> bool:
    """Whether a field for several lines leaves it to the style to fill it."""
    return isinstance(widget, QPlainTextEdit) and not widget.viewport().autoFillBackground()


def _row_has_focus(widget: QWidget) -> bool:
    """Whether a row in view of a list is what is seen to have the keyboard."""
    if not isinstance(widget, QAbstractItemView):
        return False
    place = widget.currentIndex()
    return place.isValid() and widget.visualRect(place).intersects(widget.viewport().rect())


def _page_colour(option: QStyleOption, bar: QWidget | None) -> QColor | None:
    """Returns what a scroll bar lies on, as a part of the page that it scrolls; None: that shows through it."""
    area = bar.parentWidget() if bar is not None else None
    while area is not None and not isinstance(area, QAbstractScrollArea):
        area = area.parentWidget()
    if area is not None and _is_filled_here(area):
        return None
    role = area.viewport().backgroundRole() if area is not None else _Role.Base
    return shown_by(option).palette.color(role)
