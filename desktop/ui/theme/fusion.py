"""Fusion with flat controls whose outlines can be seen on a dark window too.

Fusion draws every outline a little darker than the window, which on a dark one is next to nothing, and gives a button
no more room than its word. What is not drawn here is Fusion's own.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import cast

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QPlainTextEdit,
    QProxyStyle,
    QStyle,
    QStyleOption,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QStyleOptionComplex,
    QStyleOptionFrame,
    QStyleOptionProgressBar,
    QStyleOptionSlider,
    QStyleOptionSpinBox,
    QWidget,
)

from desktop.ui.theme.focus import FOCUS_WIDTH, draw_focus
from desktop.ui.theme.fusion_views import draw_head, draw_progress
from desktop.ui.theme.palette import mix

_NAME = "Fusion"
_Role = QPalette.ColorRole
_State = QStyle.StateFlag
_Sub = QStyle.SubControl

# What gets the outline of the keyboard around the whole of it.
_OUTLINED = (QStyle.ComplexControl.CC_ComboBox, QStyle.ComplexControl.CC_ToolButton)

# Shares of the text's colour in an outline: of what can be written into or ticked, of what is pressed, of a mere frame.
_FIELD = 0.5
_BUTTON = 0.3
_FRAME = 0.18

_OF_TICK_BOX = (
    QStyle.SubElement.SE_CheckBoxIndicator,
    QStyle.SubElement.SE_CheckBoxContents,
    QStyle.SubElement.SE_CheckBoxFocusRect,
)

# Of the height of the font.
_TICK_BOX = 0.85
_PADDING = 0.2

# Of the height of a row of a menu, and what Fusion counts, in pixels (qfusionstyle.cpp, CE_MenuItem).
_TICK_COLUMN = 0.79
_COUNTED_COLUMN = 12
# Height of a button and of a field, which stand side by side: in letters, and in pixels, as letters may be low; and of
# what is ticked, which has to be hit as well (WCAG 2.2, 2.5.8).
_LEAST_OF_LETTERS, _LEAST_PIXELS, _LEAST_TARGET = 1.85, 30, 24
# Width of what has the arrows of a field, and what Fusion gives it, in pixels (qfusionstyle.cpp, subControlRect).
_ARROWS = 1.2
_FUSION_ARROWS = 16
_RADIUS = 0.28
_SIDE = 1.1
_LEAST_SLIDER = 1.6
_CHEVRON = 0.2

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


class _Shown:
    """The fields of QStyleOption, which PySide's declarations leave out."""

    state: QStyle.StateFlag
    rect: QRect
    palette: QPalette
    fontMetrics: QFontMetrics
    direction: Qt.LayoutDirection


class _ShownButton(_Shown):
    features: QStyleOptionButton.ButtonFeature


class _ShownFrame(_Shown):
    lineWidth: int


class _ShownSpinBox(_Shown):
    activeSubControls: QStyle.SubControl
    stepEnabled: QAbstractSpinBox.StepEnabledFlag


class _ShownComboBox(_Shown):
    editable: bool


