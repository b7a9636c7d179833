"""What it brings that a persona's words are read once: the first token of a new conversation with one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from desktop.personas.builtin import builtin_personas
from tests.bench.child import Child, engine
from tests.bench.effort import Effort
from tests.bench.results import Figure

_PERSONA = "homework"  # the longest
_ANSWER_TOKENS = 2
_ELSE = ("You are somebody else, with other words to begin with.", "Hello?")

Answer = dict[str, float]


def personas(models: dict[str, Path], threads: int, effort: Effort) -> Iterator[Figure]:
    """Yields the time to the first token with the kept state of a persona's words, against reading them.

    With a model that is awake and has talked about something else, and from sleep. Both take turns in one process, each
    conversation is a new one.

    Args:
        models: By the name that stands with their figures.
        threads: To compute with.
        effort: How many rounds.
    """
    for name, model in models.items():
        with (
            tempfile.TemporaryDirectory(prefix="catnap-bench-states-") as folder,
            engine(model, threads, "--states", folder) as child,
        ):
            _begin(child, "first", kept=True)  # its words are read and kept
            rounds = [_round(child, number) for number in range(effort.pairs)]
        for title, kept, plain in (("awake", "kept", "plain"), ("from sleep", "slept", "slept plain")):
            yield _figure(f"first token with a persona's kept words, {name}, {title}", rounds, kept, plain)


def _figure(title: str, rounds: list[dict[str, Answer]], kept: str, plain: str) -> Figure:
    with_it, without = (median(one[name]["ttft_s"] for one in rounds) for name in (kept, plain))
    read = rounds[0][kept]["read_tokens"], rounds[0][plain]["read_tokens"]
    note = f"{with_it:.3f} s against {without:.3f} s; {read[0]:.0f} tokens read against {read[1]:.0f}; "
    ratios = sorted(one[kept]["ttft_s"] / one[plain]["ttft_s"] for one in rounds)
    spread = f"median of {len(rounds)} pairs, from {ratios[0]:.3f} to {ratios[-1]:.3f}"
    return Figure(title, median(ratios), "", at_most=1.0, note=note + spread)


def _round(child: Child, number: int) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for name, kept, sleeps in (
        ("kept", True, False),
        ("plain", False, False),
        ("slept", True, True),
        ("slept plain", False, True),
    ):
        child.ask("begin", conversation=f"else-{number}-{name}", said=_ELSE, prefix=None, tokens=_ANSWER_TOKENS)
        child.ask("sleep" if sleeps else "pause")
        found[name] = _begin(child, f"{number}-{name}", kept=kept)
    return found


def _begin(child: Child, conversation: str, *, kept: bool) -> Answer:
    persona = next(each for each in builtin_personas("en") if each.id == _PERSONA)
    shown = [part for example in persona.examples for part in example]
    said = [persona.prompt, *shown, persona.starters[0]]
    prefix = persona.prefix_id if kept else None
    return child.ask("begin", conversation=conversation, said=said, prefix=prefix, tokens=_ANSWER_TOKENS)
