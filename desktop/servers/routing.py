"""Who answers which request: this computer, or a server, by the model that a conversation has chosen."""

from __future__ import annotations

from desktop.engine.types import AnswerPort, Generation
from desktop.servers.registry import server_model


class RoutedAnswers:
    """Implements :class:`~desktop.engine.types.AnswerPort` by two others. Any thread.

    What goes to a server never reaches this computer's engine, which does not wake for it; and the other way round.
    """

    def __init__(self, here: AnswerPort, elsewhere: AnswerPort) -> None:
        """
        Args:
            here: Answers what names a model's file, or none.
            elsewhere: Answers what names a model on a server.
        """
        self._here = here
        self._elsewhere = elsewhere

    def generate(self, request: Generation) -> None:
        """See :meth:`desktop.engine.types.AnswerPort.generate`."""
        self._of(request).generate(request)

    def prepare(self, request: Generation) -> None:
        """See :meth:`desktop.engine.types.AnswerPort.prepare`; a server is told nothing before it is sent."""
        self._of(request).prepare(request)

    def cancel(self, request_id: int) -> None:
        """Stops a request, wherever it is; the other side does not know its id, and ignores it."""
        self._here.cancel(request_id)
        self._elsewhere.cancel(request_id)

    def _of(self, request: Generation) -> AnswerPort:
        return self._here if server_model(request.model_file) is None else self._elsewhere
