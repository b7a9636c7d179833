"""Starting at login on macOS: a property list in ``~/Library/LaunchAgents``, which launchd reads at login.

After launchd.plist(5). launchd is not told at once: it would start a second Catnap there and then.
"""

from __future__ import annotations

import contextlib
import plistlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from xml.parsers.expat import ExpatError

from desktop.common.atomic_file import write_shared
from desktop.common.regular_file import open_regular
from desktop.system.login.types import Command, Entry

# "Interactive": not throttled like a background job. "Aqua": sessions with a screen only, not those over ssh.
_FIXED: Final[Mapping[str, object]] = {"ProcessType": "Interactive", "LimitLoadToSessionType": "Aqua"}
_OURS = frozenset({*_FIXED, "Label", "ProgramArguments", "RunAtLoad", "Disabled"})


class LaunchAgent:
    """The agent of Catnap; a :class:`~desktop.system.login.types.LoginEntry`."""

    def __init__(self, folder: Path, identifier: str) -> None:
        """
        Args:
            folder: ``~/Library/LaunchAgents``; made when it is needed.
            identifier: Catnap's name in reverse-DNS form, the agent's label.
        """
        self._file = folder / f"{identifier}.plist"
        self._label = identifier

    @property
    def place(self) -> str:
        return str(self._file)

    def read(self) -> Entry | None:
        agent = self._agent()
        if agent is None:
            return None
        arguments = agent.get("ProgramArguments")
        command: Command = tuple(map(str, arguments)) if isinstance(arguments, list) else ()
        return Entry(command, bool(command) and agent.get("RunAtLoad") is True and agent.get("Disabled") is not True)

    def enable(self, command: Command) -> None:
        agent = self._agent()
        if agent is None:  # none, or nothing that launchd could read
            with contextlib.suppress(FileNotFoundError):
                self._file.replace(self._file.with_suffix(".broken"))
            agent = {}
        agent = {**_FIXED, **agent} | {"Label": self._label, "ProgramArguments": list(command), "RunAtLoad": True}
        agent.pop("Disabled", None)
        self._write(agent)

    def disable(self) -> None:
        agent = self._agent()
        if agent is None:
            return
        if set(agent) <= _OURS:
            self._file.unlink(missing_ok=True)
        else:
            self._write(agent | {"Disabled": True})

    def _agent(self) -> dict[str, object] | None:
        """Returns the property list; None where there is none that launchd could read."""
        try:
            with open_regular(self._file) as stream:
                agent = plistlib.load(stream)
        except (FileNotFoundError, plistlib.InvalidFileException, ExpatError, ValueError, TypeError, IndexError):
            return None
        return agent if isinstance(agent, dict) else None

    def _write(self, agent: dict[str, object]) -> None:
        write_shared(self._file, plistlib.dumps(agent, sort_keys=False))
