"""What servers do that were asked: shown with the conversation that waits for them, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from desktop.engine.types import EngineEvent, Failed, Finished
from desktop.ui.activity import Activity, ActivityTracker


class ServedActivities:
    """Follows every answer that is on its way from a server. What the engine of this computer does is not among it."""

    def __init__(self, conversation_of: Callable[[int | None], str | None], place_of: Callable[[str], str]) -> None:
        """
        Args:
            conversation_of: Returns the conversation that a request belongs to; None: to none.
            place_of: Returns the host of the server that is chosen for a conversation.
        """
        self._conversation_of, self._place_of = conversation_of, place_of
        self._trackers: dict[int, tuple[str, str, ActivityTracker]] = {}  # conversation, host

    def on_event(self, event: EngineEvent) -> None:
        """Takes an event of a server."""
        request_id = getattr(event, "request_id", None)
        if request_id is None:
            return
        if isinstance(event, Finished | Failed):
            self._trackers.pop(request_id, None)
            return
        if request_id not in self._trackers:
            conversation = self._conversation_of(request_id)
            if conversation is None:
                return
            self._trackers[request_id] = conversation, self._place_of(conversation), ActivityTracker()
        self._trackers[request_id][2].on_engine_event(event)

    def of(self, conversation: str | None) -> Activity | None:
        """Returns what is done for a conversation; None: no server answers in it now."""
        for one, place, tracker in self._trackers.values():
            if one == conversation:
                return replace(tracker.current, place=place)
        return None
