"""Starting at login on Windows: a value of the user's Run key, which needs no administrator.

Task Manager and Settings do not remove a value that is switched off there; they say so in a key of their own,
``StartupApproved``: the first byte is odd (3) for off and even (2, 6) for on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from subprocess import list2cmdline
from typing import Protocol

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.system.login.types import Command, Entry

RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED_KEY = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
_NAME = "Catnap"
# Microsoft's documentation of the Run keys: "a command line no longer than 260 characters".
_LONGEST = 260


class Registry(Protocol):
    """As much of HKEY_CURRENT_USER as is needed. All methods raise OSError where Windows refuses."""

    def read(self, key: str, name: str) -> str | bytes | None:
        """Returns a value; None where it or its key is missing, or where it is no text and no bytes."""
        ...

    def write_text(self, key: str, name: str, value: str) -> None:
        """Sets a value, making its key."""
        ...

    def delete(self, key: str, name: str) -> None:
        """Removes a value; one that is not there is fine."""
        ...


class RunKey:
    """The value of Catnap in the Run key; a :class:`~desktop.system.login.types.LoginEntry`."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    @property
    def place(self) -> str:
        return rf"HKEY_CURRENT_USER\{RUN_KEY}"

    def read(self) -> Entry | None:
        line = self._registry.read(RUN_KEY, _NAME)
        if not isinstance(line, str):
            return None
        approved = self._registry.read(APPROVED_KEY, _NAME)
        is_off = isinstance(approved, bytes) and approved[:1] != b"" and approved[0] % 2 == 1
        return Entry(split_command_line(line), not is_off)

    def enable(self, command: Command) -> None:
        line = join_command_line(command)
        if len(line) > _LONGEST:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "Windows cannot start a program at login whose path is this long."),
                f"{command[0]}.",
                QT_TRANSLATE_NOOP("Errors", "Move Catnap to a folder with a shorter path and start it from there."),
            )
        self._registry.write_text(RUN_KEY, _NAME, line)
        self._registry.delete(APPROVED_KEY, _NAME)

    def disable(self) -> None:
        self._registry.delete(RUN_KEY, _NAME)
        self._registry.delete(APPROVED_KEY, _NAME)


def join_command_line(command: Command) -> str:
    """Returns the command line that starts ``command``; the program is always quoted, as Windows guesses otherwise."""
    program, *arguments = command
    return " ".join([f'"{program}"', list2cmdline(arguments)]).rstrip()


def split_command_line(line: str) -> Command:
    """Returns program and arguments of a command line, by the rules of Microsoft's C runtime."""
    line = line.strip()
    # The program's name knows no backslash escapes: it ends at the next quote, or at the first blank.
    if line.startswith('"'):
        program, _, rest = line[1:].partition('"')
    else:
        program, _, rest = line.partition(" ")
    return (program, *_arguments(rest)) if program else ()


def _arguments(line: str) -> Iterator[str]:
    """Yields the arguments behind the program: 2n backslashes before a quote stand for n, one more for the quote."""
    word, started, quoted, backslashes = "", False, False, 0
    for character in line:
        if character == "\\":
            backslashes += 1
            started = True
            continue
        if character == '"':
            word += "\\" * (backslashes // 2)
            if backslashes % 2:
                word += '"'
            else:
                quoted = not quoted
            started, backslashes = True, 0
            continue
        word += "\\" * backslashes
        backslashes = 0
        if character in " \t" and not quoted:
            if started:
                yield word
            word, started = "", False
        else:
            word += character
            started = True
    if started:
        yield word + "\\" * backslashes


class UserRegistry:
    """HKEY_CURRENT_USER itself; a :class:`Registry`. On Windows only."""

    if sys.platform == "win32":

        def read(self, key: str, name: str) -> str | bytes | None:
            import winreg

            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                    value, _ = winreg.QueryValueEx(opened, name)
            except FileNotFoundError:
                return None
            return value if isinstance(value, str | bytes) else None

        def write_text(self, key: str, name: str, value: str) -> None:
            import winreg

            with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, key, access=winreg.KEY_SET_VALUE) as opened:
                winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, value)

        def delete(self, key: str, name: str) -> None:
            import winreg

            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, access=winreg.KEY_SET_VALUE) as opened:
                    winreg.DeleteValue(opened, name)
            except FileNotFoundError:
                return
