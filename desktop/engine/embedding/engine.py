"""An embedding model as the app sees it: texts go in, vectors come out; the memory goes back when none is wanted."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import math
import queue
import struct
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.own_process import own_command
from desktop.common.regular_file import NotAFileError, open_regular
from desktop.engine import errors
from desktop.engine.embedding.messages import (
    FROM_PROCESS,
    FROM_PROCESS_LIMIT,
    LONGEST_TEXT,
    MOST_DIMENSIONS,
    MOST_TEXTS,
    TO_PROCESS,
    VERB,
    Embed,
    Embedded,
    Open,
    Opened,
    Reason,
    Refused,
)
from desktop.engine.embedding.prefixes import Prefixes, prefixes_for
from desktop.engine.footprint import Footprint, predict_embedding
from desktop.engine.process.companion import Companion, CompanionError, Language
from desktop.gguf.header import GgufHeader, read_header
from desktop.gguf.kind import ModelKind, kind_of

_log = logging.getLogger(__name__)

# Without a text for that long the process ends.
IDLE_SECONDS: Final = 60.0
# Beyond the prediction: address space that is reserved and hardly touched.
_ROOM: Final = 768 * 1024 * 1024
# A busy old laptop takes some seconds for a text; what takes longer hangs.
_SECONDS: Final = 90.0
_END_SECONDS: Final = 5.0
# Bytes at both ends of a file by which it is known again.
_SAMPLE: Final = 1 << 16
# How far the length of a vector may be from 1.
_TOLERANCE: Final = 1e-3
_LANGUAGE: Final = Language("the process with the embedding model", TO_PROCESS, FROM_PROCESS, FROM_PROCESS_LIMIT)


@dataclass(frozen=True)
class _Wish:
    """Texts that somebody waits for the vectors of."""

    texts: tuple[str, ...]
    is_question: bool
    vectors: Future[tuple[bytes, ...]]


class EmbeddingEngine:
    """One embedding model, in a process that is started with the first text. Any thread; they take turns.

    The process belongs to a thread of this object, which ends with it: on Linux it would be ended with the thread of
    whoever came first.

    Attributes:
        path: Its file.
    """

    def __init__(
        self,
        path: Path,
        admit: Callable[[Footprint], bool] = lambda _needed: True,
        *,
        threads: int = 1,
        idle_seconds: float = IDLE_SECONDS,
        text_seconds: float = _SECONDS,
        command: Sequence[str] | None = None,
    ) -> None:
        """
        Args:
            path: A GGUF file.
            admit: Whether the memory that it needs may be taken now; asked before each start, on another thread.
            threads: That compute.
            idle_seconds: After which it ends.
            text_seconds: That one text may take, or the start; what takes longer is ended.
            command: What to start; None: this very program.
        """
        self.path = path
        self._admit, self._threads, self._command = admit, threads, command
        self._idle, self._text_seconds = idle_seconds, text_seconds
        self._lock = threading.Lock()
        self._wishes: queue.SimpleQueue[_Wish | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._running: _Running | None = None
        self._header: GgufHeader | None = None
        self._prefixes = Prefixes()
        self._identity = ""

    @property
    def identity(self) -> str:
        """What its vectors are kept under: those of another file cannot be compared with them.

        Raises:
            UserFacingError: The file cannot be read.
        """
        if not self._identity:
            self._identity = _identity_of(self.path)
        return self._identity

    @property
    def is_running(self) -> bool:
        """Whether there is a process now."""
        return self._running is not None

    @property
    def process_id(self) -> int | None:
        """Of the process; None: there is none."""
        running = self._running
        return running.process_id if running is not None else None

    @property
    def walls(self) -> tuple[str, ...]:
        """What shuts the process in, in words."""
        running = self._running
        return running.walls if running is not None else ()

    def check(self) -> Footprint:
        """Returns what the model takes of the memory while it works; nothing is loaded for that.

        Raises:
            UserFacingError: It is no embedding model, or cannot be read.
        """
        return predict_embedding(self._checked())

    def embed(self, texts: Sequence[str], *, is_question: bool, seconds: float | None = None) -> tuple[bytes, ...]:
        """Returns the vectors of texts, each of 32-bit numbers of this machine and of length 1.

        Args:
            texts: Of any number; what is longer than the model reads is cut. None: the process is only started.
            is_question: They are asked, and not looked for.
            seconds: To wait at the most; None: as long as it takes. What was begun goes on.

        Raises:
            UserFacingError: The file is no embedding model or cannot be read, there is too little memory for it, the
                process has died, hangs, or talks nonsense; or it was not waited for.
        """
        wish = self._ask(texts, is_question)
        try:
            return wish.vectors.result(seconds)
        except FutureTimeout:
            raise _busy(self.path) from None

    def prepare(self) -> None:
        """Has the process started, if it can be, for a question that may come; returns at once."""
        if not self.is_running:
            self._ask((), is_question=True)

    def end(self) -> None:
        """Ends the process, if there is one, whatever it does; the next text starts another."""
        with self._lock:
            thread, running = self._thread, self._running
            if thread is None:
                return
            self._wishes.put(None)
        if running is not None:
            running.kill()
        thread.join(_END_SECONDS)

    def _ask(self, texts: Sequence[str], is_question: bool) -> _Wish:
        wish = _Wish(tuple(texts), is_question, Future())
        with self._lock:
            self._wishes.put(wish)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="embedding", daemon=True)
                self._thread.start()
        return wish

    def _work(self) -> None:
        while True:
            wish: _Wish | None = None
            with contextlib.suppress(queue.Empty):
                wish = self._wishes.get(timeout=self._idle)
            if wish is None and not self._may_end():
                continue
            if wish is None:
                return
            try:
                wish.vectors.set_result(self._vectors_of(wish))
            except BaseException as problem:
                self._drop()
                wish.vectors.set_exception(problem)

    def _may_end(self) -> bool:
        """Ends the process; returns whether the thread ends as well, since nobody has asked meanwhile."""
        self._drop()
        with self._lock:
            if not self._wishes.empty():
                return False
            self._thread = None
            return True

    def _vectors_of(self, wish: _Wish) -> tuple[bytes, ...]:
        running = self._running
        if running is None:
            needed = predict_embedding(self._checked())
            if not self._admit(needed):
                raise _too_little_memory(self.path)
            order = Open(self.path, self._threads, needed.rss + _ROOM)
            running = self._running = _Running(order, self._command or own_command(VERB), self._text_seconds)
        before = self._prefixes.question if wish.is_question else self._prefixes.passage
        ready = [before + text[:LONGEST_TEXT] for text in wish.texts]
        found: list[bytes] = []
        for place in range(0, len(ready), MOST_TEXTS):
            part = tuple(ready[place : place + MOST_TEXTS])
            found += running.embed(part, self._text_seconds * len(part))
        return tuple(found)

    def _checked(self) -> GgufHeader:
        """Returns the header of the file, if it is an embedding model's."""
        if self._header is None:
            header = read_header(self.path)
            if kind_of(header, self.path.name) is not ModelKind.EMBEDDING:
                raise no_embedding_model(self.path)
            self._prefixes = prefixes_for(header.name, self.path.name)
            self._header = header
        return self._header

    def _drop(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.end()


class _Running:
    """One process with the model in it.

    Attributes:
        process_id: Its number.
        walls: What shuts it in, in words.
    """

    def __init__(self, order: Open, command: Sequence[str], seconds: float) -> None:
        self._path = order.path
        self._companion = Companion(command, _LANGUAGE, order.memory, _cannot_start)
        self.process_id = self._companion.process_id
        try:
            opened = self._answer(order, Opened, seconds)
            if not 0 < opened.dimensions <= MOST_DIMENSIONS:
                raise self._died("a strange number of dimensions")
            self._dimensions = opened.dimensions
            self.walls: tuple[str, ...] = opened.walls
        except BaseException:
            self.end()
            raise

    def embed(self, texts: tuple[str, ...], seconds: float) -> list[bytes]:
        """Returns the vectors of texts that have their prefixes; not more than go into a message."""
        vectors = self._answer(Embed(texts), Embedded, seconds).vectors
        size = 4 * self._dimensions
        if len(vectors) != size * len(texts):
            raise self._died(f"{len(vectors)} bytes of vectors")
        found = [vectors[place : place + size] for place in range(0, len(vectors), size)]
        for vector in found:
            length = math.sqrt(math.fsum(value * value for (value,) in struct.iter_unpack("=f", vector)))
            if not abs(length - 1) < _TOLERANCE:
                raise self._died("a vector that is none")
        return found

    def kill(self) -> None:
        """Ends it now, from any thread."""
        self._companion.kill()

    def end(self) -> None:
        """Ends it, and waits until its memory is free again."""
        self._companion.end()

    def _answer(self, message: object, kind: type[Any], seconds: float) -> Any:
        try:
            said = self._companion.ask(message, (kind, Refused), seconds)
        except CompanionError as problem:
            raise self._died(str(problem)) from problem
        if isinstance(said, Refused):
            raise _refused(said, self._path)
        return said

    def _died(self, why: str) -> UserFacingError:
        _log.warning("the process with the embedding model: %s", why)
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The embedding model has brought its process down."),
            f"{self._path}: {why}.",
            QT_TRANSLATE_NOOP("Errors", "Until it works again, documents are found by their words."),
        )


