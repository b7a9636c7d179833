"""The passages of one document for one question, where nothing of it is kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from desktop.documents.passages.index import Found, PassageIndex
from desktop.documents.passages.splitting import split_into_passages
from desktop.documents.types import Document

_ONLY = "document"


def passages_about(document: Document, question: str, limit: int = 3) -> tuple[Found, ...]:
    """Returns the passages that a question is about, the best first; none: it is not in the document.

    Args:
        document: Of any length; a second for a million characters.
        question: As a person asks.
        limit: How many are wanted.
    """
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        index = PassageIndex(connection)
        index.add(_ONLY, split_into_passages(document))
        return index.find(question, (_ONLY,), limit=limit)
