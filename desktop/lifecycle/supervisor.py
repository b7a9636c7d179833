"""The engine as conversations use it: told what the machine is like before it is asked anything. No Qt; GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from desktop.engine.types import EngineConfig, EnginePort, Generation, SleepReason


class EngineFront:
    """Implements :class:`~desktop.engine.types.EnginePort` and passes everything on.

    Args:
        engine: The engine itself.
        before_request: Looks at the machine and configures the engine for it; called before each request.
        on_question: Called when an answer is asked for.
    """

    def __init__(self, engine: EnginePort, before_request: Callable[[], None], on_question: Callable[[], None]) -> None:
        self._engine = engine
        self._before_request = before_request
        self._on_question = on_question

    def generate(self, request: Generation) -> None:
        """Queues a request for an answer."""
        self._before_request()
        self._on_question()
        self._engine.generate(request)

    def prepare(self, request: Generation) -> None:
        """Queues a request to load and read."""
        self._before_request()
        self._engine.prepare(request)

    def cancel(self, request_id: int) -> None:
        """Stops a request."""
        self._engine.cancel(request_id)

    def configure(self, config: EngineConfig) -> None:
        """Puts a configuration in force until the next one."""
        self._engine.configure(config)

    def sleep(self, reason: SleepReason = SleepReason.ASKED) -> None:
        """Unloads the model."""
        self._engine.sleep(reason)

    def forget(self, conversation_id: str) -> None:
        """Drops everything kept of a conversation."""
        self._engine.forget(conversation_id)
