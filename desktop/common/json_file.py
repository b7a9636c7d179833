"""Reads all JSON of the program, whoever wrote it, and writes that of its own files.

A file may be anything by the time it is read: cut off by a power failure, saved in another encoding by an editor,
nested 200,000 deep, a pipe. So a text is bounded before it is believed: its bytes, its depth, the digits of a number.
What is no JSON of that kind is an error of one type, and no input makes the parser run out of stack, memory or time.
"""

from __future__ import annotations

import errno
import json
import logging
import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final, Generic, TypeGuard, TypeVar

from desktop.common.atomic_file import is_device, write_atomically
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.regular_file import NotAFileError, open_regular
from desktop.common.set_aside import keep_aside, set_aside

# Bytes of a file where nobody says otherwise; the settings with a long system prompt take a tenth of it.
MOST_BYTES: Final = 4_000_000
# Whole numbers up to here are the same in a float: what is divided, shown, or sent elsewhere is never more.
MOST_COUNT: Final = 1 << 53
# Nothing that the program writes is more than 6 deep; what other versions add has room.
_MOST_DEPTH: Final = 64
# Far more than any number means, and far less than Python takes (4,300) or needs a noticeable time for.
_MOST_DIGITS: Final = 500
_LONG_NUMBER: Final = re.compile(rf"[0-9]{{{_MOST_DIGITS + 1}}}")
# A string as a whole, so that brackets in it do not count, or a bracket. Possessive: it never looks back.
_BRACKET: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
# Errors of the system that say something about the file, and not about the machine at this moment.
_OF_THE_FILE: Final = frozenset((errno.EACCES, errno.EPERM, errno.ELOOP))
# Of a file's form; there has been one so far.
_PLAUSIBLE_VERSION: Final = 1_000_000
# There can be no such file.
_NO_PLACE: Final = frozenset((errno.ENOTDIR, errno.ENAMETOOLONG))

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class JsonError(ValueError):
    """The text is no JSON that the program takes. The message never quotes the text, which may be private."""


def parse_json(text: bytes | str, most: int = MOST_BYTES, *, strict: bool = False) -> Any:
    """Returns the value of a JSON text of UTF-8, or of UTF-16 or UTF-32 as editors save it. Any thread.

    A key that comes twice is refused. NaN, Infinity, and numbers of more than 500 digits or beyond a float's range
    become None, which no reader takes for a number: whoever believes them fails later, far from here, and one such
    value need not cost the others.

    Args:
        text: The text, of any origin.
        most: Bytes or characters that it may have.
        strict: Such numbers are refused, too.

    Raises:
        JsonError: It is no such text.
    """
    if len(text) > most:
        raise JsonError(f"longer than {most:,} bytes")
    if isinstance(text, bytes):
        try:
            text = text.decode(json.detect_encoding(text))
        except UnicodeDecodeError as problem:
            raise JsonError(f"not {problem.encoding}") from None
    _check_depth(text)
    number = _whole_number if _LONG_NUMBER.search(text) else None
    hold = _insisting if strict else _as_it_is
    try:
        return json.loads(
            text,
            parse_int=number and hold(number),
            parse_float=hold(_finite_number),
            parse_constant=hold(_no_number),
            object_pairs_hook=_without_duplicates,
        )
    except JsonError:
        raise
    except (ValueError, RecursionError, MemoryError) as problem:
        where = f" at character {problem.pos:,}" if isinstance(problem, json.JSONDecodeError) else ""
        raise JsonError(f"no JSON{where}") from None


def read_json(path: Path, most: int = MOST_BYTES) -> Any:
    """Returns the value in a file; never waits for a pipe, never reads more than ``most`` bytes. Any thread.

    Raises:
        FileNotFoundError: There is no file.
        JsonError: What is in it is nothing that :func:`parse_json` takes.
        OSError: It cannot be read, or it is no regular file.
    """
    with open_regular(path) as stream:
        return parse_json(stream.read(most + 1), most)


