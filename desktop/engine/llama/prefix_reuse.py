"""Decides what of a KV cache can serve a prompt. Pure functions over token ids; may be called from any thread.

What both begin with stays where it is. Where they part, the prompt may go on with something the cache holds further
behind: whole turns were cut from the front, or the words that opened the last answer (an empty thinking block) are not
part of the conversation's text. Then the tokens between are dropped and the rest moves up, instead of being read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# A shift turns every key in the cache once, which costs about as much as reading a few tokens, and the moved tokens
# keep a memory of those dropped. Shorter runs are more likely an accident than a turn, and quickly read again.
MIN_RUN = 32


@dataclass(frozen=True)
class Plan:
    """One step from what a cache holds towards a prompt. All are counts or positions of tokens.

    Attributes:
        keep: At the front, they stay where they are.
        drop_from: First to drop, equal to ``keep``.
        drop_to: First after those to drop; the end of the cache when nothing moves.
        moved: From ``drop_to`` on, how many continue the prompt once they have moved to ``drop_from``; 0: none.
    """

    keep: int
    drop_from: int
    drop_to: int
    moved: int


def plan(kv_tokens: Sequence[int], prompt: Sequence[int], movable: int | None = None) -> Plan:
    """Returns the next step; a step that moves nothing is the last one.

    Args:
        kv_tokens: What the cache holds, in order.
        prompt: What it is to hold. The last of these is never taken from the cache: its logits are wanted.
        movable: Tokens may only move to places before this one in the prompt; None: anywhere.
    """
    wanted = prompt[: max(len(prompt) - 1, 0)]
    keep = common_prefix(kv_tokens, wanted)
    target = wanted[keep:movable]
    rest = kv_tokens[keep + 1 :]
    best, moved = len(kv_tokens), 0
    if len(target) >= MIN_RUN and len(rest) >= MIN_RUN:
        runs = _runs(target, rest)
        start = max(range(len(runs)), key=runs.__getitem__)
        if runs[start] >= MIN_RUN:
            best, moved = keep + 1 + start, runs[start]
    return Plan(keep, keep, best, moved)


def steps(kv_tokens: Sequence[int], prompt: Sequence[int], movable: int | None = None) -> tuple[Plan, ...]:
    """Returns all steps in order: some that move, and a last one that drops what is left over. See :func:`plan`.

    The ``keep`` of the last step is the number of tokens that need not be read.
    """
    tokens = list(kv_tokens)
    taken: list[Plan] = []
    while True:
        step = plan(tokens, prompt, movable)
        taken.append(step)
        if not step.moved:
            return tuple(taken)
        del tokens[step.drop_from : step.drop_to]


def place_after(taken: Sequence[Plan], place: int) -> int:
    """Returns where the first token at or behind ``place`` is after some steps; see :func:`steps`."""
    for step in taken:
        if step.moved and place >= step.drop_from:
            place = max(step.drop_from, place - (step.drop_to - step.drop_from))
    return place


def common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """Returns how many tokens two sequences begin with in common."""
    length = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        length += 1
    return length


def _runs(target: Sequence[int], text: Sequence[int]) -> list[int]:
    """Returns for each place in ``text`` how many tokens from there on are the beginning of ``target``.

    The Z algorithm on both in a row, so that a text which repeats itself takes linear time like any other.
    """
    joined = [*target, -1, *text]  # no token is -1: no run crosses it
    lengths = [0] * len(joined)
    left = right = 0
    for place in range(1, len(joined)):
        length = min(right - place, lengths[place - left]) if place < right else 0
        while place + length < len(joined) and joined[length] == joined[place + length]:
            length += 1
        lengths[place] = length
        if place + length > right:
            left, right = place, place + length
    return lengths[len(target) + 1 :]
