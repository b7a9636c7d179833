"""An answer that goes on where it was cut off: the tokens of what is there of it. Engine thread only.

A text can be cut into tokens in more than one way, and the model goes on as it would have only after those that it has
chosen itself. So these are taken from the cache where it still holds them; only what is not there is cut anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

from desktop.engine.chat_template.stops import TurnEnd
from desktop.engine.chat_template.thinking.splitter import ThoughtSplitter
from desktop.engine.llama.session import Session
from desktop.engine.llama.tokenizer import TokenStream
from desktop.engine.types import BegunAnswer

# Characters that are looked through at once.
_FED = 1_000


def begun_tokens(session: Session, prompt: Sequence[int], begun: BegunAnswer, *, thinking: bool) -> tuple[int, ...]:
    """Returns the tokens that follow a prompt where its answer has begun.

    Args:
        session: The loaded model; its cache may hold the answer.
        prompt: The prompt, up to the header of the answer.
        begun: What is there of the answer.
        thinking: As the prompt was rendered.
    """
    tokenizer, template = session.model.tokenizer, session.model.template
    held = session.tokens
    if held[: len(prompt)] == tuple(prompt):
        said, rest = _as_said(session, held[len(prompt) :], begun, thinking=thinking)
        if said and (not rest or tokenizer.joins_parts):
            return (*said, *tokenizer.tokenize(rest, special=False))
    parts = template.begun(begun.text, begun.thought, thinking=thinking)
    return tuple(token for part in parts for token in tokenizer.tokenize_part(part.text, special=part.special))


def _as_said(
    session: Session, tokens: Sequence[int], begun: BegunAnswer, *, thinking: bool
) -> tuple[tuple[int, ...], str]:
    """Returns the first of the tokens that say nothing but what has begun, and what of that they leave out."""
    tokenizer, template = session.model.tokenizer, session.model.template
    stream, splitter = TokenStream(tokenizer), template.splitter(thinking)
    text = thought = ""
    best, rest = 0, ""
    for count, token in enumerate(tokens, 1):
        if tokenizer.is_end(token):
            break
        for piece, is_thought in splitter.feed(stream.feed(token)):
            thought, text = (thought + piece, text) if is_thought else (thought, text + piece)
        if not begun.text.startswith(text) or not begun.thought.startswith(thought):
            break
        is_there = text and thought == begun.thought if begun.text else thought
        if is_there and not stream.is_within and splitter.is_clear:
            best, rest = count, begun.text[len(text) :] if begun.text else begun.thought[len(thought) :]
            if not rest and begun.text:
                break
    return tuple(tokens[:best]), rest


def prime(splitter: ThoughtSplitter, turn: TurnEnd, parts: Sequence[str]) -> str:
    """Has what tells thoughts, answer and the end of the turn apart stand behind an answer that has begun.

    Args:
        splitter: Has seen nothing yet.
        turn: Likewise.
        parts: What has been said, as the model said it.

    Returns:
        What is held back of the answer's end: it comes once more, and was shown already.
    """
    whole = "".join(parts)
    for start in range(0, len(whole), _FED):
        splitter.feed(turn.feed(whole[start : start + _FED]))
    later = deepcopy(splitter)
    held = [*later.feed(deepcopy(turn).flush()), *later.flush()]
    return "".join(text for text, is_thought in held if not is_thought)
