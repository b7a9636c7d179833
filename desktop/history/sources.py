"""What is kept beside an answer: where it was taken from, what in it is not said there, what it was to look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from desktop.common.json_file import is_count, parse_json, to_json

# As many as an answer may name.
MOST_SOURCES: Final = 3
# Figures and names of an answer that are kept because they stand nowhere in the document.
MOST_UNSUPPORTED: Final = 8
# Characters of what an answer was to look like, and of all that is kept for one.
_LONGEST_SHAPE, _MOST = 200_000, 210_000
_LONGEST_NAME: Final = 200  # characters
_LONGEST_WORD: Final = 60  # characters


@dataclass(frozen=True)
class Source:
    """A passage of a document.

    Attributes:
        document_id: Of a document that may be gone.
        part: Number of the page, sheet or slide, from 1.
        start: Character within the part's text where the passage begins.
        end: The character after its last one.
    """

    document_id: str
    part: int
    start: int
    end: int


@dataclass(frozen=True)
class Support:
    """What an answer rests on.

    Attributes:
        sources: What it was taken from, the best first.
        not_in_the_text: Figures and names in it that stand nowhere in the documents, in their order.
        shape: What it was to look like, an object of JSON (:mod:`desktop.structured.entries`); empty: it was free.
    """

    sources: tuple[Source, ...] = ()
    not_in_the_text: tuple[str, ...] = ()
    shape: str = ""


def read_support(stored: object) -> Support:
    """Returns what a text of JSON holds, as :func:`support_text` makes it, or the list of sources alone."""
    try:
        value = parse_json(stored, _MOST) if isinstance(stored, str) else None
    except ValueError:
        return Support()
    if isinstance(value, dict):
        return Support(
            read_sources(value.get("sources")),
            read_unsupported(value.get("not_in_the_text")),
            read_shape(value.get("shape")),
        )
    return Support(read_sources(value))


def support_text(support: Support) -> str | None:
    """Returns what an answer rests on as a text of JSON; None: on nothing."""
    if support == Support():
        return None
    value: dict[str, Any] = {"sources": sources_value(support.sources)} if support.sources else {}
    if support.not_in_the_text:
        value["not_in_the_text"] = list(read_unsupported(list(support.not_in_the_text)))
    if support.shape and (shape := shape_value(support.shape)) is not None:
        value["shape"] = shape
    return to_json(value) if value else None


def read_shape(value: object) -> str:
    """Returns what a value of JSON says of how an answer was to look, as text; empty: nothing that could be meant."""
    text = to_json(value) if isinstance(value, dict) and value else ""
    return text if len(text) <= _LONGEST_SHAPE else ""


def shape_value(shape: str) -> dict[str, Any] | None:
    """Returns what :func:`read_shape` has made a text of; None: it is none."""
    try:
        value = parse_json(shape, _LONGEST_SHAPE)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def read_sources(value: object) -> tuple[Source, ...]:
    """Returns the sources that a list of JSON holds, the best first; what is none is left out."""
    found = (_source(one) for one in value) if isinstance(value, list) else ()
    return tuple(one for one in found if one is not None)[:MOST_SOURCES]


def read_unsupported(value: object) -> tuple[str, ...]:
    """Returns the figures and names that a list of JSON holds; what is none, or too long for one, is left out."""
    words = (" ".join(one.split()) for one in value if isinstance(one, str)) if isinstance(value, list) else ()
    return tuple(dict.fromkeys(word for word in words if 0 < len(word) <= _LONGEST_WORD))[:MOST_UNSUPPORTED]


def sources_value(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Returns sources as a list of JSON."""
    return [
        {"document": one.document_id, "part": one.part, "start": one.start, "end": one.end}
        for one in sources[:MOST_SOURCES]
    ]


def _source(value: object) -> Source | None:
    if not isinstance(value, dict):
        return None
    document, part, start, end = (value.get(key) for key in ("document", "part", "start", "end"))
    if not isinstance(document, str) or not 0 < len(document) <= _LONGEST_NAME:
        return None
    if not is_count(part) or not is_count(start) or not is_count(end) or part < 1 or end <= start:
        return None
    return Source(document, part, start, end)
