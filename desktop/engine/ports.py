"""Who answers, as those see it who ask: what is needed of an engine, here or elsewhere."""

from __future__ import annotations

from typing import Protocol

from desktop.engine.types import EngineConfig, Generation, SleepReason


class AnswerPort(Protocol):
    """What a conversation needs of whatever answers it, be that here or elsewhere.

    Every method may be called from any thread and returns at once. Each request ends in exactly one ``Finished`` or
    ``Failed``.
    """

    def generate(self, request: Generation) -> None:
        """Queues a request; its events follow through ``post``.

        What cannot keep to a schema says so: ``Failed`` with a sentence, never an answer that does not fit.
        """

    def prepare(self, request: Generation) -> None:
        """Loads the model and reads what is already known of a conversation, so that its next answer begins sooner.

        ``request.messages`` ends before the user's new message: the system message and the history, or nothing at all
        (the model is only loaded). Or a user's message stands at its end: what is written of it so far, its draft. That
        is read along, and no word of it gets into a state on disk before it is sent.

        With a draft, ``Counted`` says before the reading what it would take of the context.

        Ends in one ``Finished(COMPLETE)`` without generated tokens, in ``Finished(STOPPED)`` when it was cancelled or
        gave way to a :meth:`generate`, or in ``Failed``. What was read stays in the KV cache however it ends. The idle
        time runs from its end.
        """

    def cancel(self, request_id: int) -> None:
        """Stops a queued or running request within some 30 ms; ``Finished(STOPPED)`` follows."""


class LocalModelPort(Protocol):
    """What is needed of a model that takes this machine's memory and keeps states of conversations on its disk.

    Every method may be called from any thread and returns at once.
    """

    def configure(self, config: EngineConfig) -> None:
        """Puts a new configuration in force: threads at the next token, the rest after the running answer."""

    def sleep(self, reason: SleepReason = SleepReason.ASKED) -> None:
        """Unloads the model after the running answer; ``Asleep(reason)`` follows, also when it was asleep already."""

    def forget(self, conversation_id: str) -> None:
        """Drops everything kept of a conversation, in memory and on disk."""

    def attend(self) -> None:
        """Gets ready for a request that may follow, as far as that costs next to nothing; the model is not loaded."""


class LocalEnginePort(AnswerPort, LocalModelPort, Protocol):
    """An engine on this machine: what the supervisor is given."""
