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
# Speeds are compared within one answer, in slices: from one answer to the next a machine can change by a fifth.
_SLICE_S = 1.0
_AUTOMATIC = 0
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
    """How an answer went while another program came and went; None: no token came in that time, so nobody knows.

    Attributes:
        beside_tps: Speed of auto beside it, from 2 s after it began.
        beside_fixed_tps: Speed of the fixed number in between.
        after_tps: Speed of auto when it had stopped, from 2 s after that.
        after_fixed_tps: Speed of the fixed number in between.
        pause_s: The longest time between two tokens after it began.
        recovery_s: From its end until as many processors were used as before it began.
    """

    beside_tps: float | None
    beside_fixed_tps: float | None
    after_tps: float | None
    after_fixed_tps: float | None
    pause_s: float | None
    recovery_s: float | None


@contextmanager
def busy_program() -> Iterator[None]:
    """Keeps the first of our processors busy."""
    program = _start()
    try:
        yield
    finally:
        _end(program)


def disturb(
    answer: Callable[[int], Generator[Moment]],
    set_threads: Callable[[int], object],
    seconds: float,
    beside_count: int,
    after_count: int,
) -> Disturbed:
    """Disturbs an answer with an automatic number of threads.

    Args:
        answer: Begins one after so many tokens of the context.
        set_threads: Sets the number of threads from the next token on; 0: automatic.
        seconds: How long each speed is measured, in slices that take turns.
        beside_count: Fixed number to compare with beside the program.
        after_count: Fixed number to compare with after its end.

    Raises:
        RuntimeError: The model ends its answers too early for this.
    """
    came = _UNDISTURBED_S
    went = came + _REACTION_S + 2 * seconds
    end = went + _REACTION_S + 2 * seconds
    slices = [
        *_slices(came + _REACTION_S, went, beside_count),
        *_slices(went + _REACTION_S, end, after_count),
    ]
    for _ in range(5):
        set_threads(_AUTOMATIC)
        moments: list[Moment] = []
        pending = list(slices)
        program: subprocess.Popen[bytes] | None = None
        with closing(answer(_POSITION)) as pieces:
            try:
                for moment in pieces:
                    moments.append(moment)
                    if program is None and came <= moment.seconds < went:
                        program = _start()
                    elif program is not None and moment.seconds >= went:
                        _end(program)
                        program = None
                    while pending and moment.seconds >= pending[0].begin:
                        set_threads(pending.pop(0).threads)
                    if moment.seconds >= end:
                        return _evaluate(moments, slices, came, went)
            finally:
                if program is not None:
                    _end(program)
                set_threads(_AUTOMATIC)
    raise RuntimeError("the model ends each answer too early to be measured")


@dataclass(frozen=True)
class _Slice:
    begin: float
    end: float
    threads: int


def _slices(begin: float, end: float, fixed: int) -> list[_Slice]:
    """Cuts a time into slices: auto, twice fixed, auto; so neither has the longer context, with which tokens slow down.

    The last is auto: what follows is its own.
    """
    count = int((end - begin) / _SLICE_S)
    turns = (_AUTOMATIC, fixed, fixed, _AUTOMATIC)
    return [_Slice(begin + n * _SLICE_S, begin + (n + 1) * _SLICE_S, turns[n % 4]) for n in range(count)]


def _evaluate(moments: Sequence[Moment], slices: Sequence[_Slice], came: float, went: float) -> Disturbed:
    before = [moment for moment in moments if came - 1 <= moment.seconds < came]
    disturbed = [moment for moment in moments if came <= moment.seconds < went]
    later = [moment for moment in moments if moment.seconds >= went]
    beside = [part for part in slices if part.end <= went]
    after = [part for part in slices if part.begin >= went]
    return Disturbed(
        beside_tps=_speed(moments, beside, fixed=False),
        beside_fixed_tps=_speed(moments, beside, fixed=True),
        after_tps=_speed(moments, after, fixed=False),
        after_fixed_tps=_speed(moments, after, fixed=True),
        pause_s=max((second.seconds - first.seconds for first, second in pairwise(disturbed)), default=None),
        recovery_s=_recovery(before, later, went),
    )


def _recovery(before: Sequence[Moment], later: Sequence[Moment], went: float) -> float | None:
    """Returns the seconds until as many processors are used as before, or until the last token if they never are."""
    usual = _used(before)
    if usual is None or not later:
        return None
    for number, first in enumerate(later):
        used = _used([moment for moment in later[number:] if moment.seconds <= first.seconds + _USE_S])
        if used is not None and used > usual - 0.5:
            return first.seconds - went
    return later[-1].seconds - went


def _speed(moments: Sequence[Moment], slices: Sequence[_Slice], *, fixed: bool) -> float | None:
    """Returns tokens per second over all slices of a kind; one without a token says nothing of how slow it was."""
    tokens, seconds = 0, 0.0
    for part in slices:
        if (part.threads != _AUTOMATIC) is fixed:
            inside = [moment for moment in moments if part.begin <= moment.seconds < part.end]
            if inside:
                tokens += inside[-1].tokens - inside[0].tokens
                seconds += inside[-1].seconds - inside[0].seconds
    return tokens / seconds if seconds > 0 else None


def _used(moments: Sequence[Moment]) -> float | None:
    """Returns how many processors were used between the first and the last moment; None: there are no two."""
    if len(moments) < 2 or moments[-1].seconds <= moments[0].seconds:
        return None
    return (moments[-1].used - moments[0].used) / (moments[-1].seconds - moments[0].seconds)


def _start() -> subprocess.Popen[bytes]:
    processor = min(os.sched_getaffinity(0))
    return subprocess.Popen([sys.executable, "-c", _LOOP.format(processor=processor)])


def _end(program: subprocess.Popen[bytes]) -> None:
    program.kill()
    program.wait()
