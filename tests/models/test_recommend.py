from __future__ import annotations

import pytest

from desktop.models.catalog import EMPTY_CATALOG, bundled_catalog_path, load_catalog
from desktop.models.recommend import MARGIN, fits, memory_needed, recommend
from desktop.models.types import Catalog

GB = 10**9


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(bundled_catalog_path())


@pytest.mark.parametrize("total", [2, 4, 8, 16])
def test_the_recommendation_fits_and_is_the_best_that_does(catalog: Catalog, total: int) -> None:
    available = total * GB * 6 // 10
    chosen = recommend(catalog, available, total * GB, 2048)
    assert chosen is not None
    assert fits(chosen, available, total * GB, 2048)
    assert {"en", "zh"} <= set(chosen.languages)
    assert not chosen.licence_must_be_shown
    for spec in catalog.models:
        if spec.quality > chosen.quality and {"en", "zh"} <= set(spec.languages) and not spec.licence_must_be_shown:
            assert not fits(spec, available, total * GB, 2048), spec.id


def test_more_memory_never_gives_a_worse_model(catalog: Catalog) -> None:
    ranks = []
    for half_gigabytes in range(1, 40):
        total = half_gigabytes * GB // 2
        spec = recommend(catalog, total * 6 // 10, total, 2048, languages=())
        assert spec is not None
        ranks.append(spec.quality)
    assert ranks == sorted(ranks)
    assert ranks[0] < ranks[-1]


def test_what_is_available_counts_and_not_only_what_is_built_in(catalog: Catalog) -> None:
    plenty, little = recommend(catalog, 12 * GB, 16 * GB, 2048), recommend(catalog, GB, 16 * GB, 2048)
    assert plenty is not None and little is not None
    assert memory_needed(little, 2048) <= GB < memory_needed(plenty, 2048)


def test_a_longer_context_may_need_a_smaller_model(catalog: Catalog) -> None:
    qwen3 = catalog.get("qwen3-0.6b")
    assert qwen3 is not None
    assert memory_needed(qwen3, 8192) - memory_needed(qwen3, 2048) == 6144 * 114688
    assert memory_needed(qwen3, 10**6) == qwen3.size + 40960 * 114688 + MARGIN


def test_smallest_where_none_fits(catalog: Catalog) -> None:
    spec = recommend(catalog, 1, 1, 2048)
    assert spec is not None
    assert memory_needed(spec, 2048) == min(memory_needed(other, 2048) for other in catalog.models)


def test_languages_come_before_quality(catalog: Catalog) -> None:
    spec = recommend(catalog, 3 * GB, 8 * GB, 2048, languages=("hi",))
    assert spec is not None, "no free model speaks Hindi: the best that fits is offered instead"
    assert fits(spec, 3 * GB, 8 * GB, 2048)


def test_empty_catalogue() -> None:
    assert recommend(EMPTY_CATALOG, 4 * GB, 8 * GB, 2048) is None
