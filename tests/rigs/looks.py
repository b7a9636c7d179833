"""Windows in a theme, a size of text and on a screen, for the time of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLabel,
    QLayout,
    QStackedLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.ui.quick_ask.floating_panel import FloatingPanel
from desktop.ui.theme.text_size import apply_text_size
from desktop.ui.theme.theme import apply_theme
from desktop.ui.widgets.mnemonics import plain
from tests.rigs.every_window import before_close
from tests.support.widgets import children

_AROUND = 6  # pixels: some controls are drawn by what holds them


@contextmanager
def looks(qapp: QApplication, *, theme: str = "light", points: int = 0) -> Iterator[None]:
    """Puts a theme and a size of text in force, and then what was before."""
    style, palette = qapp.style().name(), qapp.palette()
    apply_theme(qapp, theme)
    apply_text_size(qapp, points)
    try:
        yield
    finally:
        apply_text_size(qapp, 0)
        qapp.styleHints().unsetColorScheme()
        qapp.setPalette(palette)
        qapp.setStyle(style)


def opened(qtbot: QtBot, make: Callable[[], QWidget]) -> QWidget:
    """Returns a window that is shown and has the keyboard."""
    window = make()
    qtbot.addWidget(window, before_close_func=before_close)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def controls(window: QWidget) -> list[QWidget]:
    """Returns what can have the keyboard in a window, now or at another time."""
    return [widget for widget in children(window, QWidget) if _is_a_control(widget)]


def picture_around(widget: QWidget) -> QImage:
    """Returns what is seen of a widget, and a little of what is around it."""
    window = widget.window()
    place = QRect(widget.mapTo(window, QPoint()), widget.size())
    return window.grab(place.adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND)).toImage()


def _is_a_control(widget: QWidget) -> bool:
    by_keyboard = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    inside_of_qt = widget.objectName().startswith("qt_") or isinstance(widget.parentWidget(), QComboBox)
    popup = widget.window().windowType() is Qt.WindowType.Popup
    return by_keyboard and not inside_of_qt and not popup and widget.focusProxy() is None


Measures = tuple[float, int, int]


def measures(widget: QWidget) -> Measures:
    """Returns the size of a widget's font, and what it asks for: its least height, and its height if it has words."""
    words = widget.sizeHint().height() if isinstance(widget, QLabel | QAbstractButton) and widget.text() else 0
    return round(widget.font().pointSizeF(), 1), widget.minimumHeight(), words


def alike(one: Measures, other: Measures) -> bool:
    """Whether two widgets measure the same, but for what is lost by rounding."""
    return one[0] == other[0] and all(abs(a - b) <= max(2, b // 10) for a, b in zip(one[1:], other[1:], strict=True))


_LEAST_TURNS = 3  # the first ones may only ask that things are laid out
_MOST_TURNS = 200

# Where the room on the screen is asked for.
_ASK_FOR_ROOM = (
    "libraries.dialog",
    "about",
    "chat.window",
    "theme.text_size",
    "widgets.file_dialog",
    "widgets.window_size",
)


def on_screen(monkeypatch: pytest.MonkeyPatch, width: int, height: int) -> QSize:
    """Has every window be made for a screen of that size, in logical pixels; returns the room inside of a window."""
    room = QSize(width - 16, height - 48)
    for module in _ASK_FOR_ROOM:
        monkeypatch.setattr(f"desktop.ui.{module}.room_on_screen", lambda _widget: QSize(room))
    monkeypatch.setattr("desktop.ui.theme.text_size.room_of", lambda _screen: QSize(room))
    monkeypatch.setattr(FloatingPanel, "available_area", lambda _panel: QRect(0, 0, width, height))
    return room


def settled(window: QWidget) -> None:
    """Has everything that is to be laid out laid out: until nothing in the window moves any more.

    One part that is given its room may ask for another: a list of cards, each as high as its words, takes several
    turns.
    """
    places: list[QRect] = []
    for turn in range(_MOST_TURNS):
        QApplication.sendPostedEvents()
        QApplication.processEvents()
        before, places = places, [widget.geometry() for widget in children(window, QWidget)]
        if places == before and turn >= _LEAST_TURNS:
            return
    raise AssertionError(f"{window} does not come to rest")


def cut_off(window: QWidget) -> list[str]:
    """Returns what cannot be read of a window: words without room for them, and what lies beyond its edge.

    What is beyond the edge of a part that scrolls downwards can be scrolled to.
    """
    found = []
    for widget in children(window, QWidget, shown=True):
        if isinstance(widget, QLabel | QAbstractButton) and widget.window() is window:
            where = f"{type(widget).__name__} {widget.text()!r}"
            found += [f"{where}: {what}" for what in (_words_cut(widget), _place_cut(widget, window)) if what]
    return [*found, *_overlaps(window)]


def _words_cut(widget: QLabel | QAbstractButton) -> str:
    if not widget.text() or (isinstance(widget, QLabel) and "…" in widget.text()):
        return ""
    if isinstance(widget, QLabel) and widget.wordWrap():
        needed = widget.heightForWidth(widget.width())
        return f"{needed} high, in {widget.height()}" if needed > widget.height() + 1 else ""
    marked = isinstance(widget, QAbstractButton) or widget.buddy() is not None
    words = plain(widget.text()) if marked else widget.text()
    needed = max(widget.fontMetrics().horizontalAdvance(line) for line in words.split("\n"))
    high = widget.fontMetrics().height() * len(words.split("\n"))
    if needed > widget.width() or high > widget.height() + 2:
        return f"{needed}x{high}, in {widget.width()}x{widget.height()}"
    return ""


def _place_cut(widget: QWidget, window: QWidget) -> str:
    area = widget.parentWidget()
    while area is not None and area is not window and not isinstance(area, QAbstractScrollArea):
        area = area.parentWidget()
    frame = area.viewport() if isinstance(area, QAbstractScrollArea) else window
    place = QRect(widget.mapTo(frame, QPoint()), widget.size())
    beside = place.left() < 0 or place.right() > frame.width()
    below = frame is window and (place.top() < 0 or place.bottom() > frame.height())
    return f"at {place.getRect()} of {frame.width()}x{frame.height()}" if beside or below else ""


def _overlaps(window: QWidget) -> list[str]:
    found = []
    for parent in (window, *children(window, QWidget, shown=True)):
        layout = parent.layout()
        if layout is None or isinstance(layout, QStackedLayout):
            continue
        placed = [widget for widget in _widgets_of(layout) if widget.isVisible()]
        for at, one in enumerate(placed):
            for other in placed[at + 1 :]:
                if one.geometry().intersects(other.geometry()):
                    found.append(f"{_told(one)} and {_told(other)} overlap")
    return found


def _widgets_of(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item is None:
            continue
        if (widget := cast("QWidget | None", item.widget())) is not None:
            yield widget
        elif (inner := cast("QLayout | None", item.layout())) is not None:
            yield from _widgets_of(inner)


def _told(widget: QWidget) -> str:
    return f"{type(widget).__name__} {getattr(widget, 'text', lambda: '')()!r} at {widget.geometry().getRect()}"
