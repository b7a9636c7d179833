"""The shapes of answers that are not free: chosen for the next answer of a conversation, and given to it at its end."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from desktop.common.errors import UserFacingError
from desktop.engine.types import Generation, Role

if TYPE_CHECKING:  # imported by whoever chooses the first
    from desktop.engine.schema.nodes import Value
    from desktop.structured.shape import AnswerShape

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ShapedAnswer:
    """An answer that has kept to a shape.

    Attributes:
        value: What it says.
    """

    shape: AnswerShape
    value: Value


class AnswerShapes:
    """Knows what the next answers are to look like. GUI thread."""

    def __init__(self) -> None:
        self._next: dict[str | None, AnswerShape] = {}
        self._under_way: dict[int, tuple[AnswerShape, str]] = {}  # with what was there of it before
        self._finished: dict[str, ShapedAnswer] = {}

    def choose(self, conversation: str | None, shape: AnswerShape | None) -> None:
        """Has the next answer of a conversation keep to a shape, and no other; None: it is free.

        Args:
            conversation: None: the one that is not begun yet.
            shape: What is chosen.
        """
        self._next.pop(conversation, None)
        if shape is not None:
            self._next[conversation] = shape

    def chosen(self, conversation: str | None) -> AnswerShape | None:
        """Returns what the next answer of a conversation keeps to; None: it is free."""
        return self._next.get(conversation)

    def begun(self, conversation: str) -> None:
        """The conversation that was not begun has become one."""
        if (shape := self._next.pop(None, None)) is not None:
            self._next[conversation] = shape

    def expected(self, conversation: str, *, goes_on: bool, before: str = "") -> AnswerShape | None:
        """Returns what an answer keeps to that is asked for next.

        One that goes on keeps to what it began with; one that is given anew does so too, unless another is chosen.

        Args:
            conversation: Its conversation.
            goes_on: It was cut off.
            before: What :meth:`kept` has returned for the answer in whose place it comes; empty: there is none, or it
                was free.
        """
        chosen = None if goes_on else self._next.get(conversation)
        return chosen or _shape_of(before)

    def kept(self, shape: AnswerShape | None) -> str:
        """Returns a shape as it is kept beside the answer, over a start of the program; empty: the answer is free."""
        if shape is None:
            return ""
        from desktop.structured.entries import shape_text  # nobody needs it before the first shape

        return shape_text(shape)

    def applied(self, request: Generation, question: str | None = None, before: str = "") -> Generation:
        """Returns a request as it is made where the answer keeps to a shape; what was chosen is used up.

        Args:
            request: As it would be made otherwise.
            question: What was asked, as the person has put it; None: as it stands in the request.
            before: See :meth:`expected`.
        """
        conversation = request.conversation_id
        shape = self.expected(conversation, goes_on=request.begun is not None, before=before)
        if request.begun is None:
            self._next.pop(conversation, None)
        self._finished.pop(conversation, None)
        if shape is None:
            return request
        self._under_way[request.request_id] = shape, request.begun.text if request.begun is not None else ""
        last = max(place for place, each in enumerate(request.messages) if each.role is Role.USER)
        asked = replace(request.messages[last], text=shape.question(question or request.messages[last].text))
        messages = (*request.messages[:last], asked, *request.messages[last + 1 :])
        return replace(request, messages=messages, schema=shape.schema, thinking=False)

    def ended(self, request_id: int, conversation: str, text: str, *, is_whole: bool) -> str | None:
        """Takes the end of an answer; returns how it is shown, None: as it came.

        Args:
            request_id: Of the answer.
            conversation: Its conversation.
            text: What came of it.
            is_whole: It has ended by itself.
        """
        shape, before = self._under_way.pop(request_id, (None, ""))
        if shape is None or not is_whole:
            return None
        try:
            value = shape.value(before + text)
        except ValueError as problem:
            _log.warning("an answer has not kept to its shape: %s", type(problem).__name__)
            return None
        self._finished[conversation] = ShapedAnswer(shape, value)
        return shape.shown(value)

    def give_back(self, request_id: int, conversation: str | None, *, is_chosen: bool = True) -> None:
        """A question was refused, and its answer may be asked for again: what was chosen for it is chosen again.

        Args:
            request_id: Of the answer that did not begin.
            conversation: Where the question is asked again; None: in one that is not begun.
            is_chosen: It was chosen, and is not what an answer that goes on began with.
        """
        if (found := self._under_way.pop(request_id, None)) is not None and is_chosen:
            self._next[conversation] = found[0]

    def finished(self, conversation: str) -> ShapedAnswer | None:
        """Returns the last answer of a conversation if it has kept to a shape; not over a start of the program."""
        return self._finished.get(conversation)


def _shape_of(kept: str) -> AnswerShape | None:
    if not kept:
        return None
    from desktop.structured.entries import shape_of_text

    try:
        return shape_of_text(kept)
    except (LookupError, TypeError, ValueError, AttributeError, UserFacingError) as problem:
        _log.warning("an answer goes on without its shape: %s", type(problem).__name__)
        return None
