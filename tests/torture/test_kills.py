"""The judge of the kills: that it notices what it is there for, and takes nothing else for it."""

from __future__ import annotations

import copy
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop.common.paths import resolve_paths
from desktop.history.records import MessageState
from desktop.history.store import History
from tests.torture.kills.dying import compile_library
from tests.torture.kills.judge import Found, adopt, check_files, find, judge, leftovers
from tests.torture.kills.plans import ROWS, draw, draw_lives
from tests.torture.kills.shown import Conversation, Message, Shown

A, B, NEW = "a" * 32, "b" * 32, "c" * 32
KILLED = 100.0


def message(number: int, parent: int | None, role: str, text: str, state: str = "complete") -> dict[str, Any]:
    return {"conversation": A, "id": number, "parent": parent, "role": role, "text": text, "state": state}


def tell(shown: Shown, what: str, at: float = 0.0, **facts: Any) -> None:
    shown.hear({"what": what, "at": at, **facts})


def see(shown: Shown, at: float = 0.0, **facts: Any) -> None:
    """The window after something was done: one conversation in the list, one among those deleted."""
    usual = {
        "list": [(A, "Cats")], "deleted": [B], "current": A, "busy": True, "path": [], "page": [], "drafts": {},
        "settings": {"font_size": 0, "model": "parrot"},
    }  # fmt: skip
    tell(shown, "sees", at, **{**usual, **facts})


@pytest.fixture
def shown() -> Shown:
    """A question that was answered, one whose answer grows, a draft of long ago, and a deleted conversation."""
    made = Shown(conversations={A: Conversation(), B: Conversation("Dogs", deleted=True)})
    tell(made, "message", instead_of=None, **message(1, None, "user", "Why?"))
    tell(made, "began", conversation=A, replaces=None)
    tell(made, "answer", **message(2, 1, "assistant", "Because."))
    tell(made, "message", instead_of=None, **message(3, 2, "user", "And then?"))
    tell(made, "began", conversation=A, replaces=None)
    for at, text in ((95.0, "One. "), (97.5, "Two. "), (98.5, "Three. "), (99.9, "Four. ")):
        tell(made, "grew", at, conversation=A, text=text)
    see(made, 90.0, drafts={"": "half a question"})
    return made


@pytest.fixture
def found() -> Found:
    """All of it, with the answer up to what was shown 1.5 s before the kill."""
    messages = {
        1: Message(1, None, "user", "Why?"),
        2: Message(2, 1, "assistant", "Because."),
        3: Message(3, 2, "user", "And then?"),
        4: Message(4, 3, "assistant", "One. Two. ", "interrupted"),
    }
    conversations = {A: Conversation("Cats", messages=messages, path=[1, 2, 3, 4]), B: Conversation("Dogs", True)}
    return Found(conversations, {"": "half a question"}, {"font_size": 0, "model": "parrot"})


def answer(found: Found, text: str, state: str = "interrupted") -> None:
    found.conversations[A].messages[4] = Message(4, 3, "assistant", text, state)


def lost(shown: Shown, found: Found) -> str:
    return "; ".join(judge(shown, found, KILLED).lost)


def test_nothing_is_lost_where_nothing_is_lost(shown: Shown, found: Found) -> None:
    verdict = judge(shown, found, KILLED)
    assert (verdict.lost, verdict.adopted, verdict.seconds) == ([], 1, 1.5)
    answer(found, "One. Two. Three. Four. Five.")  # the journal may have more than was shown
    assert judge(shown, found, KILLED).seconds == 0.0
    # AND what is there is what is shown from then on
    adopt(shown, found, KILLED)
    assert lost(shown, found) == ""


