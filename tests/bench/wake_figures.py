"""What a nap costs a conversation, and what a quick ask in between costs it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from tests.bench.child import Child, engine
from tests.bench.effort import Effort
from tests.bench.results import Figure

CONVERSATION_WORDS = 1480  # some 1,500 tokens with the template around them
MESSAGE_WORDS = 3
_ANSWER_TOKENS = 2
# From the first key to Enter: nobody writes a question in less. Before its last word there is a pause.
_TYPING_SECONDS = 1.0
_LAST_WORD_SECONDS = 0.3

Answer = dict[str, float]


def wake(model: Path, threads: int, effort: Effort) -> Iterator[Figure]:
    """Yields how long the first token after a doze and after a sleep takes, against reading again and loading alone.

    All of them take turns in one process; each round has conversations of its own. The waits are those of the app: the
    start of the engine's process is in them. "Loading + one token" is the engine's own account, without that start.
    """
    with (
        tempfile.TemporaryDirectory(prefix="catnap-bench-states-") as folder,
        engine(model, threads, "--states", folder) as child,
    ):
        child.ask("generate", tokens=32)
        rounds = [_round(child, number) for number in range(effort.pairs)]
    again, alone = ([one[name] for one in rounds] for name in ("again", "alone"))
    loads = [answer["load_s"] + 1 / answer["gen_tps"] for answer in alone]
    readings = [answer["read_s"] for answer in again]
    for title, name, of_load, of_reading in (
        ("from a doze", "dozed", 0.35, 0.03),
        ("from sleep", "slept", 1.6, 0.1),
        ("from sleep, a key 1 s before", "early", 0.35, None),
    ):
        woken = [one[name] for one in rounds]
        waits = [answer["ttft_s"] for answer in woken]
        note = f"{median(waits):.3f} s, of this {median(answer['read_s'] for answer in woken):.3f} s for reading the "
        note += f"message; median of {len(rounds)}"
        yield _ratio(f"first token {title}, against loading + one token", waits, loads, of_load, note)
        # The few tokens of the message must be read either way, and cost as much as some that are generated.
        tokens = [1 / answer["gen_tps"] for answer in alone]
        parts = [one["ttft_s"] - one["read_s"] + token for one, token in zip(woken, tokens, strict=True)]
        told = "one token in place of the message: what was read before is brought back, and no more"
        yield _ratio(f"... the message not counted, {title}", parts, loads, None, told)
        if of_reading is not None:
            yield _ratio(f"first token {title}, against re-reading", waits, readings, of_reading, note)
    length = f"{again[0]['prompt_tokens']:.0f} tokens, {rounds[0]['dozed']['read_tokens']:.0f} of the next prompt read"
    yield Figure("reading the conversation again", median(readings), "s", note=f"without loading; {length}")
    begins = median(answer["ttft_s"] for answer in alone)
    yield Figure("loading + one token", median(loads), "s", note=f"a new conversation begins after {begins:.3f} s")


def _round(child: Child, number: int) -> dict[str, Answer]:
    long = f"long-{number}"
    found: dict[str, Answer] = {}

    def say() -> Answer:
        return child.ask("talk", conversation=long, words=MESSAGE_WORDS, tokens=_ANSWER_TOKENS)

    found["again"] = child.ask("talk", conversation=long, words=CONVERSATION_WORDS, tokens=_ANSWER_TOKENS)
    child.ask("doze")
    found["dozed"] = say()
    child.ask("sleep")
    found["slept"] = say()
    child.ask("sleep")
    child.ask("key", conversation=long, words=0, tokens=_ANSWER_TOKENS)
    time.sleep(_TYPING_SECONDS - _LAST_WORD_SECONDS)
    child.ask("key", conversation=long, words=MESSAGE_WORDS - 1, tokens=_ANSWER_TOKENS)
    time.sleep(_LAST_WORD_SECONDS)
    found["early"] = say()
    child.ask("sleep")
    found["alone"] = child.ask("talk", conversation=f"fresh-{number}", words=MESSAGE_WORDS, tokens=8)
    return found


def _ratio(title: str, waits: Sequence[float], others: Sequence[float], at_most: float | None, note: str) -> Figure:
    ratios = sorted(wait / other for wait, other in zip(waits, others, strict=True))
    spread = f", from {ratios[0]:.3f} to {ratios[-1]:.3f}" if len(ratios) > 1 else ""
    return Figure(title, median(ratios), "", at_most=at_most, note=note + spread)


def quick_ask(model: Path, threads: int) -> Iterator[Figure]:
    """Yields what the second turn of a conversation reads more because a quick ask came in between."""
    plain, after = (_second_turn(model, threads, interrupted=interrupted) for interrupted in (False, True))
    note = f"{after['read_tokens']:.0f} of {after['prompt_tokens']:.0f} tokens; {plain['read_tokens']:.0f} without it"
    more = after["read_tokens"] - plain["read_tokens"]
    yield Figure("read more in a turn after a quick ask", more, "tokens", at_most=0, note=note)


def _second_turn(model: Path, threads: int, *, interrupted: bool) -> Answer:
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
