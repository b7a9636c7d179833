"""The values that cross the border of the engine. Standard library only; every one is frozen.

Requests go in through :class:`~desktop.engine.ports.AnswerPort`, events come out through the ``post`` callable given to
the engine. Events of one request carry its id; a receiver drops those whose id it no longer waits for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from desktop.common.errors import UserFacingError
from desktop.engine.backends import GpuUse


class Role(Enum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True)
class Message:
    """One message of a conversation, as the chat template takes it."""

    role: Role
    text: str


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen.

    Attributes:
        temperature: 0 means greedy.
        top_k: Candidates kept by rank; 0 keeps all.
        top_p: Candidates kept by cumulative probability; 1 keeps all.
        min_p: Candidates kept by probability relative to the best; 0 keeps all.
        repeat_penalty: 1 means none.
        repeat_last_n: Tokens the penalties look back over.
        frequency_penalty: Taken from a token's logit for each time that it stands there; 0 means none.
        presence_penalty: Taken from a token's logit if it stands there at all; 0 means none.
        seed: None draws a new one for each answer.
        max_tokens: Longest answer in tokens; None: as long as the context has room.
        stop_loops: An answer that begins to repeat itself is over, see :mod:`desktop.common.loops.detector`.
    """

    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.9
    min_p: float = 0.05
    repeat_penalty: float = 1.1
    repeat_last_n: int = 64
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    seed: int | None = None
    max_tokens: int | None = None
    stop_loops: bool = False


class KvType(Enum):
    """Precision of the KV cache."""

    F16 = "f16"
    Q8_0 = "q8_0"
    Q4_0 = "q4_0"


class FlashAttention(Enum):
    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True)
class EngineConfig:
    """Everything the engine must know; a new value is compared with the one in force and the least is done.

    Attributes:
        model_path: The GGUF file; None: no model is chosen, generation fails with a sentence.
        n_ctx: Context in tokens; capped at what the model was trained for.
        n_batch: Tokens evaluated at once while reading.
        threads: Threads for generation; 0 = automatic (physical cores, at most 4).
        threads_limit: The most threads there may be, whatever ``threads`` says (on battery); 0: no limit.
        idle_seconds: Time without a request after which the model dozes; None: never.
        sleep_seconds: Time without a request after which it sleeps; None: never.
        use_mmap: Map the file instead of reading it, so that the system may take its pages back.
        repack: "Faster answers": weights are rewritten for this CPU at load, in anonymous memory.
        kv_type: Precision of the KV cache.
        flash_attention: Flash attention; a quantised V cache needs it.
        memory_limit: Bytes that the model may take, its mapped file included; None: nobody knows.
        snapshots_dir: Folder of the conversation states; None: there is none.
        snapshots_budget: Bytes that the states may take together; 0: none are kept, and those that are there go.
        gpu: The graphics processor that computes along; None: the processor alone does.
    """

    model_path: Path | None
    n_ctx: int = 2048
    n_batch: int = 512
    threads: int = 0
    threads_limit: int = 0
    idle_seconds: float | None = 300.0
    sleep_seconds: float | None = 1800.0
    use_mmap: bool = True
    repack: bool = False
    kv_type: KvType = KvType.F16
    flash_attention: FlashAttention = FlashAttention.AUTO
    memory_limit: int | None = None
    snapshots_dir: Path | None = None
    snapshots_budget: int = 512 * 1024 * 1024
    gpu: GpuUse | None = None

    def needs_reload(self, loaded: EngineConfig) -> bool:
        """Tells whether a model that was loaded with another configuration must be loaded again for this one.

        The one place that says so. What is not named here takes effect without.

        Args:
            loaded: The configuration in force when the model was loaded.
        """
        return self._of_load() != loaded._of_load()

    @property
    def can_doze(self) -> bool:
        """Whether dozing gives memory back: weights that are not mapped stay where they are until the model sleeps.

        So do those in the memory of a graphics processor.
        """
        return self.use_mmap and not self.repack and self.gpu is None

    def shares_snapshots(self, other: EngineConfig) -> bool:
        """Tells whether states of conversations made with the one configuration are of use with the other."""
        return self._of_states() == other._of_states()

    def _of_load(self) -> tuple[object, ...]:
        return (*self._of_states(), self.n_batch, self.use_mmap, self.repack)

    def _of_states(self) -> tuple[object, ...]:
        return (self.model_path, self.n_ctx, self.kv_type, self.flash_attention, self.gpu)


@dataclass(frozen=True)
class BegunAnswer:
    """What is there of an answer that was cut off.

    Attributes:
        text: The answer as far as it came.
        thought: The thoughts before it.
    """

    text: str
    thought: str = ""


