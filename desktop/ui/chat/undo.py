"""Undo and redo of what is done to conversations. Text that is being written has its own, in its field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from desktop.common.errors import UserFacingError

# More than anybody steps back through; each keeps two ids and a title.
_LIMIT = 100


@dataclass(frozen=True)
class Change:
    """Something that was done to a conversation.

    Attributes:
        words: What it was, as it stands behind "Undo", translated.
        conversation: Which.
        back: Takes it back; raises UserFacingError where that cannot be done now.
        forth: Does it again, likewise.
        message: The version that it made, if it made one.
        deletes: It deleted the conversation.
        deleted_message: The message that it deleted, if it deleted one.
    """

    words: str
    conversation: str
    back: Callable[[], object]
    forth: Callable[[], object]
    message: int | None = None
    deletes: bool = False
    deleted_message: int | None = None


class _Command(QUndoCommand):
    """A change on Qt's stack, which does a command at once when it is pushed; this one is done already."""

    def __init__(self, change: Change, do: Callable[[Callable[[], object]], None]) -> None:
        super().__init__(change.words)
        self._change = change
        self._do = do

    def undo(self) -> None:
        self._do(self._change.back)

    def redo(self) -> None:
        self._do(self._change.forth)


class UndoHistory(QObject):
    """What can be undone and redone; lasts until the program ends, whatever conversation is shown.

    Signals:
        changed: What can be undone or redone is something else now.
        troubled: (UserFacingError) It could not be done now, and can be tried again.
    """

    changed = Signal()
    troubled = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stack = QUndoStack(self)
        self._stack.setUndoLimit(_LIMIT)
        self._changes: list[Change] = []  # as they lie on the stack, which does not give them back
        self._idle = False  # the stack moves, and nothing is to be done
        self._problem: UserFacingError | None = None
        self._moving = False
        self._late: list[Callable[[], None]] = []  # what came while the stack was moving
        self._stack.indexChanged.connect(self.changed)

    @property
    def next_undo(self) -> Change | None:
        """What is undone next."""
        return self._changes[self._stack.index() - 1] if self._stack.canUndo() else None

    @property
    def next_redo(self) -> Change | None:
        """What is done again next."""
        return self._changes[self._stack.index()] if self._stack.canRedo() else None

    def add(self, change: Change) -> None:
        """Remembers what has just been done; what was undone before cannot be redone any more."""
        if self._moving:
            self._late.append(lambda: self.add(change))
            return
        self._changes = [*self._changes[: self._stack.index()], change]
        self._push(change)
        self._changes = self._changes[-self._stack.count() :]

    def undo(self) -> None:
        """Takes the newest change back."""
        self._step(self._stack.undo, self._stack.redo)

    def redo(self) -> None:
        """Does what was undone last again."""
        self._step(self._stack.redo, self._stack.undo)

    def forget(self, gone: Callable[[Change], bool]) -> None:
        """Drops the changes that can be neither undone nor redone any more."""
        if self._moving:
            self._late.append(lambda: self.forget(gone))
            return
        if not any(gone(change) for change in self._changes):
            return
        done = self._changes[: self._stack.index()]
        index = sum(1 for change in done if not gone(change))
        self._changes = [change for change in self._changes if not gone(change)]
        self._stack.clear()
        for change in self._changes:
            self._push(change)
        self._idle = True
        self._stack.setIndex(index)
        self._idle = False
        self.changed.emit()

    def _push(self, change: Change) -> None:
        self._idle = True
        self._stack.push(_Command(change, self._do))
        self._idle = False

    def _step(self, move: Callable[[], None], move_back: Callable[[], None]) -> None:
        if self._moving:
            return
        self._problem = None
        self._moving = True
        move()
        if self._problem is not None:
            self._idle = True
            move_back()
            self._idle = False
        self._moving = False
        late, self._late = self._late, []
        for work in late:
            work()
        if self._problem is not None:
            self.troubled.emit(self._problem)

    def _do(self, work: Callable[[], object]) -> None:
        if self._idle:
            return
        try:
            work()
        except UserFacingError as problem:
            self._problem = problem
