"""The forms that somebody has made, in a file: ``{"version": 1, "forms": [{"name", "fields": [...]}]}``.

What this Catnap cannot make sense of is written back as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from desktop.common.background_writer import PutWrite, StateFileWriter, write_at_once
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import FileFault, StateFile
from desktop.structured.entries import entry_of_form, form_of_entry
from desktop.structured.fields import Form

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
        title = QT_TRANSLATE_NOOP("Errors", "The forms could not be saved.")
        self._writer = StateFileWriter(self._file, title, put, tell)

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
        self._writer.write({**self._foreign, _FORMS: [*map(entry_of_form, self._forms), *self._unread]})


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
