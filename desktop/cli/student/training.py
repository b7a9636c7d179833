"""The step of ``student`` that has it learn: in a process of its own, in an environment that has PyTorch."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from desktop.cli import common
from desktop.cli.student.alone import PROCESS_SECONDS, alone_at, alone_in
from desktop.cli.student.prompting import sets_of
from desktop.cli.student.telling import Teller
from desktop.cli.student.wording import in_words, to_type
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import UserFacingError
from desktop.gguf.header import read_header
from desktop.student.collecting import planned
from desktop.student.environment import TrainingEnvironment, find_environment
from desktop.student.exporting import student_file
from desktop.student.project import Project
from desktop.student.prompts import Prompt
from desktop.student.steps import Step
from desktop.student.training.launching import ENDS, TrainingProcess
from desktop.student.training.preparation import (
    check_families,
    finish_answers,
    finish_questions,
    finish_training,
    folder_of,
    prepare_answers,
    prepare_questions,
    prepare_training,
    settings_for,
)
from desktop.student.training.settings import TrainingSettings


def train(project: Project, wish: argparse.Namespace, held_out: Sequence[Prompt], teller: Teller | None = None) -> int:
    """Has a student learn, or go on with that.

    Args:
        project: That it belongs to.
        wish: What was typed.
        held_out: Prompts that are not learnt from.
        teller: Told how far it is.

    Raises:
        UserFacingError: Something is missing, or it goes wrong.
    """
    if planned(project) is None or not project.collected.exists():
        raise UserFacingError("There is nothing to learn from yet.", "", "First: catnap student collect DIR")
    student = _student(project, wish.model)
    settings = settings_for(project, student, _said(wish))
    name = wish.name or f"{student.stem}-trained"
    environment = find_environment(None if wish.python is None else common.absolute_path(wish.python))
    also = [Project.open(common.absolute_path(folder)) for folder in wish.also]
    teller = teller or Teller()
    teller.show(Step.TRAIN, 0, 0, None, "writing the student with 16 bits a weight, which training needs")
    with alone_in(folder_of(project, name)) as held:
        try:
            folder = prepare_training(
                project,
                student,
                name,
                settings,
                left_out=[prompt.id for prompt in held_out],
                also=also,
                anew=wish.anew,
            )
            teller.clear()
            plan, done = _trained(environment, folder, settings, wish, teller, held)
        finally:
            teller.clear()
    if done["kind"] == "paused":
        common.warn(f"paused after {done['step']:,} steps; the same command goes on")
        raise KeyboardInterrupt
    target = finish_training(project, folder, settings, student, plan, done)
    run = project.manifest.last("train")
    assert run is not None
    if wish.json:
        common.print_json({"file": str(target), **run.figures, "curve": str(folder / "curve.csv")})
    else:
        common.say(f"{target.name}: {format_bytes(target.stat().st_size)}, 16 bits a weight.")
        common.say(
            f"On {plan['looked_at']} answers that it did not learn from: KL {run.figures['kl_before']:.3f} before, "
            f"{run.figures['kl']:.3f} after {run.figures['step']:,} steps; top-1 {run.figures['top1']:.3f}."
        )
        if share := run.figures["share_of_beginning"]:
            common.say(f"It is {share:.0%} what it began with: that mean is nearer than either.")
        common.say(f"Next: {to_type('export', wish.target, target.stem)}")
    return common.DONE


def check(project: Project, wish: argparse.Namespace) -> None:
    """Looks whether students of a project can learn here.

    Raises:
        UserFacingError: They cannot.
    """
    check_families(read_header(project.base))
    find_environment(None if wish.python is None else common.absolute_path(wish.python))


def answer_more(project: Project, wish: argparse.Namespace) -> int:
    """Has the teacher answer each prompt that is learnt from a few times more, or its own questions, many side by side.

    Raises:
        UserFacingError: Something is missing, or it goes wrong.
    """
    if not project.collected.exists():
        raise UserFacingError("There is nothing to answer once more yet.", "", "First: catnap student collect DIR")
    environment = find_environment(None if wish.python is None else common.absolute_path(wish.python))
    progress = common.ProgressLine()
    progress.show("writing the teacher with 16 bits a weight")
    told: Mapping[str, Any] = {}
    # The process that answers holds the lock as well: left alone it still writes what it is at.
    with alone_at(project, "answers", PROCESS_SECONDS) as held:
        try:
            if wish.questions:
                prompts = [prompt for part in sets_of(project) for prompt in part]
                folder = prepare_questions(project, prompts, wish.questions, wish.threads)
            else:
                folder = prepare_answers(project, wish.rounds, wish.threads)
            with TrainingProcess(environment, folder, wish.threads, what="answer", held=held) as process:
                for told in _heard(process, progress.show):
                    if told["kind"] == "answers" and told["tokens"]:
                        each = told["cpu_seconds"] / told["tokens"]
                        progress.show(
                            f"{told['done']:,} of {told['total']:,} answers, {told['tokens']:,} tokens, "
                            f"{1000 * each:.1f} ms of the processor each"
                        )
        finally:
            progress.clear()
        if wish.questions:
            finish_questions(project, folder, wish.questions, told)
        else:
            finish_answers(project, folder, wish.rounds, told)
    if told["kind"] == "paused":
        common.warn(f"paused after {told['answers']:,} answers; the same command goes on")
        raise KeyboardInterrupt
    if told["answers"] < wish.questions:
        common.warn("the teacher makes no other questions any more")
    if wish.json:
        common.print_json({"answers": told["answers"], "tokens": told["tokens"]})
    else:
        what = "answers to questions of its own" if wish.questions else "further answers"
        common.say(f"{told['answers']:,} {what}; {told['tokens']:,} tokens in this run.")
    return common.DONE


def _heard(process: TrainingProcess, show: Callable[[str], None]) -> Iterator[Mapping[str, Any]]:
    """Yields what a process tells, to its end; Ctrl+C stops it in its own time. On the main thread."""
    is_stopped = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal is_stopped
        is_stopped = True
        process.stop()

    # No exception: one would end the reading of what the process still says, and that would be taken for its end.
    before = signal.signal(signal.SIGINT, stop)
    try:
        for told in process.events():
            if is_stopped and told["kind"] not in ENDS:
                show("stopping, with everything kept")
            yield told
    finally:
        signal.signal(signal.SIGINT, before)


def _said(wish: argparse.Namespace) -> dict[str, Any]:
    names = (
        *("steps", "minutes", "batch", "rate", "falling", "averaged", "kl_share", "temperature"),
        *("consistency", "masked_tail"),
        *("lora_rank", "embedding", "seed", "validation", "every", "patience", "threads", "device"),
    )
    said = {name: getattr(wish, name) for name in names} | {"hidden": wish.hidden_states}
    return {name: value for name, value in said.items() if value is not None}


def _student(project: Project, named: str | None) -> Path:
    if named is not None:
        return student_file(project, named)
    run = project.manifest.last("prune")
    if run is None:
        raise UserFacingError(
            "There is no student yet that could learn.", "", "First: catnap student prune DIR --layers N"
        )
    return student_file(project, str(run.settings["name"]))


def _trained(
    environment: TrainingEnvironment,
    folder: Path,
    settings: TrainingSettings,
    wish: argparse.Namespace,
    teller: Teller,
    held: BinaryIO,
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    plan: Mapping[str, Any] = {}
    told: Mapping[str, Any] = {}
    last = ""
    with TrainingProcess(environment, folder, settings.threads, held=held) as process:
        for told in _heard(process, lambda words: teller.show(Step.TRAIN, 0, 0, None, words)):
            if told["kind"] == "plan":
                plan = told
                if not wish.json:
                    _say_plan(environment, plan, settings)
            elif told["kind"] == "look":
                last = f"; KL {told['kl']:.3f}, top-1 {told['top1']:.3f} after {told['step']:,}"
            elif told["kind"] == "step":
                _say_so_far(told, last, teller)
    return plan, told


def _say_so_far(told: Mapping[str, Any], last: str, teller: Teller) -> None:
    step, steps = told["step"], told["steps"]
    if not steps:
        teller.show(Step.TRAIN, 0, 0, None, f"step {step:,}, timing the first ones{last}")
    else:
        left = told["cpu_seconds"] / step * (steps - step)
        teller.show(Step.TRAIN, step, steps, left, f"steps{last}")


def _say_plan(environment: TrainingEnvironment, plan: Mapping[str, Any], settings: TrainingSettings) -> None:
    where = environment.gpu if plan["device"].startswith("cuda") else f"{settings.threads} thread(s)"
    if plan["resumed"]:
        common.say(f"Goes on after step {plan['step']:,}.")
    common.say(
        f"{plan['answers']:,} answers with {plan['answer_tokens']:,} tokens to learn from, {plan['looked_at']:,} to "
        f"look at on the way; {plan['learning']:,} of {plan['weights']:,} weights learn."
    )
    steps = f"{plan['steps']:,} steps" if plan["steps"] else f"{in_words(settings.minutes * 60)} of the processor"
    common.say(
        f"{steps}, {settings.batch} answers each, {where}, {plan['precision']}: about {format_bytes(plan['memory'])} "
        f"of memory and {format_bytes(plan['disk'])} of disk while it lasts. Ctrl+C pauses it."
    )
    common.say(f"The rate is {settings.rate:g}, and falls to 0 in the last {settings.falling:.0%} of the steps.")
    if plan["temperature"] < settings.temperature:
        common.warn(f"these answers are good up to temperature {plan['temperature']:g}, which is taken")
