"""A keyring may hang (a bus that does not answer, a question that nobody answers): it is asked for a while."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from desktop.common import detached

# Long enough for a person to unlock it, who sees its question; whoever asked waits meanwhile, the windows do not.
PATIENCE_S: Final = 60.0
_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class Keyring(Protocol):
    """Where the system keeps secrets. Any thread; each call may take as long as it takes, and may raise anything."""

    def read(self, name: str) -> str | None:
        """Returns a secret; None: there is none of that name."""

    def write(self, name: str, secret: str) -> None:
        """Keeps a secret in place of the one before."""

    def remove(self, name: str) -> None:
        """Removes a secret; does nothing where there is none."""


class PatientKeyring:
    """See the module. Any thread but the GUI's."""

    def __init__(self, open_keyring: Callable[[], Keyring] | None, patience: float = PATIENCE_S) -> None:
        """
        Args:
            open_keyring: Finds the system's; raises where there is none. None: nothing is kept.
            patience: Longest wait for it, in seconds.
        """
        self._open_keyring = open_keyring
        self._patience = patience

    def ask(self, question: Callable[[Keyring], _T]) -> _T | None:
        """Returns what the keyring answers, on a thread of its own; None: nothing, or there is none."""
        opener = self._open_keyring
        if opener is None:
            return None
        answer = detached.start(lambda: question(opener()), "keyring")
        try:
            return answer.result(self._patience)
        except TimeoutError:
            _log.warning("the system's keyring does not answer")
        except Exception as problem:  # keyrings raise what they like
            _log.info("no keyring: %s", type(problem).__name__)
        return None
