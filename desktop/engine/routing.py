"""Who answers which request: this computer, or a server, by what stands in place of a model's file."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from desktop.engine.ports import AnswerPort
from desktop.engine.types import EngineEvent, Failed, Finished, Generation

_CHOICE: Final = "server:"


@dataclass(frozen=True)
class ServerModel:
    """A model on a server, as somebody chooses it.

    Attributes:
        server: Name of the server, which may be gone.
        model: Name of the model there; empty: the server's usual one.
    """

    server: str
    model: str = ""

    @property
    def choice(self) -> str:
        """How it stands in place of a model's file: in a conversation's choices, and in a request.

        No file has such a name, since names of files have no slash.
        """
        return f"{_CHOICE}{self.server}/{self.model}"


def server_model(choice: str | None) -> ServerModel | None:
    """Returns the model on a server that a choice stands for; None: it is a file, or nothing was chosen."""
    if choice is None or not choice.startswith(_CHOICE) or "/" not in choice:
        return None
    return named(choice.removeprefix(_CHOICE))


def named(text: str) -> ServerModel:
    """Returns what ``NAME/MODEL`` or ``NAME`` stands for; the name of a model may have slashes in it."""
    server, _, model = text.partition("/")
    return ServerModel(server.strip(), model.strip())


class RoutedAnswers:
    """Implements :class:`~desktop.engine.ports.AnswerPort` by two others. Any thread.

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
        self._lock = threading.Lock()
        self._away: set[int] = set()  # requests that a server has

    def generate(self, request: Generation) -> None:
        """See :meth:`desktop.engine.ports.AnswerPort.generate`."""
        self._of(request).generate(request)

    def prepare(self, request: Generation) -> None:
        """See :meth:`desktop.engine.ports.AnswerPort.prepare`; a server is told nothing before it is sent."""
        self._of(request).prepare(request)

    def cancel(self, request_id: int) -> None:
        """Stops a request, wherever it is."""
        with self._lock:
            is_away = request_id in self._away
        (self._elsewhere if is_away else self._here).cancel(request_id)

    def is_of_server(self, event: EngineEvent) -> bool:
        """Tells whose event it is; the last of a request is to be asked about once."""
        request_id = getattr(event, "request_id", None)
        with self._lock:
            is_away = request_id in self._away
            if is_away and isinstance(event, Finished | Failed):
                self._away.discard(request_id)
            return is_away

    def _of(self, request: Generation) -> AnswerPort:
        if server_model(request.model_file) is None:
            return self._here
        with self._lock:
            self._away.add(request.request_id)
        return self._elsewhere
