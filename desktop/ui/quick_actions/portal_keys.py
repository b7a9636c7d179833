"""Keys through the desktop under Wayland, where somebody has switched them on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from desktop.chat.quick_actions.actions import QuickAction
from desktop.chat.quick_actions.store import QuickActionsFile
from desktop.common import detached
from desktop.ui.quick_actions.words import action_title

if TYPE_CHECKING:  # what it needs is imported when it is wanted
    from desktop.system.global_shortcuts import Bound, PortalShortcuts, Shortcut

QUICK_ASK: Final = "quick-ask"

# Makes a session: shortcuts, what takes presses, what takes keys that were given.
MakeSession = Callable[
    [Sequence["Shortcut"], Callable[[str, str], None], Callable[["Bound | None"], None]], "PortalShortcuts"
]


class PortalKeys(QObject):
    """Keeps the desktop's session in step with the actions. GUI thread.

    Attributes:
        pressed: (id of an action or ``QUICK_ASK``, activation token) A key was pressed.
        changed: What is known of the portal or the keys.
    """

    pressed = Signal(str, str)
    changed = Signal()
    _there = Signal(object, str, str)
    _given = Signal(object, object)
    _found = Signal(bool)

    def __init__(
        self,
        file: QuickActionsFile,
        probe: Callable[[], bool],
        make_session: MakeSession,
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            file: The actions, and whether keys are wanted.
            probe: Tells whether there is a portal; called on a thread of its own.
            make_session: See :data:`MakeSession`.
            parent: Owner.
        """
        super().__init__(parent)
        self._file, self._probe, self._make_session = file, probe, make_session
        self._session: PortalShortcuts | None = None
        self._keys: Mapping[str, str] | None = None
        self._is_there: bool | None = None
        self._there.connect(self._on_pressed)
        self._given.connect(self._on_given)
        self._found.connect(self._on_found)
        file.changed.subscribe(self._on_actions)
        if file.uses_portal:
            self._begin()

    @property
    def is_there(self) -> bool | None:
        """Whether the desktop has such keys; None: not known yet, see :meth:`look`."""
        return self._is_there

    @property
    def is_on(self) -> bool:
        """Whether they are wanted."""
        return self._file.uses_portal

    @property
    def keys(self) -> Mapping[str, str] | None:
        """The keys that were given, by id; None: none yet, or none at all."""
        return self._keys

    def look(self) -> None:
        """Finds out whether there is a portal."""
        detached.start(lambda: self._found.emit(self._probe()), "portal")

    def turn(self, on: bool) -> None:
        """Asks the desktop for keys, or gives them back."""
        self._file.set_uses_portal(on)
        self.close()
        if on:
            self._begin()
        self.changed.emit()

    def close(self) -> None:
        """Gives the keys back for now. May be repeated."""
        session, self._session, self._keys = self._session, None, None
        if session is not None:
            session.stop()

    def _begin(self) -> None:
        from desktop.system.global_shortcuts import Shortcut

        wanted = [Shortcut(QUICK_ASK, self.tr("Quick ask"))]
        wanted += [Shortcut(action.id, action_title(action)) for action in self._file.actions]
        holder: list[PortalShortcuts] = []  # what comes late from a session that has ended is nobody's
        session = self._make_session(
            wanted,
            lambda name, token: self._there.emit(holder[0], name, token),
            lambda bound: self._given.emit(holder[0], bound),
        )
        holder.append(session)
        self._session = session
        session.start()

    def _on_actions(self, _actions: tuple[QuickAction, ...]) -> None:
        if self._session is not None:  # a session takes its shortcuts once
            self.close()
            self._begin()

    def _on_pressed(self, session: object, name: str, token: str) -> None:
        if session is self._session:
            self.pressed.emit(name, token)

    def _on_given(self, session: object, bound: Bound | None) -> None:
        if session is self._session:
            self._keys = bound.keys if bound is not None else None
            if bound is None:
                self._session = None
            self.changed.emit()

    def _on_found(self, there: bool) -> None:
        self._is_there = there
        self.changed.emit()
