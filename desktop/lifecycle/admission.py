"""Asked before a model is loaded: does it go into the memory that is there, and if not, what would help? No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from desktop.engine.footprint import Fit
from desktop.engine.types import EngineConfig, KvType
from desktop.lifecycle.memory_fit import MemoryFit
from desktop.lifecycle.model_state import ModelState
from desktop.models.types import InstalledModel
from desktop.settings.options import Settings
from desktop.settings.types import OptionValue

# Contexts that are offered, in tokens; with less, a conversation is hardly one.
_SHORTER = (1024, 512)


class Way(Enum):
    """What helps against too little memory."""

    SHORTER_CONTEXT = "n_ctx"
    EIGHT_BITS = "kv_type"


@dataclass(frozen=True)
class Relief:
    """A change of the settings with which the model fits, alone or together with the other one.

    Attributes:
        way: Its value is the key of the setting.
        value: What it has to be set to.
    """

    way: Way
    value: OptionValue


@dataclass(frozen=True)
class Refusal:
    """The model in use does not go into the memory that is there.

    Attributes:
        model: Its name.
        needed: Bytes that it takes with the settings in force.
        free: Bytes that can be had now.
        reliefs: What helps short of another model; may be empty.
    """

    model: str
    needed: int
    free: int
    reliefs: tuple[Relief, ...]


class AdmissionCheck:
    """Keeps models from being loaded into swap without a word. GUI thread."""

    def __init__(
        self,
        fit: MemoryFit,
        settings: Callable[[], Settings],
        model: Callable[[], InstalledModel | None],
        wanted: Callable[[], EngineConfig],
        state: ModelState,
        observe: Callable[[], None],
    ) -> None:
        """
        Args:
            fit: Predicts footprints.
            settings: Returns the settings in force.
            model: Returns the model that can answer; None: there is none.
            wanted: Returns the configuration that the next load will have.
            state: What is loaded already.
            observe: Has the machine looked at, so that what depends on it (an automatic context) is decided as for a
                load.
        """
        self._fit = fit
        self._settings = settings
        self._model = model
        self._wanted = wanted
        self._state = state
        self._observe = observe
        self._accepted: EngineConfig | None = None

    def refusal(self) -> Refusal | None:
        """Returns what stands against answering now; None: nothing that is known."""
        self._observe()
        model, config = self._model(), self._wanted()
        if model is None or self._is_admitted(config):
            return None
        settings = self._settings()
        judgement = self._fit.judge_load(settings, model)
        if judgement.fit is not Fit.TOO_BIG:
            return None
        return Refusal(model.name, judgement.needed, judgement.free, self._reliefs(settings, model, config))

    def accept(self) -> None:
        """The user wants the model in use loaded all the same; holds until the settings ask for another load."""
        self._accepted = self._wanted()

    def _is_admitted(self, config: EngineConfig) -> bool:
        known = (self._state.loaded_with, self._accepted)
        return any(one is not None and not config.needs_reload(one) for one in known)

    def _reliefs(self, settings: Settings, model: InstalledModel, config: EngineConfig) -> tuple[Relief, ...]:
        """Returns the changes that make it fit; where only both do, both."""

        def fits(**values: OptionValue) -> bool:
            changed: dict[str, Any] = dict(values)
            return self._fit.judge_load(replace(settings, **changed), model).fit is not Fit.TOO_BIG

        eight = KvType.Q8_0.value
        shorter = [tokens for tokens in _SHORTER if tokens < config.n_ctx]
        coarser = config.kv_type is KvType.F16
        alone = next((tokens for tokens in shorter if fits(n_ctx=tokens)), None)
        found = [] if alone is None else [Relief(Way.SHORTER_CONTEXT, alone)]
        if coarser and fits(kv_type=eight):
            found.append(Relief(Way.EIGHT_BITS, eight))
        if not found and coarser:
            both = next((tokens for tokens in shorter if fits(n_ctx=tokens, kv_type=eight)), None)
            if both is not None:
                found = [Relief(Way.SHORTER_CONTEXT, both), Relief(Way.EIGHT_BITS, eight)]
        return tuple(found)
