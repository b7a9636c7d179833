"""What an answer was taken from: places in the documents that were handed to the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from desktop.common.json_file import is_count, parse_json, to_json

# As many as an answer may name.
MOST_SOURCES: Final = 3
_MOST: Final = 2_000  # characters of all sources of an answer
_LONGEST_NAME: Final = 200  # characters


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


def read_sources(stored: object) -> tuple[Source, ...]:
    """Returns the sources that a text of JSON, or the list in it, holds, the best first; what is none is left out."""
    if stored is None:
        return ()
    try:
        value = parse_json(stored, _MOST) if isinstance(stored, str) else stored
    except ValueError:
        return ()
    found = (_source(one) for one in value) if isinstance(value, list) else ()
    return tuple(one for one in found if one is not None)[:MOST_SOURCES]


def sources_value(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Returns sources as a list of JSON."""
    return [
        {"document": one.document_id, "part": one.part, "start": one.start, "end": one.end}
        for one in sources[:MOST_SOURCES]
    ]


def sources_text(sources: Sequence[Source]) -> str | None:
    """Returns sources as :func:`read_sources` takes them; None: there are none."""
    return to_json(sources_value(sources)) if sources else None


def _source(value: object) -> Source | None:
    if not isinstance(value, dict):
        return None
    document, part, start, end = (value.get(key) for key in ("document", "part", "start", "end"))
    if not isinstance(document, str) or not 0 < len(document) <= _LONGEST_NAME:
        return None
    if not is_count(part) or not is_count(start) or not is_count(end) or part < 1 or end <= start:
        return None
    return Source(document, part, start, end)
