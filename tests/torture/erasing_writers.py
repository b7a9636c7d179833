"""Whatever keeps words of a conversation that is deleted, and is killed while it writes them or takes them out.

All of them end alike: the program starts again, and where the conversation is still there, it is deleted then. Not a
byte of its words may be left, and nothing of the other conversation may be missing.
"""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final
from unittest.mock import patch

from desktop.app.leftovers import sweep_leftovers
from desktop.app.stored import forget_deleted
from desktop.chat.adoption import adopt_unfinished
from desktop.chat.documents.lazy import LazyGrounds
from desktop.common.paths import Paths, resolve_paths
from desktop.documents.library.states import state_id
from desktop.documents.library.store import DocumentStore
from desktop.documents.types import Document, DocumentKind, Part, PartKind
from desktop.engine.snapshots.store import SnapshotStore
from desktop.history.choices import AttachedDocument, ConversationChoices
from desktop.history.drafts import DraftFile
from desktop.history.exchange.importing import import_file
from desktop.history.records import MessageState
from desktop.history.rescue.answer_journal import AnswerBegun, AnswerJournal
from desktop.history.rescue.backups import backups
from desktop.history.schema import MIGRATIONS
from desktop.history.store import History
from tests.support.patience import PATIENCE_S
from tests.support.readable_words import files_with
from tests.torture.full_writers import Writer, read_copy
from tests.torture.state_victim import identity

# Letters that stand next to each other nowhere else, so that an index of three letters is searched as well.
GONE: Final = "Xzyqwvkut"
STAYS: Final = "wombat"
_PIECES: Final = tuple(GONE[at : at + 3] for at in range(len(GONE) - 2))
_MESSAGES: Final = 4
_LATE: Final = 1e9  # a moment of another day than today
_BUDGET: Final = 1 << 20
_OLD_VERSION: Final = 4
_WORDS: Final = f"{GONE} and much more of {GONE}. "


class Erased(Writer):
    """A conversation that is in the file, its index and its log, two copies, a draft, and states; and its document."""

    name = "erased: a conversation"
    speaks = False
    # Files in which words may stay: set aside as damaged, they are the person's.
    set_aside = ""
    # It need not have been stored at all: then SQLite's log may have it up to the end of the program, as of whatever
    # was not written to its end.
    may_never_have_come = False

    @property
    def paths(self) -> Paths:
        """Those of the data folder."""
        return resolve_paths(self.folder / "data")

    def prepare(self) -> None:
        paths = self.paths
        paths.create()
        make_old(paths)
        with closing(History(paths.history_file)) as history:  # which keeps a copy as it was
            fill(history, paths)
            back_up(history)
        assert len(files_with(paths.data, GONE)) >= 6

    def act(self) -> None:
        """Does what deleting does in the window, up to the orderly end of the program."""
        with closing(start(self.paths)) as history:
            history.delete_for_good(key_of(history, GONE))
            assert history.wait_done(PATIENCE_S)
            tell_engine(self.paths, GONE)
            grounds = LazyGrounds(self.paths.documents_file, forget=SnapshotStore(self.paths.snapshots_dir, 0).erase)
            drafts = DraftFile(self.paths.drafts_file)
            drafts.load()
            drafts.keep_only({one.id for one in history.conversations()})
            grounds.sweep(history.document_ids)
            grounds.close()

    def state(self) -> str:
        """Returns what is left that must not be, and what is missing; empty: nothing."""
        return read_copy(self.folder, lambda copy: self._after_the_next_start(type(self)(copy)))

    @staticmethod
    def _after_the_next_start(there: Erased) -> str:
        paths = there.paths
        with closing(start(paths)) as history:
            was_damaged = history.load_problem is not None  # drafts and documents wait for a start that finds it whole
            if key_of(history, GONE):
                history.delete(key_of(history, GONE))
            is_there = any(GONE in one.conversation.title for one in history.deleted())
            left = there.left()
        if there.may_never_have_come:
            left = there.left()
        if is_there or was_damaged:
            with closing(start(paths, days=0)):
                left = there.left()
        return "; ".join([*what_stays(paths), *left])

    def left(self) -> list[str]:
        """Says in which files words of what was deleted can be read, the temporary ones beside them included."""
        found = files_with(self.folder, *_PIECES)
        return [f"readable: {name}" for name in found if not self.set_aside or self.set_aside not in name]


class ErasedAtTheStart(Erased):
    """Its days are over."""

    name = "erased: what is old, at the start"

    def prepare(self) -> None:
        super().prepare()
        with closing(History(self.paths.history_file)) as history:
            history.delete(key_of(history, GONE))

    def act(self) -> None:
        start(self.paths, days=0).close()


