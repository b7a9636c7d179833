"""XML as a stream of events, by expat, without what XML can do to whoever reads it.

Entities that a file declares are refused, whatever they are for: no document format needs them, and they are the way
both to grow without end and to name other files. Nothing outside is ever fetched: expat does so for no one who has not
asked for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from xml.parsers import expat

from desktop.documents.problems import Reason, RefusedError

# Elements within each other; the deepest of real documents are some dozens.
_DEEPEST: Final = 512
# Bytes without an event: a single tag, attribute or comment. expat keeps all of it.
_LONGEST: Final = 8 * 1024 * 1024


class XmlReader:
    """Takes the events of one XML file; names come without their namespaces.

    Subclasses override what they want to know.
    """

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Text within the element that began last; in pieces."""


def read_xml(chunks: Iterable[bytes], reader: XmlReader) -> None:
    """Reads a file to its end.

    Args:
        chunks: Its bytes.
        reader: Takes the events.

    Raises:
        RefusedError: It is no XML, or one of those that do harm.
    """
    _Stream(reader).feed(chunks)


class _Stream:
    def __init__(self, reader: XmlReader) -> None:
        self._reader = reader
        self._depth = 0
        self._silent = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = self._refuse

    def feed(self, chunks: Iterable[bytes]) -> None:
        try:
            for chunk in chunks:
                self._silent += len(chunk)
                self._parser.Parse(chunk, False)
                if self._silent > _LONGEST:
                    raise RefusedError(Reason.UNUSUAL)
            self._parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, UnicodeError, ValueError) as problem:
            raise RefusedError(Reason.DAMAGED) from problem

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._silent = 0
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RefusedError(Reason.UNUSUAL)
        bare = {key.rpartition(" ")[2]: value for key, value in attributes.items()} if attributes else attributes
        self._reader.start(name.rpartition(" ")[2], bare)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._reader.end(name.rpartition(" ")[2])

    def _text(self, data: str) -> None:
        self._silent = 0
        self._reader.text(data)

    def _refuse(self, *_: object) -> None:
        raise RefusedError(Reason.UNUSUAL)
