"""Conversations: stored at once, found again, never lost."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.types import Role, Stats
from desktop.history.records import Conversation, MessageState, StoredMessage
from desktop.history.store import History
from desktop.history.word_index import LONGEST_INDEXED
from tests.history.conftest import STATS, answer, turn, words_in
from tests.support.patience import PATIENCE_S


def titles(history: History) -> list[str]:
    return [conversation.title for conversation in history.conversations()]


def test_what_was_stored_is_there_after_a_restart(history: History, file: Path) -> None:
    conversation = history.create("Sums")
    stored = turn(history, conversation)
    transcript = history.transcript(conversation.id)
    assert transcript.messages == stored
    assert stored[0].role is Role.USER
    assert stored[1] == StoredMessage(
        *(stored[1].id, conversation.id, Role.ASSISTANT, "It is 4.", stored[1].created, "2+2"),
        *(MessageState.COMPLETE, "Qwen", STATS, stored[0].id, 1, 1),
    )
    history.close()
    again = History(file)
    assert again.transcript(conversation.id) == transcript
    assert again.load_problem is None
    again.close()


@pytest.mark.parametrize("state", MessageState)
def test_an_answer_keeps_how_it_ended(history: History, state: MessageState) -> None:
    conversation = history.create()
    history.add_answer(conversation.id, "It", thinking="", state=state, model="", stats=None)
    (message,) = history.transcript(conversation.id).messages
    assert (message.state, message.stats) == (state, None)


def test_conversations_are_listed_by_their_newest_message(history: History) -> None:
    first, second, third = (history.create(title) for title in ("first", "second", "third"))
    assert titles(history) == ["third", "second", "first"]
    message = history.add_user_message(first.id, "Hi")
    assert titles(history) == ["first", "third", "second"]
    assert history.conversations()[0].updated == message.created
    history.remove_message(message.id)
    assert titles(history) == ["third", "second", "first"]
    assert history.conversations()[2].updated == first.created
    assert len({first.id, second.id, third.id}) == 3


def test_title_and_cut_can_be_changed(history: History) -> None:
    conversation = history.create()
    history.rename(conversation.id, "诗")
    history.set_cut(conversation.id, 6)
    (changed,) = history.conversations()
    assert (changed.title, changed.cut) == ("诗", 6)


# Versions


def texts(history: History, conversation: Conversation) -> list[str]:
    return [message.text for message in history.transcript(conversation.id).messages]


def test_it_shows_whether_another_program_has_written(history: History, file: Path) -> None:
    before = history.changes_elsewhere()
    history.create("Mine")
    assert history.changes_elsewhere() == before
    other = History(file, beside=True)
    try:
        other.create("Another's")
    finally:
        other.close()
    assert history.changes_elsewhere() != before


def test_an_edited_message_is_a_version_and_the_old_one_keeps_what_followed(history: History) -> None:
    conversation, other = history.create(), history.create()
    kept = turn(history, conversation)
    elsewhere = turn(history, other)
    again = turn(history, conversation)
    last = turn(history, conversation)
    # WHEN a question in the middle is written anew
    newest = history.add_user_message(conversation.id, "Again", instead_of=again[0].id)
    # THEN it is shown after what came before it
    shown = history.transcript(conversation.id).messages
    assert shown == (*kept, newest)
    assert (newest.version, newest.versions, newest.parent) == (2, 2, kept[1].id)
    assert newest.id > last[1].id, "row numbers are never used twice"
    assert history.transcript(other.id).messages == elsewhere
    # AND WHEN the old one is paged back to THEN all that followed it is there
    history.show_version(conversation.id, again[0].id)
    assert [message.id for message in history.transcript(conversation.id).messages] == [
        message.id for message in (*kept, *again, *last)
    ]
    assert history.transcript(conversation.id).messages[2].versions == 2


def test_what_followed_a_version_comes_back_as_it_was_shown_last(history: History) -> None:
    # GIVEN two versions of a question, and of the answer to the first one the older one shown
    conversation = history.create()
    question = history.add_user_message(conversation.id, "Q1")
    first = answer(history, conversation, "A1")
    history.add_answer(
        conversation.id, "A2", thinking="", state=MessageState.COMPLETE, model="", stats=None, parent=question.id
    )
    assert texts(history, conversation) == ["Q1", "A2"]
    history.show_version(conversation.id, first.id)
    other = history.add_user_message(conversation.id, "Q2", instead_of=question.id)
    assert texts(history, conversation) == ["Q2"]
    # WHEN the first version is shown again
    history.show_version(conversation.id, question.id)
    # THEN with the answer that was shown
    assert texts(history, conversation) == ["Q1", "A1"]
    history.show_version(conversation.id, other.id)
    assert texts(history, conversation) == ["Q2"]


def test_a_message_in_a_hidden_version_can_be_shown(history: History) -> None:
    conversation = history.create()
    question = history.add_user_message(conversation.id, "Q1")
    answer(history, conversation, "A1")
    deep = history.add_user_message(conversation.id, "Q2")
    history.add_user_message(conversation.id, "Q1 anew", instead_of=question.id)
    history.show_version(conversation.id, deep.id)
    assert texts(history, conversation) == ["Q1", "A1", "Q2"]


def test_what_is_not_there_has_no_versions(history: History) -> None:
    conversation, other = history.create(), history.create()
    elsewhere = history.add_user_message(other.id, "Hi")
    for call in (
        lambda: history.add_user_message(conversation.id, "Hi", instead_of=elsewhere.id),
        lambda: history.show_version(conversation.id, elsewhere.id),
        lambda: history.show_version(conversation.id, 99),
    ):
        with pytest.raises(UserFacingError, match="message is no longer there"):
            call()
    with pytest.raises(UserFacingError, match="conversation is no longer there"):
        history.show_version("nowhere", elsewhere.id)
    assert texts(history, conversation) == []


def test_all_versions_can_be_had_and_stored_elsewhere(history: History) -> None:
    conversation = history.create("Tree")
    question, first = turn(history, conversation)
    history.add_user_message(conversation.id, "Anew", instead_of=question.id)
    second = answer(history, conversation, "Yes.")
    tree = history.tree(conversation.id)
    assert [message.text for message in tree.messages] == [question.text, first.text, "Anew", "Yes."]
    assert tree.shown[None] == second.parent
    # WHEN it comes back from a file
    copy = history.add_tree(tree)
    # THEN it is another conversation with the same words in the same places
    again = history.tree(copy.id)
    assert copy.id != conversation.id
    assert history.conversations()[0] == copy
    assert [one.text for one in again.messages] == [one.text for one in tree.messages]
    assert [(one.version, one.versions, one.stats) for one in again.messages] == [
        (one.version, one.versions, one.stats) for one in tree.messages
    ]
    assert texts(history, copy) == ["Anew", "Yes."]
    assert not {one.id for one in again.messages} & {one.id for one in tree.messages}


def test_a_message_that_is_removed_leaves_the_others(history: History) -> None:
    conversation = history.create()
    kept = turn(history, conversation)
    gone = history.add_user_message(conversation.id, "Gone")
    following = answer(history, conversation, "Following")
    history.remove_message(gone.id)
    history.remove_message(gone.id)
    assert [one.id for one in history.transcript(conversation.id).messages] == [*(one.id for one in kept), following.id]


def test_a_cut_is_taken_back_when_what_it_counts_is_not_shown_any_more(history: History) -> None:
    conversation = history.create()
    first = turn(history, conversation)
    second = turn(history, conversation)
    history.set_cut(conversation.id, 2)
    history.add_user_message(conversation.id, "Again", instead_of=second[0].id)
    assert history.conversations()[0].cut == 2, "what is cut is still there"
    history.show_version(conversation.id, second[0].id)
    assert history.conversations()[0].cut == 2
    history.add_answer(
        conversation.id, "Anew", thinking="", state=MessageState.COMPLETE, model="", stats=None, parent=first[0].id
    )
    assert history.conversations()[0].cut == 0


def test_a_full_disk_leaves_the_versions_as_they_are(history: History) -> None:
    conversation = history.create()
    question, old = turn(history, conversation)
    (pages,) = history._connection.execute("PRAGMA page_count").fetchone()
    history._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(UserFacingError, match="disk is full"):
        history.add_answer(
            conversation.id,
            "x" * 1_000_000,
            thinking="",
            state=MessageState.COMPLETE,
            model="",
            stats=None,
            parent=question.id,
        )
    assert history.transcript(conversation.id).messages == (question, old)


# Deleted


def test_a_deleted_conversation_can_come_back_until_it_is_purged(history: History) -> None:
    kept, gone = history.create("kept"), history.create("gone")
    messages = turn(history, gone, "unusual words")
    history.delete(gone.id)
    assert titles(history) == ["kept"]
    assert history.search("unusual") == ()
    history.restore(gone.id)
    assert titles(history) == ["gone", "kept"]
    assert history.transcript(gone.id).messages == messages
    assert history.purge_deleted() == ()
    history.delete(gone.id)
    assert history.purge_deleted() == (gone.id,)
    assert history.purge_deleted() == ()
    assert titles(history) == ["kept"]
    for call in (history.transcript, history.restore, history.delete):
        with pytest.raises(UserFacingError, match="no longer there"):
            call(gone.id)
    with pytest.raises(UserFacingError, match="no longer there"):
        history.add_user_message(gone.id, "Hi")
    assert history.transcript(kept.id).messages == ()


def test_what_was_purged_cannot_be_read_from_the_file(history: History, file: Path) -> None:
    conversation = history.create()
    history.add_user_message(conversation.id, "my secret " * 2000)
    history.delete(conversation.id)
    history.purge_deleted()
    history.close()
    assert b"secret" not in file.read_bytes()


def test_any_text_can_be_stored(history: History) -> None:
    conversation = history.create("a\ud83d")
    message = history.add_user_message(
        conversation.id, "lone \ud83d, pair \ud83d\ude3a, \0, '; DROP TABLE messages; --"
    )
    assert message.text == "lone \ufffd, pair 😺, \0, '; DROP TABLE messages; --"
    assert history.transcript(conversation.id).messages == (message,)


# Search


@pytest.fixture(params=["index", "no index"])
def library(request: pytest.FixtureRequest, history: History, monkeypatch: pytest.MonkeyPatch) -> History:
    """Messages to search, with and without the index of words."""
    conversation = history.create("Poems")
    for text in ("The moon is bright", "把刚才那首诗改成七言", "a MOON at 100%, snake_case", "Ünïcode MÖÖN"):
        history.add_user_message(conversation.id, text)
    if request.param == "no index":
        monkeypatch.setattr(history, "_has_index", False)
    return history


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("moon", ["a MOON at 100%, snake_case", "The moon is bright"]),
        ("MOON bright", ["The moon is bright"]),
        ("bright the", ["The moon is bright"]),
        ("刚才那首诗", ["把刚才那首诗改成七言"]),
        ("诗", ["把刚才那首诗改成七言"]),
        ("七言 那首诗", ["把刚才那首诗改成七言"]),
        ("is", ["The moon is bright"]),
        ("100%", ["a MOON at 100%, snake_case"]),
        ("e_c", ["a MOON at 100%, snake_case"]),
        ("%", ["a MOON at 100%, snake_case"]),
        ("_", ["a MOON at 100%, snake_case"]),
        ('moon" OR "', []),
        ("moon AND NEAR(*", []),
        ("moon \0", ["a MOON at 100%, snake_case", "The moon is bright"]),
        ("sun", []),
        ("  ", []),
        ("\0", []),
    ],
)
def test_words_are_found(library: History, words: str, found: list[str]) -> None:
    assert [hit.excerpt for hit in library.search(words)] == found


@pytest.mark.parametrize("length", [LONGEST_INDEXED, LONGEST_INDEXED + 1, 20 * LONGEST_INDEXED])
def test_long_texts_are_found_and_gone_like_others(library: History, length: int) -> None:
    # GIVEN a text with words at both ends, in the index or too long for it
    conversation = library.create("Book")
    text = "Azimuth 北斗" + "x" * (length - len("Azimuth 北斗zenith%")) + "zenith%"
    message = library.add_user_message(conversation.id, text)
    # THEN it is found by all its words, short and long, and only by them
    for words in ("azimuth", "zenith azimuth", "北斗", "北斗x zenith%"):
        assert [hit.message_id for hit in library.search(words)] == [message.id]
    assert library.search("azimuth nadir") == ()
    # AND no more when it is gone
    library.delete(conversation.id)
    assert library.search("azimuth") == ()


def test_a_long_text_is_not_put_into_the_index(history: History) -> None:
    conversation = history.create("Book")
    history.add_user_message(conversation.id, "short")
    history.add_user_message(conversation.id, "Azimuth" + "x" * LONGEST_INDEXED)
    connection = history._connection
    rows = connection.execute("SELECT rowid FROM message_index WHERE message_index MATCH 'azimuth'").fetchall()
    assert rows == []
    connection.execute("INSERT INTO message_index (message_index, rank) VALUES ('integrity-check', 1)")


@pytest.mark.parametrize(
    "text",
    [
        " ".join(f"w{number}" for number in range(3_000)),
        " ".join(chr(0x4E00 + number) for number in range(3_000)),
        "word " * 5_000,
        "a" * 120_000,
        "\u732b" * 60_000,
        "%" * 60_000,
    ],
    ids=lambda text: f"{text[:9]} {len(text)}",
)
def test_a_whole_text_pasted_into_the_field_is_searched_for(library: History, text: str) -> None:
    # GIVEN a long message, and one that has most of its words WHEN all of it is searched for
    conversation = library.create("Long")
    message = library.add_user_message(conversation.id, text)
    library.add_user_message(conversation.id, text[: len(text) * 9 // 10 - 1] if len(set(text.split())) > 1 else "-")
    # THEN it alone is found, and nobody is told that the file is damaged (SQLite nests 1,000 deep, and no pattern of
    # LIKE may have more than 50,000 bytes)
    assert [hit.message_id for hit in library.search(text)] == [message.id]
    assert library.search(f"{text} sun") == ()


def test_the_index_follows_what_is_removed(history: History) -> None:
    conversation = history.create()
    first = history.add_user_message(conversation.id, "an elephant")
    history.add_user_message(conversation.id, "another elephant")
    (second_hit, first_hit) = history.search("elephant")
    assert (first_hit.message_id, first_hit.conversation.id) == (first.id, conversation.id)
    history.remove_message(first.id)
    assert history.search("elephant") == (second_hit,)
    history.add_user_message(conversation.id, "a mouse", instead_of=second_hit.message_id)
    assert [hit.message_id for hit in history.search("elephant")] == [second_hit.message_id], "though it is not shown"
    assert len(history.search("mouse")) == 1


def test_an_excerpt_is_one_line_around_the_word(history: History) -> None:
    conversation = history.create()
    history.add_user_message(conversation.id, "word " * 100 + "\n\nneedle\n" + "tail " * 100)
    (hit,) = history.search("needle")
    assert "needle" in hit.excerpt
    assert "\n" not in hit.excerpt
    assert len(hit.excerpt) < 130
    assert hit.excerpt.startswith("…")
    assert hit.excerpt.endswith("…")


# What can happen to the disk and the process


def test_the_files_are_the_users_alone(history: History, file: Path) -> None:
    turn(history, history.create())
    files = sorted(path for path in file.parent.iterdir())
    assert [path.name for path in files] == ["history.sqlite3", "history.sqlite3-shm", "history.sqlite3-wal"]
    if sys.platform != "win32":
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_full_disk_loses_nothing(history: History) -> None:
    conversation = history.create("kept")
    messages = turn(history, conversation)
    (pages,) = history._connection.execute("PRAGMA page_count").fetchone()
    history._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(UserFacingError, match="disk is full"):
        history.add_user_message(conversation.id, "x" * 1_000_000)
    assert history.transcript(conversation.id).messages == messages
    history._connection.execute(f"PRAGMA max_page_count = {pages + 1000}")
    history.add_user_message(conversation.id, "room again")
    assert len(history.transcript(conversation.id).messages) == 3


def test_a_file_that_cannot_be_written_is_said_and_can_still_be_read(history: History) -> None:
    conversation = history.create("kept")
    messages = turn(history, conversation)
    history._connection.execute("PRAGMA query_only = ON")
    for write in (
        history.create,
        lambda: history.add_user_message(conversation.id, "Hi"),
        lambda: history.rename(conversation.id, "other"),
        lambda: history.add_user_message(conversation.id, "Hi", instead_of=messages[0].id),
        lambda: history.show_version(conversation.id, messages[0].id),
        lambda: history.set_cut(conversation.id, 1),
        history.purge_deleted,
    ):
        with pytest.raises(UserFacingError, match="cannot be read or saved"):
            write()
    assert history.transcript(conversation.id).messages == messages
    assert titles(history) == ["kept"]


def test_another_program_that_holds_the_file_is_said(history: History, file: Path) -> None:
    history._connection.execute("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(UserFacingError, match="cannot be read or saved"):
        history.create()
    other.execute("ROLLBACK")
    other.close()
    assert history.create("after").title == "after"


CRASH = """
import os, sys
from pathlib import Path
from desktop.history.store import History
from tests.history.conftest import STATS, Clock, answer, turn, words_in
from tests.support.patience import PATIENCE_S
history = History(Path(sys.argv[1]))
conversation = history.create("crashed")
history.add_user_message(conversation.id, "asked before the crash")
os._exit(1)
"""


def test_a_crash_loses_no_message(file: Path) -> None:
    # GIVEN a program that dies after the question was stored, without closing anything
    done = subprocess.run([sys.executable, "-c", CRASH, str(file)], check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 1
    assert file.with_name("history.sqlite3-wal").exists()
    # WHEN it is started again
    history = History(file)
    # THEN the question is there, and the answer that never was is not
    assert history.load_problem is None
    (conversation,) = history.conversations()
    assert [message.text for message in history.transcript(conversation.id).messages] == ["asked before the crash"]
    history.close()


def test_closing_twice_is_fine(file: Path) -> None:
    history = History(file)
    history.close()
    history.close()


def test_the_hour_that_strikes_after_the_end_is_no_fault(file: Path) -> None:
    history = History(file)
    history.close()
    history.back_up()
    assert history.wait_done(PATIENCE_S)


def test_what_belongs_together_is_there_together_or_not_at_all(history: History) -> None:
    with pytest.raises(ZeroDivisionError), history.transaction():
        conversation = history.create("never begun")
        history.add_user_message(conversation.id, "never said")
        _ = 1 / 0
    assert titles(history) == []
    with history.transaction():
        conversation = history.create("begun")
        turn(history, conversation)
    assert len(history.transcript(conversation.id).messages) == 2


@pytest.mark.parametrize("way", ["a conversation", "a message", "for good"])
def test_nothing_of_what_was_deleted_stays_in_the_file(history: History, file: Path, way: str) -> None:
    kept, gone = history.create("kept"), history.create("gone")
    turn(history, kept, "Wombats dig.")
    history.add_user_message(gone.id, "Why?")
    secret = history.add_user_message(gone.id, "Xylophone zqj Quokka")
    assert words_in(file, "Xylophone", "zqj", "Quokka") == ["Xylophone", "zqj", "Quokka"]

    match way:
        case "a conversation":
            history.delete(gone.id)
        case "a message":
            history.remove_message(secret.id)
        case _:
            history.delete_for_good(gone.id)
    history.purge_deleted()
    assert history.wait_done(PATIENCE_S)

    assert words_in(file, "Xylophone", "zqj", "Quokka") == []
    assert [hit.conversation.title for hit in history.search("Wombats")] == ["kept"]


def test_what_a_crash_left_in_the_file_goes_at_the_next_start(
    history: History, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone = history.create("kept"), history.create("gone")
    message = history.add_user_message(kept.id, "Xylophone zqj Quokka")
    history.add_user_message(gone.id, "Xylophone zqj Quokka")
    monkeypatch.setattr(history._upkeep, "erase_removed", lambda: None)  # as after a crash
    history.remove_message(message.id)
    history.delete_for_good(gone.id)
    assert not history.has(gone.id)
    history.close()
    assert words_in(file, "zqj")
    again = History(file)
    again.purge_deleted()
    again.close()
    assert words_in(file, "Xylophone", "zqj", "Quokka") == []


@pytest.mark.parametrize(
    "figures", ['{"ttft_s": 1e308}', f'{{"prompt_tokens": {10**400}}}', '{"load_s": -5}', "[1]", "{"]
)
def test_figures_that_nobody_can_show_do_not_keep_a_conversation_closed(history: History, figures: str) -> None:
    # GIVEN an answer whose figures were damaged on the disk
    conversation = history.create("Cats")
    history.add_answer(
        conversation.id, "Yes", thinking="", state=MessageState.COMPLETE, model="", stats=STATS,
        parent=history.add_user_message(conversation.id, "Hi").id,
    )  # fmt: skip
    history._connection.execute("UPDATE messages SET stats = ? WHERE role = 'assistant'", (figures,))
    # THEN the answer is there without them
    message = history.transcript(conversation.id).messages[-1]
    assert (message.text, message.stats) == ("Yes", None)


def test_how_fast_a_model_was_last_is_known(history: History) -> None:
    # GIVEN answers of two models
    conversation = history.create("Sums")
    turn(history, conversation)
    newest = Stats(generated_tokens=30, generate_s=1.0, threads=2)
    history.add_user_message(conversation.id, "And 3+3?")
    history.add_answer(conversation.id, "6", thinking="", state=MessageState.COMPLETE, model="Qwen", stats=newest)
    history.add_answer(conversation.id, "6", thinking="", state=MessageState.COMPLETE, model="Other", stats=None)
    # THEN the newest figures of each are found, and none of one that has never answered
    assert history.last_stats("Qwen") == newest
    assert history.last_stats("Other") is None
    assert history.last_stats("Nobody") is None
