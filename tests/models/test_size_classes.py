"""Sizes fall into classes, and what models are said to do well stands in their sentences, too."""

from __future__ import annotations

import pytest

from desktop.models.catalog import bundled_catalog_path, load_catalog
from desktop.models.size_classes import SizeClass, size_class
from desktop.models.types import Strength


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, SizeClass.BASIC),
        (180_000_000, SizeClass.BASIC),
        (180_000_001, SizeClass.EVERYDAY),
        (1_000_000_000, SizeClass.LARGE),
        (70_000_000_000, SizeClass.LARGEST),
    ],
)
def test_every_size_has_a_class(size: int, expected: SizeClass) -> None:
    assert size_class(size) is expected


def test_the_catalogue_has_models_of_every_class() -> None:
    catalog = load_catalog(bundled_catalog_path())
    assert {size_class(spec.size) for spec in catalog.models} == set(SizeClass)


def test_who_is_said_to_write_code_says_so() -> None:
    catalog = load_catalog(bundled_catalog_path())
    coding = [spec for spec in catalog.models if Strength.CODE in spec.strengths]
    assert {size_class(spec.size) for spec in coding} >= {SizeClass.EVERYDAY, SizeClass.LARGE}
    for spec in coding:
        assert any(word in spec.summary_en for word in ("code", "functions")), spec.id
        assert any(word in spec.summary_zh for word in ("代码", "函数")), spec.id
        assert not any(phrase in spec.summary_en for phrase in ("weak at code", "reasoning and code", "not strong at"))
