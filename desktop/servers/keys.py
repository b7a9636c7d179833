"""Keys of servers: in the system's keyring, else in a file that only its owner can read, which is said.

Never in the list of servers, the log or a sentence. A keyring may hang, so it is asked on a thread of its own, for a
while. A key belongs to an address, and is given to nobody else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.file_lock import changing_alone
from desktop.common.json_file import FileFault, StateFile, not_saved
from desktop.servers.addresses import ServerAddress
from desktop.system.patient_keyring import PATIENCE_S, Keyring, PatientKeyring

_LONGEST: Final = 4_000


class KeyPlace(Enum):
    """Where a key is kept."""

    KEYRING = "keyring"
    FILE = "file"


class ServerKeys:
    """See the module. Its methods may be called from any thread, and wait for a keyring: not on the GUI thread."""

    def __init__(
        self, file: Path, open_keyring: Callable[[], Keyring] | None = None, patience: float = PATIENCE_S
    ) -> None:
        """
        Args:
            file: Where keys go that no keyring takes; its folder exists.
            open_keyring: Finds the system's; raises where there is none. None: there is none.
            patience: Longest wait for it, in seconds.
        """
        self._path = file
        self._keyring = PatientKeyring(open_keyring, patience)
        self._lock = threading.Lock()  # of the file, from reading to writing; never held while a keyring is asked

    def look(self) -> FileFault | None:
        """Returns what is wrong with the file, to be said once; None: nothing. Waits for no keyring."""
        with self._lock:
            file = self._file()
            file.read()
            return file.problem

    def is_in_file(self, address: ServerAddress) -> bool:
        """Tells whether a key lies in the file, and so in no keyring. Waits for none."""
        return _name(address) in self._in_file()

    def find(self, address: ServerAddress) -> str | None:
        """Returns the key of an address; None: none is kept, or the keyring stays locked."""
        kept = self._in_file().get(_name(address))
        return kept if kept is not None else self._keyring.ask(lambda keyring: keyring.read(_name(address)))

    def keep(self, address: ServerAddress, key: str) -> KeyPlace:
        """Keeps a key in place of the one before; says where.

        Raises:
            UserFacingError: Neither keyring nor file takes it.
        """
        name = _name(address)

        def write(keyring: Keyring) -> bool:
            keyring.write(name, key)
            return keyring.read(name) == key

        if self._keyring.ask(write) is True:
            self._change(name, None)
            return KeyPlace.KEYRING
        self._change(name, key)
        return KeyPlace.FILE

    def forget(self, address: ServerAddress) -> None:
        """Removes the key of an address, wherever it is kept."""
        name = _name(address)
        self._change(name, None)
        self._keyring.ask(lambda keyring: keyring.remove(name))

    def _in_file(self) -> Mapping[str, str]:
        with self._lock:
            return self._file().read() or {}

    def _file(self) -> StateFile[Mapping[str, str]]:
        return StateFile(self._path, _stored)

    def _change(self, name: str, key: str | None) -> None:
        """Keeps a key in the file, or none any more."""
        try:
            with self._lock, changing_alone(self._path):
                file = self._file()
                before = file.read() or {}
                after = {each: value for each, value in before.items() if each != name}
                if key is not None:
                    after[name] = key
                if after and after != before:
                    file.write({"keys": after})  # readable by its owner alone, see write_atomically
                elif before and not after:
                    file.remove()
        except OSError as problem:
            title = QT_TRANSLATE_NOOP("Errors", "The key of the server could not be kept.")
            raise not_saved(title, self._path, problem) from problem


def checked_key(text: str) -> str:
    """Returns a key as it is sent, without what a paste brings along.

    Raises:
        UserFacingError: No server can have given it: it is empty, or has characters that no head of a request takes.
    """
    key = text.strip().removeprefix("Bearer ").strip()
    if key and len(key) <= _LONGEST and all("!" <= each <= "~" for each in key):
        return key
    raise UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This is no key of a server."),
        "",
        QT_TRANSLATE_NOOP("Errors", "A key is one word of letters, digits and signs; copy it once more."),
    )


def _name(address: ServerAddress) -> str:
    return f"server {address.root}"


def _stored(document: dict[str, Any]) -> Mapping[str, str]:
    keys = document["keys"]
    if not isinstance(keys, dict) or not all(isinstance(each, str) for each in keys.values()):
        raise TypeError
    return keys
