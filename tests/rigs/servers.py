"""A conversation and the server that answers it, as the fixtures of ``tests/app/conftest.py`` have them."""

from __future__ import annotations

from typing import Final

from desktop.engine.routing import ServerModel
from tests.rigs.shell import Bench
from tests.support.chat_server import ChatServer

# The choice that has the listed server answer.
THERE: Final = ServerModel("office", "parrot").choice


def place(server: ChatServer) -> str:
    """Returns where words go, as the window says it."""
    return server.url.partition("//")[2]


def is_engine_untouched(bench: Bench) -> bool:
    """Whether nothing has woken on this computer."""
    return bench.services.engine.process_id is None and not bench.services.supervisor.state.is_in_memory
