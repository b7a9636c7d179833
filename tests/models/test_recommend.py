"""The recommendation, for judgements that the tests make up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from desktop.models.catalog import EMPTY_CATALOG, bundled_catalog_path, load_catalog
from desktop.models.recommend import MemoryNeed, recommend
from desktop.models.types import Catalog, ModelSpec

GB = 10**9


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(bundled_catalog_path())


def within(room: int) -> Callable[[ModelSpec], MemoryNeed]:
    return lambda spec: MemoryNeed(spec.size, spec.size <= room)


def is_free_and_speaks_both(spec: ModelSpec) -> bool:
    return {"en", "zh"} <= set(spec.languages) and not spec.licence_must_be_shown


@pytest.mark.parametrize("room", [GB // 2, GB, 2 * GB, 8 * GB])
def test_the_best_that_fits_and_needs_no_consent(catalog: Catalog, room: int) -> None:
    chosen = recommend(catalog, within(room))
    assert chosen is not None
    assert chosen.size <= room
    assert is_free_and_speaks_both(chosen)
    better = [spec for spec in catalog.models if spec.quality > chosen.quality and is_free_and_speaks_both(spec)]
    assert all(spec.size > room for spec in better)


def test_more_room_never_gives_a_worse_model(catalog: Catalog) -> None:
    chosen = [recommend(catalog, within(tenths * GB // 10), languages=()) for tenths in range(3, 60)]
    ranks = [spec.quality for spec in chosen if spec is not None]
    assert len(ranks) == len(chosen)
    assert ranks == sorted(ranks)
    assert ranks[0] < ranks[-1]


def test_the_one_that_needs_least_where_none_fits(catalog: Catalog) -> None:
    chosen = recommend(catalog, within(0))
    assert chosen is not None
    assert chosen.size == min(spec.size for spec in catalog.models)


def test_what_fits_at_all_comes_before_what_speaks_the_language(catalog: Catalog) -> None:
    # GIVEN room for the smallest only, which speaks no Chinese
    smallest = min(catalog.models, key=lambda spec: spec.size)
    assert "zh" not in smallest.languages
    assert recommend(catalog, within(smallest.size)) == smallest


def test_a_licence_to_agree_to_is_not_the_first_thing_offered(catalog: Catalog) -> None:
    free = next(spec for spec in catalog.models if is_free_and_speaks_both(spec))
    bound = replace(free, id="bound", quality=free.quality + 1, licence_must_be_shown=True)
    assert recommend(Catalog((bound, free), free.id), within(free.size)) == free
    assert recommend(Catalog((bound,), ""), within(free.size)) == bound


def test_empty_catalogue() -> None:
    assert recommend(EMPTY_CATALOG, within(8 * GB)) is None
