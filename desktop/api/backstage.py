"""What requests of other programs are answered with: the models, settings and engine of this Catnap.

On the thread of the engine's supervisor, with a window or without.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.api.answering import Embedder
from desktop.api.offered import OfferedModel, OfferedModels
from desktop.api.questions import ProgramQuestions, Question, Timer
from desktop.common.byte_sizes import format_bytes
from desktop.engine.types import Sampling
from desktop.lifecycle.embedding import EmbeddingInUse
from desktop.lifecycle.supervisor import Supervisor
from desktop.models.choice import ModelChoice
from desktop.settings.for_engine import sampling_of
from desktop.settings.options import Settings

if TYPE_CHECKING:
    from desktop.engine.embedding.engine import EmbeddingEngine


def make_questions(
    supervisor: Supervisor,
    choice: ModelChoice,
    request_ids: itertools.count[int],
    call_later: Callable[[float, Callable[[], None]], Timer],
) -> ProgramQuestions:
    """Makes what puts the questions of programs to the engine that people use.

    Args:
        supervisor: Of the engine.
        choice: The models.
        request_ids: Source of ids that whoever asks the engine shares.
        call_later: Calls back on this thread, after seconds.
    """

    def refusal(file: str | None) -> str | None:
        choice.turn_to(file)
        if choice.ready() is None:
            return "The model is not there now."
        refused = supervisor.admission.refusal()
        if refused is None:
            return None
        needed, free = format_bytes(refused.needed), format_bytes(refused.free)
        return f"There is too little memory for {refused.model}: it needs {needed}, and {free} can be had."

    return ProgramQuestions(
        supervisor,
        request_ids,
        lambda: supervisor.state.is_answering or supervisor.preloader.is_running,
        refusal,
        call_later,
    )


class OwnBackstage:
    """Implements :class:`~desktop.api.answering.Backstage`."""

    def __init__(
        self,
        choice: ModelChoice,
        settings: Callable[[], Settings],
        embedding: EmbeddingInUse,
        questions: ProgramQuestions,
    ) -> None:
        """
        Args:
            choice: The models.
            settings: Returns those in force.
            embedding: Hands out the embedding model.
            questions: Puts questions to the engine.
        """
        self._offered, self._settings = OfferedModels(choice), settings
        self._embedding, self._questions = embedding, questions

    def models(self) -> tuple[OfferedModel, ...]:
        """See :class:`~desktop.api.answering.Backstage`."""
        return self._offered.all()

    def find(self, name: str) -> OfferedModel | None:
        """See :class:`~desktop.api.answering.Backstage`."""
        return self._offered.find(name)

    def sampling(self) -> Sampling:
        """See :class:`~desktop.api.answering.Backstage`."""
        return sampling_of(self._settings())

    def embedder(self) -> Embedder | None:
        """See :class:`~desktop.api.answering.Backstage`."""
        file = self._settings().embedding_model
        return _Embedder(Path(file).stem, self._embedding) if file else None

    def put(self, question: Question) -> None:
        """See :class:`~desktop.api.answering.Backstage`."""
        self._questions.put(question)

    def stop(self, question: Question) -> None:
        """See :class:`~desktop.api.answering.Backstage`."""
        self._questions.stop(question)

    def drop(self, question: Question) -> None:
        """See :class:`~desktop.api.answering.Backstage`."""
        self._questions.drop(question)


class _Embedder:
    """Implements :class:`~desktop.api.answering.Embedder`; what takes its time is imported where it may."""

    def __init__(self, name: str, embedding: Callable[[], EmbeddingEngine | None]) -> None:
        self._name, self._embedding = name, embedding

    @property
    def name(self) -> str:
        """See :class:`~desktop.api.answering.Embedder`."""
        return self._name

    def embed(self, texts: tuple[str, ...], *, is_question: bool) -> tuple[bytes, ...]:
        """See :class:`~desktop.api.answering.Embedder`; any thread."""
        engine = self._embedding()
        return engine.embed(texts, is_question=is_question) if engine is not None else ()
