"""What embedding models were taught to find before a text: a question is marked otherwise than what answers it.

Sources: the cards of intfloat/multilingual-e5-small and multilingual-e5-large-instruct, nomic-ai/nomic-embed-text-v1.5,
google/embeddinggemma-300m, BAAI/bge-small-en-v1.5, Qwen/Qwen3-Embedding-0.6B, Snowflake/snowflake-arctic-embed-m and
snowflake-arctic-embed-m-v2.0, and mixedbread-ai/mxbai-embed-large-v1.
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


_SEARCHING: Final = "Represent this sentence for searching relevant passages: "
_TASK: Final = "Instruct: Given a web search query, retrieve relevant passages that answer the query\n"
_KNOWN: Final = (
    (re.compile(r"(?<![a-z0-9])e5-(small|base|large|mistral-7b)-instruct"), Prefixes(f"{_TASK}Query: ")),
    (re.compile(r"qwen3-embedding"), Prefixes(f"{_TASK}Query:")),
    (re.compile(r"arctic-embed-[a-z]+-v2"), Prefixes("query: ")),
    (re.compile(r"arctic-embed|mxbai-embed-large"), Prefixes(_SEARCHING)),
    (re.compile(r"(?<![a-z0-9])e5-(small|base|large)(?!-instruct)"), Prefixes("query: ", "passage: ")),
    (re.compile(r"nomic-embed-text"), Prefixes("search_query: ", "search_document: ")),
    (re.compile(r"embeddinggemma"), Prefixes("task: search result | query: ", "title: none | text: ")),
    (re.compile(r"bge-(small|base|large)-en"), Prefixes(_SEARCHING)),
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
