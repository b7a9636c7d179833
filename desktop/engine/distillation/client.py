"""A model whose thoughts are asked for, in a process of its own, as the app sees it; and models written anew."""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from desktop.common.errors import QT_TRANSLATE_NOOP, MessageTooLongError, UserFacingError
from desktop.common.own_process import own_command
from desktop.engine.distillation.messages import (
    FROM_PROCESS,
    FROM_PROCESS_LIMIT,
    LONGEST_TEXT,
    MOST_KEPT,
    MOST_TEMPERATURES,
    MOST_TOKENS,
    TO_PROCESS,
    VERB,
    Answer,
    Answered,
    Judge,
    Judged,
    LaidOut,
    LayOut,
    Open,
    Opened,
    Reason,
    Refused,
    Rewrite,
    Rewritten,
    TooLong,
    Watch,
    Watched,
)
from desktop.engine.footprint import predict
from desktop.engine.llama.distillation.logits import BATCH, record_size
from desktop.engine.process.companion import Companion, CompanionError, Language
from desktop.engine.types import KvType
from desktop.gguf.header import GgufHeader, read_header

# Beyond the prediction: address space that is reserved and hardly touched.
_ROOM: Final = 768 * 1024 * 1024
# An old laptop takes minutes for a long answer of a model of 7 billion weights, or for writing it anew.
_SECONDS: Final = 3600.0
_LOADING_SECONDS: Final = 600.0
# Bytes beside the file itself that writing a model anew takes: buffers, and a map of the target.
_REWRITING: Final = 1 << 30
_LANGUAGE: Final = Language("the process for distillation", TO_PROCESS, FROM_PROCESS, FROM_PROCESS_LIMIT)


