"""The history against a plain model of it: whatever is done in whatever order, no word is lost (hypothesis)."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from desktop.common.errors import UserFacingError
from desktop.engine.types import Role
from desktop.history.messages.tree import MessageTree
from desktop.history.records import MessageState
from desktop.history.store import History


@dataclass
class Node:
    """A message of the plain model: its words, what follows it, and which of that is shown."""

    id: int
    text: str
    children: list[Node] = field(default_factory=list)
    shown: int = 0

    def path(self) -> list[Node]:
        """Returns what is shown after this one."""
        found, node = [], self
        while node.children:
            node = node.children[node.shown]
            found.append(node)
        return found

    def all(self) -> list[Node]:
        return [one for child in self.children for one in (child, *child.all())]

    def add(self, node: Node) -> None:
        self.children.append(node)
        self.shown = len(self.children) - 1


@dataclass
class Talk:
    root: Node
    deleted: bool = False
    cut: int = 0


def parent_of(root: Node, node: Node) -> Node:
    return next(one for one in (root, *root.all()) if node in one.children)


class Conversations(RuleBasedStateMachine):
    """Send, answer, edit, regenerate, page, delete, restore, fail, restart."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.file = Path(self.folder.name) / "history.sqlite3"
        self.history = History(self.file)
        self.talks: dict[str, Talk] = {}
        self.order: list[str] = []
        self.words = 0

    def teardown(self) -> None:
        self.history.close()
        self.folder.cleanup()

    def _talk(self, data: st.DataObject, *, deleted: bool = False) -> tuple[str, Talk]:
        names = [name for name, talk in self.talks.items() if talk.deleted is deleted]
        name = data.draw(st.sampled_from(names))
        return name, self.talks[name]

    def _next(self) -> str:
        self.words += 1
        return f"words {self.words} 词"

    def _moved(self, name: str, talk: Talk, before: list[Node]) -> None:
        now = talk.root.path()
        same = next(
            (at for at, pair in enumerate(zip(before, now, strict=False)) if pair[0] is not pair[1]), len(before)
        )
        if talk.cut > min(same, len(now)):
            talk.cut = 0

    def _came_last(self, name: str) -> None:
        self.order = [name, *(one for one in self.order if one != name)]

    def _answer(self, name: str, talk: Talk, question: Node) -> None:
        before, text = talk.root.path(), self._next()
        stored = self.history.add_answer(
            name, text, thinking="", state=MessageState.COMPLETE, model="", stats=None, parent=question.id
        )
        question.add(Node(stored.id, text))
        assert (stored.version, stored.versions) == (len(question.children), len(question.children))
        self._moved(name, talk, before)
        self._came_last(name)

    @rule()
    def begin(self) -> None:
        text = self._next()
        with self.history.transaction():
            name = self.history.create(text).id
            stored = self.history.add_user_message(name, text)
        self.talks[name] = Talk(Node(0, ""))
        self.talks[name].root.add(Node(stored.id, text))
        self._came_last(name)

    @precondition(lambda self: any(not one.deleted for one in self.talks.values()))
    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        name, talk = self._talk(data)
        text = self._next()
        stored = self.history.add_user_message(name, text)
        (talk.root.path() or [talk.root])[-1].add(Node(stored.id, text))
        self._came_last(name)

    @precondition(lambda self: any(not one.deleted for one in self.talks.values()))
    @rule(data=st.data())
    def answer_or_regenerate(self, data: st.DataObject) -> None:
        name, talk = self._talk(data)
        self._answer(name, talk, data.draw(st.sampled_from(talk.root.path())))

    @precondition(lambda self: any(not one.deleted for one in self.talks.values()))
    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        name, talk = self._talk(data)
        old = data.draw(st.sampled_from(talk.root.all()))
        before, text = talk.root.path(), self._next()
        stored = self.history.add_user_message(name, text, instead_of=old.id)
        parent_of(talk.root, old).add(Node(stored.id, text))
        self._moved(name, talk, before)
        self._came_last(name)

    @precondition(lambda self: any(not one.deleted for one in self.talks.values()))
    @rule(data=st.data())
    def page(self, data: st.DataObject) -> None:
        name, talk = self._talk(data)
        wanted = data.draw(st.sampled_from(talk.root.all()))
        before = talk.root.path()
        self.history.show_version(name, wanted.id)
        node = wanted
        while node is not talk.root:
            parent = parent_of(talk.root, node)
            parent.shown, node = parent.children.index(node), parent
        self._moved(name, talk, before)

    @precondition(lambda self: any(not one.deleted for one in self.talks.values()))
    @rule(data=st.data())
    def cut(self, data: st.DataObject) -> None:
        name, talk = self._talk(data)
        talk.cut = data.draw(st.integers(0, len(talk.root.path())))
        self.history.set_cut(name, talk.cut)

    @precondition(lambda self: any(not one.deleted for one in self.talks.values()))
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name, talk = self._talk(data)
        self.history.delete(name)
        talk.deleted = True

    @precondition(lambda self: any(one.deleted for one in self.talks.values()))
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        name, talk = self._talk(data, deleted=True)
        self.history.restore(name)
        talk.deleted = False

    @precondition(lambda self: any(one.deleted for one in self.talks.values()))
    @rule(data=st.data())
    def delete_for_good(self, data: st.DataObject) -> None:
        name, _talk = self._talk(data, deleted=True)
        self.history.delete_for_good(name)
        del self.talks[name]
        self.order.remove(name)

    @precondition(lambda self: any(not one.deleted for one in self.talks.values()))
    @rule(data=st.data())
    def copy(self, data: st.DataObject) -> None:
        name, talk = self._talk(data)
        copied = self.history.add_tree(self.history.tree(name))
        found = self.history.tree(copied.id)
        numbers = {one.text: one.id for one in found.messages}

        def twin(node: Node) -> Node:
            return Node(numbers.get(node.text, 0), node.text, [twin(one) for one in node.children], node.shown)

        self.talks[copied.id] = Talk(twin(talk.root))
        self._came_last(copied.id)

    @precondition(lambda self: any(not one.deleted for one in self.talks.values()))
    @rule(data=st.data())
    def fail_half_way(self, data: st.DataObject) -> None:
        name, talk = self._talk(data)
        with pytest.raises(ZeroDivisionError), self.history.transaction():
            self.history.add_user_message(name, "never", instead_of=talk.root.path()[0].id)
            self.history.delete(name)
            _ = 1 / 0

    @rule()
    def restart(self) -> None:
        self.history.close()
        self.history = History(self.file)
        assert self.history.load_problem is None
        assert self.history.purge_deleted(30 * 86400) == ()

    @invariant()
    def everything_is_as_in_the_model(self) -> None:
        visible = [name for name in self.order if not self.talks[name].deleted]
        assert [one.id for one in self.history.conversations()] == visible
        assert {one.conversation.id for one in self.history.deleted()} == set(self.talks) - set(visible)
        for name, talk in self.talks.items():
            shown = self.history.transcript(name)
            assert [one.text for one in shown.messages] == [one.text for one in talk.root.path()]
            assert shown.conversation.cut == talk.cut
            for one, node in zip(shown.messages, talk.root.path(), strict=True):
                versions = parent_of(talk.root, node).children
                assert (one.version, one.versions) == (versions.index(node) + 1, len(versions))
            assert {one.text for one in self.history.tree(name).messages} == {one.text for one in talk.root.all()}


TestConversations = Conversations.TestCase
TestConversations.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)


def test_any_rows_make_a_tree() -> None:
    """A damaged file may hold circles, parents that come later, and children of others."""
    tree = MessageTree([(1, 1, 7), (2, 5, 2), (3, 1, 1), (4, 3, None), (5, 2, 4)], 9)
    assert tree.path() == (2, 5)
    assert sorted(one for first in tree.children(None) for one in (first,)) == [1, 2]
    assert tree.ancestry(4) == (4, 3, 1)


def test_another_conversation_s_message_is_no_version(tmp_path: Path) -> None:
    history = History(tmp_path / "history.sqlite3")
    first, second = history.create(), history.create()
    message = history.add_user_message(first.id, "Hi")
    with pytest.raises(UserFacingError, match="no longer there"):
        history.add_answer(
            second.id, "No", thinking="", state=MessageState.COMPLETE, model="", stats=None, parent=message.id
        )
    assert history.transcript(second.id).messages == ()
    assert history.transcript(first.id).messages[0].role is Role.USER
    history.close()
