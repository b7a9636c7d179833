"""``catnap gpu``: which graphics processors there are, what came of trying them, and what to choose on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

from desktop.cli import common
from desktop.cli.gpu.use import absent, look, try_gpu, verdict_words
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import Cancelled, UserFacingError
from desktop.engine.backends import GpuDevice
from desktop.engine.gpu.install import install
from desktop.engine.gpu.library import known_libraries, library_folder
from desktop.engine.gpu.messages import Try
from desktop.engine.gpu.trial import GpuTrial
from desktop.engine.gpu.verdict import FoundLibrary, GpuVerdict
from desktop.engine.types import EngineConfig
from desktop.lifecycle.gpu.advisor import use_of
from desktop.lifecycle.gpu.recommendation import Advice, advice_for
from desktop.lifecycle.gpu.verdicts import RememberedVerdicts, gpu_key
from desktop.settings.for_engine import engine_config
from desktop.settings.options import Settings


@dataclass(frozen=True)
class GpuReport:
    """What there is to be said.

    Attributes:
        setting: In force: "off", "auto" or "on".
        library: The code for graphics processors, or why there is none.
        devices: That were found with it.
        problem: Why none were; empty: nothing went wrong.
        model: That the verdict is about; empty: there is none.
        verdict: What is known of the first device with it; None: it was not tried.
        is_used: Answers come from it.
        walls: What its process was shut in by.
    """

    setting: str
    library: FoundLibrary
    devices: tuple[GpuDevice, ...] = ()
    problem: str = ""
    model: str = ""
    verdict: GpuVerdict | None = None
    is_used: bool = False
    walls: tuple[str, ...] = ()


def run(places: common.Places, action: str, target: str | None, *, as_json: bool) -> int:
    """Runs the verb; see :mod:`desktop.cli.common` for what it raises."""
    if action == "install":
        assert target is not None
        source = common.absolute_path(target)
        places.paths.create()
        path = install(source, known_libraries(library_folder()), places.paths.gpu_dir)
        common.print_json({"file": str(path)}) if as_json else common.say(f"{path}")
        return common.DONE
    settings = places.settings()
    if action == "test":
        _try(places, settings, target)
    report = examine(places, settings, target)
    if as_json:
        common.print_json(record(report))
    else:
        for title, text in lines(report):
            common.say(f"{title:<12} {text}")
    return common.DONE


def examine(places: common.Places, settings: Settings, wanted: str | None = None) -> GpuReport:
    """Looks for devices, in a process of its own; less than a second. Nothing is tried."""
    found = look(places)
    if found.library is None:
        return GpuReport(settings.gpu, found, problem=str(absent(found)))
    trial = GpuTrial(Try(found.library, EngineConfig(None)))
    try:
        looked = trial.run()
    except (UserFacingError, Cancelled) as problem:
        return GpuReport(settings.gpu, found, problem=str(problem))
    report = GpuReport(settings.gpu, found, trial.devices, looked.reason, walls=trial.walls)
    try:
        model = common.find_model(places, settings, wanted)
    except UserFacingError:  # said elsewhere
        return report
    config = engine_config(settings, model.path, places.paths, common.conditions(places, settings, model))
    key = gpu_key(found.library, config, settings.gpu_layers, kv=settings.gpu_kv)
    verdict = RememberedVerdicts(places.paths.gpu_file).get(key) if key is not None else None
    is_used = use_of(verdict, found, settings) is not None
    return replace(report, model=model.name, verdict=verdict, is_used=is_used)


def lines(report: GpuReport) -> Iterator[tuple[str, str]]:
    """Yields what is shown of a report, in pairs of a title and a text."""
    yield "Graphics", f"{report.setting}; {_library_words(report)}"
    for device in report.devices:
        memory = f"{format_bytes(device.memory_free)} of {format_bytes(device.memory_total)} free, by its driver's word"
        yield "", f"{device.name}: {device.description} ({device.kind.value}; {memory})"
    if report.verdict is not None:
        use = "used" if report.is_used else "not used"
        yield "", f"{use} with {report.model}: {verdict_words(report.verdict)}"
    elif report.devices and report.model:
        yield "", f"not tried with {report.model}; catnap gpu test"
    for device in report.devices[:1]:
        yield "", f"for a model of 7 billion weights: {advice_words(advice_for(device))}"


def advice_words(advice: Advice) -> str:
    """Returns what to choose, in one line."""
    layers = "all layers" if advice.layers < 0 else f"{advice.layers} layers"
    flash = "with" if advice.flash_attention.value == "on" else "without forcing"
    return (
        f"{advice.quantisation}, {layers}, conversation memory {advice.kv_type.value}, {flash} flash attention, "
        f"context {advice.n_ctx:,}; some {advice.words_per_second} words a second ({advice.tier.value})"
    )


def record(report: GpuReport) -> common.Json:
    """Returns a report as it is printed for programs."""
    verdict = report.verdict
    return {
        "setting": report.setting,
        "library": {
            "state": report.library.presence.value,
            "file": str(report.library.path) if report.library.path is not None else None,
        },
        "devices": [{**asdict(device), "kind": device.kind.value} for device in report.devices],
        "problem": report.problem,
        "model": report.model,
        "verdict": None if verdict is None else {**asdict(verdict), "outcome": verdict.outcome.value},
        "used": report.is_used,
        "walls": list(report.walls),
        "advice": [advice_words(advice_for(device)) for device in report.devices[:1]],
    }


def _library_words(report: GpuReport) -> str:
    if report.problem:
        return report.problem
    return f"{report.library.path}"


def _try(places: common.Places, settings: Settings, wanted: str | None) -> None:
    found = look(places)
    if found.library is None:
        raise absent(found)
    model = common.check_model(common.find_model(places, settings, wanted))
    config = engine_config(settings, model.path, places.paths, common.conditions(places, settings, model))
    progress = common.ProgressLine()
    progress.show("trying the graphics processor")
    try:
        try_gpu(places, found, config, settings)
    finally:
        progress.clear()
