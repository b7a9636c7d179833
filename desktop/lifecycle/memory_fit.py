"""What a model or a setting would take of this machine's memory: one rule for windows, command line and recommendation.

No Qt. To be used by one thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop.engine.footprint import Fit, Footprint, fits, predict, predict_for
from desktop.engine.types import FlashAttention, KvType
from desktop.gguf.header import GgufHeader, read_header_if_possible
from desktop.lifecycle.context_size import ContextSize
from desktop.machine.memory import MemoryReader, MemoryReading
from desktop.models.recommend import MemoryNeed, recommend
from desktop.models.types import Catalog, InstalledModel, ModelSpec
from desktop.settings.options import Settings

# What Catnap itself takes while the model sleeps (make bench: "never loaded"); the rest of its memory is the model's.
_BASE = 80_000_000

# A model is only recommended where it answers at reading speed, some 5 tokens per second. For each token the whole file
# passes through memory; a core of a ten-year-old laptop moves about 3.5 GB per second, and cores add up.
_RECOMMENDED_BYTES_PER_CORE = 700_000_000
# ... and where most of the memory stays for everything else: Qwen3.5 2B is for 8 GB, the 1B models for 4 GB.
_RECOMMENDED_SHARE = 0.22


@dataclass(frozen=True)
class Judgement:
    """Whether a model goes with this machine.

    Attributes:
        needed: Bytes it takes when awake, with the settings in force.
        free: Bytes that can be had here now, were the model in use asleep.
    """

    fit: Fit
    needed: int
    free: int


class MemoryFit:
    """Predicts footprints for the settings in force."""

    def __init__(
        self,
        catalog: Catalog,
        settings: Callable[[], Settings],
        reader: MemoryReader,
        cores: int,
        context: ContextSize | None = None,
    ) -> None:
        """
        Args:
            catalog: The models on offer.
            settings: Returns the settings in force.
            reader: Measures the machine.
            cores: Physical cores that may be used.
            context: What an automatic context is; None: chosen by what is available at the first use.
        """
        self._catalog = catalog
        self._settings = settings
        self._reader = reader
        self._cores = cores
        self._context = context or ContextSize(reader)
        self._headers: dict[tuple[Path, int], GgufHeader] = {}

    def judge(self, spec: ModelSpec) -> Judgement:
        """Says whether a model of the catalogue fits."""
        return self._judge(spec, self._machine())

    def recommended(self) -> str | None:
        """Returns the id of the best model that is pleasant to use here; None for an empty catalogue.

        Pleasant: it fits comfortably, leaves most of the memory to others and answers at reading speed.
        """
        machine = self._machine()
        largest = min(self._cores * _RECOMMENDED_BYTES_PER_CORE, machine.machine_total * _RECOMMENDED_SHARE)

        def need(spec: ModelSpec) -> MemoryNeed:
            judgement = self._judge(spec, machine)
            return MemoryNeed(judgement.needed, judgement.fit is Fit.COMFORTABLE and spec.size <= largest)

        spec = recommend(self._catalog, need)
        return spec.id if spec else None

    @property
    def automatic_context(self) -> int:
        """The context in tokens that "Automatic" stands for now."""
        return self._context.tokens

    def context_of(self, settings: Settings) -> int:
        """Returns the context in tokens that given settings mean."""
        return settings.n_ctx or self.automatic_context

    def judge_load(self, settings: Settings, installed: InstalledModel) -> Judgement | None:
        """Says whether an installed model fits with given settings; None where it cannot be told.

        Asked at the moment somebody presses Enter: a model of the catalogue is judged by its figures there, unless its
        header is known already. Reading that takes a tenth of a second and more, most of it for the vocabulary.
        """
        spec = self._catalog.get(installed.id)
        footprint = (
            self.cost(settings, installed) if self.knows(installed) or spec is None else self._of_spec(spec, settings)
        )
        if footprint is None:
            return None
        machine = self._machine()
        return Judgement(fits(footprint, machine), footprint.rss, machine.machine_available)

    def cost(self, settings: Settings, installed: InstalledModel | None) -> Footprint | None:
        """Predicts what a model takes with given settings; None where it cannot be told.

        Args:
            settings: They need not be in force.
            installed: The model that they mean; None: it is not here, so the catalogue's figures are used.
        """
        if installed is None:
            spec = self._catalog.get(settings.model)
            return self._of_spec(spec, settings) if spec else None
        header = self._header(installed)
        if header is None:
            return None
        return predict(
            header,
            n_ctx=self.context_of(settings),
            n_batch=settings.n_batch,
            kv_type=KvType(settings.kv_type),
            repack=settings.faster_answers,
            flash_attention=FlashAttention(settings.flash_attention),
        )

    def _judge(self, spec: ModelSpec, machine: MemoryReading) -> Judgement:
        footprint = self._of_spec(spec, self._settings())
        return Judgement(fits(footprint, machine), footprint.rss, machine.machine_available)

    def knows(self, model: InstalledModel) -> bool:
        """Whether nothing needs to be read any more to tell what an installed model takes."""
        return (model.path, model.size) in self._headers

    def learn(self, model: InstalledModel, header: GgufHeader | None) -> None:
        """Takes the header of a model, read elsewhere; None: it cannot be read."""
        if header is not None:
            self._headers[model.path, model.size] = header

    def _header(self, model: InstalledModel) -> GgufHeader | None:
        if not self.knows(model):  # asked with every key stroke in the settings
            self.learn(model, read_header_if_possible(model.path))
        return self._headers.get((model.path, model.size))

    def _machine(self) -> MemoryReading:
        """Reads the machine as it would be with the model asleep."""
        reading = self._reader.read()
        freed = max(0, reading.anonymous - _BASE)
        return MemoryReading(reading.rss, reading.anonymous, reading.machine_total, reading.machine_available + freed)

    def _of_spec(self, spec: ModelSpec, settings: Settings) -> Footprint:
        return predict_for(
            spec.size,
            spec.kv_bytes_per_token,
            self.context_of(settings),
            n_batch=settings.n_batch,
            kv_type=KvType(settings.kv_type),
            repack=settings.faster_answers,
            context_trained=spec.context_trained,
        )
