"""How many layers are tried first, whatever a driver says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop.engine.backends import GpuKind
from desktop.engine.footprint import Footprint
from desktop.engine.gpu.fitting import ALL, fewer, layers_that_fit, room_on, share_of
from tests.support.gpu import DEVICE

_GIGABYTE = 1_000_000_000


def test_a_device_of_its_own_is_believed_up_to_a_share() -> None:
    assert room_on(DEVICE, available=0) == pytest.approx(0.85 * 7.5 * _GIGABYTE - 300_000_000)


@pytest.mark.parametrize("kind", [GpuKind.INTEGRATED, GpuKind.SOFTWARE])
def test_what_takes_the_computers_memory_gets_half_of_what_is_left(kind: GpuKind) -> None:
    device = replace(DEVICE, kind=kind, memory_total=24 * _GIGABYTE, memory_free=24 * _GIGABYTE)
    assert room_on(device, available=4 * _GIGABYTE) == 2 * _GIGABYTE - 300_000_000
    assert room_on(device, available=0) == 0


@pytest.mark.parametrize(
    ("room", "layers"),
    [(5 * _GIGABYTE, ALL), (5 * _GIGABYTE - 1, 28), (2_500_000_000, 14), (100_000_000, 0), (0, 0)],
)
def test_layers_are_as_large_as_each_other(room: int, layers: int) -> None:
    assert layers_that_fit(28, 4 * _GIGABYTE, _GIGABYTE, room) == layers


def test_fewer_and_fewer_layers_come_to_none() -> None:
    tried, layers = [], ALL
    while layers := fewer(layers, 28):
        tried.append(layers)
    assert tried == [14, 7, 3, 1]


@pytest.mark.parametrize(("layers", "share"), [(ALL, 1.0), (29, 1.0), (0, 0.0), (14, 14 / 29)])
def test_what_lies_on_the_device_is_not_in_the_computers_memory(layers: int, share: float) -> None:
    whole = Footprint(file_bytes=2900, kv_bytes=290, compute_bytes=50, anonymous=400, rss=3300)
    assert share_of(layers, 28) == pytest.approx(share)
    for kv in (True, False):
        found = whole.on_gpu(share_of(layers, 28), kv=kv)
        assert found.device_bytes == round(2900 * share) + (round(290 * share) if kv else 0)
        assert found.rss + found.device_bytes == whole.rss
        assert found.file_bytes + found.anonymous == found.rss
        # A device that takes the computer's memory takes nothing away from it, and gives no page of a weight back.
        shared = whole.on_gpu(share_of(layers, 28), kv=kv, own_memory=False)
        assert (shared.rss, shared.device_bytes) == (whole.rss, 0)
        assert shared.anonymous == whole.anonymous + round(2900 * share)
        assert shared.file_bytes + shared.anonymous == shared.rss
