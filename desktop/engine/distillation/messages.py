"""What the app and the process for distillation say to each other; see :mod:`desktop.engine.process.channel`.

Its first message is :class:`Open` or :class:`Rewrite`; after the second it ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final

VERB: Final = "distillation-process"
LONGEST_TEXT: Final = 100_000
TO_PROCESS_LIMIT: Final = 64 * 1024 * 1024
FROM_PROCESS_LIMIT: Final = 64 * 1024 * 1024
# Tokens of a text with its answer, logits that are kept of one, and temperatures that there are sums for.
MOST_TOKENS: Final = 8_192
MOST_KEPT: Final = 4_096
MOST_TEMPERATURES: Final = 16


class Reason(Enum):
    """Why the process cannot do what it was told."""

    NOT_LOADED = "not loaded"
    NO_LIBRARY = "no library"
    NO_MEMORY = "no memory"
    NONSENSE = "nonsense"
    NOT_WRITTEN = "not written"


@dataclass(frozen=True)
class Open:
    """To the process, first: the model that is asked.

    Attributes:
        n_ctx: Tokens that a text with its answer may have.
        threads: That compute.
        memory: Bytes of address space that may be taken for it.
    """

    path: Path
    n_ctx: int
    threads: int
    memory: int


@dataclass(frozen=True)
class Rewrite:
    """To the process, first: a model to be written anew.

    See :class:`desktop.engine.llama.distillation.quantiser.Rewriting`.

    Attributes:
        memory: Bytes of address space that may be taken for it.
    """

    source: Path
    target: Path
    kind: str
    memory: int
    without: tuple[int, ...] = ()
    embedding: str = ""
    others: tuple[tuple[str, str], ...] = ()
    threads: int = 1
    importance: dict[str, bytes] = field(default_factory=dict)
    texts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Answer:
    """To the process: answer a question, and tell what was thought before each token.

    Attributes:
        text: The question.
        max_tokens: Of the answer.
        sampling_temperature: With which tokens are chosen; 0: the best.
        seed: Of the choice.
        kept: Logits that are kept of a token.
        temperatures: That the sums over all tokens are wanted for.
    """

    text: str
    max_tokens: int
    sampling_temperature: float
    seed: int
    kept: int
    temperatures: tuple[float, ...]


@dataclass(frozen=True)
class Judge:
    """To the process: tell what is thought of an answer.

    See :meth:`desktop.engine.llama.distillation.logits.LogitModel.judge`.

    Attributes:
        tokens: The text.
        first: Where the answer begins.
        asked: Ids of 32 bits, ``kept`` for each token of the answer, in the byte order of this machine.
    """

    tokens: tuple[int, ...]
    first: int
    asked: bytes
    kept: int


@dataclass(frozen=True)
class Watch:
    """To the process: read texts, and tell what goes through the layers.

    Attributes:
        texts: Tokens of each.
        influence: Tell how far each layer turns what goes through it.
        importance: Tell which inputs of the weights are large.
    """

    texts: tuple[tuple[int, ...], ...]
    influence: bool
    importance: bool


@dataclass(frozen=True)
class LayOut:
    """To the process: cut a question and somebody's answer to it into tokens.

    Attributes:
        text: The question.
        answer: The answer.
        is_whole: It came to its end, which has a token.
    """

    text: str
    answer: str
    is_whole: bool


@dataclass(frozen=True)
class Opened:
    """The model is loaded.

    Attributes:
        vocabulary: Tokens that it has.
        walls: What shuts the process in, in words.
    """

    vocabulary: int
    walls: tuple[str, ...]


@dataclass(frozen=True)
class Answered:
    """See :class:`desktop.engine.llama.distillation.logits.ToldAnswer`."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    is_whole: bool
    logits: bytes


@dataclass(frozen=True)
class LaidOut:
    """See :func:`desktop.engine.llama.distillation.layout.lay_out`."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]


@dataclass(frozen=True)
class Judged:
    """See :meth:`desktop.engine.llama.distillation.logits.LogitModel.judge`."""

    found: bytes


@dataclass(frozen=True)
class Watched:
    """See :class:`desktop.engine.llama.distillation.activations.Activations`; numbers of 32 bits of this machine."""

    influences: tuple[float, ...]
    importances: dict[str, bytes]


@dataclass(frozen=True)
class TooLong:
    """The text does not fit into the context; the next one may."""


@dataclass(frozen=True)
class Rewritten:
    """The model is written."""


@dataclass(frozen=True)
class Refused:
    """It cannot be done; the last message.

    Attributes:
        detail: In the words of the library.
    """

    reason: Reason
    detail: str


FromProcess = Opened | Answered | LaidOut | Judged | Watched | TooLong | Rewritten | Refused
TO_PROCESS: Final = (Open, Rewrite, Answer, LayOut, Judge, Watch)
FROM_PROCESS: Final = (Opened, Answered, LaidOut, Judged, Watched, TooLong, Rewritten, Refused)
