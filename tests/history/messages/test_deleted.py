"""Messages that are deleted alone: what goes with them, what stays, and how they come back or go for good."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.history.records import Conversation, StoredMessage
from desktop.history.rescue.backups import backups
from desktop.history.store import History
from tests.history.conftest import Clock, answer, turn, words_in
from tests.support.patience import PATIENCE_S

DAY = 86_400.0


class Chat:
    """A conversation of three exchanges."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.conversation: Conversation = history.create("Sums")
        self.turns = [self._turn(number) for number in "123"]

    def _turn(self, number: str) -> tuple[StoredMessage, StoredMessage]:
        question = self.history.add_user_message(self.conversation.id, f"Q{number}")
        return question, answer(self.history, self.conversation, f"A{number}")

    def texts(self) -> list[str]:
        return [one.text for one in self.history.transcript(self.conversation.id).messages]

    def delete(self, message: StoredMessage) -> tuple[int, ...]:
        return self.history.delete_message(self.conversation.id, message.id)

    def restore(self, messages: tuple[int, ...]) -> None:
        self.history.restore_messages(self.conversation.id, messages)


@pytest.fixture
def chat(history: History) -> Chat:
    return Chat(history)


def test_a_question_takes_its_answers_along_and_an_answer_goes_alone(chat: Chat) -> None:
    (question, first), (_second, alone), _third = chat.turns
    gone = chat.delete(question)
    assert gone == (question.id, first.id)
    assert chat.texts() == ["Q2", "A2", "Q3", "A3"]
    assert chat.delete(alone) == (alone.id,)
    assert chat.texts() == ["Q2", "Q3", "A3"]
    chat.restore(gone)
    assert chat.texts() == ["Q1", "A1", "Q2", "Q3", "A3"]
    with pytest.raises(UserFacingError, match="no longer there"):
        chat.delete(alone)


@pytest.mark.parametrize("place", range(3))
def test_what_comes_after_stays_wherever_it_was_deleted_and_after_a_restart(chat: Chat, file: Path, place: int) -> None:
    before = chat.texts()
    gone = chat.delete(chat.turns[place][0])
    left = [text for text in before if not text.endswith(str(place + 1))]
    assert chat.texts() == left
    chat.history.close()
    again = chat.history = History(file, Clock())
    assert chat.texts() == left
    (listed,) = again.deleted_messages()
    assert (listed.conversation.id, listed.messages, listed.text) == (chat.conversation.id, gone, f"Q{place + 1}")
    chat.restore(listed.messages)
    assert chat.texts() == before
    assert again.deleted_messages() == ()
    again.close()


def test_what_is_said_after_the_last_answer_was_deleted_comes_after_it_when_it_is_back(chat: Chat) -> None:
    gone = chat.delete(chat.turns[2][1])
    following = chat.history.add_user_message(chat.conversation.id, "Q4")
    assert (following.version, following.versions) == (1, 1)
    assert chat.texts() == ["Q1", "A1", "Q2", "A2", "Q3", "Q4"]
    chat.restore(gone)
    assert chat.texts() == ["Q1", "A1", "Q2", "A2", "Q3", "A3", "Q4"]


def test_an_answer_that_is_given_instead_of_a_deleted_one_is_a_version_of_it(chat: Chat) -> None:
    question, old = chat.turns[2]
    gone = chat.delete(old)
    new = chat.history.add_answer(
        chat.conversation.id, "New", thinking="", state=old.state, model="", stats=None, parent=question.id
    )
    assert (new.version, new.versions) == (1, 1)
    chat.restore(gone)
    (shown,) = (one for one in chat.history.transcript(chat.conversation.id).messages if one.text == "New")
    assert (shown.version, shown.versions) == (2, 2)


