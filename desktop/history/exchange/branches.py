"""The order in which an export for people tells a conversation: what is in view, then the other versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from desktop.history.exchange.stored import StoredTree


@dataclass(frozen=True)
class Branch:
    """Messages that were said instead of one that is in view, and what followed them.

    Attributes:
        instead_of: Number in the path of the message in view, from 1.
        ids: The messages, each behind its parent.
    """

    instead_of: int
    ids: tuple[int, ...]


def other_branches(tree: StoredTree) -> Iterator[Branch]:
    """Yields what is not in view, from the beginning of the conversation on."""
    structure = tree.structure
    parent: int | None = None
    for number, shown in enumerate(structure.path(), 1):
        for version in structure.children(parent):
            if version == shown:
                continue
            ids: list[int] = []
            waiting = [version]
            while waiting:
                ids.append(waiting.pop())
                waiting.extend(reversed(structure.children(ids[-1])))
            yield Branch(number, tuple(ids))
        parent = shown