@dataclass(frozen=True)
class Generation:
    """A request for one answer.

    Attributes:
        request_id: Chosen by the caller, never used twice while the program runs.
        conversation_id: Whose KV state this is; a quick ask uses an id of its own.
        messages: The whole conversation: an optional system message first, then alternating turns, the user's last.
        sampling: How tokens are chosen.
        thinking: Let a model that can think aloud do so; its thoughts arrive as ``Token(thinking=True)``.
        cut: Leading messages after the system message that earlier answers have already dropped to make room.
        keep_state: The KV state of this conversation may be written to disk; False for what must leave no trace.
        begun: The answer goes on from here, in the same turn; what comes is only the rest of it. None: it begins.
        model_file: Name of the file of the model that shall answer, which may be gone; None: the usual one. Whoever
            configures the engine sees to it. "server:NAME/MODEL" is a model on a server, see
            :mod:`desktop.engine.routing`.
        prefix_id: Whose KV state it is that other conversations begin with as well: the tokens before the first
            question. It is kept on disk under this id, which is no conversation's; None: none is kept.
        prefix_messages: Messages after the system message that belong to it: an example of how to answer.
        prefix_lasts: It is long, a document: it is kept at whatever question it is read, and as far as it was read when
            the reading is broken off. Without: only where the first question begins.
        opening: Stands at the beginning of the first user's message that is read, whichever that is by then: a document
            that all questions are about, which is never dropped. Empty: nothing does.
        schema: A JSON Schema, as text: the answer is JSON that keeps to it, and nothing else. Thoughts are off, or
            stand before it where a model cannot do without. An answer that ends as COMPLETE is whole; any other is the
            beginning of one, and can go on from there. None: the answer is free.
        plain: There is no chat: its only message is a text that the model goes on with, without a template.
    """

    request_id: int
    conversation_id: str
    messages: tuple[Message, ...]
    sampling: Sampling = field(default_factory=Sampling)
    thinking: bool = False
    cut: int = 0
    keep_state: bool = True
    begun: BegunAnswer | None = None
    prefix_id: str | None = None
    prefix_messages: int = 0
    prefix_lasts: bool = False
    model_file: str | None = None
    opening: str = ""
    schema: str | None = None
    plain: bool = False


class FinishReason(Enum):
    COMPLETE = "complete"
    LENGTH = "length"  # max_tokens, or the context is full
    STOPPED = "stopped"  # cancelled by the user
    REPEATED = "repeated"  # it said the same over and over


# Of ``Stats.at_limit``.
CUT_OFF, REPEATED_ITSELF = 1, 2


class SleepReason(Enum):
    IDLE = "idle"
    ASKED = "asked"
    MEMORY = "memory"
    RECONFIGURED = "reconfigured"
    RELEASED = "released"  # its file is to be moved, deleted or written to
    STOPPED = "stopped"
    CRASHED = "crashed"


class Work(Enum):
    """What the engine's process does."""

    STARTING = "starting"
    LOADING = "loading"
    READING = "reading"
    ANSWERING = "answering"
    RESTING = "resting"
    DOZING = "dozing"
    SAVING = "saving"


@dataclass(frozen=True)
class Stats:
    """Figures of one answer. Times in seconds, lengths in tokens.

    Attributes:
        load_s: Time to load the model for this answer; 0 when it was awake.
        prompt_tokens: The whole prompt.
        reused_tokens: Of these, found in the KV cache.
        read_s: Time to read the others.
        generated_tokens: Tokens of the answer.
        generate_s: Time to generate them, without the first one.
        ttft_s: From taking the request to the first token.
        threads: Threads used for generation at the end.
        at_limit: 1: it ended because it, or the context, was as long as it may be; 2: because it began to repeat
            itself; 0: by itself, or was stopped.
    """

    load_s: float = 0.0
    prompt_tokens: int = 0
    reused_tokens: int = 0
    read_s: float = 0.0
    generated_tokens: int = 0
    generate_s: float = 0.0
    ttft_s: float = 0.0
    threads: int = 0
    at_limit: int = 0

    @property
    def repeated(self) -> bool:
        """Whether it ended because it began to repeat itself."""
        return self.at_limit == REPEATED_ITSELF

    @property
    def prompt_tps(self) -> float:
        """Reading speed in tokens per second; 0 when nothing was read."""
        return (self.prompt_tokens - self.reused_tokens) / self.read_s if self.read_s > 0 else 0.0

    @property
    def gen_tps(self) -> float:
        """Generation speed in tokens per second; 0 for fewer than two tokens."""
        return (self.generated_tokens - 1) / self.generate_s if self.generate_s > 0 else 0.0


@dataclass(frozen=True)
class Waking:
    """The model is being loaded. ``fraction`` runs from 0 to 1."""

    request_id: int
    fraction: float


