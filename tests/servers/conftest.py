"""A server, and what asks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.asked_servers import Questions
from tests.support.chat_server import ChatServer, serve_chat


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with serve_chat() as server:
        yield server


@pytest.fixture
def asked(server: ChatServer, tmp_path: Path) -> Iterator[Questions]:
    with Questions(tmp_path, server.url) as asked:
        yield asked
