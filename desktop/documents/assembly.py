"""Puts a document together from what the process says that reads it, and checks that this makes sense."""

from __future__ import annotations

import time
import unicodedata
from typing import Final

from desktop.documents.messages import (
    PIECE,
    WORDS,
    Completed,
    FromProcess,
    Noted,
    PartBegins,
    Piece,
    Progressed,
    Recognised,
    Refused,
)
from desktop.documents.problems import Reason
from desktop.documents.types import Document, DocumentKind, Limits, Note, Part, ReadingProgress
from desktop.engine.process.channel import ProtocolError

# What only says where a line may end: words are looked for without, and small models know no others.
_PLAIN_SPACES: Final = {0xA0: " ", 0x2007: " ", 0x202F: " ", 0xAD: None, 0x200B: None, 0xFEFF: None}
_MOST_NOTES: Final = 16
_LOOKED_AT: Final = 20_000
# Of the letters: Japanese is written with many Chinese characters, so a few of its own tell it.
_ENOUGH_LETTERS: Final = 8
_SHARE: Final = 0.2
_SHARE_OF_KANA: Final = 0.05


class Assembly:
    """A document that grows. :meth:`take` belongs to one thread; the attributes may be read by another.

    Attributes:
        progress: How far it is.
        last_sign: When something came last, by the monotonic clock.
        refusal: Why there is no document; None: nothing has said so.
        is_complete: The document is whole.
    """

    def __init__(self, limits: Limits) -> None:
        """
        Args:
            limits: What may come.
        """
        self.progress = ReadingProgress()
        self.last_sign = time.monotonic()
        self.refusal: Reason | None = None
        self.is_complete = False
        self._limits = limits
        self._kind: DocumentKind | None = None
        self._begun: PartBegins | None = None
        self._pieces: list[str] = []
        self._parts: list[Part] = []
        self._notes: list[Note] = []
        self._characters = 0

    @property
    def kind(self) -> DocumentKind | None:
        """What it was recognised as; None: nothing yet."""
        return self._kind

    def take(self, message: FromProcess) -> None:
        """Takes what came next.

        Raises:
            ProtocolError: It makes no sense here, or is more than may come.
        """
        self.last_sign = time.monotonic()
        match message:
            case Refused(reason):
                self.refusal = reason
            case Recognised(kind):
                _expect(self._kind is None, "two kinds")
                self._kind = kind
            case Progressed(done, total):
                _expect(done >= 0 and total >= 0, "progress below nothing")
                self.progress = ReadingProgress(done, total, self._characters)
            case Noted(kind, value):
                _expect(len(self._notes) < _MOST_NOTES and len(value) <= WORDS, "too many notes")
                self._notes.append(Note(kind, value))
            case _:
                _expect(self._kind is not None, "a part of nothing")
                self._take_text(message)

    def document(self, name: str) -> Document:
        """Returns the document, once it is complete.

        Args:
            name: Of the file.
        """
        assert self._kind is not None
        parts = tuple(self._parts)
        return Document(name, self._kind, parts, tuple(self._notes), guess_language(parts))

    def _take_text(self, message: FromProcess) -> None:
        match message:
            case PartBegins(_, number, name) as begun:
                _expect(len(self._parts) < self._limits.pages and len(name) <= WORDS, "too many parts")
                _expect(number > (self._begun.number if self._begun is not None else 0), "parts out of order")
                self._end_part()
                self._begun = begun
            case Piece(text):
                self._characters += len(text)
                _expect(self._begun is not None and len(text) <= PIECE, "text of no part")
                _expect(self._characters <= self._limits.characters, "too much text")
                self._pieces.append(text)
                self.progress = ReadingProgress(self.progress.done, self.progress.total, self._characters)
            case Completed():
                self._end_part()
                _expect(bool(self._parts), "a document without text")
                self.is_complete = True

    def _end_part(self) -> None:
        text = "".join(self._pieces).strip("\n")
        if self._kind is not DocumentKind.CODE:
            text = text.translate(_PLAIN_SPACES)
        self._pieces.clear()
        if self._begun is not None and text:
            self._parts.append(Part(self._begun.kind, self._begun.number, self._begun.name, text))


def guess_language(parts: tuple[Part, ...]) -> str:
    """Returns "zh", "ja" or "ko" where the letters of a document say so; empty: another language, or no telling."""
    text = ""
    for part in parts:
        text += part.text[: _LOOKED_AT - len(text)]
        if len(text) >= _LOOKED_AT:
            break
    letters = [char for char in text if char.isalpha()]
    if len(letters) < _ENOUGH_LETTERS:
        return ""
    names = [unicodedata.name(char, "").partition(" ")[0] for char in letters]
    han, kana, hangul = (
        sum(name in wanted for name in names) / len(letters)
        for wanted in (("CJK",), ("HIRAGANA", "KATAKANA"), ("HANGUL",))
    )
    if hangul > _SHARE:
        return "ko"
    if kana > _SHARE_OF_KANA and han + kana > _SHARE:
        return "ja"
    return "zh" if han > _SHARE else ""


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ProtocolError(otherwise)
