"""A teacher on a server: which one, whether words may go there, and what is said while it is asked."""

from __future__ import annotations

from dataclasses import replace

from desktop.cli import common
from desktop.cli.network import asking_for_account
from desktop.cli.server_ask import agreed, keys_of
from desktop.cli.student.wording import in_words
from desktop.engine.routing import ServerModel, named
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.servers.log_probabilities import ChancesOfServer
from desktop.servers.registry import Server, ServerList
from desktop.student.manifest import InputFile
from desktop.system.keyring import open_keyring


def chosen(places: common.Places, wanted: str) -> tuple[InputFile, str, str]:
    """Returns what a manifest says of a teacher on a server, what it is called, and where it is.

    Raises:
        UserFacingError: There is no such server.
    """
    choice = named(wanted)
    server = ServerList(places.paths.servers_file).get(choice.server)
    model = choice.model or server.model
    return (
        InputFile(ServerModel(server.name, model).choice, 0, ""),
        model or server.name,
        f" on {server.address.place}",
    )


def asked(places: common.Places, choice: ServerModel, prompts: int, progress: common.ProgressLine) -> ChancesOfServer:
    """Looks whether a server may be asked and tells what was likely, and says where the prompts go.

    Args:
        places: Where things are.
        choice: Who is asked.
        prompts: How many.
        progress: Where waits are shown.

    Raises:
        UserFacingError: It may not or does not, or cannot be reached.
    """
    servers = ServerList(places.paths.servers_file)
    server = agreed(servers, servers.get(choice.server))
    server = replace(server, model=choice.model or server.model)
    accounts = ProxyAccounts(open_keyring)
    key = keys_of(places).find(server.address) if server.has_key else None
    opened = asking_for_account(
        lambda: ChancesOfServer(
            server,
            key,
            accounts,
            waits=lambda seconds: progress.show(f"{server.name} is busy; asked again in {in_words(seconds)}"),
        ),
        accounts,
    )
    common.warn(_where(server, opened, prompts))
    if opened.depends_on_temperature:
        common.warn(f"what {server.name} tells depends on the temperature of the answer, so it answers at 1")
    return opened


def _where(server: Server, opened: ChancesOfServer, prompts: int) -> str:
    open_line = ", where others can read along" if server.address.is_open else ""
    return (
        f"{prompts:,} prompts go to {server.address.place}{open_line}; {opened.model} answers, and tells "
        f"the likeliest {opened.count:,} of each token"
    )
