from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from PySide6.QtGui import QColor, QFont, QPalette, QPixmap, QPixmapCache
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.theme.code_colours import CODE_TINT, CodePart, code_colours
from desktop.ui.theme.fusion.style import FusionStyle
from desktop.ui.theme.metrics import message_font, spacing, unit
from desktop.ui.theme.palette import accented, is_dark, make_palette, mix, muted, tinted, warning
from desktop.ui.theme.theme import apply_theme
from tests.rigs.every_window import WINDOWS, name_of
from tests.rigs.looks import looks, opened, settled
from tests.rigs.window_states import STATES
from tests.support.pixels import contrast
from tests.support.widgets import children

# WCAG 2.1, level AA, for text of ordinary size.
_READABLE = 4.5


@pytest.fixture(autouse=True)
def theme_put_back(qapp: QApplication) -> Iterator[None]:
    yield
    qapp.setPalette(QPalette())
    qapp.setStyle("Fusion")


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_of_our_palettes_is_readable(dark: bool) -> None:
    palette = make_palette(dark)
    role = QPalette.ColorRole
    base, window = palette.color(role.Base), palette.color(role.Window)
    assert is_dark(palette) is dark
    for text in (palette.color(role.Text), muted(palette), palette.color(role.Link), warning(palette)):
        assert contrast(text, base) >= _READABLE
        assert contrast(text, window) >= _READABLE
    assert contrast(palette.color(role.HighlightedText), palette.color(role.Highlight)) >= _READABLE
    assert contrast(palette.color(role.ButtonText), palette.color(role.Button)) >= _READABLE
    assert contrast(palette.color(role.Text), accented(palette, 0.11)) >= _READABLE


def _shows(label: QLabel, dark: bool) -> bool:
    return is_dark(label.palette()) is dark


def test_a_theme_reaches_widgets_that_are_shown(qapp: QApplication, qtbot: QtBot) -> None:
    label = QLabel("x")
    qtbot.addWidget(label)
    label.show()
    qapp.setStyle("Windows")  # any other one
    for name, dark in (("dark", True), ("light", False), ("dark", True), ("system", False)):
        apply_theme(qapp, name)
        qtbot.waitUntil(partial(_shows, label, dark))
        assert isinstance(qapp.style(), FusionStyle)


def test_distances_grow_with_the_font(qtbot: QtBot) -> None:
    label = QLabel("x")
    qtbot.addWidget(label)
    font = QFont(label.font())
    font.setPixelSize(12)
    label.setFont(font)
    assert unit(label) == 8
    assert spacing(label).double == 16
    font.setPixelSize(24)
    label.setFont(font)
    assert unit(label) == 16


def test_the_conversations_font(qtbot: QtBot) -> None:
    base = QFont()
    base.setPointSizeF(10)
    assert message_font(base).pointSizeF() == 11.5


def test_mix_is_bounded() -> None:
    black, white = QColor("black"), QColor("white")
    assert mix(black, white, 0).name() == "#000000"
    assert mix(black, white, 2).name() == "#ffffff"


def test_what_qt_keeps_of_pictures_stays_small_and_goes_with_the_theme(qapp: QApplication) -> None:
    # GIVEN a theme WHEN 10 MB of pictures are drawn, as in a hundred rounds of use
    apply_theme(qapp, "light")
    for number in range(160):
        QPixmapCache.insert(f"test {number}", QPixmap(128, 128))  # 64 kB each

    # THEN Qt keeps the newest 2 MB
    def kept() -> list[int]:
        return [number for number in range(160) if not _found(f"test {number}").isNull()]

    assert 20 < len(kept()) <= 32
    assert max(kept()) == 159

    # WHEN the theme changes THEN nothing in the old colours is kept
    apply_theme(qapp, "dark")
    assert kept() == []


def _found(key: str) -> QPixmap:
    found = QPixmap()
    QPixmapCache.find(key, found)
    return found


@pytest.mark.parametrize("dark", [False, True])
def test_code_can_be_read_in_each_of_its_colours(dark: bool) -> None:
    palette = make_palette(dark)
    colours = code_colours(palette)
    assert set(colours) == set(CodePart)
    assert len({colour.name() for colour in colours.values()}) == len(CodePart)
    for colour in colours.values():
        assert contrast(colour, tinted(palette, CODE_TINT)) >= _READABLE


def test_code_can_be_read_in_palettes_of_others() -> None:
    palette = make_palette(False)
    palette.setColor(QPalette.ColorRole.Base, QColor("#8a8a8a"))
    palette.setColor(QPalette.ColorRole.Text, QColor("#000000"))
    for colour in code_colours(palette).values():
        assert contrast(colour, tinted(palette, CODE_TINT)) >= _READABLE


@pytest.mark.parametrize("make", [*WINDOWS, *STATES], ids=name_of)
def test_what_was_made_in_one_theme_has_the_colours_of_the_other(
    qapp: QApplication, qtbot: QtBot, make: Callable[[], QWidget]
) -> None:
    with looks(qapp, theme="light"):
        # GIVEN a window WHEN another theme is chosen while it is open
        window = opened(qtbot, make)
        apply_theme(qapp, "dark")
        settled(window)
        # THEN its words have the colours of one that is opened in that theme (a long list is filled by and by)
        other = opened(qtbot, make)
        qtbot.waitUntil(lambda: len(_colours(window)) == len(_colours(other)))
        assert _colours(window) == _colours(other)


def _colours(window: QWidget) -> list[tuple[str, str, str]]:
    return [
        (type(widget).__name__, widget.text(), widget.palette().color(widget.foregroundRole()).name())
        for widget in children(window, QWidget)
        if isinstance(widget, QLabel | QAbstractButton)
    ]
