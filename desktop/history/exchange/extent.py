"""How much of a conversation an export for people tells: what is in view, and what else is asked for.

Our JSON knows no extent: it holds everything, always.
"""

from __future__ import annotations

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
