"""What a crash has left of answers comes into the history, and nothing that was removed for good comes back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.chat.adoption import adopt_unfinished
from desktop.history.records import MessageState
from desktop.history.rescue.answer_journal import AnswerBegun, AnswerJournal
from desktop.history.store import History
from tests.support.patience import PATIENCE_S
from tests.support.readable_words import files_with

WORDS = "Xylophone"


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with closing(History(tmp_path / "history.sqlite3")) as made:
        yield made


def interrupted(history: History, folder: Path) -> tuple[str, int]:
    """Asks, has half of an answer in the journal, and returns the conversation and the question."""
    conversation = history.create(WORDS).id
    question = history.add_user_message(conversation, WORDS)
    journal = AnswerJournal(folder / "answers", interval=0.0)
    journal.begin(1, AnswerBegun(conversation, question.id, question.text, question.id, "m"))
    journal.grow(1, f"{WORDS}s are", "")
    journal.close()
    assert list((folder / "answers").iterdir())
    return conversation, question.id


@pytest.mark.parametrize("what", ["the conversation", "the conversation, not erased yet", "the question"])
def test_what_was_removed_for_good_does_not_come_back(
    history: History, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, question = interrupted(history, tmp_path)
    stays = history.create("stays").id
    history.add_user_message(conversation if what == "the question" else stays, "later")
    if what.endswith("yet"):
        monkeypatch.setattr(history._upkeep, "erase_removed", lambda: None)
    # GIVEN it was removed, and a kill left its answer in the journal
    if what == "the question":
        history.remove_message(question)
    else:
        history.delete_for_good(conversation)
    assert history.wait_done(PATIENCE_S)
    # WHEN the program starts
    assert adopt_unfinished(history, tmp_path / "answers") == 0
    # THEN nothing of it is anywhere
    monkeypatch.undo()
    history.purge_deleted(0)
    assert history.wait_done(PATIENCE_S)
    kept = files_with(tmp_path, WORDS)
    assert kept == (["history.sqlite3"] if what == "the question" else [])  # the title stays with the conversation
    texts = [one.text for each in history.conversations() for one in history.transcript(each.id).messages]
    assert texts == ["later"]


@pytest.mark.parametrize("how", ["deleted", "of another day"])
def test_what_was_lost_with_the_file_comes_back(tmp_path: Path, how: str) -> None:
    file = tmp_path / "history.sqlite3"
    with closing(History(file)) as history:
        history.add_user_message(history.create("before").id, "before")
        shutil.copyfile(file, tmp_path / "before")
        interrupted(history, tmp_path)
    file.unlink()
    if how == "of another day":
        shutil.copyfile(tmp_path / "before", file)
    with closing(History(file)) as history:
        assert adopt_unfinished(history, tmp_path / "answers") == 1
        newest = history.conversations()[0]
        messages = history.transcript(newest.id).messages
        assert [(one.text, one.state) for one in messages] == [
            (WORDS, MessageState.COMPLETE),
            (f"{WORDS}s are", MessageState.INTERRUPTED),
        ]
