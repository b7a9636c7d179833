"""The verb ``student``: a smaller model is made of one, step by step, in a folder of its own."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from desktop import __version__
from desktop.cli import common
from desktop.cli.student import installing, judging, making, running, training
from desktop.cli.student.alone import done_alone
from desktop.cli.student.prompting import sets_of
from desktop.cli.student.telling import Teller
from desktop.cli.student.wording import in_words, to_type
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import UserFacingError
from desktop.engine.distillation.client import AskedModel
from desktop.engine.distillation.messages import MOST_TOKENS
from desktop.gguf.header import GgufHeader, read_header
from desktop.student.collecting import Collecting, Plan, Teacher, make_plan, planned
from desktop.student.manifest import InputFile, Manifest, ProjectSettings, differences, now
from desktop.student.project import Project
from desktop.student.prompts import Prompt, builtin_prompts, digest_of, load_prompts, of_languages, split
from desktop.student.steps import Step
from desktop.student.teachers import ServedTeacher, TranslatedTeacher

# Prompts that a project needs: one to learn from, and one that is held out.
_FEWEST: Final = 2


def run(places: common.Places, wish: argparse.Namespace) -> int:
    """Runs the verb; see :mod:`desktop.cli.common` for what it raises."""
    if wish.action == "new":
        return begin(places, wish)
    if wish.action == "run":
        return running.run(places, wish, running.Doing(begin, plan, collect))
    project = Project.open(common.absolute_path(wish.target))

    def alone(step: str, do: Callable[[], int]) -> Callable[[], int]:
        return lambda: done_alone(project, step, do)

    steps: dict[str, Callable[[], int]] = {
        "status": lambda: _status(project, wish),
        "collect": alone("collect", lambda: collect(places, project, wish)),
        "prune": alone("prune", lambda: making.prune(project, wish)),
        "vocabulary": alone("vocabulary", lambda: making.shorten(project, wish)),
        "answers": lambda: training.answer_more(project, wish),
        "train": lambda: training.train(project, wish, sets_of(project)[1]),
        "export": alone("export", lambda: making.write(project, wish)),
        "check": alone("check", lambda: judging.check(places, project, wish)),
        "install": lambda: installing.install(places, project, wish),
        "report": lambda: judging.report(project, wish),
    }
    return steps[wish.action]()


def begin(places: common.Places, wish: argparse.Namespace) -> int:
    """Begins a project."""
    base = None if wish.student is None else _model(places, wish.student)
    teacher = None if wish.teacher is None else _model(places, wish.teacher)
    if base is None and teacher is None:
        raise UserFacingError(
            "A teacher on a server is asked, and cannot be made smaller itself.",
            "",
            "Name the model on this computer that is to learn from it: --student ID or PATH, of 0.5B say.",
        )
    first = base if base is not None else teacher
    assert first is not None
    wanted, languages = _settings(wish, read_header(first))
    file = None if wish.prompts is None else common.absolute_path(wish.prompts)
    prompts = of_languages(builtin_prompts() if file is None else load_prompts(file), languages)
    if len(prompts) < _FEWEST:
        spoken = f" in {', '.join(languages)}" if languages else ""
        raise UserFacingError(
            "There are too few prompts.",
            f"{len(prompts)}{spoken}.",
            "One at least is learnt from, and one held out: name more, or other --languages.",
        )
    if teacher is not None:
        said, name, where = InputFile.of(teacher), read_header(teacher).name, ""
    else:
        from desktop.cli.student import serving  # with what speaks to servers

        said, name, where = serving.chosen(places, wish.server)
    manifest = Manifest(
        teacher=said,
        teacher_name=name,
        prompts=None if file is None else InputFile.of(file),
        prompts_digest=digest_of(prompts),
        settings=wanted,
        build=f"Catnap {__version__}",
        at=now(),
        student=None if base is None else InputFile.of(base),
    )
    project = Project.create(common.absolute_path(wish.target), manifest)
    if wish.json:
        common.print_json({"folder": str(project.folder), "teacher": name, "prompts": len(prompts)})
        return common.DONE
    held_out = len(split(prompts, wanted.held_out, wanted.seed)[1])
    common.say(f"{project.folder}: {len(prompts):,} prompts for {name}{where}, {held_out:,} of them held out.")
    if base is not None:
        common.say(f"Students are made of {read_header(base).name}, and its tokens are what answers are kept in.")
    common.say(f"Next: {to_type('collect', wish.target)}")
    return common.DONE


def _model(places: common.Places, wanted: str) -> Path:
    return common.check_model(common.find_model(places, places.settings(), wanted)).path


def _settings(wish: argparse.Namespace, header: GgufHeader) -> tuple[ProjectSettings, tuple[str, ...]]:
    said = {
        "held_out": wish.held_out,
        "max_tokens": wish.max_tokens,
        "sampling_temperature": wish.sampling_temperature,
        "temperature": wish.temperature,
        "kept": wish.kept,
        "n_ctx": wish.ctx,
        "seed": wish.seed,
    }
    wanted = replace(ProjectSettings(), **{name: value for name, value in said.items() if value is not None})
    if wanted.temperature < 1:
        raise UserFacingError("A student is not trained below temperature 1.", f"{wanted.temperature}.")
    if wanted.n_ctx > MOST_TOKENS or wanted.max_tokens >= wanted.n_ctx:
        raise UserFacingError(
            "A prompt with its answer must fit into the context.",
            f"--max-tokens {wanted.max_tokens:,}, --ctx {wanted.n_ctx:,}.",
            f"Take fewer --max-tokens than --ctx, which is {MOST_TOKENS:,} at the most.",
        )
    spoken = header.metadata.get("general.languages")
    languages = tuple(str(code) for code in spoken) if isinstance(spoken, tuple) else ()
    if wish.languages is not None:
        languages = wish.languages
    return replace(wanted, languages=languages), languages


def _status(project: Project, wish: argparse.Namespace) -> int:
    manifest = project.manifest
    if wish.against is not None:
        lines = list(differences(manifest, Project.open(common.absolute_path(wish.against)).manifest))
        if wish.json:
            common.print_json({"differences": [*lines]})
        else:
            for line in lines or ["no difference"]:
                common.say(line)
        return common.DONE
    students = sorted(project.models.glob("*.gguf")) if project.models.is_dir() else []
    if wish.json:
        common.print_json(
            {
                "teacher": manifest.teacher_name,
                "seed": manifest.settings.seed,
                "runs": [
                    {"step": each.step, "at": each.at, "sequences": len(each.sequences), "digest": each.digest}
                    for each in manifest.runs
                ],
                "students": [{"file": each.name, "size": each.stat().st_size} for each in students],
            }
        )
        return common.DONE
    size = f", {format_bytes(manifest.teacher.size)}" if manifest.served is None else f" ({manifest.teacher.path})"
    common.say(f"Teacher: {manifest.teacher_name}{size}")
    if manifest.student is not None:
        common.say(f"Students are made of: {manifest.student.path}, {format_bytes(manifest.student.size)}")
    for each in manifest.runs:
        common.say(f"  {each.at}  {each.step}: {len(each.sequences):,} sequences ({each.digest})")
    for student in students:
        common.say(f"  {student.name}: {format_bytes(student.stat().st_size)}")
    common.say(f"Next: {_next_step(project, wish.target)}")
    return common.DONE


def _next_step(project: Project, target: str) -> str:
    """Returns the command that goes on with a project, or that nothing is left."""
    manifest = project.manifest
    order = {run.step: place for place, run in enumerate(manifest.runs)}
    done = manifest.last("collect")
    training, held_out = sets_of(project)
    answered = 0 if done is None else sum(int(done.figures.get(key, 0)) for key in ("training", "held_out", "left_out"))
    if not answered:
        return to_type("collect", target)
    if not {"prune", "vocabulary", "train"} & order.keys():
        more = f", or {to_type('collect', target)} for all {len(training) + len(held_out):,} prompts"
        is_whole = answered >= len(training) + len(held_out)
        return f"{to_type('prune', target)} --layers N, --ffn N or --heads N{'' if is_whole else more}"
    made = max(order.get(step, -1) for step in ("prune", "vocabulary", "train"))
    if "train" not in order:
        return f"{to_type('train', target)}; until then a student is quicker and speaks badly"
    if order.get("export", -1) < made:
        return f"{to_type('export', target)} MODEL"
    if order.get("check", -1) < order["export"]:
        return f"{to_type('check', target)} MODEL"
    return "nothing; its last student was checked"


def plan(places: common.Places, project: Project, wish: argparse.Namespace, teller: Teller) -> Plan:
    """Returns how answers are kept and how fast the teacher is; looks at a few answers the first time."""
    known = planned(project)
    if known is not None:
        return known
    training, held_out = sets_of(project)
    with _teacher(places, project, wish.threads, len(training) + len(held_out)) as teacher:
        return _planned(project, teacher, training, teller)


def _planned(project: Project, teacher: Teacher, training: Sequence[Prompt], teller: Teller) -> Plan:
    teller.show(Step.COLLECT, 0, 0, None, "looking at the first answers")
    made = make_plan(teacher, training, project.manifest.settings)
    teller.clear()
    project.add_run("collect", settings=made.__dict__)
    return made


def collect(places: common.Places, project: Project, wish: argparse.Namespace, teller: Teller | None = None) -> int:
    """Has the teacher answer the prompts that it has not answered yet."""
    teller = teller or Teller()
    settings = project.manifest.settings
    training, held_out = sets_of(project)
    if wish.limit is not None:
        training = training[: max(0, wish.limit - len(held_out))]
    with _teacher(places, project, wish.threads, len(training) + len(held_out)) as teacher:
        kept = planned(project) or _planned(project, teacher, training, teller)
        collecting = Collecting(project, teacher, training, held_out, kept)
        if not wish.json:
            _say_plan(kept, collecting.left, settings)
        with contextlib.closing(collecting), _written_down(collecting, teller):
            for step in collecting.steps():
                teller.show(Step.COLLECT, step.done, step.total, step.seconds_left, "prompts")
    run = project.manifest.last("collect")
    assert run is not None
    figures = {**run.figures, "bytes": project.collected.stat().st_size + project.held_out.stat().st_size}
    if wish.json:
        common.print_json({**figures, **run.settings, "capped": kept.is_capped})
    else:
        common.say(
            f"{figures['training']:,} answers to learn from, {figures['held_out']:,} held out, "
            f"{format_bytes(figures['bytes'])}."
        )
    return common.DONE


@contextlib.contextmanager
def _teacher(places: common.Places, project: Project, threads: int, prompts: int) -> Iterator[Teacher]:
    """Yields whoever answers; where it thinks in other tokens the student's model lies in memory, too."""
    manifest = project.manifest
    with contextlib.ExitStack() as open_models:

        def asked(path: Path) -> AskedModel:
            return open_models.enter_context(AskedModel(path, manifest.settings.n_ctx, threads))

        if manifest.served is not None:
            from desktop.cli.student import serving

            server = serving.asked(places, manifest.served, prompts, common.ProgressLine())
            yield ServedTeacher(open_models.enter_context(server), asked(project.base))
        elif manifest.student is not None:
            yield TranslatedTeacher(asked(project.teacher), asked(project.base))
        else:
            yield asked(project.teacher)


