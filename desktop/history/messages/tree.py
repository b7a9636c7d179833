"""How the messages of a conversation hang together: a tree, and the one path through it that is shown."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable


class MessageTree:
    """Versions and what followed them, by ids only.

    Whatever a damaged file holds makes a tree: what hangs on nothing, or on a message that came later, is a first
    message, and where the remembered child is gone the newest one is shown.

    Messages that were deleted hold what followed them, and are not seen: the path leads through them. Where nothing
    that can be seen follows one, another version is shown in its place.
    """

    def __init__(
        self,
        messages: Iterable[tuple[int, int | None, int | None]],
        shown_first: int | None,
        deleted: Collection[int] = (),
    ) -> None:
        """
        Args:
            messages: (id, parent, child that is shown) of all messages, by id.
            shown_first: Which of the first messages is shown.
            deleted: Ids of those that are not seen.
        """
        self._deleted = frozenset(deleted)
        self._parents: dict[int, int | None] = {}
        self._children: dict[int | None, list[int]] = {}
        self._remembered: dict[int | None, int | None] = {None: shown_first}
        for message, parent, child in messages:
            known = parent if parent in self._parents else None  # parents have the smaller ids
            self._parents[message] = known
            self._children.setdefault(known, []).append(message)
            self._remembered[message] = child
        self._leads_on = self._lead_on() if self._deleted else None

    def __contains__(self, message: int) -> bool:
        return message in self._parents

    def parent(self, message: int) -> int | None:
        return self._parents[message]

    def is_deleted(self, message: int) -> bool:
        return message in self._deleted

    def children(self, message: int | None) -> tuple[int, ...]:
        """Returns what follows a message and can be seen, the oldest first; of None: all first messages."""
        return tuple(child for child in self._children.get(message, ()) if child not in self._deleted)

    def shown_child(self, message: int | None) -> int | None:
        """Returns the next message on the path, be it seen or deleted; None: nothing follows it."""
        children = self._children.get(message)
        if not children:
            return None
        if self._leads_on is not None:
            children = [child for child in children if child in self._leads_on] or children
        remembered = self._remembered.get(message)
        return remembered if remembered in children else children[-1]

    def path(self) -> tuple[int, ...]:
        """Returns the messages that are shown, the first one first."""
        return tuple(message for message in self._way() if message not in self._deleted)

    def last(self) -> int | None:
        """Returns what the next message follows: the end of the path, be it seen or deleted. None: there is nothing."""
        way = self._way()
        return way[-1] if way else None

    def _way(self) -> tuple[int, ...]:
        found: list[int] = []
        message = self.shown_child(None)
        while message is not None:
            found.append(message)
            message = self.shown_child(message)
        return tuple(found)

    def _lead_on(self) -> frozenset[int]:
        """Returns the messages that can be seen, or lead to one that can."""
        found: set[int] = set()
        for message, parent in reversed(self._parents.items()):  # children have the larger ids
            if message not in self._deleted or message in found:
                found.add(message)
                if parent is not None:
                    found.add(parent)
        return frozenset(found)

    def ancestry(self, message: int) -> tuple[int, ...]:
        """Returns a message and all that come before it, itself first."""
        found = [message]
        while (before := self._parents[found[-1]]) is not None:
            found.append(before)
        return tuple(found)

    def show(self, message: int) -> None:
        """Shows a message, and all that it hangs on."""
        for one in self.ancestry(message):
            self._remembered[self._parents[one]] = one

    def shown(self) -> dict[int | None, int]:
        """Returns which child is shown, for everything that has one; under None the first message."""
        return {parent: child for parent in self._children if (child := self.shown_child(parent)) is not None}

    def without(self, gone: Collection[int]) -> MessageTree:
        """Returns the tree without some messages: what followed one of them follows the message before it."""
        if not gone:
            return self

        def kept_parent(message: int) -> int | None:
            parent = self._parents[message]
            while parent is not None and parent in gone:
                parent = self._parents[parent]
            return parent

        def kept_child(message: int | None) -> int | None:
            child = self.shown_child(message)
            while child is not None and child in gone:
                child = self.shown_child(child)
            return child

        kept = (message for message in self._parents if message not in gone)
        return MessageTree(((one, kept_parent(one), kept_child(one)) for one in kept), kept_child(None))

    def version(self, message: int) -> tuple[int, int]:
        """Returns the place of a message among its versions that can be seen, from 1, and how many these are."""
        if message in self._deleted:
            return 1, 1
        versions = self.children(self._parents[message])
        return bisect_left(versions, message) + 1, len(versions)  # ids grow


def common_beginning(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """Returns how many messages two paths have in common at their beginning."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))
