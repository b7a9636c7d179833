"""What tokens say: characters, told apart into thoughts and answer, up to where the turn ends. Engine thread only."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from desktop.engine.chat_template.stops import TurnEnd
from desktop.engine.continuation import prime
from desktop.engine.llama.session import Session
from desktop.engine.llama.tokenizer import TokenStream
from desktop.engine.types import EngineEvent, Generation, Token

# Seconds between two pieces that are sent, and tokens of one at the most. To send one costs the engine some 0.3 ms,
# since who is woken takes a processor from it; a faster model's tokens go by a few, which the eye takes for a flow.
_BETWEEN_PIECES: Final = 0.05
_MOST_TOKENS: Final = 4


class AnswerStream:
    """For one answer.

    An answer that keeps to a schema is ended by its grammar, and what looks like a tag in it is a part of a value:
    thoughts can only stand before it, where the template has opened them.

    Attributes:
        shown: What was held back of the end of an answer that goes on: it comes once more.
        is_bounded: Nothing says where the answer ends but a limit of ours.
    """

    def __init__(self, session: Session, request: Generation) -> None:
        """
        Args:
            session: The loaded model.
            request: What is asked.
        """
        template = session.model.template
        self._keeps_to_schema = request.schema is not None
        self.is_bounded = template.has_none and not self._keeps_to_schema
        self._stream = TokenStream(session.model.tokenizer)
        self._splitter = template.splitter(request.thinking)
        self._turn = TurnEnd(() if self._keeps_to_schema else template.stops)
        self._has_answer = request.plain or (self._keeps_to_schema and not self._splitter.is_in_thought)
        self.shown = ""
        begun = request.begun
        if begun is not None and self._keeps_to_schema and begun.text:
            self._has_answer = True
        elif begun is not None:
            parts = template.begun(begun.text, begun.thought, thinking=request.thinking)
            self.shown = prime(self._splitter, self._turn, [part.text for part in parts])

    @property
    def is_free(self) -> bool:
        """Whether the next token need not keep to the schema, since it belongs to a thought before the answer."""
        return not self._has_answer

    def feed(self, token: int) -> list[tuple[str, bool]]:
        """Returns what is certain with this token, in order, as (text, is a thought)."""
        text = self._stream.feed(token)
        if self._has_answer:
            return [(text, False)] if text else []
        pieces = self._splitter.feed(self._turn.feed(text))
        if self._keeps_to_schema and not self._splitter.is_in_thought:
            self._has_answer = True
            return [piece for piece in pieces if piece[1]]  # the grammar has not seen what else the token says
        return pieces

    @property
    def is_over(self) -> bool:
        """Whether the turn has ended with the last token that was fed."""
        return self._turn.is_found

    def flush(self) -> list[tuple[str, bool]]:
        """Returns what was held back when no more tokens come."""
        if self._has_answer:
            return []
        return [*self._splitter.feed(self._turn.flush()), *self._splitter.flush()]


class TokenPosts:
    """Sends what an answer says, the tokens of a fast model a few at a time."""

    def __init__(self, request_id: int, post: Callable[[EngineEvent], None]) -> None:
        """
        Args:
            request_id: Whose answer it is.
            post: Takes the events.
        """
        self._id = request_id
        self._post = post
        self._held: list[tuple[str, bool]] = []
        self._tokens = 0  # of which nothing was sent yet
        self._sent = 0.0

    def count(self) -> None:
        """Counts a token, before what is certain with it is added."""
        self._tokens += 1

    def add(self, text: str, *, thinking: bool) -> None:
        """Takes a piece, and sends it with what was held back unless one was sent a moment ago."""
        if self._held and self._held[-1][1] == thinking:
            text = self._held.pop()[0] + text
        self._held.append((text, thinking))
        if self._tokens >= _MOST_TOKENS or time.monotonic() - self._sent >= _BETWEEN_PIECES:
            self.flush()

    def flush(self) -> None:
        """Sends what was held back; to be called when no more comes."""
        for text, thinking in self._held:
            self._post(Token(self._id, text, thinking, self._tokens))
            self._tokens = 0
        self._held.clear()
        self._sent = time.monotonic()
