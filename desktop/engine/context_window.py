"""From a request to the tokens of its prompt, with as much of the conversation as the context holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from desktop.common.errors import MessageTooLongError
from desktop.engine import errors
from desktop.engine.chat_template.template import never
from desktop.engine.continuation import begun_tokens
from desktop.engine.llama.prefix_reuse import common_prefix
from desktop.engine.llama.session import Session
from desktop.engine.types import Generation, Message, Role

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


# Two messages that begin with different tokens in every vocabulary.
_SOME_MESSAGE: Final = Message(Role.USER, "x")
_OTHER_MESSAGE: Final = Message(Role.USER, "猫")
_SOME_ANSWER: Final = Message(Role.ASSISTANT, "x")


@dataclass(frozen=True)
class FittedPrompt:
    """A prompt that fits.

    Attributes:
        tokens: The whole of it.
        cut: Leading messages after the system message that it leaves out.
        known: Leading tokens that do not depend on the last message.
        lasting: Leading tokens that the conversation's next prompt will begin with as well: all, unless the template
            opens the answer with words that it leaves out of the history.
        sent: Leading tokens that hold nothing but what was sent; None: all do.
    """

    tokens: tuple[int, ...]
    cut: int
    known: int
    lasting: int
    sent: int | None = None


def fit_prompt(session: Session, request: Generation, is_stopped: Callable[[], bool] = never) -> FittedPrompt:
    """Renders and tokenises the conversation; drops whole turns where it is too long. Engine thread only.

    Args:
        session: The loaded model.
        request: The conversation.
        is_stopped: Whether nobody wants it any more; asked while the template works.

    Raises:
        Cancelled: ``is_stopped`` said so.
        MessageTooLongError: The system message and the last message alone leave no room for an answer.
        UserFacingError: An answer that has begun has no room to go on; the template cannot render the conversation, or
            leaves no room for one.
        ValueError: There is no message besides the system message.
    """
    try:
        prompt = _fit(session, request, is_stopped)
    except MessageTooLongError as problem:
        if request.begun is not None:
            raise errors.no_room_to_go_on(session.n_ctx) from problem
        raise
    if request.begun is None:
        return prompt
    tokens = (*prompt.tokens, *begun_tokens(session, prompt.tokens, request.begun, thinking=request.thinking))
    if len(tokens) >= session.n_ctx:
        raise errors.no_room_to_go_on(session.n_ctx)
    lasting = prompt.lasting if session.is_recurrent else len(tokens)
    return replace(prompt, tokens=tokens, lasting=lasting)


def _fit(session: Session, request: Generation, is_stopped: Callable[[], bool]) -> FittedPrompt:
    """Returns the prompt up to the header of the answer, with room for what has begun of that. Raises as above."""
    system, turns = _split(request.messages)
    n_ctx = session.n_ctx
    reserve = answer_reserve(n_ctx, request.sampling.max_tokens)
    if request.begun is not None:  # less is asked for than before an answer: it is meant to go on while there is room
        length = _length(session, Message(Role.ASSISTANT, request.begun.thought + request.begun.text))
        reserve = length + min(reserve, expected_message(n_ctx))
    last = len(turns) - 1
    cut = min(request.cut + request.cut % 2, last)

    def tokens_from(start: int, *ending: Message) -> list[int]:
        messages = (*system, *turns[start:last], *(ending or turns[last:]))
        return session.model.tokenizer.tokenize_prompt(
            session.model.template.segments(messages, thinking=request.thinking, is_stopped=is_stopped)
        )

    def prompt_from(tokens: list[int], start: int) -> FittedPrompt:
        # What stays the same with another last message: templates treat the last one in ways of their own.
        known = common_prefix(tokens, tokens_from(start, _OTHER_MESSAGE))
        lasting = len(tokens)
        if session.is_recurrent:  # others can do without knowing it
            lasting = common_prefix(tokens, tokens_from(start, turns[-1], _SOME_ANSWER, _SOME_MESSAGE))
        return FittedPrompt(tuple(tokens), start, known, lasting)

    whole = tokens_from(cut)
    expected = expected_message(n_ctx)
    missing = max(0, expected - _length(session, turns[last]))
    if len(whole) + missing <= n_ctx - reserve:
        return prompt_from(whole, cut)
    # What one message takes is only known in company: its text is counted, what the template adds is shared out.
    alone = len(whole) if cut == last else len(tokens_from(last))
    lengths = [_length(session, message) for message in turns]
    added = max(0, len(whole) - alone - sum(lengths[cut:last]))
    share = -(-added // max(1, last - cut))
    lengths = [length + share for length in lengths]
    overhead = alone - lengths[last]
    if overhead - sum(_length(session, message) for message in system) > n_ctx - reserve:
        if request.begun is not None:
            raise errors.no_room_to_go_on(n_ctx)
        raise errors.no_room(session.model.path, overhead, n_ctx)  # whatever is said, and however short
    fitted = drop_turns(overhead, lengths, cut=cut, n_ctx=n_ctx, reserve=reserve, expected=expected + share).cut
    tokens = tokens_from(fitted)
    while len(tokens) > n_ctx - reserve and fitted < last:
        fitted = min(fitted + 2, last)
        tokens = tokens_from(fitted)
    return prompt_from(tokens, fitted)


def fit_known_part(
    session: Session, request: Generation, is_stopped: Callable[[], bool] = never
) -> FittedPrompt | None:
    """Returns the part of a conversation's next prompt that does not depend on its next message. Engine thread only.

    Args:
        session: The loaded model.
        request: Its messages end before the next message; a user's message at their end, a draft, is left out.
        is_stopped: Whether nobody wants it any more; asked while the template works.

    Returns:
        None: there is no such part.

    Raises:
        Cancelled: ``is_stopped`` said so.
        MessageTooLongError: The system message alone leaves no room.
        UserFacingError: The template cannot render the conversation.
    """
    messages = request.messages
    while messages and messages[-1].role is Role.USER:
        messages = messages[:-1]
    if not messages:
        return None
    prompt = fit_prompt(session, replace(request, messages=(*messages, _SOME_MESSAGE)), is_stopped)
    return FittedPrompt(prompt.tokens[: prompt.known], prompt.cut, prompt.known, prompt.known) if prompt.known else None


def fit_draft(session: Session, request: Generation, is_stopped: Callable[[], bool] = never) -> FittedPrompt | None:
    """Returns what can be read while the next message is being written: the known part, and the draft if it may be.

    With the draft goes what closes it and opens the answer: if it is sent as it stands, one token is left to be read.
    It is left out where what was read of it could not be dropped again (a recurrent model), where it leaves no room for
    an answer, and where it is so long that turns before it would be: it may yet be shortened. Engine thread only.

    Args:
        session: The loaded model.
        request: A user's message at the end of its messages is the draft.
        is_stopped: Whether nobody wants it any more; asked while the template works.

    Returns:
        None: there is nothing to read.

    Raises:
        Cancelled: ``is_stopped`` said so.
        MessageTooLongError: The system message alone leaves no room.
        UserFacingError: The template cannot render the conversation.
    """
    known = fit_known_part(session, request, is_stopped)
    if session.is_recurrent or not request.messages or request.messages[-1].role is not Role.USER:
        return known
    try:
        whole = fit_prompt(session, request, is_stopped)
    except MessageTooLongError:
        return known
    if whole.cut != (request.cut + request.cut % 2 if known is None else known.cut):
        return known
    tokens = whole.tokens[:-1]  # the last one must be evaluated when it is sent, for its logits
    return FittedPrompt(tokens, whole.cut, whole.known, len(tokens), sent=whole.known)


def _length(session: Session, message: Message) -> int:
    return len(session.model.tokenizer.tokenize(message.text, special=False))


def _split(messages: Sequence[Message]) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    has_system = bool(messages) and messages[0].role is Role.SYSTEM
    turns = tuple(messages[1:] if has_system else messages)
    if not turns:
        raise ValueError("a request needs a message to answer")
    return (tuple(messages[:1]) if has_system else ()), turns
