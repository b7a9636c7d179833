"""The curve of a training, as the training step writes it: ``training/NAME/curve.csv``.

Columns ``step, tokens, cpu_seconds, loss, kl, top1``; the last two only in lines where the held-out answers were looked
at. Others may stand beside them. A line that was never finished, or is none, is passed over and counted.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.common.regular_file import NotAFileError, open_regular

FOLDER: Final = "training"
NAME: Final = "curve.csv"
_MOST_BYTES: Final = 32_000_000
_MOST_POINTS: Final = 200_000


@dataclass(frozen=True)
class Point:
    """One line.

    Attributes:
        step: Of the training.
        tokens: That were learnt from by then.
        seconds: Of a processor, by then.
        loss: On what was learnt from; None: not noted.
        kl: On held-out answers; None: nobody looked.
        top1: The same.
    """

    step: int
    tokens: int
    seconds: float
    loss: float | None = None
    kl: float | None = None
    top1: float | None = None


@dataclass(frozen=True)
class Curve:
    """A training, from its first line to its last.

    Attributes:
        points: By their steps.
        unread: Lines that say nothing.
    """

    points: tuple[Point, ...] = ()
    unread: int = 0

    @property
    def judged(self) -> tuple[Point, ...]:
        """The points at which the held-out answers were looked at."""
        return tuple(point for point in self.points if point.kl is not None)


def read_curve(project: Path, student: str) -> Curve | None:
    """Returns the curve of a student; None: none was written that is known to be its own.

    Args:
        project: The project's folder.
        student: The name of the student's file without its ending. A training is its own if the name begins with that
            of the training's folder: what is exported keeps it in front. Of several the longest.
    """
    folders = sorted((project / FOLDER).glob(f"*/{NAME}"), key=lambda path: -len(path.parent.name))
    for path in folders:
        if student.startswith(path.parent.name):
            return _read(path)
    return None


def _read(path: Path) -> Curve | None:
    try:
        with open_regular(path) as stream:
            text = stream.read(_MOST_BYTES).decode("utf-8", "replace")
    except (OSError, NotAFileError):
        return None
    return parse_curve(text.replace("\0", "�").splitlines())


def parse_curve(lines: Iterable[str]) -> Curve:
    """Returns what the lines of a curve say, the first of them naming the columns."""
    found: dict[int, Point] = {}
    unread = 0
    rows = csv.DictReader(lines, skipinitialspace=True)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error:
            unread += 1
            continue
        point = _point(row)
        if point is None or len(found) >= _MOST_POINTS:
            unread += 1
        else:
            found[point.step] = point  # a training that goes on from a checkpoint says some steps once more
    return Curve(tuple(found[step] for step in sorted(found)), unread)


def _point(row: Mapping[str, str | None]) -> Point | None:
    step, tokens, seconds = (_number(row.get(name)) for name in ("step", "tokens", "cpu_seconds"))
    loss, kl, top1 = (_number(row.get(name)) for name in ("loss", "kl", "top1"))
    if step is None or tokens is None or (loss is None and kl is None):
        return None
    return Point(int(step), int(tokens), seconds or 0.0, loss, kl, top1)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
