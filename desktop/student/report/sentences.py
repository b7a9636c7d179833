"""What has come of a student, as sentences in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from desktop.common.byte_sizes import format_bytes
from desktop.student.checking import Outcome
from desktop.student.report.evidence import Evidence
from desktop.student.report.words import Wording
from desktop.student.results import BASE, Contestant, Role

_SIGNIFICANT: Final = 0.05
_OUTCOMES: Final = {
    Outcome.LOSES: "loses",
    Outcome.CHANCE: "chance",
    Outcome.SMALLER_AND_FURTHER: "smaller",
}


def verdict_sentence(evidence: Evidence, words: Wording) -> str:
    """Returns plainly whether the student was worth it."""
    if evidence.is_worth_it:
        return words.say("worth")
    return words.say("worse at tasks" if evidence.verdict.beats else _OUTCOMES[evidence.verdict.outcome])


def reasons(evidence: Evidence, words: Wording) -> Iterator[str]:
    """Yields what the verdict rests on: how far, how many tasks, how fast, and whether it was trained at all."""
    verdict = evidence.verdict
    yield words.say(
        "known",
        kl=f"{verdict.student.figures.kl.value:.3f}",
        rival_kl=f"{verdict.rival.figures.kl.value:.3f}",
        rival=called(evidence.rival, words),
        rival_size=format_bytes(evidence.rival.size),
        further=str(verdict.further),
    )
    if evidence.only_against:
        yield words.say("only against", formats=", ".join(evidence.only_against))
    yield from _of_tasks(evidence, words)
    yield from _of_reading(evidence, words)
    for other, ratio in evidence.speeds():
        figures = {"warm": f"{ratio.warm:.2f}", "speed": f"{ratio.speed:.2f}"}
        yield words.say("quick", other=called(other, words), **figures)
    if not evidence.curve:
        yield words.say("untrained")


def in_short(evidence: Evidence, language: str) -> str:
    """Returns what came of it in three or four sentences, for a notice: what is better, what is worse, the verdict.

    Args:
        evidence: What is known.
        language: "en" or "zh".
    """
    words = Wording(language)
    verdict = (words.say("verdict"), verdict_sentence(evidence, words))
    parts = [*_beside_teacher(evidence, words), *_of_reading(evidence, words), *verdict]
    return "".join(parts) if language == "zh" else " ".join(parts)


def _beside_teacher(evidence: Evidence, words: Wording) -> Iterator[str]:
    """Yields how much smaller it is, and how fast."""
    percent = round(100 * (1 - evidence.student.size / max(1, evidence.teacher.size)))
    speed = next((ratio.speed for other, ratio in evidence.speeds() if other is evidence.teacher), None)
    if percent > 0 and speed is not None:
        yield words.say("smaller and as fast", percent=percent, speed=f"{speed:.1f}")
    elif percent > 0:
        yield words.say("smaller by", percent=percent)


def called(model: Contestant, words: Wording) -> str:
    """Returns what a model is called in sentences and tables."""
    if model.role is Role.STUDENT:
        return model.name
    first, _, kind = model.name.partition(", ")
    name = words.say("base" if first == BASE else "teacher")
    return name if model.role is Role.TEACHER else words.say("in a format", name=name, kind=kind or model.kind)


def _of_tasks(evidence: Evidence, words: Wording) -> Iterator[str]:
    for other in {each.fingerprint: each for each in (evidence.rival, evidence.teacher)}.values():
        comparison = evidence.against(other)
        if comparison is None or not comparison.tasks:
            continue
        sides = [(words.say("student"), comparison.only_first), (called(other, words), comparison.only_second)]
        (better, more), (worse, fewer) = sorted(sides, key=lambda side: -side[1])
        key = "tasks, better" if comparison.p < _SIGNIFICANT else "tasks, no telling"
        p = f"{comparison.p:.2g}"
        yield words.say(key, tasks=comparison.tasks, one=better, more=more, other=worse, fewer=fewer, p=p)


def _of_reading(evidence: Evidence, words: Wording) -> Iterator[str]:
    if (reading := evidence.reading) is not None:
        other = called(evidence.teacher, words)
        yield words.say("reads", right=reading.right, other=other, others=reading.teacher, asked=reading.asked)
