"""Every file of the program's own comes to every harm: it starts in time, says one sentence, and keeps the old one."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from desktop.models.catalog import load_catalog
from tests.torture.answering import AnsweringProcess
from tests.torture.results import Outcome, Run
from tests.torture.state_files import CONVERSATION, Harm, StateFile, cases

_MOST_S: Final = 10.0
_ROOT: Final = Path(__file__).parents[2]
_CATALOG: Final = _ROOT / "models.json"
# Of those with an own moment of the clock, ten years forward and back.
_HOURS: Final = (0, 0, 0, 87_600, -87_600)


def run(run: Run) -> Iterator[Outcome]:
    """Tries each file with each harm; the short form a third of them, other ones for each seed."""
    all_cases = tuple(cases())
    numbers = list(range(len(all_cases)))
    if run.is_short:
        numbers = sorted(random.Random(run.seed).sample(numbers, len(numbers) // 3))
    with AnsweringProcess(_command, 2 * _MOST_S) as victim:
        for number in numbers:
            if not run.only or number in run.only:
                file, harm = all_cases[number]
                yield _try(victim, run, number, file, harm)


def _command() -> tuple[list[str], dict[str, str]]:
    """Starts the program's services again and again."""
    return [sys.executable, "-m", "tests.torture.state_victim"], {}


def _try(victim: AnsweringProcess, run: Run, number: int, file: StateFile, harm: Harm) -> Outcome:
    rng = random.Random(f"{run.seed} {number}")
    folder = run.folder / str(number)
    model = load_catalog(_CATALOG).models[0].file
    state = hashlib.sha256(CONVERSATION.encode()).hexdigest()[:32]
    path = folder / file.path.replace("@", state).replace("model.gguf", model)
    path.parent.mkdir(parents=True)
    if not file.kept:  # what it is about
        for name in (model, f"{model}.part", f"{state}.state"):
            (path.parent / name).write_bytes(bytes(9))
    harm.write(file, path, rng)
    node = path.lstat().st_ino
    order = {"folder": str(folder), "catalog": str(_CATALOG), "conversation": CONVERSATION, "hours": rng.choice(_HOURS)}
    began = time.monotonic()
    answer = victim.ask(order)
    seconds = time.monotonic() - began
    lost = answer if isinstance(answer, str) else _judge(answer, file, harm, path, node)
    ending = "lost"
    if not lost and isinstance(answer, dict):
        ending = "refused" if answer["refused"] else "said" if answer["sentences"] else "started"
    kept = run.keep(path, f"state-{number}-{path.name}") if lost else None
    _remove(folder)
    again = f"--seed {run.seed} --part state --only {number}"
    return Outcome("state", file.path, f"{file.path}: {harm.name}", ending, lost, again, kept, seconds)


def _judge(answer: dict[str, Any], file: StateFile, harm: Harm, path: Path, node: int) -> str:
    """Returns what was lost; empty: nothing."""
    if answer["failure"]:
        return str(answer["failure"])
    if answer["refused"]:
        return f"it does not start: {answer['refused']}"
    left = list(path.parent.parent.rglob("*.tmp"))
    if left:
        return f"left behind: {left}"
    # The number alone says little: a file that was removed leaves its own to the next one.
    moved = [each for each in path.parent.glob(f"{path.stem}.*-*") if each.lstat().st_ino == node]
    if file.kept and not harm.is_used:
        if not moved and not (os.path.lexists(path) and path.lstat().st_ino == node):
            return "the bad file was not kept"
        if len(answer["sentences"]) != 1 or not any(str(path.parent) in each for each in answer["sentences"]):
            return f"one sentence that names the file was to be said, not {answer['sentences']}"
    if moved and file.kept and not answer["sentences"]:
        return "it was put aside without a word"
    # What a newer version wrote stays in its place until there is something to write.
    if any("out of range" not in each and "newer" not in each for each in answer["again"]):
        return f"said twice: {answer['again']}"
    return ""


def _remove(folder: Path) -> None:
    for each in folder.rglob("*"):
        if not each.is_symlink() and each.is_file():
            os.chmod(each, 0o600)  # noqa: PTH101 (Windows deletes no file that may not be written)
    shutil.rmtree(folder, ignore_errors=True)