class ErasedMessage(Erased):
    """One message of a conversation that stays."""

    name = "erased: a message"

    def prepare(self) -> None:
        paths = self.paths
        paths.create()
        make_old(paths, of_gone=0)
        with closing(History(paths.history_file)) as history:
            fill(history, paths, of_gone=0)
            history.add_user_message(key_of(history, STAYS), f"{_WORDS * 9}{STAYS}s stay out of it")
            back_up(history)

    def act(self) -> None:
        with closing(start(self.paths)) as history:
            self._delete(history)
            tell_engine(self.paths, STAYS)

    def state(self) -> str:
        def read(copy: Path) -> str:
            there = type(self)(copy)
            with closing(start(there.paths)) as history:
                self._delete(history)
            start(there.paths).close()
            return "; ".join([*what_stays(there.paths), *there.left()])

        return read_copy(self.folder, read)

    @staticmethod
    def _delete(history: History) -> None:
        key = key_of(history, STAYS)
        messages = history.transcript(key).messages
        history.remove_messages(key, [one.id for one in messages if GONE in one.text])
        assert history.wait_done(PATIENCE_S)


class CopiedMeanwhile(Erased):
    """The copy of the day was being made."""

    name = "erased: after half a copy"

    def act(self) -> None:
        for copy in backups(self.paths.history_file):
            copy.unlink()
        with closing(History(self.paths.history_file)) as history:
            back_up(history)


class ChangedMeanwhile(Erased):
    """A file of an earlier version was being copied and changed."""

    name = "erased: after half a change of the file"

    def prepare(self) -> None:
        self.paths.create()
        make_old(self.paths)

    def act(self) -> None:
        History(self.paths.history_file).close()


class RecoveredMeanwhile(Erased):
    """A damaged file was being read; it is set aside, and nobody's but the person's."""

    name = "erased: after half a recovery"
    set_aside = ".damaged"

    def prepare(self) -> None:
        super().prepare()
        file = self.paths.history_file
        file.write_bytes(b"damaged!" + file.read_bytes()[8:])

    def act(self) -> None:
        History(self.paths.history_file).close()


class RecoveredInTheMiddle(Erased):
    """It was being erased when its file was damaged: what it had left in the copies goes all the same."""

    name = "erased: and damaged meanwhile"
    set_aside = ".damaged"

    def prepare(self) -> None:
        super().prepare()
        file = self.paths.history_file
        with closing(History(file)) as history, patch.object(history._upkeep, "erase_removed", lambda: None):
            history.delete_for_good(key_of(history, GONE))  # and is killed before it is erased
        file.write_bytes(b"damaged!" + file.read_bytes()[8:])

    def act(self) -> None:
        start(self.paths).close()


class AnsweredMeanwhile(Erased):
    """An answer was on its way, and is in its journal."""

    name = "erased: with an answer on its way"

    def act(self) -> None:
        with closing(History(self.paths.history_file)) as history:
            key = key_of(history, GONE)
            question = history.add_user_message(key, f"What is {GONE}?")
            journal = AnswerJournal(self.paths.answers_dir, interval=0.0)
            journal.begin(1, AnswerBegun(key, question.id, question.text, question.id, "m"))
            for _ in range(3):
                journal.grow(1, _WORDS, GONE)
                journal.grow(1, _WORDS, GONE)
            journal.end(1)
            journal.wait_erased(PATIENCE_S)
            history.delete_for_good(key)
            assert history.wait_done(PATIENCE_S)
            journal.close()


class SavedMeanwhile(Erased):
    """The engine was writing a state."""

    name = "erased: after half a state"

    def act(self) -> None:
        with closing(History(self.paths.history_file)) as history:
            save_states(self.paths, key_of(history, GONE))


class ImportedMeanwhile(Erased):
    """It was being imported, from another history."""

    name = "erased: after half an import"
    may_never_have_come = True

    def prepare(self) -> None:
        paths = self.paths
        paths.create()
        make_old(paths, of_gone=0)
        other = self.folder.parent / "other"
        other.mkdir()
        with closing(History(other / "other.sqlite3")) as history:
            fill_conversation(history, GONE)

    def act(self) -> None:
        other = self.folder.parent / "other"
        with closing(History(self.paths.history_file)) as history:
            import_file(history, other / "other.sqlite3", _LATE)


class DraftMeanwhile(Erased):
    """A draft was being written."""

    name = "erased: after half a draft"

    def act(self) -> None:
        with closing(History(self.paths.history_file)) as history:
            drafts = DraftFile(self.paths.drafts_file)
            drafts.load()
            drafts.save({key_of(history, GONE): _WORDS * 99})


