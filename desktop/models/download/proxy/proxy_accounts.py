"""Names and passwords for proxies: those typed in this run, and those kept in the system's keyring.

Never in the settings, the log or a sentence. A keyring may hang (a bus that does not answer, a question that nobody
answers), so it is asked on a thread of its own, for a while.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from desktop.common.json_file import parse_json, to_json
from desktop.models.download.proxy.proxies import Account
from desktop.system.patient_keyring import PATIENCE_S, Keyring, PatientKeyring


class ProxyAccounts:
    """See the module. One is made at the top; its methods may be called from any thread."""

    def __init__(self, open_keyring: Callable[[], Keyring] | None = None, patience: float = PATIENCE_S) -> None:
        """
        Args:
            open_keyring: Finds the system's; raises where there is none. None: nothing is kept.
            patience: Longest wait for it, in seconds.
        """
        self._keyring = PatientKeyring(open_keyring, patience)
        self._lock = threading.Lock()
        self._known: dict[str, Account] = {}
        self._asked: set[str] = set()

    def find(self, proxy: str) -> Account | None:
        """Returns what is known for a proxy, asking the keyring the first time. Not on the GUI thread."""
        with self._lock:
            if proxy in self._known or proxy in self._asked:
                return self._known.get(proxy)
            self._asked.add(proxy)
        kept = self._keyring.ask(lambda keyring: keyring.read(proxy))
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

        return self._keyring.ask(write) is True

    def refused(self, proxy: str) -> None:
        """Forgets for this run what the proxy did not accept; what is kept stays until something better is."""
        with self._lock:
            self._known.pop(proxy, None)


def _read(kept: str) -> Account | None:
    try:
        user, password = parse_json(kept)
    except (ValueError, TypeError):
        return None
    return Account(user, password) if isinstance(user, str) and isinstance(password, str) else None
