"""Sees that another program has changed something of Catnap's: ``catnap models``, ``catnap chats``, an editor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from desktop.app.services import Services
from desktop.common.errors import UserFacingError
from desktop.models.events import LibraryChanged
from desktop.settings.store import FileFault

# After the first sign of a change: what is written in several steps is seen once, and our own writes cost little.
_LATER_MS: Final = 700
_LookAgain = Callable[[], UserFacingError | None]
# What the list of the models depends on, in the data folder.
_OF_MODELS: Final = ("imports.json", "additions.json", "verdicts.json", "facts.json")


class OutsideChanges(QObject):
    """Looks again a moment after a file has changed, and whenever Catnap gets the focus; hidden, it does nothing.

    Folders that may lie on a drive of their own are not watched, which takes a look at them that may never end: what
    changes there is seen with the next focus.

    Signals:
        mended: (UserFacingError) What was reported of a file is true no longer.
    """

    mended = Signal(object)

    def __init__(
        self,
        app: QGuiApplication,
        services: Services,
        is_visible: Callable[[], bool],
        conversations_changed: Callable[[], None],
        report: Callable[[UserFacingError], None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            app: Tells when it gets the focus.
            services: Know where things are, and look again.
            is_visible: Whether there is a window to be seen.
            conversations_changed: Somebody else has written to the history.
            report: Takes what is wrong with a file that was changed.
            parent: Owner.
        """
        super().__init__(parent)
        self._services = services
        self._is_visible = is_visible
        self._conversations_changed = conversations_changed
        self._report = report
        history, settings = services.history.file, services.store.file
        self._data = history.parent
        paths = services.paths
        # Small files that people edit, and what reads each of them again.
        self._edited: Mapping[Path, _LookAgain] = {
            paths.personas_file: services.personas.look_again,
            paths.quick_actions_file: services.actions.look_again,
        }
        self._edited_marks = dict(zip(self._edited, map(_mark, self._edited), strict=True))
        self._told: dict[Path, UserFacingError] = {}  # what was last reported of each file, until it is mended
        if (found := services.store.load_problem) is not None and found.fault is FileFault.VALUES:
            self._told[settings] = found.as_error()  # said at the start
        self._files = (history, history.with_name(f"{history.name}-wal"), settings, *self._edited)
        self._folders = dict.fromkeys((self._data, settings.parent, services.choice.default_folder))
        self._history_version = self._newest_history()
        self._models_mark = self._mark_of_models()
        self._is_closed = False
        self._watcher = QFileSystemWatcher(self)
        self._timer = QTimer(self, interval=_LATER_MS, singleShot=True)
        self._timer.timeout.connect(self.look)
        for changed in (self._watcher.fileChanged, self._watcher.directoryChanged):
            changed.connect(lambda _path: self._look_later())
        app.applicationStateChanged.connect(self._on_focus)

    @property
    def is_watching(self) -> bool:
        return bool(self._watcher.directories())

    def close(self) -> None:
        """Looks at nothing any more: the program ends, and the history is closed before its window is gone."""
        self._is_closed = True
        self._timer.stop()
        self._unwatch()

    def look(self, *, thoroughly: bool = False) -> None:
        """Looks at what may have changed; who shows it hears of it in the usual ways.

        Args:
            thoroughly: Also at the model folder that the settings name, wherever it is.
        """
        if self._is_closed:
            return
        self._look_at_settings()
        self._look_at_edited()
        mark, before = self._mark_of_models(), self._models_mark
        self._models_mark = mark
        if thoroughly or mark != before:
            self._services.choice.look_again()
        version, seen = self._newest_history(), self._history_version
        self._history_version = version
        if version != seen:
            self._conversations_changed()
        if self._is_visible():
            self._watch()

    def _look_at_settings(self) -> None:
        choice = self._services.choice
        folder = choice.folder
        store = self._services.store
        problem = store.look_again()
        if problem is not None:
            self._say(store.file, problem)
        elif not store.is_file_faulty:
            self._unsay(store.file)
        if choice.folder != folder:
            self._services.model_events(LibraryChanged())

    def _look_at_edited(self) -> None:
        for file, look_again in self._edited.items():
            mark, before = _mark(file), self._edited_marks[file]
            self._edited_marks[file] = mark
            if mark == before:
                continue
            problem = look_again()
            if problem is not None:
                self._say(file, problem)
            else:
                self._unsay(file)

    def _say(self, file: Path, problem: UserFacingError) -> None:
        self._unsay(file)
        self._told[file] = problem
        self._report(problem)

    def _unsay(self, file: Path) -> None:
        """Takes back what was reported of a file, which is read again, or was put aside for another."""
        if (told := self._told.pop(file, None)) is not None:
            self.mended.emit(told)

    def _on_focus(self, state: Qt.ApplicationState) -> None:
        if not self._is_visible():
            self._unwatch()
        elif state is Qt.ApplicationState.ApplicationActive:
            self.look(thoroughly=True)

    def _look_later(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _watch(self) -> None:
        """Watches what is there by now: a file that was replaced is another one, and is not watched any more."""
        watched = {*self._watcher.files(), *self._watcher.directories()}
        there = [str(path) for path in (*self._folders, *self._files) if path.exists() and str(path) not in watched]
        if there:
            self._watcher.addPaths(there)

    def _unwatch(self) -> None:
        watched = [*self._watcher.files(), *self._watcher.directories()]
        if watched:
            self._watcher.removePaths(watched)

    def _newest_history(self) -> int:
        try:
            return self._services.history.changes_elsewhere()
        except UserFacingError:  # which is said where it is read for somebody
            return 0

    def _mark_of_models(self) -> tuple[tuple[int, int], ...]:
        lists = (self._data / name for name in _OF_MODELS)
        return tuple(map(_mark, (*lists, self._services.choice.default_folder)))


def _mark(path: Path) -> tuple[int, int]:
    """Returns what is another value once a file was replaced, or a folder has got another entry."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_ino
