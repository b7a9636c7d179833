"""Another program that keeps one processor busy, and an answer during which it comes and goes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise

# The engine has this long to notice that others have come or gone; what is compared is measured afterwards.
_REACTION_S = 2.0
_UNDISTURBED_S = 3.0
# Over this long it is seen how many processors are used.
_USE_S = 0.25
_POSITION = 20
_LOOP = "import os; os.sched_setaffinity(0, {{{processor}}})\nwhile True: pass"


@dataclass(frozen=True)
class Moment:
    """A point of time within an answer.

    Attributes:
        seconds: Since its first token.
        tokens: Made since then.
        used: Processor time that the process has used, in seconds.
    """

    seconds: float
    tokens: int
    used: float


@dataclass(frozen=True)
class Disturbed:
    """How an answer went while another program came and went.

    Attributes:
        beside_tps: Speed beside it, from 2 s after it began.
        beside_position: Tokens of the context at the middle of that time.
        after_tps: Speed when it had stopped, from 2 s after that.
        after_position: Tokens of the context at the middle of that time.
        pause_s: The longest time between two tokens after it began.
        recovery_s: From its end until as many processors were used as before it began.
    """

    beside_tps: float
    beside_position: int
    after_tps: float
    after_position: int
    pause_s: float
    recovery_s: float


@contextmanager
def busy_program() -> Iterator[None]:
    """Keeps the first of our processors busy."""
    program = _start()
    try:
        yield
    finally:
        _end(program)


def disturb(answer: Callable[[int], Generator[Moment]], seconds: float) -> Disturbed:
    """Disturbs an answer.

    Args:
        answer: Begins one after so many tokens of the context.
        seconds: How long the speed is measured beside the program, and again after its end.

    Raises:
        RuntimeError: The model ends its answers too early for this.
    """
    for _ in range(5):
        moments: list[Moment] = []
        came = went = 0.0
        program: subprocess.Popen[bytes] | None = None
        with closing(answer(_POSITION)) as pieces:
            try:
                for moment in pieces:
                    moments.append(moment)
                    if not came and moment.seconds >= _UNDISTURBED_S:
                        came, program = moment.seconds, _start()
                    elif program is not None and moment.seconds >= came + _REACTION_S + seconds:
                        _end(program)
                        went, program = moment.seconds, None
                    elif went and moment.seconds >= went + _REACTION_S + seconds:
                        return _evaluate(moments, came, went)
            finally:
                if program is not None:
                    _end(program)
    raise RuntimeError("the model ends each answer too early to be measured")


def _evaluate(moments: Sequence[Moment], came: float, went: float) -> Disturbed:
    before = [moment for moment in moments if came - 1 <= moment.seconds < came]
    beside = [moment for moment in moments if came + _REACTION_S <= moment.seconds < went]
    disturbed = [moment for moment in moments if came <= moment.seconds < went]
    later = [moment for moment in moments if moment.seconds >= went]
    after = [moment for moment in later if moment.seconds >= went + _REACTION_S]
    return Disturbed(
        beside_tps=_speed(beside),
        beside_position=_middle(beside),
        after_tps=_speed(after),
        after_position=_middle(after),
        pause_s=max(second.seconds - first.seconds for first, second in pairwise(disturbed)),
        recovery_s=_recovery(later, _used(before) - 0.5) - went,
    )


def _recovery(moments: Sequence[Moment], used: float) -> float:
    """Returns the moment from which more than ``used`` processors are used; the last one if there is none."""
    for number, first in enumerate(moments):
        window = [moment for moment in moments[number:] if moment.seconds <= first.seconds + _USE_S]
        if len(window) > 1 and _used(window) > used:
            return first.seconds
    return moments[-1].seconds


def _speed(moments: Sequence[Moment]) -> float:
    return (moments[-1].tokens - moments[0].tokens) / (moments[-1].seconds - moments[0].seconds)


def _used(moments: Sequence[Moment]) -> float:
    return (moments[-1].used - moments[0].used) / (moments[-1].seconds - moments[0].seconds)


def _middle(moments: Sequence[Moment]) -> int:
    return _POSITION + (moments[0].tokens + moments[-1].tokens) // 2


def _start() -> subprocess.Popen[bytes]:
    processor = min(os.sched_getaffinity(0))
    return subprocess.Popen([sys.executable, "-c", _LOOP.format(processor=processor)])


def _end(program: subprocess.Popen[bytes]) -> None:
    program.kill()
    program.wait()
