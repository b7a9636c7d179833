"""The step of ``student`` that compares: students, their teacher, and the teacher in smaller number formats."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from desktop.cli import common
from desktop.common.byte_sizes import format_bytes
from desktop.student.checking import Line, Verdict, held_out, look, plain_versions, verdict
from desktop.student.exporting import student_file
from desktop.student.judging import Estimate
from desktop.student.project import Project


def check(project: Project, wish: argparse.Namespace) -> int:
    """Judges models on the answers that were held out, and says which are worth their bytes."""
    students = [(path.stem, path) for path in (student_file(project, name) for name in wish.model)]
    sequences = held_out(project)
    progress = common.ProgressLine()
    plain = plain_versions(project, wish.threads, lambda each: progress.show(f"writing the teacher as {each.name}"))
    models = [("teacher", project.base), *plain, *students]
    lines: list[Line] = []
    try:
        for place, (name, path) in enumerate(models):
            show = _shown(progress, f"model {place + 1} of {len(models)}: ", len(sequences))
            lines.append(
                look(path, name, sequences, project.base, 2 * project.manifest.settings.n_ctx, wish.threads, show)
            )
    finally:
        progress.clear()
    rivals = lines[: len(plain) + 1]
    verdicts = [verdict(line, rivals) for line in lines[len(rivals) :]]
    project.add_run(
        "check",
        settings={"models": [line.name for line in lines]},
        sequences=[sequence.id for sequence in sequences],
        figures={line.name: _figures(line) for line in lines},
    )
    if wish.json:
        common.print_json(_as_json(lines, verdicts))
        return common.DONE
    width = max(len(line.name) for line in lines)
    tokens = lines[0].figures.tokens
    common.say(f"{len(sequences):,} held-out answers, {tokens:,} tokens; 95 % intervals over answers")
    for line in lines:
        figures = line.figures
        common.say(
            f"  {line.name:<{width}}  {format_bytes(line.size):>8}  KL {figures.kl}  top-1 {figures.top1}  "
            f"perplexity {figures.perplexity.value:.2f}"
        )
    for each in verdicts:
        common.say(each.words)
    return common.DONE


def _shown(progress: common.ProgressLine, before: str, total: int) -> Callable[[int], None]:
    return lambda done: progress.show(f"{before}{done} of {total} answers")


def _figures(line: Line) -> dict[str, common.Json]:
    return {
        "bytes": line.size,
        "kl": _estimate(line.figures.kl),
        "top1": _estimate(line.figures.top1),
        "perplexity": _estimate(line.figures.perplexity),
    }


def _estimate(figure: Estimate) -> list[common.Json]:
    return [round(number, 4) for number in (figure.value, figure.interval.low, figure.interval.high)]


def _as_json(lines: list[Line], verdicts: list[Verdict]) -> dict[str, common.Json]:
    return {
        "tokens": lines[0].figures.tokens,
        "models": [{"name": line.name, **_figures(line)} for line in lines],
        "verdicts": [{"beats": each.beats, "words": each.words} for each in verdicts],
    }
