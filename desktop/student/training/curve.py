"""The curve of a training: how far the student was from its teacher, step by step, as a table. Standard library only.

One line for each look at answers that are not learnt from, the first before anything was learnt.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Final

from desktop.common.atomic_file import append_whole

CURVE: Final = "curve.csv"


@dataclass(frozen=True)
class CurvePoint:
    """One look.

    Attributes:
        step: Updates so far.
        tokens: Of answers that were learnt from so far, those read twice counted twice.
        cpu_seconds: Of the processor, looks and checkpoints included.
        training_loss: Mean of the steps since the look before; 0 in the first.
        kl: Divergence from the teacher on answers that are not learnt from, in nats a token.
        top1: Share of their tokens where both think the same one best.
        kl_plain: Where weights are averaged: the divergence of those that the last step left; else 0.
        kl_averaged: Likewise of their average. ``kl`` and ``top1`` are those of the nearer of the two.
    """

    step: int
    tokens: int
    cpu_seconds: float
    training_loss: float
    kl: float
    top1: float
    kl_plain: float = 0.0
    kl_averaged: float = 0.0


def append_point(file: Path, point: CurvePoint) -> None:
    """Adds a line.

    Raises:
        OSError: It cannot be written.
    """
    numbers = [f"{value:.6g}" if isinstance(value, float) else value for value in astuple(point)]
    append_whole(file, _lines([numbers]), head=_lines([_names()]), durable=False)


def read_curve(file: Path) -> tuple[CurvePoint, ...]:
    """Returns the points of a file; what is no whole line does not count. None, where there is no file.

    Raises:
        OSError: It cannot be read.
    """
    if not file.exists():
        return ()
    points = []
    # A line that was cut off has no end; with fewer columns it would be one of an earlier version.
    whole, _, _ = file.read_text(encoding="ascii", errors="replace").rpartition("\n")
    for row in csv.reader(io.StringIO(whole)):
        try:
            step, tokens, *others = row
            points.append(CurvePoint(int(step), int(tokens), *map(float, others)))
        except (ValueError, TypeError):  # the head
            continue
    return tuple(points)


def cut_curve(file: Path, step: int) -> None:
    """Takes away what lies behind a step: it comes again when a training goes on from there.

    Raises:
        OSError: It cannot be written.
    """
    points = [point for point in read_curve(file) if point.step <= step]
    file.unlink(missing_ok=True)
    for point in points:
        append_point(file, point)


def _names() -> list[str]:
    return [each.name for each in fields(CurvePoint)]


def _lines(rows: Iterable[list[object]] | Iterable[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("ascii")
