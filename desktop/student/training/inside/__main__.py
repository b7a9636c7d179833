"""The process that computes with PyTorch: ``python -m desktop.student.training.inside train FOLDER``, or ``answer``.

What is to be done stands in a file in that folder.

Tells how far it is in lines of JSON on its standard output. It stops, with a checkpoint, when its standard input ends
(so also when whoever has started it is gone), and on SIGINT and SIGTERM.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError, has_no_room, is_disk_full
from desktop.student.training.inside.heap import keep_within
from desktop.student.training.settings import AnswersJob, Job

# Lowest priority but one that still gets something: somebody may be at work.
_NICENESS: Final = 10
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


def tell(kind: str, **said: object) -> None:
    """Tells the program that has started this one something; where that is gone, nobody."""
    try:
        print(json.dumps({"kind": kind, **said}), flush=True)
    except BrokenPipeError:
        # What has been learnt is kept all the same: standard input has ended as well, which `_listen` hears of.
        nobody = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nobody, sys.stdout.fileno())
        os.close(nobody)


def train(job: Job, over: threading.Event) -> None:
    """Does the job, or what is left of it.

    Raises:
        UserFacingError: It cannot be done.
        OSError: Files cannot be read or written.
    """
    from desktop.student.training.inside.preparing import prepare

    training, said = prepare(job)
    tell("plan", **said, step=training.progress.step, steps=training.progress.steps)
    for each in training.steps(over.is_set):
        kind = "step" if hasattr(each, "best") else "look"
        tell(kind, **{**asdict(each), "cpu_seconds": training.cpu_seconds})
        keep_within(int(str(said["memory"])))
    tell("done" if training.is_done else "paused", **asdict(training.progress))


def answer(job: AnswersJob, over: threading.Event) -> None:
    """Does the job, or what is left of it.

    Raises:
        UserFacingError: It cannot be done.
        OSError: Files cannot be read or written.
    """
    from desktop.student.training.inside.answering import answer_more
    from desktop.student.training.inside.questioning import answer_own

    began = time.process_time()
    done = total = tokens = 0
    for done, total, tokens in answer_own(job) if job.questions else answer_more(job):
        tell("answers", done=done, total=total, tokens=tokens, cpu_seconds=time.process_time() - began)
        if over.is_set():
            break
    tell("done" if done == total else "paused", answers=done, total=total, tokens=tokens)


def _listen(over: threading.Event) -> None:
    # Not through sys.stdin, whose lock a thread would keep when the interpreter ends.
    while os.read(0, 1024):
        pass
    over.set()


def _wake_without_parent() -> None:
    """Has the system wake this process, where it was stopped, when the one is gone that has started it (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, *map(ctypes.c_ulong, (signal.SIGCONT, 0, 0, 0)))


def main() -> int:
    _wake_without_parent()
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    threading.Thread(target=_listen, args=(over,), daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(max(0, _NICENESS - os.nice(0)))
    folder = Path(sys.argv[2])
    try:
        if sys.argv[1] == "train":
            train(Job.read(folder), over)
        else:
            answer(AnswersJob.read(folder), over)
    except (UserFacingError, MemoryError, OSError, RuntimeError) as problem:
        said = _in_words(problem, folder)
        if said is None:
            raise
        tell("refused", title=said.title, detail=said.detail, remedy=said.remedy)
        return 1
    return 0


def _in_words(problem: Exception, folder: Path) -> UserFacingError | None:
    """Returns what went wrong as people are told it; None: it is a fault of ours."""
    if isinstance(problem, UserFacingError):
        return problem
    if isinstance(problem, MemoryError):
        advice = QT_TRANSLATE_NOOP("Errors", "Close other programs and try again.")
        return UserFacingError(QT_TRANSLATE_NOOP("Errors", "There is not enough memory to train."), "", advice)
    # PyTorch says of a disk that is full only that it could not write.
    if is_disk_full(problem) if isinstance(problem, OSError) else has_no_room(folder):
        return UserFacingError(QT_TRANSLATE_NOOP("Errors", "The disk is full."), f"{folder}.")
    if isinstance(problem, OSError):
        return UserFacingError(QT_TRANSLATE_NOOP("Errors", "A file of the training cannot be used."), str(problem))
    return None


if __name__ == "__main__":
    sys.exit(main())
