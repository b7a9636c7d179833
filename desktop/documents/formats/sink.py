"""Where the readers of all formats put what they find; it keeps to the limits, so that none of them has to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from desktop.documents.messages import PIECE, WORDS, Noted, PartBegins, Piece, Progressed, Recognised
from desktop.documents.types import DocumentKind, Limits, NoteKind, PartKind

# Everything that is no character of a text: halves of surrogate pairs too, which no message carries.
_NO_TEXT: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TRAILING: Final = re.compile(r"[ \t]+\n")
_EMPTY_LINES: Final = re.compile(r"\n{3,}")
# Parts that are named in a note; more of them are only counted.
_NAMED: Final = 12
_EMPTY_PER_CELL: Final = 4


class EnoughError(Exception):
    """A limit is reached; what was read until then is the document."""


class Sink:
    """Takes parts and their text, one after the other."""

    def __init__(self, limits: Limits, send: Callable[[object], None]) -> None:
        """
        Args:
            limits: What is taken at the most.
            send: Takes messages for the app.
        """
        self.limits = limits
        self._send = send
        self._characters = self._cells = self._empty_cells = self._parts = 0
        self._waiting: PartBegins | None = None

    @property
    def has_text(self) -> bool:
        """Whether anything was found so far."""
        return self._characters > 0

    def recognise(self, kind: DocumentKind) -> None:
        """Says what the file is; to be called once, before anything else."""
        self._send(Recognised(kind))

    def begin(self, kind: PartKind, number: int, name: str = "") -> None:
        """Begins a part; one without text is not told of.

        Raises:
            EnoughError: There have been as many as are read.
        """
        self._parts += 1
        if self._parts > self.limits.pages:
            self.note(NoteKind.MORE_PAGES, f"{self.limits.pages:,}")
            raise EnoughError
        self._waiting = PartBegins(kind, number, clean(" ".join(name.split()))[:WORDS])

    def write(self, text: str) -> None:
        """Takes text of the part that has begun, as a whole or block by block; empty lines between blocks are its own.

        Raises:
            EnoughError: There is as much text as is read.
        """
        text = _EMPTY_LINES.sub("\n\n", _TRAILING.sub("\n", clean(text)))
        if not text.strip():
            return
        if self._waiting is not None:
            self._send(self._waiting)
            self._waiting = None
            text = text.lstrip("\n")
        room = self.limits.characters - self._characters
        self._characters += min(len(text), room)
        for place in range(0, min(len(text), room), PIECE):
            self._send(Piece(text[place : min(place + PIECE, room)]))
        if len(text) > room:
            self.cut_off()
            raise EnoughError

    def cut_off(self) -> None:
        """Notes that there is more text than was read."""
        self.note(NoteKind.CUT_OFF, f"{self._characters:,}")

    def count_cells(self, cells: int) -> None:
        """Counts cells of a table before they are kept.

        Raises:
            EnoughError: There have been as many as are read.
        """
        self._cells += cells
        if self._cells > self.limits.cells:
            self.note(NoteKind.MORE_CELLS, f"{self.limits.cells:,}")
            raise EnoughError

    def count_empty_cell(self) -> None:
        """Counts a cell that has a place in the file and nothing to say; some files have one for each in every row.

        Raises:
            EnoughError: There have been as many as are looked at.
        """
        self._empty_cells += 1
        if self._empty_cells > _EMPTY_PER_CELL * self.limits.cells:
            self.note(NoteKind.MORE_CELLS, f"{self._cells:,}")
            raise EnoughError

    def advance(self, done: int, total: int) -> None:
        """Says how far it is; also a sign that it gets any further."""
        self._send(Progressed(done, total))

    def note(self, kind: NoteKind, value: str) -> None:
        """Has something said about the document."""
        self._send(Noted(kind, clean(value)[:WORDS]))

    def note_parts(self, kind: NoteKind, names: list[str]) -> None:
        """Has something said about some parts, if there are any."""
        if names:
            more = f" … ({len(names):,})" if len(names) > _NAMED else ""
            self.note(kind, ", ".join(names[:_NAMED]) + more)


def clean(text: str) -> str:
    """Returns a text with line feeds as the only ends of lines, and without what is no character of a text."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\x0b", "\n")
    return _NO_TEXT.sub("", text)
