"""How fast a model will answer on this computer, before it was ever here: a range, since little is known. No Qt."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

# For each token the whole file passes through memory. A core of a ten-year-old laptop moves so many bytes of it per
# second, and cores add up ...
OLD_CORE_BYTES = 3_500_000_000
# ... and one of the server on which Catnap is measured (an AMD EPYC of 2023; 0.5B and 1.5B in four bits, 2 cores).
_NEW_CORE_BYTES = 10_000_000_000
# No laptop's memory moves more in all, however many cores it has: two channels of DDR4-2666.
_MEMORY_BYTES = 42_000_000_000
# Without AVX2 it is the processor that keeps one waiting. Measured on one and the same machine: a third with AVX alone;
# with neither it reads at a ninth.
_AVX_SHARE, _OLD_SHARE = 1 / 3, 1 / 9


@dataclass(frozen=True)
class SpeedRange:
    """Tokens a second of an answer, on an old and on a new computer of this kind."""

    least: float
    most: float


def expected_speed(size: int, cores: int, features: Collection[str]) -> SpeedRange:
    """Returns what to expect of a model.

    Args:
        size: Bytes of its file.
        cores: Physical cores that may be used.
        features: Instruction sets of the processor, as :mod:`desktop.machine.cpu` names them; empty: not known.
    """
    slowest = fastest = 1.0
    if not features:
        slowest = _AVX_SHARE
    elif not {"avx2", "asimd"} & set(features):
        slowest = fastest = _AVX_SHARE if "avx" in features else _OLD_SHARE
    return SpeedRange(
        min(cores * OLD_CORE_BYTES, _MEMORY_BYTES) * slowest / size,
        min(cores * _NEW_CORE_BYTES, _MEMORY_BYTES) * fastest / size,
    )
