from __future__ import annotations

import pytest
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from desktop.ui.theme.apostrophes import NarrowApostrophes, as_drawn, is_wide

_ENGLISH, _CHINESE = "DejaVu Sans", "Noto Sans CJK SC"


@pytest.fixture
def chinese(qapp: QGuiApplication) -> QFont:
    assert QFontDatabase.hasFamily(_CHINESE), "run: sudo apt-get install $(packaging/debian-packages.txt)"
    return QFont(_CHINESE, 12)


def test_a_chinese_font_has_a_wide_apostrophe(chinese: QFont) -> None:
    assert is_wide(chinese)
    assert not is_wide(QFont(_ENGLISH, 12))


def test_on_a_line_only_that_between_letters_is_another(chinese: QFont) -> None:
    assert as_drawn("It’s Anna’s; 他说‘好’。 l’été", chinese) == "It's Anna's; 他说‘好’。 l'été"
    assert as_drawn("It’s", QFont(_ENGLISH, 12)) == "It’s"


def test_in_a_document_it_takes_the_room_of_a_letter_and_stays_what_it_is(qtbot: QtBot, chinese: QFont) -> None:
    # GIVEN a page in a Chinese font WHEN an English word with an apostrophe comes to stand in it
    wide, narrow = QPlainTextEdit(), QPlainTextEdit()
    for page in (wide, narrow):
        qtbot.addWidget(page)
        page.setFont(chinese)
    made = NarrowApostrophes(narrow.document(), chinese)
    widths = []
    for page in (wide, narrow):
        page.setPlainText("don’t")
        page.show()
        widths.append(page.document().firstBlock().layout().lineAt(0).naturalTextWidth())
    # THEN it is narrower by most of a character, and what is copied is what was written
    assert widths[0] - widths[1] > 6
    assert narrow.toPlainText() == "don’t"
    # AND a Chinese quotation mark keeps its width
    widths = []
    for page in (wide, narrow):
        page.setPlainText("他说‘好’。")
        widths.append(page.document().firstBlock().layout().lineAt(0).naturalTextWidth())
    assert widths[0] == widths[1]
    assert made.document() is narrow.document()
