"""The steps of ``student`` that write models: without some layers, in other number formats."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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
from desktop.student.project import Project, check_free
from desktop.student.pruning import LayerSearch, Try, write_pruned
from desktop.student.shapes import Shape
from desktop.student.steps import Step
from desktop.student.vocabulary import write_smaller

# The name of such a student says how it was made, so that there can be one only.
_REMOVE_IT: Final = "Remove it first."


@dataclass(frozen=True)
class Cut:
    """What is to be cut off a model, before anything is computed for it.

    Attributes:
        layers: That the model has.
        stay: Layers of these that stay.
        named: Layers that were named to go; None: none were.
        sizes: Widths that were named.
        shape: How wide what stays is; None: as wide as it was.
        target: The new file.
    """

    layers: int
    stay: int
    named: tuple[int, ...] | None
    sizes: Mapping[str, int]
    shape: Shape | None
    target: Path

    @property
    def is_searched(self) -> bool:
        """Whether the layers that go are to be found."""
        return self.named is None and self.stay < self.layers


def cut_of(project: Project, wish: argparse.Namespace) -> Cut:
    """Returns what is to be cut off a project's model.

    Raises:
        UserFacingError: There can be no such student.
    """
    header = read_header(project.base)
    layers = header.n_layers
    sizes = {name: count for name in ("width", "ffn", "heads", "kv_heads") if (count := getattr(wish, name))}
    shape = Shape.of(header).narrowed(**sizes) if sizes else None
    named, stay = _named(wish, layers), layers
    if named is not None:
        stay -= len(named)
    elif wish.layers is not None or not sizes:
        stay = _wanted_layers(wish, layers)
    parts = [f"layers-{stay}"] if stay < layers else []
    parts += [f"{name.replace('_', '-')}-{count}" for name, count in sizes.items()]
    return Cut(layers, stay, named, sizes, shape, project.student(wish.name or "-".join(parts)))


def prune(project: Project, wish: argparse.Namespace, teller: Teller | None = None) -> int:
    """Finds the layers that can go, or takes those that were named; writes the teacher without them, or narrower."""
    cut = cut_of(project, wish)
    target, wanted = cut.target, cut.shape
    check_free(target, "Give another name with --name.")
    search = LayerSearch(project, cut.layers, wish.tokens, wish.threads)
    without = _search(search, wish, teller or Teller()).without if cut.is_searched else cut.named or ()
    made = write_pruned(project, without, cut.layers, project.unfinished("prune"), wish.threads, wanted)
    found = search.judge(without) if wanted is None else Try(without, *search.look(made))
    figures = {"kl": round(found.kl, 4), "top1": round(found.top1, 4)}
    size = project.add_student(
        made,
        target,
        "prune",
        settings={
            "name": target.stem,
            "without": list(without),
            "searched": cut.is_searched,
            "tokens": wish.tokens,
            "breadth": wish.breadth,
            "keep_ends": wish.keep_ends,
            **cut.sizes,
        },
        sequences=[sequence.id for sequence in search.sequences],
        figures=figures,
    )
    if wish.json:
        common.print_json({"file": str(target), "without": list(without), **figures, "bytes": size})
        return common.DONE
    what = [f"without the layers {_listed(without)}"] if without else []
    what += [str(wanted)] if wanted is not None else []
    common.say(f"{target.name}: {'; '.join(what)}, {format_bytes(size)}.")
    if cut.sizes and any(tensor.type == "F16" for tensor in read_header(target).tensors):
        common.say(f"Some of it has 16 bits, since a cut went through blocks; catnap student export ... {target.stem}")
    common.say(f"On the answers that the search went by: KL {found.kl:.3f}, top-1 {found.top1:.3f}. Not trained yet.")
    return common.DONE


def _named(wish: argparse.Namespace, layers: int) -> tuple[int, ...] | None:
    """Returns the layers that were named to go; None: none were."""
    if wish.drop is None:
        return None
    is_there = all(part[-1] < layers for part in wish.drop)
    without = tuple(sorted({layer for part in wish.drop for layer in part})) if is_there else ()
    if not is_there or len(without) == layers:
        raise UserFacingError(
            "There are no such layers to go.", f"{layers} layers, from 0 to {layers - 1}.", "One at least must stay."
        )
    return without


def _wanted_layers(wish: argparse.Namespace, layers: int) -> int:
    """Returns how many layers are to stay."""
    least = max(1, 2 * wish.keep_ends)
    if wish.layers is None or not least <= wish.layers < layers:
        raise UserFacingError(
            "How many layers are to stay?",
            f"Of {layers} layers.",
            f"Say it with --layers, from {least} to {layers - 1}.",
        )
    return int(wish.layers)


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
    target = export_target(project, source, wanted, weighed=bool(wish.importance))
    check_free(target, _REMOVE_IT)
    importance: dict[str, bytes] = {}
    weighed: tuple[str, ...] = ()
    if wish.importance:
        importance, weighed = collected_importance(project, source, wish.threads)
    made = project.unfinished("export")
    export(source, made, wanted, wish.threads, importance, attribution_of(project).of_student())
    size = project.add_student(
        made,
        target,
        "export",
        settings={"source": source.name, "format": wanted.name, "importance": bool(wish.importance)},
        sequences=weighed,
    )
    if wish.json:
        common.print_json({"file": str(target), "bytes": size})
    else:
        common.say(f"{target.name}: {format_bytes(size)}.")
    return common.DONE


def shorten(project: Project, wish: argparse.Namespace) -> int:
    """Writes a student, or the teacher, with a smaller vocabulary."""
    source = project.base if wish.model == "teacher" else student_file(project, wish.model)
    languages = project.manifest.settings.languages if wish.languages is None else wish.languages
    stem = wish.model if wish.model == "teacher" else source.stem
    target = vocabulary_target(project, stem, wish.tokens, languages)
    check_free(target, _REMOVE_IT)
    made = project.unfinished("vocabulary")
    before, after = write_smaller(source, made, languages, wish.tokens)
    size = project.add_student(
        made,
        target,
        "vocabulary",
        settings={"source": source.name, "languages": list(languages), "most": wish.tokens},
        figures={"file": target.name, "before": before, "tokens": after},
    )
    if wish.json:
        common.print_json({"file": str(target), "before": before, "tokens": after, "bytes": size})
    else:
        common.say(f"{target.name}: {after:,} of {before:,} tokens, {format_bytes(size)}.")
    return common.DONE


def _listed(layers: Iterable[int]) -> str:
    return ", ".join(map(str, layers))
