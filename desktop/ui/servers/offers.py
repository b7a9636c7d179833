"""Models on servers as they are offered beside those of this computer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop.engine.routing import ServerModel, server_model
from desktop.ui.conversations.choices_menu import OfferedModel

if TYPE_CHECKING:  # before there is a server nothing of them is imported
    from desktop.servers.registry import Server


def offered_models(servers: Iterable[Server], chosen: str | None = None) -> Iterator[OfferedModel]:
    """Yields the models that can be chosen: those that are known of each server, else the one that it usually asks.

    Args:
        servers: All of them.
        chosen: What is chosen already; it is among them as long as its server is there.
    """
    wanted = server_model(chosen)
    for server in servers:
        names = list(server.found.models)
        usual = server.model or (names[0] if len(names) == 1 else "")
        if not names or (server.model and server.model not in names):
            names.insert(0, usual)
        is_chosen = wanted is not None and wanted.server.casefold() == server.name.casefold()
        if is_chosen and wanted is not None and wanted.model not in names:
            names.insert(0, wanted.model)
        for name in names:
            file = ServerModel(wanted.server if is_chosen and wanted is not None else server.name, name).choice
            yield OfferedModel(file, name or _unnamed(server), server.name, server.address.place)


def _unnamed(server: Server) -> str:
    return QCoreApplication.translate("ServedModels", "Usual model of {server}").format(server=server.name)
