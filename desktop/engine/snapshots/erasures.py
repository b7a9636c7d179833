"""States that must go, where the process that would erase them may be gone itself."""

from __future__ import annotations

from desktop.engine.snapshots.store import SnapshotStore
from desktop.engine.types import EngineConfig


class Erasures:
    """What was to be erased, and is not known to be. Engine thread, while there is no process that writes states."""

    def __init__(self) -> None:
        """Nothing is to be erased."""
        self._owed: set[str] = set()

    def owe(self, conversation_id: str) -> None:
        """The states of a conversation are to go."""
        self._owed.add(conversation_id)

    def done(self, conversation_id: str) -> None:
        """They are gone."""
        self._owed.discard(conversation_id)

    def make_up(self, config: EngineConfig) -> None:
        """Erases what is owed, and all there is where none may be kept.

        Args:
            config: Says where states are, and whether any are kept.
        """
        owed, self._owed = self._owed, set()
        if config.snapshots_dir is None:
            return
        store = SnapshotStore(config.snapshots_dir, config.snapshots_budget)
        for conversation_id in owed:
            store.erase(conversation_id)
        if not config.snapshots_budget:
            store.erase_all()