@contextlib.contextmanager
def _written_down(collecting: Collecting, teller: Teller) -> Iterator[None]:
    if collecting.lost:
        common.warn(f"answers that are damaged, or were not finished, are left out ({format_bytes(collecting.lost)})")
    try:
        yield
    except KeyboardInterrupt:
        teller.clear()
        common.warn(f"paused, {collecting.left:,} prompts left; the same command goes on")
        raise
    finally:
        teller.clear()
        collecting.write_down()
        if collecting.left_out:
            common.warn(f"{len(collecting.left_out):,} prompts do not fit into the context with an answer")


def _say_plan(plan: Plan, answers: int, settings: ProjectSettings) -> None:
    common.say(
        f"{answers:,} prompts, up to {in_words(plan.seconds(answers, settings))} and "
        f"{format_bytes(plan.size(answers, settings))}: {plan.tokens_per_second:.0f} tokens a second, "
        f"the best {plan.kept:,} logits of each, "
        f"which hold {plan.mass:.0%} of the probability at temperature {plan.temperature:g}."
    )
    if plan.is_capped:
        common.warn(
            f"at temperature {plan.asked:g} the best {plan.kept:,} hold {plan.mass_asked:.0%} only, so that nothing "
            f"true could be learnt from them: these answers are good up to temperature {plan.temperature:g}"
        )
