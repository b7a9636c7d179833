"""The engine's process dies of a signal, or stands still, at each point of its work.

Survived: whoever waits for an answer gets one sentence that names the signal and, once the model was touched, the
model; a death that nobody waits for is told as well; what was streamed is kept; the next message is answered. Where it
stands still, a Stop ends the answer within 5 s, and the next message is answered.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from desktop.engine.types import Asleep, Crashed, Failed, Finished, Token
from tests.support.parrot import LONG_TEXT
from tests.torture.judge import LONG_S, Asker, LostError, Overseer, check_words
from tests.torture.results import Outcome, Run
from tests.torture.states import State, endless_model, hold, kill_held, reach

_SIGNALS: Final = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGKILL, signal.SIGSTOP)
_SHORT: Final = (signal.SIGSEGV, signal.SIGKILL)
# Saving: resting, and told to leave.
_POINTS: Final = (*State, "saving")


def run(run: Run) -> Iterator[Outcome]:
    """Tries each signal at each point."""
    path = endless_model(run.folder)
    number = -1
    with Asker() as asker:
        for point in _POINTS:
            for each in _SIGNALS:
                number += 1
                if (run.only and number not in run.only) or (run.is_short and each not in _SHORT):
                    continue
                began = time.monotonic()
                ending, lost = "went on", ""
                with Overseer() as overseer:
                    try:
                        _die(asker, path, point, each)
                    except LostError as problem:
                        ending, lost = "lost", str(problem)
                        asker.recover()
                if overseer.heard and not lost:
                    ending, lost = "lost", "; ".join(overseer.heard)
                name = point.value if isinstance(point, State) else point
                again = f"--part deaths --only {number}"
                seconds = time.monotonic() - began
                yield Outcome("deaths", name, f"{each.name} while {name}", ending, lost, again, seconds=seconds)


def _die(asker: Asker, path: Path, point: State | str, number: signal.Signals) -> None:
    state = point if isinstance(point, State) else State.RESTING
    held: list[int] = []

    def stop(pid: int) -> None:
        hold(pid)
        held.append(pid)

    request_id = reach(asker, path, state, stop)
    if point == "saving":
        asker.worker.sleep()  # the worker takes this before it can hear of the death
    if number is signal.SIGSTOP:
        _stop(asker, request_id if state.is_asked else asker.ask())
    else:
        kill_held(held[0], number)
        _check_death(asker, path, state, number, request_id, leaving=point == "saving")
    again = asker.ask(max_tokens=4)
    end = asker.end_of(again, LONG_S)
    if end.words != "answered" or not LONG_TEXT.startswith(end.text):
        raise LostError(f"the next message: {end.event}, {end.text!r}")
    asker.fall_asleep()
    for event in asker.close():
        if isinstance(event, Token) and event.request_id != again:
            raise LostError("words of an answer that had ended")


def _stop(asker: Asker, request_id: int) -> None:
    """Stops a request whose process stands still."""
    end = asker.stop_after(request_id, 0)
    if not isinstance(end.event, Finished):
        raise LostError(f"a Stop ended in {end.event}")
    asker.close()


def _check_death(
    asker: Asker, path: Path, state: State, number: signal.Signals, request_id: int, *, leaving: bool
) -> None:
    """Makes sure that a death is told, once, and to whoever waits in clear words."""
    if state.is_asked:
        end = asker.end_of(request_id, LONG_S)
        if not isinstance(end.event, Failed):
            raise LostError(f"no sentence, but {end.event}")
        if state is not State.STARTING:
            check_words(end.event.error, path.name)
        if number is not signal.SIGKILL and number.name not in end.event.error.detail:
            raise LostError(f"the sentence does not say what it died of: {end.event.error}")
        if state is State.ANSWERING and not LONG_TEXT.startswith(end.text[:20]):
            raise LostError(f"what was streamed is not what the model says: {end.text!r}")
    asker.wait(lambda event: isinstance(event, Asleep), LONG_S, "the news of its death")
    crashes = [event for event in asker.close() if isinstance(event, Crashed)]
    if len(crashes) != (not leaving):  # its going was asked for, so nobody asks how it went; the log knows
        raise LostError(f"its death was told {len(crashes)} times")
