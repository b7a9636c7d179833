"""A teacher's answer in the tokens of a student with another vocabulary, with what was thought before each.

The answer is cut into the student's tokens anew, as it will read it. Where one of them begins at the byte where one of
the teacher's began, the teacher's thought there is the student's, token by token of the same text. Elsewhere nothing is
known: all of the probability is in the rest, so that a loss on it weighs nothing, and the token that was said stands
first.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from desktop.student.alignment import Alignment

# Below the best: no chance at all, and a number of 16 bits.
_NONE: Final = 60_000.0
# The logarithm of the chance of a token of which nothing is known.
_UNKNOWN: Final = -60_000.0
_SMALLEST: Final = 1e-9
# Bytes that a token may have whose bytes are not known.
_LOST: Final = 8


@dataclass(frozen=True)
class Said:
    """A token of the teacher's answer.

    Attributes:
        text: The bytes that it stands for; empty: it ends the answer. None: they are not known.
        partner: The student's token of the same text; None: it has none.
        chance: Logarithm of the chance that it had.
        chances: Of the student's tokens, likewise; what has no partner is not among them.
        totals: The logarithm of the sum of p to the power of 1 / T over the teacher's whole vocabulary, for each
            temperature; None: only these tokens are known.
    """

    text: bytes | None
    partner: int | None
    chance: float
    chances: Mapping[int, float]
    totals: tuple[float, ...] | None = None


def merged(pairs: Iterable[tuple[int | None, float]]) -> dict[int, float]:
    """Returns the chances of tokens, where several may have gone to one and some to none.

    Args:
        pairs: Tokens and logarithms of chances.
    """
    found: dict[int, float] = {}
    for token, chance in pairs:
        if token is not None:
            before = found.get(token)
            found[token] = chance if before is None else _added(before, chance)
    return found


def aligned(said: Sequence[Said], answer: bytes) -> dict[int, tuple[Said, int]]:
    """Returns which token of the teacher's begins at which byte of an answer, and where it ends.

    Where bytes of some are not known the place is found again by those that follow; what does not fit ends it.

    Args:
        said: The tokens of the answer.
        answer: All of it.
    """
    found: dict[int, tuple[Said, int]] = {}
    place, lost = 0, 0
    for number, each in enumerate(said):
        if each.text is None:
            lost += 1
            continue
        if not each.text:  # only the last one ends it
            if number == len(said) - 1:
                found[len(answer)] = (each, len(answer))
            continue
        begin = place
        if lost:
            # Such a token holds parts of one character, or of two: eight bytes at the most.
            begin = answer.find(each.text, place, place + _LOST * lost + len(each.text))
        elif not answer.startswith(each.text, place):
            if each.text.isspace():  # left out at the ends of an answer
                continue
            begin = -1
        if begin < 0:
            break
        # Where it stands at the place of those that are lost it is a character that they were parts of.
        if begin > place or not lost:
            found[begin] = (each, begin + len(each.text))
        lost, place = 0, begin + len(each.text)
    return found


def translated(
    said: Sequence[Said],
    answer: bytes,
    tokens: Sequence[int],
    texts: Sequence[bytes],
    *,
    vocabulary: int,
    kept: int,
    temperatures: Sequence[float],
) -> bytes:
    """Returns what was thought before each token of an answer, laid out as the file of answers has it.

    Args:
        said: The teacher's tokens.
        answer: Their text.
        tokens: The same in the student's tokens, perhaps with one that ends it.
        texts: The bytes that each of these stands for; of one that ends the answer none.
        vocabulary: Tokens that the student has.
        kept: Logits that are kept of a token.
        temperatures: That there are sums for.
    """
    begun = aligned(said, answer)
    records = []
    places = accumulate(map(len, texts), initial=0)
    for token, text, place in zip(tokens, texts, places, strict=False):
        here = begun.get(place)
        if here is None:
            records.append(_record({token: _UNKNOWN}, None, token, vocabulary, kept, temperatures))
            continue
        first, end = here
        chances = dict(first.chances)
        if first.text != text and text:
            # The student says with one token what the teacher has cut otherwise: what that was given goes to this.
            chance = first.chance
            while end < place + len(text) and end in begun:
                chance += begun[end][0].chance
                end = begun[end][1]
            left = math.exp(first.chance) - math.exp(chance)
            stay = [pair for pair in chances.items() if pair[0] != first.partner]
            rest = (first.partner, math.log(left)) if left > _SMALLEST else (None, 0.0)
            chances = merged((*stay, rest, (token, chance)))
        records.append(_record(chances, first.totals, token, vocabulary, kept, temperatures))
    return b"".join(records)


def said_by(
    thoughts: Iterable[tuple[Sequence[int], Sequence[float], Sequence[float]]],
    tokens: Sequence[int],
    texts: Sequence[bytes],
    alignment: Alignment,
    temperatures: Sequence[float],
) -> list[Said]:
    """Returns the tokens of an answer of a teacher on this computer, as the student knows them.

    Args:
        thoughts: Before each token: ids, logits, and the logarithms of the sums of exp(logit / T).
        tokens: Of the answer.
        texts: The bytes that each stands for; of one that ends it none.
        alignment: From the teacher's vocabulary to the student's.
        temperatures: T of the sums.
    """
    found = []
    for (ids, logits, totals), token, text in zip(thoughts, tokens, texts, strict=True):
        chances = merged((alignment.partners[each], logit - totals[0]) for each, logit in zip(ids, logits, strict=True))
        chance = next((logit - totals[0] for each, logit in zip(ids, logits, strict=True) if each == token), _UNKNOWN)
        sums = tuple(total - totals[0] / t for total, t in zip(totals, temperatures, strict=True))
        found.append(Said(text, alignment.partners[token], chance, chances, sums))
    return found


def _record(
    chances: Mapping[int, float],
    totals: Sequence[float] | None,
    said: int,
    vocabulary: int,
    kept: int,
    temperatures: Sequence[float],
) -> bytes:
    ranked = sorted(chances.items(), key=lambda each: (-each[1], each[0]))[:kept] or [(said, _UNKNOWN)]
    best = ranked[0][1]
    ids, below = [token for token, _ in ranked], [min(best - chance, _NONE) for _, chance in ranked]
    held = {*ids}
    others = (token for token in range(vocabulary) if token not in held)
    ids += [next(others) for _ in range(kept - len(ids))]
    below += [_NONE] * (kept - len(below))
    sums = totals or [_total([chance for _, chance in ranked], vocabulary, each) for each in temperatures]
    return struct.pack(f"<f{len(sums)}f{kept}I{kept}e", best, *sums, *ids, *below)


def _total(chances: Sequence[float], vocabulary: int, temperature: float) -> float:
    """Returns the largest sum of p to the power of 1 / T that these chances and any rest can have.

    The rest weighs most where it is the same for all: so what is kept is never said to hold more than it does.
    """
    rest = max(1.0 - math.fsum(map(math.exp, chances)), 0.0)
    others = max(1, vocabulary - len(chances))
    spread = others * (rest / others) ** (1 / temperature) if rest > _SMALLEST else 0.0
    return math.log(math.fsum(math.exp(chance / temperature) for chance in chances) + spread)


def _added(one: float, other: float) -> float:
    large, small = max(one, other), min(one, other)
    return large + math.log1p(math.exp(small - large))
