from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QListWidget,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollBar,
    QSizePolicy,
    QSpinBox,
    QStyle,
    QStyleOptionButton,
    QStyleOptionSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.ui.theme.theme import apply_theme
from tests.rigs.looks import looks
from tests.support.pixels import contrast

# WCAG 2.1, 1.4.11: what tells a control from the page around it.
_VISIBLE = 3.0


@pytest.fixture(autouse=True)
def theme_put_back(qapp: QApplication) -> Iterator[None]:
    yield
    qapp.setPalette(QPalette())
    qapp.setStyle("Fusion")


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    page = QWidget()
    qtbot.addWidget(page)
    QVBoxLayout(page)
    return page


def _add(page: QWidget, control: QWidget) -> None:
    layout = page.layout()
    assert layout is not None
    layout.addWidget(control)


def _picture(page: QWidget, control: QWidget) -> QImage:
    _add(page, control)
    page.resize(300, 80)
    page.show()
    control.clearFocus()
    return page.grab(QRect(control.pos(), control.size())).toImage()


def _best_contrast(picture: QImage, places: list[QPoint], window: QColor) -> float:
    return max(contrast(picture.pixelColor(place), window) for place in places)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("make", [QLineEdit, QPlainTextEdit, QSpinBox, QCheckBox])
def test_what_can_be_changed_stands_out_from_the_window(
    qapp: QApplication, page: QWidget, theme: str, make: Callable[[], QWidget]
) -> None:
    apply_theme(qapp, theme)
    picture = _picture(page, make())
    window = qapp.palette().color(QPalette.ColorRole.Window)
    left_edge = [QPoint(x, picture.height() // 2) for x in range(4)]
    assert _best_contrast(picture, left_edge, window) >= _VISIBLE


def test_words_on_a_button_have_room_at_their_sides(qapp: QApplication, page: QWidget) -> None:
    apply_theme(qapp, "light")
    button = QPushButton("A button with many words on it")
    _add(page, button)
    letters = button.fontMetrics()
    assert button.sizeHint().width() >= letters.horizontalAdvance(button.text()) + 2 * letters.height()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_button_with_the_keyboard_looks_different(
    qapp: QApplication, qtbot: QtBot, page: QWidget, theme: str
) -> None:
    apply_theme(qapp, theme)
    one, other = QPushButton("One"), QPushButton("One")
    _add(page, one)
    _add(page, other)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    one.setFocus(Qt.FocusReason.TabFocusReason)
    assert one.hasFocus()
    assert one.grab().toImage() != other.grab().toImage()


def test_a_tick_can_be_told_from_none(qapp: QApplication, page: QWidget) -> None:
    apply_theme(qapp, "dark")
    box = QCheckBox("Tick")
    empty = _picture(page, box)
    box.setChecked(True)
    assert _picture(page, box) != empty


def _slider(bar: QScrollBar) -> QRect:
    option = QStyleOptionSlider()
    bar.initStyleOption(option)
    part = QStyle.SubControl.SC_ScrollBarSlider
    return bar.style().subControlRect(QStyle.ComplexControl.CC_ScrollBar, option, part, bar)


def test_a_scroll_bar_uses_its_whole_length(qapp: QApplication, qtbot: QtBot) -> None:
    apply_theme(qapp, "light")
    bar = QScrollBar(Qt.Orientation.Vertical)
    qtbot.addWidget(bar)
    bar.resize(14, 200)
    bar.setRange(0, 300)
    bar.setPageStep(100)
    bar.show()
    assert _slider(bar) == QRect(0, 0, 14, 50)
    bar.setValue(300)
    assert _slider(bar) == QRect(0, 150, 14, 50)
    bar.setRange(0, 1_000_000)  # never too small for the pointer
    assert _slider(bar).height() >= 14


def test_a_scroll_bar_follows_the_mouse(qapp: QApplication, qtbot: QtBot) -> None:
    apply_theme(qapp, "light")
    bar = QScrollBar(Qt.Orientation.Vertical)
    qtbot.addWidget(bar)
    bar.resize(14, 200)
    bar.setRange(0, 300)
    bar.setPageStep(100)
    bar.show()
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(7, 10))
    QTest.mouseMove(bar, QPoint(7, 85))
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(7, 85))
    assert bar.value() == 150


