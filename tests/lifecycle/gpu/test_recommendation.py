"""What is recommended for a model of 7 billion weights, by the memory of the graphics processor."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop.engine.backends import GpuKind
from desktop.engine.types import FlashAttention, KvType
from desktop.lifecycle.gpu.recommendation import ADVICE, FILE_BYTES, LAYERS, Tier, advice_for, tier_of
from tests.support.gpu import DEVICE

_GIGABYTE = 1 << 30
# What devices of a tier have at the least, by the makers' figures; drivers keep some for themselves.
_LEAST = {Tier.LARGE: 15.6, Tier.MIDDLE: 11.6, Tier.SMALL: 7.7}


@pytest.mark.parametrize(
    ("gigabytes", "tier"),
    [(24.0, Tier.LARGE), (15.6, Tier.LARGE), (12.0, Tier.MIDDLE), (11.6, Tier.MIDDLE), (8.0, Tier.SMALL)],
)
def test_a_device_has_a_tier_by_its_memory(gigabytes: float, tier: Tier) -> None:
    assert tier_of(replace(DEVICE, memory_total=round(gigabytes * _GIGABYTE))) is tier


@pytest.mark.parametrize("kind", [GpuKind.INTEGRATED, GpuKind.SOFTWARE])
def test_what_has_no_memory_of_its_own_is_integrated_whatever_it_claims(kind: GpuKind) -> None:
    assert tier_of(replace(DEVICE, kind=kind, memory_total=24 * _GIGABYTE)) is Tier.INTEGRATED


def test_every_tier_has_one_advice_with_its_source() -> None:
    assert [advice.tier for advice in ADVICE] == list(Tier)
    assert all("GB/s" in advice.source for advice in ADVICE)
    assert all(advice.flash_attention is FlashAttention.ON for advice in ADVICE if advice.kv_type is not KvType.F16)


@pytest.mark.parametrize("tier", _LEAST)
def test_what_is_recommended_fits_into_the_smallest_device_of_the_tier(tier: Tier) -> None:
    device = replace(DEVICE, memory_total=round(_LEAST[tier] * _GIGABYTE))
    advice = advice_for(device)
    assert advice.tier is tier
    assert advice.layers == -1
    assert advice.device_bytes <= device.memory_total
    assert 5 < advice.words_per_second < 60


def test_more_memory_is_used_for_better_weights_and_longer_conversations() -> None:
    own = [advice for advice in ADVICE if advice.tier is not Tier.INTEGRATED]
    sizes = [FILE_BYTES[advice.quantisation] for advice in own]
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == 3
    contexts = [advice.n_ctx for advice in own]
    assert contexts == sorted(contexts, reverse=True) and len(set(contexts)) == 3


@pytest.mark.parametrize("gigabytes", [5.0, 4.0, 2.0, 1.0])
def test_a_small_device_takes_as_many_layers_as_it_has_room_for_and_is_slower(gigabytes: float) -> None:
    small, usual = (replace(DEVICE, memory_total=round(size * _GIGABYTE)) for size in (gigabytes, 8.0))
    advice = advice_for(small)
    assert 0 <= advice.layers < LAYERS
    assert advice.layers == 0 or advice.device_bytes <= small.memory_total
    assert advice.words_per_second < advice_for(usual).words_per_second
