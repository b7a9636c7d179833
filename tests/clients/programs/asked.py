"""What the programs of this folder share: what they are told, and how they tell what worked.

They run in an environment of their own, which has the libraries that they try and nothing of Catnap.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

CAPITAL = "What is the capital of France?"
STORY = "Tell me a long story."
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 20}},
    "required": ["city"],
    "additionalProperties": False,
}
TEXTS = ("The cat sleeps on the sofa.", "A kitten naps on the couch.", "Taxes are due in April.")


@dataclass(frozen=True)
class Asked:
    """Who is asked.

    Attributes:
        url: Address with its path.
        token: That opens it.
        model: Its name there.
        embedding: Name of the embedding model.
    """

    url: str
    token: str
    model: str
    embedding: str

    @classmethod
    def told(cls) -> Self:
        """Returns what stands on the command line."""
        return cls(*sys.argv[1:5])


def too_long() -> str:
    """Returns a question that no context of these tests has room for."""
    return "word " * 5000


def is_near(vectors: Sequence[Sequence[float]]) -> bool:
    """Returns whether the first two of ``TEXTS`` mean more of the same than the first and the last."""
    first, second, third = vectors
    return _cosine(first, second) > _cosine(first, third) + 0.01


def tell(version: str, checks: Mapping[str, Callable[[], None]]) -> None:
    """Runs the checks and prints a line of JSON for each, after one with the version of the library."""
    print(json.dumps({"version": version}), flush=True)
    for name, check in checks.items():
        try:
            check()
            worked, said = True, ""
        except Exception as problem:  # whatever a library raises
            worked, said = False, f"{type(problem).__name__}: {problem}"
        print(json.dumps({"check": name, "worked": worked, "said": said[:2000]}), flush=True)


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / math.sqrt(sum(a * a for a in one) * sum(b * b for b in other))
