"""The switch "Start when I log in": on is what the system says, not what was once chosen."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.system.login.types import Command, Entry, LoginEntry

_log = logging.getLogger(__name__)
_HIDDEN = "--hidden"
_DATA_DIR = "--data-dir"


@dataclass(frozen=True)
class LoginStatus:
    """What happens at the next login.

    Attributes:
        on: This Catnap is started.
        other: Command of another program that is started by the entry of this name; empty where there is none.
    """

    on: bool
    other: Command = ()


class LoginStart:
    """Reads, turns and repairs the entry. May be called from any thread; takes about a millisecond."""

    def __init__(self, entry: LoginEntry, program: Callable[[], Command], data_dir: Path | None) -> None:
        """
        Args:
            entry: The system's place for it.
            program: Returns what starts this Catnap, without arguments; UserFacingError where nothing does.
            data_dir: The folder given with ``--data-dir``; None: the platform's usual places.
        """
        self._entry = entry
        self._program = program
        self._data_dir = data_dir

    @property
    def place(self) -> str:
        """Where the system keeps the entry, for people."""
        return self._entry.place

    def status(self) -> LoginStatus:
        """Returns what the system says.

        Raises:
            UserFacingError: The entry cannot be read.
        """
        entry = self._read()
        if entry is None or not entry.enabled or self._is_lost(entry.command):
            return LoginStatus(False)
        return LoginStatus(True) if self._is_this(entry.command) else LoginStatus(False, entry.command)

    def is_on(self) -> bool:
        """Whether this Catnap is started at login; an entry that cannot be read counts as none."""
        try:
            return self.status().on
        except UserFacingError as problem:
            _log.warning("start at login: %s", problem)
            return False

    def turn(self, on: bool) -> None:
        """Has this Catnap started at login, hidden, or no longer; what another program has put there is not taken away.

        Raises:
            UserFacingError: It could not be changed; everything is as it was.
        """
        entry = self._read()
        is_ours = entry is not None and (self._is_this(entry.command) or self._is_lost(entry.command))
        try:
            if not on:
                if is_ours:
                    self._entry.disable()
                return
            # What a person has added to our own command is kept.
            arguments = _arguments_of(entry.command) if entry and is_ours else self._arguments()
            self._entry.enable((*self._program(), *arguments))
        except OSError as problem:
            raise self._failed(problem) from problem

    def repair(self) -> bool:
        """Leads the entry to where Catnap lies now, if its folder was moved. Returns whether there was need to.

        Nothing happens unless the entry is heeded and names a Catnap with these data that is no longer there.
        Does not raise: at the start nobody asked for it; what went wrong is in the log.
        """
        try:
            entry = self._entry.read()
            if entry is None or not entry.enabled or not self._is_lost(entry.command):
                return False
            self._entry.enable((*self._program(), *_arguments_of(entry.command)))
        except (OSError, UserFacingError) as problem:
            _log.warning("start at login not repaired: %s", problem)
            return False
        _log.info("start at login led from %s to here", entry.command[0])
        return True

    def _arguments(self) -> Command:
        return (_HIDDEN,) if self._data_dir is None else (_DATA_DIR, str(self._data_dir), _HIDDEN)

    def _is_this(self, command: Command) -> bool:
        try:
            program = self._program()
        except UserFacingError:
            return False
        start = command[: len(program)]
        if len(start) < len(program) or start[1:] != program[1:]:
            return False
        return _is_same_file(start[0], program[0]) and self._has_these_data(command)

    def _is_lost(self, command: Command) -> bool:
        """Whether a command names a Catnap with these data that is no longer there."""
        if not command or _find(command[0]):
            return False
        return _looks_like_catnap(command) and self._has_these_data(command)

    def _has_these_data(self, command: Command) -> bool:
        named = _data_dir_of(_arguments_of(command))
        if named is None or self._data_dir is None:
            return named is None and self._data_dir is None
        return _is_same_file(named, str(self._data_dir))

    def _read(self) -> Entry | None:
        try:
            return self._entry.read()
        except OSError as problem:
            raise self._failed(problem) from problem

    def _failed(self, problem: OSError) -> UserFacingError:
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "Catnap cannot get at what starts when you log in."),
            f"{self._entry.place}: {problem.strerror or problem}.",
            QT_TRANSLATE_NOOP("Errors", "Check that the disk is not full and the folder is writable."),
        )


def _find(program: str) -> str:
    """Returns the file that a program's name stands for, empty where there is none."""
    if os.path.dirname(program):  # noqa: PTH120 (Path would drop the "./" that makes a difference)
        return program if os.path.exists(program) else ""  # noqa: PTH110 (Path.exists raises where it may not look)
    return shutil.which(program) or ""


def _is_same_file(one: str, other: str) -> bool:
    try:
        return Path(_find(one) or one).samefile(other)
    except OSError:  # one of them does not exist
        return os.path.normcase(one) == os.path.normcase(other)


def _is_module(command: Command) -> bool:
    return command[1:3] == ("-m", "desktop")


def _looks_like_catnap(command: Command) -> bool:
    program = command[0]
    name = (PureWindowsPath(program) if "\\" in program else PurePosixPath(program)).name.lower()
    return name.startswith("catnap") or _is_module(command)


def _arguments_of(command: Command) -> Command:
    return command[3:] if _is_module(command) else command[1:]


def _data_dir_of(arguments: Command) -> str | None:
    """Returns the value of ``--data-dir``, None where it is not given."""
    for number, argument in enumerate(arguments):
        if argument == _DATA_DIR:
            return arguments[number + 1] if number + 1 < len(arguments) else None
        if argument.startswith(f"{_DATA_DIR}="):
            return argument.partition("=")[2]
    return None
