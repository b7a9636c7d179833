"""What it brings that a document is read once: the first token of a question about one after a sleep."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from desktop.documents.question import opening_with, task_for
from tests.bench.child import Child, engine
from tests.bench.effort import Effort
from tests.bench.prompts import words
from tests.bench.results import Figure

# Of the document, some 1,500 tokens.
_WORDS = 1_430
_ANSWER_TOKENS = 2
_QUESTIONS = ("Which of them comes first?", "What is said of the second?")
# Of the time to the first token with nothing kept, the load of the model included in neither.
_BUDGET = 0.05


def documents(models: dict[str, Path], threads: int, effort: Effort) -> Iterator[Figure]:
    """Yields the time of a second question about a document after a sleep, against that of the first.

    Each pair is about a document of its own: the first question reads it, the second one, of another conversation,
    comes when the model has slept. What loading takes is in both and taken out of both.

    Args:
        models: By the name that stands with their figures.
        threads: To compute with.
        effort: How many pairs.
    """
    for name, model in models.items():
        with (
            tempfile.TemporaryDirectory(prefix="catnap-bench-states-") as folder,
            engine(model, threads, "--states", folder) as child,
        ):
            pairs = [_pair(child, number) for number in range(effort.pairs)]
        ratios = sorted(_wait(second) / _wait(first) for first, second in pairs)
        slept = median(second["ttft_s"] / first["ttft_s"] for first, second in pairs)
        first, second = (median(_wait(pair[place]) for pair in pairs) for place in (0, 1))
        read = pairs[0][0]["read_tokens"], pairs[0][1]["read_tokens"]
        yield Figure(
            f"second question about a document of {read[0]:.0f} tokens after a sleep, {name}",
            median(ratios),
            "",
            at_most=_BUDGET,
            note=f"{second:.3f} s against {first:.3f} s; {read[1]:.0f} tokens read; "
            f"median of {len(ratios)} pairs, from {ratios[0]:.3f} to {ratios[-1]:.3f}; "
            f"{slept:.3f} with starting and loading in both",
        )


def _wait(answer: dict[str, float]) -> float:
    return answer["engine_s"] - answer["load_s"]


def _pair(child: Child, number: int) -> tuple[dict[str, float], dict[str, float]]:
    text = words(_WORDS, 1_000 + number)
    answers = []
    for place, question in enumerate(_QUESTIONS):
        child.ask("sleep")
        answers.append(
            child.ask(
                "about", conversation=f"{number}-{place}", opening=opening_with(text),
                question=task_for(question, text), prefix=f"document:{number}/whole", tokens=_ANSWER_TOKENS,
            )
        )  # fmt: skip
    return answers[0], answers[1]
