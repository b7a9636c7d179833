"""``catnap models``: what can be had, what is installed; download, add, import, rename, verify, remove; the network."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from desktop.cli import common
from desktop.cli.common import called
from desktop.cli.inventory import Inventory
from desktop.cli.model_list import list_models, show_info
from desktop.cli.network import asking_for_account, check
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import UserFacingError
from desktop.gguf.kind import ModelKind, cannot_chat
from desktop.lifecycle.context_size import look_around
from desktop.lifecycle.trial import TrialPlanner
from desktop.models.download.downloader import DownloadControl
from desktop.models.download.mirrors import OWN, hub_hosts
from desktop.models.hub.client import HubClient, http_network
from desktop.models.hub.links import parse_reference
from desktop.models.hub.places import check_addable, spec_for, taken_for
from desktop.models.library import Candidate
from desktop.models.remembered.facts import is_language
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.types import DownloadProgress, DownloadState, InstalledModel, ModelSpec
from desktop.settings.for_engine import engine_config

_BAR = 24  # characters


def run(
    places: common.Places,
    action: str,
    target: str | None,
    *,
    as_json: bool,
    name: str = "",
    languages: str | None = None,
) -> int:
    """Runs one action; see :mod:`desktop.cli.common` for what it raises.

    Args:
        places: Where things are.
        action: list, download, add, import, info, rename, verify, remove or network.
        target: Its argument; None only where it may be left out.
        name: To be shown, for rename.
        languages: Codes with commas between them, for rename; None: they stay.
        as_json: Print one JSON object instead of lines.
    """
    settings = places.settings()
    offer = places.offer()
    inventory = Inventory(settings, offer, places.library(settings, offer), places.paths)
    if action == "list":
        return list_models(inventory, as_json)
    if action == "verify":
        return _verify(inventory, target, as_json)
    if action == "network":
        return check(offer, settings, inventory.accounts, as_json=as_json)
    assert target is not None  # the parser demands it
    if action == "rename":
        return _rename(inventory, target, name, languages, as_json)
    actions: dict[str, Callable[[Inventory, str, bool], int]] = {
        "download": _download,
        "add": _add,
        "import": _import,
        "info": show_info,
        "remove": _remove,
    }
    return actions[action](inventory, target, as_json)


def _download(inventory: Inventory, model_id: str, as_json: bool) -> int:
    spec = inventory.spec(model_id)
    if spec.licence_must_be_shown:
        common.warn(f"{spec.name} comes under the {spec.licence}; using it means accepting its terms")
    path = _fetch(inventory, spec)
    if as_json:
        common.print_json({"id": spec.id, "path": str(path), "size": spec.size})
    else:
        common.say(f"{spec.id} is installed: {path}")
    return common.DONE


def _fetch(inventory: Inventory, spec: ModelSpec) -> Path:
    line = common.ProgressLine()

    def fetch() -> Path:
        try:
            return asyncio.run(
                inventory.downloader().download(spec, lambda state: line.show(_bar(state)), DownloadControl())
            )
        finally:
            line.clear()

    try:
        # Ctrl+C cancels the task, which closes the part file; the next download goes on with it.
        return asking_for_account(fetch, inventory.accounts)
    except KeyboardInterrupt:
        line.clear()
        kept = inventory.downloader().partial(spec)
        if kept:
            common.warn(f"stopped; {format_bytes(kept)} are kept, the same command goes on with them")
        raise


def _add(inventory: Inventory, text: str, as_json: bool) -> int:
    settings, library, accounts = inventory.settings, inventory.library, inventory.accounts
    asked = parse_reference(text, settings.own_host if settings.mirror == OWN else "")
    network = partial(http_network, accounts=accounts)
    hub = HubClient(lambda: hub_hosts(settings.mirror, settings.own_host), network=network)
    repo = asking_for_account(lambda: asyncio.run(hub.look(asked)), accounts)
    chosen = repo.proposed(asked)
    assert chosen is not None  # a repository without any has raised
    check_addable(repo, chosen)
    like_it = [model for model in repo.models if model.kind is chosen.kind]
    others = [model.quantisation or model.path for model in like_it if model is not chosen]
    if others and not asked.path and not asked.quantisation:
        common.warn(f"taking {chosen.path}; also there: {', '.join(dict.fromkeys(others))[:500]}")
    spec = spec_for(repo, chosen, taken_for(library, repo, chosen))
    library.add_spec(spec)
    path = _fetch(inventory, spec)
    candidate = library.identify(path)
    model = next(model for model in library.installed() if model.id == spec.id)
    problem: UserFacingError | None = None
    finds = candidate.facts.kind is ModelKind.EMBEDDING
    if not candidate.facts.kind.is_useful:
        problem = cannot_chat(candidate.facts.kind, str(path))
    elif model.needs_trial and not finds:
        problem = try_model(inventory, model, candidate).problem
    if as_json:
        said = str(problem) if problem is not None else None
        common.print_json({"id": spec.id, "name": spec.name, "path": str(path), "size": spec.size, "problem": said})
    elif finds:
        common.say(f"{spec.name} is installed, for finding by meaning: catnap libraries meaning {spec.id}")
    else:
        common.say(f"{spec.name} is installed: --model {spec.id}")
        _explain_base(candidate.facts.kind)
    if problem is not None:
        common.warn(str(problem))
    return common.FAILED if problem is not None else common.DONE


def _explain_base(kind: ModelKind) -> None:
    if kind is ModelKind.BASE:
        common.warn(common.BASE_MODEL)


def _rename(inventory: Inventory, model_id: str, name: str, languages: str | None, as_json: bool) -> int:
    model = inventory.model(model_id)
    codes = model.languages if languages is None else tuple(filter(None, languages.replace(" ", ",").split(",")))
    if unknown := [code for code in codes if not is_language(code.strip().lower())]:
        raise UserFacingError("This is no code of a language.", f"{', '.join(unknown)}.", "Use codes such as en,zh.")
    inventory.library.rename(model, name, codes)
    renamed = inventory.model(model.id)
    if as_json:
        common.print_json({"id": renamed.id, "name": renamed.name, "languages": list(renamed.languages)})
    else:
        common.say(f"{renamed.id} is shown as: {renamed.name}")
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


def _import(inventory: Inventory, path: str, as_json: bool) -> int:
    library = inventory.library
    candidate = library.examine(common.absolute_path(path))
    is_new = not library.has_imported(candidate.path)
    model = library.add(candidate)
    try:
        verdict = None if model.is_vouched else try_model(inventory, model, candidate)
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
                "kind": candidate.facts.kind.value,
                "path": str(model.path),
                "size": model.size,
                "verdict": verdict.outcome.value if verdict is not None else Outcome.WORKS.value,
                "problem": str(problem) if problem is not None else None,
            }
        )
    elif problem is None:
        common.say(f"{model.name} can be used from where it lies: --model {model.id}")
        _explain_base(candidate.facts.kind)
    else:
        common.say(f"{model.name} is listed: {model.id}")
    if problem is not None:
        common.warn(str(problem))
    return common.DONE if verdict is None or verdict.outcome is Outcome.WORKS or verdict.is_open else common.FAILED


def try_model(inventory: Inventory, model: InstalledModel, candidate: Candidate) -> Verdict:
    """Tries a model in a process of its own, if it fits into memory; remembers what came of it.

    Args:
        inventory: Where it is listed.
        model: Its entry.
        candidate: What its file is.
    """
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


def _verify(inventory: Inventory, model_id: str | None, as_json: bool) -> int:
    # By its name first, so that an unknown one is an error and not a list of none.
    installed = inventory.library.installed()
    named = called(model_id, installed) if model_id is not None else None
    ids = [model.id for model in installed] if model_id is None else [named.id if named is not None else model_id]
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
        common.say("No model is installed.")
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


def _remove(inventory: Inventory, model_id: str, as_json: bool) -> int:
    model = called(model_id, inventory.library.installed())
    model_id = model.id if model is not None else model_id
    spec = inventory.library.spec(model_id)
    part = inventory.downloader().partial(spec) if spec else 0
    if model is None and not part:
        raise UserFacingError("This model is not installed.", f"{model_id}.", "See: catnap models list")
    if model is not None:
        inventory.library.remove(model_id)
    if spec is not None and part:
        inventory.downloader().discard(spec)
        inventory.library.forget_spec(model_id)
    forgotten = model is not None and model.spec is None and model.student is None
    if as_json:
        common.print_json({"id": model_id, "freed_bytes": 0 if forgotten else part + (model.size if model else 0)})
    elif forgotten and model is not None:
        common.say(f"{model.name} is no longer listed; its file stays: {model.path}")
    else:
        common.say(f"{model_id} is removed")
    return common.DONE
