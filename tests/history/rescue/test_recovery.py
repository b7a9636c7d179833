"""A damaged file: what can be read comes over, nothing raises, and the damaged file is kept. Seeded."""

from __future__ import annotations

import contextlib
import errno
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.common.sqlite import suspect_marker
from desktop.engine.types import Stats
from desktop.history.choices import ConversationChoices
from desktop.history.database import open_database
from desktop.history.records import MessageState
from desktop.history.rescue.backups import backups_folder
from desktop.history.rescue.sqlite_pages import DamagedFile
from desktop.history.schema import MIGRATIONS
from desktop.history.store import History
from tests.support.patience import PATIENCE_S
from tests.support.readable_words import files_with

PAGE = 4096
Mutation = Callable[[random.Random, bytearray], None]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history with versions, long texts, Chinese, a deleted conversation; closed in order."""
    file = tmp_path_factory.mktemp("original") / "history.sqlite3"
    fill(file)
    return file


def fill(file: Path) -> None:
    rng = random.Random(7)
    words = ["moon", "诗歌", "giraffe", "把刚才那首诗改成七言", "window", "😺", "answer", "which", "seven"]
    with closing(History(file)) as history, history.transaction():
        for number in range(8):
            conversation = history.create(f"Conversation {number}")
            for turn in range(4):
                text = " ".join(rng.choices(words, k=9))
                question = history.add_user_message(conversation.id, f"Q{number}.{turn} {text}")
                for version in range(1 + turn % 3):
                    text = " ".join(rng.choices(words, k=rng.choice((20, 60, 60, 700))))
                    history.add_answer(
                        conversation.id,
                        f"A{number}.{turn}.{version} {text}",
                        thinking="hm " * 20,
                        state=MessageState.STOPPED,
                        model="tiny",
                        stats=Stats(generated_tokens=3),
                        parent=question.id,
                    )
        history.delete(history.conversations()[3].id)


def everything(history: History) -> dict[int, str]:
    """Reads all that can be shown, searched or written, and returns the messages."""
    texts: dict[int, str] = {}
    for conversation in (*history.conversations(), *(one.conversation for one in history.deleted())):
        history.transcript(conversation.id)
        texts |= {one.id: one.text for one in history.tree(conversation.id).messages}
    history.search("giraffe")
    history.search("诗")
    new = history.create("written after it")
    history.add_user_message(new.id, "and this too")
    history.delete_for_good(new.id)
    return texts


def read_after(file: Path) -> tuple[dict[int, str], UserFacingError | None]:
    """Opens a file as the program does, again where damage shows only while it is used; returns what was told last."""
    problem = None
    for _start in range(4):
        history = History(file)
        problem = history.load_problem or problem
        try:
            texts = everything(history)
        except UserFacingError as damage:
            assert "damaged" in damage.title, damage
            continue
        finally:
            history.close()
        if not suspect_marker(file).exists():
            return texts, problem
    raise AssertionError("it is damaged still")


# Ways to damage a file, each with what it must leave at the least


def zero_header(_rng: random.Random, content: bytearray) -> None:
    content[:100] = bytes(100)


def noise_in_header(rng: random.Random, content: bytearray) -> None:
    for _ in range(rng.randint(1, 8)):
        content[rng.randrange(100)] = rng.randrange(256)


def noise_in_schema(rng: random.Random, content: bytearray) -> None:
    at = rng.randrange(100, PAGE - 60)
    content[at : at + 60] = rng.randbytes(60)


def one_page_of_noise(rng: random.Random, content: bytearray) -> None:
    at = rng.randrange(1, len(content) // PAGE) * PAGE
    content[at : at + PAGE] = rng.randbytes(PAGE)


def one_page_of_zeros(rng: random.Random, content: bytearray) -> None:
    at = rng.randrange(1, len(content) // PAGE) * PAGE
    content[at : at + PAGE] = bytes(PAGE)


def the_first_page_gone(rng: random.Random, content: bytearray) -> None:
    content[:PAGE] = rng.randbytes(PAGE)


def flipped_bits(rng: random.Random, content: bytearray) -> None:
    for _ in range(rng.choice((1, 5, 50))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)


def heads_of_pages(rng: random.Random, content: bytearray) -> None:
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(1, len(content) // PAGE) * PAGE
        content[at : at + 12] = rng.randbytes(12)


def cut_off(rng: random.Random, content: bytearray) -> None:
    del content[rng.randrange(len(content) // 4, len(content)) :]


def cut_off_early(rng: random.Random, content: bytearray) -> None:
    del content[rng.randrange(1, 3 * PAGE) :]


def swapped_pages(rng: random.Random, content: bytearray) -> None:
    first, second = (rng.randrange(1, len(content) // PAGE) * PAGE for _ in range(2))
    content[first : first + PAGE], content[second : second + PAGE] = (
        content[second : second + PAGE],
        content[first : first + PAGE],
    )


def longer(rng: random.Random, content: bytearray) -> None:
    content += rng.randbytes(rng.randint(1, 3 * PAGE))


def a_hole(rng: random.Random, content: bytearray) -> None:
    at = rng.randrange(len(content) // 2)
    length = rng.randint(1, len(content) // 3)
    content[at : at + length] = bytes(length)


def text_in_it(rng: random.Random, content: bytearray) -> None:
    at = rng.randrange(len(content) - 200)
    content[at : at + 200] = b"<html>404 not found</html>".ljust(200)


MUTATIONS: dict[Mutation, float] = {
    zero_header: 1.0,
    noise_in_header: 1.0,
    noise_in_schema: 1.0,
    one_page_of_noise: 0.8,
    one_page_of_zeros: 0.8,
    the_first_page_gone: 1.0,
    flipped_bits: 0.5,
    heads_of_pages: 0.5,
    cut_off: 0.0,
    cut_off_early: 0.0,
    swapped_pages: 0.8,
    longer: 1.0,
    a_hole: 0.0,
    text_in_it: 0.8,
}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_three_hundred_damaged_files(original: Path, tmp_path: Path, mutation: Mutation) -> None:
    with closing(History(original)) as history:
        whole = everything(history)
    for seed in range(22):
        rng = random.Random(f"{mutation.__name__} {seed}")
        folder = tmp_path / str(seed)
        folder.mkdir()
        file = folder / "history.sqlite3"
        content = bytearray(original.read_bytes())
        mutation(rng, content)
        file.write_bytes(content)

        texts, problem = read_after(file)

        kept = [path for path in folder.iterdir() if ".damaged-" in path.name]
        assert bool(kept) is (problem is not None)
        assert problem is None or any(str(path) in problem.detail for path in kept)
        same = sum(texts.get(key) == text for key, text in whole.items())
        assert same >= MUTATIONS[mutation] * len(whole), f"seed {seed}: {same} of {len(whole)}; {problem}"
        # AND what came over is whole from now on
        with closing(History(file)) as again:
            assert again.load_problem is None, seed
            assert everything(again) == texts
        shutil.rmtree(folder)


def test_what_came_over_is_counted_and_said(original: Path, tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite3"
    content = bytearray(original.read_bytes())
    content[:100] = bytes(100)
    file.write_bytes(content)
    with closing(History(original)) as before, closing(History(file)) as history:
        problem = history.load_problem
        assert problem is not None
        assert problem.title == "The file of the conversations was damaged; what could be read was saved."
        assert "Conversations: 8, messages: " in problem.detail
        # AND all is as it was: what is shown, what was deleted, the order, the figures
        assert history.conversations() == before.conversations()
        assert history.deleted() == before.deleted()
        for conversation in before.conversations():
            assert history.tree(conversation.id) == before.tree(conversation.id)


def test_the_newest_backup_fills_what_the_damage_has_taken(original: Path, tmp_path: Path) -> None:
    # GIVEN a history with a backup of yesterday, and one message since
    file = tmp_path / "history.sqlite3"
    shutil.copy(original, file)
    with closing(History(file)) as history:
        history.back_up()
        assert history.wait_done(60)
        conversation = history.conversations()[0]
        last = history.add_user_message(conversation.id, "said after the backup")
        gone = history.conversations()[1]
        history.delete_for_good(gone.id)
        assert history.wait_done(60)
        whole = {one.id: history.tree(one.id) for one in history.conversations()}
    # WHEN most of it is lost
    content = bytearray(file.read_bytes())
    content[5 * PAGE : 20 * PAGE] = bytes(15 * PAGE)
    file.write_bytes(content)
    with closing(History(file)) as history:
        # THEN all comes back but what is newer than the backup and in a lost page, and what was deleted for good
        problem = history.load_problem
        assert problem is not None
        assert ".sqlite3: " in problem.detail
        assert {one.id for one in history.conversations()} == set(whole)
        assert not history.has(gone.id)
        for name, tree in whole.items():
            found = {one.id: one.text for one in history.tree(name).messages}
            assert found.items() >= {one.id: one.text for one in tree.messages if one.id != last.id}.items()


def test_a_history_lost_as_a_whole_comes_from_the_backup(original: Path, tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite3"
    shutil.copy(original, file)
    with closing(History(file)) as history:
        whole = everything(history)
        history.back_up()
        assert history.wait_done(60)
    (tmp_path / "backups" / "000002-20990101.sqlite3").write_bytes(b"a newer one that is damaged")
    file.write_bytes(b"\0" * 5000)
    with closing(History(file)) as history:
        assert everything(history) == whole


def test_messages_of_before_the_versions_become_a_chain(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite3"
    with closing(open_database(file, MIGRATIONS[:2]).connection) as connection:
        connection.execute("INSERT INTO conversations (id, title, created, updated) VALUES ('a', 'Old', 1, 1)")
        for number in range(6):
            connection.execute(
                "INSERT INTO messages (conversation_id, role, text, created, state) VALUES ('a', ?, ?, 1, 'complete')",
                (("user", "assistant")[number % 2], str(number)),
            )
    content = bytearray(file.read_bytes())
    content[:50] = bytes(50)
    file.write_bytes(content)
    with closing(History(file)) as history:
        assert [one.text for one in history.transcript("a").messages] == list("012345")


def test_where_a_conversation_stands_and_what_was_deleted_of_it_comes_over(tmp_path: Path) -> None:
    # GIVEN a conversation that is pinned, archived, in a folder, with a choice, and without its answer
    file = tmp_path / "history.sqlite3"
    choices = ConversationChoices(model="q.gguf", temperature=0.2)
    with closing(History(file)) as history:
        one = history.create("Kept").id
        history.add_user_message(one, "Q")
        history.set_pinned(one, 5.0)
        history.set_archived(one, 6.0)
        history.set_folder(one, "Work")
        history.set_choices(one, choices)
        with history.transaction():
            history._connection.execute("UPDATE messages SET deleted = 7")
    # WHEN the head of the file is lost
    content = bytearray(file.read_bytes())
    content[:50] = bytes(50)
    file.write_bytes(content)
    # THEN all of it is in the new one
    with closing(History(file)) as history:
        assert history.load_problem is not None
        (kept,) = history.conversations()
        assert (kept.pinned, kept.archived, kept.folder, kept.choices) == (5.0, 6.0, "Work", choices)
        assert [message.deleted for message in history.tree(one).messages] == [7.0]


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
@pytest.mark.parametrize("of", ["file", "copy"])
def test_a_file_or_a_copy_of_every_earlier_version_is_recovered(tmp_path: Path, version: int, of: str) -> None:
    # GIVEN what an earlier Catnap wrote: a conversation of four messages, one after the other
    (tmp_path / "backups").mkdir()
    file = tmp_path / "history.sqlite3"
    old = file if of == "file" else tmp_path / "backups" / "000001-20260101.sqlite3"
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        for statements in MIGRATIONS[:version]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("INSERT INTO conversations (id, title, created, updated) VALUES ('a', 'Old', 1, 2)")
        for number in range(4):
            connection.execute(
                "INSERT INTO messages (conversation_id, role, text, created, state) VALUES ('a', ?, ?, 1, 'complete')",
                (("user", "assistant")[number % 2], str(number)),
            )
        if version > 2:
            connection.execute("UPDATE messages SET parent = id - 1 WHERE id > 1")
    # WHEN the file is damaged
    if of == "file":
        content = bytearray(file.read_bytes())
        content[:50] = bytes(50)
        file.write_bytes(content)
    else:
        file.write_bytes(bytes(5000))
    # THEN all of it is there, and in its order
    with closing(History(file)) as history:
        (kept,) = history.conversations()
        assert (kept.title, kept.pinned, kept.folder, kept.choices) == ("Old", None, "", ConversationChoices())
        assert [message.text for message in history.transcript("a").messages] == list("0123")


def test_versions_of_an_answer_stay_together_when_their_question_is_lost(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite3"
    with closing(History(file)) as history:
        conversation = history.create("Kept")
        history.add_user_message(conversation.id, "Q1")
        lost = history.add_user_message(conversation.id, "Q2")
        for text in ("A1", "A2"):
            history.add_answer(
                conversation.id, text, thinking="", state=MessageState.COMPLETE, model="", stats=None, parent=lost.id
            )
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DROP TRIGGER message_index_delete")
        connection.execute("DELETE FROM messages WHERE id = ?", (lost.id,))
        connection.execute("DELETE FROM conversations")
        connection.commit()
    content = bytearray(file.read_bytes())
    content[:50] = bytes(50)
    file.write_bytes(content)
    with closing(History(file)) as history:
        (found,) = history.conversations()
        assert found.title == "Q1"
        assert [(one.text, one.versions) for one in history.transcript(found.id).messages] == [("Q1", 1), ("A2", 2)]


def test_the_log_beside_it_is_read_too(original: Path, tmp_path: Path) -> None:
    # GIVEN a file that a crash has left with its newest message in the log only, and a broken head
    source, file = tmp_path / "source" / "history.sqlite3", tmp_path / "history.sqlite3"
    source.parent.mkdir()
    shutil.copy(original, source)
    with closing(sqlite3.connect(source, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("UPDATE messages SET text = 'only in the log' WHERE id = 3")
        for name in ("history.sqlite3", "history.sqlite3-wal"):
            shutil.copy(source.with_name(name), file.with_name(name))
    content = bytearray(file.read_bytes())
    content[:100] = bytes(100)
    file.write_bytes(content)
    with closing(DamagedFile(file)) as pages:
        assert any("only in the log" in row.values for row in pages.rows())
    texts, problem = read_after(file)
    assert problem is not None
    assert texts[3] == "only in the log"
    # AND a log that ends in the middle of a page, or is noise, is no hindrance
    for cut in (1, 700, 4000):
        log = source.with_name("history.sqlite3-wal")
        (tmp_path / str(cut)).mkdir()
        other = tmp_path / str(cut) / "history.sqlite3"
        other.write_bytes(content)
        if log.exists():
            other.with_name(log.name).write_bytes(log.read_bytes()[:-cut])
        else:
            other.with_name("history.sqlite3-wal").write_bytes(random.Random(cut).randbytes(9000))
        assert len(read_after(other)[0]) == len(texts)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP INDEX messages_of_conversation",
        "DROP TABLE about",
        "ALTER TABLE messages DROP COLUMN stats",
        "ALTER TABLE conversations RENAME COLUMN title TO name",
        "DROP TABLE message_index_data",
        "DROP TABLE message_index_config",
        "UPDATE messages SET created = 'yesterday', stats = '[1, 2', thinking = x'ff00', model = 5",
        "UPDATE messages SET parent = id, shown_child = 'x'",
        "UPDATE messages SET parent = 99999",
        "UPDATE conversations SET shown_first = 99999, cut = 'x', begun_after = 'x', updated = 'soon'",
        "UPDATE conversations SET pinned = 'x', archived = 9e999, folder = 5, choices = x'ff00'",
        "UPDATE conversations SET choices = '[1, 2', folder = CAST(x'ff00' AS TEXT)",
        "ALTER TABLE conversations DROP COLUMN choices",
        "DROP INDEX messages_deleted",
        "ALTER TABLE messages DROP COLUMN deleted",
        "ALTER TABLE messages DROP COLUMN deleted_at",
        "ALTER TABLE messages DROP COLUMN sources",
        "ALTER TABLE messages DROP COLUMN rating",
        "UPDATE messages SET sources = '[[1, 2', rating = 7",
        "UPDATE messages SET sources = x'ff00', rating = 'good'",
        "UPDATE messages SET text = CAST(x'c328ff41' AS TEXT) WHERE id = 5",
        "UPDATE about SET value = 'NaN'",
        "INSERT OR REPLACE INTO about VALUES ('clock_seen', 'soon'), ('index_holds_removed', '[[[')",
        "PRAGMA user_version = -5",
        "PRAGMA user_version = 2000000000",
        "PRAGMA user_version = 4",
        "PRAGMA user_version = 5",
        f"PRAGMA user_version = {len(MIGRATIONS) + 1}",
        "PRAGMA user_version = 1",
        "PRAGMA user_version = 0",
    ],
)
def test_a_file_that_was_changed_by_hand(original: Path, tmp_path: Path, statement: str) -> None:
    file = tmp_path / "history.sqlite3"
    shutil.copy(original, file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        try:
            connection.execute(statement)
        except sqlite3.OperationalError:  # a shadow table of the index: only its row in the schema can go
            name = statement.rpartition(" ")[2]
            connection.execute("DELETE FROM sqlite_schema WHERE name = ?", (name,))
        connection.commit()
    with closing(History(original)) as history:
        whole = everything(history)
    texts, _problem = read_after(file)
    different = {key for key, text in whole.items() if texts.get(key) != text}
    assert different <= {5}
    with closing(History(file)) as again:
        assert again.load_problem is None
        again.purge_deleted(10)


def test_a_recovery_that_ends_before_its_last_step_is_finished(original: Path, tmp_path: Path) -> None:
    # GIVEN a program killed between setting the damaged file aside and naming the new one
    shutil.copy(original, tmp_path / "history.recovering.sqlite3")
    with closing(History(original)) as whole, closing(History(tmp_path / "history.sqlite3")) as history:
        assert history.conversations() == whole.conversations()
    assert not (tmp_path / "history.recovering.sqlite3").exists()


@pytest.mark.parametrize("renamed", range(4))
def test_a_kill_between_the_last_steps_of_a_recovery_leaves_no_log_to_the_recovered_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renamed: int
) -> None:
    # GIVEN a history that was killed, so that its log lies beside it, and whose first bytes are damaged
    file, source = tmp_path / "history.sqlite3", tmp_path / "source"
    source.mkdir()
    with closing(History(source / file.name)) as history:
        one = history.create("One").id
        for number in range(40):
            history.add_user_message(one, f"Question {number} " * 50)
        assert history.wait_done(PATIENCE_S)  # all is in the file, so that the log begins anew
        history.add_user_message(history.create("Two").id, "The last one " * 500)
        texts = everything(history)
        for part in source.glob("history.sqlite3*"):
            shutil.copyfile(part, tmp_path / part.name)
    assert (tmp_path / "history.sqlite3-wal").stat().st_size > 0
    file.write_bytes(bytes(16) + file.read_bytes()[16:])
    # WHEN the program is killed in the recovery, after so many of the files have got their new names
    rename, left = Path.rename, [renamed]

    def rename_or_die(self: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt  # nothing in the program takes this for an error of the disk
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", rename_or_die)
    with contextlib.suppress(KeyboardInterrupt):
        History(file).close()
    monkeypatch.undo()
    # THEN the next start has everything, and the recovered file is sound
    with closing(History(file)) as history:
        assert everything(history) == texts
        assert history.load_problem is None or renamed == 0
    with closing(History(file)) as history:
        assert history.load_problem is None


def test_a_full_disk_puts_a_recovery_off(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "history.sqlite3"
    content = bytes(100) + original.read_bytes()[100:]
    file.write_bytes(content)

    def no_room(*_anything: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("desktop.history.database.recover", no_room)
        with pytest.raises(UserFacingError, match="disk is full"):
            History(file)
    # THEN the damaged file is where it was, and the next start recovers it
    assert file.read_bytes() == content
    with closing(History(file)) as history:
        assert len(history.conversations()) == 7


def test_damage_of_a_large_file_is_read_with_the_right_size_of_pages(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite3"
    with closing(History(file)) as history, history.transaction():
        conversation = history.create("Large")
        for number in range(1200):
            history.add_user_message(conversation.id, f"{number} {'x' * 9000}")
    file.write_bytes(bytes(100) + file.read_bytes()[100:])
    with closing(DamagedFile(file)) as pages:
        numbers = {row.number for row in pages.rows() if len(row.values) == 15 and row.whole}
    assert numbers == set(range(1, 1201))


def test_what_was_being_erased_goes_out_of_the_copies_though_the_file_was_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a conversation that was removed for good, and is in the copy of the day and in a state of the engine still
    file = tmp_path / "history.sqlite3"
    with closing(History(file)) as history, monkeypatch.context() as killed:
        history.add_user_message(history.create("stays").id, "Wombats dig.")
        gone = history.create("Xylophone").id
        message = history.add_user_message(gone, "Xylophone " * 99)
        backups_folder(file).mkdir()
        copy = backups_folder(file) / "000001-20200101.sqlite3"
        history._connection.execute("VACUUM INTO ?", (str(copy),))
        killed.setattr(history._upkeep, "erase_removed", lambda: None)
        history.delete_for_good(gone)
    assert files_with(copy.parent, "Xylophone")
    file.write_bytes(bytes(100) + file.read_bytes()[100:])
    # WHEN the next start finds the file damaged
    erased: list[str] = []
    with closing(History(file)) as history:
        assert history.load_problem is not None
        history.purge_deleted()
        history.erase_states(erased.append)
        assert history.wait_done(PATIENCE_S)
        assert [one.title for one in history.conversations()] == ["stays"]
        assert history.newest_message_id() < message.id
    # THEN it goes there all the same; what was set aside is the person's
    assert erased == [gone]
    assert files_with(copy.parent, "Xylophone") == []
    assert files_with(tmp_path, "Wombats dig.")
