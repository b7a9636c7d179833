"""Names and passwords for proxies: those typed in this run, and those kept in the system's keyring.

Never in the settings, the log or a sentence. A keyring may hang (a bus that does not answer, a question that nobody
answers), so it is asked on a thread of its own, for a while.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from desktop.common import detached
from desktop.common.json_file import parse_json, to_json
from desktop.models.download.proxy.proxies import Account

# Long enough for a person to unlock the keyring, who sees its question; a download waits meanwhile, the windows do not.
_RECALL_S = 60.0
_KEEP_S = 60.0
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


class ProxyAccounts:
    """See the module. One is made at the top; its methods may be called from any thread."""

    def __init__(self, open_keyring: Callable[[], Keyring] | None = None, patience: float = _RECALL_S) -> None:
        """
        Args:
            open_keyring: Finds the system's; raises where there is none. None: nothing is kept.
            patience: Longest wait for it, in seconds.
        """
        self._open_keyring = open_keyring
        self._patience = patience
        self._lock = threading.Lock()
        self._known: dict[str, Account] = {}
        self._asked: set[str] = set()

    def find(self, proxy: str) -> Account | None:
        """Returns what is known for a proxy, asking the keyring the first time. Not on the GUI thread."""
        with self._lock:
            if proxy in self._known or proxy in self._asked:
                return self._known.get(proxy)
            self._asked.add(proxy)
        kept = self._ask(lambda keyring: keyring.read(proxy))
        account = _read(kept) if kept else None
        if account is not None:
            with self._lock:
                return self._known.setdefault(proxy, account)
        return None

    def enter(self, proxy: str, account: Account) -> None:
        """Takes what was typed, for this run."""
        with self._lock:
            self._known[proxy] = account
            self._asked.add(proxy)

    def keep(self, proxy: str) -> bool:
        """Keeps what is known for a proxy in the keyring; False: there is none that takes it. Not on the GUI thread."""
        with self._lock:
            account = self._known.get(proxy)
        if account is None:
            return False
        secret = to_json([account.user, account.password])

        def write(keyring: Keyring) -> bool:
            keyring.write(proxy, secret)
            return True

        return self._ask(write) is True

    def refused(self, proxy: str) -> None:
        """Forgets for this run what the proxy did not accept; what is kept stays until something better is."""
        with self._lock:
            self._known.pop(proxy, None)

    def _ask(self, question: Callable[[Keyring], _T]) -> _T | None:
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


def _read(kept: str) -> Account | None:
    try:
        user, password = parse_json(kept)
    except (ValueError, TypeError):
        return None
    return Account(user, password) if isinstance(user, str) and isinstance(password, str) else None
