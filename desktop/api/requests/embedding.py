"""A request for what texts mean as numbers, as ``POST /v1/embeddings`` takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from desktop.api.errors import invalid, unsupported
from desktop.api.requests import fields

_MOST_TEXTS: Final = 256


@dataclass(frozen=True)
class EmbeddingRequest:
    """What is asked.

    Attributes:
        model: As it was named; empty: it was not.
        texts: Each gets a vector.
        is_question: They are looked for, and not in.
        as_base64: The numbers are wanted as bytes.
        dimensions: How many numbers are expected; None: as many as the model makes.
    """

    model: str
    texts: tuple[str, ...]
    is_question: bool = False
    as_base64: bool = False
    dimensions: int | None = None


def read_embedding(document: Mapping[str, Any]) -> EmbeddingRequest:
    """Returns what a document asks for.

    Raises:
        ApiError: It makes no sense.
    """
    given = document.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(each, str) for each in texts):
        raise fields.wrong("input", "a text or a list of texts", given)
    if len(texts) > _MOST_TEXTS:
        raise invalid(f"'input' may have {_MOST_TEXTS} texts.", "input")
    if not all(each.strip() for each in texts):
        raise invalid("'input' has a text without a word.", "input")
    form = fields.text(document, "encoding_format") or "float"
    if form not in ("float", "base64"):
        raise unsupported("encoding_format", "float and base64 are.")
    return EmbeddingRequest(
        fields.text(document, "model") or "",
        tuple(texts),
        is_question=fields.text(document, "input_type") in ("query", "search_query"),
        as_base64=form == "base64",
        dimensions=fields.whole(document, "dimensions", 1, 1 << 16),
    )
