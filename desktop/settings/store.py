"""The settings in force and their file.

A settings file is JSON: ``{"version": 1, "values": {key: value}}``; only values that differ from the default are
written, with those that another version of Catnap has put there. All of it is called from the GUI thread.
"""

from __future__ import annotations

import itertools
import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from desktop.common.atomic_file import write_atomically
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.events import Publisher
from desktop.settings.options import OPTIONS, OptionValue, Settings, option_for

VERSION = 1
_log = logging.getLogger(__name__)


class FileFault(Enum):
    """What was wrong with the settings file when it was read."""

    UNREADABLE = "unreadable"
    NEWER = "newer"
    VALUES = "values"


@dataclass(frozen=True)
class LoadProblem:
    """Something to say once at the start.

    Attributes:
        kept_aside: Where the old file lies now; None when it was not moved. A newer Catnap's stays where it is until
            the first change.
        keys: Settings that went back to their default.
    """

    fault: FileFault
    kept_aside: Path | None
    keys: tuple[str, ...] = ()

    def as_error(self) -> UserFacingError:
        """Returns the sentence to show."""
        if self.fault is FileFault.NEWER:
            title = QT_TRANSLATE_NOOP("Errors", "The settings were written by a newer Catnap; the defaults are used.")
        elif self.fault is FileFault.UNREADABLE:
            title = QT_TRANSLATE_NOOP("Errors", "The settings could not be read; the defaults are used.")
        else:
            title = QT_TRANSLATE_NOOP("Errors", "Some settings were out of range and went back to their defaults.")
        if self.kept_aside is None:
            return UserFacingError(title, ", ".join(self.keys) + "." if self.keys else "")
        remedy = QT_TRANSLATE_NOOP("Errors", "The old file was kept; nothing in it is lost.")
        return UserFacingError(title, f"{self.kept_aside}.", remedy)


Listener = Callable[[Settings, Settings], None]


@dataclass(frozen=True)
class _Stored:
    """What a file held.

    Attributes:
        foreign: Values of settings that this Catnap does not know, another version's: written back as they are.
        newer: Version of a file that this Catnap must not write over; 0: it may.
    """

    settings: Settings
    problem: LoadProblem | None = None
    foreign: tuple[tuple[str, object], ...] = ()
    newer: int = 0


class SettingsStore:
    """The settings in force, on disk and in memory.

    Attributes:
        load_problem: What was wrong with the file, to be said once; None: nothing.
    """

    def __init__(self, file: Path) -> None:
        """
        Args:
            file: Path of settings.json; its folder exists.
        """
        self._file = file
        self._changed = Publisher[Settings, Settings]()
        stored = _load(file)
        self._current, self.load_problem = stored.settings, stored.problem
        self._foreign, self._newer = stored.foreign, stored.newer

    @property
    def current(self) -> Settings:
        return self._current

    def subscribe(self, listener: Listener) -> None:
        """Calls ``listener(old, new)`` after every change, in the order of subscription."""
        self._changed.subscribe(listener)

    def change(self, **values: OptionValue) -> Settings:
        """Validates, saves and announces new values.

        Raises:
            UserFacingError: A value is out of range, or the file cannot be written; nothing has changed then.
        """
        checked = {key: option_for(key).validate(value) for key, value in values.items()}
        arguments: dict[str, Any] = dict(checked)
        new = replace(self._current, **arguments)
        if new == self._current:
            return new
        if self._newer:
            self._keep_newer()
        _save(self._file, new, self._foreign)
        old, self._current = self._current, new
        self._changed(old, new)
        return new

    def _keep_newer(self) -> None:
        """Sets a newer Catnap's file aside, not before there is something to write in its place."""
        if self._file.exists() and _keep_aside(self._file, f"v{self._newer}") is None:
            raise _not_saved(self._file, "")
        self._newer = 0


def _load(file: Path) -> _Stored:
    defaults = Settings()
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        return _Stored(defaults)
    except OSError as problem:
        _log.warning("settings file unreadable: %s", problem)
        return _Stored(defaults, LoadProblem(FileFault.UNREADABLE, _keep_aside(file, "unreadable")))
    try:
        document = json.loads(raw)
        version = document["version"]
        if type(version) is not int or version < 1:
            raise ValueError("wrong version")
        if version > VERSION:  # nothing else in it is looked at: a newer Catnap may have laid it out otherwise
            return _Stored(defaults, LoadProblem(FileFault.NEWER, file), newer=version)
        stored = document["values"]
        if not isinstance(stored, dict):
            raise ValueError("wrong shape")
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        _log.warning("settings file malformed: %s", type(problem).__name__)
        return _Stored(defaults, LoadProblem(FileFault.UNREADABLE, _keep_aside(file, "broken")))
    return _validated(stored)


def _validated(stored: dict[str, Any]) -> _Stored:
    values: dict[str, OptionValue] = {}
    rejected: list[str] = []
    for option in OPTIONS:
        values[option.key] = option.default
        if option.key in stored:
            try:
                values[option.key] = option.validate(stored[option.key])
            except UserFacingError:
                rejected.append(option.key)
    problem = LoadProblem(FileFault.VALUES, None, tuple(rejected)) if rejected else None
    foreign = tuple((key, value) for key, value in stored.items() if key not in values)
    return _Stored(_settings_of(values), problem, foreign)


def _settings_of(values: dict[str, OptionValue]) -> Settings:
    arguments: dict[str, Any] = dict(values)  # each value has passed its option's validate()
    return Settings(**arguments)


def _keep_aside(file: Path, why: str) -> Path | None:
    """Moves a file that will not do out of the way, under a name that is not taken; None where that is not possible."""
    stem = f"{file.stem}.{why}-{time.strftime('%Y%m%d-%H%M%S')}"
    marks = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    names = (f"{stem}{mark}{file.suffix}" for mark in marks)
    try:
        target = next(path for path in map(file.with_name, names) if not path.exists())
        file.rename(target)
    except OSError as problem:
        _log.warning("cannot set the old settings aside: %s", problem)
        return None
    return target


def _save(file: Path, settings: Settings, foreign: tuple[tuple[str, object], ...]) -> None:
    values = asdict(settings)
    changed = {option.key: values[option.key] for option in OPTIONS if values[option.key] != option.default}
    text = json.dumps({"version": VERSION, "values": {**dict(foreign), **changed}}, ensure_ascii=False, indent=1)
    try:
        write_atomically(file, f"{text}\n".encode())
    except OSError as problem:
        raise _not_saved(file, f": {problem.strerror or problem}") from problem


def _not_saved(file: Path, reason: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The settings could not be saved."),
        f"{file}{reason}.",
        QT_TRANSLATE_NOOP("Errors", "Check that the disk is not full and the folder is writable."),
    )