def test_a_message_that_is_gone_is_seen(shown: Shown, found: Found) -> None:
    there = copy.deepcopy(found)
    del there.conversations[A].messages[1]
    assert "the message 1 'Why?' is gone" in lost(shown, there)
    there = copy.deepcopy(found)
    there.conversations[A].messages[2] = Message(2, 1, "assistant", "Becau")
    assert "the message 2" in lost(shown, there)
    there = copy.deepcopy(found)
    there.conversations[A].messages[3] = Message(3, 1, "user", "And then?")
    assert "the message 3" in lost(shown, there)
    del there.conversations[A]
    assert "is gone" in lost(shown, there)


def test_a_message_in_another_branch_is_seen(shown: Shown, found: Found) -> None:
    found.conversations[A].path = [1, 5]
    assert "shown were [1, 2, 3]" in lost(shown, found)


def test_more_than_two_seconds_of_an_answer_are_seen(shown: Shown, found: Found) -> None:
    answer(found, "One. ")
    verdict = judge(shown, found, KILLED)
    assert verdict.seconds == 2.5
    assert "shown up to 2.50 s before" in verdict.lost[0]
    # AND an answer of which nothing is there
    del found.conversations[A].messages[4]
    found.conversations[A].path.pop()
    assert "shown up to 5.00 s before" in lost(shown, found)


def test_an_answer_that_is_not_marked_or_is_another_one_is_seen(shown: Shown, found: Found) -> None:
    answer(found, "One. Two. ", "complete")
    assert "marked complete" in lost(shown, found)
    answer(found, "One. Too. ")
    assert "has become" in lost(shown, found)
    answer(found, "One. Two. ")
    found.conversations[A].messages[5] = replace(found.conversations[A].messages[4], id=5)
    assert "2 times" in lost(shown, found)


def test_what_a_deletion_has_ended_must_be_there_to_its_end(shown: Shown, found: Found) -> None:
    tell(shown, "does", action="delete", conversations=[A])
    see(shown, list=[], deleted=[A, B], current=None, drafts={"": "half a question"})
    found.conversations[A].deleted = True
    answer(found, "One. Two. Three. Four. ", "stopped")
    assert lost(shown, found) == ""
    answer(found, "One. Two. Three. ", "stopped")
    assert "of an answer 6 letters are gone" in lost(shown, found)


def test_a_deleted_conversation_that_is_back_is_seen(shown: Shown, found: Found) -> None:
    found.conversations[B].deleted = False
    assert "in the list again" in lost(shown, found)
    # AND one that was deleted for good, once its end was shown
    found.conversations[B].deleted = True
    tell(shown, "does", action="erase", conversations=[B])
    assert lost(shown, found) == ""
    see(shown, 90.0, deleted=[], drafts={"": "half a question"})
    assert "came from nowhere" in lost(shown, found)


def test_what_was_just_asked_for_may_have_happened_or_not(shown: Shown, found: Found) -> None:
    tell(shown, "does", action="delete", conversations=[A])
    before = copy.deepcopy(found)
    found.conversations[A].deleted = True
    assert (lost(shown, found), lost(shown, before)) == ("", "")
    # BUT it is no excuse for anything else
    found.conversations[B].deleted = False
    assert "in the list again" in lost(shown, found)


def test_what_nobody_wrote_is_seen(shown: Shown, found: Found) -> None:
    found.conversations[NEW] = Conversation("New", messages={9: Message(9, None, "user", "What?")}, path=[9])
    assert "came from nowhere" in lost(shown, found)
    tell(shown, "does", action="send", conversations=[], text="What? ")
    assert lost(shown, found) == ""
    found.conversations[A].messages[5] = Message(5, 4, "user", "Who was that?")
    assert "the message 'Who was that?' came from nowhere" in lost(shown, found)


def test_a_conversation_whose_days_are_over_must_go(shown: Shown, found: Found) -> None:
    shown.aging.add(B)
    assert "its days were over" in lost(shown, found)
    del found.conversations[B]
    assert lost(shown, found) == ""


