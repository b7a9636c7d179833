"""What embedding models were taught to find before a text: a question is marked otherwise than what answers it.

Sources: the cards of intfloat/multilingual-e5-small, nomic-ai/nomic-embed-text-v1.5, google/embeddinggemma-300m and
BAAI/bge-small-en-v1.5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Prefixes:
    """What stands before the texts.

    Attributes:
        question: Before what somebody asks.
        passage: Before what may answer it.
    """

    question: str = ""
    passage: str = ""


_KNOWN: Final = (
    (re.compile(r"(?<![a-z0-9])e5-(small|base|large)(?!-instruct)"), Prefixes("query: ", "passage: ")),
    (re.compile(r"nomic-embed-text"), Prefixes("search_query: ", "search_document: ")),
    (re.compile(r"embeddinggemma"), Prefixes("task: search result | query: ", "title: none | text: ")),
    (re.compile(r"bge-(small|base|large)-en"), Prefixes("Represent this sentence for searching relevant passages: ")),
)
_BLANKS: Final = re.compile(r"[\s_]+")


def prefixes_for(*names: str) -> Prefixes:
    """Returns the prefixes of a model, none where it is not known.

    Args:
        *names: What its file says it is called, and what the file is called.
    """
    for name in names:
        plain = _BLANKS.sub("-", name.lower())
        for pattern, prefixes in _KNOWN:
            if pattern.search(plain):
                return prefixes
    return Prefixes()
