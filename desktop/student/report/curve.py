"""Which curve is a student's: what its training has written down, see :mod:`desktop.student.training.curve`."""

from __future__ import annotations

import math
from dataclasses import astuple
from pathlib import Path
from typing import Final

from desktop.student.training.curve import CURVE, CurvePoint, read_curve

_FOLDER: Final = "training"


def curve_of(project: Path, student: str) -> tuple[CurvePoint, ...]:
    """Returns the curve of a student; empty: none was written that is known to be its own, or none can be read.

    Args:
        project: The project's folder.
        student: The name of the student's file without its ending. A training is its own if the name begins with that
            of the training's folder: what is exported keeps it in front. Of several the longest.
    """
    for path in sorted((project / _FOLDER).glob(f"*/{CURVE}"), key=lambda path: -len(path.parent.name)):
        if student.startswith(path.parent.name):
            try:
                points = read_curve(path)
            except OSError:
                return ()
            return tuple(point for point in points if all(math.isfinite(value) for value in astuple(point)))
    return ()
