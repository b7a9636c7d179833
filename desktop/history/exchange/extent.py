"""What of a conversation an export for people tells: what is in view, then what else is asked for.

Our JSON knows no extent: it holds everything, always.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from desktop.history.exchange.stored import StoredTree


@dataclass(frozen=True)
class Extent:
    """What is told beside the words in view.

    Attributes:
        thoughts: What a model thought before its answers.
        versions: Other versions of questions and answers, with what followed them.
    """

    thoughts: bool = False
    versions: bool = False


@dataclass(frozen=True)
class LeftOut:
    """What an export does not tell; nothing is left out where it is false.

    Attributes:
        thoughts: Answers of which the thoughts are left out.
        versions: Messages that are not in view.
    """

    thoughts: int = 0
    versions: int = 0

    def __bool__(self) -> bool:
        return bool(self.thoughts or self.versions)


def left_out(tree: StoredTree, extent: Extent) -> LeftOut:
    """Returns what an export of a conversation leaves out."""
    told = tree.ids if extent.versions else tree.structure.path()
    return LeftOut(
        thoughts=0 if extent.thoughts else len(tree.thoughtful.intersection(told)),
        versions=len(tree.ids) - len(told),
    )


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
