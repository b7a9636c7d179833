"""A request on its way through the engine process."""

from __future__ import annotations

from dataclasses import dataclass, field

from desktop.engine.llama.bindings import AbortFlag
from desktop.engine.types import Generation, Stats


@dataclass
class PendingRequest:
    """A request under way.

    Attributes:
        request: What is asked.
        prepares: Only load and read; nothing is generated.
        abort: Set by whoever wants it to stop; any thread.
        give_way: Set when something more urgent has come: a preparation then stops reading, but not loading, since
            the model will be needed. Any thread.
        began: ``time.monotonic()`` when the engine took the request.
        stats: Figures so far, valid however it ends.
    """

    request: Generation
    prepares: bool = False
    abort: AbortFlag = field(default_factory=AbortFlag)
    give_way: AbortFlag = field(default_factory=AbortFlag)
    began: float = 0.0
    stats: Stats = field(default_factory=Stats)

    def cancel(self) -> None:
        """Makes it stop, whatever it does; any thread."""
        self.abort.set()
        self.give_way.set()

    @property
    def stops_reading(self) -> AbortFlag:
        """The flag that stops its reading."""
        return self.give_way if self.prepares else self.abort