def write_json(
    path: Path, document: object, *, durable: bool = True, indent: int | None = 1, unnamed: bool = False
) -> None:
    """Replaces a file, so that a crash leaves the old or the new text, never half of one. Any thread.

    Args:
        path: The file; its folder is there. What a link leads to is replaced, and the link stays.
        document: What :func:`parse_json` will return; half a surrogate pair in it is escaped.
        durable: See :func:`desktop.common.atomic_file.write_atomically`.
        indent: Spaces for each level; None: all on one line.
        unnamed: See :func:`desktop.common.atomic_file.replaced_atomically`.

    Raises:
        OSError: It cannot be written; the old file is untouched.
    """
    _replace(path, f"{to_json(document, indent=indent)}\n".encode(), durable, unnamed=unnamed)


def is_count(value: object, most: int = MOST_COUNT) -> TypeGuard[int]:
    """Tells whether a value is a whole number from 0 on with which anybody can count; true and false are none.

    Args:
        value: Out of a file.
        most: The largest.
    """
    return type(value) is int and 0 <= value <= most


def to_json(document: object, *, indent: int | None = None) -> str:
    """Returns the text of a document, which UTF-8 can always take."""
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair: pasted, or of a file's name that is no text
        return json.dumps(document, indent=indent)
    return text


def _replace(path: Path, content: bytes, durable: bool, *, unnamed: bool = False) -> None:
    write_atomically(path.resolve() if path.is_symlink() else path, content, durable=durable, unnamed=unnamed)


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= _MOST_DEPTH:
        return
    depth = 0
    for match in _BRACKET.finditer(text):
        first = match[0][0]
        if first in "[{":
            depth += 1
            if depth > _MOST_DEPTH:
                raise JsonError(f"nested more than {_MOST_DEPTH} deep")
        elif first != '"':
            depth -= 1


def _whole_number(digits: str) -> int | None:
    return int(digits) if len(digits) <= _MOST_DIGITS else None


