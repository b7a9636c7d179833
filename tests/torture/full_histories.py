"""What the program does to the file of the conversations, and to what lies beside it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Final
from unittest.mock import patch

from desktop.chat.adoption import adopt_unfinished
from desktop.common.errors import UserFacingError
from desktop.engine.types import Role
from desktop.history.exchange.exporting import ExportFormat, pieces, write_file
from desktop.history.exchange.extent import Extent
from desktop.history.exchange.importing import import_file
from desktop.history.exchange.words import ExportWords
from desktop.history.records import MessageState
from desktop.history.rescue import answer_journal, backups
from desktop.history.rescue.answer_journal import AnswerBegun, AnswerJournal
from desktop.history.schema import MIGRATIONS
from desktop.history.store import History
from tests.support.patience import PATIENCE_S
from tests.torture.full_writers import LONG, Writer, read_copy

_SECRET: Final = "unutterable"


class _Conversations(Writer):
    """A history with two conversations, the first of them long."""

    def prepare(self) -> None:
        self._history = History(self.folder / "history.sqlite3")
        self._first = self._fill("first")
        self._second = self._fill("second")
        self._settle()

    def act(self) -> None:
        self._change()
        self._settle()

    def again(self) -> None:
        self.act()

    def state(self) -> str:
        return history_text(self.folder / "history.sqlite3")

    def close(self) -> None:
        self._history.close()

    def _change(self) -> None:
        raise NotImplementedError

    def _fill(self, name: str) -> str:
        conversation = self._history.create(name).id
        self._history.add_user_message(conversation, f"question of the {name}")
        self._answer(conversation, f"answer of the {name} {LONG[:9000]}")
        return conversation

    def _answer(self, conversation: str, text: str) -> None:
        self._history.add_answer(conversation, text, thinking="", state=MessageState.COMPLETE, model="m", stats=None)

    def _settle(self) -> None:
        assert self._history.wait_done(PATIENCE_S)


def history_text(file: Path) -> str:
    """Returns what is in a history, as a copy of it reads."""

    def read(copy: Path) -> str:
        with closing(sqlite3.connect(copy / file.name)) as connection:
            (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if answer != "ok":
                return f"damaged: {answer}"
            if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'messages'").fetchone():
                return "empty"
            rows = connection.execute(
                "SELECT title, conversations.deleted, role, text, state FROM conversations"
                " LEFT JOIN messages ON conversation_id = conversations.id ORDER BY conversations.rowid, messages.id"
            ).fetchall()
        lines = []
        for title, deleted, role, text, state in rows:
            mark = "" if deleted is None else "deleted " if deleted >= 0 else "removed "
            lines.append(f"{mark}{title}: {role} {state} {(text or '')[:30]}~{len(text or '')}")
        return "\n".join(lines)

    return read_copy(file.parent, read)


class Message(_Conversations):
    name = "history: a message"

    def _change(self) -> None:
        self._history.add_user_message(self._first, LONG)


class Answer(_Conversations):
    name = "history: an answer"

    def _change(self) -> None:
        self._answer(self._first, LONG)


class NewConversation(_Conversations):
    name = "history: a new conversation"

    def _change(self) -> None:
        with self._history.transaction():
            conversation = self._history.create("new").id
            self._history.add_user_message(conversation, LONG)


class NewVersion(_Conversations):
    name = "history: a new version"

    def _change(self) -> None:
        first = self._history.transcript(self._first).messages[0]
        self._history.add_user_message(self._first, LONG, instead_of=first.id)


class Rename(_Conversations):
    name = "history: another title"

    def _change(self) -> None:
        self._history.rename(self._first, "a new name")


class Delete(_Conversations):
    name = "history: delete, restore"

    def _change(self) -> None:
        self._history.delete(self._second)


class DeleteForGood(_Conversations):
    """Nobody finds it any more, and its words go as soon as there is room: at the next start at the latest."""

    name = "history: delete for good"
    later = True

    def prepare(self) -> None:
        super().prepare()
        self._answer(self._second, f"{_SECRET} {LONG}")
        self._settle()

    def _change(self) -> None:
        if self._history.has(self._second):
            self._history.delete_for_good(self._second)

    def again(self) -> None:
        self.act()
        self._history.close()
        self._history = History(self.folder / "history.sqlite3")
        self._history.purge_deleted()
        self._settle()

    def state(self) -> str:

        def read(copy: Path) -> str:
            return str(any(_SECRET.encode() in each.read_bytes() for each in copy.glob("history.sqlite3*")))

        readable = read_copy(self.folder, read)
        return f"{super().state()}\nreadable: {readable}"

    def may_be(self, state: str) -> bool:
        return "first: user" in state and ("removed" in state or "second" not in state)


class Import(_Conversations):
    """What has come before the disk was full stays, conversation for conversation, and the rest follows."""

    name = "history: import"

    def prepare(self) -> None:
        super().prepare()
        other = Path(tempfile.mkdtemp(prefix="catnap-import-"))
        self._source = other / "chats.json"
        history = History(other / "history.sqlite3")
        for number in range(8):
            made = history.create(f"imported {number}").id
            history.add_user_message(made, LONG)
            history.add_answer(made, "yes", thinking="", state=MessageState.COMPLETE, model="m", stats=None)
        ids = [one.id for one in reversed(history.conversations())]
        write_file(self._source, pieces(history, ids, ExportFormat.JSON, ExportWords(), 0.0, Extent()), replace=True)
        history.close()

    def _change(self) -> None:
        import_file(self._history, self._source, time.time())

    def may_be(self, state: str) -> bool:
        lines = [line for line in state.splitlines() if line.startswith("imported")]
        return "first: user" in state and len(lines) % 2 == 0

    def close(self) -> None:
        super().close()
        shutil.rmtree(self._source.parent)


class Export(_Conversations):
    name = "export"

    def prepare(self) -> None:
        super().prepare()
        self._target.write_text("old")

    def _change(self) -> None:
        ids = [self._first, self._second]
        content = pieces(self._history, ids, ExportFormat.JSON, ExportWords(), 0.0, Extent())
        write_file(self._target, content, replace=True)

    def state(self) -> str:
        text = self._target.read_text()
        return text if text == "old" else f"{len(json.loads(text)['conversations'])} conversations"

    @property
    def _target(self) -> Path:
        return self.folder / "exported.json"


class Backup(_Conversations):
    """VACUUM INTO; also where the disk seemed to have room enough."""

    name = "history: copy of the day"
    speaks = False

    def _change(self) -> None:
        self._history.back_up()

    def act(self) -> None:
        enough = shutil._ntuple_diskusage(1 << 40, 0, 1 << 40)
        with patch.object(shutil, "disk_usage", lambda _folder: enough):
            super().act()

    def state(self) -> str:
        copies = backups.backups(self.folder / "history.sqlite3")
        return f"{len(copies)} " + "".join(history_text(copy) for copy in copies) + super().state()


class Checkpoint(_Conversations):
    """The log beside the file is brought into it."""

    name = "history: checkpoint"
    speaks = False

    def prepare(self) -> None:
        super().prepare()
        with patch.object(self._history._upkeep, "checkpoint", lambda: None):
            self._answer(self._first, LONG)

    def _change(self) -> None:
        self._history._upkeep.checkpoint()


class _AtTheStart(Writer):
    """A history that the start has something to do with; while the disk is full, the program cannot start."""

    def prepare(self) -> None:
        self._history: History | None = None
        made = History(self.folder / "history.sqlite3")
        conversation = made.create("old").id
        for number in range(12):
            made.add_user_message(conversation, f"{number} {LONG}")
        made.close()

    def act(self) -> None:
        self._history = History(self.folder / "history.sqlite3")
        self._history.close()

    def again(self) -> None:
        with suppress(UserFacingError):
            self.act()

    def state(self) -> str:
        return f"{read_copy(self.folder, self._facts)}{history_text(self.folder / 'history.sqlite3')}"

    def _facts(self, copy: Path) -> str:
        """Returns the version, whether there is an index of words, and how many files were set aside."""
        with closing(sqlite3.connect(copy / "history.sqlite3")) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema")]
        indexed = {"message_index", "message_index_insert", "message_index_delete"} <= set(tables)
        return f"version {version}, index: {indexed}, set aside: {self._aside()}\n"

    def _aside(self) -> int:
        return sum(".damaged" in each.name for each in self.folder.iterdir())


class Migration(_AtTheStart):
    name = "history: an older file"

    def prepare(self) -> None:
        super().prepare()
        with closing(sqlite3.connect(self.folder / "history.sqlite3")) as connection:
            for trigger in ("message_index_insert", "message_index_delete"):
                connection.execute(f"DROP TRIGGER {trigger}")
            connection.execute("DROP TABLE message_index")
            connection.execute("DROP TABLE imported")
            for column in ("pinned", "archived", "folder", "choices"):
                connection.execute(f"ALTER TABLE conversations DROP COLUMN {column}")
            for index in ("messages_deleted", "messages_with_sources"):
                connection.execute(f"DROP INDEX {index}")
            for column in ("deleted", "deleted_at", "sources", "rating"):
                connection.execute(f"ALTER TABLE messages DROP COLUMN {column}")
            connection.execute("PRAGMA user_version = 3")
            connection.commit()

    def may_be(self, state: str) -> bool:
        return state.startswith(f"version {len(MIGRATIONS)}, index: False")  # each of the two is made by itself


class Index(_AtTheStart):
    name = "history: its index of words"

    def prepare(self) -> None:
        super().prepare()
        with closing(sqlite3.connect(self.folder / "history.sqlite3")) as connection:
            for trigger in ("message_index_insert", "message_index_delete"):
                connection.execute(f"DROP TRIGGER {trigger}")
            connection.execute("DROP TABLE message_index")
            connection.commit()


class Recovery(_AtTheStart):
    name = "history: a damaged file"

    def prepare(self) -> None:
        super().prepare()
        file = self.folder / "history.sqlite3"
        file.write_bytes(b"damaged!" + file.read_bytes()[8:])

    def state(self) -> str:
        """Its file is not open meanwhile."""
        whole = (self.folder / "history.sqlite3").read_bytes().startswith(b"SQLite")
        return super().state() if whole else f"damaged, set aside: {self._aside()}"


class Adoption(_AtTheStart):
    """An answer that a crash has interrupted comes into the history, or waits for the next start."""

    name = "history: an interrupted answer"
    speaks = False

    def prepare(self) -> None:
        super().prepare()
        self._history = History(self.folder / "history.sqlite3")
        conversation = self._history.conversations()[0].id
        question = self._history.transcript(conversation).messages[-1]
        journal = AnswerJournal(self.folder / "answers", interval=0.01)
        after = self._history.newest_message_id()
        journal.begin(1, AnswerBegun(conversation, question.id, question.text, after, "m"))
        journal.grow(1, LONG, "")
        journal.close()
        assert list((self.folder / "answers").iterdir())

    def act(self) -> None:
        assert self._history is not None
        adopt_unfinished(self._history, self.folder / "answers")

    def state(self) -> str:
        answers = history_text(self.folder / "history.sqlite3").count(f": {Role.ASSISTANT.value} interrupted")
        left = read_copy(self.folder / "answers", lambda copy: str(len(list(answer_journal.unfinished_answers(copy)))))
        return f"{answers} adopted, {left} left"

    def may_be(self, state: str) -> bool:
        return state == "1 adopted, 1 left"  # the next start sees that it is there

    def close(self) -> None:
        if self._history is not None:
            self._history.close()


class Vanished(_Conversations):
    """Its file is deleted while it is open, and written again."""

    name = "history: its file is deleted"

    def prepare(self) -> None:
        super().prepare()
        for each in self.folder.glob("history.sqlite3*"):
            each.unlink()

    def _change(self) -> None:
        self._history.rename(self._first, "a new name")

    def state(self) -> str:
        if (self.folder / "history.sqlite3").exists():
            return super().state()
        return "in the open file only"

    def may_be(self, state: str) -> bool:
        return state == "in the open file only" or "first: user" in state  # written again, and no more than that


HISTORY_WRITERS: Final[tuple[type[Writer], ...]] = (
    Message, Answer, NewConversation, NewVersion, Rename, Delete, DeleteForGood, Import, Export, Backup, Checkpoint,
    Migration, Index, Recovery, Adoption, Vanished,
)  # fmt: skip
