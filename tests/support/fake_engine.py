"""A fake at our own protocol: remembers what it was asked, and lets the test play the engine."""

from __future__ import annotations

from desktop.engine.types import EngineConfig, Generation, SleepReason


class FakeEngine:
    """Implements :class:`desktop.engine.ports.AnswerPort`; nothing is answered unless the test hands events on."""

    def __init__(self) -> None:
        self.requests: list[Generation] = []
        self.prepared: list[Generation] = []
        self.cancelled: list[int] = []
        self.configs: list[EngineConfig] = []
        self.sleeps: list[SleepReason] = []
        self.forgotten: list[str] = []
        self.attended = 0

    @property
    def last(self) -> Generation:
        return self.requests[-1]

    def generate(self, request: Generation) -> None:
        self.requests.append(request)

    def prepare(self, request: Generation) -> None:
        self.prepared.append(request)

    def cancel(self, request_id: int) -> None:
        self.cancelled.append(request_id)

    def configure(self, config: EngineConfig) -> None:
        self.configs.append(config)

    def sleep(self, reason: SleepReason = SleepReason.ASKED) -> None:
        self.sleeps.append(reason)

    def forget(self, conversation_id: str) -> None:
        self.forgotten.append(conversation_id)

    def attend(self) -> None:
        self.attended += 1
