"""From a request to the tokens of its prompt, with as much of the conversation as the context holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.engine.session import Session
from desktop.engine.types import Generation, Message, Role
from desktop.engine.window import answer_reserve, fit


@dataclass(frozen=True)
class Prompt:
    """A prompt that fits.

    Attributes:
        tokens: The whole of it.
        cut: Leading messages after the system message that it leaves out.
    """

    tokens: tuple[int, ...]
    cut: int


def build_prompt(session: Session, request: Generation) -> Prompt:
    """Renders and tokenises the conversation; drops whole turns where it is too long. Engine thread only.

    Raises:
        MessageTooLongError: The system message and the last message alone leave no room for an answer.
        UserFacingError: The template cannot render the conversation.
        ValueError: There is no message besides the system message.
    """
    system, turns = _split(request.messages)
    n_ctx = session.info.n_ctx
    reserve = answer_reserve(n_ctx, request.sampling.max_tokens)
    last = len(turns) - 1
    cut = min(request.cut + request.cut % 2, last)

    def tokens_from(start: int) -> list[int]:
        messages = (*system, *turns[start:])
        return session.vocabulary.tokenize_prompt(session.template.segments(messages, thinking=request.thinking))

    whole = tokens_from(cut)
    if len(whole) <= n_ctx - reserve:
        return Prompt(tuple(whole), cut)
    # What one message takes is only known in company: its text is counted, what the template adds is shared out.
    alone = len(whole) if cut == last else len(tokens_from(last))
    lengths = [len(session.vocabulary.tokenize(message.text, special=False)) for message in turns]
    added = max(0, len(whole) - alone - sum(lengths[cut:last]))
    share = -(-added // max(1, last - cut))
    lengths = [length + share for length in lengths]
    fitted = fit(alone - lengths[last], lengths, cut=cut, n_ctx=n_ctx, reserve=reserve).cut
    tokens = tokens_from(fitted)
    while len(tokens) > n_ctx - reserve and fitted < last:
        fitted = min(fitted + 2, last)
        tokens = tokens_from(fitted)
    return Prompt(tuple(tokens), fitted)


def _split(messages: Sequence[Message]) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    has_system = bool(messages) and messages[0].role is Role.SYSTEM
    turns = tuple(messages[1:] if has_system else messages)
    if not turns:
        raise ValueError("a request needs a message to answer")
    return (tuple(messages[:1]) if has_system else ()), turns
