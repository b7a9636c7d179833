"""What ChatGPT exports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from desktop.engine.types import Role
from desktop.history.exchange.formats import chatgpt
from desktop.history.exchange.records import EmptyConversationError, ExchangedConversation
from desktop.history.records import MessageState

NOW = 1_800_000_000.0
EXAMPLE = json.loads((Path(__file__).parents[1] / "examples" / "chatgpt.json").read_text(encoding="utf-8"))


def read(value: dict[str, Any]) -> ExchangedConversation:
    assert chatgpt.is_conversation(value)
    return chatgpt.read_conversation(value, NOW)


def said(role: str, text: Any = "", **fields: Any) -> dict[str, Any]:
    content = text if isinstance(text, dict) else {"content_type": "text", "parts": [text]}
    return {"author": {"role": role}, "content": content, **fields}


def chain(*messages: dict[str, Any] | None) -> dict[str, Any]:
    """Returns a conversation in which each message follows the one before."""
    mapping = {
        str(number): {"message": message, "parent": str(number - 1) if number else None}
        for number, message in enumerate(messages)
    }
    return {"id": "c", "mapping": mapping}


def texts(conversation: ExchangedConversation) -> list[tuple[str, str, str]]:
    return [(message.role.value, message.text, message.thinking) for message in conversation.messages]


def test_a_conversation_with_everything_in_it() -> None:
    # GIVEN thoughts, a tool, a regenerated answer, a picture, hidden instructions
    conversation = read(EXAMPLE[0])
    # THEN each turn is one message
    question, first, second, picture, last = conversation.messages
    assert (conversation.title, conversation.origin) == (
        "Weight of a cat",
        "chatgpt:11111111-aaaa-4bbb-8ccc-000000000001",
    )
    assert (question.text, question.created) == ("How heavy is a cat?\nIn kilograms, please.", 1730000000.5)
    assert (first.text, first.thinking, first.shown) == (
        "About 4 kg.",
        "**Recalling weights**\nA house cat weighs 3 to 5 kg.",
        False,
    )
    assert second.text.strip() == "Between **3 and 5 kg**, so 4 kg on average."
    assert second.thinking.split("\n\n") == [
        "Thought for 3s",
        "python:\n```python\nprint((3 + 5) / 2)\n```",
        "```\n4.0\n```",
    ]
    assert (second.parent, second.shown, second.model) == (question.key, True, "gpt-example-thinking")
    assert picture.text == "[mimi.png]\n\n[Image]\nAnd this one?"
    assert (last.state, last.parent) == (MessageState.STOPPED, picture.key)
    # AND what has no place is kept aside, the hidden instructions too
    assert conversation.aside["safe_urls"] == ["https://example.org/cats"]
    assert "Be brief." in json.dumps(conversation.aside["messages"])


def test_missing_times_title_and_current_node() -> None:
    conversation = read(EXAMPLE[1])
    assert texts(conversation) == [("user", "猫为什么打呼噜？", ""), ("assistant", "通常是因为它们很舒服。", "")]
    assert {message.created for message in conversation.messages} == {1_700_000_000.0}


def test_a_conversation_without_a_word_is_empty() -> None:
    with pytest.raises(EmptyConversationError):
        read(EXAMPLE[2])


def test_pieces_of_one_answer_become_one_message() -> None:
    conversation = read(chain(said("user", "Q"), said("assistant", "one"), said("assistant", "two"), said("user", "R")))
    assert texts(conversation) == [("user", "Q", ""), ("assistant", "one\n\ntwo", ""), ("user", "R", "")]


def test_an_answer_that_came_no_further_than_its_thoughts_is_kept() -> None:
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "", "content": "Hm."}]}
    conversation = read(chain(said("user", "Q"), said("assistant", thoughts)))
    assert texts(conversation)[1] == ("assistant", "", "Hm.")


def test_branches_within_one_answer_become_versions_of_it() -> None:
    mapping = {
        "q": {"message": said("user", "Q"), "parent": None, "children": ["t"]},
        "t": {"message": said("assistant", {"content_type": "thoughts", "parts": ["Hm."]}), "parent": "q"},
        "a": {"message": said("assistant", "one"), "parent": "t"},
        "b": {"message": said("assistant", "two"), "parent": "t"},
    }
    conversation = read({"mapping": mapping, "current_node": "a"})
    assert [(one.text, one.thinking, one.parent, one.shown) for one in conversation.messages[1:]] == [
        ("one", "Hm.", "q", True),
        ("two", "Hm.", "q", False),
    ]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"content_type": "text", "parts": ["a", "", None, "b"]}, "a\nb"),
        ({"content_type": "text", "text": "a"}, "a"),
        ({"content_type": "code", "language": "unknown", "text": "x = 1"}, "```\nx = 1\n```"),
        ({"content_type": "code", "language": "md", "text": "```\nx\n```"}, "````md\n```\nx\n```\n````"),
        ({"content_type": "multimodal_text", "parts": [{"content_type": "audio_asset_pointer"}, "a"]}, "[Audio]\na"),
        ({"content_type": "multimodal_text", "parts": [{"content_type": "audio_transcription", "text": "a"}]}, "a"),
        ({"content_type": "nobody_knows", "parts": [{"content_type": "hologram"}]}, "[hologram]"),
        ({"content_type": "tether_quote", "title": "Cats", "text": "They nap."}, "> They nap.\n> Cats"),
        ({"content_type": "system_error", "text": "It failed."}, "It failed."),
        ({"content_type": "text", "parts": ["a \ue200cite\ue202turn0search0\ue201b"]}, "a b"),
        ({"content_type": "text", "parts": ["\ud800 lone"]}, "\ufffd lone"),
    ],
)
def test_contents(content: dict[str, Any], text: str) -> None:
    assert texts(read(chain(said("user", "Q"), said("assistant", content))))[1][1] == text


@pytest.mark.parametrize(
    "hidden",
    [
        said("user", "no", metadata={"is_visually_hidden_from_conversation": True}),
        said("user", {"content_type": "user_editable_context", "user_profile": "no"}),
        said("system", "no"),
        said("tool", "no", weight=0.0),
        said("nobody", "no"),
        said("assistant", ""),
        None,
    ],
)
def test_what_is_not_said_to_anybody_is_no_message(hidden: dict[str, Any] | None) -> None:
    conversation = read(chain(hidden, said("user", "Q"), hidden, said("assistant", "A"), hidden))
    assert [message.text for message in conversation.messages] == ["Q", "A"]
    assert [message.role for message in conversation.messages] == [Role.USER, Role.ASSISTANT]


def test_a_tree_with_circles_holes_and_strangers_is_read() -> None:
    mapping = {
        "a": {"message": said("user", "A"), "parent": "b", "children": ["b", "b", 7, None]},
        "b": {"message": said("assistant", "B"), "parent": "a", "children": "no list"},
        "c": {"message": said("user", "C"), "parent": "gone"},
        "d": None,
        "e": {"message": "no object", "parent": "e"},
    }
    conversation = read({"mapping": mapping, "current_node": ["no", "text"]})
    assert {message.text for message in conversation.messages} == {"A", "B", "C"}
