"""What the rounds have come to: a table of slopes, and whether anything grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

from tests.support.slopes import least_squares, theil_sen

KB: Final = 1000.0
MOST_A_ROUND: Final = 5 * KB
# Rounds that are counted out: imports, fonts, caches and heaps come to their size in them.
_WARM_UP: Final = 100
_SOME: Final = 50
_LEAST: Final = 200  # of fewer rounds what is left after that is too little for a verdict
# The history is the same again at the end of each round, but for what SQLite keeps of pages for later.
_DATABASE_A_ROUND: Final = 1 * KB


@dataclass(frozen=True)
class Row:
    """A series of measurements, one for each round, and what is made of it.

    Attributes:
        name: What was measured.
        unit: Of all values: "MB" (then slopes are in kB a round), or "" for what is counted.
        first, last: The first round's and the last one's.
        early, late: Medians of the first and the last 50 rounds.
        whole: Slope over all rounds but the first, least squares.
        after: The same after the warm-up.
        robust: Slope after the warm-up, Theil-Sen: the one that is judged.
        half: Slope over the second half, Theil-Sen.
        verdict: "ok", what is wrong in capitals, or "" where nothing is demanded.
    """

    name: str
    unit: str
    first: float
    last: float
    early: float
    late: float
    whole: float
    after: float
    robust: float
    half: float
    verdict: str = ""

    @property
    def is_over(self) -> bool:
        return bool(self.verdict) and self.verdict != "ok"


def warm_up(rounds: int) -> int:
    """Returns how many of the first rounds are counted out."""
    return min(_WARM_UP, rounds // 2)


def rows(samples: Sequence[dict[str, Any]], stay: Sequence[dict[str, Any]], states_budget: int) -> list[Row]:
    """Returns what the rounds have come to.

    Args:
        samples: Of the rounds, in order.
        stay: Of the engine that lived on.
        states_budget: Bytes that the states of conversations may take.
    """

    def of(name: str) -> list[float]:
        return [float(sample[name]) for sample in samples]

    found = [
        _grown("app, RSS", of("app_rss"), MOST_A_ROUND),
        _grown("app, anonymous", of("app_anonymous"), MOST_A_ROUND),
        _grown("engine, RSS, as a round leaves it", of("engine_rss"), MOST_A_ROUND),
        _grown("engine, anonymous", of("engine_anonymous"), MOST_A_ROUND),
    ]
    if stay:
        found += [
            _grown("engine that lives on, RSS", [float(one["rss"]) for one in stay], MOST_A_ROUND),
            _grown("engine that lives on, anonymous", [float(one["anonymous"]) for one in stay], MOST_A_ROUND),
            _counted("engine that lives on, descriptors", [float(one["handles"]) for one in stay]),
            _counted("engine that lives on, threads", [float(one["threads"]) for one in stay]),
        ]
    found += [
        _counted("descriptors", of("handles")),
        _counted("threads", of("threads")),
        _counted("widgets", of("widgets")),
        _counted("temporary files", of("temporary")),
        _row("objects of Python", "", of("objects")),
        _grown("database", of("database"), _DATABASE_A_ROUND),
        _row("daily copies", "MB", of("copies")),
        _row(
            "states of conversations", "MB", of("states"), "ok" if max(of("states")) <= states_budget else "OVER BUDGET"
        ),
    ]
    return found


def _grown(name: str, values: Sequence[float], most: float) -> Row:
    """Judges bytes by their slope, if there are enough rounds."""
    row = _row(name, "MB", values)
    if len(values) < _LEAST:
        return row
    return Row(**{**asdict(row), "verdict": "ok" if row.robust < most else "GROWS"})


def _counted(name: str, values: Sequence[float]) -> Row:
    """Judges what is counted: the last round leaves no more than the first, in which everything has happened once."""
    return _row(name, "", values, "ok" if values[-1] <= values[0] else "MORE")


def _row(name: str, unit: str, values: Sequence[float], verdict: str = "") -> Row:
    rest = values[warm_up(len(values)) :]
    return Row(
        name,
        unit,
        values[0],
        values[-1],
        median(values[:_SOME]),
        median(values[-_SOME:]),
        _slope(least_squares, values[1:]),
        _slope(least_squares, rest),
        _slope(theil_sen, rest),
        _slope(theil_sen, values[len(values) // 2 :]),
        verdict,
    )


def _slope(kind: Any, values: Sequence[float]) -> float:
    return float(kind(values)) if len(values) > 1 else 0.0


def table(found: Sequence[Row]) -> str:
    """Returns a table with a line for each row."""
    head = ("", "first", "last", "first 50", "last 50", "all", "after", "judged", "2nd half", "")
    lines: list[tuple[str, ...]] = [
        head,
        ("", "", "", "median", "median", "a round", "warm-up", "Theil-Sen", "Theil-Sen", ""),
    ]
    for row in found:
        size, slope = (KB * KB, KB) if row.unit else (1.0, 1.0)
        levels = [
            f"{value / size:,.2f}" if row.unit else f"{value:,.0f}"
            for value in (row.first, row.last, row.early, row.late)
        ]
        slopes = [f"{value / slope:+.2f}" for value in (row.whole, row.after, row.robust, row.half)]
        unit = f" ({row.unit}; kB a round)" if row.unit else ""
        lines.append((row.name + unit, *levels, *slopes, row.verdict))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            (
                line[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(line[1:-1], widths[1:-1], strict=True)),
                line[-1],
            )
        ).rstrip()
        for line in lines
    )
