"""Pinning, archiving and folders in the chat window, with the way back, on a real history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialogButtonBox, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.conversations.conversation_rows import ROW_HEADING, ROW_TEXT
from desktop.ui.conversations.folder_dialog import FolderDialog
from desktop.ui.conversations.several_dialog import SeveralDialog
from desktop.ui.conversations.shelf import ARCHIVE, LIST
from desktop.ui.widgets.mnemonics import plain
from tests.rigs.chat import Bench
from tests.support.event_loop import let_run
from tests.support.widgets import children


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    made.window.resize(1100, 700)
    yield made
    made.history.close()


def listed(bench: Bench) -> list[str]:
    rows = bench.window.list.rows
    return [rows.item(row).text() for row in range(rows.count())]


def headings(bench: Bench) -> list[str]:
    rows = bench.window.list.rows
    return [rows.item(row).data(ROW_HEADING) for row in range(rows.count())]


def name_folder(bench: Bench, name: str) -> FolderDialog:
    """Writes a name into the dialog that is open, and accepts it."""
    (dialog,) = children(bench.window, FolderDialog)
    (field,) = children(dialog, QLineEdit)
    field.setText(name)
    (buttons,) = children(dialog, QDialogButtonBox)
    accept = next(one for one in buttons.buttons() if buttons.buttonRole(one) is QDialogButtonBox.ButtonRole.AcceptRole)
    assert accept.isEnabled()
    accept.click()
    return dialog


def choose_in_menu(qtbot: QtBot, open_menu: Callable[[], None], words: str) -> None:
    """Chooses an entry of the menu that something opens."""

    def choose() -> None:
        menu = cast("QMenu | None", QApplication.activePopupWidget())
        assert isinstance(menu, QMenu)
        action = next(one for one in menu.actions() if one.text() == words)
        action.trigger()
        menu.close()

    QTimer.singleShot(0, choose)
    open_menu()


class TestPinned:
    def test_it_goes_on_top_under_its_own_heading_and_comes_back(self, bench: Bench) -> None:
        cats, _dogs = bench.talk("Cats", "Words"), bench.talk("Dogs", "Words")
        bench.presenter.open(cats)
        assert (listed(bench), headings(bench)) == (["Dogs", "Cats"], ["Today", ""])
        bench.window.menu.pin.trigger()
        assert (listed(bench), headings(bench)) == (["Cats", "Dogs"], ["Pinned", "Today"])
        assert bench.window.menu.pin.text() == "&Unpin"
        assert bench.window.menu.undo.text() == "&Undo pin “Cats”"
        bench.window.menu.undo.trigger()
        assert listed(bench) == ["Dogs", "Cats"]
        bench.window.menu.redo.trigger()
        assert listed(bench) == ["Cats", "Dogs"]
        bench.window.menu.pin.trigger()
        assert listed(bench) == ["Dogs", "Cats"]

    def test_a_new_page_has_nothing_to_pin(self, bench: Bench) -> None:
        menu = bench.window.menu
        assert not any(action.isEnabled() for action in (menu.pin, menu.archive, menu.move))


class TestArchive:
    def test_it_leaves_the_list_stays_on_the_page_and_is_found(self, bench: Bench) -> None:
        cats, _dogs = bench.talk("Cats", "They purr"), bench.talk("Dogs", "Words")
        bench.presenter.open(cats)
        bench.window.menu.archive.trigger()
        assert (listed(bench), bench.presenter.current) == (["Dogs"], cats)
        assert "They purr" in bench.page()
        bench.window.list.searchChanged.emit("purr")
        assert bench.window.list.rows.item(0).data(ROW_TEXT) == "Archived: They purr"
        assert bench.window.list.rows.item(0).text() == "Cats"
        bench.window.list.searchChanged.emit("")

    def test_the_way_back_is_in_the_banner_the_menu_and_the_archive(self, bench: Bench) -> None:
        cats = bench.talk("Cats", "Words")
        bench.talk("Dogs", "Words")
        bench.window.list.archiveRequested.emit(cats, True)
        bench.press("Undo")
        assert listed(bench) == ["Dogs", "Cats"]
        assert not bench.window.menu.undo.isEnabled() or "archive" not in bench.window.menu.undo.text()
        bench.window.menu.redo.trigger()
        assert listed(bench) == ["Dogs"]
        bench.window.list.shelf.show_place(ARCHIVE)
        assert listed(bench) == ["Cats"]
        bench.window.list.archiveRequested.emit(cats, False)
        assert bench.window.list.shelf.place == LIST, "there is no archive any more"
        assert listed(bench) == ["Dogs", "Cats"]

    def test_the_banner_goes_when_it_was_taken_back_elsewhere(self, bench: Bench) -> None:
        cats = bench.talk("Cats", "Words")
        bench.window.list.archiveRequested.emit(cats, True)
        assert bench.banner() == "Conversation archived"
        bench.window.menu.undo.trigger()
        assert bench.banner() != "Conversation archived"

    def test_opening_what_is_archived_shows_the_archive(self, bench: Bench) -> None:
        cats, dogs = bench.talk("Cats", "Words"), bench.talk("Dogs", "Words")
        bench.window.list.archiveRequested.emit(cats, True)
        bench.presenter.open(dogs)
        bench.presenter.open(cats)
        assert bench.window.list.shelf.place == ARCHIVE
        assert bench.window.list.rows.marked is not None
        bench.presenter.open(dogs)
        assert (bench.window.list.shelf.place, listed(bench)) == (LIST, ["Dogs"])

    def test_a_disk_that_is_full_is_said_and_nothing_changes(self, bench: Bench) -> None:
        cats = bench.talk("Cats", "Words")
        bench.forbid_writing()
        bench.window.list.archiveRequested.emit(cats, True)
        assert listed(bench) == ["Cats"]
        assert bench.banner() not in ("", "Conversation archived")


class TestFolders:
    def test_moving_into_a_new_one_and_back(self, bench: Bench, qtbot: QtBot) -> None:
        cats, _dogs = bench.talk("Cats", "Words"), bench.talk("Dogs", "Words")
        bench.presenter.open(cats)
        choose_in_menu(qtbot, bench.window.menu.move.trigger, "New folder…")
        dialog = name_folder(bench, "  Pets & co ")
        assert dialog.result() == FolderDialog.DialogCode.Accepted
        assert bench.history.conversation(cats).folder == "Pets & co"
        assert "Pets & co · " in bench.window.list.rows.item(1).data(ROW_TEXT)
        # WHEN that folder is chosen THEN only what is in it is there
        bench.window.list.shelf.show_folder("Pets & co")
        assert listed(bench) == ["Cats"]
        bench.window.menu.undo.trigger()
        assert (bench.window.list.shelf.place, listed(bench)) == (LIST, ["Dogs", "Cats"])
        bench.window.menu.redo.trigger()
        choose_in_menu(qtbot, bench.window.menu.move.trigger, "No folder")
        assert bench.history.conversation(cats).folder == ""

    def test_two_folders_become_one_and_are_parted_again(self, bench: Bench) -> None:
        cats, dogs = bench.talk("Cats", "Words"), bench.talk("Dogs", "Words")
        bench.window.list.moveRequested.emit(cats, "Cats")
        bench.window.list.moveRequested.emit(dogs, "Dogs")
        bench.window.list.shelf.renameRequested.emit("Cats")
        name_folder(bench, "Dogs")
        assert {bench.history.conversation(one).folder for one in (cats, dogs)} == {"Dogs"}
        bench.window.menu.undo.trigger()
        assert [bench.history.conversation(one).folder for one in (cats, dogs)] == ["Cats", "Dogs"]

    def test_a_folder_is_dissolved_and_comes_back_without_what_is_gone(self, bench: Bench) -> None:
        cats, dogs = bench.talk("Cats", "Words"), bench.talk("Dogs", "Words")
        for one in (cats, dogs):
            bench.window.list.moveRequested.emit(one, "Pets")
        bench.window.list.shelf.dissolveRequested.emit("Pets")
        assert bench.window.list.shelf.isHidden()
        bench.chat.delete_for_good(cats)
        bench.window.menu.undo.trigger()
        assert bench.history.conversation(dogs).folder == "Pets"
        assert bench.window.menu.redo.isEnabled()

    @pytest.mark.parametrize("way", ["renamed", "dissolved"])
    def test_what_was_deleted_comes_back_to_where_the_folder_is_now(self, bench: Bench, way: str) -> None:
        # GIVEN a conversation that was deleted, and its folder, which is another one since
        cats, dogs = bench.talk("Cats", "Words"), bench.talk("Dogs", "Words")
        for one in (cats, dogs):
            bench.window.list.moveRequested.emit(one, "Pets")
        bench.window.list.deleteRequested.emit(cats)
        if way == "renamed":
            bench.window.list.shelf.renameRequested.emit("Pets")
            name_folder(bench, "Animals")
        else:
            bench.window.list.shelf.dissolveRequested.emit("Pets")
        # WHEN it comes back THEN the old folder does not
        bench.history.restore(cats)
        folder = "Animals" if way == "renamed" else ""
        assert [bench.history.conversation(one).folder for one in (cats, dogs)] == [folder, folder]
        # AND undoing takes both back
        bench.window.menu.undo.trigger()
        assert [bench.history.conversation(one).folder for one in (cats, dogs)] == ["Pets", "Pets"]

    def test_a_name_that_is_none_is_not_taken_and_one_that_is_there_is_said(self, bench: Bench) -> None:
        dialog = FolderDialog(["Pets"], parent=bench.window)
        (field,) = children(dialog, QLineEdit)
        assert not dialog._accept.isEnabled()
        QTest.keyClicks(field, "  ")
        assert not dialog._accept.isEnabled()
        field.setText("Pets")
        assert dialog._accept.isEnabled() and "moved there" in dialog.note.text()
        dialog.deleteLater()


class TestSeveral:
    @staticmethod
    def choose(dialog: SeveralDialog, *titles: str) -> None:
        dialog.rows.clearSelection()
        for place in range(dialog.rows.count()):
            item = dialog.rows.item(place)
            item.setSelected(item.text() in titles)

    @staticmethod
    def press(qtbot: QtBot, dialog: QWidget, words: str) -> None:
        let_run(qtbot)  # the buttons of a banner are shown by its layout
        next(one for one in children(dialog, QAbstractButton, shown=True) if plain(one.text()) == words).click()

    @pytest.fixture
    def dialog(self, bench: Bench) -> SeveralDialog:
        for number in range(40):
            bench.talk(f"Talk {number}", "Words")
        bench.window.show()
        bench.window.menu.tidy.trigger()
        return children(bench.window, SeveralDialog)[0]

    def test_many_are_archived_and_one_press_brings_them_back(
        self, bench: Bench, dialog: SeveralDialog, qtbot: QtBot
    ) -> None:
        assert dialog.rows.count() == 40
        self.choose(dialog, *(f"Talk {number}" for number in range(12)))
        self.press(qtbot, dialog, "Archive")
        assert len(listed(bench)) == dialog.rows.count() == 28
        assert bench.window.menu.undo.text() == "&Undo archive 12 conversations"
        self.press(qtbot, dialog, "Undo")
        assert len(listed(bench)) == dialog.rows.count() == 40
        bench.window.menu.redo.trigger()
        assert dialog.rows.count() == 28

    def test_many_are_moved_into_a_new_folder(self, bench: Bench, dialog: SeveralDialog, qtbot: QtBot) -> None:
        self.choose(dialog, "Talk 3", "Talk 7")
        (move,) = [one for one in children(dialog, QAbstractButton) if plain(one.text()) == "Move to folder"]
        choose_in_menu(qtbot, move.click, "New folder…")
        name_folder(bench, "Old ones")
        moved = [one.title for one in bench.history.conversations() if one.folder == "Old ones"]
        assert sorted(moved) == ["Talk 3", "Talk 7"]
        bench.window.menu.undo.trigger()
        assert not any(one.folder for one in bench.history.conversations())

    def test_many_are_deleted_and_come_back_also_after_something_else_was_done(
        self, bench: Bench, dialog: SeveralDialog, qtbot: QtBot
    ) -> None:
        bench.presenter.open(next(one.id for one in bench.history.conversations() if one.title == "Talk 5"))
        self.choose(dialog, "Talk 5", "Talk 6")
        self.press(qtbot, dialog, "Delete")
        assert len(bench.history.deleted()) == 2
        assert bench.window.pane.current is None
        # WHEN another thing is done, and one of them restored elsewhere
        bench.presenter.open(bench.history.conversations()[0].id)
        bench.window.menu.pin.trigger()
        bench.history.restore(bench.history.deleted()[0].conversation.id)
        self.press(qtbot, dialog, "Undo")
        # THEN both are there, and nothing of the deletion is left to be undone
        assert len(bench.history.conversations()) == 40
        bench.window.menu.undo.trigger()
        assert bench.window.menu.undo.text() == "&Undo"

    def test_titles_are_looked_for_and_the_archive_is_a_place(
        self, bench: Bench, dialog: SeveralDialog, qtbot: QtBot
    ) -> None:
        self.choose(dialog, "Talk 1")
        self.press(qtbot, dialog, "Archive")
        field = children(dialog, QLineEdit)[0]
        field.setText("ＴＡＬＫ 1")
        assert dialog.rows.count() == 12  # 10 to 19, 21 and 31
        field.setText("zebra")
        assert dialog.chosen() == []
        assert not any(one.isEnabled() for one in children(dialog, QAbstractButton) if plain(one.text()) == "Archive")
        field.clear()
        dialog._shelf.show_place(ARCHIVE)
        self.choose(dialog, "Talk 1")
        self.press(qtbot, dialog, "Back from the archive")
        assert len(listed(bench)) == 40
