"""The last step of ``student``: a student becomes one of the app's models."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from desktop.check.store import ResultStore, fingerprint_of
from desktop.cli import common
from desktop.cli.inventory import Inventory
from desktop.cli.models import try_model
from desktop.cli.student.telling import Teller
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import UserFacingError
from desktop.gguf.header import read_header
from desktop.lifecycle.checking.setup import place_of
from desktop.models.remembered.verdicts import Outcome
from desktop.models.students import StudentCard
from desktop.models.types import InstalledModel
from desktop.student.attribution import attribution_of
from desktop.student.exporting import newest_student, student_file
from desktop.student.project import Project
from desktop.student.report.evidence import gather
from desktop.student.results import CHECKS
from desktop.student.steps import Step

_UNUSUAL: Final = re.compile(r"[^\w.+-]+")
_LONGEST: Final = 150


def install(places: common.Places, project: Project, wish: argparse.Namespace, teller: Teller | None = None) -> int:
    """Copies a student into the model folder, lists it with its card, and tries it as any file that was imported."""
    teller = teller or Teller()
    source = newest_student(project) if wish.model is None else student_file(project, wish.model)
    settings, offer = places.settings(), places.offer()
    inventory = Inventory(settings, offer, places.library(settings, offer), places.paths)
    total = source.stat().st_size

    def watch(done: int, _total: int) -> None:
        teller.show(Step.INSTALL, done, total, None, "bytes copied")

    try:
        model = inventory.library.add_student(
            source, installed_name(project, source), wish.name or _label(project, source), _card(project, source), watch
        )
    finally:
        teller.clear()
    candidate = inventory.library.identify(model.path)
    try:
        verdict = try_model(inventory, model, candidate)
    except KeyboardInterrupt:
        inventory.library.remove(model.id)
        raise
    _keep_check(places, project, model)
    problem = verdict.problem
    if wish.json:
        said = None if problem is None else str(problem)
        common.print_json({"id": model.id, "name": model.name, "path": str(model.path), "problem": said})
    else:
        common.say(f"{model.name} is installed, {format_bytes(model.size)}: --model {model.id}")
    if problem is not None:
        common.warn(str(problem))
    return common.DONE if verdict.outcome is Outcome.WORKS or verdict.is_open else common.FAILED


def installed_name(project: Project, source: Path) -> str:
    """Returns what a student's file is called in the model folder: after its teacher, then itself."""
    teacher = _UNUSUAL.sub("-", attribution_of(project).name).strip("-.")
    return f"{teacher[: _LONGEST - len(source.stem)]}-{source.stem}".strip("-.") + ".gguf"


def _label(project: Project, source: Path) -> str:
    header = read_header(source)
    name = attribution_of(project).name
    try:
        layers = read_header(project.base).n_layers
    except UserFacingError:  # the teacher is gone, and is not needed any more
        return name
    return f"{name}, {header.n_layers} of {layers} layers, {header.quantisation}"


def _card(project: Project, source: Path) -> StudentCard:
    owner = attribution_of(project)
    card = StudentCard(owner.name, owner.makers, owner.licence, owner.address)
    try:
        evidence = gather(project, source.name)
    except UserFacingError:  # nobody has compared it
        return card
    # A teacher elsewhere was not asked any tasks: what was compared is the model that the student was made of.
    reading = evidence.reading if project.manifest.student is None else None
    return (
        card
        if reading is None
        else replace(card, reads=reading.right, teacher_reads=reading.teacher, asked=reading.asked)
    )


def _keep_check(places: common.Places, project: Project, model: InstalledModel) -> None:
    """Has the app know what the function check has found: it belongs to the very file, wherever that lies."""
    fingerprint = fingerprint_of([model.path])
    ours = ResultStore(places.paths.checks_dir)
    for record in ResultStore(project.folder / CHECKS).all():
        if record.setup.fingerprint == fingerprint:
            known = ours.open(replace(record.setup, model=model.name, place=place_of(model.path, model.size)))
            for result in record.results:
                if known.result_of(result.task_id, result.digest) is None:
                    known.add(result)
