"""Libraries in the window, with everything but the desktop: added, read, asked, removed, brought back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.common.paths import Paths
from desktop.documents.library.libraries import VectorState
from desktop.documents.library.store import DocumentStore
from desktop.ui.libraries.dialog import LibrariesDialog
from desktop.ui.models.card import ModelCard
from desktop.ui.models.entry import EntryPhase, facts_words
from desktop.ui.widgets.mnemonics import plain
from tests.rigs.shell import Bench, running
from tests.support.own_models import use_own
from tests.support.patience import PATIENCE_MS
from tests.support.tiny import make_tiny
from tests.support.tiny_bert import make_tiny_bert
from tests.support.widgets import children

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

    def choose_model(self, file: Path) -> None:
        presenter = self.bench.shell.libraries
        with patch.object(presenter, "_meaning", replace(presenter._meaning, choose_file=lambda *_: str(file))):
            self.model_action("Choose a file…").trigger()

    def model_action(self, words: str) -> QAction:
        """Returns what the button for models offers, as it does when it is opened."""
        self.dialog.models.aboutToShow.emit()
        return next(
            action for action in self.dialog.models.actions() if plain(action.text()) == words.removesuffix("…")
        )

    def vectors(self) -> tuple[int, int]:
        with closing(DocumentStore(self.bench.services.paths.documents_file)) as store:
            return store.vectors.counts()

    def banner(self) -> str:
        notice = self.window.pane.banner.current
        return notice.title if notice is not None else ""


@pytest.fixture
def there(qapp: QApplication, qtbot: QtBot, data_dir: Paths, tmp_path: Path) -> Iterator[LibraryBench]:
    with running(qapp, qtbot, data_dir) as bench:
        made = LibraryBench(bench, tmp_path / "House")
        yield made
        bench.services.libraries.end()
        bench.services.embedding.end()
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


def test_a_library_is_made_of_a_folder_that_was_opened_as_a_document(there: LibraryBench) -> None:
    there.bench.shell.documents.libraryWanted.emit(there.folder)
    assert there.dialog.isVisible()
    there.bench.qtbot.waitUntil(lambda: there.rows() == ["House · one document"], timeout=PATIENCE_MS)


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
    choices = there.bench.services.chat.choices.of(chat.current)
    assert choices.library == there.bench.services.libraries().states()[0].library.id
    # WHEN it shall be asked without
    notice = there.window.pane.banner.current
    assert notice is not None
    notice.actions[0].run()
    # THEN it is about nothing any more
    assert there.banner() == "" and there.bench.services.chat.choices.of(chat.current).library is None


def test_an_embedding_model_that_is_installed_is_offered_here_and_in_the_models_and_never_for_chats(
    there: LibraryBench,
) -> None:
    # GIVEN one in the model folder
    services, shell = there.bench.services, there.bench.shell
    services.choice.folder.mkdir(parents=True, exist_ok=True)
    file = make_tiny_bert(services.choice.folder / "tiny-embed.gguf", name="Tiny & Embed")

    def is_seen() -> bool:  # a look that has begun before does not see it
        services.choice.refresh()
        return bool(services.choice.for_meaning())

    there.bench.qtbot.waitUntil(is_seen, timeout=PATIENCE_MS)
    # THEN no chat offers it
    assert not services.choice.for_conversations() and services.choice.in_use() is None
    # WHEN it is chosen in the models dialog
    shell.models.show()
    shell.models.refresh()
    dialog = shell.models.dialog
    assert dialog is not None

    def made() -> list[ModelCard]:
        return [card for card in children(dialog, ModelCard) if card.entry.installed is not None]

    there.bench.qtbot.waitUntil(lambda: len(made()) == 1, timeout=PATIENCE_MS)  # they are made piece by piece
    (card,) = made()

    def phase() -> EntryPhase:
        return card.phase

    assert phase() is EntryPhase.COMPARES and "for finding by meaning, not for chats" in facts_words(card.entry)
    card.set_selected(True)
    card.press()
    # THEN it finds by meaning, and all that show it say so
    assert services.store.current.embedding_model == str(file)
    assert phase() is EntryPhase.FINDS
    assert there.dialog.meaning.text().startswith("Find by meaning: tiny-embed.gguf")
    assert there.model_action("Tiny & Embed").isChecked()
    # WHEN it is switched off and chosen again where libraries are
    there.dialog.switch_off.click()
    assert phase() is EntryPhase.COMPARES and not there.model_action("Tiny & Embed").isChecked()
    there.model_action("Tiny & Embed").trigger()
    assert services.store.current.embedding_model == str(file)
    # WHEN another one is wanted from Hugging Face THEN that is where it is asked for
    there.model_action("Add from Hugging Face…").trigger()
    assert shell.hub.dialog is not None and shell.hub.dialog.isVisible()
    shell.hub.close()
    shell.models.close()


def test_a_model_that_finds_by_meaning_is_chosen_reads_all_and_is_switched_off(
    there: LibraryBench, tmp_path: Path
) -> None:
    # GIVEN a library, and no such model
    there.add()
    assert there.dialog.meaning.text().startswith("Find by meaning: off.") and there.dialog.switch_off.isHidden()
    # WHEN a model is chosen that only chats
    there.choose_model(make_tiny(tmp_path / "chat.gguf"))
    # THEN that is said, and nothing changes
    notice = there.dialog.banner.current
    assert notice is not None and "no embedding model" in notice.title
    assert there.bench.services.store.current.embedding_model == ""
    # WHEN one is that compares texts
    there.choose_model(make_tiny_bert(tmp_path / "tiny-embed.gguf"))
    # THEN it reads what is there
    assert there.dialog.banner.current is None
    wait = there.bench.qtbot.waitUntil
    wait(lambda: there.vectors() == (1, 1), timeout=PATIENCE_MS)
    wait(lambda: there.dialog.meaning.text() == "Find by meaning: tiny-embed.gguf.", timeout=PATIENCE_MS)
    # AND what comes later
    (there.folder / "birds.txt").write_text("The parrot talks.", encoding="utf-8")
    there.dialog.again.click()
    wait(lambda: there.vectors() == (2, 2), timeout=PATIENCE_MS)
    # WHEN it is switched off
    there.dialog.switch_off.click()
    # THEN nothing is left of what it has read
    assert there.dialog.meaning.text().startswith("Find by meaning: off.")
    wait(lambda: there.vectors() == (0, 2), timeout=PATIENCE_MS)


def test_how_far_a_model_has_read_is_said_and_why_it_does_not_go_on(there: LibraryBench) -> None:
    there.dialog.set_meaning("e5.gguf", VectorState(12, 3_456))
    assert there.dialog.meaning.text() == "Find by meaning: e5.gguf. 12 of 3,456 passages read."
    there.dialog.set_meaning("e5.gguf", VectorState(12, 3_456, is_waiting=True))
    assert "plugged in" in there.dialog.meaning.text()
    there.dialog.set_meaning("e5.gguf", VectorState(problem=UserFacingError("It died.", "x.", "Buy another.")))
    assert there.dialog.meaning.text() == "Find by meaning: e5.gguf. It died. Buy another."
