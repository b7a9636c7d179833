"""What a model or a setting would take of this machine's memory. No Qt; called from the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop.engine.footprint import Fit, Footprint, fits, predict, predict_for
from desktop.engine.memory_reading import MemoryReader, MemoryReading
from desktop.engine.types import FlashAttention, KvType
from desktop.errors import UserFacingError
from desktop.gguf import GgufHeader, read_header
from desktop.models.recommend import recommend
from desktop.models.types import Catalog, InstalledModel, ModelSpec
from desktop.settings import Settings

# What Catnap itself takes while the model sleeps (make bench: "never loaded"); the rest of its memory is the model's.
_BASE = 80_000_000


@dataclass(frozen=True)
class Judgement:
    """Whether a model goes with this machine.

    Attributes:
        needed: Bytes it takes when awake.
        free: Bytes that can be had here now, were the model in use asleep.
    """

    fit: Fit
    needed: int
    free: int


class MemoryAdvice:
    """Predicts footprints for the settings in force.

    Args:
        catalog: The models on offer.
        settings: Returns the settings in force.
        installed: Returns the model that settings mean; None where there is none.
        reader: Measures the machine.
    """

    def __init__(
        self,
        catalog: Catalog,
        settings: Callable[[], Settings],
        installed: Callable[[Settings], InstalledModel | None],
        reader: MemoryReader,
    ) -> None:
        self._catalog = catalog
        self._settings = settings
        self._installed = installed
        self._reader = reader
        self._headers: dict[Path, GgufHeader] = {}

    def judge(self, spec: ModelSpec) -> Judgement:
        """Says whether a model of the catalogue fits, with the settings in force."""
        machine = self._machine()
        footprint = _of_spec(spec, self._settings())
        return Judgement(fits(footprint, machine), footprint.rss, machine.machine_available)

    def recommended(self) -> str | None:
        """Returns the id of the best model that leaves this machine usable; None for an empty catalogue."""
        machine = self._machine()
        n_ctx = self._settings().n_ctx
        spec = recommend(self._catalog, machine.machine_available, machine.machine_total, n_ctx)
        return spec.id if spec else None

    def cost(self, settings: Settings) -> Footprint | None:
        """Predicts what the model of ``settings`` takes with these settings; None where it cannot be told."""
        model = self._installed(settings)
        if model is None:
            spec = self._catalog.get(settings.model)
            return _of_spec(spec, settings) if spec else None
        header = self._header(model.path)
        if header is None:
            return None
        return predict(
            header,
            n_ctx=settings.n_ctx,
            n_batch=settings.n_batch,
            kv_type=KvType(settings.kv_type),
            repack=settings.faster_answers,
            flash_attention=FlashAttention(settings.flash_attention),
        )

    def _header(self, path: Path) -> GgufHeader | None:
        if path not in self._headers:
            try:
                self._headers[path] = read_header(path)
            except UserFacingError:
                return None
        return self._headers[path]

    def _machine(self) -> MemoryReading:
        """Reads the machine as it would be with the model asleep."""
        reading = self._reader.read()
        freed = max(0, reading.anonymous - _BASE)
        return MemoryReading(reading.rss, reading.anonymous, reading.machine_total, reading.machine_available + freed)


def _of_spec(spec: ModelSpec, settings: Settings) -> Footprint:
    return predict_for(
        spec.size,
        spec.kv_bytes_per_token,
        settings.n_ctx,
        n_batch=settings.n_batch,
        kv_type=KvType(settings.kv_type),
        repack=settings.faster_answers,
        context_trained=spec.context_trained,
    )
