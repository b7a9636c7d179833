"""From stored messages to the chat template's messages."""

from __future__ import annotations

import pytest

from desktop.chat.prompt import build_prompt, title_from
from desktop.engine.types import Message, Role
from desktop.history.records import StoredMessage


def stored(*turns: tuple[str, str]) -> list[StoredMessage]:
    roles = {"u": Role.USER, "a": Role.ASSISTANT}
    return [StoredMessage(n, "c", roles[role], text, 0.0) for n, (role, text) in enumerate(turns)]


def test_system_prompt_comes_first_and_only_when_there_is_one() -> None:
    turns = stored(("u", "Hi"))
    assert build_prompt("  ", turns).messages == (Message(Role.USER, "Hi"),)
    assert build_prompt(" Be kind. ", turns).messages[0] == Message(Role.SYSTEM, "Be kind.")


def test_roles_alternate_after_a_failed_answer() -> None:
    # GIVEN a question whose answer failed, asked again in other words, and an answer that was empty
    turns = stored(("u", "one"), ("u", "two"), ("a", ""), ("u", "three"), ("a", "yes"), ("u", "four"))
    # WHEN the prompt is built
    prompt = build_prompt("", turns)
    # THEN user and assistant alternate, and nothing that was said is missing
    assert [message.role for message in prompt.messages] == [Role.USER, Role.ASSISTANT, Role.USER]
    assert prompt.messages[0].text == "one\n\ntwo\n\nthree"


def test_cut_counts_in_stored_messages_on_one_side_and_prompt_messages_on_the_other() -> None:
    turns = stored(("u", "one"), ("u", "two"), ("a", "x"), ("u", "three"), ("a", "y"), ("u", "four"))
    prompt = build_prompt("", turns)
    assert len(prompt.messages) == 5
    for cut in (0, 2, 4):
        assert prompt.cut_of_stored(prompt.stored_of_cut(cut)) == cut
    assert prompt.stored_of_cut(2) == 3  # "three" is the fourth stored message


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Short question?", "Short question?"),
        ("two\n  lines", "two lines"),
        ("Please explain to me in detail how photosynthesis works", "Please explain to me in detail how…"),
        ("请" * 60, "请" * 48 + "…"),
    ],
)
def test_title(text: str, title: str) -> None:
    assert title_from(text) == title
