"""Has the teacher answer the prompts, and keeps what it thought before each token.

How many logits a token needs depends on the temperature that the student is trained at: warmer, the probability spreads
over more of the vocabulary. SmolLM2's best 64 of 49,152 hold 97 % at 1, 48 % at 2, 12 % at 3 and 2 % at 5: a loss on
those alone would teach the student a distribution that the teacher never had. So the first answers are looked at, as
many are kept as the temperature needs, and where even :data:`MOST` do not hold enough the temperature is lowered.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from statistics import fmean
from typing import Final, Protocol

from desktop.common.errors import QT_TRANSLATE_NOOP, MessageTooLongError, UserFacingError
from desktop.engine.distillation.messages import Answer, Answered
from desktop.student.manifest import ProjectSettings
from desktop.student.project import Project
from desktop.student.prompts import Prompt
from desktop.student.sequences import Appender, Layout, TaughtSequence, open_for_more, read_sequences

# Logits of a token that are kept at the most, and of one that is held out: 6 kB, for figures that hardly leave any out.
MOST: Final = 1024
_SIZES: Final = (64, 128, 256, 512, MOST)
_TEMPERATURES: Final = (1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 5.0)
# What is looked at before: a few words of the first answers.
_PROBED, _PROBED_TOKENS = 6, 16


class Teacher(Protocol):
    """Whoever is asked: a model on this computer, or one of :mod:`desktop.student.teachers`."""

    @property
    def vocabulary(self) -> int:
        """Tokens that its answers are made of."""

    @property
    def most_kept(self) -> int:
        """Logits of a token that it can tell."""

    def answer(self, order: Answer) -> Answered:
        """Answers a question; see :meth:`desktop.engine.distillation.client.AskedModel.answer`."""


@dataclass(frozen=True)
class Plan:
    """How answers are kept, and what that will take.

    Attributes:
        kept: Logits of a token.
        temperature: The highest that they are good for.
        asked: The temperature that was asked for.
        mass: The share of the probability that the kept ones hold at ``temperature``, on average.
        mass_asked: The same at the temperature asked for.
        tokens_per_second: That the teacher makes.
    """

    kept: int
    temperature: float
    asked: float
    mass: float
    mass_asked: float
    tokens_per_second: float

    @property
    def is_capped(self) -> bool:
        """Whether the temperature is lower than the one that was asked for."""
        return self.temperature < self.asked

    def layout(self, vocabulary: int, kept: int | None = None) -> Layout:
        """Returns the layout of a file of answers.

        Args:
            vocabulary: Tokens of the teacher.
            kept: Logits of a token; None: as planned.
        """
        temperatures = (1.0,) if self.temperature == 1.0 else (1.0, self.temperature)
        return Layout(vocabulary, self.kept if kept is None else min(kept, vocabulary), temperatures)

    def seconds(self, answers: int, settings: ProjectSettings) -> float:
        """Returns how long answers may take, if none ends early."""
        return answers * settings.max_tokens / self.tokens_per_second

    def size(self, answers: int, settings: ProjectSettings) -> int:
        """Returns the bytes that answers may take, if none ends early."""
        return answers * settings.max_tokens * (self.layout(1).token_bytes + 4)


@dataclass(frozen=True)
class CollectProgress:
    """How far it is.

    Attributes:
        done: Prompts that are answered, or cannot be asked.
        total: All prompts.
        tokens: That were made in this run.
        seconds_left: As far as this run tells; None: it does not yet.
    """

    done: int
    total: int
    tokens: int
    seconds_left: float | None


def make_plan(model: Teacher, prompts: Sequence[Prompt], settings: ProjectSettings) -> Plan:
    """Looks at the first words of a few answers, and returns how answers are kept; some seconds.

    Args:
        model: The teacher.
        prompts: Those that will be asked.
        settings: Of the project.

    Raises:
        UserFacingError: The teacher cannot be asked, or no prompt fits into its context.
    """
    most = min(MOST, model.most_kept)
    grid = sorted({*(each for each in _TEMPERATURES if each <= settings.temperature), settings.temperature})
    layout = Layout(model.vocabulary, most, tuple(grid))
    began, probed = time.monotonic(), []
    for prompt in prompts:
        with contextlib.suppress(MessageTooLongError):
            probed.append(_ask(model, prompt, settings, layout, min(_PROBED_TOKENS, settings.max_tokens)))
        if len(probed) == _PROBED:
            break
    if not probed:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "No prompt fits into the context with an answer."),
            f"{settings.n_ctx:,} tokens.",
            QT_TRANSLATE_NOOP("Errors", "Begin another project with a larger --ctx, or with shorter prompts."),
        )
    tokens = sum(sequence.length for sequence in probed)
    rate = tokens / max(1e-6, time.monotonic() - began)
    thoughts = [sequence.thought(place) for sequence in probed for place in range(sequence.length)]
    thoughts = [thought for thought in thoughts if thought.is_known]

    def mass(place: int, kept: int) -> float:
        return fmean(thought.mass(place, grid[place], kept) for thought in thoughts) if thoughts else 1.0

    last = len(grid) - 1
    sizes = [min(settings.kept, most)] if settings.kept else sorted({min(size, most) for size in _SIZES})
    kept = next((size for size in sizes if mass(last, size) >= settings.mass), sizes[-1])
    place = max((place for place in range(len(grid)) if mass(place, kept) >= settings.mass), default=0)
    return Plan(kept, grid[place], settings.temperature, mass(place, kept), mass(last, kept), max(rate, 1e-3))


class Collecting:
    """The collecting of one project, from where it was left. One thread.

    Attributes:
        left: Prompts that have no answer yet.
        left_out: Prompts that do not fit into the context with an answer.
    """

    def __init__(
        self, project: Project, model: Teacher, training: Sequence[Prompt], held_out: Sequence[Prompt], plan: Plan
    ) -> None:
        """
        Args:
            project: Where it goes.
            model: The teacher.
            training: The prompts to learn from.
            held_out: The others.
            plan: How answers are kept.

        Raises:
            UserFacingError: What lies there was collected in another way.
            OSError: Files cannot be written.
        """
        project.collected.parent.mkdir(exist_ok=True)
        kept = min(max(MOST, plan.kept), model.most_kept)
        self._project, self._model, self._plan = project, model, plan
        self._sets = (
            (tuple(training), open_for_more(project.collected, plan.layout(model.vocabulary))),
            (tuple(held_out), open_for_more(project.held_out, plan.layout(model.vocabulary, kept))),
        )
        self._total = len(training) + len(held_out)
        self.left_out: list[str] = []

    @property
    def left(self) -> int:
        """Prompts that are not answered yet."""
        return sum(len(_unanswered(prompts, file)) for prompts, file in self._sets) - len(self.left_out)

    @property
    def lost(self) -> int:
        """Bytes of answers that are damaged, or that a run before was killed over."""
        return sum(file.lost for _, file in self._sets)

    def steps(self) -> Iterator[CollectProgress]:
        """Asks what is left, and yields how far it is before each prompt and at the end.

        Raises:
            UserFacingError: The teacher cannot be asked any more; everything so far is kept.
            OSError: An answer cannot be kept.
        """
        settings = self._project.manifest.settings
        began, tokens, asked = time.monotonic(), 0, 0
        for prompts, file in self._sets:
            for prompt in _unanswered(prompts, file):
                left = self.left
                rate = (time.monotonic() - began) / asked if asked else None
                yield CollectProgress(self._total - left, self._total, tokens, rate * left if rate else None)
                try:
                    sequence = _ask(self._model, prompt, settings, file.layout, settings.max_tokens)
                except MessageTooLongError:
                    self.left_out.append(prompt.id)
                    continue
                file.add(sequence)
                asked, tokens = asked + 1, tokens + sequence.length
        yield CollectProgress(self._total, self._total, tokens, 0.0)

    def close(self) -> None:
        """Closes the files; may be called twice."""
        for _, file in self._sets:
            file.__exit__()

    def write_down(self) -> None:
        """Puts into the manifest what there is now.

        Raises:
            UserFacingError: The answers cannot be read.
            OSError: It cannot be written.
        """
        # The files know: who is interrupted may have kept an answer and not have counted it yet.
        training, held_out = (
            [sequence.id for sequence in read_sequences(file)]
            for file in (self._project.collected, self._project.held_out)
        )
        self._project.add_run(
            "collect",
            settings=asdict(self._plan),
            sequences=(*training, *held_out),
            figures={"training": len(training), "held_out": len(held_out), "left_out": len(self.left_out)},
            replaces=True,
        )


def planned(project: Project) -> Plan | None:
    """Returns the plan that a project's answers are kept by; None: none was made yet."""
    run = project.manifest.last("collect")
    names = [each.name for each in fields(Plan)]
    if run is None or not {*names} <= run.settings.keys():
        return None
    return Plan(**{name: run.settings[name] for name in names})  # another version may have written down more


def _unanswered(prompts: Sequence[Prompt], file: Appender) -> list[Prompt]:
    known = {*file.ids}
    return [prompt for prompt in prompts if prompt.id not in known]


def _ask(model: Teacher, prompt: Prompt, settings: ProjectSettings, layout: Layout, max_tokens: int) -> TaughtSequence:
    seed = int.from_bytes(hashlib.sha256(f"{settings.seed} {prompt.id}".encode()).digest()[:4]) >> 1
    said = model.answer(
        Answer(prompt.text, max_tokens, settings.sampling_temperature, seed, layout.kept, layout.temperatures)
    )
    tokens = (*said.prompt, *said.answer)
    return TaughtSequence(prompt.id, tokens, len(said.prompt), said.is_whole, layout, said.logits)
