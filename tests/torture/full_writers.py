"""What the program writes, each part of it by itself: the old, the new, and how to tell which is on the disk."""

from __future__ import annotations

import itertools
import json
import logging
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import ClassVar, Final
from unittest.mock import patch

from desktop.chat.adoption import adopt_unfinished
from desktop.common.errors import UserFacingError
from desktop.common.logs import set_up_logging
from desktop.engine.snapshots.store import SnapshotStore
from desktop.engine.threads.remembered import RememberedThreads
from desktop.engine.threads.tuner import Counts
from desktop.engine.types import Role
from desktop.gguf.kind import ModelKind
from desktop.gguf.parts import model_identity
from desktop.history.drafts import DraftFile
from desktop.history.exchange.exporting import ExportFormat, pieces, write_file
from desktop.history.exchange.extent import Extent
from desktop.history.exchange.importing import import_file
from desktop.history.exchange.words import ExportWords
from desktop.history.last_open import LastOpenFile
from desktop.history.records import MessageState
from desktop.history.rescue import answer_journal, backups
from desktop.history.rescue.answer_journal import AnswerBegun, AnswerJournal
from desktop.history.schema import MIGRATIONS
from desktop.history.store import History
from desktop.machine.cpu import Processors
from desktop.models.additions import Additions, added_spec
from desktop.models.checksums import is_noted, write_note
from desktop.models.folder.move import move_models
from desktop.models.imports import ImportedFile, Imports
from desktop.models.types import ModelPiece
from desktop.models.verdicts import Outcome, Verdict, VerdictFile
from desktop.settings.store import SettingsStore
from desktop.system.login.service import LoginStart
from desktop.system.login.system import make_login_start
from tests.support.patience import PATIENCE_S, wait_for
from tests.torture.state_victim import identity

# More than a page of anything.
LONG: Final = "many words about a full disk, and none of them may be lost. " * 400
_SECRET: Final = "unutterable"
_TOKENS: Final = tuple(range(100))


