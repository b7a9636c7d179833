"""``catnap doctor``: what this machine has, what it lacks, and how to install that. No Qt is started."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from desktop import __version__
from desktop.cli import common
from desktop.cli.gpu import verb as gpu
from desktop.cli.gpu.verb import GpuReport
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import UserFacingError
from desktop.engine.backends import Backend, EngineFacts, Obstacle, PassedOver
from desktop.engine.llama.cpu_backends import needs_of
from desktop.engine.process.inspect import inspect_engine
from desktop.engine.threads.tuner import choose_threads
from desktop.machine.cpu import Processor, Processors, read_processor, read_processors, read_system
from desktop.machine.memory import MemoryReader, MemoryReading
from desktop.models.disk import room
from desktop.models.download.proxy.system_proxies import read_proxies
from desktop.models.types import InstalledModel
from desktop.settings.options import Settings
from desktop.system.build_info import Build, read_build
from desktop.system.display import Display, check_display
from desktop.system.libraries import install_commands, read_os_release

_LIBRARIES = ("llama-cpp-python", "PySide6-Essentials", "qasync", "httpx")
# A model of the smallest useful kind, with room to unpack an update beside it.
_LITTLE_DISK = 1_000_000_000


@dataclass(frozen=True)
class Problem:
    """Something that keeps a part of Catnap from working.

    Attributes:
        what: One sentence.
        remedies: What to do, one line each.
    """

    what: str
    remedies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """All that was found out; None stands for what could not be."""

    build: Build
    processor: Processor
    processors: Processors
    threads: int
    engine: EngineFacts | None
    memory: MemoryReading
    models_dir: Path
    disk_free: int | None
    models: tuple[InstalledModel, ...]
    proxies: tuple[str, ...]
    display: Display
    gpu: GpuReport
    problems: tuple[Problem, ...]


def run(places: common.Places, *, as_json: bool) -> int:
    """Runs the verb; what is broken becomes part of the report, so the exit code is 0 whenever there is one."""
    report = examine(places)
    if as_json:
        common.print_json(_record(report))
    else:
        for title, text in _lines(report):
            common.say(f"{title:<12} {text}")
        _print_problems(report.problems)
    return common.DONE


def examine(places: common.Places) -> Report:
    """Looks at everything; takes some tenths of a second."""
    problems: list[Problem] = []
    settings = places.settings()
    engine = _engine(problems)
    models_dir = places.models_dir(settings)
    models = _models(places, settings, problems)
    free = room(models_dir)
    if free is not None and free < _LITTLE_DISK:
        problems.append(Problem(f"Only {format_bytes(free)} are free where models are kept.", (str(models_dir),)))
    display = check_display(os.environ)
    problems.extend(_display_problems(display))
    processors = read_processors()
    return Report(
        build=read_build(),
        processor=read_processor(),
        processors=processors,
        threads=choose_threads(settings.threads, processors),
        engine=engine,
        memory=MemoryReader().read(),
        models_dir=models_dir,
        disk_free=free,
        models=models,
        proxies=_proxies(),
        display=display,
        gpu=gpu.examine(places, settings),
        problems=tuple(problems),
    )


def _engine(problems: list[Problem]) -> EngineFacts | None:
    try:
        engine = inspect_engine()
    except UserFacingError as problem:
        problems.append(Problem(f"{problem.title} {problem.detail}".strip(), (problem.remedy,)))
        return None
    for broken in engine.backend.broken:
        what = f"{broken.path.name} is damaged, so {engine.backend.name} computes instead: {broken.detail}."
        problems.append(Problem(what, ("Install Catnap again.",)))
    return engine


def _models(places: common.Places, settings: Settings, problems: list[Problem]) -> tuple[InstalledModel, ...]:
    try:
        offer = places.offer()
        library = places.library(settings, offer)
        models = library.installed()
    except UserFacingError as problem:
        problems.append(Problem(f"{problem.title} {problem.detail}".strip(), (problem.remedy,)))
        return ()
    problems += [Problem(str(problem)) for problem in library.load_problems]
    if not models:
        best = common.memory_fit(settings, offer).recommended() or offer.default_id
        problems.append(Problem("No model is installed.", (f"catnap models download {best}",)))
    problems.extend(Problem(f"The file of {model.name} is gone: {model.path}.") for model in models if model.missing)
    return models


def _proxies() -> tuple[str, ...]:
    """Returns what there is to say about proxies, without passwords; nobody is asked over the network."""
    proxies = read_proxies()
    used = f"{proxies.proxy.shown} ({proxies.place})" if proxies.proxy is not None else "no proxy"
    lines = [used, *(f"proxy for {what} is not used: {why}" for what, why in proxies.skipped)]
    if proxies.script:
        lines.append("a script that chooses proxies (PAC) is set, which Catnap cannot run")
    return tuple(lines)


def _display_problems(display: Display) -> Iterator[Problem]:
    if display.missing:
        names = ", ".join(library.soname for library in display.missing)
        commands = install_commands(display.missing, read_os_release())
        yield Problem(f"Qt cannot show windows, since the system lacks {names}.", commands)
    elif display.problem is not None:
        yield Problem(f"{display.problem.title} {display.problem.detail}".strip(), (display.problem.remedy,))


def _versions(report: Report) -> dict[str, str]:
    versions = {"catnap": __version__, "python": sys.version.split()[0]}
    for name in _LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # a frozen program carries no metadata unless told to
            versions[name] = "unknown"
    if report.engine is not None:
        versions["llama-cpp-python"] = report.engine.version
        versions["ggml"] = report.engine.ggml_version
    return versions


def _lines(report: Report) -> Iterator[tuple[str, str]]:
    yield "Versions", ", ".join(f"{name} {version}" for name, version in _versions(report).items())
    yield "Build", report.build.words()
    yield "System", read_system()
    yield "Processor", report.processor.name
    yield "", " ".join(report.processor.features) or "instruction sets unknown"
    cores = f"{report.processors.physical} cores, {report.processors.logical} logical processors"
    yield "", f"{cores}; {report.threads} threads answer"
    if report.engine is not None:
        backend = report.engine.backend
        yield "Backend", f"{backend.name} ({' '.join(backend.features)})"
        yield "", backend.path
        yield from (("", words) for words in _reasons(backend, report.processor.features))
        yield "Walls", "; ".join(report.engine.walls) or "none: the engine may do what you may"
    yield from gpu.lines(report.gpu)
    memory = report.memory
    yield "Memory", f"{format_bytes(memory.machine_available)} of {format_bytes(memory.machine_total)} available"
    free = "unknown" if report.disk_free is None else format_bytes(report.disk_free)
    yield "Disk", f"{free} free for models in {report.models_dir}"
    for number, model in enumerate(report.models):
        state = "gone" if model.missing else format_bytes(model.size)
        yield "" if number else "Models", f"{model.id} ({state})"
    display = report.display
    for number, line in enumerate(report.proxies):
        yield "" if number else "Network", line
    yield "Display", f"{display.kind} {display.address}".strip() + f", Qt platform {display.platform}"
    yield "Tray", f"{display.tray.value}: {display.tray_detail}"


def _reasons(backend: Backend, processor: Sequence[str]) -> Iterator[str]:
    """Yields why this backend and no better one, each reason once."""
    if not backend.score:
        return  # there was nothing to choose
    yield f"picked since it has the best score of those that run here, {backend.score}"
    groups: dict[str, list[str]] = {}
    for each in backend.passed_over:
        groups.setdefault(_reason(each, processor), []).append(each.name)
    for reason, names in groups.items():
        yield f"passed over: {', '.join(names)}: {reason}"


def _reason(passed: PassedOver, processor: Sequence[str]) -> str:
    if passed.obstacle is Obstacle.BROKEN:
        return f"could not be loaded: {passed.detail}"
    needs = needs_of(passed.name)
    if not processor:
        return f"needs {' '.join(needs)}, and this processor lacks some of that"
    lacking = [feature for feature in needs if feature not in processor]
    return f"needs {lacking[0]}, which this processor lacks" if lacking else "says that it does not run here"


def _backend_record(backend: Backend, processor: Sequence[str]) -> common.Json:
    return {
        "name": backend.name,
        "file": backend.path,
        "features": list(backend.features),
        "score": backend.score,
        "passed_over": [
            {
                "name": each.name,
                "file": str(each.path),
                "obstacle": each.obstacle.value,
                "reason": _reason(each, processor),
            }
            for each in backend.passed_over
        ],
    }


def _print_problems(problems: tuple[Problem, ...]) -> None:
    if not problems:
        print("\nNothing is missing.")
    for problem in problems:
        print()
        common.say(f"! {problem.what}")
        for remedy in problem.remedies:
            if remedy:
                common.say(f"  {remedy}")


def _record(report: Report) -> common.Json:
    engine, display = report.engine, report.display
    return {
        "versions": _versions(report),
        "build": {"kind": report.build.kind, "commit": report.build.commit, "date": report.build.date},
        "system": read_system(),
        "cpu": {
            "model": report.processor.name,
            "features": list(report.processor.features),
            "cores_physical": report.processors.physical,
            "cores_logical": report.processors.logical,
            "threads": report.threads,
        },
        "backend": _backend_record(engine.backend, report.processor.features) if engine else None,
        "walls": list(engine.walls) if engine else [],
        "gpu": gpu.record(report.gpu),
        "memory": {"total": report.memory.machine_total, "available": report.memory.machine_available},
        "disk": {"folder": str(report.models_dir), "free": report.disk_free},
        "models": [
            {"id": model.id, "name": model.name, "path": str(model.path), "size": model.size, "missing": model.missing}
            for model in report.models
        ],
        "network": list(report.proxies),
        "display": {
            "kind": display.kind,
            "address": display.address,
            "qt_platform": display.platform,
            "missing_libraries": [library.soname for library in display.missing],
            "error": str(display.problem) if display.problem else None,
        },
        "tray": {"state": display.tray.value, "detail": display.tray_detail},
        "problems": [
            {"what": problem.what, "remedies": [line for line in problem.remedies if line]}
            for problem in report.problems
        ],
    }
