"""From a request to the tokens of its prompt, with as much of the conversation as the context holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from desktop.common.errors import MessageTooLongError
from desktop.engine import errors
from desktop.engine.chat_template.template import Segment, never
from desktop.engine.context_budget import answer_reserve, drop_turns, expected_message
from desktop.engine.continuation import begun_tokens
from desktop.engine.llama.prefix_reuse import common_prefix
from desktop.engine.llama.session import Session
from desktop.engine.types import Counted, Generation, Message, Role

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
        prefix: Leading tokens that stand before the first question and that others may begin with as well; 0: nobody
            asked for them, or it is not the first question that is asked, and they are not worth a pause.
    """

    tokens: tuple[int, ...]
    cut: int
    known: int
    lasting: int
    sent: int | None = None
    prefix: int = 0


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


@dataclass(frozen=True)
class _Rendered:
    """A conversation as the model reads it: through its template, in its tokens.

    Attributes:
        system: The system message, or nothing.
        turns: What comes after that.
        is_stopped: Whether nobody wants it any more.
    """

    session: Session
    request: Generation
    system: tuple[Message, ...]
    turns: tuple[Message, ...]
    is_stopped: Callable[[], bool]

    def tokens_from(self, start: int, *ending: Message) -> list[int]:
        """Returns it without the turns before ``start``.

        Args:
            start: The first turn that stays.
            ending: Stands there in place of the last turn; empty: that does.
        """
        return self._tokens_of((*self.system, *self.turns[start:-1], *(ending or self.turns[-1:])))

    def prompt_from(self, tokens: list[int], start: int) -> FittedPrompt:
        """Returns the prompt of what :meth:`tokens_from` has returned."""
        # What stays the same with another last message: templates treat the last one in ways of their own.
        known = common_prefix(tokens, self.tokens_from(start, _OTHER_MESSAGE))
        lasting = len(tokens)
        if self.session.is_recurrent:  # others can do without knowing it
            lasting = common_prefix(tokens, self.tokens_from(start, self.turns[-1], _SOME_ANSWER, _SOME_MESSAGE))
        return FittedPrompt(tuple(tokens), start, known, lasting, prefix=self._prefix_of(tokens, start, known))

    def _tokens_of(self, messages: Sequence[Message]) -> list[int]:
        model, request = self.session.model, self.request
        if request.plain:
            whole = Segment("".join(message.text for message in messages), special=False)
            return model.tokenizer.tokenize_prompt((whole,))
        said = _opened(messages, request.opening)
        return model.tokenizer.tokenize_prompt(
            model.template.segments(said, thinking=request.thinking, is_stopped=self.is_stopped)
        )

    def _prefix_of(self, tokens: list[int], start: int, known: int) -> int:
        request, shown = self.request, self.request.prefix_messages
        is_first = len(self.turns) - 1 == shown and not start
        if request.prefix_id is None or not (request.prefix_lasts or is_first):
            return 0
        # By two messages of ours: its own may begin like one of them.
        one, other = (
            self._tokens_of((*self.system, *self.turns[:shown], each)) for each in (_SOME_MESSAGE, _OTHER_MESSAGE)
        )
        return min(known, common_prefix(one, other), common_prefix(one, tokens))


