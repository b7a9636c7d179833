"""What the handlers of the three systems have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

Command = tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """What the system would do at the next login.

    Attributes:
        command: Program and arguments that the entry names; empty where it names none that can be read.
        enabled: Whether the system heeds the entry.
    """

    command: Command
    enabled: bool


class LoginEntry(Protocol):
    """The one place where a system keeps what to start at login. Quick; may be called from any thread."""

    @property
    def place(self) -> str:
        """Where that is, for people."""
        ...

    def read(self) -> Entry | None:
        """Returns the entry; None where there is none.

        Raises:
            OSError: It cannot be read.
        """
        ...

    def enable(self, command: Command) -> None:
        """Has the system start ``command``; whatever else a person has written into the entry stays.

        Raises:
            OSError: It cannot be written.
        """
        ...

    def disable(self) -> None:
        """Takes the entry away, or switches it off where a person has written more into it. None: nothing to do.

        Raises:
            OSError: It cannot be written.
        """
        ...
