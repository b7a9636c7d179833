"""Conversations for the tests of the window."""

from __future__ import annotations

from desktop.engine.types import Role, Stats
from desktop.history.records import Conversation, MessageState, StoredMessage

STATS = Stats(
    prompt_tokens=1200, reused_tokens=1024, read_s=0.8, generated_tokens=185, generate_s=15.0, ttft_s=0.84, threads=2
)


def question(number: int, text: str = "", conversation: str = "c") -> StoredMessage:
    return StoredMessage(number, conversation, Role.USER, text or f"Question {number}?", 0.0)


def answer(
    number: int,
    text: str = "",
    thinking: str = "",
    state: MessageState = MessageState.COMPLETE,
    stats: Stats | None = STATS,
) -> StoredMessage:
    return StoredMessage(
        number, "c", Role.ASSISTANT, text or f"Answer **{number}**.", 0.0, thinking, state, "Qwen2.5 0.5B", stats
    )


def dialogue(pairs: int) -> list[StoredMessage]:
    """Returns questions and answers with ids from 1."""
    messages: list[StoredMessage] = []
    for number in range(pairs):
        messages += [question(number * 2 + 1), answer(number * 2 + 2)]
    return messages


def conversation(identity: str, title: str, cut: int = 0) -> Conversation:
    return Conversation(identity, title, 1_700_000_000.0, 1_700_000_000.0, cut)
