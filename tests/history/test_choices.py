"""What is chosen for one conversation: kept, and never believed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from desktop.common.errors import UserFacingError
from desktop.history.choices import (
    AttachedDocument,
    ConversationChoices,
    PreferredLanguage,
    choices_text,
    read_choices,
)
from desktop.history.store import History


@pytest.fixture
def clock() -> Callable[[], float]:
    return lambda: 1_800_000_000.0


@pytest.mark.parametrize(
    "choices",
    [
        ConversationChoices(),
        ConversationChoices(persona="teacher"),
        ConversationChoices(model="Qwen2.5-1.5B Q4_K_M.gguf", temperature=0.0),
        ConversationChoices(document=AttachedDocument("d1", "1-3, 7", 12), library="l1"),
        ConversationChoices(language=PreferredLanguage("zh", 12)),
        ConversationChoices(model="模型.gguf", others={"voice": {"speed": 2}, "of": [1, None]}),
    ],
)
def test_what_is_chosen_comes_back(choices: ConversationChoices) -> None:
    assert read_choices(choices_text(choices)) == choices


def test_no_choice_leaves_nothing_in_the_file() -> None:
    assert choices_text(ConversationChoices()) is None


@pytest.mark.parametrize(
    "stored",
    [
        *(None, "", "{", "[1]", "null", "7", b"\xff", 7, "[" * 100_000, '{"model": "' + "m" * 20_000 + '"}'),
        '{"persona": 5, "model": ["a"], "temperature": "hot"}',
        '{"persona": "", "model": "", "temperature": true}',
        '{"temperature": -0.1}',
        *('{"language": "zh"}', '{"language": {"code": 5}}', '{"language": []}'),
        '{"temperature": 2.1}',
        '{"temperature": 1e999}',
        '{"temperature": NaN}',
        '{"model": "a", "model": "b"}',
    ],
)
def test_what_cannot_be_used_is_not_chosen(stored: object) -> None:
    assert read_choices(stored) == ConversationChoices()


def test_one_bad_choice_costs_no_other_and_what_another_version_chose_is_kept() -> None:
    choices = read_choices('{"model": "q.gguf", "temperature": [], "voice": "loud"}')
    assert choices == ConversationChoices(model="q.gguf", others={"voice": "loud"})
    assert '"voice": "loud"' in (choices_text(choices) or "")


def test_a_conversation_is_pinned_archived_moved_and_given_choices(history: History) -> None:
    # GIVEN two conversations
    one, other = history.create("one"), history.create("other")
    choices = ConversationChoices(temperature=0.3)
    # WHEN one is arranged
    history.set_pinned(one.id, 5.0)
    history.set_archived(one.id, 6.0)
    history.set_folder(one.id, "  Work\n\u202eand  home ")
    history.set_choices(one.id, choices)
    # THEN it says so, its place in time is what it was, and the other one is as before
    arranged = history.conversation(one.id)
    assert (arranged.pinned, arranged.archived, arranged.folder) == (5.0, 6.0, "Work and home")
    assert (arranged.choices, arranged.updated) == (choices, one.updated)
    assert {each.id: each for each in history.conversations()} == {one.id: arranged, other.id: other}
    # AND all of it can be taken back
    history.set_pinned(one.id, None)
    history.set_archived(one.id, None)
    history.set_folder(one.id, "")
    history.set_choices(one.id, ConversationChoices())
    assert history.conversation(one.id) == one


def test_of_a_conversation_that_is_gone_nothing_can_be_said(history: History) -> None:
    with pytest.raises(UserFacingError, match="no longer there"):
        history.set_pinned("gone", 5.0)


def test_values_that_no_catnap_has_written_keep_no_conversation_closed(history: History) -> None:
    one = history.create("one")
    history._connection.execute("UPDATE conversations SET pinned = 'x', archived = 9e999, folder = 5, choices = x'ff'")
    found = history.conversation(one.id)
    assert (found.pinned, found.archived, found.folder, found.choices) == (None, None, "5", ConversationChoices())


def test_of_what_is_removed_for_good_no_folder_stays(history: History) -> None:
    one = history.create("one")
    history.set_folder(one.id, "Xylophone")
    history.set_choices(one.id, ConversationChoices(model="zqjzqj.gguf"))
    history.delete_for_good(one.id)
    with closing(sqlite3.connect(history.file)) as connection:
        left = connection.execute("SELECT folder, choices FROM conversations").fetchall()
    assert left in ([], [("", None)])


def test_a_message_that_was_deleted_is_not_found(history: History) -> None:
    one = history.create("one")
    history.add_user_message(one.id, "Wombats dig")
    assert len(history.search("Wombats")) == 1
    history._connection.execute("UPDATE messages SET deleted = 5")
    assert history.search("Wombats") == ()
