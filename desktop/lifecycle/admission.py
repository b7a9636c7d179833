"""Asked before a model is loaded: does it go into the memory that is there, and if not, what would help? No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from desktop.engine.footprint import Fit
from desktop.engine.types import Asleep, Awake, EngineEvent, KvType
from desktop.lifecycle.memory_fit import MemoryFit
from desktop.models.types import InstalledModel
from desktop.settings.options import OptionValue, Settings

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


@dataclass(frozen=True)
class _Load:
    """What is loaded, or would be."""

    model: InstalledModel
    n_ctx: int
    n_batch: int
    kv_type: str
    repack: bool
    flash_attention: str


class AdmissionCheck:
    """Keeps models from being loaded into swap without a word. GUI thread.

    Args:
        advice: Predicts footprints.
        settings: Returns the settings in force.
        model: Returns the model in use.
        look: Has the machine looked at, so that what depends on it (an automatic context) is decided as for a load.
    """

    def __init__(
        self,
        advice: MemoryFit,
        settings: Callable[[], Settings],
        model: Callable[[], InstalledModel | None],
        look: Callable[[], None],
    ) -> None:
        self._look = look
        self._advice = advice
        self._settings = settings
        self._model = model
        self._loaded: _Load | None = None
        self._accepted: _Load | None = None

    def on_engine_event(self, event: EngineEvent) -> None:
        """Follows the model's sleep: one that is in memory already meets no refusal."""
        if isinstance(event, Asleep):
            self._loaded = None
        elif isinstance(event, Awake):
            self._loaded = self._next_load()

    def refusal(self) -> Refusal | None:
        """Returns what stands against answering now; None: nothing that is known."""
        self._look()
        load = self._next_load()
        if load is None or load in (self._loaded, self._accepted):
            return None
        settings = self._settings()
        judgement = self._advice.judge_load(settings, load.model)
        if judgement is None or judgement.fit is not Fit.TOO_BIG:
            return None
        return Refusal(load.model.name, judgement.needed, judgement.free, self._reliefs(settings, load))

    def accept(self) -> None:
        """The user wants the model in use loaded all the same; holds until the settings ask for another load."""
        self._accepted = self._next_load()

    def _next_load(self) -> _Load | None:
        model, settings = self._model(), self._settings()
        if model is None:
            return None
        context = self._advice.context_of(settings)
        return _Load(
            model, context, settings.n_batch, settings.kv_type, settings.faster_answers, settings.flash_attention
        )

    def _reliefs(self, settings: Settings, load: _Load) -> tuple[Relief, ...]:
        """Returns the changes that make it fit; where only both do, both."""

        def fits(**values: OptionValue) -> bool:
            changed: dict[str, Any] = dict(values)
            judgement = self._advice.judge_load(replace(settings, **changed), load.model)
            return judgement is not None and judgement.fit is not Fit.TOO_BIG

        eight = KvType.Q8_0.value
        shorter = [tokens for tokens in _SHORTER if tokens < load.n_ctx]
        coarser = load.kv_type == KvType.F16.value
        alone = next((tokens for tokens in shorter if fits(n_ctx=tokens)), None)
        found = [] if alone is None else [Relief(Way.SHORTER_CONTEXT, alone)]
        if coarser and fits(kv_type=eight):
            found.append(Relief(Way.EIGHT_BITS, eight))
        if not found and coarser:
            both = next((tokens for tokens in shorter if fits(n_ctx=tokens, kv_type=eight)), None)
            if both is not None:
                found = [Relief(Way.SHORTER_CONTEXT, both), Relief(Way.EIGHT_BITS, eight)]
        return tuple(found)
