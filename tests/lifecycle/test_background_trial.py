"""A trial beside the loop: what it came to is taken, unless it was given up."""

from __future__ import annotations

import asyncio

from desktop.common.errors import UserFacingError
from desktop.lifecycle.background_trial import BackgroundTrial
from tests.support.patience import PATIENCE_S
from tests.support.played_trial import PlayedTrial


class Bench:
    def __init__(self) -> None:
        self.ended: list[tuple[str, int | None]] = []
        self.changes = 0
        self._changed = asyncio.Event()
        self.trial = BackgroundTrial[str, int](
            "a number", lambda key, found: self.ended.append((key, found)), self._note
        )

    def _note(self) -> None:
        self.changes += 1
        self._changed.set()

    def begin(self, key: str) -> PlayedTrial[str, int]:
        played = PlayedTrial[str, int](key)
        self.trial.begin(key, lambda: played)
        return played

    async def over(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self.trial.key is not None:
                self._changed.clear()
                await self._changed.wait()

    async def let_go(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self.trial.let_go()


def test_what_it_came_to_is_taken() -> None:
    async def work() -> None:
        bench = Bench()
        played = bench.begin("a")
        assert bench.trial.key == "a" and bench.changes == 1
        played.ends(3)
        await bench.over()
        assert bench.ended == [("a", 3)] and bench.changes == 2
        # AND what cannot be tried is told as well
        bench.begin("b").ends(UserFacingError("There is no room."))
        await bench.over()
        assert bench.ended[1:] == [("b", None)]

    asyncio.run(work())


def test_of_one_that_was_given_up_nothing_is_taken() -> None:
    async def work() -> None:
        bench = Bench()
        first = bench.begin("a")
        bench.trial.cancel()
        assert first.was_cancelled and bench.trial.key is None
        second = bench.begin("b")
        await bench.let_go()
        assert second.was_cancelled and second.has_ended, "no process has the file any more"
        assert bench.ended == []

    asyncio.run(work())


def test_without_a_loop_nothing_begins() -> None:
    bench = Bench()
    bench.begin("a")
    assert bench.trial.key is None and bench.changes == 0
