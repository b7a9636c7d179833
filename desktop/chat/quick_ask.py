"""The quick ask: one question, one answer, nothing stored unless it is continued in the chat."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from desktop.chat.answer_text import AnswerText
from desktop.chat.prompt import build_prompt
from desktop.chat.quick_actions.prompts import without_fence
from desktop.chat.voice import FindPersona, Voice, voice_of, wordless
from desktop.common.errors import UserFacingError
from desktop.engine.ports import AnswerPort
from desktop.engine.routing import server_model
from desktop.engine.types import (
    REPEATED_ITSELF,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Generation,
    Message,
    Role,
    Stats,
    Token,
)
from desktop.functions.calculation import Calculation
from desktop.history.choices import ConversationChoices
from desktop.settings.for_engine import sampling_of
from desktop.settings.options import Settings

QUICK_CONVERSATION = "quick-ask"


@dataclass(frozen=True)
class QuickGrew:
    text: str
    thought: str


@dataclass(frozen=True)
class QuickEnded:
    """The answer is there; ``stopped`` when the user stopped it, ``repeated`` when it began to repeat itself."""

    text: str
    stopped: bool
    stats: Stats
    repeated: bool = False


@dataclass(frozen=True)
class QuickFailed:
    """No (further) answer; ``question`` belongs back into the box.

    Attributes:
        model_file: Of the model on a server that was asked; None: this computer was.
        is_empty: Not a word of an answer came.
    """

    error: UserFacingError
    question: str
    model_file: str | None = None
    is_empty: bool = True


@dataclass(frozen=True)
class QuickCalculated:
    """The question was answered by computing; no model was asked."""

    text: str
    question: str


QuickEvent = QuickGrew | QuickEnded | QuickFailed | QuickCalculated


@dataclass
class _Asked:
    request_id: int
    question: str
    text: AnswerText
    model_file: str | None = None  # on a server; None: here
    thought: list[str] = field(default_factory=list)
    stats: Stats | None = None
    is_fenced: bool = False  # the prompt has marks around a text, which a model may repeat
    calculated: bool = False

    @property
    def answer(self) -> str:
        return without_fence(str(self.text)) if self.is_fenced else str(self.text)


@dataclass(frozen=True)
class QuickExchange:
    """A question with its answer, to be continued in the chat; ``calculated`` when no model gave it.

    Attributes:
        model_file: Of the model on a server that has answered; None: this computer has.
    """

    question: str
    answer: str
    thought: str
    stats: Stats | None
    calculated: bool = False
    model_file: str | None = None


class QuickAskService:
    """Asks one question at a time; a new one replaces the one before. Called from the GUI thread."""

    def __init__(
        self,
        engine: AnswerPort,
        forget: Callable[[str], None],
        settings: Callable[[], Settings],
        notify: Callable[[QuickEvent], None],
        request_ids: itertools.count[int],
        personas: FindPersona | None = None,
        calculate: Callable[[str], Calculation | None] = lambda _text: None,
    ) -> None:
        """
        Args:
            engine: Takes the requests; what names a model on a server goes there.
            forget: Drops what the engine keeps of a conversation.
            settings: Returns the settings in force.
            notify: Receives quick events, on the calling thread.
            request_ids: Source of ids never used twice, shared with the chat.
            personas: Finds them; None: there are none, and the settings say what the model is told.
            calculate: Returns the answer to what can be computed, which no model is asked then; else None.
        """
        self._calculate = calculate
        self._engine = engine
        self._forget = forget
        self._settings = settings
        self._notify = notify
        self._request_ids = request_ids
        self._personas = personas
        self._running: _Asked | None = None
        self._last: _Asked | None = None

    @property
    def choice(self) -> str | None:
        """The model on a server that questions go to, as the settings say; None: this computer answers."""
        chosen = self._settings().quick_ask_model
        return chosen if server_model(chosen) is not None else None

    def owns(self, request_id: int) -> bool:
        """True while ``request_id`` is the question under way; its progress belongs into the quick box."""
        return self._running is not None and self._running.request_id == request_id

    def computes(self, question: str) -> bool:
        """Returns whether a question is answered by computing, so that no model is needed for it."""
        return self._calculate(question) is not None

    def ask(self, question: str, *, anyway: bool = False, here: bool = False) -> None:
        """Asks; an answer still under way is stopped and dropped.

        Args:
            question: The question.
            anyway: Ask the model, also for what can be computed.
            here: This computer, whatever the settings say.
        """
        calculation = None if anyway else self._calculate(question)
        if calculation is None:
            self._send(question, self._voice(here=here), is_fenced=False)
            return
        self.stop()
        self._running = None
        self._last = _Asked(0, question, AnswerText(chinese_marks=False), calculated=True)
        self._last.text.take(calculation.text)
        self._notify(QuickCalculated(calculation.text, question))

    def perform(self, prompt: str, temperature: float, *, here: bool = False) -> None:
        """Asks with an instruction that says everything itself: those of the settings would get in its way.

        Args:
            prompt: The instruction, with the text that it is about.
            temperature: How freely it is done, instead of the setting.
            here: By this computer, whatever the settings say.
        """
        sampling = replace(sampling_of(self._settings()), temperature=temperature)
        voice = replace(wordless(sampling), model_file=None if here else self.choice)
        self._send(prompt, voice, is_fenced=True)

    def preparation(self, draft: str = "") -> Generation:
        """Returns what the engine can read before the question is asked.

        Args:
            draft: What is written of it so far.
        """
        return self._request(draft, self._voice())

    def stop(self) -> None:
        """Stops the answer under way; ``QuickEnded`` follows unless it is cleared or replaced."""
        if self._running is not None:
            self._engine.cancel(self._running.request_id)

    def exchange(self) -> QuickExchange | None:
        """Returns the last question with what has been answered so far; None before the first word."""
        asked = self._last
        if asked is None or not asked.text:
            return None
        thought = "".join(asked.thought)
        return QuickExchange(
            asked.question, asked.answer, thought, asked.stats, asked.calculated, model_file=asked.model_file
        )

    def clear(self) -> None:
        """Stops the answer under way without another word, forgets the question and its state in the engine."""
        self.stop()
        self._running = self._last = None
        self._forget(QUICK_CONVERSATION)

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine; those of other requests are ignored."""
        asked = self._running
        if asked is None or getattr(event, "request_id", None) != asked.request_id:
            return
        if isinstance(event, Token):
            if event.thinking:
                asked.thought.append(event.text)
                self._notify(QuickGrew("", event.text))
            else:
                self._tell(asked.text.take(event.text))
        elif isinstance(event, Finished):
            asked.stats = event.stats
            self._tell(asked.text.take_rest())
            self._running = None
            repeated = event.reason is FinishReason.REPEATED
            if repeated:
                asked.text.end_at_loop()
                asked.stats = replace(event.stats, at_limit=REPEATED_ITSELF)
            stopped = event.reason is FinishReason.STOPPED
            self._notify(QuickEnded(asked.answer, stopped, event.stats, repeated))
        elif isinstance(event, Failed):
            self._tell(asked.text.take_rest())
            self._running = None
            self._notify(QuickFailed(event.error, asked.question, asked.model_file, not asked.text))

    def _voice(self, *, here: bool = False) -> Voice:
        settings = self._settings()
        choices = ConversationChoices(persona=settings.persona, model=None if here else self.choice)
        return voice_of(settings, self._personas, choices)

    def _send(self, question: str, voice: Voice, *, is_fenced: bool) -> None:
        self.stop()
        request = self._request(question, voice)
        text = AnswerText(chinese_marks=self._settings().chinese_punctuation)
        self._running = self._last = _Asked(request.request_id, question, text, voice.model_file, is_fenced=is_fenced)
        self._engine.generate(request)

    def _request(self, draft: str, voice: Voice) -> Generation:
        prompt = build_prompt(voice.system_prompt, (), voice.examples)
        written = draft.strip()
        return Generation(
            request_id=next(self._request_ids),
            conversation_id=QUICK_CONVERSATION,
            messages=(
                *prompt.messages,
                *((Message(Role.USER, written),) if written else ()),
            ),
            sampling=voice.sampling,
            thinking=self._settings().thinking,
            keep_state=False,
            prefix_id=voice.prefix_id,
            prefix_messages=prompt.examples,
            model_file=voice.model_file,
        )

    def _tell(self, text: str) -> None:
        if text:
            self._notify(QuickGrew(text, ""))
