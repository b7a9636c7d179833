"""Under which ids the engine keeps what it has read of documents; no conversation has such an id."""

from __future__ import annotations

from typing import Final

_DOCUMENTS: Final = "document:"
_HASH_LENGTH: Final = 32


def states_of(document_id: str) -> str:
    """Returns what all states of a document belong to: they go when this is forgotten."""
    return f"{_DOCUMENTS}{document_id}"


def state_id(document_id: str, instructions: str, opening: str) -> str:
    """Returns the id of one state of a document.

    Args:
        document_id: The document's.
        instructions: What the model is told before all: what it has read depends on it.
        opening: The text of the document, or of the parts that are meant, as it is put.
    """
    import hashlib

    told = f"{instructions}\0{opening}".encode("utf-8", "surrogatepass")
    return f"{states_of(document_id)}/{hashlib.sha256(told).hexdigest()[:_HASH_LENGTH]}"
