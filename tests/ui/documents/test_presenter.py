"""Documents in the window: how they come in, what is said of them, and how they go."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.chat.documents.events import DocumentRead, DocumentReading, DocumentTooLong
from desktop.common.errors import Cancelled, UserFacingError
from desktop.documents.problems import Reason, problem
from desktop.documents.types import Document, ReadingProgress
from desktop.history.sources import Source
from desktop.ui.documents.incoming import Incoming
from desktop.ui.widgets.banner import Notice
from tests.chat.documents.bench import LIGHTHOUSE
from tests.rigs.documents import huge_document
from tests.rigs.documents_chat import DocumentsChat
from tests.support.longest_turn import longest_turn
from tests.support.patience import PATIENCE_S
from tests.support.widgets import children

_FILE = Incoming(files=(Path("/tmp/lighthouse.pdf"),))


@pytest.fixture
def chat(qtbot: QtBot, tmp_path: Path) -> Iterator[DocumentsChat]:
    made = DocumentsChat(qtbot, tmp_path)
    yield made
    made.close()


async def _begin(chat: DocumentsChat, scope: str = "") -> None:
    """Drops a file and takes it."""
    chat.presenter.take(_FILE)
    await chat.until_holds(lambda: chat.presenter.viewer is not None and chat.viewer.isVisible())
    chat.viewer.chooser.field.setText(scope)
    chat.viewer.chooser.field.textEdited.emit(scope)
    QTest.keyClick(chat.viewer.chooser.field, Qt.Key.Key_Return)


def test_f4_a_file_is_shown_before_it_is_used_and_nothing_is_glued_to_the_draft(chat: DocumentsChat) -> None:
    async def work() -> None:
        # GIVEN a draft
        chat.window.pane.composer.set_text("When can I visit?")
        # WHEN a file is dropped THEN its text is shown, and the conversation is about nothing yet
        chat.presenter.take(_FILE)
        await chat.until_holds(lambda: chat.presenter.viewer is not None and chat.viewer.isVisible())
        assert chat.viewer.document == LIGHTHOUSE and chat.documents.attached(None) is None
        # WHEN some pages of it are taken
        chat.viewer.chooser.field.setText("2-3")
        chat.viewer.chooser.field.textEdited.emit("2-3")
        QTest.keyClick(chat.viewer.chooser.field, Qt.Key.Key_Return)
        # THEN the conversation is about these, the draft is what it was, and the chip says so
        attached = chat.documents.attached(None)
        assert attached is not None and attached.parts == "2-3" and not chat.viewer.isVisible()
        assert chat.window.pane.composer.text() == "When can I visit?"
        assert (chat.presenter.chip.name, chat.presenter.chip.state_words) == ("lighthouse.pdf", "pages 2-3")
        assert "lighthouse.pdf" in chat.window.pane.composer.edit.placeholderText()

    chat.run(work())


def test_a_document_that_is_not_wanted_leaves_nothing(chat: DocumentsChat) -> None:
    async def work() -> None:
        chat.presenter.take(_FILE)
        await chat.until_holds(lambda: chat.presenter.viewer is not None and chat.viewer.isVisible())
        chat.viewer.reject()
        assert chat.documents.attached(None) is None and chat.presenter.chip.isHidden()

    chat.run(work())


def test_opening_shows_how_far_it_is_and_can_be_given_up(chat: DocumentsChat) -> None:
    given_up_seen = threading.Event()

    def read(_path: Path, progress: Callable[[ReadingProgress], None], given_up: threading.Event) -> Document:
        progress(ReadingProgress(3, 12, 900))
        assert given_up.wait(PATIENCE_S)
        given_up_seen.set()
        raise Cancelled

    async def work() -> None:
        chat.reader = read
        # GIVEN a file that takes long
        chat.presenter.take(_FILE)
        await chat.until_holds(lambda: "25" in chat.presenter.chip.state_words)
        assert chat.presenter.chip.name == "lighthouse.pdf"
        # WHEN it is given up THEN it is over, without a word
        chat.presenter.chip.removeRequested.emit()
        await chat.until_holds(given_up_seen.is_set)
        assert chat.presenter.chip.isHidden() and chat.banner() == "" and chat.presenter.viewer is None

    chat.run(work())


def test_what_cannot_be_read_is_told_with_what_helps(chat: DocumentsChat) -> None:
    def read(_path: Path, _progress: object, _given_up: object) -> Document:
        raise UserFacingError("This document is damaged.", "a.pdf.", "Save it again.")

    async def work() -> None:
        chat.reader = read
        chat.presenter.take(_FILE)
        await chat.until_holds(lambda: "damaged" in chat.banner())
        assert "Save it again." in chat.banner() and chat.presenter.chip.isHidden()

    chat.run(work())


def test_why_a_file_cannot_be_read_is_said_before_what_was_said_of_others(chat: DocumentsChat) -> None:
    def read(path: Path, _progress: object, _given_up: object) -> Document:
        raise UserFacingError("This document is damaged.", f"{path.name}.", "Save it again.")

    def said() -> str:
        notice = chat.window.pane.banner.current
        return notice.detail if notice is not None else ""

    async def work() -> None:
        chat.reader = read
        # GIVEN an older notice that nobody has closed
        chat.window.pane.banner.show_notice(Notice("Something older."))
        # WHEN one file after the other cannot be read THEN it is said of each when it is tried
        for name in ("a.pdf", "b.pdf"):
            chat.presenter.take(Incoming(files=(Path("/tmp") / name,)))
            await chat.until_holds(partial(lambda name: said() == f"{name}.", name))
            # AND what was said of the file before is over
            assert chat.window.pane.banner.waiting == 1

    chat.run(work())


def test_a_folder_is_offered_as_a_library(chat: DocumentsChat) -> None:
    wanted: list[Path] = []

    def read(path: Path, _progress: object, _given_up: object) -> Document:
        raise problem(Reason.FOLDER, path.name)

    async def work() -> None:
        chat.reader = read
        chat.presenter.libraryWanted.connect(wanted.append)
        chat.presenter.take(Incoming(files=(Path("/tmp/House"),)))
        await chat.until_holds(lambda: "folder" in chat.banner())
        chat.press("Make a library of “House”")
        assert wanted == [Path("/tmp/House")]

    chat.run(work())


def test_several_files_come_one_after_the_other(chat: DocumentsChat) -> None:
    async def work() -> None:
        # WHEN three files are dropped THEN the first is opened, and the others are named
        chat.presenter.take(Incoming(files=tuple(Path(f"/tmp/{name}.pdf") for name in ("one", "two", "three"))))
        assert "one.pdf" in chat.banner() and "two.pdf, three.pdf" in chat.banner()
        await chat.until_holds(lambda: chat.presenter.viewer is not None and chat.viewer.isVisible())
        QTest.keyClick(chat.viewer.chooser.field, Qt.Key.Key_Return)
        # AND the next one begins a conversation of its own
        chat.shown.open(chat.chat.send(None, "What is it?"))
        chat.answer("A lighthouse.")
        chat.shown.notices.turn_to(chat.shown.current)
        chat.presenter._open_elsewhere((Path("/tmp/two.pdf"), Path("/tmp/three.pdf")))
        assert chat.shown.current is None and chat.presenter.chip.name == "two.pdf"

    chat.run(work())


def test_several_files_of_a_folder_can_be_asked_together(chat: DocumentsChat) -> None:
    wanted: list[Path] = []

    async def work() -> None:
        chat.presenter.libraryWanted.connect(wanted.append)
        # WHEN files of several folders are dropped THEN there is no folder that has them all
        chat.presenter.take(Incoming(files=(Path("/a/one.pdf"), Path("/b/two.pdf"))))
        notice = chat.window.pane.banner.current
        assert notice is not None and [action.text for action in notice.actions] == ["Open two.pdf"]
        # WHEN those of one are THEN a library can be made of that
        chat.presenter.take(Incoming(files=(Path("/a/one.pdf"), Path("/a/two.pdf"))))
        chat.press("Make a library of “a”")
        assert wanted == [Path("/a")]

    chat.run(work())


@pytest.mark.parametrize(
    ("incoming", "word"),
    [(Incoming(links=("https://example.org/a",)), "link"), (Incoming(is_picture=True), "picture")],
)
def test_what_is_no_document_is_told(chat: DocumentsChat, incoming: Incoming, word: str) -> None:
    chat.presenter.take(incoming)
    assert word in chat.banner()


def test_a_text_becomes_a_document_at_once(chat: DocumentsChat) -> None:
    chat.presenter.take_text("The boiler is in the cellar.\n" * 20)
    attached = chat.documents.attached(None)
    assert attached is not None and chat.presenter.chip.name == "Pasted text"
    document = chat.documents.document(attached.document.id)
    assert document is not None and document.parts[0].text.count("boiler") == 20


def test_the_chip_says_how_far_the_model_is(chat: DocumentsChat) -> None:
    chat.presenter.take_text("The boiler is in the cellar.\n" * 20)
    attached = chat.documents.attached(None)
    assert attached is not None
    said: list[str] = []
    changed: list[int] = []  # after how many of them something else comes before the conversation
    chat.presenter.changed.connect(lambda: changed.append(len(said)))
    for event in (
        DocumentReading(attached.document.id, 0, 100),
        DocumentReading(attached.document.id, 40, 100, 20.4),
        DocumentRead(attached.document.id, 100),
        DocumentTooLong(attached.document.id, 9000, 1600),
    ):
        chat.take(event)
        said.append(chat.presenter.chip.state_words)
    assert said == ["reading: 0%", "reading: 40%, about 20 s", "read", "too long: passages are searched"]
    assert changed == [3]


def test_the_chip_does_not_go_on_about_reading_while_the_question_is_answered(chat: DocumentsChat) -> None:
    chat.presenter.take_text("The boiler is in the cellar.\n" * 20)
    attached = chat.documents.attached(None)
    assert attached is not None
    chat.take(DocumentReading(attached.document.id, 0, 100))
    assert chat.presenter.chip.state_words
    chat.window.pane.sendRequested.emit("Where is the boiler?")
    assert chat.presenter.chip.name and not chat.presenter.chip.state_words


def test_what_is_too_long_for_a_message_is_offered_as_a_document(chat: DocumentsChat) -> None:
    text = "The boiler is in the cellar.\n" * 400 + "The end."
    chat.window.pane.composer.set_text(text)
    QTest.keyClick(chat.window.pane.composer.edit, Qt.Key.Key_Return)
    chat.refuse()
    assert chat.window.pane.composer.text() == text
    button = next(
        one for one in children(chat.window.pane, QPushButton, shown=True) if one.text() == "Ask about this text"
    )
    button.click()
    attached = chat.documents.attached(None)
    assert attached is not None and chat.window.pane.composer.text() == ""
    document = chat.documents.document(attached.document.id)
    assert document is not None and document.parts[0].text == text


def test_a_document_is_taken_away_and_comes_back(chat: DocumentsChat) -> None:
    async def work() -> None:
        # GIVEN a conversation about two pages
        await _begin(chat, "1, 3")
        conversation = chat.chat.send(None, "Who was the keeper?")
        chat.answer("Ada Brook.")
        chat.shown.open(conversation)
        assert chat.presenter.chip.state_words.startswith("pages 1, 3")
        # WHEN the document is taken away
        chat.presenter.chip.removeRequested.emit()
        # THEN it is said, and undo brings it back with its pages
        assert chat.presenter.chip.isHidden() and "lighthouse.pdf" in chat.banner()
        chat.press("Undo")
        attached = chat.documents.attached(conversation)
        assert attached is not None and attached.parts == "1, 3" and not chat.presenter.chip.isHidden()
        # AND another conversation is about nothing
        chat.shown.open(None)
        assert chat.presenter.chip.isHidden()
        chat.shown.open(conversation)
        assert chat.presenter.chip.name == "lighthouse.pdf"

    chat.run(work())


def test_the_scope_can_be_changed_later(chat: DocumentsChat) -> None:
    async def work() -> None:
        await _begin(chat)
        chat.presenter.chip.lookRequested.emit()
        assert chat.viewer.isVisible() and chat.viewer.scope == ""
        chat.viewer.chooser.field.setText("2")
        chat.viewer.chooser.field.textEdited.emit("2")
        QTest.keyClick(chat.viewer.chooser.field, Qt.Key.Key_Return)
        attached = chat.documents.attached(None)
        assert attached is not None and attached.parts == "2"
        assert chat.presenter.chip.state_words.startswith("page 2")

    chat.run(work())


def test_a_source_is_named_and_shown(chat: DocumentsChat) -> None:
    async def work() -> None:
        # GIVEN an answer that was taken from page 2
        await _begin(chat)
        conversation = chat.chat.send(None, "How high is the tower of the lighthouse?")
        chat.answer("The tower is 62 metres high.")
        chat.shown.open(conversation)
        assert "From page 2 of lighthouse.pdf" in chat.window.pane.transcript.toPlainText()
        # WHEN the page is asked for THEN the passage is marked
        message = chat.window.pane.transcript.messages[-1]
        assert message.sources
        chat.presenter.show_source(message.id, 0)
        assert "tower is 62 metres" in chat.viewer.text.marked and chat.viewer.isVisible()

    chat.run(work())


def test_a_document_that_is_gone_is_told_and_older_answers_have_no_line(chat: DocumentsChat) -> None:
    chat.shown.open(chat.chat.send(None, "Who?"))
    chat.answer("Nobody.")
    assert chat.presenter._describe([Source("gone", 1, 0, 5)]) == [""]
    assert not chat.presenter._view("gone") and "no longer kept" in chat.banner()


def test_five_thousand_pages_are_opened_without_a_stutter(chat: DocumentsChat) -> None:
    # GIVEN a conversation about a long book, and a window that has shown another one
    chat.documents.attach(None, chat.keep())
    chat.presenter.chip.lookRequested.emit()
    chat.documents.attach(None, chat.keep(huge_document("pages")))
    # WHEN it is looked at
    with longest_turn(chat.qtbot) as looking:
        chat.presenter.chip.lookRequested.emit()
    assert chat.viewer.document is not None and len(chat.viewer.document.parts) == 5000
    assert looking.seconds < 0.1, "half of it on an idle machine; tests run beside others"