@dataclass(frozen=True)
class Awake:
    """The model is in memory, with a context.

    Attributes:
        model_name: ``general.name`` of the file, or its file name.
        n_ctx: The context in force, in tokens.
        threads: Threads in force.
        can_think: The template knows how to switch thinking on and off.
        loaded_with: The configuration in force when it was loaded.
        backend: The CPU backend in use, in words.
        gpu: The graphics processor that computes along, by its maker's name; empty: none does.
    """

    model_name: str
    n_ctx: int
    threads: int
    can_think: bool
    loaded_with: EngineConfig
    backend: str = ""
    gpu: str = ""


@dataclass(frozen=True)
class Reading:
    """The prompt is being evaluated: ``done`` of ``total`` tokens that were not in the KV cache; 0 of 0: unknown."""

    request_id: int
    done: int
    total: int


@dataclass(frozen=True)
class Counted:
    """What a conversation and the draft at its end would take of the context, were the draft sent now; all in tokens.

    Attributes:
        history: What is read before the draft.
        message: The draft with what opens the answer; 0: nothing is written. Longer than ``room`` it cannot be sent.
        cut: Leading messages after the system message that are not read; with the draft more may be.
        n_ctx: The context in force.
        reserve: Kept free for the answer.
    """

    request_id: int
    history: int
    message: int
    cut: int
    n_ctx: int
    reserve: int

    @property
    def room(self) -> int:
        """What may be taken without the answer."""
        return self.n_ctx - self.reserve


@dataclass(frozen=True)
class Trimmed:
    """The conversation outgrew the context: ``cut`` leading messages after the system message are no longer read."""

    request_id: int
    cut: int


@dataclass(frozen=True)
class TemplateReplaced:
    """The file's chat template went too far and is not used; a common one is. Said once for each loading.

    Attributes:
        model_name: As in :class:`Awake`.
    """

    model_name: str


@dataclass(frozen=True)
class Stalled:
    """The engine's process gets no further while it should work, or a server sends nothing; said again after a while.

    ``Recovered``, or the end of the request, comes after it.

    Attributes:
        request_id: Of an answer that is waited for.
        seconds: For how long it has not.
        computes: It computes all the while; otherwise it gives no sign of life at all.
    """

    request_id: int
    seconds: int
    computes: bool = False


@dataclass(frozen=True)
class Recovered:
    """The engine's process gets further again, or a server sends again, after ``Stalled``."""

    request_id: int


@dataclass(frozen=True)
class Token:
    """A piece of the answer; whole characters only, ``tokens`` tokens long."""

    request_id: int
    text: str
    thinking: bool = False
    tokens: int = 1


@dataclass(frozen=True)
class Finished:
    request_id: int
    reason: FinishReason
    stats: Stats


@dataclass(frozen=True)
class Failed:
    """The request failed; what was generated before stays valid. The engine goes on."""

    request_id: int
    error: UserFacingError
    stats: Stats


@dataclass(frozen=True)
class Dozing:
    """The model has given back what it can have again at once: its context and the pages of its weights."""


@dataclass(frozen=True)
class Crashed:
    """The engine's process has died. ``Failed`` comes before it if it was answering, ``Asleep`` comes after it.

    Attributes:
        model_path: The file that it had, or was to load.
        work: What it did.
        gpu: The graphics processor that it used; None: none.
        file_changed: The file has changed while it was in use, so it is not to blame.
        out_of_memory: There was not enough memory for it, which is no fault of the file.
        from_outside: Another program or the system has ended it, which is none either.
        was_asked: An answer was on its way, so whoever asked has been told.
    """

    model_path: Path | None
    work: Work
    gpu: GpuUse | None = None
    file_changed: bool = False
    out_of_memory: bool = False
    from_outside: bool = False
    was_asked: bool = False

    @property
    def is_due_to_the_file(self) -> bool:
        """Whether it is the model's file, as it is, that brought the process down: it died over loading it."""
        excused = self.file_changed or self.out_of_memory or self.from_outside or self.gpu is not None
        return self.work is Work.LOADING and not excused


@dataclass(frozen=True)
class GpuGivenUp:
    """The graphics processor is not used any more, and the processor answers instead; said once for each reason.

    Attributes:
        use: What was tried, or in use.
        model_path: With which model.
        problem: Why, in a sentence.
        is_lasting: It is the device's or the driver's fault, and would be again.
        has_died: The engine's process has, or it was ended.
        was_told: The answer under way ends with a sentence about it.
    """

    use: GpuUse
    model_path: Path | None
    problem: UserFacingError
    is_lasting: bool = True
    has_died: bool = False
    was_told: bool = False


@dataclass(frozen=True)
class Asleep:
    """The model is not in memory, and there is no process that has it."""

    reason: SleepReason


EngineEvent = (
    Waking | Awake | Reading | Counted | Trimmed | TemplateReplaced | Stalled | Recovered | Token | Finished | Failed
    | Dozing | Crashed | GpuGivenUp | Asleep
)  # fmt: skip
