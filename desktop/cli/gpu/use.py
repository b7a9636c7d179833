"""The graphics processor for a verb that asks a model: what is remembered of it, or a trial, where one is wanted."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from desktop.cli import common
from desktop.common.errors import UserFacingError
from desktop.engine.footprint import predict
from desktop.engine.gpu import errors
from desktop.engine.gpu.library import find_library, known_libraries, library_folder
from desktop.engine.gpu.trial import GpuTrial
from desktop.engine.gpu.verdict import FoundLibrary, GpuVerdict, Outcome, Presence
from desktop.engine.types import EngineConfig, GpuGivenUp
from desktop.gguf.header import read_header
from desktop.lifecycle.gpu.advisor import OFF, order_of, use_of
from desktop.lifecycle.gpu.verdicts import RememberedVerdicts, gpu_key
from desktop.machine.cpu import read_processors
from desktop.settings.options import Settings


def look(places: common.Places) -> FoundLibrary:
    """Returns what there is of the library for graphics processors."""
    return find_library(known_libraries(library_folder()), places.paths.gpu_dir)


def with_gpu(
    places: common.Places, settings: Settings, config: EngineConfig, layers: int | None, progress: common.ProgressLine
) -> EngineConfig:
    """Returns a configuration with the graphics processor, where it is to be used.

    Args:
        places: Where verdicts are remembered.
        settings: The settings in force.
        config: How the model will be loaded otherwise.
        layers: Asked for in so many words: then it is tried first if need be, and used where it computes rightly. None:
            as the settings say, and only where it was tried before.
        progress: Where the trial is shown.

    Raises:
        UserFacingError: It was asked for, and cannot be used.
    """
    if layers is not None:
        settings = replace(settings, gpu="on", gpu_layers=layers)
    if settings.gpu == OFF:
        return config
    found = look(places)
    if found.library is None:
        if layers is None:
            return config
        raise absent(found)
    verdict = _remembered(places, found, config, settings)
    if verdict is None and layers is not None:
        progress.show("trying the graphics processor")
        verdict = try_gpu(places, found, config, settings)
        progress.clear()
    use = use_of(verdict, found, settings)
    if use is None and layers is not None and verdict is not None:
        raise UserFacingError("The graphics processor is not used.", f"{verdict_words(verdict)}.", "See: catnap gpu")
    return replace(config, gpu=use)


def try_gpu(places: common.Places, found: FoundLibrary, config: EngineConfig, settings: Settings) -> GpuVerdict:
    """Tries it with a model, and remembers the verdict.

    Raises:
        Cancelled: Somebody has ended the process.
        KeyboardInterrupt: Ctrl+C was pressed.
        UserFacingError: The model's file is gone, or no process can be started.
    """
    assert config.model_path is not None
    needed = predict(
        read_header(config.model_path), n_ctx=config.n_ctx, n_batch=config.n_batch, kv_type=config.kv_type, repack=False
    ).rss
    threads = settings.threads or read_processors().physical
    trial = GpuTrial(order_of(found, replace(config, memory_limit=needed), settings, threads))
    with _ended_by_interrupt(trial):
        verdict = trial.run()
    assert found.library is not None
    key = gpu_key(found.library, config, settings.gpu_layers, kv=settings.gpu_kv)
    if key is not None:
        RememberedVerdicts(places.paths.gpu_file).put(key, verdict)
    return verdict


def remember_given_up(
    places: common.Places, settings: Settings, config: EngineConfig, given_up: GpuGivenUp | None, layers: int | None
) -> None:
    """Remembers that the engine has died on the graphics processor, so that nobody tries it again unasked."""
    found = look(places) if given_up is not None else None
    if given_up is None or not given_up.is_lasting or found is None or found.library is None:
        return
    asked = settings.gpu_layers if layers is None else layers
    key = gpu_key(found.library, config, asked, kv=settings.gpu_kv)
    remembered = RememberedVerdicts(places.paths.gpu_file)
    verdict = remembered.get(key) if key is not None else None
    if key is None or verdict is None:
        return
    if given_up.has_died:
        remembered.put(key, replace(verdict, outcome=Outcome.DIED, reason=given_up.problem.detail))
    else:
        remembered.drop(key)


def absent(found: FoundLibrary) -> UserFacingError:
    """Returns why there is no library."""
    if found.presence is Presence.ANOTHER_FILE and found.path is not None:
        return errors.not_genuine(found.path)
    if found.presence is Presence.NOT_INSTALLED and found.path is not None:
        remedy = "Install the download for graphics processors: catnap gpu install FILE"
        return UserFacingError("The code for graphics processors is not installed.", f"{found.path}.", remedy)
    return UserFacingError("This Catnap was built without code for graphics processors.")


def verdict_words(verdict: GpuVerdict) -> str:
    """Returns a verdict in words, without a full stop."""
    match verdict.outcome:
        case Outcome.GOOD | Outcome.SLOW:
            layers = "all layers" if verdict.layers < 0 else f"{verdict.layers} of {verdict.of_layers} layers"
            faster = f"{verdict.gain:.2g} times as fast as the processor alone"
            detail = f"reading {verdict.reading:.2g}, writing {verdict.generation:.2g} times as fast"
            return f"computes rightly (divergence {verdict.divergence:.2g} nats), {layers}, {faster}: {detail}"
        case Outcome.WRONG:
            return f"computes something else than the processor: {verdict.reason}"
        case Outcome.DIED:
            return f"the engine died on it: {verdict.reason}" if verdict.reason else "the engine died on it"
        case Outcome.HUNG:
            return "it did not come to an end"
        case Outcome.REFUSED:
            return verdict.reason.rstrip(".")


def _remembered(
    places: common.Places, found: FoundLibrary, config: EngineConfig, settings: Settings
) -> GpuVerdict | None:
    assert found.library is not None
    key = gpu_key(found.library, config, settings.gpu_layers, kv=settings.gpu_kv)
    return RememberedVerdicts(places.paths.gpu_file).get(key) if key is not None else None


@contextmanager
def _ended_by_interrupt(trial: GpuTrial) -> Iterator[None]:
    """Has Ctrl+C end the trial before it is raised; in another thread than the main one it does nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = threading.Event()

    def end(_number: int, _frame: object) -> None:
        pressed.set()
        trial.cancel()

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if pressed.is_set():
            raise KeyboardInterrupt
