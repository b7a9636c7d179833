"""What to choose for a model of 7 billion weights, by the memory of the graphics processor. Data, and arithmetic; pure.

How much memory a choice takes is counted from Qwen2.5 7B, the model of the article that asked for tiers: 28 layers, 4
KV heads of 128 numbers, so 57,344 bytes of f16 cache for a token; its Q4_K_M file as it is, the others by the bits that
ggml's types take for a weight. How many words a second come of it is bounded by how often the weights can be read: the
bandwidth of the memory over the bytes of the weights. Of that ggml's code for Vulkan reached 45 % (Radeon RX 6700 XT,
384 GB/s, 7B Q4_0 of 4.1 GB at 41.8 tokens a second: llama.cpp, pull request 5835), so this is what is expected; CUDA
reached 90 % (GeForce RTX 5060 Ti). The bandwidths are those of the cheapest usual device of each tier, by its maker.
Nothing of this was measured on such a device by us: docs/adr/028-gpu.md says what was.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from desktop.engine.backends import GpuDevice, GpuKind
from desktop.engine.types import FlashAttention, KvType

_GIGABYTE: Final = 1 << 30
# Qwen2.5-7B-Instruct, 7,615,616,512 weights: 8.5 and 5.7 bits each, and the size of the file; layers; bytes of f16 KV
# cache for a token.
FILE_BYTES: Final = {"Q8_0": 8_098_000_000, "Q5_K_M": 5_445_000_000, "Q4_K_M": 4_683_074_240}
LAYERS: Final = 28
KV_BYTES_PER_TOKEN: Final = 57_344
_KV_SHARE: Final = {KvType.F16: 1.0, KvType.Q8_0: 34 / 64, KvType.Q4_0: 18 / 64}
# Beside both: intermediate results, the driver's own, and what the screen wants.
BESIDE: Final = 1_200_000_000
# Of a memory's bandwidth, what generating reaches; and words for a token of English.
_REACHED: Final = 0.45
_WORDS_PER_TOKEN: Final = 0.75


class Tier(Enum):
    """By the memory that a graphics processor has of its own; the value is how a person says it."""

    LARGE = "16 GB and more"
    MIDDLE = "12 to 16 GB"
    SMALL = "less than 12 GB"
    INTEGRATED = "integrated, with the computer's memory"


@dataclass(frozen=True)
class Advice:
    """What to choose, and what to expect.

    Attributes:
        tier: For which devices.
        quantisation: Of the weights.
        kv_type: Precision of the conversation's memory.
        flash_attention: Whether to use it.
        layers: That the device takes; -1: all.
        n_ctx: Context in tokens.
        bandwidth: Bytes a second of the slowest memory that holds weights, of the cheapest usual device.
        source: Where the bandwidth is from, and what it stands for.
    """

    tier: Tier
    quantisation: str
    kv_type: KvType
    flash_attention: FlashAttention
    layers: int
    n_ctx: int
    bandwidth: float
    source: str

    @property
    def device_bytes(self) -> int:
        """Bytes of the device that it takes."""
        share = 1.0 if self.layers < 0 else self.layers / (LAYERS + 1)
        kv = KV_BYTES_PER_TOKEN * self.n_ctx * _KV_SHARE[self.kv_type]
        return round(share * (FILE_BYTES[self.quantisation] + kv)) + (BESIDE if share else 0)

    @property
    def words_per_second(self) -> int:
        """English words a second that may be expected, at the beginning of a conversation."""
        return round(_REACHED * self.bandwidth / FILE_BYTES[self.quantisation] * _WORDS_PER_TOKEN)


_ON: Final = FlashAttention.ON
ADVICE: Final = (
    # 7.5 GB of weights, 1.8 GB for 32,768 tokens: quality costs nothing here.
    Advice(Tier.LARGE, "Q8_0", KvType.F16, _ON, -1, 32_768, 288e9, "GeForce RTX 4060 Ti 16 GB: 288 GB/s (NVIDIA)"),
    Advice(Tier.MIDDLE, "Q5_K_M", KvType.F16, _ON, -1, 16_384, 360e9, "GeForce RTX 3060 12 GB: 360 GB/s (NVIDIA)"),
    # 8 GB is the usual device here: all layers of the 4-bit weights, half the memory for the conversation.
    Advice(Tier.SMALL, "Q4_K_M", KvType.Q8_0, _ON, -1, 8_192, 224e9, "Radeon RX 6600 8 GB: 224 GB/s (AMD)"),
    # It reads from the same memory as the processor, so it writes no faster, but reads long texts up to three times as
    # fast: Core i7-1165G7, 7B Q4_K_M: 31.9 against 10.1 tokens a second read, 5.5 against 6.5 written (llama.cpp, pull
    # request 5301).
    Advice(
        Tier.INTEGRATED, "Q4_K_M", KvType.F16, FlashAttention.AUTO, 0, 4_096, 38e9,
        "two channels of DDR4-2400: 38 GB/s (JEDEC)",
    ),
)  # fmt: skip


def tier_of(device: GpuDevice) -> Tier:
    """Returns the tier of a device, by its driver's word; a program that computes on the processor has no memory."""
    if device.kind is not GpuKind.OWN_MEMORY:
        return Tier.INTEGRATED
    # Drivers keep some for themselves: a device of 12 GB says 11.6.
    gigabytes = device.memory_total / _GIGABYTE
    if gigabytes >= 15.5:
        return Tier.LARGE
    return Tier.MIDDLE if gigabytes >= 11.5 else Tier.SMALL


def advice_for(device: GpuDevice) -> Advice:
    """Returns what to choose on a device; fewer layers where it has less memory than the usual one of its tier."""
    tier = tier_of(device)
    found = next(each for each in ADVICE if each.tier is tier)
    if tier is not Tier.SMALL or found.device_bytes <= device.memory_total:
        return found
    each_layer = (found.device_bytes - BESIDE) / (LAYERS + 1)
    layers = max(0, int((device.memory_total - BESIDE) / each_layer))
    return Advice(
        tier, found.quantisation, found.kv_type, found.flash_attention, layers, found.n_ctx,
        _shared(layers, found.bandwidth), f"{layers} of {LAYERS} layers there, the others from the computer's memory",
    )  # fmt: skip


def _shared(layers: int, bandwidth: float) -> float:
    """Returns the bandwidth of weights that lie in two memories, which are read one after the other."""
    share = layers / (LAYERS + 1)
    return 1 / (share / bandwidth + (1 - share) / 38e9)
