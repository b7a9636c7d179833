"""What is said of a document beside its name: what of it is asked about, and how far it was read."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from desktop.chat.documents.events import Attachment, DocumentRead, DocumentReading, DocumentTooLong
from desktop.documents.types import ReadingProgress
from desktop.ui.documents.words import scope_words
from desktop.ui.words import SEPARATOR, duration_words, percent_words

ReadingState = DocumentReading | DocumentRead | DocumentTooLong


@dataclass(frozen=True)
class StateWords:
    """How far a document is, translated.

    Attributes:
        words: In a line.
        fraction: How much is done, 0 to 1; None: nothing is under way, or nobody knows.
        tip: More about it; empty: there is no more.
    """

    words: str
    fraction: float | None = None
    tip: str = ""


def opening_state(progress: ReadingProgress) -> StateWords:
    """Returns it for a file whose text is being taken out."""
    if progress.total:
        share = progress.done / progress.total
        return StateWords(
            QCoreApplication.translate("Documents", "opening: {percent}").format(percent=percent_words(share)), share
        )
    if progress.characters:
        words = QCoreApplication.translate("Documents", "opening: {count} characters")
        return StateWords(words.format(count=f"{progress.characters:,}"))
    return StateWords(QCoreApplication.translate("Documents", "opening…"))


def reading_state(attachment: Attachment, state: ReadingState | None) -> StateWords:
    """Returns it for the document of a conversation.

    Args:
        attachment: The document, and what of it is meant.
        state: How far the model has read it; None: it has not begun.
    """
    scope = scope_words(attachment.document.parts[0].kind, attachment.parts)
    found = _of_model(state) if state is not None else StateWords("")
    words = SEPARATOR.join(part for part in (scope, found.words) if part)
    return StateWords(words, found.fraction, found.tip)


def _of_model(state: ReadingState) -> StateWords:
    if isinstance(state, DocumentRead):
        tip = QCoreApplication.translate(
            "Documents", "The model has all of it in view ({tokens} tokens): answers begin at once."
        )
        return StateWords(QCoreApplication.translate("Documents", "read"), tip=tip.format(tokens=f"{state.tokens:,}"))
    if isinstance(state, DocumentTooLong):
        tip = QCoreApplication.translate(
            "Documents",
            "It takes {tokens} tokens, and there is room for {room}. The model gets the passages that fit a question "
            "best. Fewer pages, or a larger context in the settings, let it read all.",
        ).format(tokens=f"{state.tokens:,}", room=f"{state.room:,}")
        return StateWords(QCoreApplication.translate("Documents", "too long: passages are searched"), tip=tip)
    share = state.done / state.total if state.total else 0.0
    tip = QCoreApplication.translate(
        "Documents", "You can ask already: the answer begins when the document has been read."
    )
    if state.seconds_left is None:
        return StateWords(
            QCoreApplication.translate("Documents", "reading: {percent}").format(percent=percent_words(share)),
            share,
            tip,
        )
    words = QCoreApplication.translate("Documents", "reading: {percent}, about {duration}")
    left = duration_words(state.seconds_left)
    return StateWords(words.format(percent=percent_words(share), duration=left), share, tip)
