"""A word finds the page and the setting, by mouse and by keyboard, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.settings.types import Group
from desktop.ui.settings.dialog import SettingsDialog
from desktop.ui.settings.search import SearchField
from tests.rigs.settings import opened, show_option
from tests.support.widgets import child, children


@pytest.fixture
def dialog(qtbot: QtBot) -> Iterator[SettingsDialog]:
    with opened(qtbot) as made:
        yield made


def look_for(dialog: SettingsDialog, words: str) -> None:
    field = child(dialog, SearchField)
    field.selectAll()
    field.insert(words)


def shown(dialog: SettingsDialog) -> list[str]:
    """Returns the settings that can be seen on the page that is shown."""
    return [key for key, row in dialog._rows.items() if row.isVisible()]


def pages(dialog: SettingsDialog) -> list[str]:
    items = [dialog._list.item(place) for place in range(dialog._list.count())]
    return [item.text() for item in items if not item.isHidden()]


@pytest.mark.parametrize("words", ["threads", "Threads", "n_threads", "线程", "ＴＨＲＥＡＤＳ"])
def test_a_word_in_either_language_or_of_the_field_finds_a_setting(dialog: SettingsDialog, words: str) -> None:
    look_for(dialog, words)
    assert "threads" in shown(dialog)
    assert Group.MODEL.value in pages(dialog)
    assert len(pages(dialog)) < len(Group)


def test_what_is_folded_away_is_found(dialog: SettingsDialog) -> None:
    look_for(dialog, "flash")
    assert shown(dialog) == ["flash_attention"]
    # WHEN the search ends THEN it is folded again
    child(dialog, SearchField).clear()
    assert "flash_attention" not in shown(dialog)
    assert "threads" in shown(dialog)
    assert len(pages(dialog)) == len(Group)


def test_all_words_have_to_be_there(dialog: SettingsDialog) -> None:
    look_for(dialog, "context size")
    assert shown(dialog) == ["n_ctx"]
    look_for(dialog, "context zebra")
    assert pages(dialog) == []
    assert "No setting has these words." in [label.text() for label in children(dialog, QLabel, shown=True)]
    child(dialog, SearchField).clear()
    assert len(shown(dialog)) > 3


def test_the_keyboard_alone_is_enough(dialog: SettingsDialog, qtbot: QtBot) -> None:
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClick(dialog, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = child(dialog, SearchField)
    qtbot.waitUntil(field.hasFocus)
    look_for(dialog, "text")
    found = pages(dialog)
    assert len(found) > 1
    # Down and Up turn through the pages that have it, and the caret stays
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert dialog._list.currentItem().text() == found[1]
    assert field.hasFocus()
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert dialog._list.currentItem().text() == found[0]
    # Enter goes to the first setting, Esc empties the field and only then closes the window
    look_for(dialog, "threads")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is dialog._rows["threads"].editor.control
    assert isinstance(QApplication.focusWidget(), QDoubleSpinBox)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert dialog.isVisible()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_page_is_found_by_its_name_and_shown_whole_where_no_setting_has_it(dialog: SettingsDialog) -> None:
    for group in Group:
        look_for(dialog, group.value)
        assert group.value in pages(dialog)
        dialog._list.setCurrentRow(list(Group).index(group))
        assert shown(dialog)
    # Of "Model and memory", nothing but what is about memory
    look_for(dialog, "memory")
    dialog._list.setCurrentRow(0)
    assert "threads" not in shown(dialog)
    assert "n_ctx" in shown(dialog)


def test_the_page_that_is_called_so_comes_before_those_that_only_mention_it(dialog: SettingsDialog) -> None:
    part = QWidget()
    part.setWindowTitle("Quick actions")
    dialog.add_page("quick", part)
    look_for(dialog, "quick")
    assert len(pages(dialog)) > 1
    assert dialog._list.currentItem().text() == "Quick actions"
    # AND a setting that is called so before those that mention it
    look_for(dialog, "imagination")
    assert dialog._list.currentItem().text() == Group.ANSWERS.value


def test_pages_and_panels_that_are_no_options_are_found_by_what_is_on_them(dialog: SettingsDialog) -> None:
    for title, add in (("Zebras", dialog.add_page), ("Giraffes", None)):
        part = QWidget()
        part.setWindowTitle(title)
        QVBoxLayout(part).addWidget(QPushButton(f"Feed {title.lower()}"))
        if add is not None:
            add(title, part)
        else:
            dialog.extend_page(Group.PROGRAMS, part)
    look_for(dialog, "zebras")
    assert pages(dialog) == ["Zebras"]
    look_for(dialog, "giraffes")
    assert pages(dialog) == [Group.PROGRAMS.value]
    assert shown(dialog) == []
    assert "Feed giraffes" in [button.text() for button in children(dialog, QPushButton, shown=True)]
    # AND what goes with an option is there beside it
    look_for(dialog, "api_port")
    assert "api_port" in shown(dialog)
    assert "Feed giraffes" in [button.text() for button in children(dialog, QPushButton, shown=True)]


def test_who_is_sent_to_a_setting_sees_it(dialog: SettingsDialog) -> None:
    look_for(dialog, "flash")
    dialog.reveal("threads")
    assert "threads" in shown(dialog)
    look_for(dialog, "flash")
    dialog.hide()
    dialog.show()
    show_option(dialog, "threads")
    assert "threads" in shown(dialog)


def test_no_button_puts_back_what_is_not_seen(dialog: SettingsDialog) -> None:
    look_for(dialog, "threads")
    assert dialog._restore.isHidden()
    child(dialog, SearchField).clear()
    assert dialog._restore.isVisible()
