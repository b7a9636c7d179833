"""What the app and the process with an embedding model say to each other; see :mod:`desktop.engine.process.channel`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

VERB: Final = "embedding-process"
# Characters of a text, and texts of a message: a passage has some 1,000, and more than 256 tokens are not read.
LONGEST_TEXT: Final = 8_000
MOST_TEXTS: Final = 16
# Numbers of a vector; real ones have 384 to 4,096.
MOST_DIMENSIONS: Final = 8_192
TO_PROCESS_LIMIT: Final = MOST_TEXTS * 4 * LONGEST_TEXT + 4096
FROM_PROCESS_LIMIT: Final = MOST_TEXTS * 4 * MOST_DIMENSIONS + 4096


class Reason(Enum):
    """Why the process cannot do what it was told."""

    NOT_LOADED = "not loaded"
    NO_VECTORS = "no vectors"
    NO_MEMORY = "no memory"
    NO_LIBRARY = "no library"


@dataclass(frozen=True)
class Open:
    """To the process, first: the model.

    Attributes:
        threads: That compute.
        memory: Bytes of address space that may be taken for it.
    """

    path: Path
    threads: int
    memory: int


@dataclass(frozen=True)
class Embed:
    """To the process: texts to be turned into vectors, with their prefixes."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Opened:
    """It is ready.

    Attributes:
        dimensions: Numbers of a vector.
        walls: What shuts the process in, in words.
    """

    dimensions: int
    walls: tuple[str, ...]


@dataclass(frozen=True)
class Embedded:
    """The vectors of the texts in their order, each of 32-bit numbers of this machine."""

    vectors: bytes


@dataclass(frozen=True)
class Refused:
    """It cannot be done; the last message.

    Attributes:
        detail: In the words of the library.
    """

    reason: Reason
    detail: str


FromProcess = Opened | Embedded | Refused
TO_PROCESS: Final = (Open, Embed)
FROM_PROCESS: Final = (Opened, Embedded, Refused)
