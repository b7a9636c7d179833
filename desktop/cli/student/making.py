"""The steps of ``student`` that write models: without some layers, in other number formats."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable

from desktop.cli import common
from desktop.cli.student.telling import Teller
from desktop.cli.student.wording import in_words
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import UserFacingError
from desktop.gguf.header import read_header
from desktop.student.attribution import attribution_of
from desktop.student.exporting import (
    collected_importance,
    export,
    export_target,
    format_of,
    refuse_own_grid,
    student_file,
    vocabulary_target,
)
from desktop.student.project import Project
from desktop.student.pruning import LayerSearch, Try, write_pruned
from desktop.student.shapes import Shape
from desktop.student.steps import Step
from desktop.student.vocabulary import write_smaller


def prune(project: Project, wish: argparse.Namespace, teller: Teller | None = None) -> int:
    """Finds the layers that can go, or takes those that were named; writes the teacher without them, or narrower."""
    header = read_header(project.base)
    layers = header.n_layers
    sizes = {name: getattr(wish, name) for name in ("width", "ffn", "heads", "kv_heads")}
    is_narrower = any(sizes.values())
    wanted = Shape.of(header).narrowed(**sizes) if is_narrower else None
    search = LayerSearch(project, layers, wish.tokens, wish.threads)
    without = _without(search, wish, layers, teller or Teller(), is_narrower=is_narrower)
    parts = [f"layers-{layers - len(without)}"] if without else []
    parts += [f"{name.replace('_', '-')}-{count}" for name, count in sizes.items() if count]
    name = wish.name or "-".join(parts)
    target = write_pruned(project, without, layers, name, wish.threads, wanted)
    found = search.judge(without) if wanted is None else Try(without, *search.look(target))
    size = target.stat().st_size
    figures = {"kl": round(found.kl, 4), "top1": round(found.top1, 4), "bytes": size}
    project.add_run(
        "prune",
        settings={
            "name": name,
            "without": list(without),
            "searched": wish.drop is None and bool(without),
            "tokens": wish.tokens,
            "breadth": wish.breadth,
            "keep_ends": wish.keep_ends,
            **{name: count for name, count in sizes.items() if count},
        },
        sequences=[sequence.id for sequence in search.sequences],
        figures=figures,
    )
    if wish.json:
        common.print_json({"file": str(target), "without": list(without), **figures})
        return common.DONE
    what = [f"without the layers {_listed(without)}"] if without else []
    what += [str(wanted)] if wanted is not None else []
    common.say(f"{target.name}: {'; '.join(what)}, {format_bytes(size)}.")
    if any(tensor.type == "F16" for tensor in read_header(target).tensors) and is_narrower:
        common.say(f"Some of it has 16 bits, since a cut went through blocks; catnap student export ... {name}")
    common.say(f"On the answers that the search went by: KL {found.kl:.3f}, top-1 {found.top1:.3f}. Not trained yet.")
    return common.DONE


def _without(
    search: LayerSearch, wish: argparse.Namespace, layers: int, teller: Teller, *, is_narrower: bool
) -> tuple[int, ...]:
    """Returns the layers that go: those named, those found, or none where only widths were named."""
    if wish.drop is not None:
        without = tuple(sorted({layer for part in wish.drop for layer in part}))
        if not without or without[-1] >= layers or len(without) == layers:
            raise UserFacingError("There are no such layers to go.", f"{layers} layers, from 0 to {layers - 1}.")
        return without
    if wish.layers is None and is_narrower:
        return ()
    least = max(1, 2 * wish.keep_ends)
    if wish.layers is None or not least <= wish.layers < layers:
        raise UserFacingError("How many layers are to stay?", f"--layers, from {least} to {layers - 1}.")
    return _search(search, wish, teller).without


def _search(search: LayerSearch, wish: argparse.Namespace, teller: Teller) -> Try:
    tokens = sum(sequence.length for sequence in search.sequences)
    total = search.tries(wish.layers, wish.breadth, wish.keep_ends)
    began = time.monotonic()
    influence = search.influence()
    first = min(range(len(influence)), key=lambda layer: influence[layer])
    search.judge((first,))
    if not wish.json:
        each = time.monotonic() - began
        common.say(
            f"{total:,} tries, each judged by {tokens:,} tokens, up to {in_words(total * each)}. Equal ones are parted "
            "by agreement, then by influence, then the later layer goes."
        )
    best: Try | None = None
    try:
        for step in search.steps(wish.layers, wish.breadth, wish.keep_ends):
            best = step.best
            so_far = "" if best is None else f", {len(best.without)} gone, KL {best.kl:.2f}"
            teller.show(Step.PRUNE, step.done, step.total, step.seconds_left, f"tries{so_far}")
    finally:
        teller.clear()
    assert best is not None
    return best


def write(project: Project, wish: argparse.Namespace) -> int:
    """Writes a student in another number format."""
    source = student_file(project, wish.model)
    wanted = format_of(wish.kind, plain=wish.plain)
    refuse_own_grid(read_header(project.base), read_header(source), wanted)
    project.models.mkdir(exist_ok=True)
    importance: dict[str, bytes] = {}
    weighed: tuple[str, ...] = ()
    if wish.importance:
        importance, weighed = collected_importance(project, source, wish.threads)
    target = export_target(project, source, wanted, weighed=bool(wish.importance))
    export(source, target, wanted, wish.threads, importance, attribution_of(project).of_student())
    figures = {"bytes": target.stat().st_size}
    project.add_run(
        "export",
        settings={"source": source.name, "format": wanted.name, "importance": bool(wish.importance)},
        sequences=weighed,
        figures=figures,
    )
    if wish.json:
        common.print_json({"file": str(target), **figures})
    else:
        common.say(f"{target.name}: {format_bytes(target.stat().st_size)}.")
    return common.DONE


def shorten(project: Project, wish: argparse.Namespace) -> int:
    """Writes a student, or the teacher, with a smaller vocabulary."""
    source = project.base if wish.model == "teacher" else student_file(project, wish.model)
    languages = project.manifest.settings.languages
    if wish.languages is not None:
        languages = tuple(code.strip() for code in wish.languages.split(",") if code.strip())
    project.models.mkdir(exist_ok=True)
    stem = wish.model if wish.model == "teacher" else source.stem
    target = vocabulary_target(project, stem, wish.tokens, languages)
    before, after = write_smaller(source, target, languages, wish.tokens)
    size = target.stat().st_size
    project.add_run(
        "vocabulary",
        settings={"source": source.name, "languages": list(languages), "most": wish.tokens},
        figures={"file": target.name, "before": before, "tokens": after, "bytes": size},
    )
    if wish.json:
        common.print_json({"file": str(target), "before": before, "tokens": after, "bytes": size})
    else:
        common.say(f"{target.name}: {after:,} of {before:,} tokens, {format_bytes(size)}.")
    return common.DONE


def _listed(layers: Iterable[int]) -> str:
    return ", ".join(map(str, layers))
