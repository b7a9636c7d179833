"""Under which ids the engine keeps what it has read of documents; no conversation has such an id."""

from __future__ import annotations

import hashlib
from typing import Final

_DOCUMENTS: Final = "document:"
_HASH_LENGTH: Final = 32


def states_of(document_id: str) -> str:
    """Returns what all states of a document belong to: they go when this is forgotten."""
    return f"{_DOCUMENTS}{document_id}"


def state_id(document_id: str, instructions: str) -> str:
    """Returns the id of one state of a document.

    Args:
        document_id: The document's.
        instructions: All that the model is told before the conversation: what it has read depends on it.
    """
    return f"{states_of(document_id)}/{hashlib.sha256(instructions.encode()).hexdigest()[:_HASH_LENGTH]}"
