"""The step of ``student`` that compares, and the report of what came of it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from desktop.check.statistics import wilson
from desktop.check.summary import Line, summary_of
from desktop.check.types import KIND_NAMES, LANGUAGE_NAMES
from desktop.cli import common
from desktop.cli.student.comparing import Comparison
from desktop.cli.student.telling import Teller
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import Cancelled
from desktop.student.checking import Verdict
from desktop.student.exporting import newest_student, plain_formats, student_file
from desktop.student.judging import Estimate
from desktop.student.project import Project
from desktop.student.report.evidence import Evidence, gather
from desktop.student.report.page import write_report
from desktop.student.results import Contestant, Role


def check(places: common.Places, project: Project, wish: argparse.Namespace, teller: Teller | None = None) -> int:
    """Compares students with their teacher and what plain quantisation makes of it, and writes the report."""
    teller = teller or Teller()
    names: Sequence[str] = wish.model or [newest_student(project).name]
    students = [student_file(project, name) for name in names]
    try:
        Comparison(places, project, wish, teller, students).run()
    except (Cancelled, KeyboardInterrupt):
        teller.clear()
        common.warn("the comparison is paused; the same command goes on")
        return common.INTERRUPTED
    finally:
        teller.clear()
    _write_down(project, gather(project), wish)
    evidence = gather(project)  # with the run that has just been written down
    path = write_report(project, evidence, wish.language)
    if wish.json:
        common.print_json({**_as_json(evidence), "report": str(path)})
        return common.DONE
    _print(evidence)
    common.say(f"Report: {path}")
    return common.DONE


def report(project: Project, wish: argparse.Namespace) -> int:
    """Writes the report anew of what was found before."""
    student = None if wish.model is None else student_file(project, wish.model).name
    path = write_report(project, gather(project, student), wish.language)
    if wish.json:
        common.print_json({"report": str(path)})
    else:
        common.say(f"Report: {path}")
    return common.DONE


def _write_down(project: Project, evidence: Evidence, wish: argparse.Namespace) -> None:
    compared = evidence.compared
    project.add_run(
        "check",
        settings={
            "models": [each.name for each in compared.contestants],
            "students": {each.name: each.sha256 for each in compared.of(Role.STUDENT)},
            "quick": bool(wish.quick),
            "against": [each.name for each in plain_formats(wish.against)] if wish.against else [],
        },
        sequences=[each.id for each in compared.figures[evidence.student.fingerprint].prompts],
        figures={each.name: _figures(evidence, each) for each in compared.contestants},
    )


def _figures(evidence: Evidence, contestant: Contestant) -> dict[str, common.Json]:
    figures = evidence.compared.figures[contestant.fingerprint]
    found: dict[str, common.Json] = {
        "bytes": contestant.size,
        "kl": _estimate(figures.kl),
        "top1": _estimate(figures.top1),
        "perplexity": _estimate(figures.perplexity),
    }
    lines = evidence.functions(contestant)
    if lines:
        found["right"], found["asked"] = sum(each.right for each in lines), sum(each.asked for each in lines)
    return found


def _estimate(figure: Estimate) -> list[common.Json]:
    return [round(number, 4) for number in (figure.value, figure.interval.low, figure.interval.high)]


def _speeds(evidence: Evidence, contestant: Contestant) -> Mapping[str, common.Json]:
    speed = evidence.compared.speed(contestant)
    if speed is None:
        return {}
    return {
        "first_token": round(speed.warm, 4),
        "first_token_with_loading": round(speed.cold, 4),
        "tokens_per_second": round(speed.speed, 2),
        "processor_ms_per_token": round(speed.processor, 3),
    }


def _abilities(lines: Sequence[Line]) -> Mapping[str, common.Json]:
    if not lines:
        return {}
    kinds: list[common.Json] = [
        {"kind": line.kind.value, "language": line.language.value, **_share(line.right, line.asked)} for line in lines
    ]
    return {"abilities": kinds, "all": _share(sum(x.right for x in lines), sum(x.asked for x in lines))}


def _share(right: int, asked: int) -> dict[str, common.Json]:
    interval = wilson(right, asked)
    return {"right": right, "asked": asked, "interval": [round(interval.low, 4), round(interval.high, 4)]}


def _verdict(found: Verdict) -> dict[str, common.Json]:
    return {
        "student": found.student.name,
        "rival": found.rival.name,
        "further": _estimate(found.further),
        "beats": found.beats,
        "words": found.words,
    }


def _as_json(evidence: Evidence) -> dict[str, common.Json]:
    compared = evidence.compared
    return {
        "tokens": compared.figures[evidence.student.fingerprint].tokens,
        "models": [
            {
                "name": each.name,
                **_figures(evidence, each),
                **_speeds(evidence, each),
                **_abilities(evidence.functions(each)),
            }
            for each in compared.contestants
        ],
        "verdicts": [_verdict(each) for each in evidence.verdicts.values()],
        "functions": list(evidence.sentences()),
    }


def _print(evidence: Evidence) -> None:
    compared = evidence.compared
    first = compared.figures[evidence.student.fingerprint]
    width = max(len(each.name) for each in compared.contestants)
    common.say(f"{len(first.prompts):,} held-out answers, {first.tokens:,} tokens; 95 % intervals over answers")
    for each in compared.contestants:
        figures, speed = compared.figures[each.fingerprint], compared.speed(each)
        quick = "" if speed is None else f"  first token {speed.warm:.2f} s, {speed.speed:.0f} tokens/s"
        common.say(
            f"  {each.name:<{width}}  {format_bytes(each.size):>8}  KL {figures.kl}  top-1 {figures.top1}  "
            f"perplexity {figures.perplexity.value:.2f}{quick}"
        )
    for contestant in compared.contestants:
        lines = evidence.functions(contestant)
        if lines:
            common.say(f"{contestant.name}: right {sum(x.right for x in lines)} of {sum(x.asked for x in lines)} tasks")
            for line in lines:
                interval = f"95 %: {line.interval.low:.0%} to {line.interval.high:.0%}"
                share = f"{line.right:>3} of {line.asked:<3} {line.share:>4.0%}  {interval}"
                common.say(f"  {KIND_NAMES[line.kind]:<24}{LANGUAGE_NAMES[line.language]:<9}{share}")
            common.say(f"  {summary_of(lines)}")
    for verdict in evidence.verdicts.values():
        common.say(verdict.words)
    if evidence.only_against:
        common.warn(f"held against {', '.join(evidence.only_against)} alone; another format may be nearer")
    for sentence in evidence.sentences():
        common.say(sentence)
