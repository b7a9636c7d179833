"""Drives an engine worker from a test: asks, waits for events, keeps all of them."""

from __future__ import annotations

import itertools
import queue
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from desktop.engine.process.handle import EngineProcess, StartProcess
from desktop.engine.process.stall import FRUITLESS_SECONDS, PATIENCE_SECONDS
from desktop.engine.types import (
    Awake,
    BegunAnswer,
    EngineConfig,
    EngineEvent,
    Failed,
    Finished,
    Generation,
    Message,
    Role,
    Sampling,
    Token,
)
from desktop.engine.worker import EngineWorker
from tests.support.patience import PATIENCE_S

GREEDY = Sampling(temperature=0.0, repeat_penalty=1.0)

Event = TypeVar("Event")


def config_for(
    path: Path | None, n_ctx: int = 2048, threads: int = 1, idle_seconds: float | None = None
) -> EngineConfig:
    """One thread: on a busy machine two wait for each other at every step of these tiny graphs."""
    return EngineConfig(path, n_ctx=n_ctx, threads=threads, idle_seconds=idle_seconds, sleep_seconds=None)


def user(text: str) -> Message:
    return Message(Role.USER, text)


def assistant(text: str) -> Message:
    return Message(Role.ASSISTANT, text)


class Harness:
    """A worker, its events in order, and a hook that runs on the engine thread before an event is taken."""

    def __init__(
        self,
        config: EngineConfig,
        start: StartProcess = EngineProcess,
        stall_patience: float = PATIENCE_SECONDS,
        fruitless_patience: float = FRUITLESS_SECONDS,
    ) -> None:
        self.events: list[EngineEvent] = []
        self.on_event: Callable[[EngineEvent], None] = lambda event: None
        self._queue: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        self._ids = itertools.count(1)
        self.worker = EngineWorker(
            self._post, config, start=start, stall_patience=stall_patience, fruitless_patience=fruitless_patience
        )

    def __enter__(self) -> Self:
        self.worker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.worker.stop(PATIENCE_S)

    def send(
        self,
        *messages: Message,
        sampling: Sampling = GREEDY,
        conversation: str = "c",
        cut: int = 0,
        thinking: bool = False,
        keep_state: bool = True,
        begun: BegunAnswer | None = None,
        prefix: str | None = None,
        examples: int = 0,
        schema: str | None = None,
    ) -> int:
        """Queues a request and returns its id."""
        request = Generation(
            *(next(self._ids), conversation, messages, sampling, thinking, cut, keep_state, begun, prefix, examples),
            schema=schema,
        )
        self.worker.generate(request)
        return request.request_id

    def prepare(
        self,
        *messages: Message,
        sampling: Sampling = GREEDY,
        conversation: str = "c",
        cut: int = 0,
        keep_state: bool = True,
        prefix: str | None = None,
    ) -> int:
        """Queues a preparation and returns its id."""
        request = Generation(
            next(self._ids), conversation, messages, sampling, cut=cut, keep_state=keep_state, prefix_id=prefix
        )
        self.worker.prepare(request)
        return request.request_id

    def ask(
        self,
        *messages: Message,
        sampling: Sampling = GREEDY,
        conversation: str = "c",
        cut: int = 0,
        keep_state: bool = True,
        prefix: str | None = None,
        examples: int = 0,
    ) -> Finished:
        """Queues a request and waits for its good end."""
        request_id = self.send(
            *messages,
            sampling=sampling,
            conversation=conversation,
            cut=cut,
            keep_state=keep_state,
            prefix=prefix,
            examples=examples,
        )
        end = self.end_of(request_id)
        assert isinstance(end, Finished), end
        return end

    def end_of(self, request_id: int) -> Finished | Failed:
        """Waits for the end of a request."""
        for event in self.events:
            if isinstance(event, Finished | Failed) and event.request_id == request_id:
                return event
        while True:
            event = self.next()
            if isinstance(event, Finished | Failed) and event.request_id == request_id:
                return event

    def rest(self) -> None:
        """Waits until the engine has nothing to do, after an answer whose end was seen."""
        self.wait(Awake)

    def wait(self, kind: type[Event], matches: Callable[[Event], bool] = lambda event: True) -> Event:
        """Waits for the next event of a kind, not counting those already seen."""
        while True:
            event = self.next()
            if isinstance(event, kind) and matches(event):
                return event

    def next(self) -> EngineEvent:
        event = self._queue.get(timeout=PATIENCE_S)
        self.events.append(event)
        return event

    def text(self, request_id: int, *, thinking: bool = False) -> str:
        return "".join(
            event.text
            for event in self.events
            if isinstance(event, Token) and event.request_id == request_id and event.thinking == thinking
        )

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def drain(self) -> None:
        """Takes what has arrived; to be called once the worker has stopped."""
        while not self._queue.empty():
            self.next()

    def _post(self, event: EngineEvent) -> None:
        self.on_event(event)
        self._queue.put(event)
