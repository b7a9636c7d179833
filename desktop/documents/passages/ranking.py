"""How well a passage fits a question: BM25 over the passages that are asked, what stands beside it, how much it covers.

Not SQLite's own ``bm25``: it counts over the whole index, whichever documents are asked, and gives a word nothing that
is in half of the passages, which in a short document is every word that matters. The figures were chosen with one half
of the questions about a handbook and tried with the other: see docs/adr/019-passages.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# BM25: how soon a word said again counts no more, and how much a long passage is held against it.
_K1: Final = 1.2
_B: Final = 0.4
# Passages without any of the words that are thought to be there as well: in a note of one passage, what it says is not
# worth nothing, and what it does not say not everything.
_IMAGINED: Final = 10
# A word of the heading counts as so much of one in the text.
_HEADING: Final = 0.5
# Of the score of the better neighbour: an answer often stands beside what was asked about.
_BESIDE: Final = 0.2
# Of what a question is about, this share must be in a passage. Pairs of characters stand across the borders of words as
# well, and those are in no text: so less of them is as much.
_LEAST_OF_WORDS: Final = 0.3
_LEAST_OF_PAIRS: Final = 0.2
# Of the best score: what fits so much less is about something else, and takes a small model's time and attention.
_LEAST_OF_BEST: Final = 0.6


@dataclass(frozen=True)
class Postings:
    """Where a word stands, within the passages that are asked.

    Attributes:
        in_text: How often, for each passage by its number; those without it are left out.
        in_heading: Likewise in the heading that it stands below.
    """

    in_text: Mapping[int, int]
    in_heading: Mapping[int, int]

    @property
    def passages(self) -> frozenset[int]:
        return frozenset(self.in_text) | frozenset(self.in_heading)


@dataclass(frozen=True)
class WordScores:
    """How well passages fit by their words.

    Attributes:
        all: Scores of those that have any of them, by their numbers.
        found: Those that fit, the best first, with their scores.
    """

    all: Mapping[int, float]
    found: Sequence[tuple[int, float]]


def rank(postings: Mapping[str, Postings], lengths: Mapping[int, int], total: int, usual: float) -> WordScores:
    """Returns how well passages fit.

    Args:
        postings: Of each word that the question is about.
        lengths: Words of each passage that has any of them. Numbers are in the order of the document.
        total: How many passages are asked.
        usual: Words of a passage.
    """
    weights = {word: _weight(len(there.passages), total) for word, there in postings.items()}
    alone = dict.fromkeys(lengths, 0.0)
    covered = dict.fromkeys(lengths, 0.0)
    for word, there in postings.items():
        weight = weights[word]
        for number in there.passages:
            count = there.in_text.get(number, 0) + _HEADING * there.in_heading.get(number, 0)
            alone[number] += weight * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * lengths[number] / usual))
            covered[number] += weight
    least = sum(weight * (_LEAST_OF_WORDS if word.isascii() else _LEAST_OF_PAIRS) for word, weight in weights.items())
    scores = {
        number: score + _BESIDE * max(alone.get(number - 1, 0.0), alone.get(number + 1, 0.0))
        for number, score in alone.items()
    }
    found = sorted(
        ((number, score) for number, score in scores.items() if covered[number] >= least), key=lambda each: -each[1]
    )
    return WordScores(scores, [each for each in found if each[1] >= _LEAST_OF_BEST * found[0][1]])


def _weight(passages: int, total: int) -> float:
    there = max(1, passages)  # what is in none is as rare as what is in one: it may be another word for the same
    return math.log(1 + (total + _IMAGINED - there + 0.5) / (there + 0.5))
