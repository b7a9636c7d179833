"""What a function check runs with: the engine's configuration, and what its results are kept under."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from desktop import __version__
from desktop.check.run import context_for
from desktop.check.store import Setup, fingerprint_of
from desktop.check.tasks import TaskSet
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.paths import Paths
from desktop.engine.types import EngineConfig
from desktop.gguf.header import read_header
from desktop.gguf.parts import part_paths
from desktop.settings.for_engine import Conditions, engine_config
from desktop.settings.options import Settings


def prepare_check(
    name: str,
    path: Path,
    settings: Settings,
    paths: Paths,
    conditions: Conditions,
    tasks: TaskSet,
    all_tasks: TaskSet,
) -> tuple[EngineConfig, Setup]:
    """Returns how to load a model for a check, and what its results are kept under; reads its file, some 100 ms.

    Args:
        name: What the model is called.
        path: Its file, or the first of them.
        settings: Those in force; the KV type is theirs.
        paths: Where things lie.
        conditions: What the machine is like.
        tasks: Those that will be asked.
        all_tasks: Those of all kinds, of which ``tasks`` may be a part.

    Raises:
        UserFacingError: The file cannot be read, or is no model.
    """
    header = read_header(path)
    try:
        fingerprint = fingerprint_of(part_paths(path))
        size = sum(each.stat().st_size for each in part_paths(path))
    except OSError as problem:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The model file cannot be read."), f"{path}: {problem.strerror or problem}."
        ) from problem
    config = replace(
        engine_config(settings, path, paths, conditions),
        n_ctx=context_for(tasks, header.context_trained),
        # Nobody waits between two tasks, and nothing of them is left on the disk.
        idle_seconds=None,
        sleep_seconds=None,
        snapshots_dir=None,
    )
    setup = Setup(
        name,
        fingerprint,
        header.quantisation,
        config.kv_type.value,
        answering_build(),
        all_tasks.digest,
        all_tasks.name,
        place_of(path, size),
    )
    return config, setup


def place_of(path: Path, size: int) -> str:
    """Returns what stands for a model's file where nobody wants to read it: results are found by it for a list.

    Args:
        path: The file, or the first of them.
        size: Bytes of all.
    """
    return f"{path.name}:{size}"


def answering_build() -> str:
    """Returns which Catnap and which llama.cpp answer."""
    from importlib import metadata  # brings much along that nothing else needs

    try:
        library = metadata.version("llama_cpp_python")
    except metadata.PackageNotFoundError:
        library = "unknown"
    return f"{__version__}, llama-cpp-python {library}"
