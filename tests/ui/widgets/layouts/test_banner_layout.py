"""A banner's words and its buttons never take each other's room, whatever the size of the text and of the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.widgets.banner import Banner, Notice, NoticeAction
from desktop.ui.widgets.banner_words import BannerWords
from tests.support.widgets import children

_LONG = (
    "This model was not tried: it does not fit into the memory that is free.",
    "qwen2.5-1.5b-instruct-q4_k_m.gguf: it needs 1.9 GB, 1.1 GB are free.",
    "Close other programs, or choose a smaller model or context.",
)
_NOTICES = [
    ("Saved.", "", "", ()),
    ("Saved.", "/home/me/Conversations.md", "", ("Show in folder",)),
    (*_LONG, ("Choose another model", "Use it all the same")),
    (*_LONG, ("Choose another model", "Use it all the same", "Report it", "Try again")),
    (
        "这个模型没有试运行：空闲内存放不下它。",
        "需要 1.9 GB，空闲 1.1 GB。",
        "请关闭其他程序，或选择更小的模型。",
        ("选择其他模型", "仍然使用"),
    ),
]


def _fits(label: QLabel) -> bool:
    """Tells whether all of a text that wraps is in view."""
    return label.height() >= label.heightForWidth(label.width())


def _place(widget: QWidget, banner: Banner) -> QRect:
    return QRect(widget.mapTo(banner, QPoint(0, 0)), widget.size())


@pytest.fixture
def window(qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[QWidget]:
    """A window with a banner above a page, in letters of that size."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = app.font()
    font = QFont(before)
    font.setPointSize(request.param)
    app.setFont(font)
    window = QWidget()
    column = QVBoxLayout(window)
    column.addWidget(Banner(window))
    column.addWidget(QWidget(), stretch=1)
    qtbot.addWidget(window)
    yield window
    app.setFont(before)


@pytest.mark.parametrize("window", [9, 16, 24, 32], indirect=True)
@pytest.mark.parametrize("width", [420, 683, 1100])
@pytest.mark.parametrize("notice", _NOTICES, ids=range(len(_NOTICES)))
def test_nothing_is_clipped_and_nothing_covered(
    window: QWidget, width: int, notice: tuple[str, str, str, tuple[str, ...]], qtbot: QtBot
) -> None:
    # GIVEN a window that wide
    banner = children(window, Banner)[0]
    window.resize(width, 900)
    window.show()
    # WHEN something is said, with what can be done
    title, detail, remedy, ways = notice
    banner.show_notice(Notice(title, detail, remedy, actions=tuple(NoticeAction(way, lambda: None) for way in ways)))
    qtbot.waitUntil(lambda: banner.isVisible() and banner.height() > 0)
    QApplication.processEvents()
    # THEN every word is in view
    labels = [label for label in children(banner, QLabel) if label.isVisible() and label.text()]
    words_in_view = children(banner, BannerWords)[0]
    has_room = window.height() > banner.height() + 30
    assert all(_fits(label) for label in labels)
    assert (words_in_view.verticalScrollBar().maximum() == 0) or not has_room
    # AND no button lies on words or on another button, or outside
    buttons = [button for button in children(banner, QPushButton) if button.isVisible()]
    places = [_place(each, banner) for each in (words_in_view, *buttons)]
    assert all(banner.rect().contains(place) for place in places)
    assert not any(one.intersects(other) for at, one in enumerate(places) for other in places[:at])
    # AND the buttons are as large as what they say
    assert all(button.width() >= button.sizeHint().width() for button in buttons if banner.width() > 600)


@pytest.mark.parametrize("window", [9], indirect=True)
def test_buttons_stay_beside_words_that_have_room(window: QWidget, qtbot: QtBot) -> None:
    banner = children(window, Banner)[0]
    banner.show_notice(Notice(_LONG[0], _LONG[1], actions=(NoticeAction("Choose another model", lambda: None),)))
    window.resize(900, 600)
    window.show()
    QApplication.processEvents()
    (button,), title = children(banner, QPushButton), children(banner, QLabel)[0]
    assert _place(button, banner).left() > _place(title, banner).right()
    # AND go below them when the window gets narrow
    window.resize(300, 600)
    QApplication.processEvents()
    assert _place(button, banner).top() > _place(title, banner).bottom()


@pytest.mark.parametrize("window", [24], indirect=True)
def test_in_a_window_that_is_too_low_the_words_can_be_scrolled_and_every_button_is_there(
    window: QWidget, qtbot: QtBot
) -> None:
    # GIVEN the room that is left on a small screen at 200 %
    banner = children(window, Banner)[0]
    ways = tuple(NoticeAction(way, lambda: None) for way in ("Choose another model", "Use it all the same"))
    window.resize(660, 330)
    window.show()
    # WHEN there is more to say than fits
    banner.show_notice(Notice(*_LONG, actions=ways))
    QApplication.processEvents()
    words = children(banner, BannerWords)[0]
    # THEN the buttons are in view, the words can be scrolled, by the keyboard as well
    assert window.height() == 330
    assert all(banner.rect().contains(_place(button, banner)) for button in children(banner, QPushButton))
    assert words.verticalScrollBar().maximum() > 0
    assert words.focusPolicy() == Qt.FocusPolicy.StrongFocus
    # AND once there is room that is over
    window.resize(1300, 700)
    QApplication.processEvents()
    assert words.verticalScrollBar().maximum() == 0
    assert words.focusPolicy() == Qt.FocusPolicy.NoFocus
