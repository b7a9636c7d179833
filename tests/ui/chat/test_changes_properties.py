"""Whatever is done in whatever order, undo and redo lead through the same states, and no word is lost (hypothesis).

In the real window, on a real history; the model of it are plain lists of what was shown before and after each change.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from pytestqt.qtbot import QtBot

from desktop.engine.types import FinishReason, Role
from tests.rigs.chat import Bench
from tests.support.properties import PROPERTY

# What a person sees: of each conversation its title, what is said in it, whether it is archived, and its folder.
Shown = dict[str, tuple[str, tuple[str, ...], bool, str]]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    yield made
    made.history.close()


class Window(RuleBasedStateMachine):
    """Asks, edits, regenerates, pages, renames, archives, moves, deletes, erases, undoes and redoes."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.bench = bench
        self.words = 0
        self.said: dict[str, list[str]] = {}
        self.done: list[tuple[Shown, Shown]] = []
        self.undone: list[tuple[Shown, Shown]] = []
        everything = [*bench.history.conversations(), *(one.conversation for one in bench.history.deleted())]
        for conversation in everything:
            self._erase(conversation.id)

    def _next(self) -> str:
        self.words += 1
        return f"words {self.words} 词"

    def _shown(self) -> Shown:
        return {
            one.id: (one.title, tuple(self.bench.texts(one.id)), one.archived is not None, one.folder)
            for one in self.bench.history.conversations()
        }

    def _some(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from([one.id for one in self.bench.history.conversations()]))

    def _answered(self, question: str) -> None:
        answer = self._next()
        self.bench.say(answer)
        self.bench.finish()
        assert self.bench.presenter.current is not None
        self.said.setdefault(self.bench.presenter.current, []).extend(word for word in (question, answer) if word)

    def _did(self, before: Shown) -> None:
        self.done.append((before, self._shown()))
        self.undone.clear()

    def _erase(self, conversation: str) -> None:
        self.bench.history.delete(conversation)
        self.bench.history.delete_for_good(conversation)
        self.bench.presenter.changes.gone([conversation])
        if self.bench.presenter.current == conversation:
            self.bench.presenter.open(None)

    def _has_some(self) -> bool:
        return bool(self.bench.history.conversations())

    @rule()
    def begin(self) -> None:
        question = self._next()
        self.bench.presenter.open(None)
        self.bench.send(question)
        self._answered(question)

    @precondition(lambda self: self.bench.presenter.current is not None)
    @rule()
    def ask(self) -> None:
        question = self._next()
        self.bench.send(question)
        self._answered(question)

    @precondition(_has_some)
    @rule(data=st.data())
    def open(self, data: st.DataObject) -> None:
        self.bench.presenter.open(self._some(data))

    @precondition(lambda self: self.bench.presenter.current is not None)
    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        before = self._shown()
        transcript = self.bench.window.pane.transcript
        questions = [one.id for one in transcript.messages if one.role is Role.USER]
        transcript.requests.editRequested.emit(data.draw(st.sampled_from(questions)))
        question = self._next()
        self.bench.send(question)
        self._answered(question)
        self._did(before)

    @precondition(lambda self: self.bench.window.menu.regenerate.isEnabled())
    @rule(stopped=st.booleans())
    def regenerate(self, stopped: bool) -> None:
        before = self._shown()
        self.bench.window.menu.regenerate.trigger()
        if stopped:  # before its first word: nothing has happened
            self.bench.finish(FinishReason.STOPPED)
            assert self._shown() == before
            return
        self._answered("")
        self._did(before)

    @precondition(lambda self: self.bench.presenter.current is not None)
    @rule(data=st.data())
    def page(self, data: st.DataObject) -> None:
        transcript = self.bench.window.pane.transcript
        versions = [one for one in transcript.messages if one.versions > 1]
        if versions:
            one = data.draw(st.sampled_from(versions))
            transcript.requests.versionRequested.emit(one.id, -1 if one.version > 1 else 1)

    @precondition(_has_some)
    @rule(data=st.data())
    def rename(self, data: st.DataObject) -> None:
        before, conversation = self._shown(), self._some(data)
        self.bench.window.list.renameRequested.emit(conversation, self._next())
        self._did(before)

    @precondition(_has_some)
    @rule(data=st.data())
    def archive(self, data: st.DataObject) -> None:
        before, conversation = self._shown(), self._some(data)
        self.bench.window.list.archiveRequested.emit(conversation, not before[conversation][2])
        self._did(before)

    @precondition(_has_some)
    @rule(data=st.data(), folder=st.sampled_from(["", "A", "B"]))
    def move(self, data: st.DataObject, folder: str) -> None:
        before, conversation = self._shown(), self._some(data)
        if before[conversation][3] != folder:
            self.bench.window.list.moveRequested.emit(conversation, folder)
            self._did(before)

    @precondition(lambda self: any(shown[3] for shown in self._shown().values()))
    @rule(data=st.data())
    def dissolve(self, data: st.DataObject) -> None:
        before = self._shown()
        folder = data.draw(st.sampled_from(sorted({shown[3] for shown in before.values()} - {""})))
        self.bench.window.list.shelf.dissolveRequested.emit(folder)
        self._did(before)

    @precondition(_has_some)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        before, conversation = self._shown(), self._some(data)
        self.bench.window.list.deleteRequested.emit(conversation)
        assert conversation not in self._shown()
        self._did(before)

    @precondition(_has_some)
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        conversation = self._some(data)
        self._erase(conversation)
        del self.said[conversation]
        # What was done to it can be neither undone nor redone: the lists of both sides go on with the others alone.
        self.done, self.undone = [], []
        self.bench.presenter.changes.undo.forget(lambda _change: True)

    @rule()
    def undo(self) -> None:
        assert self.bench.window.menu.undo.isEnabled() == bool(self.done)
        if not self.done:
            return
        was = self._shown()
        before, after = self.done.pop()
        self.bench.window.menu.undo.trigger()
        self.undone.append((before, after))
        if was == after:
            assert self._shown() == before

    @rule()
    def redo(self) -> None:
        assert self.bench.window.menu.redo.isEnabled() == bool(self.undone)
        if not self.undone:
            return
        was = self._shown()
        before, after = self.undone.pop()
        self.bench.window.menu.redo.trigger()
        self.done.append((before, after))
        if was == before:
            assert self._shown() == after

    @invariant()
    def no_word_is_lost(self) -> None:
        for conversation, said in self.said.items():
            kept = [one.text for one in self.bench.history.tree(conversation).messages]
            assert sorted(kept) == sorted(said)

    @invariant()
    def the_page_shows_what_is_stored(self) -> None:
        current = self.bench.presenter.current
        shown = [one.text for one in self.bench.window.pane.transcript.messages]
        assert shown == (self.bench.texts(current) if current is not None else [])


def test_undo_and_redo_lead_through_the_same_states(bench: Bench) -> None:
    class OfBench(Window):
        def __init__(self) -> None:
            super().__init__(bench)

    run_state_machine_as_test(
        OfBench,
        settings=settings(PROPERTY, max_examples=4, stateful_step_count=20, suppress_health_check=list(HealthCheck)),
    )
