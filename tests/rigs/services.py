"""All services on a real engine and a loop, without a window."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Self

from desktop.app.services import Services, build_services
from desktop.common.events import Publisher
from desktop.common.paths import Paths
from desktop.engine.types import EngineEvent
from desktop.settings.store import SettingsStore
from tests.support.patience import PATIENCE_S


def run(work: Callable[[], Awaitable[None]]) -> None:
    """Runs a test on a loop of its own."""

    async def main() -> None:
        async with asyncio.timeout(PATIENCE_S):
            await work()

    asyncio.run(main())


class RunningServices:
    """The services, whose engine's events are brought to the loop as the bridge does.

    Attributes:
        events: Of the engine, in their order.
    """

    def __init__(self, paths: Paths, catalog: Path | None) -> None:
        """
        Args:
            paths: Their folders are there.
            catalog: Another models.json; None: the one shipped.
        """
        loop = asyncio.get_running_loop()
        self.events: list[EngineEvent] = []
        self._happened = asyncio.Event()
        relay = Publisher[EngineEvent]()

        def post(event: EngineEvent) -> None:
            loop.call_soon_threadsafe(relay, event)

        self.store = SettingsStore(paths.settings_file)
        self.services: Services = build_services(paths, self.store, catalog, post, relay)
        relay.subscribe(self.events.append)
        for publisher in (relay, self.services.chat_events, self.services.model_events):
            publisher.subscribe(self.notice)

    def notice(self, _event: object) -> None:
        """Takes that something has happened for which :meth:`until` may wait."""
        self._happened.set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.services.chat.shut_down()
        self.services.programs.shut_down()
        await self.services.models.shut_down()
        assert await asyncio.to_thread(self.services.engine.stop, PATIENCE_S)
        self.services.history.close()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits until ``condition`` holds after an event."""
        while not condition():
            self._happened.clear()
            await self._happened.wait()