def test_a_scroll_bar_is_a_part_of_its_page(qapp: QApplication, page: QWidget) -> None:
    apply_theme(qapp, "dark")
    text = QPlainTextEdit()
    picture = _picture(page, text)
    text.setPlainText("x\n" * 100)
    picture = _picture(page, text)
    groove = picture.pixelColor(picture.width() - 5, picture.height() - 4)
    assert groove == text.palette().color(QPalette.ColorRole.Base)


def test_a_frame_has_all_its_sides_between_whole_pixels(qapp: QApplication, page: QWidget) -> None:
    apply_theme(qapp, "light")
    area = QListWidget()
    _picture(page, area)
    image = QImage(round(area.width() * 1.5), round(area.height() * 1.5), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(1.5)
    area.render(image)
    base, middle = area.palette().color(QPalette.ColorRole.Base), image.height() // 2
    for x in (0, image.width() - 1):
        near = [image.pixelColor(abs(x - step), middle) for step in range(3)]
        assert any(colour.lightness() < base.lightness() - 20 for colour in near), x


@pytest.mark.parametrize("points", [0, 24])
def test_the_words_of_a_menu_have_room_at_every_size(qapp: QApplication, qtbot: QtBot, points: int) -> None:
    with looks(qapp, points=points):
        menu = QMenu()
        qtbot.addWidget(menu)
        menu.addAction("Open Catnap")
        words = menu.fontMetrics().horizontalAdvance("Open Catnap")
        row = menu.actionGeometry(menu.actions()[0])
        # The column for ticks and the margins beside it are as Fusion draws them.
        assert row.width() >= words + round(0.79 * row.height()) + 20


@pytest.mark.parametrize("points", [10, 24])
@pytest.mark.parametrize("make", [QComboBox, QSpinBox])
def test_the_arrows_of_a_field_grow_with_its_letters_and_keep_off_its_edge(
    qapp: QApplication, page: QWidget, make: Callable[[], QWidget], points: int
) -> None:
    # GIVEN a field in letters of a size
    apply_theme(qapp, "light")
    field = make()
    font = field.font()
    font.setPointSize(points)
    field.setFont(font)
    if isinstance(field, QComboBox):
        field.addItem("English")
    picture = _picture(page, field)
    # WHEN the columns are looked for in which something is drawn within the outline
    edge = field.fontMetrics().height() // 4
    rows = range(edge + 3, picture.height() - edge - 3)  # between the round corners
    inside = range(edge, picture.width() - edge)
    base = picture.pixelColor(picture.width() // 2 + edge, 3)
    drawn = [
        x for x in range(picture.width() // 2, picture.width() - 2)
        if any(contrast(picture.pixelColor(x, y), base) > 2 for y in rows)
    ]  # fmt: skip
    # THEN the arrow is there, and ends before the edge
    assert drawn
    assert max(drawn) in inside
    # AND a field is as high as a button beside it
    button = QPushButton("Look")
    button.setFont(font)
    _add(page, button)
    assert field.sizeHint().height() == button.sizeHint().height()


def test_the_words_of_a_tool_button_are_not_cut(qapp: QApplication, page: QWidget) -> None:
    apply_theme(qapp, "light")
    button = QToolButton()
    button.setText("Choose a model")
    picture = _picture(page, button)
    letters = button.fontMetrics().horizontalAdvance("Choose a model")
    window = qapp.palette().color(QPalette.ColorRole.Window)
    drawn = [
        x for x in range(picture.width())
        if any(contrast(picture.pixelColor(x, y), window) > 4 for y in range(4, picture.height() - 4))
    ]  # fmt: skip
    assert max(drawn) - min(drawn) > 0.9 * letters


@pytest.mark.parametrize("points", [10, 30])
def test_the_ring_around_a_tick_goes_around_all_of_its_words(qapp: QApplication, page: QWidget, points: int) -> None:
    with looks(qapp):
        tick = QCheckBox("可以留空 may stay empty (W)")
        font = tick.font()
        font.setPointSize(points)
        tick.setFont(font)
        tick.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        _add(page, tick)
        page.adjustSize()
        page.show()
        option = QStyleOptionButton()
        tick.initStyleOption(option)
        ring = tick.style().subElementRect(QStyle.SubElement.SE_CheckBoxFocusRect, option, tick)
        words = tick.style().subElementRect(QStyle.SubElement.SE_CheckBoxContents, option, tick)
        end = words.left() + tick.fontMetrics().horizontalAdvance(tick.text())
        assert ring.left() <= words.left() and end <= ring.right() < tick.width()
