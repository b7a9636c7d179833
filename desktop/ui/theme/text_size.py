"""Makes the whole interface larger or smaller, also while windows are shown.

Fonts come from the application's, and distances from the font in force when a window is made (see
:mod:`desktop.ui.theme.metrics`). What is there already is brought to the size that it would have if it were made now:
so nobody has to lay a window out twice, and a window that comes later needs to know nothing of this.
"""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QMargins, QObject, QSize, Qt
from PySide6.QtGui import QFont, QFontDatabase, QScreen
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFormLayout,
    QFrame,
    QGridLayout,
    QLabel,
    QLayout,
    QWidget,
)

from desktop.ui.theme.metrics import READING_FACTOR, points_of, room_of, room_on_screen, unit_for_font

_UNBOUNDED = 16_777_215  # QWIDGETSIZE_MAX
# What every window needs at the least, in theme units: at 24 pt that is a screen of 1024 x 600.
_LEAST = QSize(36, 28)
# No screen is so small that its text would have to be smaller than this, in pixels of a unit.
_SMALLEST_UNIT = 8
_STEP = 0.5  # points
_SIZE_IS_SET = 0x0002  # QFont::SizeResolved, which PySide does not offer by name
# The icon in an X11 tray is a widget of Qt's, as large as the panel's room for it: a larger one shows a corner only.
_OF_THE_TRAY = "QSystemTrayIconSys"
# What has been scaled remembers to what exactly: with each step of the size a bit more would be lost by rounding.
_EXACT = "catnapExact"


def interface_font(points: int, room: QSize | None = None) -> QFont:
    """Returns the font of the interface in which conversations have a size of ``points``; 0: the system's own.

    Args:
        points: See above. Text is smaller where the screen could not hold a window with it, as where the system
            enlarges everything already; it is as large there as elsewhere at the most.
        room: What a window may measure on the screen, in device-independent pixels; None: as much as it likes.
    """
    font = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
    if points > 0:
        font.setPointSizeF(points / READING_FACTOR)
        largest = (
            min(room.width() / _LEAST.width(), room.height() / _LEAST.height()) if room is not None else _UNBOUNDED
        )
        while unit_for_font(font) > max(largest, _SMALLEST_UNIT):
            font.setPointSizeF(font.pointSizeF() - _STEP)
    return font


def apply_text_size(app: QApplication, points: int) -> None:
    """Puts a size in force for every window, menu and dialog, at once.

    Args:
        app: The application.
        points: Size of the text of conversations; everything else is in proportion. 0: like the system.
    """
    screen = cast("QScreen | None", app.primaryScreen())  # there may be none for a while
    room = room_of(screen) if screen is not None else None
    old, new = app.font(), interface_font(points, room)
    before, after = points_of(old), points_of(new)
    if before == after:
        return
    pixels = unit_for_font(new) / unit_for_font(old)
    # One after the other, since widgets come in no order: some answer a change of their font by measuring themselves,
    # or by giving one to what lies within, and neither must be scaled once more.
    widgets = [widget for widget in app.allWidgets() if not widget.inherits(_OF_THE_TRAY)]
    sizes = [_own_size(widget) for widget in widgets]
    for widget in widgets:
        _scale_measures(widget, pixels)
    for widget, size in zip(widgets, sizes, strict=True):
        if size is not None:
            font = widget.font()
            font.setPointSizeF(size * after / before)
            widget.setFont(font)
    app.setFont(new)


def _own_size(widget: QWidget) -> float | None:
    """Returns the size in points that a widget was given as its own, as headings and small print have; None: none."""
    font = widget.font()
    is_own = widget.testAttribute(Qt.WidgetAttribute.WA_SetFont) and font.resolveMask() & _SIZE_IS_SET
    return points_of(font) if is_own else None


def _scale_measures(widget: QWidget, factor: float) -> None:
    """Scales the distances that were set in a widget when it was made, or since."""
    least, most = widget.minimumSize(), widget.maximumSize()
    widget.setMaximumSize(_UNBOUNDED, _UNBOUNDED)  # else it would hold the other down
    widget.setMinimumSize(
        _scaled(widget, "least width", least.width(), factor), _scaled(widget, "least height", least.height(), factor)
    )
    widget.setMaximumSize(
        _scaled(widget, "width", most.width(), factor) if most.width() < _UNBOUNDED else _UNBOUNDED,
        _scaled(widget, "height", most.height(), factor) if most.height() < _UNBOUNDED else _UNBOUNDED,
    )
    if not isinstance(widget, QFrame) or widget.frameWidth() == 0:  # the margins of others are their frames'
        widget.setContentsMargins(_margins(widget, widget.contentsMargins(), factor))
    if isinstance(widget, QLabel) and widget.indent() > 0:
        widget.setIndent(_scaled(widget, "indent", widget.indent(), factor))
    if isinstance(widget, QDialog) and not widget.isMaximized():
        widget.resize((widget.size().toSizeF() * factor).toSize().boundedTo(room_on_screen(widget)))
    if (layout := widget.layout()) is not None:
        _scale_layout(layout, factor)


def _scale_layout(layout: QLayout, factor: float) -> None:
    layout.setContentsMargins(_margins(layout, layout.contentsMargins(), factor))
    if isinstance(layout, QGridLayout | QFormLayout):
        layout.setHorizontalSpacing(_scaled(layout, "across", layout.horizontalSpacing(), factor))
        layout.setVerticalSpacing(_scaled(layout, "down", layout.verticalSpacing(), factor))
    elif layout.spacing() >= 0:
        layout.setSpacing(_scaled(layout, "spacing", layout.spacing(), factor))
    # The others of its items are widgets, or stretch: see desktop.ui.widgets.layouts.gap.
    for inner in layout.children():
        if isinstance(inner, QLayout):
            _scale_layout(inner, factor)
    layout.invalidate()


def _margins(owner: QObject, margins: QMargins, factor: float) -> QMargins:
    return QMargins(
        _scaled(owner, "left", margins.left(), factor),
        _scaled(owner, "top", margins.top(), factor),
        _scaled(owner, "right", margins.right(), factor),
        _scaled(owner, "bottom", margins.bottom(), factor),
    )


def _scaled(owner: QObject, name: str, pixels: int, factor: float) -> int:
    if pixels <= 0:
        return pixels
    known = owner.property(_EXACT) or {}
    before, exact = known.get(name, (None, 0.0))
    exact = (exact if before == pixels else pixels) * factor
    owner.setProperty(_EXACT, {**known, name: [round(exact), exact]})
    return round(exact)
