"""How a model is tried before it is chosen: if it fits into the memory that is there, in a process of its own.

Planned on the thread that owns the settings and the memory's figures; the trial itself runs on any other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.engine.footprint import Fit
from desktop.engine.process import trial as process
from desktop.engine.types import EngineConfig
from desktop.gguf.header import GgufHeader
from desktop.lifecycle.memory_fit import Judgement, MemoryFit
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.trials import PlannedTrial
from desktop.models.types import InstalledModel
from desktop.settings.options import Settings


class TryModel(Protocol):
    """Makes a trial, see :func:`desktop.engine.process.trial.try_model`."""

    def __call__(self, config: EngineConfig, given_up: threading.Event) -> process.Verdict: ...


class TrialPlanner:
    """Plans trials, as :data:`desktop.models.trials.PlanTrial`."""

    def __init__(
        self,
        fit: MemoryFit,
        settings: Callable[[], Settings],
        config: Callable[[Path], EngineConfig],
        try_model: TryModel = process.try_model,
    ) -> None:
        """
        Args:
            fit: Predicts footprints; learns the headers of the models that are tried.
            settings: Returns the settings in force.
            config: Returns the configuration that a model would be loaded with.
            try_model: Makes a trial.
        """
        self._fit = fit
        self._settings = settings
        self._config = config
        self._try_model = try_model

    def __call__(self, model: InstalledModel, header: GgufHeader) -> PlannedTrial | Verdict:
        """Returns a trial, or the verdict that there is no room for one.

        Args:
            model: The model.
            header: What its file says about itself.
        """
        self._fit.learn(model, header)
        settings = self._settings()
        alone = self._fit.judge_load(settings, model)
        beside = self._fit.judge_beside(settings, model)
        if alone.fit is Fit.TOO_BIG:
            return Verdict.of(Outcome.UNTRIED, _too_big(model, alone))
        config = replace(
            self._config(model.path),
            model_path=model.path,
            use_mmap=self._fit.read_bytes(model) == 0,
            memory_limit=alone.needed,
        )

        def run(given_up: threading.Event) -> Verdict:
            found = self._try_model(config, given_up)
            outcome = Outcome(found.outcome.value)
            return Verdict(outcome) if found.problem is None else Verdict.of(outcome, found.problem)

        return PlannedTrial(run, needs_room=beside.fit is Fit.TOO_BIG)


def _too_big(model: InstalledModel, judgement: Judgement) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This model was not tried: it does not fit into the memory that is free."),
        QT_TRANSLATE_NOOP("Errors", "{0}: it needs {1}, {2} are free."),
        QT_TRANSLATE_NOOP("Errors", "Close other programs, or choose a smaller model or context."),
        values=(model.path.name, format_bytes(judgement.needed), format_bytes(judgement.free)),
    )
