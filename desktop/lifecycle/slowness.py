"""Why answers are slow: what on this computer, or in the settings, costs speed, and what would change it. No Qt.

The order is that of what helps most. What is not known is not guessed at, and what cannot be changed is said as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from desktop.engine.footprint import Fit
from desktop.lifecycle.memory_fit import Judgement
from desktop.machine.battery import Battery
from desktop.machine.memory_pressure import Pressure
from desktop.models.types import InstalledModel, ModelSpec
from desktop.settings.options import Settings
from desktop.settings.types import OptionValue

# Above this share of the processors other programs leave too little: with two cores one of them is taken.
_BUSY_SHARE = 0.35
# A suggestion has to be a smaller file by this much; what is read of it for each token is what takes the time.
_SMALLER = 0.7
# Below this a rest begins while people still think about the answer, in minutes.
_SHORT_REST = 2.0
# Tokens a second at which people read along; see :mod:`desktop.lifecycle.memory_fit`.
READING_SPEED = 5.0


class Cause(Enum):
    """What makes answers slow."""

    SHORT_OF_MEMORY = "short of memory"
    TIGHT = "tight"
    OTHER_PROGRAMS = "other programs"
    BATTERY = "battery"
    FEW_THREADS = "few threads"
    MANY_THREADS = "many threads"
    THINKING = "thinking"
    FORGETS = "forgets"
    SHORT_REST = "short rest"
    DRIVE = "drive"
    FASTER_ANSWERS = "faster answers"
    SMALLER_MODEL = "smaller model"
    OLD_PROCESSOR = "old processor"


@dataclass(frozen=True)
class Finding:
    """One reason.

    Attributes:
        cause: What it is.
        values: What belongs into its sentence, by the cause's own order: numbers, names.
        setting: The key of the setting that would change it; empty: none.
        value: What the setting would be; None: that is for the person to say.
        model: Id of the model that would be faster; empty: no other one.
    """

    cause: Cause
    values: tuple[str | int | float, ...] = ()
    setting: str = ""
    value: OptionValue | None = None
    model: str = ""


@dataclass(frozen=True)
class Situation:
    """All that is looked at.

    Attributes:
        settings: In force.
        model: The one that answers; None: there is none.
        judgement: Whether it goes with the memory; None: not known.
        recommended: What this machine would do best with; None: nothing is.
        cores: Physical cores that may be used.
        features: Instruction sets of the processor, as :mod:`desktop.machine.cpu` names them; empty: not known.
        battery: None: there is none.
        pressure: How the system is off for memory.
        others: What other programs take of the processors, 0 to 1.
        is_mapped: The model's file is mapped, and not read from a drive that may go.
        repacking_pays: "Faster answers" was measured with this model, and pays; None: not measured.
        thinks: The model thinks before it answers: the settings want it, and it can.
        tokens_per_second: Of the last answer; 0: there was none.
    """

    settings: Settings
    model: InstalledModel | None
    judgement: Judgement | None
    recommended: ModelSpec | None
    cores: int
    features: tuple[str, ...]
    battery: Battery | None
    pressure: Pressure
    others: float
    is_mapped: bool
    repacking_pays: bool | None
    thinks: bool = False
    tokens_per_second: float = 0.0


def find_causes(situation: Situation) -> tuple[Finding, ...]:
    """Returns what costs speed, the worst first; empty: nothing out of the ordinary does."""
    return (
        *_of_memory(situation),
        *_of_processors(situation),
        *_of_settings(situation),
        *_of_model(situation),
    )


def _of_memory(situation: Situation) -> Iterator[Finding]:
    if situation.pressure is not Pressure.NONE:
        yield Finding(Cause.SHORT_OF_MEMORY, model=_smaller(situation))
    elif situation.judgement is not None and situation.judgement.fit is not Fit.COMFORTABLE:
        values = (situation.judgement.needed, situation.judgement.free)
        yield Finding(Cause.TIGHT, values, setting="n_ctx", model=_smaller(situation))


def _of_processors(situation: Situation) -> Iterator[Finding]:
    settings, cores = situation.settings, situation.cores
    if situation.others > _BUSY_SHARE:
        yield Finding(Cause.OTHER_PROGRAMS, (round(situation.others * 100),))
    battery = situation.battery
    if battery is not None and battery.unplugged and settings.spare_battery:
        yield Finding(Cause.BATTERY, (round(battery.percent),), setting="spare_battery", value=False)
    if 0 < settings.threads < cores:
        yield Finding(Cause.FEW_THREADS, (settings.threads, cores), setting="threads", value=0)
    elif settings.threads > cores:
        yield Finding(Cause.MANY_THREADS, (settings.threads, cores), setting="threads", value=0)


def _of_settings(situation: Situation) -> Iterator[Finding]:
    settings = situation.settings
    if situation.thinks:
        yield Finding(Cause.THINKING, setting="thinking", value=False)
    if not settings.keep_states or settings.states_budget < Settings().states_budget // 4:
        yield Finding(Cause.FORGETS, setting="keep_states", value=True if not settings.keep_states else None)
    if 0 < settings.sleep_minutes < _SHORT_REST:
        yield Finding(Cause.SHORT_REST, (settings.sleep_minutes,), "sleep_minutes", Settings().sleep_minutes)


def _of_model(situation: Situation) -> Iterator[Finding]:
    if situation.model is None:
        return
    if not situation.is_mapped:
        yield Finding(Cause.DRIVE, (str(situation.model.path.parent),), setting="model_folder")
    if situation.repacking_pays and not situation.settings.faster_answers:
        yield Finding(Cause.FASTER_ANSWERS, setting="faster_answers", value=True)
    is_slow = 0 < situation.tokens_per_second < READING_SPEED
    if (smaller := _smaller(situation)) and is_slow and situation.recommended is not None:
        yield Finding(Cause.SMALLER_MODEL, (situation.model.name, situation.recommended.name), model=smaller)
    if situation.features and not {"avx2", "asimd"} & set(situation.features):
        yield Finding(Cause.OLD_PROCESSOR)


def _smaller(situation: Situation) -> str:
    """Returns the id of the recommended model if it is much smaller than the one in use; empty: it is not."""
    model, other = situation.model, situation.recommended
    return other.id if model is not None and other is not None and other.size < model.size * _SMALLER else ""
