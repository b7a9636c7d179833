"""Texts to be read by a model: no sense, but the length and the tokens of real ones, and no two alike."""

from __future__ import annotations

import random

# Common words that are one token each in most vocabularies.
_WORDS = (
    "time year people way day man thing woman life child world school state family student group country problem hand "
    "part place case week company system program question work government number night point home water room mother "
    "area money story fact month lot right study book eye job word business issue side kind head house service friend"
)


def words(count: int, seed: int) -> str:
    """Returns ``count`` words in an order that depends on ``seed``."""
    return " ".join(random.Random(seed).choices(_WORDS.split(), k=count))
