"""An embedding model that knows three subjects, each a number of its vectors: for tests of what is made of vectors."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

from desktop.common.errors import UserFacingError

_SUBJECTS = (("computer", "machine", "机器"), ("vacation", "holiday", "leave", "年假"), ("train", "travel", "出差"))


class Subjects:
    """Knows three subjects, and what is none of them.

    Attributes:
        read: What it was given to read, questions apart.
        prepared: How often it was told that a question may come.
        fails_after: So many texts that were read.
    """

    def __init__(self, identity: str = "subjects") -> None:
        self.identity = identity
        self.read: list[str] = []
        self.prepared = 0
        self.fails_after = 10**9

    def embed(self, texts: Sequence[str], *, is_question: bool, seconds: float | None = None) -> tuple[bytes, ...]:
        if len(self.read) >= self.fails_after:
            raise UserFacingError("The embedding model has brought its process down.")
        if not is_question:
            self.read += texts
        return tuple(map(vector_of, texts))

    def prepare(self) -> None:
        """Is ready."""
        self.prepared += 1


def vector_of(text: str) -> bytes:
    """Returns the vector of a text."""
    numbers = [float(any(word in text.lower() for word in words)) for words in _SUBJECTS] + [0.4]
    length = math.sqrt(sum(number * number for number in numbers))
    return struct.pack("=4f", *(number / length for number in numbers))
