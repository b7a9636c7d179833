"""Which models are installed, and which of them the settings mean. No Qt; GUI thread only.

A look opens the model folder and asks for the facts of some twenty files. Windows ask what is installed many times for
each thing that happens: they all get the answer of one look. It is taken anew when Catnap itself has changed something,
and when it matters that somebody else may have: before a dialog shows the models, and before one is loaded.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.models.events import LibraryChanged, ModelEvent, ModelTrouble
from desktop.models.library import Library
from desktop.models.types import Catalog, InstalledModel
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore

_log = logging.getLogger(__name__)


class ModelChoice:
    """The library of the model folder in force, as of the last look, and the model chosen from it.

    Attributes:
        default_folder: See above.
        library: Looks, and changes files.
        is_withheld: The file of the model in use is being moved or deleted: nobody may load it.
    """

    def __init__(
        self,
        catalog: Catalog,
        state_dir: Path,
        default_folder: Path,
        settings: SettingsStore,
        notify: Callable[[ModelEvent], None],
    ) -> None:
        """
        Args:
            catalog: The known models.
            state_dir: Where the list of imported files lies.
            default_folder: Model folder where the settings name none.
            settings: Name the folder and the model.
            notify: Receives model events, on the GUI thread: of a folder that cannot be read, once for each problem.
        """
        self._catalog = catalog
        self._state_dir = state_dir
        self.default_folder = default_folder
        self._settings = settings
        self._notify = notify
        self._found: tuple[InstalledModel, ...] | None = None
        self._said = ""
        self.is_withheld = False
        self.open_folder()

    @property
    def folder(self) -> Path:
        """The model folder in force."""
        chosen = self._settings.current.model_folder
        return Path(chosen) if chosen else self.default_folder

    def open_folder(self) -> None:
        """Turns to the folder that the settings name now."""
        self.library = Library(self.folder, self._state_dir, self._catalog)
        self._found = None

    def installed(self) -> tuple[InstalledModel, ...]:
        """Returns what can be used, as of the last look; a folder that cannot be read counts as empty, and is said."""
        if self._found is None:
            self._found = self._find()
        return self._found

    def rescan(self) -> bool:
        """Looks again; returns whether something else is there than at the last look."""
        before, self._found = self._found, self._find()
        return before is not None and before != self._found

    def refresh(self) -> None:
        """Looks again and tells everybody if something has changed."""
        if self.rescan():
            self._notify(LibraryChanged())

    def outdate(self) -> None:
        """Says that something has changed; the next question is answered by a new look."""
        self._found = None

    def problems(self) -> tuple[UserFacingError, ...]:
        """Looks, and returns what is wrong with the folder and the list of imported files; it is not told again."""
        found: list[UserFacingError] = []
        try:
            self._found = self.library.installed()
        except UserFacingError as problem:
            self._found, self._said = (), str(problem)
            found.append(problem)
        if self.library.load_problem is not None:
            found.append(self.library.load_problem)
        return tuple(found)

    def in_use(self) -> InstalledModel | None:
        """Returns the model that the settings mean; None: there is none."""
        return self.model_of(self._settings.current)

    def ready(self) -> InstalledModel | None:
        """Returns the model that can answer now: the one in use, unless its file is just being moved or deleted."""
        return None if self.is_withheld else self.in_use()

    def model_of(self, settings: Settings) -> InstalledModel | None:
        """Returns the model chosen in ``settings``, or the first installed one where none was chosen yet."""
        usable = [model for model in self.installed() if not model.missing]
        if settings.model:
            return next((model for model in usable if model.id == settings.model), None)
        return usable[0] if usable else None

    def name(self) -> str:
        """Returns the name of the model in use; empty: there is none."""
        model = self.in_use()
        return model.name if model else ""

    def lost(self) -> UserFacingError | None:
        """Returns what to say when a model is chosen and its file is no longer there; None: nothing is wrong."""
        chosen = self._settings.current.model
        if not chosen or self.is_withheld or self.in_use() is not None:
            return None
        spec = self._catalog.get(chosen)
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The chosen model is no longer there."),
            f"{spec.name if spec else chosen.removeprefix('file:')}.",
            QT_TRANSLATE_NOOP("Errors", "Download it again, or choose another model."),
        )

    def _find(self) -> tuple[InstalledModel, ...]:
        try:
            models = self.library.installed()
        except UserFacingError as problem:
            if str(problem) != self._said:
                self._said = str(problem)
                _log.warning("model folder: %s", problem)
                self._notify(ModelTrouble(problem))
            return ()
        self._said = ""
        return models
