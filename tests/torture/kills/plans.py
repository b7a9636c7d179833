"""At which moments the program is killed: drawn from a seed, so that each moment has its share."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from tests.torture.kills.dying import Doom


@dataclass(frozen=True)
class Plan:
    """A kill.

    Attributes:
        row: What the program does, as the table calls it.
        first: What the person does first.
        doom: The change to a file that it dies at; None: it is killed from outside.
        reports: After how many reports of ``counted`` it is killed from outside, if it is not dead by then.
        counted: The kind of reports.
        delay: How many seconds after that.
        ages: Before the start "deleted" conversations, or daily "copies", are made old, or the history is "damaged".
        in_start: It is killed while it starts, ``delay`` seconds after its beginning if there is no doom.
        is_old: The folder is a new one with a history of an earlier version.
    """

    row: str
    first: tuple[str, ...] = ()
    doom: Doom | None = None
    reports: int = 1
    counted: str = "sees"
    delay: float = 0.0
    ages: str = ""
    in_start: bool = False
    is_old: bool = False


# How many of each in the full form and in the short one, 300 and 25.
ROWS: Final = {
    "use": (82, 4),
    "an answer": (45, 3),
    "the journal's write": (25, 2),
    "the history's write": (35, 3),
    "the settings' write": (10, 1),
    "the drafts' write": (10, 1),
    "a switch of models": (12, 1),
    "a quick question": (8, 1),
    "an import": (15, 2),
    "an export": (4, 0),
    "the daily copy": (12, 1),
    "the erasing of what is old": (12, 1),
    "the start": (10, 1),
    "the start's writes": (6, 1),
    "the recovery": (8, 1),
    "the migration": (6, 2),
}
_START_S: Final = 2.0
_LONG_ANSWER: Final = ("endless", "send", "stay")
_LONG_LIVES: Final = (100, 60, 40, 30)


def draw(row: str, rng: random.Random, data: str) -> Plan:
    """Returns a kill of a kind.

    Args:
        row: The kind.
        rng: Draws its moment.
        data: The data folder's path.
    """
    late = rng.uniform(0.0, 0.6)
    some = rng.randrange(2, 11)
    # The history's log grows page by page: many small changes, of which the first are as good as the last.
    write = round(1.5 ** rng.uniform(0.0, 11.0))
    match row:
        case "an answer":
            return Plan(row, _LONG_ANSWER, reports=rng.randrange(1, 60), counted="grew", delay=4 * late)
        case "the journal's write":
            doom = Doom("/answers/", rng.randrange(1, 10))  # three for each time: made or opened, written, synced
            return Plan(row, _LONG_ANSWER, doom, reports=some + 6)
        case "the history's write":
            return Plan(row, ("send",), Doom("history.sqlite3", write), reports=some + 6, delay=late)
        case "the settings' write":
            return Plan(row, ("zoom", "zoom", "zoom"), Doom("settings.json", rng.randrange(1, 8)), reports=6)
        case "the drafts' write":
            return Plan(row, ("draft", "new", "draft", "switch"), Doom("drafts.json", rng.randrange(1, 5)), reports=9)
        case "a switch of models":
            return Plan(row, ("send", "model", "send", "model", "send"), reports=rng.randrange(2, 6), delay=2 * late)
        case "a quick question":
            return Plan(row, ("quick", "quick"), reports=rng.randrange(1, 4), delay=2 * late)
        case "an import":
            doom = Doom("history.sqlite3", 3 * write)
            return Plan(row, ("import", "import"), doom, reports=rng.randrange(1, 5), delay=late)
        case "an export":
            return Plan(row, ("export", "export"), Doom("export", rng.randrange(1, 9)), reports=4)
        case "the daily copy":
            return Plan(row, ("copy", "send"), Doom("/backups/", write), reports=3, delay=late, ages="copies")
        case "the erasing of what is old":
            doom = Doom(rng.choice(("history.sqlite3", "/backups/")), write, from_start=True)
            return Plan(row, ("copy",), doom, reports=2, delay=late, ages="deleted", in_start=True)
        case "the start":
            return Plan(row, delay=rng.uniform(0.0, _START_S), in_start=True)
        case "the start's writes":
            return Plan(row, doom=Doom(data, write, from_start=True), reports=some, in_start=True)
        case "the recovery":
            doom = Doom("history", 2 * write, from_start=True)
            return Plan(row, doom=doom, reports=some, delay=late, ages="damaged", in_start=True)
        case "the migration":
            doom = Doom("history", 2 * write, from_start=True)
            return Plan(row, ("send",), doom, reports=some, delay=late, in_start=True, is_old=True)
    return Plan(row, reports=some, delay=late)


def draw_lives(rng: random.Random, *, is_short: bool) -> list[list[str]]:
    """Returns what is done to each data folder, one kill after the other; some folders live long, some begin old."""
    counts = {row: both[is_short] for row, both in ROWS.items()}
    olds = counts.pop("the migration")
    rows = [row for row, count in counts.items() for _ in range(count)]
    rng.shuffle(rows)
    lives = []
    for length in (10,) if is_short else _LONG_LIVES:
        lives.append(rows[:length])
        rows = rows[length:]
    for number in range(olds):  # the rest is shared by those that begin old
        lives.append(["the migration", *rows[number::olds]])
    return lives
