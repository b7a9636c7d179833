"""Two runs over the same tasks: what only one of them did, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from desktop.check.statistics import mcnemar
from desktop.check.summary import Translate
from desktop.check.types import Kind, Outcome, TaskResult
from desktop.common.errors import QT_TRANSLATE_NOOP

# A difference that chance brings about less often than this is called one.
_SIGNIFICANT: Final = 0.05

_SAME: Final = QT_TRANSLATE_NOOP("Check", "Both did exactly the same {0} of {1} tasks.")
_MORE: Final = QT_TRANSLATE_NOOP(
    "Check", "{0} is better: of {1} tasks it alone did {2}, {3} alone did {4}. Chance would part them so with p = {5}."
)
_NO_TELLING: Final = QT_TRANSLATE_NOOP(
    "Check",
    "No difference can be told: of {1} tasks {0} alone did {2}, {3} alone did {4}. Chance would part them so with "
    "p = {5}.",
)
_NOTHING: Final = QT_TRANSLATE_NOOP("Check", "There is no task that both were asked.")


@dataclass(frozen=True)
class Comparison:
    """What two runs did of the tasks that both were asked.

    Attributes:
        both: Tasks that both did.
        only_first: Tasks that the first alone did.
        only_second: Tasks that the second alone did.
        neither: Tasks that neither did.
    """

    both: int
    only_first: int
    only_second: int
    neither: int

    @property
    def tasks(self) -> int:
        """All tasks that both were asked."""
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def p(self) -> float:
        """Of McNemar's exact test, two-sided."""
        return mcnemar(self.only_first, self.only_second)

    def words(self, first: str, second: str, translate: Translate = str) -> str:
        """Says what came of it.

        Args:
            first: What the first run is called.
            second: What the second one is called.
            translate: Into the language of the reader.
        """
        if not self.tasks:
            return translate(_NOTHING)
        if not self.only_first + self.only_second:
            return translate(_SAME).format(self.both, self.tasks)
        pattern = _MORE if self.p < _SIGNIFICANT else _NO_TELLING
        sides = [(first, self.only_first), (second, self.only_second)]
        (better, more), (worse, fewer) = sorted(sides, key=lambda side: -side[1])
        return translate(pattern).format(better, self.tasks, more, worse, fewer, f"{self.p:.2g}")


def compare(
    first: Iterable[TaskResult], second: Iterable[TaskResult], kinds: Iterable[Kind] | None = None
) -> Comparison:
    """Compares two runs, task by task; a task that only one was asked, or that says something else now, is left out.

    Args:
        first: Results of the one.
        second: Results of the other.
        kinds: Only tasks of these; None: all.
    """
    wanted = frozenset(Kind if kinds is None else kinds)
    others = {(each.task_id, each.digest): each.outcome for each in second}
    counted = {(one, other): 0 for one in (True, False) for other in (True, False)}
    for each in first:
        outcome = others.get((each.task_id, each.digest), Outcome.NOT_ASKED)
        if each.kind in wanted and Outcome.NOT_ASKED not in (each.outcome, outcome):
            counted[each.outcome is Outcome.RIGHT, outcome is Outcome.RIGHT] += 1
    return Comparison(counted[True, True], counted[True, False], counted[False, True], counted[False, False])
