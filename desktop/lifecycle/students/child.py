"""The process that makes a student: ``catnap student run`` of this very program, behind everything else."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError, from_system
from desktop.common.install_folder import moved_problem
from desktop.common.own_process import own_variables
from desktop.lifecycle.students.commands import last_words
from desktop.machine import background_work
from desktop.student.steps import Finished, Planned, Refused, StepProgress, decode

_log = logging.getLogger(__name__)

# Of one line that it says; a longer one is none of ours.
_LONGEST_LINE: Final = 65_536
# Of the end of its log, where its last sentence stands.
_TAIL: Final = 8_192
_INTERRUPTED: Final = 130
# What a remedy says to people in front of a terminal.
_OF_A_COMMAND: Final = re.compile(r"--[a-z]|catnap student|\bcommand\b")


class StudentChild:
    """One such process, from :meth:`begin` to its end. Whoever goes on makes another one.

    Any thread; it is started by a thread of its own that lives as long, since the system ends it with that.

    Attributes:
        planned: What it will do; None: it has not said so yet.
        progress: How far it is; None likewise.
        finished: What came of it; None: nothing yet.
    """

    def __init__(self, command: Sequence[str], log: Path) -> None:
        """
        Args:
            command: What to start.
            log: What it says on stderr goes there; written anew.
        """
        self._command = tuple(command)
        self._log = log
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_suspended = self._is_unwanted = False
        self._error: UserFacingError | None = None
        self._refused: Refused | None = None
        self.planned: Planned | None = None
        self.progress: StepProgress | None = None
        self.finished: Finished | None = None
        self._thread = threading.Thread(target=self._run, name="student", daemon=True)

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone, and everything is known of it."""
        return self._thread.ident is not None and not self._thread.is_alive()

    @property
    def is_suspended(self) -> bool:
        """Whether it is stopped where it is."""
        return self._is_suspended

    @property
    def error(self) -> UserFacingError | None:
        """Why it has ended before its end; None: it has not, or was told to."""
        return self._error

    def begin(self) -> None:
        """Starts it."""
        self._thread.start()

    def suspend(self) -> None:
        """Stops it where it is, within a moment; its memory stays."""
        with self._lock:
            if not self._is_suspended and not self._is_unwanted:
                self._is_suspended = True
                self._tell(background_work.suspend)

    def resume(self) -> None:
        """Goes on where it was stopped."""
        with self._lock:
            if self._is_suspended:
                self._is_suspended = False
                self._tell(background_work.resume)

    def interrupt(self) -> None:
        """Has it keep what there is and end; the next one goes on there."""
        with self._lock:
            if not self._is_unwanted:
                self._is_unwanted, self._is_suspended = True, False
                self._tell(background_work.interrupt)

    def end(self) -> None:
        """Ends it at once: what it was at is done again by the next one."""
        with self._lock:
            self._is_unwanted, self._is_suspended = True, False
            self._tell(background_work.end)

    def wait(self, seconds: float) -> bool:
        """Waits until it has ended; returns whether it has."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return self._thread.ident is None or not self._thread.is_alive()

    # --- the thread

    def _run(self) -> None:
        try:
            with self._log.open("wb") as log:
                process = self._start(log)
                if process is not None:
                    self._listen(process)
                    self._error = self._reason(process.wait())
        except UserFacingError as problem:
            self._error = problem
        except (OSError, MemoryError) as problem:
            self._error = moved_problem() or from_system(problem)

    def _start(self, log: IO[bytes]) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._is_unwanted:
                return None
            # All of the environment: it is a verb that people type, and finds their folders by it.
            process = self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, **own_variables(os.environ)},
                **background_work.start_options(),
            )
            background_work.step_back(process.pid)
            if self._is_suspended:
                background_work.suspend(process.pid)
        return process

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout as stream:
            while line := stream.readline(_LONGEST_LINE):
                told = decode(line.decode("utf-8", "replace"))
                if isinstance(told, Planned):
                    self.planned = told
                elif isinstance(told, StepProgress):
                    self.progress = told
                elif isinstance(told, Finished):
                    self.finished = told
                elif isinstance(told, Refused):
                    self._refused = told

    def _reason(self, code: int) -> UserFacingError | None:
        """Returns why it has ended, if that was neither its end nor told."""
        if self._is_unwanted or self.finished is not None:
            return None
        _log.info("the process that makes a student has ended with %d", code)
        remedy = QT_TRANSLATE_NOOP("Errors", "What is done so far is kept; “Continue” goes on there.")
        if (refused := self._refused) is not None:  # in parts that the window may know in its own language
            advice = refused.remedy
            if _OF_A_COMMAND.search(advice):  # for whoever has typed it
                advice = QT_TRANSLATE_NOOP("Errors", "If “Continue” does not help, remove it and begin anew.")
            return UserFacingError(refused.title, refused.detail, advice or remedy)
        said = self._last_words()
        if code == _INTERRUPTED:  # somebody else has sent it that, and it has kept what there was
            said = ""
        detail = said or f"{code}"
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The smaller model could not be made to its end."),
            detail,
            remedy,
        )

    def _last_words(self) -> str:
        try:
            with self._log.open("rb") as stream:
                stream.seek(0, os.SEEK_END)
                stream.seek(max(0, stream.tell() - _TAIL))
                return last_words(stream.read())
        except OSError:
            return ""

    def _tell(self, what: Callable[[int], None]) -> None:
        """Tells the process something, if there is one; the lock is held."""
        if self._process is not None and self._process.returncode is None:
            what(self._process.pid)
