"""How the context is shared out between conversation, message and answer: arithmetic alone, for the engine and for
whoever wants to know before it is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.common.errors import MessageTooLongError

# An answer of 512 tokens is about 400 English words or 700 Chinese characters, more than small models usually write; a
# quarter keeps the greater part of a small context (256 .. 1,024 tokens) for the conversation.
_RESERVE_MAX = 512
_RESERVE_SHARE = 4
# Of the context, what a message is expected to take: 128 tokens of 2,048, about 100 English words. Counting more would
# drop turns sooner than need be, less would more often read ahead what a longer message then drops.
_MESSAGE_SHARE = 16


@dataclass(frozen=True)
class KeptTurns:
    """What of a conversation is read.

    Attributes:
        cut: Leading messages, after the system message, that are left out.
        tokens: Length of the prompt that remains, the system message included.
    """

    cut: int
    tokens: int


def answer_reserve(n_ctx: int, max_tokens: int | None = None) -> int:
    """Returns how many tokens to keep free for the answer: a quarter of the context, 512 or ``max_tokens`` at the most.

    Args:
        n_ctx: Context in tokens.
        max_tokens: Longest answer asked for, in tokens; None: no limit.
    """
    reserve = min(n_ctx // _RESERVE_SHARE, _RESERVE_MAX)
    return reserve if max_tokens is None else max(1, min(reserve, max_tokens))


def expected_message(n_ctx: int) -> int:
    """Returns how many tokens the next message is expected to take at the most; longer ones are rare.

    Args:
        n_ctx: Context in tokens.
    """
    return n_ctx // _MESSAGE_SHARE


def drop_turns(
    system: int, messages: Sequence[int], *, cut: int, n_ctx: int, reserve: int, expected: int = 0
) -> KeptTurns:
    """Decides which messages are read. May be called from any thread.

    What fits is kept whole. What does not loses turns from the front until it takes half of the context or less, or
    until only the last message is left, which always stays.

    Args:
        system: Length in tokens of everything that is always there: the system message, the beginning-of-text token and
            the header of the answer.
        messages: Lengths of the messages after the system message, a user's first and last, roles alternating; each
            includes what the template puts around it.
        cut: Leading messages that an earlier call has dropped. They stay dropped: bringing them back would move every
            token behind them.
        n_ctx: Context in tokens.
        reserve: Tokens to keep free for the answer, see :func:`answer_reserve`.
        expected: What the last message counts for at least, so that shorter ones do not differ in what they drop.

    Raises:
        ValueError: There are no messages.
        MessageTooLongError: The system message and the last message leave less than ``reserve``.
    """
    if not messages:
        raise ValueError("a conversation needs at least one message")
    room = n_ctx - reserve
    last = len(messages) - 1
    if system + messages[last] > room:
        raise MessageTooLongError(system + messages[last], max(room, 0))

    cut = min(_whole_turns(max(cut, 0)), last)
    kept = system + sum(messages[cut:last])
    if kept + max(messages[last], expected) > room:
        target = min(n_ctx // 2, room)
        while cut < last and (kept + expected > target or kept + messages[last] > room):
            step = min(2, last - cut)
            kept -= sum(messages[cut : cut + step])
            cut += step
    return KeptTurns(cut, kept + messages[last])


def _whole_turns(cut: int) -> int:
    """Rounds up to the end of a turn, so that the first message kept is a user's."""
    return cut + cut % 2