class AskedModel:
    """A model in a process of its own; a context manager. One thread.

    Attributes:
        path: Its file.
        n_ctx: Tokens that a text with its answer may have.
        vocabulary: Tokens that it has.
        walls: What shuts the process in, in words.
    """

    def __init__(self, path: Path, n_ctx: int, threads: int = 1, *, command: Sequence[str] | None = None) -> None:
        """Starts the process and loads the model.

        Args:
            path: A GGUF file.
            n_ctx: Tokens that a text with its answer may have.
            threads: That compute.
            command: What to start; None: this very program.

        Raises:
            UserFacingError: The file cannot be read or loaded, or the process cannot be started.
        """
        self.path = path
        self.n_ctx = n_ctx = min(n_ctx, MOST_TOKENS)
        memory = _needed(read_header(path), n_ctx)
        self._companion = Companion(command or own_command(VERB), _LANGUAGE, memory, _cannot_start)
        try:
            opened = self._ask(Open(path, n_ctx, threads, memory), (Opened,), _LOADING_SECONDS)
            if not 0 < opened.vocabulary < 1 << 24:
                raise self._died("a strange vocabulary")
            self.vocabulary: int = opened.vocabulary
            self.walls: tuple[str, ...] = opened.walls
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    @property
    def most_kept(self) -> int:
        """Logits of a token that it can tell."""
        return min(MOST_KEPT, self.vocabulary)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process; may be called twice."""
        self._companion.end()

    def answer(self, order: Answer) -> Answered:
        """Has the model answer a question, and tell what it thought before each token.

        Args:
            order: The question and what is wanted of the answer; how it is laid out says
                :func:`desktop.engine.llama.distillation.logits.record_size`.

        Raises:
            MessageTooLongError: The question and its answer do not fit into the context.
            UserFacingError: The process has died, hangs, or talks nonsense.
        """
        if len(order.text) > LONGEST_TEXT or order.kept > MOST_KEPT or len(order.temperatures) > MOST_TEMPERATURES:
            raise MessageTooLongError(len(order.text), LONGEST_TEXT)
        answered: Answered = self._ask(order, (Answered, TooLong))
        size = record_size(order.kept, len(order.temperatures))
        if not (
            0 < len(answered.answer) <= order.max_tokens
            and 0 < len(answered.prompt) <= MOST_TOKENS
            and len(answered.logits) == size * len(answered.answer)
            and all(0 <= token < self.vocabulary for token in (*answered.prompt, *answered.answer))
            and all(
                _is_sane(answered.logits, place, order.kept, len(order.temperatures), self.vocabulary)
                for place in range(0, len(answered.logits), size)
            )
        ):
            raise self._died("an answer that is none")
        return answered

    def lay_out(self, text: str, answer: str, *, is_whole: bool) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Cuts a question, as the chat template has it, and somebody's answer to it into tokens.

        Args:
            text: The question.
            answer: The answer.
            is_whole: It came to its end, whose token is the last.

        Raises:
            MessageTooLongError: One of them is too long to be sent.
            UserFacingError: The process has died, hangs, or talks nonsense.
        """
        if max(len(text), len(answer)) > LONGEST_TEXT:
            raise MessageTooLongError(max(len(text), len(answer)), LONGEST_TEXT)
        laid: LaidOut = self._ask(LayOut(text, answer, is_whole), (LaidOut,))
        if not laid.prompt or not all(0 <= token < self.vocabulary for token in (*laid.prompt, *laid.answer)):
            raise self._died("tokens that there are not")
        return laid.prompt, laid.answer

    def judge(
        self, tokens: Sequence[int], first: int, asked: array[int], kept: int
    ) -> list[tuple[float, int, array[float]]]:
        """Asks what the model thinks of an answer.

        Args:
            tokens: The text.
            first: Where the answer begins, from 1 on.
            asked: For each token of the answer as many ids (32 bits, "I") as ``kept``.
            kept: See ``asked``.

        Returns:
            For each token of the answer: the logarithm of the sum of exp(logit) over all tokens; the best token; the
            logits of the token that stands there and of those asked for.

        Raises:
            MessageTooLongError: The text does not fit into the context.
            UserFacingError: The process has died, hangs, or talks nonsense.
        """
        judged = self._ask(Judge(tuple(tokens), first, asked.tobytes(), kept), (Judged, TooLong))
        size = 8 + 4 * (kept + 1)
        if len(judged.found) != size * (len(tokens) - first):
            raise self._died(f"{len(judged.found)} bytes of logits")
        found = []
        for place in range(0, len(judged.found), size):
            total, best = struct.unpack_from("<fI", judged.found, place)
            logits = array("f", judged.found[place + 8 : place + size])
            if not (math.isfinite(total) and best < self.vocabulary and all(map(math.isfinite, logits))):
                raise self._died("logits that are none")
            found.append((total, best, logits))
        return found

    def watch(
        self, texts: Sequence[Sequence[int]], *, influence: bool = False, importance: bool = False
    ) -> tuple[tuple[float, ...], dict[str, bytes]]:
        """Has the model read texts, and returns what goes through its layers.

        See :class:`~desktop.engine.llama.distillation.activations.Activations`.

        Raises:
            MessageTooLongError: A text does not fit into the context.
            UserFacingError: The process has died, hangs, or talks nonsense.
        """
        order = Watch(tuple(map(tuple, texts)), influence, importance)
        watched: Watched = self._ask(order, (Watched, TooLong))
        if not all(map(math.isfinite, watched.influences)) or any(len(row) % 4 for row in watched.importances.values()):
            raise self._died("activations that are none")
        return watched.influences, watched.importances

    def _ask(self, message: object, kinds: tuple[type, ...], seconds: float = _SECONDS) -> Any:
        try:
            said = self._companion.ask(message, (*kinds, Refused), seconds)
        except CompanionError as problem:
            raise self._died(str(problem)) from problem
        if isinstance(said, Refused):
            raise _refused(said, self.path)
        if isinstance(said, TooLong):
            raise MessageTooLongError(0, 0)
        return said

    def _died(self, why: str) -> UserFacingError:
        return _died(self.path, why)


