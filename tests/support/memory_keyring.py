"""A keyring that is a dictionary."""

from __future__ import annotations


class MemoryKeyring:
    """Keeps secrets as long as it lives.

    Attributes:
        kept: What was written and not removed.
    """

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def read(self, name: str) -> str | None:
        return self.kept.get(name)

    def write(self, name: str, secret: str) -> None:
        self.kept[name] = secret

    def remove(self, name: str) -> None:
        self.kept.pop(name, None)
