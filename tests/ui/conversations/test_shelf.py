"""Folders and archive: one part of the conversations is listed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.ui.conversations.shelf import ARCHIVE, LIST, Kind, Place, Shelf, folders_of
from tests.rigs.conversations import conversation

PLAIN = conversation("a", "Plain")
WORK = replace(conversation("b", "Work"), folder="work")
HOME = replace(conversation("c", "Home"), folder="Home")
OLD = replace(conversation("d", "Old"), archived=5.0)
OLD_WORK = replace(conversation("e", "Old work"), archived=5.0, folder="long ago")


@pytest.fixture
def shelf(qtbot: QtBot) -> Shelf:
    made = Shelf()
    qtbot.addWidget(made)
    return made


def offered(shelf: Shelf) -> list[str]:
    return [shelf.box.itemText(at) for at in range(shelf.box.count())]


def test_what_lies_where() -> None:
    work = Place(Kind.FOLDER, "work")
    assert [one.id for one in (PLAIN, WORK, HOME, OLD, OLD_WORK) if LIST.holds(one)] == ["a", "b", "c"]
    assert [one.id for one in (PLAIN, WORK, HOME, OLD, OLD_WORK) if work.holds(one)] == ["b"]
    assert [one.id for one in (PLAIN, WORK, HOME, OLD, OLD_WORK) if ARCHIVE.holds(one)] == ["d", "e"]
    assert folders_of((WORK, HOME, OLD_WORK, PLAIN)) == ["Home", "work"]


def test_it_is_there_when_there_is_something_to_choose(shelf: Shelf) -> None:
    shelf.set_conversations((PLAIN,))
    assert shelf.isHidden()
    shelf.set_conversations((PLAIN, OLD, HOME, WORK))
    assert not shelf.isHidden()
    assert offered(shelf) == ["All conversations", "Home", "work", "", "Archive"]


def test_a_folder_that_is_gone_gives_way_to_all(shelf: Shelf) -> None:
    shelf.set_conversations((PLAIN, WORK, OLD))
    shelf.show_folder("work")
    assert shelf.place == Place(Kind.FOLDER, "work")
    shelf.set_conversations((PLAIN, WORK, HOME, OLD))
    assert shelf.place == Place(Kind.FOLDER, "work"), "another one beside it changes nothing"
    shelf.set_conversations((PLAIN, OLD))
    assert shelf.place == LIST


def test_it_is_chosen_with_the_keys(shelf: Shelf, qtbot: QtBot) -> None:
    shelf.set_conversations((PLAIN, WORK, OLD))
    chosen: list[Place] = []
    shelf.chosen.connect(lambda: chosen.append(shelf.place))
    for _step in range(3):
        QTest.keyClick(shelf.box, Qt.Key.Key_Down)
    assert chosen == [Place(Kind.FOLDER, "work"), ARCHIVE], "the line between is passed over"
