"""What an embedding model makes of texts, as the passages need it; who has the model is somebody else's business."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from desktop.common.errors import UserFacingError
from desktop.documents.passages.vectors import Meaning

_log = logging.getLogger(__name__)


class Embedder(Protocol):
    """An embedding model. Any thread."""

    @property
    def identity(self) -> str:
        """Of its file; may raise UserFacingError."""

    def embed(self, texts: Sequence[str], *, is_question: bool, seconds: float | None = None) -> tuple[bytes, ...]:
        """Returns the vectors of texts, each of 32-bit numbers and of length 1.

        Raises:
            UserFacingError: They cannot be had, or not within so many seconds.
        """

    def prepare(self) -> None:
        """Makes ready for a question that may come; returns at once."""


def meaning_of(question: str, embedder: Embedder | None, seconds: float | None = None) -> Meaning | None:
    """Returns what a question means; None: there is no model, or it could not say, and words alone are left.

    Args:
        question: As a person asks.
        embedder: The model that is in force.
        seconds: To wait at the most; None: as long as it takes.
    """
    if embedder is None:
        return None
    try:
        (vector,) = embedder.embed([question], is_question=True, seconds=seconds)
        return Meaning(embedder.identity, vector)
    except UserFacingError as problem:
        _log.warning("found by words alone: %s", problem)
        return None
