"""Fixtures for the window beside a server; files about other things make a bench of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from desktop.servers.addresses import parse_address
from desktop.servers.registry import Server, ServerList
from tests.rigs.shell import Bench, running
from tests.support.chat_server import ChatServer, serve_chat
from tests.support.own_models import use_own


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with serve_chat() as server:
        yield server


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, data_dir: Paths, parrot_model: Path, server: ChatServer) -> Iterator[Bench]:
    """The parrot is here and in use; a server is listed that nobody has agreed to."""
    data_dir.create()
    ServerList(data_dir.servers_file).put(Server("office", parse_address(server.url)))
    with running(qapp, qtbot, data_dir) as made:
        use_own(made.services, parrot_model)
        made.show()
        yield made