def rewrite_model(order: Rewrite, *, command: Sequence[str] | None = None) -> None:
    """Writes a model anew in a process of its own, under another name first, so that the target is whole or not there.

    Args:
        order: What is wanted; its ``memory`` is set here.
        command: What to start; None: this very program.

    Raises:
        UserFacingError: The source cannot be read, or the library refuses.
        OSError: The target cannot be written.
    """
    header = read_header(order.source)
    scratch = order.target.with_name(f".{order.target.name}.part")
    memory = 2 * header.file_size + _REWRITING + _ROOM
    companion = Companion(command or own_command(VERB), _LANGUAGE, memory, _cannot_start)
    try:
        said = companion.ask(replace(order, target=scratch, memory=memory), (Rewritten, Refused), _SECONDS)
        if isinstance(said, Refused):
            raise _refused(said, order.target)
        scratch.replace(order.target)
    except CompanionError as problem:
        raise _died(order.source, str(problem)) from problem
    finally:
        companion.end()
        scratch.unlink(missing_ok=True)


def _needed(header: GgufHeader, n_ctx: int) -> int:
    needed = predict(header, n_ctx=n_ctx, n_batch=BATCH, kv_type=KvType.F16, repack=False)
    # Logits of a batch are kept twice: the library's, and the graph's.
    return needed.rss + 2 * BATCH * 4 * header.lengths.get("tokenizer.ggml.tokens", 0) + _ROOM


def _is_sane(logits: bytes, place: int, kept: int, temperatures: int, vocabulary: int) -> bool:
    numbers = struct.unpack_from(f"<{1 + temperatures}f", logits, place)
    ids = struct.unpack_from(f"<{kept}I", logits, place + 4 * len(numbers))
    below = struct.unpack_from(f"<{kept}e", logits, place + 4 * len(numbers) + 4 * kept)
    return (
        all(map(math.isfinite, numbers)) and max(ids) < vocabulary and all(math.isfinite(x) and x >= 0 for x in below)
    )


def _cannot_start(reason: str) -> UserFacingError:
    return UserFacingError(QT_TRANSLATE_NOOP("Errors", "The process for distillation cannot be started."), f"{reason}.")


def _died(path: Path, why: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The model has brought the process for distillation down."),
        f"{path}: {why}.",
        QT_TRANSLATE_NOOP(
            "Errors",
            "What was collected is kept, and the same command goes on. If it happens again, use another model file.",
        ),
    )


def _refused(refused: Refused, path: Path) -> UserFacingError:
    title, remedy = {
        Reason.NOT_LOADED: (
            QT_TRANSLATE_NOOP("Errors", "The model cannot be loaded."),
            QT_TRANSLATE_NOOP("Errors", "Choose another model, or a newer Catnap."),
        ),
        Reason.NO_LIBRARY: (
            QT_TRANSLATE_NOOP("Errors", "The library that computes cannot be loaded."),
            QT_TRANSLATE_NOOP("Errors", "Install Catnap again."),
        ),
        Reason.NO_MEMORY: (
            QT_TRANSLATE_NOOP("Errors", "There is not enough memory to compute."),
            QT_TRANSLATE_NOOP("Errors", "Close other programs, or choose a smaller model or context."),
        ),
        Reason.NONSENSE: (
            QT_TRANSLATE_NOOP("Errors", "The model computes nonsense."),
            QT_TRANSLATE_NOOP("Errors", "Download the file again, or choose another model."),
        ),
        Reason.NOT_WRITTEN: (
            QT_TRANSLATE_NOOP("Errors", "The model cannot be written anew."),
            QT_TRANSLATE_NOOP("Errors", "Check that the disk is not full and the folder is writable."),
        ),
    }[refused.reason]
    why = refused.detail.rstrip(".")
    return UserFacingError(title, f"{why}." if why.startswith(str(path)) else f"{path}: {why}.", remedy)
