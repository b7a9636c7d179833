"""What tokens say: characters, told apart into thoughts and answer, up to where the turn ends. Engine thread only."""

from __future__ import annotations

from desktop.engine.chat_template.stops import TurnEnd
from desktop.engine.continuation import prime
from desktop.engine.llama.session import Session
from desktop.engine.llama.tokenizer import TokenStream
from desktop.engine.types import Generation


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
