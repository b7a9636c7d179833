"""What to offer to somebody who has no model yet: the best for this computer, and two others beside it. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from desktop.engine.footprint import Fit
from desktop.lifecycle.expected_speed import SpeedRange, expected_speed
from desktop.lifecycle.memory_fit import Judgement, MemoryFit
from desktop.models.disk import SPARE
from desktop.models.types import Catalog, ModelSpec

_OFFERS = 3
# A file smaller by this much answers noticeably sooner; one larger by more than that keeps one waiting.
_SMALLER, _LARGER = 0.8, 2.5


class Role(Enum):
    """Why a model is offered."""

    BEST = "best"
    FASTER = "faster"
    CLEVERER = "cleverer"


class Lack(Enum):
    """Why none is."""

    MODELS = "models"
    MEMORY = "memory"
    DISK = "disk"


@dataclass(frozen=True)
class Computer:
    """What decides about a model.

    Attributes:
        cores: Physical cores that may be used.
        features: Instruction sets of its processor; empty: not known.
        memory: Bytes of memory it has.
        free: Bytes of memory that can be had now.
        room: Bytes free on the disk of the model folder; None: not known.
    """

    cores: int
    features: tuple[str, ...]
    memory: int
    free: int
    room: int | None


@dataclass(frozen=True)
class Offer:
    """A model to choose."""

    spec: ModelSpec
    role: Role
    judgement: Judgement
    speed: SpeedRange


@dataclass(frozen=True)
class FirstChoice:
    """What there is to choose from.

    Attributes:
        offers: The best first; empty: nothing fits.
        lack: What is missing where there are no offers; None: nothing.
        least: Bytes of it that would do for the smallest model.
    """

    computer: Computer
    offers: tuple[Offer, ...]
    lack: Lack | None = None
    least: int = 0


def first_choice(
    catalog: Catalog, fit: MemoryFit, computer: Computer, language: str, partials: Mapping[str, int]
) -> FirstChoice:
    """Chooses what to offer.

    Args:
        catalog: The models on offer.
        fit: Judges them.
        computer: Where they would answer.
        language: Code of the language that the others should speak: ``"en"``, ``"zh"``.
        partials: Bytes that are on the disk already, by model id.
    """
    specs = [spec for spec in catalog.models if spec.variant_of is None and not spec.is_added]
    if not specs:
        return FirstChoice(computer, (), Lack.MODELS)
    judgements = {spec.id: fit.judge(spec) for spec in specs}
    bearable = [spec for spec in specs if judgements[spec.id].fit is not Fit.TOO_BIG]
    if not bearable:
        return FirstChoice(computer, (), Lack.MEMORY, min(judgement.needed for judgement in judgements.values()))
    needs = {spec.id: spec.size - partials.get(spec.id, 0) + SPARE for spec in bearable}
    possible = [spec for spec in bearable if computer.room is None or needs[spec.id] <= computer.room]
    best = catalog.get(fit.recommended([spec.id for spec in possible]) or "")
    if best is None:
        return FirstChoice(computer, (), Lack.DISK, min(needs.values()))
    chosen = {best.id: Role.BEST, **dict(_others(best, possible, language))}
    offers = (
        Offer(spec, chosen[spec.id], judgements[spec.id], expected_speed(spec.size, computer.cores, computer.features))
        for spec in possible
        if spec.id in chosen
    )
    return FirstChoice(computer, tuple(sorted(offers, key=lambda offer: list(Role).index(offer.role))))


def _others(best: ModelSpec, possible: Collection[ModelSpec], language: str) -> list[tuple[str, Role]]:
    """Returns a quicker and a cleverer one; where one of the kinds is missing, two of the other."""
    speaking = [spec for spec in possible if spec.id != best.id and language in spec.languages]
    open_ones = [spec for spec in speaking if not spec.licence_must_be_shown]
    ranked = sorted(open_ones, key=lambda spec: spec.quality, reverse=True)
    faster = [(spec.id, Role.FASTER) for spec in ranked if spec.size <= best.size * _SMALLER]
    cleverer = [
        (spec.id, Role.CLEVERER)
        for spec in ranked
        if spec.quality > best.quality and best.size < spec.size <= best.size * _LARGER
    ]
    return [*faster[:1], *cleverer[:1], *faster[1:], *cleverer[1:]][: _OFFERS - 1]
