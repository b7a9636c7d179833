"""``catnap models``: what can be had, what is installed; download, add, import, rename, verify, remove; the network."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from desktop.cli import common
from desktop.cli.network import asking_for_account, check
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import UserFacingError
from desktop.common.paths import Paths
from desktop.engine.footprint import Fit
from desktop.gguf.header import read_header_if_possible
from desktop.gguf.kind import ModelKind, cannot_chat
from desktop.lifecycle.context_size import look_around
from desktop.lifecycle.memory_fit import MemoryFit
from desktop.lifecycle.trial import TrialPlanner
from desktop.machine.cpu import read_features
from desktop.models.download.downloader import DownloadControl, Downloader, http_source
from desktop.models.download.mirrors import OWN, hub_hosts
from desktop.models.download.proxy_accounts import ProxyAccounts
from desktop.models.hub.client import HubClient, http_network
from desktop.models.hub.links import parse_reference
from desktop.models.hub.places import check_addable, spec_for, taken_for
from desktop.models.library import Candidate, Library
from desktop.models.types import AddedSpec, Catalog, DownloadProgress, DownloadState, InstalledModel, ModelSpec
from desktop.models.verdicts import Outcome, Verdict
from desktop.settings.for_engine import engine_config
from desktop.settings.options import Settings
from desktop.system.keyring import open_keyring

_BAR = 24  # characters
# What the command line calls the kinds of files.
KIND_WORDS: Final = {
    ModelKind.CHAT: "chat model",
    ModelKind.BASE: "base model: continues text",
    ModelKind.EMBEDDING: "embedding model, not for chats",
    ModelKind.RERANKER: "reranking model, not for chats",
    ModelKind.ENCODER: "T5 model, not for chats",
    ModelKind.DIFFUSION: "diffusion model, not for this engine",
    ModelKind.DRAFT: "helper of a larger model",
    ModelKind.PROJECTOR: "projector (mmproj) of another model",
    ModelKind.ADAPTER: "LoRA adapter for another model",
    ModelKind.CONTROL_VECTOR: "control vector for another model",
    ModelKind.IMPORTANCE_MATRIX: "importance matrix, no model",
    ModelKind.SPEECH: "speech model, not for chats",
    ModelKind.PICTURES: "picture model, not for chats",
    ModelKind.VOCABULARY: "vocabulary without a model",
}


@dataclass(frozen=True)
class _Inventory:
    """What the actions work with."""

    settings: Settings
    offer: Catalog
    library: Library
    paths: Paths
    accounts: ProxyAccounts = field(default_factory=lambda: ProxyAccounts(open_keyring))

    def downloader(self) -> Downloader:
        return Downloader(
            self.library.folder,
            mirror=self.settings.mirror,
            own_host=self.settings.own_host,
            source=lambda timing: http_source(timing, self.accounts),
        )

    def spec(self, model_id: str) -> ModelSpec:
        """Returns a model of the catalogue; UserFacingError when it has none of that name."""
        spec = self.library.spec(model_id)
        if spec is None:
            raise UserFacingError("There is no such model.", f"{model_id}.", "See: catnap models list")
        return spec

    def model(self, model_id: str) -> InstalledModel:
        """Returns an installed model; UserFacingError when there is none of that id."""
        found = next((model for model in self.library.installed() if model.id == model_id), None)
        if found is None:
            raise UserFacingError("This model is not installed.", f"{model_id}.", "See: catnap models list")
        return found


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
    inventory = _Inventory(settings, offer, places.library(settings, offer), places.paths)
    if action == "list":
        return _list(inventory, as_json)
    if action == "verify":
        return _verify(inventory, target, as_json)
    if action == "network":
        return check(offer, settings, inventory.accounts, as_json=as_json)
    assert target is not None  # the parser demands it
    if action == "rename":
        return _rename(inventory, target, name, languages, as_json)
    actions: dict[str, Callable[[_Inventory, str, bool], int]] = {
        "download": _download,
        "add": _add,
        "import": _import,
        "info": _info,
        "remove": _remove,
    }
    return actions[action](inventory, target, as_json)


def _list(inventory: _Inventory, as_json: bool) -> int:
    installed = {model.id: model for model in inventory.library.installed()}
    for problem in inventory.library.load_problems:
        common.warn(str(problem))
    advice = common.memory_fit(inventory.settings, inventory.offer)
    best = advice.recommended()
    downloader = inventory.downloader()
    rows: list[common.Json] = []
    for spec in (*inventory.offer.offered(read_features(), installed).models, *inventory.library.added()):
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
            notes = _notes(
                inventory, model.id, model, part=0, size=model.size, best=False, fitting=_fits(advice, inventory, model)
            )
            common.say(f"{model.id}  {format_bytes(model.size)}  {model.name}{notes}")
        fits = None if model.missing else _fits(advice, inventory, model)
        rows.append(_row(inventory, model.id, model.name, model.size, model, part=0, best=False, fitting=fits))
    if as_json:
        common.print_json({"folder": str(inventory.library.folder), "models": rows})
    return common.DONE


def _fits(advice: MemoryFit, inventory: _Inventory, model: InstalledModel) -> bool:
    """Tells whether an own model fits, by its header if that can be read."""
    if not model.missing:
        advice.learn(model, read_header_if_possible(model.path))
    return advice.judge_load(inventory.settings, model).fit is not Fit.TOO_BIG


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
        if model.kind is not ModelKind.CHAT:
            notes.append(KIND_WORDS[model.kind])
    if part:
        notes.append(f"{part / size:.0%} downloaded")
    if model_id == inventory.settings.model:
        notes.append("in use")
    if best:
        notes.append("recommended for this machine")
    spec = inventory.library.spec(model_id)
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
    spec = inventory.library.spec(model_id)
    languages = model.languages if model is not None else spec.languages if spec is not None else ()
    return {
        "id": model_id,
        "name": name,
        "kind": model.kind.value if model is not None else spec.kind.value if isinstance(spec, AddedSpec) else "chat",
        "size": size,
        "installed": model is not None and not model.missing,
        "missing": model is not None and model.missing,
        "path": str(model.path) if model else None,
        "downloaded_bytes": part,
        "in_use": model_id == inventory.settings.model,
        "recommended": best,
        "fits": fitting,
        "summary": spec.summary_en if spec else None,
        "languages": list(languages) if languages or spec else None,
        "licence": spec.licence if spec else None,
        "variant_of": spec.variant_of if spec else None,
        "best_for": list(spec.best_for) if spec else None,
    }


def _download(inventory: _Inventory, model_id: str, as_json: bool) -> int:
    spec = inventory.spec(model_id)
    if spec.licence_must_be_shown:
        common.warn(f"{spec.name} comes under the {spec.licence}; using it means accepting its terms")
    path = _fetch(inventory, spec)
    if as_json:
        common.print_json({"id": spec.id, "path": str(path), "size": spec.size})
    else:
        common.say(f"{spec.id} is installed: {path}")
    return common.DONE


def _fetch(inventory: _Inventory, spec: ModelSpec) -> Path:
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


def _add(inventory: _Inventory, text: str, as_json: bool) -> int:
    settings, library, accounts = inventory.settings, inventory.library, inventory.accounts
    asked = parse_reference(text, settings.own_host if settings.mirror == OWN else "")
    network = partial(http_network, accounts=accounts)
    hub = HubClient(lambda: hub_hosts(settings.mirror, settings.own_host), network=network)
    repo = asking_for_account(lambda: asyncio.run(hub.look(asked)), accounts)
    chosen = repo.proposed(asked)
    assert chosen is not None  # a repository without any has raised
    check_addable(repo, chosen)
    chats = [model for model in repo.models if model.kind is None or model.kind.can_chat]
    others = [model.quantisation or model.path for model in chats if model is not chosen]
    if others and not asked.path and not asked.quantisation:
        common.warn(f"taking {chosen.path}; also there: {', '.join(dict.fromkeys(others))[:500]}")
    spec = spec_for(repo, chosen, taken_for(library, repo, chosen))
    library.add_spec(spec)
    path = _fetch(inventory, spec)
    candidate = library.identify(path)
    model = next(model for model in library.installed() if model.id == spec.id)
    problem: UserFacingError | None = None
    if not candidate.facts.kind.can_chat:
        problem = cannot_chat(candidate.facts.kind, str(path))
    elif model.needs_trial:
        problem = _try(inventory, model, candidate).problem
    if as_json:
        said = str(problem) if problem is not None else None
        common.print_json({"id": spec.id, "name": spec.name, "path": str(path), "size": spec.size, "problem": said})
    else:
        common.say(f"{spec.name} is installed: --model {spec.id}")
        _explain_base(candidate.facts.kind)
    if problem is not None:
        common.warn(str(problem))
    return common.FAILED if problem is not None else common.DONE


def _explain_base(kind: ModelKind) -> None:
    if kind is ModelKind.BASE:
        common.warn(common.BASE_MODEL)


def _info(inventory: _Inventory, target: str, as_json: bool) -> int:
    model = next((model for model in inventory.library.installed() if model.id == target), None)
    path = model.path if model is not None else common.absolute_path(target)
    facts = inventory.library.identify(path).facts
    if as_json:
        common.print_json(
            {
                "path": str(path),
                "name": model.name if model is not None else facts.name,
                "kind": facts.kind.value,
                "architecture": facts.architecture,
                "parameters": facts.parameters,
                "quantisation": facts.quantisation,
                "context": facts.context,
                "languages": list(facts.languages),
                "licence": facts.licence,
                "chat_template": facts.has_template,
                "size": facts.size,
                "files": facts.files,
            }
        )
        return common.DONE
    rows = (
        ("name", model.name if model is not None else facts.name),
        ("kind", KIND_WORDS[facts.kind]),
        ("architecture", facts.architecture),
        ("parameters", f"{facts.parameters:,}"),
        ("quantisation", facts.quantisation),
        ("context", f"{facts.context:,} tokens" if facts.context else ""),
        ("languages", ", ".join(facts.languages)),
        ("licence", facts.licence),
        ("chat template", "yes" if facts.has_template else "no"),
        ("size", format_bytes(facts.size) + (f" in {facts.files} files" if facts.files > 1 else "")),
        ("file", str(path)),
    )
    for label, value in rows:
        if value:
            common.say(f"{label:<14} {value}")
    return common.DONE


def _rename(inventory: _Inventory, model_id: str, name: str, languages: str | None, as_json: bool) -> int:
    model = inventory.model(model_id)
    codes = model.languages if languages is None else tuple(filter(None, languages.replace(" ", ",").split(",")))
    inventory.library.rename(model, name, codes)
    renamed = inventory.model(model_id)
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


def _remove(inventory: _Inventory, model_id: str, as_json: bool) -> int:
    model = next((model for model in inventory.library.installed() if model.id == model_id), None)
    spec = inventory.library.spec(model_id)
    part = inventory.downloader().partial(spec) if spec else 0
    if model is None and not part:
        raise UserFacingError("This model is not installed.", f"{model_id}.", "See: catnap models list")
    if model is not None:
        inventory.library.remove(model_id)
    if spec is not None and part:
        inventory.downloader().discard(spec)
        inventory.library.forget_spec(model_id)
    forgotten = model is not None and model.spec is None
    if as_json:
        common.print_json({"id": model_id, "freed_bytes": 0 if forgotten else part + (model.size if model else 0)})
    elif forgotten and model is not None:
        common.say(f"{model.name} is no longer listed; its file stays: {model.path}")
    else:
        common.say(f"{model_id} is removed")
    return common.DONE
