"""Which model to offer for this machine. What fits is judged elsewhere: see :mod:`desktop.lifecycle.memory_fit`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from desktop.models.types import Catalog, ModelSpec


@dataclass(frozen=True)
class MemoryNeed:
    """What a model asks of this machine's memory.

    Attributes:
        needed: Bytes it takes when awake.
        comfortable: It leaves the machine usable beside what runs on it now.
    """

    needed: int
    comfortable: bool


def recommend(
    catalog: Catalog, need: Callable[[ModelSpec], MemoryNeed], languages: Collection[str] = ("en", "zh")
) -> ModelSpec | None:
    """Returns the best model for this machine; None for an empty catalogue.

    The best by quality that fits, speaks all of ``languages`` and may be used without agreeing to terms first. Where
    none does: the best that fits at all; where none fits, the one that needs the least memory. Never a variant: what it
    costs in quality nobody has compared.

    Args:
        catalog: The models on offer.
        need: Judges a model; asked once for each.
        languages: Codes of the languages it should speak.
    """
    models = [spec for spec in catalog.models if spec.variant_of is None]
    needs = {spec.id: need(spec) for spec in models}
    fitting = [spec for spec in models if needs[spec.id].comfortable]
    suitable = [spec for spec in fitting if set(languages) <= set(spec.languages) and not spec.licence_must_be_shown]
    if candidates := suitable or fitting:
        return max(candidates, key=lambda spec: spec.quality)
    return min(models, key=lambda spec: needs[spec.id].needed, default=None)
