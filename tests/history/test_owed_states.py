"""States of the engine that hold deleted words go at the next start, whatever became of the engine."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.history.choices import AttachedDocument, ConversationChoices
from desktop.history.store import History


def erased_at_the_start(file: Path) -> list[str]:
    """Returns whose states a start erases."""
    erased: list[str] = []
    with closing(History(file)) as history:
        history.purge_deleted(30.0)
        history.erase_states(erased.append)
    return erased


def test_they_go_with_a_conversation_a_message_and_a_document(file: Path) -> None:
    with closing(History(file)) as history:
        keys = [history.create(str(number)).id for number in range(4)]
        messages = [history.add_user_message(key, "Hi").id for key in keys]
        history.delete_for_good(keys[0])
        history.remove_message(messages[1])
        history.set_choices(keys[2], ConversationChoices(temperature=0.5))
        history.set_choices(keys[3], ConversationChoices(document=AttachedDocument("d", "name")))
    assert set(erased_at_the_start(file)) == {keys[0], keys[1], keys[3]}
    # THEN they are gone, and nothing is left to do
    assert erased_at_the_start(file) == []


def test_what_cannot_be_erased_is_erased_at_the_next_start(file: Path) -> None:
    with closing(History(file)) as history:
        key = history.create("gone").id
        history.delete_for_good(key)

        def killed(_key: str) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            history.erase_states(killed)
    assert erased_at_the_start(file) == [key]


def test_a_removal_that_fails_owes_nothing(file: Path) -> None:
    with closing(History(file)) as history:
        key = history.create("stays").id
        history._connection.execute("PRAGMA query_only = 1")
        with pytest.raises(UserFacingError):
            history.delete_for_good(key)
    assert erased_at_the_start(file) == []
