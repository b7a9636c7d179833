"""What was tried, and what became of it: outcomes, and the table at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """One thing that was tried.

    Attributes:
        part: The part of the torture it belongs to, and within that the row of the table.
        what: What was done, in words.
        ending: How it ended, in a word or two: the same words are counted together.
        lost: What was lost; empty: it survived.
        again: The arguments that try it again.
        kept: The file that did it; None: there is none, or nothing was lost.
        seconds: How long it took.
        skipped: Why it could not be tried here; empty: it was.
    """

    part: str
    row: str
    what: str
    ending: str
    lost: str = ""
    again: str = ""
    kept: Path | None = None
    seconds: float = 0.0
    skipped: str = ""


@dataclass(frozen=True)
class Run:
    """How the torture was asked for.

    Attributes:
        seed: What is drawn is drawn from this.
        is_short: The short form, some minutes.
        only: Numbers that shall be tried, no others; empty: all.
        folder: For files while they are needed.
        keep: Makes a file of what did harm, and returns it.
    """

    seed: int
    is_short: bool
    only: frozenset[int]
    folder: Path
    keep: Callable[[Path, str], Path]


@dataclass(frozen=True)
class Part:
    """A part of the torture that can be asked for alone.

    Attributes:
        about: A line for the help.
        run: Yields an outcome for each thing tried, as soon as it is known.
    """

    name: str
    about: str
    run: Callable[[Run], Iterator[Outcome]]


def table(outcomes: Sequence[Outcome]) -> str:
    """Returns a table with a line for each row of each part, and one for all."""
    rows: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        rows.setdefault((outcome.part, outcome.row), []).append(outcome)
    lines = [f"{'':32} {'tried':>6} {'survived':>9} {'lost':>5}  {'longest':>8}  how they ended"]
    for (part, row), those in rows.items():
        lines.append(_line(f"{part}: {row}", those))
    lines.append(_line("all", outcomes))
    return "\n".join(lines)


def _line(name: str, those: Sequence[Outcome]) -> str:
    lost = sum(bool(each.lost) for each in those)
    endings = Counter(each.ending for each in those)
    those = [each for each in those if not each.skipped]
    words = ", ".join(f"{count} {ending}" for ending, count in endings.most_common())
    longest = max((each.seconds for each in those), default=0.0)
    return f"{name:32} {len(those):6} {len(those) - lost:9} {lost:5}  {longest:6.1f} s  {words}"


def loss(outcome: Outcome) -> str:
    """Returns what there is to say about something lost: what, why, and how to see it again."""
    kept = f"\n    kept: {outcome.kept}" if outcome.kept else ""
    return (
        f"LOST {outcome.part}, {outcome.row}: {outcome.what}\n    {outcome.lost}"
        f"\n    again: python -m tests.torture {outcome.again}{kept}"
    )
