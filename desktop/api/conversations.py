"""Under which name the engine keeps what it has read of a program's conversation.

Programs send the whole conversation each time, and say nowhere which it is: it is known again by its beginning. What
has been seen twice is worth a state on the disk, as people's own conversations have one; a single question leaves none.
Few are kept at a time, so that they do not push out those of people.
"""

from __future__ import annotations

import hashlib
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
        keep_state: See there.
        prefix_id: See there.
    """

    conversation_id: str
    keep_state: bool
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
        first = next((each.text for each in messages if each.role is Role.USER), "")
        beginning = f"{OWNER}/{_hash(model or '', system, first)}"
        prefix = f"{OWNER}/{_hash(model or '', system)}" if len(system) >= _LONG else None
        keeps = self._was_seen(beginning) and self._keep(beginning)
        return Kept(beginning, keeps, prefix if prefix and self._was_seen(prefix) and self._keep(prefix) else None)

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

    def _keep(self, name: str) -> bool:
        self._kept[name] = None
        self._kept.move_to_end(name)
        if len(self._kept) > _KEPT:
            self._forget(self._kept.popitem(last=False)[0])
        return True


def _hash(*parts: str) -> str:
    content = b"\0".join(part.encode("utf-8", "replace") for part in parts)
    return hashlib.sha256(content).hexdigest()[:32]