def _identity_of(path: Path) -> str:
    try:
        with open_regular(path) as file:
            begin = file.read(_SAMPLE)
            size = file.seek(0, 2)
            file.seek(max(0, size - _SAMPLE))
            end = file.read(_SAMPLE)
    except (OSError, NotAFileError) as problem:
        errors.check_file(path)  # says more
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The model file cannot be read."), f"{path}: {problem}."
        ) from problem
    return hashlib.sha256(b"%d\0" % size + begin + end).hexdigest()[:32]


def no_embedding_model(path: Path) -> UserFacingError:
    """Returns what to say of a model that makes no vectors of texts."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This is no embedding model: it does not compare texts."),
        f"{path}.",
        QT_TRANSLATE_NOOP("Errors", "Choose one whose name has “embed”, “e5” or “bge” in it."),
    )


def _refused(refused: Refused, path: Path) -> UserFacingError:
    if refused.reason is Reason.NO_VECTORS:
        return no_embedding_model(path)
    if refused.reason is Reason.NO_MEMORY:
        return _too_little_memory(path)
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The embedding model cannot be loaded."),
        f"{path}: {refused.detail}.",
        QT_TRANSLATE_NOOP("Errors", "Choose another one. Until then documents are found by their words."),
    )


def _too_little_memory(path: Path) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "There is too little memory for the embedding model now."),
        f"{path.name}.",
        QT_TRANSLATE_NOOP("Errors", "Until there is more, documents are found by their words."),
    )


def _busy(path: Path) -> UserFacingError:
    return UserFacingError(QT_TRANSLATE_NOOP("Errors", "The embedding model is busy."), f"{path.name}.")


def _cannot_start(reason: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The process for the embedding model cannot be started."), f"{reason}."
    )
