"""Which models are installed, and which of them the settings mean. No Qt; GUI thread only.

A look opens the model folder and asks for the facts of some twenty files. Windows ask what is installed many times for
each thing that happens: they all get the answer of one look. It is taken anew when Catnap itself has changed something,
and when it matters that somebody else may have: before a dialog shows the models, and before one is loaded.

A folder may lie on a drive that is gone and never answers. So it is looked at on another thread, and waited for no
longer than a window may hesitate: after that the last answer counts, and the new one is told as soon as it is there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from desktop.common.detached import Question
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.gguf.kind import ModelKind, cannot_chat
from desktop.gguf.naming import is_same_model
from desktop.models.events import LibraryChanged, ModelEvent, ModelTrouble
from desktop.models.library import Library
from desktop.models.types import Catalog, InstalledModel, Starters
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore

_log = logging.getLogger(__name__)

# A look takes some milliseconds. This much a window may hesitate, once, before the drive is known to be slow.
LOOK_SECONDS = 0.25
# What has not answered by then is told to the person; a disk that was asleep takes ten seconds to spin up.
_SILENCE_SECONDS = 15.0


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
        self._last: tuple[InstalledModel, ...] | None = None  # of this folder, however old
        self._look: Question[tuple[InstalledModel, ...]] = Question("model folder", LOOK_SECONDS, self._hear_late)
        self._outdated = False  # something has changed since the last look began
        self._said = ""
        self._silence: asyncio.TimerHandle | None = None
        self.is_withheld = False
        self._turned_to: str | None = None
        self.open_folder()
        settings.subscribe(self._on_settings)

    @property
    def folder(self) -> Path:
        """The model folder in force."""
        chosen = self._settings.current.model_folder
        return Path(chosen) if chosen else self.default_folder

    def open_folder(self) -> None:
        """Turns to the folder that the settings name now."""
        self.library = Library(self.folder, self._state_dir, self._catalog)
        self._found = self._last = None
        self._look.drop()

    def _on_settings(self, old: Settings, new: Settings) -> None:
        if old.model_folder != new.model_folder:
            self.open_folder()

    @property
    def is_unknown(self) -> bool:
        """Whether the folder was never seen yet: it does not answer."""
        return self._last is None and self._look.is_open

    def installed(self) -> tuple[InstalledModel, ...]:
        """Returns what can be used, as of the last look; a folder that cannot be read counts as empty, and is said."""
        if self._found is None:
            self._found = self._find()
        return self._found

    def rescan(self) -> bool:
        """Looks again; returns whether something else is there than at the last look.

        What is seen too late for that is told as :class:`LibraryChanged`.
        """
        before, self._found = self._found, self._find()
        return before is not None and before != self._found

    def refresh(self) -> None:
        """Looks again and tells everybody if something has changed."""
        if self.rescan():
            self._notify(LibraryChanged())

    def look_again(self) -> None:
        """Looks again and waits for nothing; :class:`LibraryChanged` follows where something else is there."""
        if not self._look.is_open:
            self._outdated = False
        answer = self._look.ask(self.library.installed, waits=False)
        if answer is not None:
            self._hear_late(answer)

    def outdate(self) -> None:
        """Says that something has changed; the next question is answered by a new look."""
        self._found = None
        self._outdated = True

    def problems(self) -> tuple[UserFacingError, ...]:
        """Looks, and returns what is wrong with the folder and the lists of own models; it is not told again."""
        found: list[UserFacingError] = []
        self._found = self._find(found.append)
        return (*found, *self.library.load_problems)

    def in_use(self) -> InstalledModel | None:
        """Returns the model that the settings mean; None: there is none."""
        return self.model_of(self._settings.current)

    def ready(self) -> InstalledModel | None:
        """Returns the model that can answer now: the one turned to, else the one in use.

        None as well while a file is just being moved or deleted that is needed for it.
        """
        return None if self.is_withheld else self.of_file(self._turned_to) or self.in_use()

    def turn_to(self, file: str | None) -> None:
        """Lets the next request be answered by another model than the one in use.

        Args:
            file: Its name; None, and that of one that is gone: by the one in use.
        """
        self._turned_to = file

    def of_file(self, file: str | None) -> InstalledModel | None:
        """Returns the model with a file of this name, if a conversation can have it; None: there is no such.

        One that a trial has found nothing out about, for want of memory or time, is as good here as in the settings.
        """
        found = next((model for model in self.offered() if model.path.name == file), None)
        if found is None or not self.awaits_trial(found) or (found.verdict is not None and found.verdict.is_open):
            return found
        return None

    def awaits_trial(self, model: InstalledModel) -> bool:
        """Returns whether a model is tried before it answers: nothing speaks for it, and it does not answer already."""
        usual = self.in_use() if model.needs_trial else None
        return model.needs_trial and (usual is None or usual.id != model.id)

    def for_conversations(self) -> tuple[InstalledModel, ...]:
        """Returns the models that answer at once where they are chosen: those that are known to work."""
        return tuple(model for model in self.offered() if not model.needs_trial)

    def offered(self) -> tuple[InstalledModel, ...]:
        """Returns the models that a person can choose, of which one may have to be tried first."""
        return tuple(model for model in self.installed() if model.kind.can_chat and not (model.missing or model.is_bad))

    def for_meaning(self) -> tuple[InstalledModel, ...]:
        """Returns the models that find passages of documents by what they mean."""
        return tuple(model for model in self.installed() if model.kind is ModelKind.EMBEDDING and not model.missing)

    def model_of(self, settings: Settings) -> InstalledModel | None:
        """Returns the model chosen in ``settings``, or the first installed one where none was chosen yet.

        One that was tried and does not work is never meant, nor one that cannot chat, and none that must be tried first
        is chosen by itself.
        """
        usable = self.offered()
        if settings.model:
            return next((model for model in usable if model.id == settings.model), None)
        return next((model for model in usable if not model.needs_trial and model.kind is ModelKind.CHAT), None)

    def starters(self, file: str | None) -> Starters | None:
        """Returns the questions that suit the model that answers; None: nobody has written any for it.

        A file of one's own is given those of the model in the catalogue that its name says: another quantisation.

        Args:
            file: Chosen for a conversation alone; None, and that of one that is gone: of the one in use.
        """
        model = self.of_file(file) or self.in_use()
        if model is None:
            return None
        if model.spec is not None and model.spec.starters is not None:
            return model.spec.starters
        specs = (spec for spec in self._catalog.models if spec.starters is not None)
        return next((spec.starters for spec in specs if is_same_model(spec.file, model.path.name)), None)

    def name(self) -> str:
        """Returns the name of the model in use; empty: there is none."""
        model = self.in_use()
        return model.name if model else ""

    def name_of(self, file: str | None) -> str:
        """Returns the name of the model that answers where a file is chosen; empty: there is none."""
        model = self.of_file(file)
        return model.name if model is not None else self.name()

    def lost(self) -> UserFacingError | None:
        """Returns what to say when a model is chosen and its file is gone, or none any more; None: nothing is wrong."""
        chosen = self._settings.current.model
        if not chosen or self.is_withheld or self.in_use() is not None or self.is_unknown:
            return None
        model = next((model for model in self.installed() if model.id == chosen), None)
        if model is not None and model.is_bad and model.verdict is not None:
            return model.verdict.problem
        if model is not None and not model.kind.can_chat:
            return cannot_chat(model.kind, str(model.path))
        spec = self.library.spec(chosen)
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The chosen model is no longer there, or no longer whole."),
            f"{spec.name if spec else chosen.removeprefix('file:')}.",
            QT_TRANSLATE_NOOP("Errors", "Download it again, or choose another model."),
        )

    def lost_download(self) -> str:
        """Returns the id of the model that is chosen, not here, and could be downloaded again; empty: there is none."""
        chosen = self._settings.current.model
        if self.lost() is None or any(model.id == chosen for model in self.installed()):
            return ""
        return chosen if self.library.spec(chosen) is not None else ""

    def _find(self, tell: Callable[[UserFacingError], None] | None = None) -> tuple[InstalledModel, ...]:
        """Looks, and returns what is there; where there is no answer yet, what was there before.

        Args:
            tell: Takes what is wrong with the folder; None: it is notified, unless it was told before.
        """
        if not self._look.is_open:
            self._outdated = False
        answer = self._look.ask(self.library.installed)
        if answer is None:
            self._expect_answer()
            return self._last or ()
        self._last = self._take(answer, tell)
        return self._last

    def _take(
        self, answer: Future[tuple[InstalledModel, ...]], tell: Callable[[UserFacingError], None] | None = None
    ) -> tuple[InstalledModel, ...]:
        try:
            models = answer.result()
        except UserFacingError as problem:
            if tell is not None:
                tell(problem)
            elif str(problem) != self._said:
                _log.warning("model folder: %s", problem)
                self._notify(ModelTrouble(problem))
            self._said = str(problem)
            return ()
        self._said = ""
        return models

    def _hear_late(self, answer: Future[tuple[InstalledModel, ...]]) -> None:
        before, self._last = self._last, self._take(answer)
        self._found = None if self._outdated else self._last
        if before != self._last:
            self._notify(LibraryChanged())

    def _expect_answer(self) -> None:
        """Has it said, once for each silence, when there is no answer for long."""
        if self._silence is None:
            with contextlib.suppress(RuntimeError):  # without a loop there is nobody to say it to
                self._silence = asyncio.get_running_loop().call_later(_SILENCE_SECONDS, self._say_silence)

    def _say_silence(self) -> None:
        self._silence = None
        if self._look.is_open:
            self._notify(ModelTrouble(silent(self.folder)))


def silent(path: Path) -> UserFacingError:
    """Returns the error for a file or folder that does not answer."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The drive does not answer."),
        f"{path}.",
        QT_TRANSLATE_NOOP("Errors", "Check the drive, or the connection to it; what is on it can be used afterwards."),
    )
