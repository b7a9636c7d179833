"""The end of listening: nobody who was let in is left waiting."""

from __future__ import annotations

import asyncio
import socket

import pytest

from desktop.api.http.listener import Listener
from desktop.api.http.types import Head, Responder
from tests.support.api_rig import is_closed
from tests.support.patience import PATIENCE_S


class Unasked:
    """Answers what nobody asks here."""

    def admit(self, head: Head) -> tuple[tuple[str, str], ...]:
        raise AssertionError(head)

    async def answer(self, head: Head, body: bytes, responder: Responder) -> None:
        raise AssertionError(head)


@pytest.mark.parametrize("turns", range(8))
def test_whoever_is_just_being_let_in_is_told_of_the_end(turns: int) -> None:
    async def scene() -> None:
        # GIVEN a client that has connected, and a loop that has come so far with letting it in
        listener = Listener(Unasked())
        port = await listener.start(0)
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as client:
            for _turn in range(turns):
                await asyncio.sleep(0)
            # WHEN it ends THEN the connection is closed, and not when the program ends
            await listener.close()
            assert listener.connections == 0
            assert await asyncio.to_thread(is_closed, client)

    asyncio.run(scene())
