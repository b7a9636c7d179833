"""Says how far a step of a student is: on a line of the terminal, or in lines of JSON that another program reads."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Final, TextIO

from desktop.cli import common
from desktop.cli.student.wording import in_words
from desktop.student.steps import Finished, Step, StepProgress, Told, encode

# Between two lines of JSON of one step; its first and last come anyway.
_SECONDS: Final = 0.5


class Teller:
    """Where progress goes. One thread."""

    def __init__(self, lines: TextIO | None = None, *, only_the_end: bool = False) -> None:
        """
        Args:
            lines: Takes lines of JSON, see :mod:`desktop.student.steps`; None: a terminal's line shows it in words.
            only_the_end: Of these lines only the last one is wanted.
        """
        self._lines = lines
        self._only_the_end = only_the_end
        self._line = common.ProgressLine()
        self._step: Step | None = None
        self._next = 0.0

    def tell(self, told: Told) -> None:
        """Writes a line of JSON, where such lines are wanted."""
        is_wanted = not self._only_the_end or isinstance(told, Finished)
        if self._lines is not None and is_wanted:
            print(encode(told), file=self._lines, flush=True)

    def show(self, step: Step, done: int, total: int, seconds_left: float | None, what: str) -> None:
        """Says how far a step is; calls that come too fast are left out.

        Args:
            step: Which.
            done: Of ``total``.
            total: See :class:`~desktop.student.steps.StepProgress`.
            seconds_left: Of the step; None: nobody can tell.
            what: What is done now, or counted, in words.
        """
        moment = time.monotonic()
        if self._lines is None or self._only_the_end:
            left = "" if not seconds_left else f", about {in_words(seconds_left)} left"
            self._line.show(f"{done:,} of {total:,} {what}{left}" if total else what)
        elif step is not self._step or (total and (moment >= self._next or done == total)):
            self._step, self._next = step, moment + _SECONDS
            self.tell(StepProgress(step, done, total, seconds_left))

    def clear(self) -> None:
        """Takes the line off the terminal."""
        self._line.clear()


@contextlib.contextmanager
def lines_on_stdout(*, only_the_end: bool) -> Iterator[Teller]:
    """Gives stdout to lines of JSON alone; whatever else is said meanwhile goes to stderr.

    Args:
        only_the_end: Only what has come of all is written there.
    """
    with contextlib.redirect_stdout(sys.stderr):
        yield Teller(sys.__stdout__, only_the_end=only_the_end)
