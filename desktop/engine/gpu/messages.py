"""What the app and the process that tries a graphics processor say; see :mod:`desktop.engine.process.channel`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.engine.backends import GpuDevice, GpuLibrary
from desktop.engine.gpu.comparison import Agreement, ProductDifference
from desktop.engine.process.messages import Refused
from desktop.engine.types import EngineConfig

VERB: Final = "gpu-process"
LIMIT: Final = 1 << 16


@dataclass(frozen=True)
class Try:
    """To the process, once: what to try.

    Attributes:
        library: The code for graphics processors.
        config: How the model will be loaded; what it says of a graphics processor is overruled. Without a model only
            the devices are looked for.
        layers: To be computed there; -1: as many as fit.
        kv: Their part of the conversation's memory lies there as well.
        threads: Of the processor.
        memory: Bytes of address space that may be taken for both; None: any number.
        weights_of_gpu: Another file that the device's side is loaded from: a test's, which wants to see that wrong
            weights are found. None: the model.
    """

    library: GpuLibrary
    config: EngineConfig
    layers: int = -1
    kv: bool = True
    threads: int = 1
    memory: int | None = None
    weights_of_gpu: Path | None = None


@dataclass(frozen=True)
class Found:
    """The devices, and what shuts the process in."""

    devices: tuple[GpuDevice, ...]
    walls: tuple[str, ...]


@dataclass(frozen=True)
class Speeds:
    """Tokens in a second, read and generated."""

    reading: float
    generation: float


@dataclass(frozen=True)
class Tried:
    """What came of it; the last message.

    Attributes:
        device: On which it was tried.
        layers: That fitted; -1: all.
        of_layers: That the model has.
        agreement: With what the processor computes.
        rounding: Mean divergence of the processor from itself, computing in another order, in nats.
        alone: How fast the processor is without it.
        together: How fast both are.
        products: Which matrix product within the model differs most from the processor's.
        size_rounding: By how much one of the processor's differs from its own, computing in another order, at the most.
        memory: Bytes that the device has less of since, by its driver's word; 0: it does not say.
    """

    device: GpuDevice
    layers: int
    of_layers: int
    agreement: Agreement
    rounding: float
    alone: Speeds
    together: Speeds
    products: ProductDifference
    size_rounding: float
    memory: int = 0


FromProcess = Found | Tried | Refused
TO_PROCESS: Final = (Try,)
FROM_PROCESS: Final = (Found, Tried, Refused)
