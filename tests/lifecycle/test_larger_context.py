"""What a larger context costs, for machines made of files."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.lifecycle.larger_context import LargerContext, larger_context
from desktop.lifecycle.memory_fit import MemoryFit
from desktop.machine.memory import MemoryReader
from desktop.models.catalog import bundled_catalog_path, load_catalog
from desktop.models.types import InstalledModel
from desktop.settings.options import Settings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the machine is made of Linux' files in /proc")
SETTINGS = replace(Settings(), n_ctx=2048)
CATALOG = load_catalog(bundled_catalog_path())


def offer(folder: Path, needed: int, *, gigabytes: float = 8.0, trained: int = 32768) -> LargerContext | None:
    process = folder / "proc" / "self"
    process.mkdir(parents=True, exist_ok=True)
    kilobytes = round(gigabytes * 1e6)
    meminfo = f"MemTotal: {kilobytes} kB\nMemAvailable: {round(kilobytes * 0.8)} kB\n"
    (folder / "proc" / "meminfo").write_text(meminfo, encoding="utf-8")
    (process / "status").write_text("VmRSS:\t60000 kB\nRssAnon:\t60000 kB\nRssShmem:\t0 kB\n", encoding="utf-8")
    fit = MemoryFit(CATALOG, lambda: SETTINGS, MemoryReader(folder, lambda: None), 4)
    spec = CATALOG.get("qwen2.5-0.5b")
    assert spec is not None
    model = InstalledModel(spec.id, spec.name, Path("qwen.gguf"), spec.size)
    return larger_context(fit, SETTINGS, model, needed, trained)


def test_the_smallest_with_room_is_offered_at_its_price(tmp_path: Path) -> None:
    small, large = offer(tmp_path, 2500), offer(tmp_path, 7000)
    assert small is not None and small.tokens == 4096
    assert large is not None and large.tokens == 8192
    # 12 kB of f16 cache for each token of this model, and some for computing.
    assert 2048 * 12_000 < small.price < large.price
    assert large.price == pytest.approx(3 * small.price, rel=0.2)


def test_the_answer_has_room_too(tmp_path: Path) -> None:
    found = offer(tmp_path, 4000)
    assert found is not None and found.tokens == 8192


@pytest.mark.parametrize(
    ("needed", "gigabytes", "trained"), [(40_000, 16.0, 0), (7_000, 8.0, 4096), (30_000, 0.7, 32768)]
)
def test_what_cannot_be_had_is_not_offered(tmp_path: Path, needed: int, gigabytes: float, trained: int) -> None:
    assert offer(tmp_path, needed, gigabytes=gigabytes, trained=trained) is None
