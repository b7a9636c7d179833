"""What is done now, by the engine of this computer and by servers, in every place that shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop.app.servers import Servers
from desktop.chat.answers import ChatAnswers
from desktop.chat.quick_ask import QUICK_CONVERSATION, QuickAskService
from desktop.engine.types import EngineEvent
from desktop.ui.activity import Activity, ActivityKind, ActivityTracker, activity_words
from desktop.ui.quick_ask.presenter import QuickPresenter
from desktop.ui.servers.activity import ServedActivities
from desktop.ui.tray.tray import Tray

if TYPE_CHECKING:
    from desktop.ui.chat.presenter import ChatPresenter
    from desktop.ui.chat.window import ChatWindow


class Activities:
    """Shows it beside the tray, in the window with the conversation that it is for, and in the quick box.

    Attributes:
        tracker: Follows the engine of this computer.
    """

    def __init__(
        self,
        tracker: ActivityTracker,
        tray: Tray,
        box: QuickPresenter,
        answers: ChatAnswers,
        quick: QuickAskService,
        servers: Servers,
        chosen: Callable[[str | None], str | None],
    ) -> None:
        """
        Args:
            tracker: Follows the engine of this computer; see :attr:`tracker`.
            tray: The icon.
            box: The quick box.
            answers: Know for which conversation a request is.
            quick: Knows its own.
            servers: Know where they are.
            chosen: Returns which file is chosen for a conversation alone; None: none is.
        """
        self.tracker = tracker
        self._tray, self._box = tray, box
        self._answers, self._quick, self._servers = answers, quick, servers
        self._chosen = chosen
        self._served = ServedActivities(self._conversation_of, lambda one: servers.place_of(self._chosen_for(one)))
        self._answered: str | None = None  # the conversation that the engine answers in
        self._window: ChatWindow | None = None
        self._shown: ChatPresenter | None = None

    def begin(self) -> None:
        """Shows every change from now on."""
        self.tracker.subscribe(self._on_activity)

    def follow(self, window: ChatWindow, shown: ChatPresenter) -> None:
        """Shows it in the window as well."""
        self._window, self._shown = window, shown

    def say_again(self) -> None:
        """Shows it in the language that is in force now."""
        self._on_activity(self.tracker.current, None)

    def can_think(self) -> bool | None:
        """Returns whether the model that is awake can think; None: not known, none is."""
        return self.tracker.awake.can_think if self.tracker.awake is not None else None

    def on_server_event(self, event: EngineEvent) -> None:
        """Takes what a server does."""
        self._served.on_event(event)
        self.show()
        in_box = self._served.of(QUICK_CONVERSATION)
        if in_box is not None:
            self._box.on_activity(in_box, getattr(event, "request_id", None))

    def show(self) -> None:
        """Shows in the window what is done for its conversation: by a server that answers there, else by the engine."""
        if self._window is None or self._shown is None:
            return
        current = self._shown.current
        served = self._served.of(current)
        if served is not None:
            self._window.set_activity(served, current)
            return
        activity = self.tracker.current
        if activity.kind is ActivityKind.NO_MODEL and self._servers.place_of(self._chosen(current)):
            activity = Activity(ActivityKind.ASLEEP)  # none is needed there
        self._window.set_activity(activity, self._answered)

    def _on_activity(self, activity: Activity, request_id: int | None) -> None:
        words = activity_words(activity)
        self._tray.set_state(activity.cat, words[:1].lower() + words[1:])
        self._answered = self._conversation_of(request_id)
        self.show()
        self._box.on_activity(activity, request_id)

    def _conversation_of(self, request_id: int | None) -> str | None:
        """Returns whose answer a request is for: a conversation, or the quick box; None: nobody's here."""
        if request_id is not None and self._quick.owns(request_id):
            return QUICK_CONVERSATION
        return self._answers.conversation_of(request_id)

    def _chosen_for(self, conversation: str) -> str | None:
        return self._quick.choice if conversation == QUICK_CONVERSATION else self._chosen(conversation)
