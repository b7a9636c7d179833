"""Fills a form in from documents: each is read, asked about in one piece or in as many as fit, and becomes a row."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, MessageTooLongError, UserFacingError
from desktop.documents.question import text_of
from desktop.documents.reader import read_document
from desktop.documents.types import Document, ReadingProgress
from desktop.engine.schema.checking import InvalidAnswerError, parse_answer
from desktop.engine.schema.reading import read_schema
from desktop.extraction.rows import Row
from desktop.extraction.sources import Source
from desktop.structured.extraction import (
    Finding,
    extraction_question,
    extraction_schema,
    findings,
    is_filled_in,
    merged,
    pieces,
)
from desktop.structured.fields import Form

_MOST_PIECES: Final = 200  # of a document
# Characters for each token differ from page to page.
_CAREFUL: Final = 0.85
_SHORTEST: Final = 200

# Asks a model with a question and the JSON Schema that its answer keeps to, and returns the answer if it is whole.
# Raises MessageTooLongError, the error of :func:`cut_off`, another UserFacingError, or whatever shall end it all.
Ask = Callable[[str, str], str]
Read = Callable[[Path, Callable[[ReadingProgress], None], threading.Event], Document]


@dataclass(frozen=True)
class FillingProgress:
    """How far a document is.

    Attributes:
        characters: That were read of it; its text is read before a model is asked.
        part: Which of its parts is asked about, from 1; 0: it is being read.
        parts: As many as are expected.
    """

    characters: int = 0
    part: int = 0
    parts: int = 0


def cut_off() -> UserFacingError:
    """Returns the error for an answer that ended before its JSON was whole."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The answer was cut off before it was whole."),
        "",
        QT_TRANSLATE_NOOP("Errors", "Choose a larger context, or fewer fields."),
    )


class Filler:
    """Fills one form in from one document after the other. One thread, which waits for the answers."""

    def __init__(self, form: Form, ask: Ask, given_up: threading.Event | None = None, read: Read | None = None) -> None:
        """
        Args:
            form: What is looked for.
            ask: Asks a model.
            given_up: Set by anybody to end the reading of a document.
            read: Reads one; None: as the program does.
        """
        self._form = form
        self._ask = ask
        self._given_up = given_up or threading.Event()
        self._read = read or _read
        self._schema_text = extraction_schema(form)
        self._schema = read_schema(self._schema_text)
        self._most: int | None = None  # characters that fit into the context, once something did not

    def fill_in(self, source: Source, show: Callable[[FillingProgress], None] = lambda _progress: None) -> Row:
        """Returns the row of a document; what went wrong with it stands there.

        Args:
            source: The document.
            show: Is told how far it is.

        Raises:
            Cancelled: It was given up. What ``ask`` raises and is no UserFacingError comes out as well.
        """
        try:
            document = self._read(source.path, lambda each: show(FillingProgress(each.characters)), self._given_up)
            found, count = self._asked(document, show)
        except UserFacingError as problem:
            return Row(source.name, error=problem)
        return Row(source.name, found, count, document.notes)

    def _asked(self, document: Document, show: Callable[[FillingProgress], None]) -> tuple[dict[str, Finding], int]:
        """Returns what a document says, and in how many parts it was asked for that."""
        text = text_of(document)
        left = [text] if self._most is None else pieces(text, self._most)
        found: dict[str, Finding] | None = None
        asked = 0
        while left and asked < _MOST_PIECES:
            show(FillingProgress(len(text), asked + 1, asked + len(left)))
            try:
                new = self._ask_about(left[0])
            except MessageTooLongError as problem:
                left = self._shorter(left, problem)
                continue
            asked += 1
            left = left[1:]
            found = new if found is None else merged(self._form, found, new)
            if is_filled_in(found):
                break
        return found or {each.name: Finding() for each in self._form.fields}, asked

    def _shorter(self, left: list[str], problem: MessageTooLongError) -> list[str]:
        fitting = int(len(left[0]) * problem.room / max(problem.tokens, 1) * _CAREFUL)
        # Twice the same text that does not fit must not be cut in the same way.
        self._most = min(fitting, self._most - 1) if self._most is not None else fitting
        if self._most < _SHORTEST:
            self._most = None  # another document may have longer words
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The form leaves no room for the document."),
                "",
                QT_TRANSLATE_NOOP("Errors", "Choose a larger context, or fewer fields."),
            )
        return [piece for text in left for piece in pieces(text, self._most)]

    def _ask_about(self, text: str) -> dict[str, Finding]:
        answer = self._ask(extraction_question(self._form, text), self._schema_text)
        try:
            value = parse_answer(answer, self._schema)
        except InvalidAnswerError as problem:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The answer does not fit the form."), f"{problem}."
            ) from problem
        return findings(self._form, value, text)


def _read(path: Path, progress: Callable[[ReadingProgress], None], given_up: threading.Event) -> Document:
    return read_document(path, progress=progress, given_up=given_up)
