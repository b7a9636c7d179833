"""How a passage is named: for the model that gets it, and for people that are told where an answer is from."""

from __future__ import annotations

from desktop.documents.library.stored import StoredDocument
from desktop.documents.passages.index import Found
from desktop.documents.question import headed, title_of


def quoted(found: Found, stored: StoredDocument | None, name: str = "") -> str:
    """Returns a passage as a model gets it, below a line that says where it stands: "[handbook.pdf, page 3]".

    Args:
        found: The passage.
        stored: Its document; None: it is gone.
        name: Of the file, where there are several documents; empty: there is one.
    """
    return headed(_title(found, stored, name), found.passage.text)


def where(found: Found, stored: StoredDocument | None, name: str) -> str:
    """Returns where a passage stands, for people: "handbook.pdf, page 3: Holidays".

    Args:
        found: The passage.
        stored: Its document; None: it is gone.
        name: Of the file.
    """
    title, heading = _title(found, stored, name), " ".join(found.passage.heading.split())
    return f"{title}: {heading}" if heading and heading not in title else title


def _title(found: Found, stored: StoredDocument | None, name: str) -> str:
    parts = stored.parts if stored is not None else ()
    summary = next((part for part in parts if part.number == found.passage.part), None)
    title = "" if summary is None else title_of(summary)
    return ", ".join(filter(None, (name, title)))
