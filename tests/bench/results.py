"""Figures with their budgets: a table for people, JSON for machines."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured value.

    Attributes:
        name: What was measured.
        value: None where it could not be; ``note`` then says why.
        unit: Unit of value and budget.
        at_most: The value must not be above this.
        at_least: The value must not be below this.
        note: How it was measured, or why not.
    """

    name: str
    value: float | None
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """ "ok", "OVER" or "UNDER" the budget, "not measured", or "" where there is no budget."""
        if self.value is None:
            return "not measured"
        if self.at_most is not None:
            return "ok" if self.value <= self.at_most else "OVER"
        if self.at_least is not None:
            return "ok" if self.value >= self.at_least else "UNDER"
        return ""

    @property
    def budget(self) -> str:
        if self.at_most is not None:
            return f"<= {_number(self.at_most)}"
        return f">= {_number(self.at_least)}" if self.at_least is not None else ""

    def record(self) -> dict[str, Any]:
        """Returns the figure for JSON."""
        return {**asdict(self), "verdict": self.verdict}


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(figures: Sequence[Figure]) -> str:
    """Returns a table with one line for each figure and its note."""
    rows = [("", "measured", "budget", "", "")]
    for figure in figures:
        measured = "-" if figure.value is None else f"{_number(figure.value)} {figure.unit}".strip()
        rows.append((figure.name, measured, figure.budget, figure.verdict, figure.note))
    widths = [max(_width(row[column]) for row in rows) for column in range(4)]
    lines = []
    for row in rows:
        cells = [cell + " " * (widths[column] - _width(cell)) for column, cell in enumerate(row[:4])]
        lines.append("  ".join([*cells, row[4]]).rstrip())
    return "\n".join(lines)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