def test_drafts_and_settings_and_words_at_the_start_are_seen(shown: Shown, found: Found) -> None:
    assert "the draft" in lost(shown, replace(found, drafts={}))
    other = replace(found, settings={"font_size": 12, "model": "parrot"})
    assert "font_size" in lost(shown, other)
    tell(shown, "does", action="zoom", setting="font_size")
    assert lost(shown, other) == ""
    tell(shown, "ready", problems=["The file of the conversations was damaged."])
    assert "damaged" in lost(shown, other)


def test_an_import_is_there_once_and_whole(shown: Shown, found: Found) -> None:
    tell(shown, "does", action="import", file="f", messages={"imp-1": 2, "imp-2": 1})
    assert lost(shown, found) == "", "it may have brought nothing yet"
    one = {5: Message(5, None, "user", "imp-1"), 6: Message(6, 5, "assistant", "Meow.")}
    found.conversations[NEW] = Conversation("imp-1", messages=one, path=[5, 6])
    assert lost(shown, found) == "", "or one of two"
    tell(shown, "imported", file="f")
    assert "gone: 'imp-2'" in lost(shown, found)
    found.conversations["d"] = copy.deepcopy(found.conversations[NEW])
    assert "imported 2 times: 'imp-1'" in lost(shown, found)
    del found.conversations["d"], found.conversations[NEW].messages[6]
    assert "in part" in lost(shown, found)


def test_a_damaged_database_and_an_index_that_lies_are_seen(tmp_path: Path) -> None:
    paths = resolve_paths(tmp_path / "data")
    paths.create()
    with closing(History(paths.history_file)) as history:
        one = history.create("Cats").id
        history.add_user_message(one, "Why do they sleep?")
        history.add_answer(one, "So.", thinking="", state=MessageState.COMPLETE, model="", stats=None)
    assert check_files(paths, tmp_path) == []
    assert [each.title for each in find(paths).conversations.values()] == ["Cats"]
    with closing(sqlite3.connect(paths.history_file)) as database:
        database.execute("DROP TRIGGER message_index_insert")
        database.execute("UPDATE messages SET text = 'changed behind its back' WHERE id = 1")
        database.commit()
    assert check_files(paths, tmp_path) != []
    paths.history_file.write_bytes(paths.history_file.read_bytes()[:5000])
    assert check_files(paths, tmp_path) != []


def test_what_is_left_behind_is_seen(tmp_path: Path) -> None:
    paths = resolve_paths(tmp_path / "data")
    paths.create()
    (paths.data / "history.sqlite3-wal").touch()
    assert leftovers(paths) == []
    for name in (".settings.json-1-0123abcd.tmp", "history.v1.sqlite3.part", "history.damaged-1.sqlite3", "a.answer"):
        (paths.data / name).touch()
    assert len(leftovers(paths)) == 4


@pytest.mark.skipif(sys.platform != "linux", reason="LD_PRELOAD")
def test_a_process_dies_at_the_change_it_is_told(tmp_path: Path) -> None:
    library = compile_library(tmp_path)
    code = (
        "import os, sys\nfrom tests.torture.kills import dying\ndying.arm(sys.argv[1], 2, 1)\n"
        "for name in ('other', 'it'):\n"
        "    with open(os.path.join(sys.argv[2], name), 'wb', buffering=0) as stream:\n"
        "        stream.write(b'x' * 10_000)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "it"), str(tmp_path)],
        env={"LD_PRELOAD": str(library), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    assert b'"dies"' in done.stdout
    assert (tmp_path / "other").stat().st_size == 10_000
    assert (tmp_path / "it").stat().st_size == 8192, "half of a large write, at a page's border"


def test_the_plans_are_as_many_as_they_say() -> None:
    for is_short in (False, True):
        lives = draw_lives(random.Random(1), is_short=is_short)
        rows = [row for life in lives for row in life]
        assert {row: rows.count(row) for row in ROWS} == {row: both[is_short] for row, both in ROWS.items()}
        assert len(rows) == (25 if is_short else 300)
    assert draw("use", random.Random(1), "") == draw("use", random.Random(1), "")
