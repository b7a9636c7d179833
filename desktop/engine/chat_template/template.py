"""Renders a conversation with the chat template of the GGUF file. Used by the engine thread only.

A message that holds ``<|im_end|>`` must not be able to end its turn and speak as somebody else. So messages are
rendered as placeholders, and the result comes back in segments: the template's own parts, in which special tokens are
meant, and the messages' texts, in which they are just characters. Never is a message parsed for special tokens.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from desktop.common.errors import QT_TRANSLATE_NOOP, Cancelled, UserFacingError
from desktop.engine.chat_template.budget import Budget, LimitError, room_for
from desktop.engine.chat_template.fallbacks import fallback_template
from desktop.engine.chat_template.thinking.matching import opened_by, tags_in
from desktop.engine.chat_template.thinking.splitter import ThoughtSplitter, without_thoughts
from desktop.engine.chat_template.thinking.tags import KNOWN
from desktop.engine.types import Message, Role

if TYPE_CHECKING:
    from desktop.engine.chat_template.jinja import CompiledTemplate

_log = logging.getLogger(__name__)

# A placeholder is a number between these two: code points of the private use area, which no template contains.
_LEFT, _RIGHT = "\ue000", "\ue001"
_PROBE = (Message(Role.USER, "x"),)


def never() -> bool:
    """Says that nobody wants to stop."""
    return False


@dataclass(frozen=True)
class Segment:
    """A part of a rendered conversation.

    Attributes:
        special: Special tokens in the text are meant (the template's own words), so it is tokenised with
            ``parse_special``; a message's text is not.
    """

    text: str
    special: bool


class _UnusableError(Exception):
    """The template cannot render this conversation."""


class ChatTemplate:
    """A model's chat template.

    Attributes:
        uses_own: The file's own template is in use, not a fallback.
        went_too_far: The file's own template is not in use since it wanted more than a chat template may have: see
            :mod:`desktop.engine.chat_template.budget`.
        has_none: The file has no template: nobody may have taught the model to answer, or to end its turn.
        stops: What the next turn begins with, where the file has none.
        can_think: The template has a switch for thinking.
        writes_bos: Its output begins with the beginning-of-text token, so the tokenizer must not add another one.
    """

    def __init__(
        self,
        source: str | None,
        bos: str,
        eos: str,
        architecture: str,
        now: Callable[[], datetime] = datetime.now,
        is_stopped: Callable[[], bool] = never,
        knows: Callable[[str], bool] = lambda _text: True,
    ) -> None:
        """Compiles the template; where there is none or it does not work, one that fits the architecture, with a note.

        Args:
            source: ``tokenizer.chat_template`` of the file; None: it has none.
            bos: Text of the beginning-of-text token; empty: there is none.
            eos: Text of the end-of-text token.
            architecture: ``general.architecture`` of the file.
            now: The clock, for templates that tell the model today's date.
            is_stopped: Whether nobody wants it any more; asked while it is compiled and tried.
            knows: Whether a text is one token of the model's vocabulary.

        Raises:
            Cancelled: ``is_stopped`` said so.
            UserFacingError: Not even the fallback can be compiled: jinja2 is missing or broken.
        """
        self._tokens = {"bos_token": bos, "eos_token": eos}
        self._architecture = architecture
        self._now = now
        self._thought_tags = tags_in(source or "")
        self._knows = knows
        self.has_none = not source
        self.stops: tuple[str, ...] = ()
        self.uses_own = bool(source)
        self.went_too_far = False
        self.can_think = False
        self.writes_bos = False
        if not source:
            self._use_fallback("the file has no chat template")
            return
        try:
            self._use(source, is_stopped)
        except Cancelled:
            raise
        except LimitError as problem:
            self._go_no_further(problem)
        except Exception as problem:  # the template is a foreign program: whatever it raises is its failure
            self._use_fallback(f"the file's chat template fails: {problem!r}")

    def render(self, messages: Sequence[Message], *, thinking: bool, add_generation_prompt: bool = True) -> str:
        """Returns the whole prompt as text; see :meth:`segments`."""
        parts = self.segments(messages, thinking=thinking, add_generation_prompt=add_generation_prompt)
        return "".join(part.text for part in parts)

    def segments(
        self,
        messages: Sequence[Message],
        *,
        thinking: bool,
        add_generation_prompt: bool = True,
        is_stopped: Callable[[], bool] = never,
    ) -> tuple[Segment, ...]:
        """Returns the prompt in parts; joined they are what the template makes of the messages.

        Thoughts before earlier answers are left out. A system message for a template without that role goes in
        front of the first user's message; messages of one role in a row become one where the template wants roles to
        alternate.

        Args:
            messages: An optional system message, then the turns; at least one message.
            thinking: Let the model think; without effect where ``can_think`` is False.
            add_generation_prompt: End with the header of the answer.
            is_stopped: Whether nobody wants it any more; asked again and again.

        Raises:
            ValueError: There are no messages.
            Cancelled: ``is_stopped`` said so.
            UserFacingError: Not even the fallback template takes them.
        """
        if not messages:
            raise ValueError("a conversation needs at least one message")
        try:
            return self._attempt(messages, thinking, add_generation_prompt, is_stopped)
        except LimitError as problem:
            if not self.uses_own:
                raise self._refusal(str(problem)) from problem
            self._go_no_further(problem)
        except _UnusableError as problem:
            if not self.uses_own:
                raise self._refusal(str(problem)) from problem
            self._use_fallback(f"the file's chat template fails: {problem}")
        # For good, not for this once: each change of template would make the KV cache useless.
        return self.segments(
            messages, thinking=thinking, add_generation_prompt=add_generation_prompt, is_stopped=is_stopped
        )

    def begun(self, text: str, thought: str, *, thinking: bool) -> tuple[Segment, ...]:
        """Returns what follows a prompt where the answer has begun: thoughts, if there are any, and the answer.

        Args:
            text: The answer as far as it came; empty: only thoughts have come.
            thought: The thoughts before it.
            thinking: As the prompt was rendered.
        """
        opened = opened_by(self._ending(thinking))
        parts: list[Segment] = []
        if opened is not None or thought:
            tags = opened or (*self._thought_tags, *KNOWN)[0]
            if opened is None:
                parts.append(Segment(f"{tags.opening}\n", special=True))
            parts.append(Segment(thought, special=False))
            if text:
                parts.append(Segment(f"\n{tags.closings[0]}\n\n", special=True))
        parts.append(Segment(text, special=False))
        return tuple(_join(parts))

    def splitter(self, thinking: bool) -> ThoughtSplitter:
        """Returns a splitter for one answer to a prompt that was rendered with the same ``thinking``."""
        opened = opened_by(self._ending(thinking))
        return ThoughtSplitter(opened is not None, opened or KNOWN[0], self._thought_tags)

    def _ending(self, thinking: bool) -> str:
        return self.segments(_PROBE, thinking=thinking)[-1].text

    def _refusal(self, problem: str) -> UserFacingError:
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This conversation cannot be put into the form the model expects."),
            f"{self._architecture}: {problem}.",
            QT_TRANSLATE_NOOP("Errors", "Choose another model, or begin a new conversation."),
        )

    def _go_no_further(self, problem: LimitError) -> None:
        self.went_too_far = True
        self._use_fallback(f"the file's chat template wants {problem}")

    def _use_fallback(self, reason: str) -> None:
        fallback = fallback_template(self._architecture, self._tokens["bos_token"], self._knows)
        _log.warning("%s; using the %s template", reason, fallback.name)
        self.uses_own = False
        if self.has_none:
            self.stops = fallback.stops
        try:
            self._use(fallback.source, never)
        except Exception as problem:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "Catnap cannot prepare text for the model."),
                f"jinja2: {problem}.",
                QT_TRANSLATE_NOOP("Errors", "Install Catnap again."),
            ) from problem

    def _use(self, source: str, is_stopped: Callable[[], bool]) -> None:
        from desktop.engine.chat_template.jinja import compile_template

        self._template: CompiledTemplate = compile_template(source, self._now, is_stopped)
        on = self._attempt(_PROBE, True, True, is_stopped)
        off = self._attempt(_PROBE, False, True, is_stopped)
        bos = self._tokens["bos_token"]
        self.can_think = on != off
        self.writes_bos = bool(bos) and off[0].text.startswith(bos)

    def _attempt(
        self,
        messages: Sequence[Message],
        thinking: bool,
        add_generation_prompt: bool,
        is_stopped: Callable[[], bool],
    ) -> tuple[Segment, ...]:
        """Tries the conversation as it is, then in the forms that stricter templates take."""
        from desktop.engine.chat_template.jinja import budget_for

        merged = _merge_roles(messages)
        forms = (list(messages), merged, _merge_roles(_fold_system(merged)))
        given = [_placeholder(index, message.text) for index, message in enumerate(messages)]
        budget = budget_for(room_for(given), is_stopped)  # for all three together
        first_problem: Exception | None = None
        for form in forms:
            try:
                return self._render_segments(form, thinking, add_generation_prompt, budget)
            except (LimitError, Cancelled):
                raise
            except Exception as problem:  # a foreign program, see __init__
                first_problem = first_problem or problem
        raise _UnusableError(str(first_problem) or repr(first_problem)) from first_problem

    def _render_segments(
        self, messages: list[Message], thinking: bool, header: bool, budget: Budget
    ) -> tuple[Segment, ...]:
        texts = [
            without_thoughts(message.text) if message.role is Role.ASSISTANT else message.text for message in messages
        ]
        holders = [_placeholder(index, text) for index, text in enumerate(texts)]
        rendered = self._template.render(
            budget,
            messages=[
                {"role": message.role.value, "content": holder}
                for message, holder in zip(messages, holders, strict=True)
            ],
            add_generation_prompt=header,
            enable_thinking=thinking,  # Qwen3, SmolLM3, MiniCPM
            thinking=thinking,  # Granite, DeepSeek
            tools=None,
            documents=None,
            **self._tokens,
        )
        return tuple(_join(_cut(rendered, texts)))


def _placeholder(index: int, text: str) -> str:
    """Returns what stands for a text in the template.

    The text's own outer white space stays around it, so that a template that trims, trims. A text of nothing else
    stands for itself: it forges nothing, and templates look whether there is a text at all.
    """
    core = text.strip()
    if not core:
        return text
    lead, _, trail = text.partition(core)
    return f"{lead}{_LEFT}{index}{_RIGHT}{trail}"


def _cut(rendered: str, texts: list[str]) -> Iterable[Segment]:
    """Cuts the template's output at the placeholders.

    Raises:
        _UnusableError: A message is missing, or stands there twice, or in another order.
    """
    position = 0
    trail = ""
    for index, text in enumerate(texts):
        core = text.strip()
        if not core:
            continue
        before, found, _ = rendered[position:].partition(f"{_LEFT}{index}{_RIGHT}")
        if not found or _LEFT in before:
            raise _UnusableError(f"message {index + 1} is not rendered in its place")
        position += len(before) + len(found)
        lead, _, next_trail = text.partition(core)
        kept_trail = _common_prefix(before, trail)
        kept_lead = _common_prefix(before[len(kept_trail) :][::-1], lead[::-1])[::-1]
        yield Segment(kept_trail, special=False)
        yield Segment(before[len(kept_trail) : len(before) - len(kept_lead)], special=True)
        yield Segment(kept_lead + core, special=False)
        trail = next_trail
    rest = rendered[position:]
    if _LEFT in rest:
        raise _UnusableError("a message is rendered twice")
    kept_trail = _common_prefix(rest, trail)
    yield Segment(kept_trail, special=False)
    yield Segment(rest[len(kept_trail) :], special=True)


def _join(segments: Iterable[Segment]) -> Iterable[Segment]:
    """Joins neighbours of one kind and drops empty ones: what is tokenised together merges as in the whole text."""
    joined: list[Segment] = []
    for segment in segments:
        if joined and joined[-1].special == segment.special:
            joined[-1] = Segment(joined[-1].text + segment.text, segment.special)
        elif segment.text:
            joined.append(segment)
    return joined


def _common_prefix(text: str, other: str) -> str:
    length = 0
    while length < min(len(text), len(other)) and text[length] == other[length]:
        length += 1
    return text[:length]


def _merge_roles(messages: Sequence[Message]) -> list[Message]:
    merged: list[Message] = []
    for message in messages:
        if merged and merged[-1].role is message.role:
            merged[-1] = Message(message.role, f"{merged[-1].text}\n\n{message.text}")
        else:
            merged.append(message)
    return merged


def _fold_system(messages: Sequence[Message]) -> list[Message]:
    """Turns system messages into users', for templates that know no system role."""
    return [Message(Role.USER, message.text) if message.role is Role.SYSTEM else message for message in messages]