class Writer:
    """Something that the program writes.

    Attributes:
        name: Of the row in the table.
        speaks: Whoever waits for it is told when it cannot be written. Otherwise nobody waits for it.
        by_itself: It is written when there is room again, without being asked for once more.
        later: What is not done yet, and allowed, is done at the next start: it may be said to be done.
    """

    name: ClassVar[str]
    speaks: ClassVar[bool] = True
    by_itself: ClassVar[bool] = False
    later: ClassVar[bool] = False

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: An empty one on the disk that will be full.
        """
        self.folder = folder

    def prepare(self) -> None:
        """Writes the old, while there is room."""

    def act(self) -> None:
        """Writes the new; raises UserFacingError where the person would be told."""
        raise NotImplementedError

    def again(self) -> None:
        """What a person does when there is room again."""
        if self.by_itself:
            self.wait_written()
        else:
            self.act()

    def wait_written(self) -> None:
        """Waits for what writes by itself."""

    def state(self) -> str:
        """Returns what another program, or the next start, would find; writes nothing to the disk."""
        raise NotImplementedError

    def may_be(self, state: str) -> bool:
        """Tells whether something between the old and the new is all right as well."""
        del state
        return False

    def close(self) -> None:
        """Ends it, as quitting does."""


def read_copy(folder: Path, read: Callable[[Path], str]) -> str:
    """Reads a copy of a folder, since readers may write too: they set aside what is damaged."""
    with tempfile.TemporaryDirectory(prefix="catnap-looked-at-") as copy:
        target = Path(copy) / "copy"
        if folder.exists():
            # By another process: whoever closes a file gives up all locks that his process has on it, also SQLite's.
            subprocess.run(["cp", "-a", str(folder), str(target)], check=True)
        return read(target)


class Settings(Writer):
    name = "settings"

    def prepare(self) -> None:
        self._store = SettingsStore(self.folder / "settings.json")
        self._store.change(system_prompt="old", threads=2)

    def act(self) -> None:
        self._store.change(system_prompt=LONG[:8000], threads=3)

    def state(self) -> str:
        now = SettingsStore(self.folder / "settings.json")
        assert now.load_problem is None
        return f"{now.current.threads} {len(now.current.system_prompt)}"


class NewerSettings(Settings):
    """What a newer Catnap has written is put aside, when there is something to write in its place."""

    name = "settings of a newer Catnap"

    def prepare(self) -> None:
        (self.folder / "settings.json").write_text(json.dumps({"version": 9, "values": {"new": LONG}}))
        self._store = SettingsStore(self.folder / "settings.json")

    def state(self) -> str:
        file = self.folder / "settings.json"
        version = json.loads(file.read_text())["version"] if file.exists() else "none"
        kept = any(LONG in each.read_text() for each in self.folder.iterdir() if not each.name.endswith(".tmp"))
        return f"version {version}, kept: {kept}"


class Drafts(Writer):
    name = "drafts"
    speaks = False

    def prepare(self) -> None:
        self._file = DraftFile(self.folder / "drafts.json")
        self._file.save({"": "old"})

    def act(self) -> None:
        self._file.save({"": LONG})

    def state(self) -> str:
        return read_copy(self.folder, lambda copy: str(len(DraftFile(copy / "drafts.json").load().get("", ""))))


class LastOpen(Writer):
    name = "the conversation shown last"
    speaks = False

    def prepare(self) -> None:
        self._file = LastOpenFile(self.folder / "last-open.json")
        self._file.save("old")

    def act(self) -> None:
        self._file.save("new")

    def state(self) -> str:
        return str(LastOpenFile(self.folder / "last-open.json").load())


class Pace(Writer):
    name = "pace of the machine"
    speaks = False

    def prepare(self) -> None:
        self._file = RememberedThreads(self.folder / "cache" / "pace.json")
        self._file.save(Processors(2, 2), Counts(1, 1))

    def act(self) -> None:
        self._file.save(Processors(2, 2), Counts(2, 2))

    def state(self) -> str:
        return str(RememberedThreads(self.folder / "cache" / "pace.json").load(Processors(2, 2)))


class Verdicts(Writer):
    name = "verdicts on models"
    speaks = False

    def prepare(self) -> None:
        self._model = self.folder / "model.gguf"
        self._model.write_bytes(bytes(9))
        self._file = VerdictFile(self.folder / "verdicts.json")

    def act(self) -> None:
        self._file.remember({model_identity(self._model): Verdict(Outcome.WORKS)})

    def state(self) -> str:
        found = VerdictFile(self.folder / "verdicts.json").lookup()(self._model)
        return "unknown" if found is None else found.outcome.value


class ImportedModels(Writer):
    name = "list of imported models"

    def prepare(self) -> None:
        self._list = Imports(self.folder / "imports.json")
        self._list.add(ImportedFile("/old.gguf", "old", 1))

    def act(self) -> None:
        self._list.add(ImportedFile("/new.gguf", LONG[:6000], 2))

    def state(self) -> str:
        return " ".join(one.path for one in Imports(self.folder / "imports.json").files())


class AddedModels(Writer):
    name = "list of added models"

    def prepare(self) -> None:
        self._list = Additions(self.folder / "added.json")
        self._add("old")

    def act(self) -> None:
        self._add("new")

    def state(self) -> str:
        return " ".join(spec.id for spec in Additions(self.folder / "added.json").specs())

    def _add(self, name: str) -> None:
        piece = ModelPiece(f"{name}.gguf", f"{name}.gguf", 9, "0" * 64)
        self._list.add(
            added_spec(
                name, name=name, repo=f"owner/{name}", revision="0" * 40, licence="", languages=(), kind=ModelKind.CHAT,
                context=2048, kv_bytes_per_token=1, mirrors=(), pieces=(piece,),
            )
        )  # fmt: skip


class Checksum(Writer):
    name = "checksum of a model"

    def prepare(self) -> None:
        (self.folder / "model.gguf").write_bytes(bytes(99))

    def act(self) -> None:
        try:
            write_note(self.folder / "model.gguf", "0" * 64)
        except OSError as problem:  # of those who call it one says so, and for the others it is no harm
            raise UserFacingError("The disk is full.", str(problem), "Free some space.") from problem

    def state(self) -> str:
        return str(is_noted(self.folder / "model.gguf", "0" * 64))


class Autostart(Writer):
    name = "entry for the start at login"

    def prepare(self) -> None:
        (self.folder / "config").mkdir()
        with patch.dict(os.environ, {"XDG_CONFIG_HOME": str(self.folder / "config")}):
            self._login: LoginStart = make_login_start(None)

    def act(self) -> None:
        self._login.turn(True)

    def state(self) -> str:
        entries = list((self.folder / "config").rglob("*.desktop"))
        return " ".join(str("Exec=" in entry.read_text()) for entry in entries)


class Log(Writer):
    name = "log"
    speaks = False

    def prepare(self) -> None:
        self._tail = set_up_logging(self.folder / "catnap.log")
        self._log = logging.getLogger("desktop.torture")
        self._log.setLevel(logging.INFO)
        self._log.info("old")

    def act(self) -> None:
        for _ in range(200):
            self._log.info("%s", LONG[:200])
        self._log.info("new")

    def state(self) -> str:
        lines = (self.folder / "catnap.log").read_text(errors="replace").splitlines()
        return "new" if any(line.endswith(": new") for line in lines) else "old" if "old" in lines[0] else "lost"

    def close(self) -> None:
        self._tail.close()


class FullLogAtTheEnd(Log):
    """The disk is still full when the program ends."""

    name = "log, closed"

    def act(self) -> None:
        super().act()
        self._tail.close()

    def again(self) -> None:
        self._tail = set_up_logging(self.folder / "catnap.log")
        super().act()


class Journal(Writer):
    """The answer that grows: what was safe stays safe, and what comes is safe soon after there is room."""

    name = "answer under way"
    speaks = False
    by_itself = True

    def prepare(self) -> None:
        self._journal = AnswerJournal(self.folder / "answers", interval=0.01)
        self._journal.begin(1, AnswerBegun("c", 1, "question", 1, "model"))
        self._journal.grow(1, "old", "")
        wait_for("the first piece", lambda: self.state() == "3")

    def act(self) -> None:
        tried: list[object] = []
        append = answer_journal._append

        def counted(*given: object) -> object:
            tried.append(given)
            return append(*given)  # type: ignore[arg-type]

        with patch.object(answer_journal, "_append", counted):
            self._journal.grow(1, LONG, "")
            wait_for("a try to write it", lambda: tried)
        self._journal.grow(1, "", "")

    def wait_written(self) -> None:
        with suppress(AssertionError):
            wait_for("what was missing", lambda: self.state() == str(len(LONG) + 3), 10)

    def state(self) -> str:
        def read(copy: Path) -> str:
            answers = list(answer_journal.unfinished_answers(copy))
            return " ".join(str(len(one.text)) for one in answers)

        return read_copy(self.folder / "answers", read)

    def may_be(self, state: str) -> bool:
        return state.isdigit() and int(state) >= len("old")

    def close(self) -> None:
        self._journal.close()


class States(Writer):
    name = "state of a conversation"
    speaks = False

    def prepare(self) -> None:
        self._store = SnapshotStore(self.folder / "states", 1 << 20)
        self._store.save("old", identity(), _TOKENS, self._write)

    def act(self) -> None:
        self._store.save("new", identity(), _TOKENS, self._write)

    def state(self) -> str:
        def read(copy: Path) -> str:
            store = SnapshotStore(copy / "states", 1 << 20)
            return " ".join(
                name for name in ("old", "new") if store.restore(name, identity(), lambda _file, _tokens: True)
            )

        return read_copy(self.folder, read)

    @staticmethod
    def _write(file: Path, _tokens: object) -> bool:
        """As llama.cpp does: a failure is told, and half of a file is left."""
        try:
            file.write_bytes(bytes(50_000))
        except OSError:
            return False
        return True


class ModelFolder(Writer):
    name = "move of the model folder"

    def prepare(self) -> None:
        self._elsewhere = Path(tempfile.mkdtemp(prefix="catnap-models-"))
        for name in ("a.gguf", "b.gguf"):
            (self._elsewhere / name).write_bytes(name.encode() * 40_000)
        (self.folder / "models").mkdir()

    def act(self) -> None:
        enough = shutil._ntuple_diskusage(1 << 40, 0, 1 << 40)
        names = ("a.gguf", "b.gguf")
        with patch.object(shutil, "disk_usage", lambda _folder: enough):
            move_models(self._elsewhere, self.folder / "models", names, names, None)

    def state(self) -> str:
        found = []
        for name, place in itertools.product(("a.gguf", "b.gguf"), (self._elsewhere, self.folder / "models")):
            if (place / name).exists() and (place / name).read_bytes() == name.encode() * 40_000:
                found.append(f"{name} {'old' if place == self._elsewhere else 'new'}")
        return ", ".join(found)

    def may_be(self, state: str) -> bool:
        return "a.gguf old" in state and "b.gguf old" in state

    def close(self) -> None:
        shutil.rmtree(self._elsewhere, ignore_errors=True)


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
                "SELECT title, deleted, role, text, state FROM conversations"
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
        self._target = self.folder / "exported.json"
        self._target.write_text("old")

    def _change(self) -> None:
        ids = [self._first, self._second]
        content = pieces(self._history, ids, ExportFormat.JSON, ExportWords(), 0.0, Extent())
        write_file(self._target, content, replace=True)

    def state(self) -> str:
        text = self._target.read_text()
        return text if text == "old" else f"{len(json.loads(text)['conversations'])} conversations"


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


WRITERS: Final[tuple[type[Writer], ...]] = (
    Settings, NewerSettings, Drafts, LastOpen, Pace, Verdicts, ImportedModels, AddedModels, Checksum, Autostart, Log,
    FullLogAtTheEnd, Journal, States, ModelFolder, Message, Answer, NewConversation, NewVersion, Rename, Delete,
    DeleteForGood, Import, Export, Backup, Checkpoint, Migration, Index, Recovery, Adoption, Vanished,
)  # fmt: skip
