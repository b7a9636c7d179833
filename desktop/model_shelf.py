"""Which models are installed, as of the last look at the model folder. No Qt; GUI thread only.

A look opens the folder and asks for the facts of some twenty files. Windows ask what is installed many times for each
thing that happens: they all get the answer of one look. It is taken anew when Catnap itself has changed something, and
when it matters that somebody else may have: before a dialog shows the models, and before one is loaded.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from desktop.common.errors import UserFacingError
from desktop.model_ports import LibraryPort
from desktop.models.types import InstalledModel

_log = logging.getLogger(__name__)


class ModelShelf:
    """Remembers what the last look has found.

    Args:
        library: Looks.
        trouble: Told of a folder that cannot be read, once for each problem.
    """

    def __init__(self, library: LibraryPort, trouble: Callable[[UserFacingError], None]) -> None:
        self._library = library
        self._trouble = trouble
        self._found: tuple[InstalledModel, ...] | None = None
        self._said = ""

    def models(self) -> tuple[InstalledModel, ...]:
        """Returns what can be used; a folder that cannot be read counts as empty."""
        if self._found is None:
            self._found = self._find()
        return self._found

    def look(self) -> bool:
        """Looks again; returns whether something else is there than at the last look."""
        before, self._found = self._found, self._find()
        return before is not None and before != self._found

    def outdate(self) -> None:
        """Says that something has changed; the next question is answered by a new look."""
        self._found = None

    def problems(self) -> tuple[UserFacingError, ...]:
        """Looks, and returns what is wrong with the folder and the list of imported files; it is not told again."""
        found: list[UserFacingError] = []
        try:
            self._found = self._library.installed()
        except UserFacingError as problem:
            self._found, self._said = (), str(problem)
            found.append(problem)
        if self._library.load_problem is not None:
            found.append(self._library.load_problem)
        return tuple(found)

    def _find(self) -> tuple[InstalledModel, ...]:
        try:
            models = self._library.installed()
        except UserFacingError as problem:
            if str(problem) != self._said:
                self._said = str(problem)
                _log.warning("model folder: %s", problem)
                self._trouble(problem)
            return ()
        self._said = ""
        return models
