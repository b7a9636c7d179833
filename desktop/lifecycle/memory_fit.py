"""What a model or a setting would take of this machine's memory: one rule for windows, command line and recommendation.

No Qt. To be used by one thread, which may be that of the windows: no file is read here, see :meth:`MemoryFit.learn`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from desktop.engine.footprint import Fit, Footprint, fits, predict, predict_embedding, predict_for
from desktop.engine.types import FlashAttention, KvType
from desktop.gguf.header import GgufHeader
from desktop.gguf.kind import ModelKind, kind_of
from desktop.lifecycle.context_size import ContextSize
from desktop.lifecycle.expected_speed import OLD_CORE_BYTES
from desktop.lifecycle.remembered_gains import RememberedGains
from desktop.machine.memory import MemoryReader, MemoryReading
from desktop.models.recommend import MemoryNeed, recommend
from desktop.models.types import Catalog, InstalledModel, ModelSpec
from desktop.settings.options import Settings

# A model is only recommended where it answers at reading speed, some 5 tokens per second, also on an old laptop.
_RECOMMENDED_BYTES_PER_CORE = OLD_CORE_BYTES // 5
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
        is_steady: Callable[[InstalledModel | ModelSpec], bool] = lambda _model: True,
        gains: RememberedGains | None = None,
        on_gpu: Callable[[Footprint, Settings, InstalledModel], Footprint] = lambda alone, _settings, _model: alone,
    ) -> None:
        """
        Args:
            catalog: The models on offer.
            settings: Returns the settings in force.
            reader: Measures the machine.
            cores: Physical cores that may be used.
            context: What an automatic context is; None: chosen by what is available at the first use.
            is_steady: Whether a model's file may be mapped where it lies, or would lie.
            gains: Where "faster answers" was found not to pay, it takes no memory; None: nothing was measured.
            on_gpu: Returns what an installed model takes of the computer's memory with given settings, of what it
                would take with the processor alone.
        """
        self._catalog = catalog
        self._settings = settings
        self._reader = reader
        self._cores = cores
        self._context = context or ContextSize(reader)
        self._is_steady = is_steady
        self._gains = gains
        self._on_gpu = on_gpu
        self._headers: dict[tuple[Path, int], GgufHeader] = {}

    def judge(self, spec: ModelSpec) -> Judgement:
        """Says whether a model of the catalogue fits."""
        return self._judge(spec, self._machine())

    def read_bytes(self, model: InstalledModel | ModelSpec) -> int:
        """Returns the bytes of weights that must be read into memory, which the system cannot take back.

        0 where they are mapped, as on every disk of this machine.
        """
        return 0 if self._is_steady(model) else model.size

    def recommended(self, among: Collection[str] | None = None) -> str | None:
        """Returns the id of the best model that is pleasant to use here; None for an empty catalogue.

        Pleasant: it fits comfortably, leaves most of the memory to others and answers at reading speed.

        Args:
            among: Ids of those that come into question; None: the whole catalogue does.
        """
        machine = self._machine()
        largest = min(self._cores * _RECOMMENDED_BYTES_PER_CORE, machine.machine_total * _RECOMMENDED_SHARE)

        # They would all lie in the one folder for models, which takes a millisecond to look at.
        is_steady = all(map(self._is_steady, self._catalog.models[:1]))

        def need(spec: ModelSpec) -> MemoryNeed:
            judgement = self._judge(spec, machine, is_steady)
            return MemoryNeed(judgement.needed, judgement.fit is Fit.COMFORTABLE and spec.size <= largest)

        models = (spec for spec in self._catalog.models if among is None or spec.id in among)
        spec = recommend(replace(self._catalog, models=tuple(models)), need)
        return spec.id if spec else None

    @property
    def automatic_context(self) -> int:
        """The context in tokens that "Automatic" stands for now."""
        return self._context.tokens

    def context_of(self, settings: Settings) -> int:
        """Returns the context in tokens that given settings mean."""
        return settings.n_ctx or self.automatic_context

    def judge_load(self, settings: Settings, installed: InstalledModel) -> Judgement:
        """Says whether an installed model fits with given settings.

        Asked at the moment somebody presses Enter, so no file is read for it: a model of the catalogue is judged by its
        figures there, unless its header was read already, and an own file by its size until then.
        """
        return self._judge_load(settings, installed, self._machine())

    def judge_own(self, installed: InstalledModel) -> Judgement:
        """Says whether an installed model fits with the settings in force; see :meth:`judge_load`."""
        return self.judge_load(self._settings(), installed)

    def judge_header(self, header: GgufHeader) -> Judgement:
        """Says whether a model fits of which no more than the header is known."""
        settings, machine = self._settings(), self._machine()
        if kind_of(header) is ModelKind.EMBEDDING:
            needed = predict_embedding(header)
            return Judgement(fits(needed, machine), needed.rss, machine.machine_available)
        footprint = predict(
            header,
            n_ctx=self.context_of(settings),
            n_batch=settings.n_batch,
            kv_type=KvType(settings.kv_type),
            repack=False,
            flash_attention=FlashAttention(settings.flash_attention),
        )
        return Judgement(fits(footprint, machine), footprint.rss, machine.machine_available)

    def judge_size(self, size: int, kv_bytes_per_token: int) -> Judgement:
        """Says whether a model fits of which no more than its size is known, and a guess of its cache."""
        machine = self._machine()
        footprint = predict_for(size, kv_bytes_per_token, self.context_of(self._settings()))
        return Judgement(fits(footprint, machine), footprint.rss, machine.machine_available)

    def judge_beside(self, settings: Settings, installed: InstalledModel) -> Judgement:
        """Says the same of a model that is loaded beside the one that is in memory now."""
        return self._judge_load(settings, installed, self._reader.read())

    def known_cost(self, settings: Settings, installed: InstalledModel) -> Footprint | None:
        """Predicts what an installed model takes with given settings; None where its file would have to be read.

        With the processor alone: what lies on a graphics processor may have to be taken back.
        """
        header = self._headers.get((installed.path, installed.size))
        settings = self._as_used(settings, installed)
        if header is None:
            spec = self._catalog.get(installed.id)
            return self._of_spec(spec, settings, installed) if spec else None
        is_steady = self._is_steady(installed)
        footprint = predict(
            header,
            n_ctx=self.context_of(settings),
            n_batch=settings.n_batch,
            kv_type=KvType(settings.kv_type),
            repack=settings.faster_answers and is_steady,
            flash_attention=FlashAttention(settings.flash_attention),
        )
        return footprint if is_steady else footprint.with_weights_read()

    def cost(self, settings: Settings, installed: InstalledModel | None) -> Footprint | None:
        """Predicts what a model takes with given settings; None where it cannot be told, or not yet.

        Args:
            settings: They need not be in force.
            installed: The model that they mean; None: it is not here, so the catalogue's figures are used.
        """
        if installed is not None:
            footprint = self.known_cost(settings, installed)
            return self._on_gpu(footprint, settings, installed) if footprint is not None else None
        spec = self._catalog.get(settings.model)
        return self._of_spec(spec, settings) if spec else None

    def _judge_load(self, settings: Settings, installed: InstalledModel, machine: MemoryReading) -> Judgement:
        # Of an own file that was not read yet: what every model of its size takes, without its cache.
        footprint = self.known_cost(settings, installed)
        if footprint is None:
            footprint = predict_for(installed.size, 0, self.context_of(settings))
            footprint = footprint if self._is_steady(installed) else footprint.with_weights_read()
        footprint = self._on_gpu(footprint, settings, installed)
        return Judgement(fits(footprint, machine), footprint.rss, machine.machine_available)

    def _as_used(self, settings: Settings, installed: InstalledModel) -> Settings:
        """Returns the settings as they will be obeyed with a model."""
        if not settings.faster_answers or self._gains is None:
            return settings
        return replace(settings, faster_answers=self._gains.pays(installed.path, settings.threads))

    def _judge(self, spec: ModelSpec, machine: MemoryReading, is_steady: bool | None = None) -> Judgement:
        footprint = self._of_spec(spec, self._settings(), is_steady=is_steady)
        return Judgement(fits(footprint, machine), footprint.rss, machine.machine_available)

    def knows(self, model: InstalledModel) -> bool:
        """Whether nothing needs to be read any more to tell what an installed model takes."""
        return (model.path, model.size) in self._headers

    def learn(self, model: InstalledModel, header: GgufHeader | None) -> None:
        """Takes the header of a model, read elsewhere; None: it cannot be read."""
        if header is not None:
            self._headers[model.path, model.size] = header

    def _machine(self) -> MemoryReading:
        """Reads the machine as it would be with the model asleep."""
        reading = self._reader.read()
        return replace(reading, machine_available=reading.machine_available + reading.engine)

    def _of_spec(
        self,
        spec: ModelSpec,
        settings: Settings,
        installed: InstalledModel | None = None,
        is_steady: bool | None = None,
    ) -> Footprint:
        is_steady = self._is_steady(installed or spec) if is_steady is None else is_steady
        footprint = predict_for(
            spec.size,
            spec.kv_bytes_per_token,
            self.context_of(settings),
            n_batch=settings.n_batch,
            kv_type=KvType(settings.kv_type),
            repack=settings.faster_answers and is_steady,
            context_trained=spec.context_trained,
        )
        return footprint if is_steady else footprint.with_weights_read()
