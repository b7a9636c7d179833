"""When the answer of a model that was not taught to end is over."""

from __future__ import annotations

import pytest

from desktop.engine.chat_template.fallbacks import fallback_template
from desktop.engine.chat_template.stops import TurnEnd
from desktop.engine.chat_template.template import ChatTemplate
from desktop.engine.types import Message, Role


@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize(
    ("text", "answer", "is_found"),
    [
        ("Paris.\n\nUser: And of Spain?", "Paris.", True),
        ("Paris.<|im_start|>user", "Paris.", True),
        ("The User: a guide\nUse it\nUser", "The User: a guide\nUse it\nUser", False),
        ("a < b and c <| d", "a < b and c <| d", False),
        ("\nUser: ", "", True),
    ],
)
def test_the_next_turn_ends_the_answer(size: int, text: str, answer: str, is_found: bool) -> None:
    turn = TurnEnd(("<|im_start|>", "\nUser:"))
    told = "".join(turn.feed(text[at : at + size]) for at in range(0, len(text), size)) + turn.flush()
    # What came before the line end was shown already, so white space before it stays.
    assert (told.rstrip(), turn.is_found) == (answer, is_found)


def test_without_stops_everything_passes() -> None:
    turn = TurnEnd(())
    assert turn.feed("\nUser: x") == "\nUser: x" and not turn.is_found


def test_a_vocabulary_without_turns_gets_a_conversation_in_plain_words() -> None:
    template = ChatTemplate(None, "", "</s>", "llama", knows=lambda _text: False)
    messages = (
        Message(Role.SYSTEM, "Be kind."),
        Message(Role.USER, "Hi"),
        Message(Role.ASSISTANT, "Hello"),
        Message(Role.USER, "Why?"),
    )
    assert (
        template.render(messages, thinking=False)
        == "Be kind.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: Why?\n\nAssistant:"
    )
    assert template.has_none and "\nUser:" in template.stops


def test_a_vocabulary_with_turns_keeps_the_template_of_its_family() -> None:
    assert fallback_template("qwen2", "").name == "chatml"
    assert fallback_template("gemma3", "<bos>").stops[0] == "<start_of_turn>"
    assert not ChatTemplate("{{ messages[0].content }}", "", "", "llama").stops
