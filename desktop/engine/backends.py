"""What computes: the code for the processor, which is picked from several, and graphics processors. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Obstacle(Enum):
    """Why a variant was passed over; the value is what `catnap doctor --json` says."""

    PROCESSOR = "processor"
    BROKEN = "broken"


@dataclass(frozen=True)
class PassedOver:
    """A variant that would have been better.

    Attributes:
        name: Its name, such as "zen4".
        path: Its file.
        obstacle: PROCESSOR: it needs what the processor does not have. BROKEN: the file cannot be loaded.
        detail: What the system says about a broken file; empty for the other obstacle.
    """

    name: str
    path: Path
    obstacle: Obstacle
    detail: str = ""


@dataclass(frozen=True)
class Backend:
    """The code that computes.

    Attributes:
        name: Instruction-set level of the library picked ("haswell"), or "built-in" where there is only one.
        path: File it comes from; empty when unknown.
        features: CPU features it uses, as ggml names them ("AVX2", "F16C").
        score: How well it uses this processor, by its own account; 0 where there was nothing to choose.
        passed_over: Libraries that would have been better, best first.
    """

    name: str
    path: str
    features: tuple[str, ...]
    score: int = 0
    passed_over: tuple[PassedOver, ...] = ()

    @property
    def broken(self) -> tuple[PassedOver, ...]:
        """The files among them that cannot be loaded."""
        return tuple(each for each in self.passed_over if each.obstacle is Obstacle.BROKEN)


@dataclass(frozen=True)
class EngineFacts:
    """What an engine's process says about itself.

    Attributes:
        version: Release of llama-cpp-python.
        ggml_version: Release of ggml, by which llama.cpp's is told; "unknown" where this build does not say.
        backend: The code that computes.
        walls: What keeps the process in its place, in words; empty: nothing does.
        gpu: The graphics processor that computes along, by its maker's name; empty: none does.
    """

    version: str
    ggml_version: str
    backend: Backend
    walls: tuple[str, ...] = ()
    gpu: str = ""


@dataclass(frozen=True)
class GpuLibrary:
    """The code for graphics processors, a file that was downloaded: loaded only if it is what its size and hash say.

    Attributes:
        path: The file.
        size: Its bytes.
        sha256: Hash of its content, in hexadecimal digits.
    """

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True)
class GpuUse:
    """That a graphics processor computes along, and how much of the work is its.

    Attributes:
        library: The code for it.
        device: Its name as ggml gives it: "Vulkan0".
        driver: What the trial found it to be, see :class:`GpuDevice`; another one was never tried, and is not used.
        layers: Of the model, whose weights lie in its memory; -1: all. 0: it only computes where much is read at once.
        kv: Its layers' part of the conversation's memory lies there as well.
    """

    library: GpuLibrary
    device: str
    driver: str
    layers: int
    kv: bool = True


class GpuKind(Enum):
    """What a device is, by its driver's word."""

    OWN_MEMORY = "own memory"
    INTEGRATED = "integrated"  # its memory is the computer's
    SOFTWARE = "software"  # the processor, in disguise


@dataclass(frozen=True)
class GpuDevice:
    """A graphics processor, by what its driver says.

    Attributes:
        name: Its name as ggml gives it.
        description: Its maker's name for it.
        kind: What it is.
        memory_total: Bytes of memory that it claims to have, of which nothing is believed before it was taken.
        memory_free: Of these, free.
        driver: Tells a driver, and the device that it drives, from others; empty: nobody says.
    """

    name: str
    description: str
    kind: GpuKind
    memory_total: int
    memory_free: int
    driver: str = ""
