"""How well a passage fits a question: BM25 over the passages of the documents that are asked, and how much it covers.

SQLite's own ``bm25`` picks the candidates. It counts over the whole index, and gives a word nothing that is in half of
it, which in a document of few passages is every word that matters: so the few candidates are weighed again here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# BM25: how soon a word said again counts no more, and how much a long passage is held against it. The usual values.
_K1: Final = 1.2
_B: Final = 0.75
# Passages without any of the words that are thought to be there as well: in a note of one passage, what it says is not
# worth nothing, and what it does not say not everything.
_IMAGINED: Final = 10
# Words of a heading count as if they were said so often.
_HEADING: Final = 2


@dataclass(frozen=True)
class Weighed:
    """How well a passage fits.

    Attributes:
        score: BM25.
        coverage: Share of what the question is about that the passage has, from 0 to 1; rare words count more.
    """

    score: float
    coverage: float


class Ranking:
    """Weighs passages for one question."""

    def __init__(self, words: Sequence[str], passages_with: Mapping[str, int], total: int, usual_length: float) -> None:
        """
        Args:
            words: What the question is about.
            passages_with: How many of the passages that are asked have each word.
            total: How many passages are asked.
            usual_length: Words of a passage.
        """
        self._weights = {
            word: math.log(1 + (total + _IMAGINED - count + 0.5) / (count + 0.5))
            for word in words
            for count in (min(total, passages_with.get(word, 0)),)
        }
        self._all = sum(self._weights.values())
        self._usual_length = usual_length

    def weigh(self, words: Sequence[str], heading: Sequence[str]) -> Weighed:
        """Returns how well a passage fits.

        Args:
            words: Of the passage.
            heading: Of what it stands below.
        """
        counts = Counter(word for word in words if word in self._weights)
        for word in heading:
            if word in self._weights:
                counts[word] += _HEADING
        if not counts or not self._all:
            return Weighed(0.0, 0.0)
        length = _K1 * (1 - _B + _B * len(words) / max(1.0, self._usual_length))
        score = sum(self._weights[word] * count * (_K1 + 1) / (count + length) for word, count in counts.items())
        return Weighed(score, sum(self._weights[word] for word in counts) / self._all)
