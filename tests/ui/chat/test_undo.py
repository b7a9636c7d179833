from __future__ import annotations

import gc

import pytest

from desktop.common.errors import UserFacingError
from desktop.ui.chat.undo import Change, UndoHistory


class Counter:
    """Something that is changed; ``broken``: it cannot be, now."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.broken = False

    def change(self, name: str, conversation: str = "c") -> Change:
        self.done.append(name)
        return Change(name, conversation, lambda: self._back(name), lambda: self._forth(name))

    def _back(self, name: str) -> None:
        self._check()
        assert self.done.pop() == name

    def _forth(self, name: str) -> None:
        self._check()
        self.done.append(name)

    def _check(self) -> None:
        if self.broken:
            raise UserFacingError("The disk is full.")


@pytest.fixture
def undo(qapp: object) -> UndoHistory:
    return UndoHistory()


def words(change: Change | None) -> str:
    return change.words if change is not None else ""


def test_back_and_forth(undo: UndoHistory) -> None:
    counter = Counter()
    for name in "abc":
        undo.add(counter.change(name))
    gc.collect()
    assert counter.done == ["a", "b", "c"]
    undo.undo()
    undo.undo()
    assert counter.done == ["a"]
    assert (words(undo.next_undo), words(undo.next_redo)) == ("a", "b")
    undo.redo()
    assert counter.done == ["a", "b"]
    # WHEN something else is done THEN what was undone is past
    undo.add(counter.change("d"))
    assert (words(undo.next_undo), undo.next_redo) == ("d", None)
    for _again in range(5):
        undo.undo()
    assert counter.done == []
    assert undo.next_undo is None


def test_what_cannot_be_done_now_can_be_tried_again(undo: UndoHistory) -> None:
    counter, problems = Counter(), list[UserFacingError]()
    undo.troubled.connect(problems.append)
    undo.add(counter.change("a"))
    counter.broken = True
    undo.undo()
    assert [problem.title for problem in problems] == ["The disk is full."]
    assert words(undo.next_undo) == "a"
    counter.broken = False
    undo.undo()
    assert counter.done == []
    counter.broken = True
    undo.redo()
    assert words(undo.next_redo) == "a"
    assert len(problems) == 2


def test_what_is_gone_for_good_is_forgotten_and_the_rest_stays(undo: UndoHistory) -> None:
    counter = Counter()
    for name, conversation in (("a", "x"), ("b", "y"), ("c", "x"), ("d", "y")):
        undo.add(counter.change(name, conversation))
    undo.undo()
    undo.undo()  # d and c can be redone
    undo.forget(lambda change: change.conversation == "x")
    assert counter.done == ["a", "b"], "forgetting does nothing"
    assert (words(undo.next_undo), words(undo.next_redo)) == ("b", "d")
    counter.done.remove("a")
    undo.redo()
    undo.undo()
    undo.undo()
    assert counter.done == []
    assert undo.next_undo is None


def test_the_oldest_go_when_there_are_too_many(undo: UndoHistory) -> None:
    counter = Counter()
    for number in range(120):
        undo.add(counter.change(str(number)))
    assert words(undo.next_undo) == "119"
    while undo.next_undo is not None:
        undo.undo()
    assert len(counter.done) == 20