class _ShownSlider(_Shown):
    activeSubControls: QStyle.SubControl
    orientation: Qt.Orientation
    minimum: int
    maximum: int
    pageStep: int
    sliderPosition: int
    upsideDown: bool


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
            letter = _shown(option).fontMetrics.height()
            return whole.expandedTo(QSize(size.width() + round(2 * _SIDE * letter), _height(option)))
        if kind is QStyle.ContentsType.CT_MenuItem:
            # Fusion keeps a column for ticks that grows with the letters, and does not count that.
            return whole + QSize(max(0, round(_TICK_COLUMN * whole.height()) - _COUNTED_COLUMN), 0)
        if kind is QStyle.ContentsType.CT_CheckBox:
            more = self._tick_box_grows(option, widget)
            return (whole + QSize(more + more // 3, 0)).expandedTo(QSize(0, _LEAST_TARGET))
        if kind is QStyle.ContentsType.CT_LineEdit and isinstance(option, QStyleOptionFrame):
            whole += QSize(2 * _padding(option), 0)
            return whole if cast("_ShownFrame", option).lineWidth == 0 else whole.expandedTo(_least_field(option))
        if kind in _FIELDS:
            letter = _shown(option).fontMetrics.height()
            more = 2 * round(_PADDING * letter) + max(0, round(_ARROWS * letter) - _FUSION_ARROWS)
            return (whole + QSize(more, 0)).expandedTo(_least_field(option))
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
            side = _padding(option)
            return rect.adjusted(side, 0, -side, 0)
        if element in _OF_TICK_BOX and (more := self._tick_box_grows(option, widget)):
            shown = _shown(option)
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
        return max(0, round(_shown(option).fontMetrics.height() * _TICK_BOX) - usual)

    def drawPrimitive(  # noqa: N802
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        match element:
            case QStyle.PrimitiveElement.PE_PanelButtonCommand:
                _draw_button(option, painter)
            case QStyle.PrimitiveElement.PE_PanelLineEdit if isinstance(option, QStyleOptionFrame):
                if cast("_ShownFrame", option).lineWidth > 0:
                    _draw_field(option, painter)
                else:
                    super().drawPrimitive(element, option, painter, widget)
            case QStyle.PrimitiveElement.PE_FrameLineEdit:
                pass  # drawn with its panel
            case QStyle.PrimitiveElement.PE_FrameFocusRect:
                # Fusion draws it pale, and only after Tab; and not at all around the rows of a list.
                shown = _shown(option)
                draw_focus(painter, shown.rect, shown.palette, _radius(shown))
            case QStyle.PrimitiveElement.PE_IndicatorCheckBox:
                _draw_tick_box(option, painter)
            case QStyle.PrimitiveElement.PE_Frame if widget is not None and not widget.inherits("QComboBox"):
                if _is_filled_here(widget):
                    _draw_field(option, painter)
                    return
                if _row_has_focus(widget):
                    _shown(option).state &= ~_State.State_HasFocus  # one outline is enough: the row's
                _draw_outline(option, painter, _FIELD if _is_written_in(widget) else _FRAME)
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
        shown, whole = _shown(option), QRect(_shown(option).rect)
        parts = [self.subElementRect(part, option, widget) for part in _OF_TICK_BOX]
        shown.rect = parts[0]
        _draw_tick_box(option, painter)
        shown.rect = parts[1]
        super().drawControl(QStyle.ControlElement.CE_CheckBoxLabel, option, painter, widget)
        shown.rect = whole
        if shown.state & _State.State_HasFocus:
            draw_focus(painter, parts[2], shown.palette, _radius(shown))

    def drawComplexControl(  # noqa: N802
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if control is QStyle.ComplexControl.CC_ScrollBar and isinstance(option, QStyleOptionSlider):
            _draw_scroll_bar(option, painter, _page_colour(option, widget))
        elif control is QStyle.ComplexControl.CC_SpinBox and isinstance(option, QStyleOptionSpinBox):
            self._draw_spin_box(option, painter, widget)
        elif control is QStyle.ComplexControl.CC_ComboBox and not _is_editable(option):
            self._draw_combo_box(option, painter, widget)
        elif control in _OUTLINED and _shown(option).state & _State.State_HasFocus:
            shown = _shown(option)
            shown.state &= ~_State.State_HasFocus  # Qt's own would lie within, below the sign of a small button
            super().drawComplexControl(control, option, painter, widget)
            shown.state |= _State.State_HasFocus
            draw_focus(painter, shown.rect, shown.palette, _radius(shown))
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
            return _scroll_bar_part(option, part)
        usual = super().subControlRect(control, option, part, cast("QWidget", widget))
        if part is _WORDS.get(control) or part in _ARROW_PARTS.get(control, ()):
            return _field_part(option, usual, are_words=part is _WORDS[control])
        return usual

    def _draw_spin_box(self, option: QStyleOptionSpinBox, painter: QPainter, widget: QWidget | None) -> None:
        _draw_field(option, painter)
        shown = cast("_ShownSpinBox", option)
        steps = QAbstractSpinBox.StepEnabledFlag
        for part, allowed, way in (
            (_Sub.SC_SpinBoxUp, steps.StepUpEnabled, -1),
            (_Sub.SC_SpinBoxDown, steps.StepDownEnabled, 1),
        ):
            box = self.subControlRect(QStyle.ComplexControl.CC_SpinBox, option, part, widget)
            place = QRectF(box)
            enabled = bool(shown.stepEnabled & allowed) and bool(shown.state & _State.State_Enabled)
            colour = mix(shown.palette.color(_Role.Base), shown.palette.color(_Role.Text), 0.85 if enabled else 0.35)
            if enabled and shown.activeSubControls & part and shown.state & _State.State_MouseOver:
                colour = shown.palette.color(_Role.Link)
            _draw_chevron(painter, place, way, shown, colour)

    def _draw_combo_box(self, option: QStyleOptionComplex, painter: QPainter, widget: QWidget | None) -> None:
        """Draws the box and its arrow; the words in it are drawn by themselves."""
        shown = _shown(option)
        palette, enabled = shown.palette, bool(shown.state & _State.State_Enabled)
        fill, text = palette.color(_Role.Button), palette.color(_Role.ButtonText)
        if shown.state & (_State.State_Sunken | _State.State_On):
            fill = mix(fill, text, 0.16)
        elif enabled and shown.state & _State.State_MouseOver:
            fill = mix(fill, text, 0.07)
        _prepare(painter, mix(fill, text, _FIELD if enabled else _FRAME), fill)
        painter.drawRoundedRect(QRectF(shown.rect).adjusted(0.5, 0.5, -0.5, -0.5), _radius(shown), _radius(shown))
        painter.restore()
        part = _Sub.SC_ComboBoxArrow
        place = self.subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, widget)
        _draw_chevron(painter, QRectF(place), 1, shown, mix(fill, text, 0.85 if enabled else 0.35))
        if shown.state & _State.State_HasFocus:
            draw_focus(painter, shown.rect, palette, _radius(shown))


def _field_part(option: QStyleOption, usual: QRect, *, are_words: bool) -> QRect:
    """Returns where the words and the arrows of a field are: room beside the words, and a column for the arrows."""
    shown = _shown(option)
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


def _draw_chevron(painter: QPainter, place: QRectF, way: int, shown: _Shown, colour: QColor) -> None:
    """Draws an arrow that points up (-1) or down (1) in the middle of a place."""
    reach = shown.fontMetrics.height() * _CHEVRON
    tip, middle = QPointF(0, way * reach / 2), place.center() + QPointF(0, 0.5)
    _prepare(painter, colour, None, width=max(1.2, reach * 0.5))
    painter.drawPolyline([middle - tip + QPointF(-reach, 0), middle + tip, middle - tip + QPointF(reach, 0)])
    painter.restore()


def _is_editable(option: QStyleOption) -> bool:
    return isinstance(option, QStyleOptionComboBox) and cast("_ShownComboBox", option).editable


def _least_field(option: QStyleOption) -> QSize:
    """Returns what a field measures at the least: room above and below its letters, whatever their size."""
    return QSize(0, _height(option))


def _height(option: QStyleOption) -> int:
    return max(round(_LEAST_OF_LETTERS * _shown(option).fontMetrics.height()), _LEAST_PIXELS)


def _padding(option: QStyleOptionFrame) -> int:
    """Returns the room beside what is written in a field, in pixels; one without a frame lies in one that has it."""
    framed = cast("_ShownFrame", option).lineWidth > 0
    return round(_shown(option).fontMetrics.height() * _PADDING) if framed else 0


def _draw_button(option: QStyleOption, painter: QPainter) -> None:
    shown = _shown(option)
    palette, state = shown.palette, shown.state
    fill, text = palette.color(_Role.Button), palette.color(_Role.ButtonText)
    filled = fill == palette.color(_Role.Highlight)
    enabled = bool(state & _State.State_Enabled)
    line = mix(fill, text, 0.0 if filled else _BUTTON if enabled else _FRAME)
    if state & _State.State_On:
        fill = mix(fill, palette.color(_Role.Accent), 0.22)
        line = mix(fill, palette.color(_Role.Accent), 0.7)
    if state & _State.State_Sunken:
        fill = mix(fill, text, 0.16)
    elif enabled and state & _State.State_MouseOver:
        fill = mix(fill, text, 0.07)
    if _is_default(option) and not filled:
        line = palette.color(_Role.Accent)
    radius = _radius(shown)
    box = QRectF(shown.rect).adjusted(0.5, 0.5, -0.5, -0.5)
    _prepare(painter, line, fill)
    painter.drawRoundedRect(box, radius, radius)
    if state & _State.State_HasFocus:  # also after a click: Enter and Space go there
        inside = QRectF(shown.rect).adjusted(2, 2, -2, -2) if filled else QRectF(shown.rect)
        draw_focus(painter, inside, palette, radius, text if filled else None)
    painter.restore()


def _draw_field(option: QStyleOption, painter: QPainter) -> None:
    shown = _shown(option)
    palette = shown.palette
    enabled = bool(shown.state & _State.State_Enabled)
    page = palette.color(_Role.Base if enabled else _Role.Window)
    line, width = mix(page, palette.color(_Role.Text), _FIELD if enabled else _FRAME), 1.0
    if enabled and shown.state & _State.State_HasFocus:
        line, width = palette.color(_Role.Accent), FOCUS_WIDTH
    _prepare(painter, line, page, width=width)
    edge = width / 2
    painter.drawRoundedRect(QRectF(shown.rect).adjusted(edge, edge, -edge, -edge), _radius(shown), _radius(shown))
    painter.restore()


def _draw_outline(option: QStyleOption, painter: QPainter, share: float) -> None:
    shown = _shown(option)
    if shown.state & _State.State_HasFocus:
        draw_focus(painter, shown.rect, shown.palette, radius=0)
        return
    line = mix(shown.palette.color(_Role.Base), shown.palette.color(_Role.Text), share)
    _prepare(painter, line, None)
    # In the middle of its line on all four sides: at 150 % whole pixels would leave the right one under the page.
    painter.drawRect(QRectF(shown.rect).adjusted(0.5, 0.5, -0.5, -0.5))
    painter.restore()


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


def _draw_tick_box(option: QStyleOption, painter: QPainter) -> None:
    shown = _shown(option)
    palette, state = shown.palette, shown.state
    enabled, ticked = bool(state & _State.State_Enabled), bool(state & _State.State_On)
    page = palette.color(_Role.Base if enabled else _Role.Window)
    line = mix(
        page, palette.color(_Role.Text), (0.8 if state & _State.State_MouseOver else _FIELD) if enabled else _FRAME
    )
    if ticked:
        page = line = palette.color(_Role.Highlight)
    edge = min(shown.rect.width(), shown.rect.height())
    box = QRectF(shown.rect.x(), shown.rect.y() + (shown.rect.height() - edge) / 2, edge, edge).adjusted(
        0.5, 0.5, -0.5, -0.5
    )
    _prepare(painter, line, page)
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


def _page_colour(option: QStyleOption, bar: QWidget | None) -> QColor | None:
    """Returns what a scroll bar lies on, as a part of the page that it scrolls; None: that shows through it."""
    area = bar.parentWidget() if bar is not None else None
    while area is not None and not isinstance(area, QAbstractScrollArea):
        area = area.parentWidget()
    if area is not None and _is_filled_here(area):
        return None
    role = area.viewport().backgroundRole() if area is not None else _Role.Base
    return _shown(option).palette.color(role)


def _draw_scroll_bar(option: QStyleOptionSlider, painter: QPainter, page: QColor | None) -> None:
    shown = cast("_ShownSlider", option)
    text = shown.palette.color(_Role.Text)
    if page is not None:
        painter.fillRect(shown.rect, page)
    page = page or shown.palette.color(_Role.Base)
    if shown.minimum == shown.maximum:
        return
    slider = _scroll_bar_part(option, _Sub.SC_ScrollBarSlider)
    in_hand = shown.state & (_State.State_MouseOver | _State.State_Sunken)
    touched = bool(in_hand and shown.activeSubControls & _Sub.SC_ScrollBarSlider)
    inset = max(2.0, min(shown.rect.width(), shown.rect.height()) * 0.22)
    bar = QRectF(slider).adjusted(inset, inset, -inset, -inset)
    radius = min(bar.width(), bar.height()) / 2
    _prepare(painter, None, mix(page, text, 0.55 if touched else 0.38))
    painter.drawRoundedRect(bar, radius, radius)
    painter.restore()


def _scroll_bar_part(option: QStyleOptionSlider, part: QStyle.SubControl) -> QRect:
    shown = cast("_ShownSlider", option)
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


def _prepare(painter: QPainter, line: QColor | None, fill: QColor | None, width: float = 1.0) -> None:
    """Saves the painter and gives it a pen and a brush."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(line, width) if line is not None else Qt.PenStyle.NoPen)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)


def _is_default(option: QStyleOption) -> bool:
    wanted = QStyleOptionButton.ButtonFeature.DefaultButton
    return isinstance(option, QStyleOptionButton) and bool(cast("_ShownButton", option).features & wanted)


def _radius(shown: _Shown) -> float:
    return max(3.0, shown.fontMetrics.height() * _RADIUS)


def _shown(option: QStyleOption) -> _Shown:
    return cast("_Shown", option)
