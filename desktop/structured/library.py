"""The forms that somebody has made, in a file: ``{"version": 1, "forms": [{"name", "fields": [...]}]}``.

What this Catnap cannot make sense of is written back as it was.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from desktop.common.background_writer import PutWrite, write_at_once
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import FileFault, StateFile
from desktop.structured.entries import entry_of_form, form_of_entry
from desktop.structured.fields import Form

_log = logging.getLogger(__name__)
_FORMS: Final = "forms"
_MOST_BYTES: Final = 32_000_000  # more than the longest forms take
# Far more than anybody chooses from.
MOST_FORMS: Final = 200


class FormLibrary:
    """All saved forms, the newest first. GUI thread.

    Attributes:
        load_problem: What was wrong with the file; None: nothing.
    """

    def __init__(
        self,
        file: Path,
        put: PutWrite = write_at_once,
        tell: Callable[[UserFacingError], object] = lambda _problem: None,
    ) -> None:
        """
        Args:
            file: Its folder exists; not there while nothing was saved.
            put: Takes each write.
            tell: Takes what cannot be written, which is in force all the same, on the thread that writes.
        """
        self._file = StateFile(file, _parse, most=_MOST_BYTES)
        self._forms, self._unread, self._foreign = self._file.read() or ((), (), {})
        self.load_problem: FileFault | None = self._file.problem
        self._put, self._tell = put, tell

    def all(self) -> tuple[Form, ...]:
        return self._forms

    def save(self, form: Form) -> None:
        """Keeps a form; one of the same name is replaced. What cannot be written is in force all the same."""
        others = (each for each in self._forms if each.name.casefold() != form.name.casefold())
        self._forms = (form, *others)[:MOST_FORMS]
        self._write()

    def delete(self, name: str) -> None:
        """Lets go of a form."""
        self._forms = tuple(each for each in self._forms if each.name != name)
        self._write()

    def _write(self) -> None:
        document = {**self._foreign, _FORMS: [*map(entry_of_form, self._forms), *self._unread]}
        self._put(self._file.path, lambda: self._write_now(document))

    def _write_now(self, document: Mapping[str, Any]) -> None:
        try:
            self._file.write(document)
        except OSError as problem:
            _log.warning("forms not saved: %s", problem.strerror)
            self._tell(
                UserFacingError(
                    QT_TRANSLATE_NOOP("Errors", "The forms could not be saved."),
                    f"{self._file.path}: {problem.strerror or problem}.",
                    QT_TRANSLATE_NOOP("Errors", "Check that the disk is not full and the folder is writable."),
                )
            )


def _parse(document: dict[str, Any]) -> tuple[tuple[Form, ...], tuple[object, ...], dict[str, object]]:
    entries = document.get(_FORMS, [])
    forms: list[Form] = []
    unread: list[object] = []
    for entry in entries if isinstance(entries, list) else ():
        try:
            forms.append(form_of_entry(entry))
        except (LookupError, TypeError, ValueError, AttributeError, UserFacingError):
            unread.append(entry)
    return tuple(forms[:MOST_FORMS]), tuple(unread), {key: each for key, each in document.items() if key != _FORMS}