def test_of_several_versions_another_is_shown_where_nothing_follows(chat: Chat) -> None:
    question, old = chat.turns[2]
    new = chat.history.add_answer(
        chat.conversation.id, "New", thinking="", state=old.state, model="", stats=None, parent=question.id
    )
    chat.delete(new)
    assert chat.texts()[-1] == "A3"
    chat.delete(old)
    assert chat.texts()[-1] == "Q3"
    with pytest.raises(UserFacingError, match="no longer there"):
        chat.history.show_version(chat.conversation.id, old.id)


def test_the_cut_stays_between_the_same_messages(chat: Chat) -> None:
    identity = chat.conversation.id

    def cut() -> int:
        return chat.history.conversation(identity).cut

    chat.history.set_cut(identity, 4)
    gone = chat.delete(chat.turns[0][0])  # which the model does not read any more
    assert cut() == 2
    chat.restore(gone)
    assert cut() == 4
    chat.delete(chat.turns[2][1])  # which it reads
    assert cut() == 4
    # WHEN two questions stand at the cut, which the model is told as one
    chat.delete(chat.turns[1][1])
    assert cut() == 0


def test_it_is_not_found_and_not_exported(chat: Chat) -> None:
    chat.delete(chat.turns[1][0])
    assert [hit.excerpt for hit in chat.history.search("A2")] == []
    assert len(chat.history.search("A1")) == 1
    stored = chat.history.stored_tree(chat.conversation.id)
    assert stored is not None
    assert [message.text for message in stored.messages()] == ["Q1", "A1", "Q3", "A3"]


def test_a_conversation_that_is_deleted_keeps_its_deleted_messages_to_itself(chat: Chat) -> None:
    gone = chat.delete(chat.turns[0][0])
    chat.history.delete(chat.conversation.id)
    assert chat.history.deleted_messages() == ()
    chat.history.restore(chat.conversation.id)
    assert chat.history.deleted_messages()[0].messages == gone


def test_after_their_days_they_go_for_good_out_of_file_index_and_copies(file: Path) -> None:
    now = [1_700_000_000.0]
    history = History(file, lambda: now[0])
    kept, conversation = history.create("kept"), history.create("both")
    turn(history, kept, "Wombats dig.")
    secret = history.add_user_message(conversation.id, "Xylophone zqj Quokka")
    answer(history, conversation, "Xylophone it is.")
    history.add_user_message(conversation.id, "And now?")
    history.back_up()
    assert history.wait_done(PATIENCE_S)
    history.delete_message(conversation.id, secret.id)
    now[0] += 29 * DAY
    assert history.purge_deleted_messages(30 * DAY) == ()
    # WHEN a clock that is years ahead is believed by nobody, and the last day passes
    now[0] += 3650 * DAY
    assert history.purge_deleted_messages(30 * DAY) == ()
    now[0] += 2 * DAY
    assert history.purge_deleted_messages(30 * DAY) == (conversation.id,)
    assert history.wait_done(PATIENCE_S)
    assert history.deleted_messages() == ()
    assert [one.text for one in history.transcript(conversation.id).messages] == ["And now?"]
    assert words_in(file, "Xylophone", "zqj", "Quokka") == []
    (copy,) = backups(file)
    content = copy.read_bytes()
    assert b"Xylophone" not in content
    assert b"And now?" in content
    assert b"Wombats" in content
    history.close()


def test_for_good_one_by_one_in_any_order(chat: Chat) -> None:
    gone = chat.delete(chat.turns[1][0])
    chat.history.remove_messages(chat.conversation.id, gone)
    assert chat.texts() == ["Q1", "A1", "Q3", "A3"]
    chat.restore(gone)  # too late
    chat.history.remove_messages(chat.conversation.id, gone)
    assert chat.texts() == ["Q1", "A1", "Q3", "A3"]
    everything = [one.id for one in chat.history.tree(chat.conversation.id).messages]
    chat.history.remove_messages(chat.conversation.id, everything)
    assert chat.texts() == []
    chat.history.add_user_message(chat.conversation.id, "Anew")
    assert chat.texts() == ["Anew"]
