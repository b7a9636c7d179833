"""The settings in force and their file.

A settings file is JSON: ``{"version": 1, "values": {key: value}}``; only values that differ from the default are
written, with those that another version of Catnap has put there. A path that somebody has written into it is relative
to its folder, and stays as it was written until another one is chosen; so does a value that cannot be used. All of it
is called from the GUI thread; where the file is written, see :meth:`SettingsStore.write_with`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from desktop.common.background_writer import PutWrite, StateFileWriter
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.events import Publisher
from desktop.common.json_file import Fault, StateFile, to_json
from desktop.common.printable import one_line
from desktop.settings.options import OPTIONS, Settings, option_for
from desktop.settings.types import OptionValue

VERSION = 1
# Characters of a value that cannot be used, in the sentence about it.
_SHOWN = 40


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
        keys: Settings of which the default is used instead.
        file: In which these stand, and what they are there.
    """

    fault: FileFault
    kept_aside: Path | None
    keys: tuple[str, ...] = ()
    file: Path | None = None
    values: tuple[object, ...] = ()

    def as_error(self) -> UserFacingError:
        """Returns the sentence to show."""
        if self.fault is FileFault.NEWER:
            title = QT_TRANSLATE_NOOP("Errors", "The settings were written by a newer Catnap; the defaults are used.")
        elif self.fault is FileFault.UNREADABLE:
            title = QT_TRANSLATE_NOOP("Errors", "The settings could not be read; the defaults are used.")
        else:
            title = QT_TRANSLATE_NOOP("Errors", "Some settings were out of range and went back to their defaults.")
        if self.file is not None:
            pairs = zip(self.keys, self.values, strict=True)
            detail = "; ".join(f"{key}: {_shown(value)}" for key, value in pairs)
            remedy = QT_TRANSLATE_NOOP("Errors", "Correct them in the settings, or in the file.")
            return UserFacingError(title, f"{detail}. {self.file}.", remedy)
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
        written: Paths as they stand in the file, by setting, where that is not how they are meant.
        rejected: Values that cannot be used, by setting.
    """

    settings: Settings
    problem: LoadProblem | None = None
    foreign: tuple[tuple[str, object], ...] = ()
    written: tuple[tuple[str, OptionValue], ...] = ()
    rejected: tuple[tuple[str, object], ...] = ()


# Foreign, written, rejected; see :class:`_Stored`.
_Beside = tuple[tuple[tuple[str, object], ...], dict[str, OptionValue], dict[str, object]]


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
        self._file = StateFile(file, lambda document: _validated(document, file), version=VERSION)
        self._changed = Publisher[Settings, Settings]()
        title = QT_TRANSLATE_NOOP("Errors", "The settings could not be saved.")
        self._writer = StateFileWriter(self._file, title)
        stored = self._file.read() or _Stored(Settings(), _problem(self._file))
        self._current, self.load_problem = stored.settings, stored.problem
        # What was wrong with the file when it was last looked at; what is said at the start is nobody's change since.
        self._said = "" if stored.problem is None else str(self._still_wrong(stored.problem) or "")
        self._foreign, self._written, self._rejected = _beside(stored)

    @property
    def file(self) -> Path:
        """Where they are kept."""
        return self._file.path

    @property
    def current(self) -> Settings:
        return self._current

    @property
    def is_file_faulty(self) -> bool:
        """Whether something was wrong with the file when it was last looked at, said or not."""
        return bool(self._said)

    def subscribe(self, listener: Listener) -> None:
        """Calls ``listener(old, new)`` after every change, in the order of subscription."""
        self._changed.subscribe(listener)

    def write_with(self, put: PutWrite, tell: Callable[[UserFacingError], None]) -> None:
        """Has the file written elsewhere from now on.

        What cannot be written is in force all the same, and is tried again: with the next change, when somebody sets
        the same value again, and by :meth:`save_again`.

        Args:
            put: Takes each write.
            tell: Takes what went wrong, on the thread that writes.
        """
        self._writer.write_with(put, tell)

    def change(self, **values: OptionValue) -> Settings:
        """Validates, saves and announces new values.

        Raises:
            UserFacingError: A value is out of range, or the file cannot be written (unless that happens elsewhere, see
                :meth:`write_with`); nothing has changed then.
        """
        checked = {key: option_for(key).validate(value) for key, value in values.items()}
        checked = {key: option_for(key).located(value, self._file.path) for key, value in checked.items()}
        arguments: dict[str, Any] = dict(checked)
        new = replace(self._current, **arguments)
        settled = self._rejected.keys() & checked.keys()  # whoever sets one has seen to it
        for key in settled:
            del self._rejected[key]
        if new == self._current and not settled:
            self.save_again()
            return new
        self._save(new)
        old, self._current = self._current, new
        self._changed(old, new)
        return new

    def save_again(self) -> None:
        """Writes what could not be written before: there may be room by now. Does nothing where all is in the file."""
        if self._writer.has_failed:
            self._save(self._current)

    def look_again(self) -> UserFacingError | None:
        """Puts in force, and announces, what somebody else has written into the file.

        Where that cannot be read, what is in force stays so. Nothing is looked at while something of ours is on its way
        into the file.

        Returns:
            What is wrong with it, once; None: nothing, or nothing new.
        """
        if self._writer.has_failed or not self._writer.is_settled:
            return None
        stored, fault = self._file.look_again()
        if stored is not None and (stored.settings, *_beside(stored)) != (self._current, *self._beside()):
            old, self._current = self._current, stored.settings
            self._foreign, self._written, self._rejected = _beside(stored)
            self._changed(old, self._current)
        problem = stored.problem.as_error() if stored is not None and stored.problem is not None else None
        if fault is not None:
            problem = self._unreadable()
        before, self._said = self._said, str(problem or "")
        return problem if self._said != before else None

    def _still_wrong(self, problem: LoadProblem) -> UserFacingError | None:
        """Returns what :meth:`look_again` finds wrong with the file that was just read, as long as nobody changes it.

        A newer Catnap's is still there, like one with values out of range; a broken one was put aside.
        """
        if problem.fault is FileFault.VALUES:
            return problem.as_error()
        return self._unreadable() if problem.kept_aside in (None, self.file) else None

    def _unreadable(self) -> UserFacingError:
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The file of the settings was changed and cannot be read."),
            f"{self.file}.",
            QT_TRANSLATE_NOOP("Errors", "Correct it, or change any setting here: the file is kept aside then."),
        )

    def _beside(self) -> _Beside:
        return self._foreign, self._written, self._rejected

    def _save(self, settings: Settings) -> None:
        values = asdict(settings)
        changed = {option.key: values[option.key] for option in OPTIONS if values[option.key] != option.default}
        for key, written in self._written.items():
            if key in changed and option_for(key).located(written, self._file.path) == changed[key]:
                changed[key] = written
        self._writer.write({"values": {**dict(self._foreign), **self._rejected, **changed}})


def _beside(stored: _Stored) -> _Beside:
    return stored.foreign, dict(stored.written), dict(stored.rejected)


def _problem(file: StateFile[_Stored]) -> LoadProblem | None:
    found = file.problem
    if found is None:
        return None
    if found.fault is Fault.NEWER:
        return LoadProblem(FileFault.NEWER, found.file)
    return LoadProblem(FileFault.UNREADABLE, found.kept_aside)


def _validated(document: dict[str, Any], file: Path) -> _Stored:
    stored = document["values"]
    if not isinstance(stored, dict):
        raise TypeError("values are no object")
    values: dict[str, OptionValue] = {}
    rejected: list[tuple[str, object]] = []
    written: list[tuple[str, OptionValue]] = []
    for option in OPTIONS:
        values[option.key] = option.default
        if option.key in stored:
            try:
                value = option.validate(stored[option.key])
            except UserFacingError:
                rejected.append((option.key, stored[option.key]))
            else:
                values[option.key] = option.located(value, file)
                if values[option.key] != value:
                    written.append((option.key, value))
    keys = tuple(key for key, _ in rejected)
    problem = LoadProblem(FileFault.VALUES, None, keys, file, tuple(value for _, value in rejected))
    foreign = tuple((key, value) for key, value in stored.items() if key not in values)
    return _Stored(_settings_of(values), problem if rejected else None, foreign, tuple(written), tuple(rejected))


def _settings_of(values: dict[str, OptionValue]) -> Settings:
    arguments: dict[str, Any] = dict(values)  # each value has passed its option's validate()
    return Settings(**arguments)


def _shown(value: object) -> str:
    """Returns a value as it stands in the file, shortened."""
    try:
        text = one_line(to_json(value))
    except ValueError:  # more digits than Python writes out, or none
        text = "?"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
