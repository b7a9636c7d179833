"""All of a history, out as JSON and into an empty one: whatever a person sees of it is there again."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop.engine.types import Stats
from desktop.history.choices import AttachedDocument, ConversationChoices, PreferredLanguage
from desktop.history.exchange import taking_in
from desktop.history.exchange.importing import import_file
from desktop.history.records import CALCULATED, Conversation, MessageState, StoredMessage
from desktop.history.sources import Source, Support
from desktop.history.store import History
from tests.history.conftest import NOW, Clock, exported

DOCUMENT = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def clock() -> Clock:
    return Clock(round(NOW))


def talk(history: History, question: str, answer: str, conversation: str | None = None, **details: Any) -> str:
    conversation = conversation or history.create(question).id
    history.add_user_message(conversation, question)
    given: dict[str, Any] = {
        "thinking": "",
        "state": MessageState.COMPLETE,
        "model": "tiny",
        "stats": Stats(),
        **details,
    }
    history.add_answer(conversation, answer, **given)
    return conversation


def everything(history: History) -> list[tuple[Conversation, list[tuple[object, ...]]]]:
    """Returns what is seen of all conversations, in their order; ids are those of the places in them."""
    found = []
    for conversation in history.conversations():
        tree = history.tree(conversation.id)
        places = {message.id: place for place, message in enumerate(tree.messages)}
        messages = [
            (*_seen(message), places.get(message.parent or 0), tree.shown.get(message.parent) == message.id)
            for message in tree.messages
            if message.deleted is None
        ]
        choices = conversation.choices
        if choices.document is not None:  # since when: as a place, too
            since = [place for message, place in places.items() if message <= choices.document.since]
            choices = replace(choices, document=replace(choices.document, since=len(since)))
        found.append((replace(conversation, id="", choices=choices), messages))
    return found


def _seen(message: StoredMessage) -> tuple[object, ...]:
    kept = replace(message, id=0, conversation_id="", parent=None)
    return (kept,)


def filled(history: History) -> str:
    """Fills a history with one of everything; returns the conversation about a document."""
    talk(history, "Something that takes numbers", "1")
    pinned = talk(history, "Pinned 灯塔", "Yes.\n\n```python\nprint(1)\n```")
    history.set_pinned(pinned, NOW + 5)
    archived = talk(history, "Archived", "Yes.")
    history.set_archived(archived, NOW + 6)
    history.set_folder(talk(history, "In a folder", "Yes."), "Work / Äpfel")
    chosen = talk(history, "Chosen for", "Ahoy", thinking="hm", stats=Stats(generated_tokens=7, generate_s=1.5))
    others = {"tools": ["of a later Catnap"]}
    history.set_choices(chosen, ConversationChoices("own-1", "model.gguf", 0.3, None, "a library", others=others))
    talk(history, "2 + 2", "4", model=CALCULATED, stats=None)
    versions = talk(history, "Versions", "First", state=MessageState.STOPPED)
    question, answer = history.transcript(versions).messages
    history.add_answer(
        versions, "Second", thinking="", state=MessageState.INTERRUPTED, model="b", stats=None, parent=question.id
    )
    history.add_user_message(versions, "Versions, edited", instead_of=question.id)
    history.show_version(versions, answer.id)
    history.set_rating(answer.id, -1)
    history.set_cut(versions, 1)
    about = talk(history, "Before the document", "Yes.")
    since = history.transcript(about).messages[-1].id
    history.set_choices(about, ConversationChoices(document=AttachedDocument(DOCUMENT, "1-3,7", since)))
    support = Support((Source(DOCUMENT, 2, 3, 40),), ("1874",))
    talk(history, "What does it say?", "It was built in 1874.", about, support=support)
    history.set_rating(history.transcript(about).messages[-1].id, 1)
    return about


def test_all_that_is_seen_comes_over(history: History, tmp_path: Path) -> None:
    about = filled(history)
    (tmp_path / "empty").mkdir()
    other = History(tmp_path / "empty" / "history.sqlite3")
    report = import_file(other, io.BytesIO(exported(history)), NOW)
    assert (report.added, report.skipped, report.damaged) == (8, 0, False)
    assert everything(other) == everything(history)
    # AND what a question about the document is told begins where it did, though the messages have other numbers
    (copy,) = [one for one in other.conversations() if one.title == "Before the document"]
    messages = other.transcript(copy.id).messages
    assert copy.choices.document is not None
    assert [one.id <= copy.choices.document.since for one in messages] == [True, True, False, False]
    # AND the same goes out again, but for numbers and ids
    assert everything_exported(exported(other)) == everything_exported(exported(history))
    # AND taken in once more nothing changes
    assert import_file(other, io.BytesIO(exported(history)), NOW).known == 8
    assert import_file(history, io.BytesIO(exported(other)), NOW).known == 8
    assert history.conversation(about).choices.document is not None
    other.close()


def test_a_long_one_about_a_document_comes_over_in_parts(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking_in, "_AT_ONCE", 2)
    talk(history, "Something that takes numbers", "1")
    long = talk(history, "One", "1")
    talk(history, "Two", "2", long)
    since = history.transcript(long).messages[2].id
    history.set_choices(long, ConversationChoices(document=AttachedDocument(DOCUMENT, "", since)))
    talk(history, "Three", "3", long)
    (tmp_path / "empty").mkdir()
    other = History(tmp_path / "empty" / "history.sqlite3")
    import_file(other, io.BytesIO(exported(history)), NOW)
    assert everything(other) == everything(history)
    other.close()


@pytest.mark.parametrize("first", [0, 1, 2, 3])
def test_since_when_a_language_is_preferred_is_brought_over(history: History, tmp_path: Path, first: int) -> None:
    talk(history, "Something that takes numbers", "1")
    one = talk(history, "One", "1")
    talk(history, "Two", "2", one)
    ids = [message.id for message in history.transcript(one).messages]
    history.set_choices(one, ConversationChoices(language=PreferredLanguage("zh", ids[first])))
    (tmp_path / "empty").mkdir()
    other = History(tmp_path / "empty" / "history.sqlite3")
    import_file(other, io.BytesIO(exported(history)), NOW)
    copy = other.transcript(next(each.id for each in other.conversations() if each.title == "One"))
    language = copy.conversation.choices.language
    assert language is not None
    assert language.code == "zh"
    assert [message.id >= language.since for message in copy.messages] == [at >= first for at in range(4)]
    other.close()


@pytest.mark.parametrize("since", [0, -1, 10**30, "7", None, True])
def test_since_when_it_is_about_a_document_may_be_anything(history: History, since: object) -> None:
    choices = {"document": {"id": DOCUMENT, "parts": "", "since": since}}
    messages = [{"id": 7, "parent": None, "role": "user", "text": "Hello"}]
    conversation = {"id": "x", "title": "T", "messages": messages, "choices": choices}
    import_file(history, io.BytesIO(_file(conversation)), NOW)
    (one,) = history.conversations()
    assert one.choices.document == AttachedDocument(DOCUMENT, "", 0)


def _file(conversation: dict[str, Any]) -> bytes:
    import json

    return json.dumps({"format": "catnap-conversations", "version": 1, "conversations": [conversation]}).encode()


def everything_exported(content: bytes) -> list[dict[str, Any]]:
    import json

    found = []
    for conversation in json.loads(content)["conversations"]:
        places = {message["id"]: place for place, message in enumerate(conversation["messages"])}
        for message in conversation["messages"]:
            message["id"], message["parent"] = places[message["id"]], places.get(message["parent"])
        if document := conversation.get("choices", {}).get("document"):
            document["since"] = sum(number <= document["since"] for number in places)
        found.append({**conversation, "id": ""})
    return found
