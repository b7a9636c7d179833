"""Deleting, restoring, editing, answering anew, archiving and restarting in orders that nobody thought of.

Each seed draws one; what was said is counted beside the history, and must be there whatever was done.
"""

from __future__ import annotations

import io
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.types import Finished, FinishReason, Role, Stats
from desktop.history.exchange.importing import import_file
from desktop.history.records import Transcript
from desktop.history.store import History
from tests.faults.test_b_words import Store
from tests.history.conftest import exported

_STEPS = 40


class Life:
    """A history that somebody uses without a plan."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.rng = random.Random(seed)
        self.store = Store(folder)
        self.said: dict[str, set[str]] = {}
        self.words = 0
        self.done: list[str] = []

    def close(self) -> None:
        self.store.close()

    def step(self) -> None:
        """Does one thing, if it can be done now."""
        do: Callable[[], object] = self.rng.choice(
            [
                *(self.begin, self.ask, self.ask, self.edit, self.edit, self.regenerate, self.page),
                *(self.delete_message, self.delete_message, self.restore_message, self.delete, self.restore),
                *(self.archive, self.move, self.restart, self.edit_while_it_answers, self.stop_at_once),
            ]
        )
        self.done.append(do.__name__)
        try:
            do()
        except UserFacingError as problem:  # it cannot be done now, and that is said
            self.done[-1] += f" ({problem.title})"

    def begin(self) -> None:
        self._talk(None)

    def ask(self) -> None:
        self._talk(self._some())

    def edit(self) -> None:
        one = self._some()
        question = self.rng.choice([m for m in self._shown(one).messages if m.role is Role.USER])
        words = self._next()
        self.store.chat.edit(one, question.id, words)
        self.said[one].add(words)
        self._answer(one)

    def regenerate(self) -> None:
        one = self._some()
        asked = len(self.store.engine.requests)
        self.store.chat.regenerate(one)
        if len(self.store.engine.requests) > asked:  # else there is no question to be answered
            self._answer(one)

    def edit_while_it_answers(self) -> None:
        one = self._some()
        words = self._next()
        self.store.chat.send(one, words)
        self.said[one].add(words)
        self.store.say("half ")
        question = self._shown(one).messages[0]
        late = self._next()
        try:
            self.store.chat.edit(one, question.id, late)
        except UserFacingError:
            pass
        else:
            self.said[one].add(late)
        self.said[one].update({"half "} if self._has(one, "half ") else ())
        self._answer(one)

    def stop_at_once(self) -> None:
        asked = len(self.store.engine.requests)
        self.store.chat.regenerate(self._some())
        if len(self.store.engine.requests) > asked:
            end = Finished(self.store.engine.last.request_id, FinishReason.STOPPED, Stats())
            self.store.chat.on_engine_event(end)

    def page(self) -> None:
        one = self._some()
        every = self.store.history.tree(one).messages
        self.store.chat.show_version(one, self.rng.choice(every).id)

    def delete_message(self) -> None:
        one = self._some()
        self.store.chat.delete_message(one, self.rng.choice(self._shown(one).messages).id)

    def restore_message(self) -> None:
        gone = self.rng.choice(self.store.history.deleted_messages() or [None])
        if gone is not None:
            self.store.chat.restore_messages(gone.conversation.id, gone.messages)

    def delete(self) -> None:
        self.store.history.delete(self._some())

    def restore(self) -> None:
        gone = self.rng.choice(self.store.history.deleted() or [None])
        if gone is not None:
            self.store.history.restore(gone.conversation.id)

    def archive(self) -> None:
        one = self._some()
        now = None if self.store.history.conversation(one).archived else self.store.history.moment_of_arranging()
        self.store.history.set_archived(one, now)

    def move(self) -> None:
        self.store.history.set_folder(self._some(), self.rng.choice(["", "A", "B"]))

    def restart(self) -> None:
        before = self.seen()
        self.store.close()
        self.store = Store(self.folder)
        self.store.history.purge_deleted(30 * 86400)
        self.store.history.purge_deleted_messages(30 * 86400)
        assert self.seen() == before

    def seen(self) -> dict[str, list[tuple[int, str, int, int]]]:
        """Returns what a person sees of each conversation."""
        return {
            one.id: [(m.id, m.text, m.version, m.versions) for m in self._shown(one.id).messages]
            for one in self.store.history.conversations()
        }

    def _some(self) -> str:
        there = [one.id for one in self.store.history.conversations() if self._shown(one.id).messages]
        if not there:
            self._talk(None)
            return self._some()
        return self.rng.choice(there)

    def _shown(self, conversation: str) -> Transcript:
        return self.store.history.transcript(conversation)

    def _talk(self, conversation: str | None) -> None:
        words = self._next()
        one = self.store.chat.send(conversation, words)
        self.said.setdefault(one, set()).add(words)
        self._answer(one)

    def _answer(self, conversation: str) -> None:
        words = self._next()
        self.store.say(words)
        self.store.finish()
        if self._has(conversation, words):
            self.said[conversation].add(words)
        else:
            assert self._has(conversation, f"half {words}"), "an answer is gone"
            self.said[conversation].add(f"half {words}")

    def _has(self, conversation: str, words: str) -> bool:
        with closing(sqlite3.connect(self.folder / "history.sqlite3")) as connection:
            rows = connection.execute("SELECT text FROM messages WHERE conversation_id = ?", (conversation,))
            return words in {text for (text,) in rows}

    def _next(self) -> str:
        self.words += 1
        return f"word{self.words:04}x"

    def check(self) -> None:
        """Nothing that was said is lost, and what is shown hangs together."""
        with closing(sqlite3.connect(self.folder / "history.sqlite3")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            rows = connection.execute("SELECT conversation_id, text FROM messages").fetchall()
            hidden = {text for (text,) in connection.execute("SELECT text FROM messages WHERE deleted IS NOT NULL")}
        for conversation, said in self.said.items():
            assert said <= {text for one, text in rows if one == conversation}, self.done
        for one in self.store.history.conversations():
            messages = self._shown(one.id).messages
            assert not {message.text for message in messages} & hidden, self.done
            assert all(1 <= message.version <= message.versions for message in messages), self.done
            ids = [message.id for message in messages]
            assert ids == sorted(set(ids)), self.done
            for message in messages:
                hits = self.store.history.search(message.text.split()[-1])
                assert any(hit.message_id == message.id for hit in hits), (message.text, self.done)


@pytest.mark.parametrize("seed", range(12))
def test_no_word_is_lost_in_any_order(tmp_path: Path, seed: int) -> None:
    life = Life(tmp_path, seed)
    try:
        for _ in range(_STEPS):
            life.step()
        life.check()
        life.restart()
        life.check()
        # AND what is shown can be had elsewhere
        (tmp_path / "other").mkdir()
        content = exported(life.store.history)
        with closing(History(tmp_path / "other" / "history.sqlite3")) as other:
            import_file(other, io.BytesIO(content), 1.0)
            there = sorted([m.text for m in other.transcript(one.id).messages] for one in other.conversations())
        here = sorted(life.store.texts(one.id) for one in life.store.history.conversations())
        assert there == [texts for texts in here if texts], life.done
    finally:
        life.close()
