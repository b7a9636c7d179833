"""The standard streams as the verbs use them, whatever the shell has made of them."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import Final

from desktop.common.errors import UserFacingError
from desktop.common.printable import PrintableStream

_STANDARD: Final = 3


class OutputError(UserFacingError):
    """What was asked for cannot be written to standard output."""

    def __init__(self, why: str) -> None:
        """
        Args:
            why: The system's words.
        """
        super().__init__("The output cannot be written.", f"{why}.")


class _Output(io.TextIOWrapper):
    """Text to standard output: foreign control characters do not reach a terminal, and a failure is a sentence.

    Attributes:
        failed: Something could not be written.
    """

    def __init__(self, buffer: io.BufferedWriter, encoding: str) -> None:
        at_terminal = buffer.isatty()
        # A terminal that cannot show an emoji shows "?".
        super().__init__(buffer, encoding, errors="replace", line_buffering=at_terminal)
        self._cleaner = PrintableStream() if at_terminal else None
        self.failed = False

    def write(self, text: str, /) -> int:
        shown = self._cleaner.feed(text) if self._cleaner is not None else text
        try:
            super().write(shown)
        except OSError as problem:
            self._fail(problem)
        return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as problem:
            self._fail(problem)

    def end(self) -> None:
        """Writes all that is left."""
        if self._cleaner is not None and (rest := self._cleaner.end()):
            super().write(rest)
        self.flush()

    def _fail(self, problem: OSError) -> None:
        self.failed = True
        if isinstance(problem, BrokenPipeError):
            raise problem  # whoever reads has read enough: no reason for a word
        raise OutputError(problem.strerror or str(problem)) from problem


class _Errors(io.TextIOWrapper):
    """Text to standard error. Where it cannot be written there is nobody left to tell.

    Attributes:
        failed: Something could not be written.
    """

    def __init__(self, buffer: io.BufferedWriter, encoding: str) -> None:
        super().__init__(buffer, encoding, errors="replace", line_buffering=True)
        self.failed = False

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError:
            self.failed = True
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            self.failed = True


class _Closed(io.TextIOBase):
    """Stands for a standard output that the shell has closed.

    Attributes:
        matters: What is printed is what was asked for; the tray app prints nothing that anybody waits for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.matters = True

    def write(self, text: str, /) -> int:
        if self.matters:
            raise OutputError("It is closed")
        return len(text)


class StandardStreams:
    """Takes the process's streams over, so that all of them are there and text can be printed to each."""

    def __init__(self) -> None:
        plug_closed_descriptors()
        self._before = sys.stdout, sys.stderr, sys.stdin
        self._output: _Output | None = None
        self._errors: _Errors | None = None
        if sys.stderr is None:
            sys.stderr = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")  # there is nobody to tell
        elif (below := getattr(sys.stderr, "buffer", None)) is not None:
            sys.stderr.flush()
            sys.stderr = self._errors = _Errors(below, sys.stderr.encoding or "utf-8")
        if sys.stdin is None:
            sys.stdin = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")  # nothing comes from there
        buffer = getattr(sys.stdout, "buffer", None)
        if sys.stdout is None:
            sys.stdout = _Closed()
        elif buffer is not None:
            sys.stdout.flush()
            sys.stdout = self._output = _Output(buffer, sys.stdout.encoding or "utf-8")

    def ignore_closed_output(self) -> None:
        """Has what is printed go nowhere where the shell has closed standard output, instead of being an error."""
        if isinstance(sys.stdout, _Closed):
            sys.stdout.matters = False

    def close(self) -> None:
        """Brings everything out and gives the streams back.

        Raises:
            OutputError: It cannot be written; not where that was said before.
            BrokenPipeError: Nobody reads it any more.
        """
        output, errors = self._output, self._errors
        self._output = self._errors = None
        sys.stdout, sys.stderr, sys.stdin = self._before
        if errors is not None:
            errors.flush()
            _let_go(errors)
        if output is None:
            return
        try:
            if not output.failed:
                output.end()
        finally:
            _let_go(output)


def _let_go(stream: _Output | _Errors) -> None:
    """Parts from the stream below, which is not ours to close."""
    if stream.failed:
        # Neither it nor the interpreter may try once more when they end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    with contextlib.suppress(OSError, ValueError, UserFacingError):
        stream.detach()


def plug_closed_descriptors() -> None:
    """Opens what the shell has closed of the standard descriptors, so that no file or pipe of ours gets their numbers.

    A library that prints a warning would write it into that file.
    """
    with contextlib.suppress(OSError):
        while (handle := os.open(os.devnull, os.O_RDWR)) < _STANDARD:
            pass
        os.close(handle)
