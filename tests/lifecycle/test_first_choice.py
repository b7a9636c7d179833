"""What is offered to somebody who has no model, on machines made of files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop.engine.footprint import Fit
from desktop.lifecycle.first_choice import Computer, FirstChoice, Lack, Role, first_choice
from desktop.models.catalog import EMPTY_CATALOG, bundled_catalog_path, load_catalog
from desktop.models.disk import SPARE, room
from desktop.models.types import Catalog
from tests.lifecycle.test_memory_fit import GB, Machine

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the machine is made of Linux' files in /proc")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(bundled_catalog_path())


def offered(
    folder: Path,
    catalog: Catalog,
    *,
    total: float = 4,
    available: float = 2.4,
    disk: float | None = 30,
    cores: int = 2,
    language: str = "en",
    partials: dict[str, int] | None = None,
) -> FirstChoice:
    """Returns what is offered on a machine with so many GB."""
    machine = Machine(folder, catalog, cores)
    machine.has(total * GB, available * GB)
    free = None if disk is None else round(disk * GB)
    computer = Computer(cores, ("avx2",), round(total * GB), round(available * GB), free)
    return first_choice(catalog, machine.advice, computer, language, partials or {})


def test_an_old_laptop_gets_the_recommended_one_a_faster_and_a_cleverer(tmp_path: Path, catalog: Catalog) -> None:
    choice = offered(tmp_path, catalog)
    best, faster, cleverer = choice.offers
    assert choice.lack is None
    assert [offer.role for offer in choice.offers] == [Role.BEST, Role.FASTER, Role.CLEVERER]
    assert best.spec.id == Machine(tmp_path / "same", catalog, 2).advice.recommended()
    assert faster.spec.size < best.spec.size < cleverer.spec.size
    assert faster.speed.least > best.speed.least > cleverer.speed.least
    assert faster.spec.quality < best.spec.quality < cleverer.spec.quality


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("total", "cores"), [(2, 1), (2, 2), (4, 2), (8, 4), (16, 8), (64, 16)])
def test_on_every_computer_three_different_ones_fit_and_speak_the_language(
    tmp_path: Path, catalog: Catalog, total: float, cores: int, language: str
) -> None:
    choice = offered(tmp_path, catalog, total=total, available=total * 0.6, cores=cores, language=language)
    assert len({offer.spec.id for offer in choice.offers}) == len(choice.offers) >= 2
    assert choice.offers[0].role is Role.BEST
    for offer in choice.offers:
        assert offer.judgement.fit is not Fit.TOO_BIG
        assert language in offer.spec.languages
        assert not offer.spec.licence_must_be_shown
        assert offer.spec.variant_of is None


def test_on_a_disk_that_is_nearly_full_only_what_has_room_is_offered(tmp_path: Path, catalog: Catalog) -> None:
    choice = offered(tmp_path, catalog, disk=0.5)
    assert choice.offers and choice.lack is None
    assert all(offer.spec.size + SPARE <= 0.5 * GB for offer in choice.offers)
    # AND what is there of a download that was begun counts
    wanted = offered(tmp_path / "roomy", catalog).offers[0].spec
    again = offered(tmp_path / "begun", catalog, disk=0.5, partials={wanted.id: wanted.size - 1})
    assert again.offers[0].spec == wanted


def test_a_full_disk_is_said_with_what_would_do(tmp_path: Path, catalog: Catalog) -> None:
    choice = offered(tmp_path, catalog, disk=0.02)
    assert (choice.offers, choice.lack) == ((), Lack.DISK)
    assert choice.least == min(spec.size for spec in catalog.models) + SPARE


def test_too_little_memory_is_said_with_what_would_do(tmp_path: Path, catalog: Catalog) -> None:
    choice = offered(tmp_path, catalog, total=0.25, available=0.02)
    assert (choice.offers, choice.lack) == ((), Lack.MEMORY)
    assert choice.least > min(spec.size for spec in catalog.models)


def test_a_disk_that_does_not_tell_keeps_nothing_back(tmp_path: Path, catalog: Catalog) -> None:
    told, untold = offered(tmp_path / "1", catalog), offered(tmp_path / "2", catalog, disk=None)
    assert untold.offers == told.offers


def test_without_a_list_of_models_there_is_nothing_to_offer(tmp_path: Path) -> None:
    assert offered(tmp_path, EMPTY_CATALOG).lack is Lack.MODELS


def test_the_room_of_a_folder_that_is_still_to_be_made_is_that_of_its_disk(tmp_path: Path) -> None:
    there, to_be_made = room(tmp_path), room(tmp_path / "data" / "models")
    assert there is not None and to_be_made is not None
    assert abs(there - to_be_made) < 1 * GB
