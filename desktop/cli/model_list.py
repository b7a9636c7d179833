"""``catnap models list`` and ``info``: what can be had, what is here, and what a file is."""

from __future__ import annotations

from typing import Final

from desktop.cli import common
from desktop.cli.inventory import Inventory
from desktop.common.byte_sizes import format_bytes
from desktop.engine.footprint import Fit
from desktop.gguf.header import read_header_if_possible
from desktop.gguf.kind import ModelKind
from desktop.lifecycle.memory_fit import MemoryFit
from desktop.machine.cpu import read_features
from desktop.models.types import AddedSpec, InstalledModel

# What the command line calls the kinds of files.
_KIND_WORDS: Final = {
    ModelKind.CHAT: "chat model",
    ModelKind.BASE: "base model: continues text",
    ModelKind.EMBEDDING: "embedding model: for finding by meaning, not for chats",
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


def list_models(inventory: Inventory, as_json: bool) -> int:
    """Prints the models on offer and those that are here; returns the exit code."""
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


def _fits(advice: MemoryFit, inventory: Inventory, model: InstalledModel) -> bool:
    """Tells whether an own model fits, by its header if that can be read."""
    if not model.missing:
        advice.learn(model, read_header_if_possible(model.path))
    return advice.judge_load(inventory.settings, model).fit is not Fit.TOO_BIG


def _notes(
    inventory: Inventory,
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
            notes.append(_KIND_WORDS[model.kind])
    if part:
        notes.append(f"{part / size:.0%} downloaded")
    if model_id == inventory.settings.model:
        notes.append("in use")
    if model is not None and str(model.path) == inventory.settings.embedding_model:
        notes.append("finds by meaning")
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
    inventory: Inventory,
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


def show_info(inventory: Inventory, target: str, as_json: bool) -> int:
    """Prints what is known of a model, by its id or the path of its file; returns the exit code.

    Raises:
        UserFacingError: It cannot be read.
    """
    model = common.called(target, inventory.library.installed())
    path = model.path if model is not None else common.absolute_path(target)
    facts = inventory.library.identify(path).facts
    languages = (model.languages if model is not None else ()) or facts.languages
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
                "languages": list(languages),
                "licence": facts.licence,
                "student_of": model.student.teacher if model is not None and model.student is not None else None,
                "chat_template": facts.has_template,
                "size": facts.size,
                "files": facts.files,
            }
        )
        return common.DONE
    rows = (
        ("name", model.name if model is not None else facts.name),
        ("kind", _KIND_WORDS[facts.kind]),
        ("architecture", facts.architecture),
        ("parameters", f"{facts.parameters:,}"),
        ("quantisation", facts.quantisation),
        ("context", f"{facts.context:,} tokens" if facts.context else ""),
        ("languages", ", ".join(languages)),
        ("licence", facts.licence),
        ("student of", _teacher(model)),
        ("chat template", "yes" if facts.has_template else "no"),
        ("size", format_bytes(facts.size) + (f" in {facts.files} files" if facts.files > 1 else "")),
        ("file", str(path)),
    )
    for label, value in rows:
        if value:
            common.say(f"{label:<14} {value}")
    return common.DONE


def _teacher(model: InstalledModel | None) -> str:
    card = model.student if model is not None else None
    if card is None:
        return ""
    read = f"; reads texts: {card.reads} of {card.asked} facts, its teacher {card.teacher_reads}" if card.asked else ""
    return ", ".join(filter(None, (card.teacher, card.makers, card.address))) + read
