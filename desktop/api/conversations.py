"""Under which name the engine keeps what it has read of a program's conversation.

Programs send the whole conversation each time, and say nowhere which it is: it is known again by its beginning. Single
questions under the same instructions share a name, so that a thousand of them are not written to the disk one after the
other, but only the one that a person's question comes upon. Few states are kept, so that they do not push out those of
people.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from desktop.engine.types import Message, Role

# What stands before the slash owns all of them: they are erased together.
OWNER: Final = "api"
_SEEN: Final = 256
_KEPT: Final = 4
# Characters of instructions that several conversations begin with, below which they are quickly read.
_LONG: Final = 400


@dataclass(frozen=True)
class Kept:
    """Where the state of a conversation is.

    Attributes:
        conversation_id: See :attr:`desktop.engine.types.Generation.conversation_id`.
        prefix_id: See there.
    """

    conversation_id: str
    prefix_id: str | None


class ConversationNames:
    """Gives names. One thread at a time."""

    def __init__(self, forget: Callable[[str], None]) -> None:
        """
        Args:
            forget: Erases what is kept under a name.
        """
        self._forget = forget
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._kept: OrderedDict[str, None] = OrderedDict()

    def name(self, model: str | None, messages: Sequence[Message]) -> Kept:
        """Returns the name of a conversation.

        Args:
            model: The file that answers; None: the usual one.
            messages: All of it.
        """
        system = "".join(each.text for each in messages[:1] if each.role is Role.SYSTEM)
        said = [each.text for each in messages if each.role is Role.USER]
        under = _hash(model or "", system)
        name = _hash(model or "", system, *said[:1])
        if not self._was_seen(name) and len(said) == 1:
            name = f"once-{under}"
        has_prefix = len(system) >= _LONG and self._was_seen(f"under-{under}")
        return Kept(self._keep(name), self._keep(f"under-{under}") if has_prefix else None)

    def forget_all(self) -> None:
        """Erases what is kept of all of them."""
        self._seen.clear()
        self._kept.clear()
        self._forget(OWNER)

    def _was_seen(self, name: str) -> bool:
        before = name in self._seen
        self._seen[name] = None
        self._seen.move_to_end(name)
        if len(self._seen) > _SEEN:
            self._seen.popitem(last=False)
        return before

    def _keep(self, name: str) -> str:
        name = f"{OWNER}/{name}"
        self._kept[name] = None
        self._kept.move_to_end(name)
        if len(self._kept) > _KEPT:
            self._forget(self._kept.popitem(last=False)[0])
        return name


def _hash(*parts: str) -> str:
    import hashlib  # the program starts without it

    content = b"\0".join(part.encode("utf-8", "replace") for part in parts)
    return hashlib.sha256(content).hexdigest()[:32]