def _finite_number(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _no_number(_name: str) -> None:
    return None


def _as_it_is(read: Callable[[str], object]) -> Callable[[str], object]:
    return read


def _insisting(read: Callable[[str], object]) -> Callable[[str], object]:
    def insist(text: str) -> object:
        value = read(text)
        if value is None:
            raise JsonError("a number with which nobody can count")
        return value

    return insist


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise JsonError("a key comes twice")
    return value


class Fault(Enum):
    """What is wrong with a file of the program's own; the value stands in the name under which it is put aside."""

    UNREADABLE = "unreadable"
    BROKEN = "broken"
    NEWER = "newer"


@dataclass(frozen=True)
class FileFault:
    """A file that will not do.

    Attributes:
        file: Its name as it was.
        kept_aside: Where it lies now; None: where it was, until something is to be written in its place.
    """

    fault: Fault
    file: Path
    kept_aside: Path | None

    def as_error(
        self,
        unreadable: str = QT_TRANSLATE_NOOP("Errors", "A file of Catnap's could not be read; it is begun anew."),
        newer: str = QT_TRANSLATE_NOOP("Errors", "A file was written by a newer Catnap; this one begins it anew."),
        remedy: str = QT_TRANSLATE_NOOP("Errors", "The old file was kept; nothing in it is lost."),
    ) -> UserFacingError:
        """Returns what to say.

        Args:
            unreadable: The title where it could not be read.
            newer: The title where a newer Catnap has written it.
            remedy: What has become of it.
        """
        title = newer if self.fault is Fault.NEWER else unreadable
        return UserFacingError(title, f"{self.kept_aside or self.file}.", remedy)


def not_saved(title: str, file: Path, problem: OSError) -> UserFacingError:
    """Returns what to say of a file of the program's own that could not be written.

    Args:
        title: What could not be saved.
        file: Where it was to be.
        problem: Why not.
    """
    remedy = QT_TRANSLATE_NOOP("Errors", "Check that the disk is not full and the folder is writable.")
    return UserFacingError(title, f"{file}: {problem.strerror or problem}.", remedy)


class StateFile(Generic[_T]):
    """A file of the program's own: an object with a version, which :meth:`read` checks and :meth:`write` replaces.

    What will not do is put aside under a name that says why, never written over. One thread at a time.

    Attributes:
        problem: The first fault that was found, to be said once; None: none so far.
    """

    def __init__(
        self,
        path: Path,
        parse: Callable[[dict[str, Any]], _T],
        *,
        version: int = 1,
        version_key: str = "version",
        most: int = MOST_BYTES,
    ) -> None:
        """
        Args:
            path: The file; nothing is read yet.
            parse: Turns the object into what the file means. A LookupError, ValueError, TypeError, AttributeError or
                ArithmeticError of it says that it means nothing.
            version: What this Catnap writes, and the newest that it reads.
            version_key: Where the object has it.
            most: Bytes of the file.
        """
        self.path = path
        self.problem: FileFault | None = None
        self._parse = parse
        self._version = version
        self._key = version_key
        self._most = most
        # Why the file in its place must be put aside before another is written; empty: it may be replaced.
        self._in_the_way = ""

    def read(self) -> _T | None:
        """Returns what the file means; None where there is none, or where it will not do: see :attr:`problem`."""
        try:
            return self._meaning(read_json(self.path, self._most))
        except FileNotFoundError:
            if self.path.is_symlink():
                self._refuse(Fault.UNREADABLE, "a link that leads nowhere")
        except JsonError as problem:
            self._refuse(Fault.BROKEN, str(problem))
        except OSError as problem:
            why = problem.strerror or str(problem)
            if isinstance(problem, NotAFileError) or problem.errno in _OF_THE_FILE:
                self._refuse(Fault.UNREADABLE, why)
            elif problem.errno not in _NO_PLACE:  # there whoever writes will be told
                # The machine's trouble, such as no descriptor left: the file may be as good as ever.
                self._leave(Fault.UNREADABLE, Fault.UNREADABLE.value, why)
        return None

    def look_again(self) -> tuple[_T | None, FileFault | None]:
        """Returns what the file means by now, and what is wrong with it: for a program that has read it before.

        Somebody may be editing it, so it stays where it is whatever is in it; what will not do is put aside when
        another is written in its place.
        """
        self._in_the_way = ""
        try:
            meaning, fault = self._meaning(read_json(self.path, self._most)), Fault.NEWER
        except FileNotFoundError:
            return None, None
        except (JsonError, OSError) as problem:
            _log.info("%s not read again: %s", self.path.name, problem)
            meaning, fault = None, Fault.BROKEN if isinstance(problem, JsonError) else Fault.UNREADABLE
            self._in_the_way = fault.value
        return meaning, FileFault(fault, self.path, None) if self._in_the_way else None

    def write(self, document: Mapping[str, Any], *, durable: bool = True, indent: int | None = 1) -> None:
        """Replaces the file; the version is added.

        Raises:
            OSError: It cannot be written, or would be more than can be read; the old file is untouched.
        """
        content = f"{to_json({self._key: self._version, **document}, indent=indent)}\n".encode()
        if len(content) > self._most:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(self.path))
        if self._in_the_way:  # set aside when the new one is written; of a link the link itself
            write_atomically(self.path, content, durable=durable, make_way=lambda: self._make_room(keep_aside))
        else:
            _replace(self.path, content, durable)

    def remove(self) -> None:
        """Removes the file, where there is one.

        Raises:
            OSError: It cannot be removed.
        """
        self._make_room(set_aside)
        if not is_device(self.path):
            self.path.unlink(missing_ok=True)

    def _meaning(self, document: Any) -> _T | None:
        version = document.get(self._key) if isinstance(document, dict) else None
        if type(version) is not int or version < 1:
            raise JsonError("none of ours")
        if version > self._version:  # nothing else in it is looked at: a newer Catnap may have laid it out otherwise
            mark = f"v{version}" if version < _PLAUSIBLE_VERSION else "newer"  # it becomes part of a name
            self._leave(Fault.NEWER, mark, "of a newer version")
            return None
        try:
            return self._parse(document)
        except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as problem:
            raise JsonError(type(problem).__name__) from problem

    def _refuse(self, fault: Fault, why: str) -> None:
        _log.warning("%s not read: %s", self.path.name, why)
        aside = set_aside(self.path, fault.value)
        self._in_the_way = "" if aside else fault.value
        self.problem = self.problem or FileFault(fault, self.path, aside)

    def _leave(self, fault: Fault, mark: str, why: str) -> None:
        self._in_the_way = mark
        if self.problem is None:
            _log.warning("%s not read: %s", self.path.name, why)
            self.problem = FileFault(fault, self.path, None)

    def _make_room(self, put: Callable[[Path, str], Path | None]) -> None:
        """Puts aside what must not be written over, not before there is something to write in its place."""
        if self._in_the_way and os.path.lexists(self.path) and put(self.path, self._in_the_way) is None:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self.path))
        self._in_the_way = ""
