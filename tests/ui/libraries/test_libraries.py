"""Libraries in the window, with everything but the desktop: added, read, asked, removed, brought back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from desktop.ui.libraries.dialog import LibrariesDialog
from tests.rigs.shell import Bench, running
from tests.support.own_models import use_own
from tests.support.patience import PATIENCE_MS

pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


class LibraryBench:
    """The interface with the dialog of libraries open."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.bench, self.folder = bench, folder
        bench.show()
        folder.mkdir()
        (folder / "cats.txt").write_text("The cat is called Minka and sleeps on the roof.", encoding="utf-8")
        (folder / "empty.txt").write_text("", encoding="utf-8")
        self.window = bench.window
        self.window.menu.libraries.trigger()

    @property
    def dialog(self) -> LibrariesDialog:
        dialog = self.bench.shell.libraries.dialog
        assert dialog is not None
        return dialog

    def rows(self) -> list[str]:
        return [self.dialog.list.item(place).text() for place in range(self.dialog.list.count())]

    def add(self) -> None:
        with patch.object(self.bench.shell.libraries, "_choose_folder", lambda *_: str(self.folder)):
            self.dialog.add.click()
        self.bench.qtbot.waitUntil(lambda: self.rows() == ["House · one document"], timeout=PATIENCE_MS)

    def banner(self) -> str:
        notice = self.window.pane.banner.current
        return notice.title if notice is not None else ""


@pytest.fixture
def there(qapp: QApplication, qtbot: QtBot, data_dir: Paths, tmp_path: Path) -> Iterator[LibraryBench]:
    with running(qapp, qtbot, data_dir) as bench:
        made = LibraryBench(bench, tmp_path / "House")
        yield made
        bench.services.libraries.end()
        made.dialog.close()
        made.dialog.deleteLater()


def test_a_folder_is_added_and_read_and_what_cannot_be_is_listed(there: LibraryBench) -> None:
    assert there.rows() == [] and not there.dialog.ask.isEnabled() and not there.dialog.remove.isEnabled()
    there.add()
    assert [there.dialog.refused.item(place).text() for place in range(there.dialog.refused.count())] == [
        "empty.txt · This file is empty."
    ]
    assert there.dialog.ask.isEnabled()
    # WHEN a file is repaired and somebody wants it looked at
    (there.folder / "empty.txt").write_text("The dog is called Rex.", encoding="utf-8")
    there.dialog.again.click()
    there.bench.qtbot.waitUntil(lambda: there.rows() == ["House · 2 documents"], timeout=PATIENCE_MS)
    assert there.dialog.refused.isHidden()


def test_the_same_folder_twice_is_said_in_the_dialog(there: LibraryBench) -> None:
    there.add()
    there.add()
    notice = there.dialog.banner.current
    assert notice is not None and "a library already" in notice.title
    assert len(there.rows()) == 1


def test_a_library_is_removed_and_comes_back(there: LibraryBench) -> None:
    there.add()
    there.dialog.remove.click()
    assert there.rows() == [] and (there.folder / "cats.txt").exists()
    notice = there.dialog.banner.current
    assert notice is not None and "House" in notice.title
    notice.actions[0].run()
    there.bench.qtbot.waitUntil(lambda: there.rows() == ["House · one document"], timeout=PATIENCE_MS)


def test_a_conversation_is_answered_from_it_and_says_so(there: LibraryBench, parrot_model: Path) -> None:
    use_own(there.bench.services, parrot_model)
    there.add()
    # WHEN a conversation about it is begun
    there.dialog.ask.click()
    # THEN the window of the libraries does not lie over it, and it does not begin with questions about anything else
    assert not there.dialog.isVisible()
    assert not there.window.pane.empty_page.starters
    # THEN that is said, and the answer names the document
    assert there.banner() == "Answered from the library “House”."
    there.bench.send("What is the cat called?")
    there.bench.wait_for_answer()
    assert there.banner() == "Answered from the library “House”."
    chat = there.bench.shell.chat
    assert chat is not None and chat.current is not None
    choices = there.bench.services.chat.choices(chat.current)
    assert choices.library == there.bench.services.libraries().states()[0].library.id
    # WHEN it shall be asked without
    notice = there.window.pane.banner.current
    assert notice is not None
    notice.actions[0].run()
    # THEN it is about nothing any more
    assert there.banner() == "" and there.bench.services.chat.choices(chat.current).library is None