def make_old(paths: Paths, of_gone: int = _MESSAGES) -> None:
    """Puts a history of an earlier version into a folder, with both conversations or one."""
    with closing(sqlite3.connect(paths.history_file, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        for statements in MIGRATIONS[:_OLD_VERSION]:
            for statement in statements:
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {_OLD_VERSION}")
        for word, count in ((STAYS, _MESSAGES), (GONE, of_gone)):
            key = word.encode().hex().ljust(32, "0")
            if count:
                database.execute(
                    "INSERT INTO conversations (id, title, created, updated) VALUES (?, ?, 1, 1)", (key, word)
                )
            for number in range(count):
                database.execute(
                    "INSERT INTO messages (conversation_id, role, text, created, state, parent)"
                    " VALUES (?, 'user', ?, 1, 'complete', (SELECT max(id) FROM messages WHERE conversation_id = ?))",
                    (key, f"{word} {number} " * 99, key),
                )


def fill(history: History, paths: Paths, of_gone: int = _MESSAGES) -> None:
    """Adds all that may belong to a conversation, to the one that goes; an imported one has words aside."""
    if of_gone:
        key = key_of(history, GONE)
        history.add_answer(
            key, _WORDS * 9, thinking=GONE, state=MessageState.COMPLETE, model="m", stats=None,
        )  # fmt: skip
        with closing(DocumentStore(paths.documents_file)) as documents:
            text = Part(PartKind.WHOLE, 1, "", _WORDS * 99)
            document = documents.add(Document(f"{GONE}.txt", DocumentKind.TEXT, (text,))).id
            documents.index(document)
        history.set_choices(key, ConversationChoices(document=AttachedDocument(document, f"{GONE}.txt")))
        history.set_folder(key, f"{GONE} folder")
        save_states(paths, key)
        save_states(paths, state_id(document, "", ""))
        DraftFile(paths.drafts_file).save({key: _WORDS, key_of(history, STAYS): STAYS})
    else:
        save_states(paths, key_of(history, STAYS))
    other = {"id": "o", "title": "Imported", "messages": [{"id": 1, "role": "user", "text": STAYS, "more": "aside"}]}
    import_file(history, io.BytesIO(json.dumps(other).encode()), 1.0)


def fill_conversation(history: History, word: str) -> None:
    """Begins a conversation about a word."""
    key = history.create(word).id
    for number in range(_MESSAGES):
        history.add_user_message(key, f"{word} {number} " * 99)


def save_states(paths: Paths, identifier: str) -> None:
    """Writes a state as the engine does, with words that can be searched for."""

    def write(file: Path, _tokens: object) -> bool:
        file.write_bytes(_WORDS.encode() * 999)
        return True

    assert SnapshotStore(paths.snapshots_dir, _BUDGET).save(identifier, identity(), tuple(range(99)), write)


def back_up(history: History) -> None:
    """Makes the copy of the day, also where the disk is nearly full."""
    enough = shutil._ntuple_diskusage(1 << 40, 0, 1 << 40)
    with patch.object(shutil, "disk_usage", lambda _folder: enough):
        history.back_up()
        assert history.wait_done(PATIENCE_S)


def key_of(history: History, word: str) -> str:
    """Returns the id of the conversation that is about a word; empty: there is none."""
    found = [one.id for one in history.conversations() if word in one.title]
    return found[0] if found else ""


def tell_engine(paths: Paths, word: str) -> None:
    """Erases the state of a conversation, as the engine does when it comes to it."""
    SnapshotStore(paths.snapshots_dir, _BUDGET).erase(word.encode().hex().ljust(32, "0"))


def start(paths: Paths, days: int = 30) -> History:
    """Does what a start of the program does with the folder, until all that it does by itself is done."""
    sweep_leftovers(paths)
    history = History(paths.history_file)
    adopt_unfinished(history, paths.answers_dir)
    drafts = DraftFile(paths.drafts_file)
    drafts.load()
    grounds = LazyGrounds(paths.documents_file)
    forget_deleted(history, SnapshotStore(paths.snapshots_dir, 0).erase, drafts, days, grounds)
    grounds.close()
    assert history.wait_done(PATIENCE_S)
    return history


def what_stays(paths: Paths) -> Iterator[str]:
    """Says what there is of the conversation that stays: in the file, and in each copy of it that is whole."""
    places = [paths.history_file, *backups(paths.history_file), *sorted(paths.data.glob("history.v*.sqlite3"))]
    for place in places:
        with closing(sqlite3.connect(place)) as database:
            (answer,) = database.execute("PRAGMA integrity_check(1)").fetchone()
            count = database.execute(
                "SELECT count(*) FROM messages WHERE text LIKE ? AND conversation_id ="
                " (SELECT id FROM conversations WHERE title = ?)",
                (f"{STAYS}%", STAYS),
            ).fetchone()
        if answer != "ok" or count != (_MESSAGES,):
            yield f"{place.name}: {answer}, {count[0]} stay"


ERASING: Final[tuple[type[Erased], ...]] = (
    Erased, ErasedAtTheStart, ErasedMessage, CopiedMeanwhile, ChangedMeanwhile, RecoveredMeanwhile,
    RecoveredInTheMiddle, AnsweredMeanwhile, SavedMeanwhile, ImportedMeanwhile, DraftMeanwhile,
)  # fmt: skip
