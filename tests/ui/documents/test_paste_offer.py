"""A long text that is pasted is offered as a document, and never lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.ui.composer.composer import Composer
from desktop.ui.documents.paste_offer import PasteOffer
from tests.support.widgets import children

_LONG = "The boiler is in the cellar.\n" * 29 + "The end."


@pytest.fixture
def composer(qtbot: QtBot, qapp: QApplication) -> Iterator[Composer]:
    made = Composer()
    qtbot.addWidget(made)
    made.show()
    yield made
    qapp.clipboard().clear()


@pytest.fixture
def offer(composer: Composer, qtbot: QtBot) -> PasteOffer:
    made = PasteOffer(composer.edit)
    qtbot.addWidget(made)
    return made


def _paste(composer: Composer, text: str) -> None:
    QApplication.clipboard().setText(text)
    composer.edit.paste()


def _ask(offer: PasteOffer) -> None:
    next(button for button in children(offer, QPushButton) if button.text()).click()


def test_a_question_is_pasted_without_a_word(composer: Composer, offer: PasteOffer) -> None:
    _paste(composer, "When is the meeting?")
    assert composer.text() == "When is the meeting?" and offer.isHidden()


def test_a_long_text_is_in_the_field_and_offered(composer: Composer, offer: PasteOffer, qtbot: QtBot) -> None:
    # GIVEN a question that is being written
    composer.edit.insertPlainText("What is this?\n")
    # WHEN a long text is pasted behind it
    _paste(composer, _LONG)
    # THEN it is in the field, and a line offers more
    assert composer.text() == f"What is this?\n{_LONG}" and not offer.isHidden()
    # WHEN it is taken, after more was written in front of it
    caret = composer.edit.textCursor()
    caret.setPosition(0)
    composer.edit.setTextCursor(caret)
    composer.edit.insertPlainText("Please: ")
    with qtbot.waitSignal(offer.taken) as taken:
        _ask(offer)
    # THEN the question stays, and undo brings the text back
    assert taken.args == [_LONG] and composer.text() == "Please: What is this?\n" and offer.isHidden()
    composer.edit.undo()
    assert composer.text() == f"Please: What is this?\n{_LONG}"


@pytest.mark.parametrize("text", ["x" * 300_000, _LONG * 40, "emoji 🐈 " * 300, "\r\n".join(["wide 会议"] * 40)])
def test_whatever_is_pasted_comes_out_as_it_was(composer: Composer, offer: PasteOffer, qtbot: QtBot, text: str) -> None:
    _paste(composer, text)
    shown = composer.text()
    with qtbot.waitSignal(offer.taken) as taken:
        _ask(offer)
    assert taken.args == [shown] and shown.replace("\r", "").split() == text.split() and composer.text() == ""


def test_the_offer_goes_with_the_text(composer: Composer, offer: PasteOffer) -> None:
    for over in (
        composer.edit.undo,
        lambda: composer.set_text(""),
        lambda: composer.set_text("another draft"),
        composer.edit.clear,
    ):
        composer.set_text("")
        _paste(composer, _LONG)
        assert not offer.isHidden()
        over()
        assert offer.isHidden()


def test_a_file_is_not_glued_to_what_is_written(composer: Composer, qtbot: QtBot) -> None:
    composer.set_text("About this: ")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/note.txt")])
    data.setText("file:///tmp/note.txt")
    QApplication.clipboard().setMimeData(data)
    with qtbot.waitSignal(composer.edit.brought) as brought:
        composer.edit.paste()
    assert composer.text() == "About this: "
    assert brought.args is not None and str(brought.args[0].files[0]) == "/tmp/note.txt"


def test_a_link_is_pasted_and_told_of(composer: Composer, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/a")])
    QApplication.clipboard().setMimeData(data)
    with qtbot.waitSignal(composer.edit.brought):
        composer.edit.paste()
    assert composer.text() == "https://example.org/a"
