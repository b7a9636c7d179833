"""What the app and its engine process say to each other: frozen values, plain data, one list for each direction.

The order of the lists is the wire's: a message travels with its place in them. Whoever changes anything here raises
:data:`PROTOCOL`; the two sides are the same program, but a folder can be replaced while it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from desktop.common.errors import AnswerInterruptedError, MessageTooLongError, UserFacingError
from desktop.engine.backends import EngineFacts
from desktop.engine.threads.tuner import Counts
from desktop.engine.types import (
    Counted,
    Dozing,
    EngineConfig,
    Failed,
    Finished,
    Generation,
    Reading,
    Stats,
    TemplateReplaced,
    Token,
    Trimmed,
    Waking,
)
from desktop.machine.endings import Limit

PROTOCOL = 5

# Characters of a detail of an error: a path of any system, and a line of the library.
_DETAIL = 5000


# --- to the process


@dataclass(frozen=True)
class Begin:
    """The first message, once.

    Attributes:
        protocol: :data:`PROTOCOL` of the sender.
        config: What the model will be loaded with; only what needs no other load may change later.
        known: Threads that were best on this machine before.
        log_level: A level of the logging module; less is not sent.
    """

    protocol: int
    config: EngineConfig
    known: Counts
    log_level: int


@dataclass(frozen=True)
class Run:
    """Answer a request, loading the model if need be. One at a time; it ends in one ``Finished`` or ``Refused``.

    Attributes:
        prepares: Only load and read; nothing is generated.
    """

    request: Generation
    prepares: bool


@dataclass(frozen=True)
class Cancel:
    """Stop a request, whatever it does."""

    request_id: int


@dataclass(frozen=True)
class GiveWay:
    """Something more urgent waits: a preparation stops reading, but not loading, since the model will be needed."""

    request_id: int


@dataclass(frozen=True)
class Configure:
    """A configuration that needs no other load."""

    config: EngineConfig


@dataclass(frozen=True)
class Forget:
    """Drop what is kept of a conversation, in memory and on disk; ``Forgotten`` follows."""

    conversation_id: str


@dataclass(frozen=True)
class Doze:
    """Give back what can be had again at once: the context, and the pages of the weights. ``Dozing`` follows."""


@dataclass(frozen=True)
class Leave:
    """End.

    Attributes:
        keep_state: Write the state of the conversation that has the engine to disk first.
    """

    keep_state: bool


ToProcess = Begin | Run | Cancel | GiveWay | Configure | Forget | Doze | Leave
TO_PROCESS: Final = (Begin, Run, Cancel, GiveWay, Configure, Forget, Doze, Leave)


# --- from the process


@dataclass(frozen=True)
class Ready:
    """It has begun, and can be asked.

    Attributes:
        protocol: :data:`PROTOCOL` of the sender.
        facts: What it is.
    """

    protocol: int
    facts: EngineFacts


@dataclass(frozen=True)
class Opened:
    """The model's file is about to be read.

    Attributes:
        fingerprint: See :func:`desktop.engine.model_file.fingerprint`.
    """

    fingerprint: str


@dataclass(frozen=True)
class Outdated:
    """The model's file is another one now, for which it takes another process; the request was not begun."""

    request_id: int


@dataclass(frozen=True)
class Wanted:
    """Another program waits to write to the model's file, half a minute at the most: this process is to leave."""


@dataclass(frozen=True)
class Loaded:
    """The model is in memory.

    Attributes:
        model_name: ``general.name`` of the file, or its file name.
        n_ctx: The context in force, in tokens.
        threads: Threads in force.
        can_think: The template knows how to switch thinking on and off.
    """

    model_name: str
    n_ctx: int
    threads: int
    can_think: bool


@dataclass(frozen=True)
class Resting:
    """Nothing is being done any more; follows each ``Finished`` or ``Refused``.

    Attributes:
        is_loaded: The model is in memory, with a context.
        is_dozing: It is in memory without one, as after a doze from which it was not woken after all.
        threads: Threads in force.
        learned: Threads that were best so far.
    """

    is_loaded: bool
    is_dozing: bool
    threads: int
    learned: Counts


@dataclass(frozen=True)
class Refused:
    """A request failed; 0: all will, since the process cannot work at all. Mirrors :class:`UserFacingError`.

    Attributes:
        tokens: Length of a message that is too long; 0: that is not the reason.
        room: What it may take.
        interrupted: It is an :class:`AnswerInterruptedError`.
    """

    request_id: int
    title: str
    detail: str
    remedy: str
    pattern: str
    values: tuple[str, ...]
    tokens: int
    room: int
    interrupted: bool
    stats: Stats

    @classmethod
    def of(cls, request_id: int, error: UserFacingError, stats: Stats) -> Refused:
        """Returns the message for an error; what a model file may have put into it is cut short."""
        tokens, room = (error.tokens, error.room) if isinstance(error, MessageTooLongError) else (0, 0)
        detail, values = error.detail[:_DETAIL], tuple(each[:_DETAIL] for each in error.values)
        interrupted = isinstance(error, AnswerInterruptedError)
        return cls(
            request_id, error.title, detail, error.remedy, error.pattern, values, tokens, room, interrupted, stats
        )  # fmt: skip

    def as_event(self) -> Failed:
        """Returns the event for the one who asked."""
        return Failed(self.request_id, self.as_error(), self.stats)

    def as_error(self) -> UserFacingError:
        """Returns the error that was sent."""
        if self.tokens:
            return MessageTooLongError(self.tokens, self.room)
        kind = AnswerInterruptedError if self.interrupted else UserFacingError
        error = kind(self.title, self.detail, self.remedy)
        error.pattern, error.values = self.pattern, self.values
        return error


@dataclass(frozen=True)
class Forgotten:
    """Nothing is kept of a conversation any more."""

    conversation_id: str


@dataclass(frozen=True)
class LogLine:
    """A line for the log; it holds nothing of what people or the model have written."""

    level: int
    logger: str
    text: str


FromProcess = (
    Ready | Opened | Outdated | Wanted | Loaded | Resting | Waking | Reading | Counted | Trimmed | Token | Finished
    | Refused | Forgotten | Dozing | TemplateReplaced | LogLine
)  # fmt: skip
FROM_PROCESS: Final = (
    Ready, Opened, Outdated, Wanted, Loaded, Resting, Waking, Reading, Counted, Trimmed, Token, Finished, Refused,
    Forgotten, Dozing, TemplateReplaced, LogLine,
)  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """The last thing that the app hears of a process, and no message: it is gone.

    Attributes:
        code: Its exit code; negative: the number of the signal that ended it.
        last_words: What it printed at the end; it holds no conversation.
        nonsense: What was wrong with what it sent; empty: nothing.
        was_killed: The app has ended it.
        limit: What the system has ended it for, by its own account; None: it does not say that it did.
    """

    code: int
    last_words: tuple[str, ...]
    nonsense: str = ""
    was_killed: bool = False
    limit: Limit | None = None


Delivery = FromProcess | Ended
