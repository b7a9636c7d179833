"""``catnap models``: what can be had, what is installed; download, import, verify, remove."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass

from desktop.cli import common
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import UserFacingError
from desktop.common.paths import Paths
from desktop.engine.footprint import Fit
from desktop.lifecycle.context_size import look_around
from desktop.lifecycle.trial import TrialPlanner
from desktop.machine.cpu import read_features
from desktop.models.download.downloader import DownloadControl, Downloader
from desktop.models.library import Candidate, Library
from desktop.models.types import Catalog, DownloadProgress, DownloadState, InstalledModel, ModelSpec
from desktop.models.verdicts import Outcome, Verdict
from desktop.settings.for_engine import engine_config
from desktop.settings.options import Settings

_BAR = 24  # characters


@dataclass(frozen=True)
class _Inventory:
    """What the actions work with."""

    settings: Settings
    offer: Catalog
    library: Library
    paths: Paths

    def downloader(self) -> Downloader:
        return Downloader(self.library.folder, mirror=self.settings.mirror, own_host=self.settings.own_host)

    def spec(self, model_id: str) -> ModelSpec:
        """Returns a model of the catalogue; UserFacingError when it has none of that name."""
        spec = self.offer.get(model_id)
        if spec is None:
            raise UserFacingError("There is no such model.", f"{model_id}.", "See: catnap models list")
        return spec


def run(places: common.Places, action: str, target: str | None, *, as_json: bool) -> int:
    """Runs one action; see :mod:`desktop.cli.common` for what it raises.

    Args:
        places: Where things are.
        action: list, download, import, verify or remove.
        target: Its argument; None only where it may be left out.
        as_json: Print one JSON object instead of lines.
    """
    settings = places.settings()
    offer = places.offer()
    inventory = _Inventory(settings, offer, places.library(settings, offer), places.paths)
    if action == "list":
        return _list(inventory, as_json)
    if action == "verify":
        return _verify(inventory, target, as_json)
    assert target is not None  # the parser demands it
    actions: dict[str, Callable[[_Inventory, str, bool], int]] = {
        "download": _download,
        "import": _import,
        "remove": _remove,
    }
    return actions[action](inventory, target, as_json)


def _list(inventory: _Inventory, as_json: bool) -> int:
    installed = {model.id: model for model in inventory.library.installed()}
    if inventory.library.load_problem is not None:
        common.warn(str(inventory.library.load_problem))
    advice = common.memory_fit(inventory.settings, inventory.offer)
    best = advice.recommended()
    downloader = inventory.downloader()
    rows: list[common.Json] = []
    for spec in inventory.offer.offered(read_features(), installed).models:
        model = installed.pop(spec.id, None)
        part = 0 if model else downloader.partial(spec)
        fitting = advice.judge(spec).fit is not Fit.TOO_BIG
        notes = _notes(inventory, spec.id, model, part=part, size=spec.size, best=spec.id == best, fitting=fitting)
        if not as_json:
            common.say(f"{spec.id:<24} {format_bytes(spec.size):>8}  {spec.name}{notes}")
        rows.append(
            _row(inventory, spec.id, spec.name, spec.size, model, part=part, best=spec.id == best, fitting=fitting)
        )
    for model in installed.values():
        if not as_json:
            notes = _notes(inventory, model.id, model, part=0, size=model.size, best=False, fitting=True)
            common.say(f"{model.id}  {format_bytes(model.size)}  {model.name}{notes}")
        rows.append(_row(inventory, model.id, model.name, model.size, model, part=0, best=False, fitting=None))
    if as_json:
        common.print_json({"folder": str(inventory.library.folder), "models": rows})
    return common.DONE


def _notes(
    inventory: _Inventory,
    model_id: str,
    model: InstalledModel | None,
    *,
    part: int,
    size: int,
    best: bool,
    fitting: bool,
) -> str:
    notes = []
    if model is not None:
        notes.append("its file is gone" if model.missing else "does not work" if model.is_bad else "installed")
    if part:
        notes.append(f"{part / size:.0%} downloaded")
    if model_id == inventory.settings.model:
        notes.append("in use")
    if best:
        notes.append("recommended for this machine")
    spec = inventory.offer.get(model_id)
    if spec is not None and spec.variant_of is not None:
        base = f"same model as {spec.variant_of}, quality not compared"
        notes.append(f"{base}; quicker on processors with {', '.join(spec.best_for).upper()}")
    if not fitting:
        notes.append("too large for the memory of this machine")
    return f"  [{', '.join(notes)}]" if notes else ""


def _row(
    inventory: _Inventory,
    model_id: str,
    name: str,
    size: int,
    model: InstalledModel | None,
    *,
    part: int,
    best: bool,
    fitting: bool | None,
) -> common.Json:
    spec = inventory.offer.get(model_id)
    return {
        "id": model_id,
        "name": name,
        "size": size,
        "installed": model is not None and not model.missing,
        "missing": model is not None and model.missing,
        "path": str(model.path) if model else None,
        "downloaded_bytes": part,
        "in_use": model_id == inventory.settings.model,
        "recommended": best,
        "fits": fitting,
        "summary": spec.summary_en if spec else None,
        "languages": list(spec.languages) if spec else None,
        "licence": spec.licence if spec else None,
        "variant_of": spec.variant_of if spec else None,
        "best_for": list(spec.best_for) if spec else None,
    }


def _download(inventory: _Inventory, model_id: str, as_json: bool) -> int:
    spec = inventory.spec(model_id)
    if spec.licence_must_be_shown:
        common.warn(f"{spec.name} comes under the {spec.licence}; using it means accepting its terms")
    line = common.ProgressLine()
    try:
        # Ctrl+C cancels the task, which closes the part file; the next download goes on with it.
        path = asyncio.run(
            inventory.downloader().download(spec, lambda state: line.show(_bar(state)), DownloadControl())
        )
    except KeyboardInterrupt:
        line.clear()
        kept = inventory.downloader().partial(spec)
        if kept:
            common.warn(f"stopped; {format_bytes(kept)} are kept, the same command goes on with them")
        raise
    finally:
        line.clear()
    if as_json:
        common.print_json({"id": spec.id, "path": str(path), "size": spec.size})
    else:
        common.say(f"{spec.id} is installed: {path}")
    return common.DONE


def _bar(progress: DownloadProgress) -> str:
    share = progress.done / progress.total if progress.total else 0.0
    filled = int(share * _BAR)
    parts = [f"[{'#' * filled}{'.' * (_BAR - filled)}] {share:4.0%}"]
    parts.append(f"{format_bytes(progress.done)} of {format_bytes(progress.total)}")
    if progress.state is not DownloadState.RUNNING:
        parts.append(progress.state.value)
    if progress.speed:
        parts.append(f"{format_bytes(round(progress.speed))}/s")
    if progress.eta is not None:
        minutes, seconds = divmod(round(progress.eta), 60)
        parts.append(f"{minutes}:{seconds:02d} left")
    if progress.host:
        parts.append(progress.host)
    return "  ".join(parts)[: shutil.get_terminal_size().columns - 1]


def _import(inventory: _Inventory, path: str, as_json: bool) -> int:
    library = inventory.library
    candidate = library.examine(common.absolute_path(path))
    is_new = not library.has_imported(candidate.path)
    model = library.add(candidate)
    try:
        verdict = None if model.is_vouched else _try(inventory, model, candidate)
    except KeyboardInterrupt:
        if is_new and model.spec is None:
            library.remove(model.id)
        raise
    problem = verdict.problem if verdict is not None else None
    if as_json:
        common.print_json(
            {
                "id": model.id,
                "name": model.name,
                "path": str(model.path),
                "size": model.size,
                "verdict": verdict.outcome.value if verdict is not None else Outcome.WORKS.value,
                "problem": str(problem) if problem is not None else None,
            }
        )
    elif problem is None:
        common.say(f"{model.name} can be used from where it lies: --model {model.id}")
    else:
        common.say(f"{model.name} is listed: {model.id}")
    if problem is not None:
        common.warn(str(problem))
    return common.FAILED if verdict is not None and verdict.is_bad else common.DONE


def _try(inventory: _Inventory, model: InstalledModel, candidate: Candidate) -> Verdict:
    """Tries a model in a process of its own, if it fits into memory; remembers what came of it."""
    settings, line = inventory.settings, common.ProgressLine()
    planner = TrialPlanner(
        common.memory_fit(settings, inventory.offer),
        lambda: settings,
        lambda path: engine_config(settings, path, inventory.paths, look_around(path)),
    )
    plan = planner(model, candidate.header)
    if isinstance(plan, Verdict):
        verdict = plan
    else:
        line.show(f"trying {model.name}")
        try:
            verdict = plan.run(threading.Event())
        finally:
            line.clear()
    inventory.library.remember_verdict(candidate.file, verdict)
    return verdict


def _verify(inventory: _Inventory, model_id: str | None, as_json: bool) -> int:
    # By its name first, so that an unknown one is an error and not a list of none.
    ids = [model.id for model in inventory.library.installed()] if model_id is None else [model_id]
    results: dict[str, bool] = {}
    for each in ids:
        line = common.ProgressLine()
        try:
            results[each] = inventory.library.verify(each, _Checking(line, each).show, None)
        finally:
            line.clear()
        if not as_json:
            common.say(f"{each}: {'intact' if results[each] else 'damaged'}")
    if as_json:
        common.print_json({"models": [{"id": each, "intact": intact} for each, intact in results.items()]})
    if not ids and not as_json:
        print("No model is installed.")
    damaged = [each for each, intact in results.items() if not intact]
    if damaged:
        common.warn(
            f"not what was published: {', '.join(damaged)}; downloaded files were set aside, download them again"
        )
        return common.FAILED
    return common.DONE


@dataclass(frozen=True)
class _Checking:
    """Shows how far the check of one model is."""

    line: common.ProgressLine
    model_id: str

    def show(self, done: int, total: int) -> None:
        self.line.show(f"{self.model_id}: {done / total if total else 1:.0%} read")


def _remove(inventory: _Inventory, model_id: str, as_json: bool) -> int:
    model = next((model for model in inventory.library.installed() if model.id == model_id), None)
    spec = inventory.offer.get(model_id)
    part = inventory.downloader().partial(spec) if spec else 0
    if model is None and not part:
        raise UserFacingError("This model is not installed.", f"{model_id}.", "See: catnap models list")
    if model is not None:
        inventory.library.remove(model_id)
    if spec is not None and part:
        inventory.downloader().discard(spec)
    forgotten = model is not None and model.spec is None
    if as_json:
        common.print_json({"id": model_id, "freed_bytes": 0 if forgotten else part + (model.size if model else 0)})
    elif forgotten and model is not None:
        common.say(f"{model.name} is no longer listed; its file stays: {model.path}")
    else:
        common.say(f"{model_id} is removed")
    return common.DONE
