"""``catnap check``: what a model can do, asked with tasks that code can mark, and what a setting changes of that."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from desktop.check.comparison import Comparison, compare
from desktop.check.store import Record, ResultStore, Setup, read_record
from desktop.check.summary import lines_of, summary_of
from desktop.check.tasks import TaskSet, builtin_tasks, digest_of, document_of, load_tasks
from desktop.check.types import KIND_NAMES, LANGUAGE_NAMES, WHY_NOT, Kind, Outcome, TaskResult, Why
from desktop.cli import common
from desktop.cli.checker import Checker, CheckOrders
from desktop.common.errors import Cancelled, UserFacingError
from desktop.common.json_file import JsonError, read_json, write_json
from desktop.engine.types import KvType
from desktop.settings.options import Settings

_COMPARED: Final = ("kv_type", "model")


@dataclass(frozen=True)
class CheckRequest:
    """Arguments of the verb.

    Attributes:
        model: An id or the path of a GGUF file; None: the one in use.
        kinds: Which kinds of tasks; empty: all.
        tasks: A file with other tasks than those of the program.
        compare: Settings such as ``kv_type=q4_0``, or the file of another result; empty: nothing is compared.
        resume: Only go on with a check that was paused.
        again: Ask all tasks once more.
        anyway: Also on battery.
        from_ratings: Where the answers that were marked down are written as tasks; nothing else is done then.
    """

    model: str | None = None
    kinds: tuple[Kind, ...] = ()
    tasks: str | None = None
    compare: tuple[str, ...] = ()
    resume: bool = False
    again: bool = False
    anyway: bool = False
    from_ratings: str | None = None

    @classmethod
    def of(cls, parsed: argparse.Namespace) -> CheckRequest:
        """Returns what the arguments ask for.

        Raises:
            UserFacingError: There is no such kind.
        """
        names = [name.strip() for each in parsed.kinds or () for name in each.split(",") if name.strip()]
        known = {kind.value: kind for kind in Kind}
        if unknown := [name for name in names if name not in known]:
            raise UserFacingError("There is no such kind of tasks.", f"{unknown[0]}.", f"Known: {', '.join(known)}")
        return cls(
            parsed.target,
            tuple(dict.fromkeys(known[name] for name in names)),
            parsed.tasks,
            tuple(parsed.compare or ()),
            parsed.resume,
            parsed.again,
            parsed.anyway,
            parsed.from_ratings,
        )


def run(places: common.Places, request: CheckRequest, *, as_json: bool) -> int:
    """Runs the verb; see :mod:`desktop.cli.common` for what it raises."""
    if request.from_ratings is not None:
        return _write_ratings(places, common.absolute_path(request.from_ratings), as_json=as_json)
    tasks = _tasks(request)
    settings = places.settings()
    all_tasks = tasks if not request.kinds else _all_tasks(request)
    orders = CheckOrders(resume=request.resume, again=request.again, anyway=request.anyway)
    checker = Checker(places, tasks, all_tasks, ResultStore(places.paths.checks_dir), orders)
    other, other_settings, other_model = _other(request, settings)
    try:
        mine = checker.check(settings, request.model)
        theirs = other or (checker.check(other_settings, other_model or request.model) if request.compare else None)
    except Cancelled:
        return common.INTERRUPTED
    finally:
        if checker.store.problem is not None:
            common.warn(str(checker.store.problem.as_error()))
    wanted = {task.id: digest_of(task) for task in tasks.tasks}
    results = tuple(each for each in mine.results if wanted.get(each.task_id) == each.digest)
    comparison = None if theirs is None else compare(results, theirs.results)
    if as_json:
        common.print_json(_as_json(mine, results, theirs, comparison))
        return common.DONE
    _print(mine, results)
    if theirs is not None and comparison is not None:
        same = tuple(each for each in theirs.results if wanted.get(each.task_id) == each.digest)
        print()
        _print(theirs, same)
        print()
        first, second = _called(mine.setup, theirs.setup)
        common.say(comparison.words(first, second))
    return common.DONE


def _write_ratings(places: common.Places, file: Path, *, as_json: bool) -> int:
    from desktop.check.ratings import ABOUT, tasks_of
    from desktop.history.store import History

    if not places.paths.history_file.exists():
        marked = []
    else:
        history = History(places.paths.history_file, beside=True)
        try:
            marked = [each for each in history.rated_answers() if not each.is_good]
        finally:
            history.close()
    tasks = tasks_of((each.message_id, each.turns) for each in marked).tasks
    if not tasks:
        raise UserFacingError(
            "No answer was marked down, so there is nothing to write.",
            "",
            "Below each answer in the window there is a thumb down.",
        )
    if file.exists():
        raise UserFacingError("There is such a file already.", f"{file}.", "Give another name.")
    write_json(file, document_of(tasks, ABOUT), unnamed=True)
    if as_json:
        common.print_json({"file": str(file), "tasks": len(tasks)})
    else:
        common.say(f"{len(tasks):,} tasks in {file}")
    return common.DONE


def _tasks(request: CheckRequest) -> TaskSet:
    tasks = _all_tasks(request)
    if not request.kinds:
        return tasks
    wanted = tasks.only(request.kinds)
    if not wanted.tasks:
        raise UserFacingError("There are no tasks of these kinds.", ", ".join(kind.value for kind in request.kinds))
    return wanted


def _all_tasks(request: CheckRequest) -> TaskSet:
    return builtin_tasks() if request.tasks is None else load_tasks(common.absolute_path(request.tasks))


def _other(request: CheckRequest, settings: Settings) -> tuple[Record | None, Settings, str | None]:
    """Returns what to compare with: a result, or other settings and another model."""
    model = None
    for each in request.compare:
        name, separator, value = each.partition("=")
        if not separator or name not in _COMPARED:
            if len(request.compare) > 1:
                raise UserFacingError(
                    "This cannot be compared.", f"{each}.", f"Known: {'=..., '.join(_COMPARED)}=..., or one file."
                )
            return _result_at(each), settings, None
        if name == "model":
            model = value
        elif value not in (kinds := [kind.value for kind in KvType]):
            raise UserFacingError("There is no such KV type.", f"{value}.", f"Known: {', '.join(kinds)}")
        else:
            settings = replace(settings, kv_type=value)
    return None, settings, model


def _result_at(name: str) -> Record:
    path = common.absolute_path(name)
    # Looked at first: what is no result of ours must not be set aside.
    record = read_record(path) if path.suffix == ".json" and _is_result(path) else None
    if record is None:
        raise UserFacingError(
            "This is neither a setting to compare with nor the result of a check.",
            f"{name}.",
            "Give kv_type=q4_0, model=ID, or a file of the folder checks in Catnap's data folder.",
        )
    return record


def _is_result(path: Path) -> bool:
    try:
        document = read_json(path, most=64_000_000)
    except (OSError, JsonError):
        return False
    return isinstance(document, dict) and {"version", "setup", "results"} <= document.keys()


def _called(first: Setup, second: Setup) -> tuple[str, str]:
    if first.fingerprint != second.fingerprint:
        return first.model, second.model
    if first.kv_type != second.kv_type:
        return f"KV type {first.kv_type}", f"KV type {second.kv_type}"
    return first.build, second.build


def _print(record: Record, results: Sequence[TaskResult]) -> None:
    setup = record.setup
    common.say(f"{setup.model}, {setup.quantisation or 'unknown quantisation'}, KV type {setup.kv_type}, {setup.build}")
    lines = lines_of(results)
    for line in lines:
        figures = f"{line.right:>3} of {line.asked:<3}"
        interval = (
            f"{line.share:>5.0%}  95 %: {line.interval.low:.0%} to {line.interval.high:.0%}" if line.asked else ""
        )
        left_out = f"  not asked: {line.not_asked}" if line.not_asked else ""
        print(f"  {KIND_NAMES[line.kind]:<24}{LANGUAGE_NAMES[line.language]:<9}{figures}{interval}{left_out}")
    for why in dict.fromkeys(each.why for each in results if each.why is not Why.NOTHING):
        print(f"  Not asked: {WHY_NOT[why]}")
    print(summary_of(lines))


def _as_json(
    record: Record, results: Sequence[TaskResult], theirs: Record | None, comparison: Comparison | None
) -> dict[str, common.Json]:
    compared: dict[str, common.Json] | None = None
    if theirs is not None and comparison is not None:
        compared = {
            **_setup_json(theirs.setup),
            "tasks": comparison.tasks,
            "both": comparison.both,
            "only_first": comparison.only_first,
            "only_second": comparison.only_second,
            "neither": comparison.neither,
            "p": comparison.p,
            "words": comparison.words(*_called(record.setup, theirs.setup)),
        }
    lines = lines_of(results)
    return {
        **_setup_json(record.setup),
        "at": record.at,
        "summary": summary_of(lines),
        "kinds": [
            {
                "kind": line.kind.value,
                "language": line.language.value,
                "right": line.right,
                "asked": line.asked,
                "not_asked": line.not_asked,
                "low": round(line.interval.low, 4),
                "high": round(line.interval.high, 4),
            }
            for line in lines
        ],
        "wrong": [each.task_id for each in results if each.outcome is Outcome.WRONG],
        "compared": compared,
    }


def _setup_json(setup: Setup) -> dict[str, Any]:
    return {
        "id": setup.id,
        "model": setup.model,
        "quantisation": setup.quantisation,
        "kv_type": setup.kv_type,
        "build": setup.build,
        "task_file": setup.task_file,
    }
