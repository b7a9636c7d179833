"""A document whose file was changed since: that is said, once, and the file can be read again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from desktop.documents.types import Document, DocumentKind, Part, PartKind
from desktop.ui.documents.changed_files import ChangedFiles
from desktop.ui.documents.incoming import Incoming
from tests.rigs.documents_chat import DocumentsChat
from tests.rigs.shell import running

# The offscreen platform has no tray of its own, so that Qt tries its X11 one; the real one is clicked end to end.
pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
_LATER_S = 1000.0


@pytest.fixture
def chat(qtbot: QtBot, tmp_path: Path) -> Iterator[DocumentsChat]:
    made = DocumentsChat(qtbot, tmp_path)
    made.reader = lambda path, _progress, _given_up: Document(
        path.name, DocumentKind.TEXT, (Part(PartKind.WHOLE, 1, "", path.read_text(encoding="utf-8")),)
    )
    yield made
    made.close()


async def _ask_about(chat: DocumentsChat, file: Path) -> None:
    chat.presenter.take(Incoming(files=(file,)))
    await chat.until_holds(lambda: chat.presenter.viewer is not None and chat.viewer.isVisible())
    QTest.keyClick(chat.viewer.chooser.field, Qt.Key.Key_Return)


def _change(file: Path, text: str) -> None:
    """Does what an editor does a while later."""
    file.write_text(text, encoding="utf-8")
    later = file.stat().st_mtime + _LATER_S
    os.utime(file, (later, later))


def _attached_words(chat: DocumentsChat) -> str:
    attached = chat.documents.attached(chat.shown.current)
    document = chat.documents.document(attached.document.id) if attached is not None else None
    return document.parts[0].text if document is not None else ""


def test_a_changed_file_is_said_once_and_read_again(chat: DocumentsChat, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("The rent is 600 euros.", encoding="utf-8")
    looks = ChangedFiles(chat.shown, chat.documents)
    asked: list[Path] = []
    looks.readAgainRequested.connect(asked.append)

    async def look() -> None:
        looks.look()
        await chat.until_holds(lambda: not looks._under_way)

    async def work() -> None:
        await _ask_about(chat, file)
        # GIVEN a file as it was read THEN nothing is said
        await look()
        assert chat.banner() == ""
        # WHEN it is changed THEN that is said, and answers are about what was in it
        _change(file, "The rent is 700 euros.")
        await look()
        assert "letter.txt was changed since it was read." in chat.banner()
        assert "600" in _attached_words(chat)
        # WHEN that is closed THEN it is not said again, unless the file is changed once more
        chat.window.pane.banner.close_current()
        await look()
        assert chat.banner() == ""
        os.utime(file, (file.stat().st_mtime + _LATER_S,) * 2)
        await look()
        # WHEN it is read again
        chat.press("Read it again")
        assert asked == [file]

    chat.run(work())


def test_a_file_that_is_gone_or_as_it_was_is_no_matter(chat: DocumentsChat, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("The rent is 600 euros.", encoding="utf-8")
    looks = ChangedFiles(chat.shown, chat.documents)

    async def look() -> None:
        looks.look()
        await chat.until_holds(lambda: not looks._under_way)

    async def work() -> None:
        await _ask_about(chat, file)
        before = file.stat().st_mtime
        _change(file, "The rent is 700 euros.")
        await look()
        assert "was changed" in chat.banner()
        # WHEN it is brought back THEN what was said is taken back
        os.utime(file, (before, before))
        await look()
        assert chat.banner() == ""
        # WHEN it goes THEN its text is kept, and nothing is said
        file.unlink()
        await look()
        assert chat.banner() == "" and "600" in _attached_words(chat)

    chat.run(work())


def test_it_is_looked_at_when_the_window_gets_the_focus(
    qapp: QApplication, qtbot: QtBot, data_dir: Paths, tmp_path: Path
) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("The rent is 600 euros.", encoding="utf-8")
    with running(qapp, qtbot, data_dir) as bench:
        # GIVEN a window with a conversation about a file
        bench.shell.start(hidden=False)
        text = Document(file.name, DocumentKind.TEXT, (Part(PartKind.WHOLE, 1, "", file.read_text(encoding="utf-8")),))
        documents = bench.services.documents
        documents.attach(None, documents._grounds().store.add(text, file).id)
        # WHEN another program has changed it, and the window gets the focus back THEN it is said
        _change(file, "The rent is 700 euros.")
        qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
        banner = bench.window.pane.banner
        qtbot.waitUntil(lambda: banner.current is not None and "was changed" in banner.current.title)