def _fit(session: Session, request: Generation, is_stopped: Callable[[], bool]) -> FittedPrompt:
    """Returns the prompt up to the header of the answer, with room for what has begun of that. Raises as above."""
    system, turns = _split(request.messages)
    rendered = _Rendered(session, request, system, turns, is_stopped)
    n_ctx = session.n_ctx
    reserve = answer_reserve(n_ctx, request.sampling.max_tokens)
    if request.begun is not None:  # less is asked for than before an answer: it is meant to go on while there is room
        length = _length(session, Message(Role.ASSISTANT, request.begun.thought + request.begun.text))
        reserve = length + min(reserve, expected_message(n_ctx))
    last = len(turns) - 1
    cut = min(request.cut + request.cut % 2, last)
    whole = rendered.tokens_from(cut)
    expected = expected_message(n_ctx)
    missing = max(0, expected - _length(session, turns[last]))
    if len(whole) + missing <= n_ctx - reserve:
        return rendered.prompt_from(whole, cut)
    # What one message takes is only known in company: its text is counted, what the template adds is shared out.
    alone = len(whole) if cut == last else len(rendered.tokens_from(last))
    lengths = [_length(session, message) for message in turns]
    added = max(0, len(whole) - alone - sum(lengths[cut:last]))
    share = -(-added // max(1, last - cut))
    lengths = [length + share for length in lengths]
    overhead = alone - lengths[last]
    told = (*system, *((Message(Role.USER, request.opening),) if request.opening else ()))
    if overhead - sum(_length(session, message) for message in told) > n_ctx - reserve:
        if request.begun is not None:
            raise errors.no_room_to_go_on(n_ctx)
        raise errors.no_room(session.model.path, overhead, n_ctx)  # whatever is said, and however short
    fitted = drop_turns(overhead, lengths, cut=cut, n_ctx=n_ctx, reserve=reserve, expected=expected + share).cut
    tokens = rendered.tokens_from(fitted)
    while len(tokens) > n_ctx - reserve and fitted < last:
        fitted = min(fitted + 2, last)
        tokens = rendered.tokens_from(fitted)
    return rendered.prompt_from(tokens, fitted)


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
    if not messages and not request.opening:
        return None
    prompt = fit_prompt(session, replace(request, messages=(*messages, _SOME_MESSAGE)), is_stopped)
    if not prompt.known:
        return None
    return FittedPrompt(prompt.tokens[: prompt.known], prompt.cut, prompt.known, prompt.known, prefix=prompt.prefix)


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
    return measure_draft(session, request, is_stopped)[0]


def measure_draft(
    session: Session, request: Generation, is_stopped: Callable[[], bool] = never
) -> tuple[FittedPrompt | None, Counted]:
    """Returns what :func:`fit_draft` does, and what of the context the conversation and its draft would take.

    Args:
        session: The loaded model.
        request: See :func:`fit_draft`.
        is_stopped: See there.

    Raises:
        Cancelled: See :func:`fit_draft`, also for the next two.
        MessageTooLongError: See there.
        UserFacingError: See there.
    """
    known = fit_known_part(session, request, is_stopped)
    read = len(known.tokens) if known is not None else 0
    reserve = answer_reserve(session.n_ctx, request.sampling.max_tokens)
    cut = request.cut + request.cut % 2 if known is None else known.cut
    count = Counted(request.request_id, read, 0, cut, session.n_ctx, reserve)
    if not request.messages or request.messages[-1].role is not Role.USER:
        return known, count
    try:
        whole = fit_prompt(session, request, is_stopped)
    except MessageTooLongError as problem:
        before = len(_split(request.messages)[1]) - 1
        return known, replace(count, history=0, message=problem.tokens, cut=before)
    count = replace(count, history=whole.known, message=len(whole.tokens) - whole.known, cut=whole.cut)
    if session.is_recurrent or whole.cut != cut:
        return known, count
    tokens = whole.tokens[:-1]  # the last one must be evaluated when it is sent, for its logits
    return FittedPrompt(tokens, whole.cut, whole.known, len(tokens), sent=whole.known, prefix=whole.prefix), count


def _length(session: Session, message: Message) -> int:
    return len(session.model.tokenizer.tokenize(message.text, special=False))


def _opened(messages: Sequence[Message], opening: str) -> Sequence[Message]:
    """Returns messages with what stands at the beginning of the first one of the user."""
    first = next((place for place, message in enumerate(messages) if message.role is Role.USER), None)
    if not opening or first is None:
        return messages
    said = Message(Role.USER, f"{opening}\n\n{messages[first].text}")
    return (*messages[:first], said, *messages[first + 1 :])


def _split(messages: Sequence[Message]) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    has_system = bool(messages) and messages[0].role is Role.SYSTEM
    turns = tuple(messages[1:] if has_system else messages)
    if not turns:
        raise ValueError("a request needs a message to answer")
    return (tuple(messages[:1]) if has_system else ()), turns
