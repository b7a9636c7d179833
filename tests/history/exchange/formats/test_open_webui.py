"""What Open WebUI exports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from desktop.history.exchange.formats import open_webui
from desktop.history.exchange.records import EmptyConversationError, ExchangedConversation
from desktop.history.records import MessageState

NOW = 1_800_000_000.0
EXAMPLE = json.loads((Path(__file__).parents[1] / "examples" / "open-webui.json").read_text(encoding="utf-8"))


def read(value: dict[str, Any]) -> ExchangedConversation:
    assert open_webui.is_conversation(value)
    return open_webui.read_conversation(value, NOW)


def answer(**fields: Any) -> dict[str, Any]:
    """Returns a chat with a question and an answer of these fields."""
    messages = {
        "q": {"id": "q", "parentId": None, "childrenIds": ["a"], "role": "user", "content": "Q"},
        "a": {"id": "a", "parentId": "q", "childrenIds": [], "role": "assistant", **fields},
    }
    return {"id": "c", "title": "T", "chat": {"history": {"messages": messages, "currentId": "a"}}}


def test_a_chat_with_versions_thoughts_files_and_an_error() -> None:
    conversation = read(EXAMPLE[0])
    question, first, second, thanks, failed = conversation.messages
    assert (conversation.title, conversation.origin) == ("Haiku", "open-webui:22222222-aaaa-4bbb-8ccc-000000000001")
    assert (first.shown, second.shown) == (False, True)
    assert {first.parent, second.parent} == {question.key}
    assert second.text.startswith("Warm sun on the sill,\n")
    assert second.thinking == "Five, seven, five.\nIs <sun> one syllable?"
    assert (second.model, second.created) == ("Example 1B", 1731000010.0)
    assert thanks.text == "[sill.txt]\n\nThanks!"
    assert (failed.state, failed.text) == (MessageState.FAILED, "")
    assert conversation.aside["pinned"] is True
    assert (conversation.pinned, conversation.archived) == (conversation.updated, None)
    assert conversation.aside["chat"] == {
        "models": ["example:1b"],
        "params": {"temperature": 0.7},
        "tags": ["poems"],
    }


def test_a_chat_from_before_there_were_trees() -> None:
    conversation = read(EXAMPLE[1])
    assert [(message.text, message.parent) for message in conversation.messages] == [
        ("Hi", None),
        ("Hi.", "message-1"),
    ]
    assert conversation.created == 1_690_000_000.0


def test_the_chat_itself_without_what_lies_around_it() -> None:
    assert read(EXAMPLE[0]["chat"]).messages == read(EXAMPLE[0]).messages


@pytest.mark.parametrize(
    ("content", "text", "thinking"),
    [
        ('<details type="reasoning" done="true">\n<summary>S</summary>\n> a\n> b\n</details>\nc', "c", "a\nb"),
        ('x <details type="reasoning"><summary>S</summary>t</details> y', "x\n\ny", "t"),
        ('<details type="tool_calls" done="true" name="n"><summary>S</summary>r</details>z', "z", "r"),
        ('<details type="reasoning">never closed', '<details type="reasoning">never closed', ""),
        ("<details><summary>mine</summary>stays</details>", "<details><summary>mine</summary>stays</details>", ""),
        ([{"type": "text", "text": "a"}, {"type": "image_url"}], "a\n[Image]", ""),
    ],
)
def test_thoughts_are_taken_out_of_the_text(content: Any, text: str, thinking: str) -> None:
    message = read(answer(content=content)).messages[1]
    assert (message.text, message.thinking) == (text, thinking)


def test_an_answer_that_is_stored_as_items() -> None:
    items = [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {"type": "message", "content": [{"type": "output_text", "text": "A"}]},
    ]
    message = read(answer(content="", output=items)).messages[1]
    assert (message.text, message.thinking) == ("A", "Hm.")


def test_an_unfinished_answer_is_interrupted() -> None:
    assert read(answer(content="A", done=False)).messages[1].state is MessageState.INTERRUPTED


def test_100_000_openings_that_never_close_take_no_time() -> None:
    content = '<details type="reasoning">' * 100_000
    assert read(answer(content=content)).messages[1].text == content


def test_a_system_message_between_others_is_no_hole() -> None:
    messages = {
        "s": {"id": "s", "parentId": None, "childrenIds": ["q"], "role": "system", "content": "Be brief."},
        "q": {"id": "q", "parentId": "s", "childrenIds": [], "role": "user", "content": "Q"},
    }
    conversation = read({"history": {"messages": messages, "currentId": "q"}})
    assert [(message.text, message.parent) for message in conversation.messages] == [("Q", None)]
    assert "Be brief." in json.dumps(conversation.aside)


@pytest.mark.parametrize("messages", [{}, {"a": None}, {"a": {"role": "user", "content": 7}}, {"a": {"role": []}}])
def test_a_chat_without_a_word_is_empty(messages: dict[str, Any]) -> None:
    with pytest.raises(EmptyConversationError):
        read({"chat": {"history": {"messages": messages}}})


def test_times_in_seconds_milliseconds_and_nanoseconds() -> None:
    for stamp in (1731000002, 1731000002000, 1731000002000000000):
        assert read(answer(content="A", timestamp=stamp)).messages[1].created == pytest.approx(1731000002)
