"""What a nap costs a conversation, and what a quick ask in between costs it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.bench.child import engine
from tests.bench.effort import Effort
from tests.bench.results import Figure

CONVERSATION_WORDS = 1480  # some 1,500 tokens with the template around them
MESSAGE_WORDS = 3


def wake(model: Path, threads: int, effort: Effort) -> Iterator[Figure]:
    """Yields how long the first token after a nap takes, against reading again and against loading alone.

    All three take turns in one process; each round has conversations of its own.
    """
    rounds = effort.pairs
    woken, again, alone = [], [], []
    with (
        tempfile.TemporaryDirectory(prefix="catnap-bench-states-") as folder,
        engine(model, threads, "--states", folder) as child,
    ):
        child.ask("generate", tokens=32)
        for number in range(rounds):
            long, fresh = f"long-{number}", f"fresh-{number}"
            again.append(child.ask("talk", conversation=long, words=CONVERSATION_WORDS, tokens=2))
            child.ask("sleep")
            woken.append(child.ask("talk", conversation=long, words=MESSAGE_WORDS, tokens=2))
            child.ask("sleep")
            alone.append(child.ask("talk", conversation=fresh, words=MESSAGE_WORDS, tokens=8))
    first, reading = _median(woken, "ttft_s"), _median(again, "read_s")
    loads = [answer["load_s"] + 1 / answer["gen_tps"] for answer in alone]
    load = median(loads)
    against_reading = median(one["ttft_s"] / other["read_s"] for one, other in zip(woken, again, strict=True))
    against_load = median(one["ttft_s"] / other for one, other in zip(woken, loads, strict=True))
    length = f"{again[0]['prompt_tokens']:.0f} tokens, {woken[0]['read_tokens']:.0f} of the next prompt read"
    note = f"median of {rounds}"
    yield Figure("wake + first token, against re-reading", against_reading, "", at_most=0.1, note=note)
    note = f"of this {_median(woken, 'read_s'):.3f} s are for reading the new message; median of {rounds}"
    yield Figure("wake + first token, against loading + one token", against_load, "", at_most=1.3, note=note)
    yield Figure("wake + first token", first, "s", note=length)
    yield Figure("reading the conversation again", reading, "s", note="without loading")
    yield Figure(
        "loading + one token", load, "s", note=f"a new conversation begins after {_median(alone, 'ttft_s'):.3f} s"
    )


def quick_ask(model: Path, threads: int) -> Iterator[Figure]:
    """Yields what the second turn of a conversation reads more because a quick ask came in between."""
    plain, after = (_second_turn(model, threads, interrupted=interrupted) for interrupted in (False, True))
    note = f"{after['read_tokens']:.0f} of {after['prompt_tokens']:.0f} tokens; {plain['read_tokens']:.0f} without it"
    more = after["read_tokens"] - plain["read_tokens"]
    yield Figure("read more in a turn after a quick ask", more, "tokens", at_most=0, note=note)


def _second_turn(model: Path, threads: int, *, interrupted: bool) -> dict[str, float]:
    """Returns the figures of the second turn, always of the same conversation.

    How much of the first answer is known depends on the weights: the text of a random model's answer is seldom cut into
    the very tokens again that it was made of, as that of a real one is. Hence the comparison.
    """
    with (
        tempfile.TemporaryDirectory(prefix="catnap-bench-states-") as folder,
        engine(model, threads, "--states", folder) as child,
    ):
        child.ask("talk", conversation="chat", words=400, tokens=8)
        child.ask("pause")
        if interrupted:
            child.ask("talk", conversation="quick", words=40, tokens=8, keep=False)
            child.ask("pause")
        return child.ask("talk", conversation="chat", words=12, tokens=2)


def _median(answers: list[dict[str, float]], name: str) -> float:
    return median(answer[name] for answer in answers)
