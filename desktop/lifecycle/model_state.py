"""Whether the local model is in memory, and whether it answers: what the engine has said, kept in one place.

GUI thread. It takes each event of the engine before everybody else: whoever handles one finds the state after it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from desktop.engine.types import Asleep, Awake, Crashed, Dozing, EngineConfig, EngineEvent, Failed, Finished


class ModelState:
    """What is known of the local model. Read by anybody; told by the supervisor alone.

    Attributes:
        is_in_memory: It takes memory: it is loaded, being loaded, or dozing.
        is_dozing: It has given back what it can have again at once.
        woken_at: When its loading began, by the clock.
        loaded_with: The configuration it was loaded with; None: it is not, not yet, or it dozes and must be let in
            anew.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """
        Args:
            clock: Seconds, monotonic.
        """
        self._clock = clock
        self._answering: set[int] = set()
        self.is_in_memory = self.is_dozing = False
        self.woken_at = -math.inf
        self.loaded_with: EngineConfig | None = None

    @property
    def is_answering(self) -> bool:
        """Whether an answer was asked for and has not ended. Loading and reading ahead are no answers."""
        return bool(self._answering)

    def asked(self, request_id: int) -> None:
        """An answer was asked for."""
        self._answering.add(request_id)

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine."""
        if isinstance(event, Finished | Failed):
            self._answering.discard(event.request_id)
        elif isinstance(event, Asleep | Dozing):
            self.is_in_memory = self.is_dozing = isinstance(event, Dozing)
            self.loaded_with = None
        elif not isinstance(event, Crashed):  # what became of the answer and the model, other events say
            if not self.is_in_memory or self.is_dozing:
                self.is_in_memory, self.is_dozing = True, False
                self.woken_at = self._clock()
            if isinstance(event, Awake):
                self.loaded_with = event.loaded_with
