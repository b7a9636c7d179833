"""Finds the layers that a model can do without, and writes it without them. No training, no PyTorch.

Layers go one by one: in each round those that change least what goes through them are tried, and the one is taken
without which the model stays closest to the teacher's answers. Of tries that are equal to three decimals of KL the one
wins that agrees more often on the best token, then the layer of the lower influence, then the later one. Tries are
kept, so that a search goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import StateFile
from desktop.engine.distillation.client import AskedModel, rewrite_model
from desktop.engine.distillation.messages import Rewrite
from desktop.gguf.header import read_header
from desktop.student.exporting import read_weighed
from desktop.student.judging import judge
from desktop.student.project import Project, check_free
from desktop.student.sequences import TaughtSequence, read_sequences
from desktop.student.shapes import Shape
from desktop.student.widths import choose, write_narrower

# Logits of a token that tries are compared by: the order of tries is the same with more, and they take longer.
_KEPT: Final = 64
# Tokens of one answer that are looked at: many answers tell more than long ones.
_TOKENS: Final = 16
_WATCHED: Final = 4
_DECIMALS: Final = 3


@dataclass(frozen=True)
class Try:
    """A model without some layers.

    Attributes:
        without: The layers, in their order.
        kl: Divergence from the teacher on the answers that the search goes by.
        top1: Share of their tokens where both think the same one best.
    """

    without: tuple[int, ...]
    kl: float
    top1: float


@dataclass(frozen=True)
class SearchProgress:
    """How far a search is.

    Attributes:
        done: Tries, those known from before among them.
        total: Tries of the whole search.
        best: Of the last round that ended; None: none has.
        seconds_left: As far as this run tells; None: it does not yet.
    """

    done: int
    total: int
    best: Try | None
    seconds_left: float | None


class LayerSearch:
    """The search for layers of one project. One thread.

    Attributes:
        layers: That the teacher has.
        sequences: The answers that it goes by: of those learnt from, never of those held out.
    """

    def __init__(self, project: Project, layers: int, tokens: int, threads: int) -> None:
        """
        Args:
            project: With its answers collected.
            layers: That the teacher has.
            tokens: That each try is judged by.
            threads: That compute.

        Raises:
            UserFacingError: There are no answers.
        """
        self._project, self._threads = project, threads
        self.layers = layers
        self.sequences = tuple(_chosen(read_sequences(project.collected), tokens))
        if not self.sequences:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "There is nothing to judge layers by yet."),
                "",
                QT_TRANSLATE_NOOP("Errors", "First: catnap student collect DIR"),
            )
        self._basis = f"{project.manifest.base.sha256[:16]} {_digest(self.sequences)}"
        self._file = StateFile(project.folder / "search.json", self._parse)
        self._tries: dict[tuple[int, ...], Try] = {}
        self._influence: tuple[float, ...] = ()
        self._file.read()

    def influence(self) -> tuple[float, ...]:
        """Returns how far each layer turns what goes through it, from 0 on; some seconds the first time.

        Raises:
            UserFacingError: The teacher cannot be asked, or its architecture does not tell.
        """
        if not self._influence:
            with AskedModel(self._project.base, self._project.manifest.settings.n_ctx, self._threads) as teacher:
                texts = [sequence.tokens for sequence in self.sequences[:_WATCHED]]
                self._influence, _ = teacher.watch(texts, influence=True)
            if len(self._influence) != self.layers:
                raise UserFacingError(
                    QT_TRANSLATE_NOOP("Errors", "The layers of this model cannot be told apart while it computes."),
                    self._project.manifest.teacher_name,
                    QT_TRANSLATE_NOOP("Errors", "Name the layers that are to go, with --drop."),
                )
            self._write()
        return self._influence

    def tries(self, wanted: int, breadth: int, ends: int = 0) -> int:
        """Returns how many models a search looks at.

        Args:
            wanted: Layers that stay.
            breadth: Layers that are tried in each round.
            ends: See :meth:`steps`.
        """
        return self.tries_of(self.layers, wanted, breadth, ends)

    @staticmethod
    def tries_of(layers: int, wanted: int, breadth: int, ends: int = 0) -> int:
        """Returns the same for any model, before there are answers to search by.

        Args:
            layers: That it has.
            wanted: Layers that stay.
            breadth: Layers that are tried in each round.
            ends: See :meth:`steps`.
        """
        free = layers - 2 * ends
        return sum(min(breadth, free - gone) for gone in range(layers - wanted))

    def steps(self, wanted: int, breadth: int, ends: int = 0) -> Iterator[SearchProgress]:
        """Searches, and yields how far it is before each try and at the end, whose ``best`` is what was found.

        Args:
            wanted: Layers that stay.
            breadth: Layers that are tried in each round.
            ends: Layers at either end that stay, whatever they change; all that go must lie between.

        Raises:
            UserFacingError: A model cannot be written or asked; the tries so far are kept.
            OSError: They cannot be kept.
        """
        influence = self.influence()
        total, done = self.tries(wanted, breadth, ends), 0
        began, fresh = time.monotonic(), 0
        best: Try | None = None
        gone: tuple[int, ...] = ()
        for _ in range(self.layers - wanted):
            stay = sorted(
                (layer for layer in range(ends, self.layers - ends) if layer not in gone),
                key=lambda each: influence[each],
            )
            found: list[Try] = []
            for layer in stay[:breadth]:
                rate = (time.monotonic() - began) / fresh if fresh else None
                yield SearchProgress(done, total, best, rate * (total - done) if rate else None)
                without = tuple(sorted((*gone, layer)))
                fresh += without not in self._tries
                found.append(self.judge(without))
                done += 1
            best = min(found, key=lambda each: self._order(each, gone))
            gone = best.without
        yield SearchProgress(total, total, best, 0.0)

    def judge(self, without: tuple[int, ...]) -> Try:
        """Returns how far a model without some layers is from the teacher, of the teacher's own number format.

        Raises:
            UserFacingError: It cannot be written or asked.
            OSError: What came of it cannot be kept.
        """
        known = self._tries.get(without)
        if known is not None:
            return known
        tried = self._project.folder / "tried.gguf"
        try:
            rewrite_model(Rewrite(self._project.base, tried, "copy", 0, without, threads=self._threads))
            found = Try(without, *self.look(tried))
        finally:
            tried.unlink(missing_ok=True)
        self._tries[without] = found
        self._write()
        return found

    def look(self, path: Path) -> tuple[float, float]:
        """Returns how far a model is from the teacher on the answers that the search goes by: KL and top-1.

        Raises:
            UserFacingError: It cannot be asked.
        """
        with AskedModel(path, self._project.manifest.settings.n_ctx, self._threads) as model:
            figures = judge(model, self.sequences, _KEPT)
        return figures.kl.value, figures.top1.value

    def _order(self, tried: Try, before: Sequence[int]) -> tuple[float, float, float, int]:
        layer = next(layer for layer in tried.without if layer not in before)
        return round(tried.kl, _DECIMALS), -tried.top1, self.influence()[layer], -layer

    def _write(self) -> None:
        tries = [[list(each.without), each.kl, each.top1] for each in self._tries.values()]
        document = {"basis": self._basis, "influence": list(self._influence), "tries": tries}
        self._file.write(document, durable=False, indent=None)

    def _parse(self, document: dict[str, Any]) -> bool:
        if document["basis"] != self._basis:  # of other answers: begun anew
            return False
        self._influence = tuple(map(float, document["influence"]))
        for without, kl, top1 in document["tries"]:
            layers = tuple(map(int, without))
            self._tries[layers] = Try(layers, float(kl), float(top1))
        return True


def write_pruned(
    project: Project,
    without: Sequence[int],
    layers: int,
    target: Path,
    threads: int,
    wanted: Shape | None = None,
) -> Path:
    """Writes the teacher without some layers, and perhaps narrower; returns the file.

    What can be keeps the teacher's own number format, the rest has 16 bits.

    Args:
        project: Whose teacher it is.
        without: Layers that go; none may.
        layers: That it has.
        target: The new file.
        threads: That compute.
        wanted: How wide what stays is; None: as wide as it was.

    Raises:
        UserFacingError: There is such a file, or the library refuses.
        OSError: It cannot be written.
    """
    target.parent.mkdir(exist_ok=True)
    check_free(target, QT_TRANSLATE_NOOP("Errors", "Give another name with --name."))
    title = f"{read_header(project.base).name}, {layers - len(without)} of {layers} layers"
    if wanted is None:
        texts = (("general.name", title),)
        rewrite_model(Rewrite(project.base, target, "copy", 0, tuple(without), threads=threads, texts=texts))
        return target
    source = project.folder / "narrowing.gguf" if without else project.base
    try:
        if without:
            rewrite_model(Rewrite(project.base, source, "copy", 0, tuple(without), threads=threads))
        stays = choose(source, wanted, read_weighed(project), project.manifest.settings.n_ctx, threads)
        write_narrower(source, target, wanted, stays, f"{title}, {wanted}", threads)
    finally:
        if without:
            source.unlink(missing_ok=True)
    return target


def _chosen(sequences: Iterator[TaughtSequence], tokens: int) -> Iterator[TaughtSequence]:
    for sequence in sequences:
        if tokens <= 0:
            return
        part = sequence.cut(min(_TOKENS, tokens))
        tokens -= part.length
        yield part


def _digest(sequences: Sequence[TaughtSequence]) -> str:
    return hashlib.sha256(repr([(each.id, each.length) for each in sequences]).encode()).hexdigest()[:16]
