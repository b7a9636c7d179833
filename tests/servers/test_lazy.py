"""What nobody has asked a server for costs nothing."""

from __future__ import annotations

from tests.support.command_line import python


def test_the_start_imports_nothing_of_servers() -> None:
    code = "import sys, desktop.app.services; print([m for m in sys.modules if m.startswith('desktop.servers')])"
    assert python(code).out.strip() == "[]"


def test_the_list_of_servers_needs_no_network() -> None:
    known = "import sys, desktop.servers.answers, desktop.servers.registry"
    code = f"{known}; print({{'httpx', 'truststore'}} & set(sys.modules))"
    assert python(code).out.strip() == "set()"
