"""``catnap gpu``, and ``catnap ask`` with a graphics processor: what is said, and where nothing is there."""

from __future__ import annotations

import lzma
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.cli import common
from desktop.cli.gpu import use as gpu_use
from desktop.cli.gpu import verb
from desktop.cli.gpu.use import remember_given_up, verdict_words, with_gpu
from desktop.common.errors import UserFacingError
from desktop.engine.gpu.verdict import FoundLibrary, Outcome, Presence
from desktop.engine.types import EngineConfig, GpuGivenUp
from desktop.lifecycle.gpu.verdicts import RememberedVerdicts, gpu_key
from desktop.settings.options import Settings
from tests.support.gpu import DEVICE, GOOD, LIBRARY, READY, USE

ABSENT = FoundLibrary(Presence.NOT_INSTALLED, path=Path("/data/gpu/libggml-vulkan.so"))


@pytest.fixture
def places(tmp_path: Path) -> common.Places:
    return common.Places.of(tmp_path / "data", None)


@pytest.fixture
def config(tmp_path: Path) -> EngineConfig:
    model = tmp_path / "mine.gguf"
    model.write_bytes(b"weights")
    return EngineConfig(model)


def _say_that_there_is(monkeypatch: pytest.MonkeyPatch, found: FoundLibrary) -> None:
    monkeypatch.setattr(gpu_use, "look", lambda _places: found)


def _remember(places: common.Places, config: EngineConfig, layers: int, outcome: Outcome = Outcome.GOOD) -> None:
    key = gpu_key(LIBRARY, config, layers, kv=True)
    assert key is not None
    RememberedVerdicts(places.paths.gpu_file).put(key, replace(GOOD, outcome=outcome))


def test_off_touches_nothing(places: common.Places, config: EngineConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_use, "look", lambda _places: pytest.fail("looked for"))
    assert with_gpu(places, Settings(), config, None, common.ProgressLine()) is config


def test_what_was_found_good_is_used_and_what_was_not_tried_is_not(
    places: common.Places, config: EngineConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    _say_that_there_is(monkeypatch, READY)
    settings = Settings(gpu="auto")
    assert with_gpu(places, settings, config, None, common.ProgressLine()).gpu is None
    _remember(places, config, -1)
    assert with_gpu(places, settings, config, None, common.ProgressLine()).gpu == USE


def test_layers_that_are_asked_for_are_tried_first(
    places: common.Places, config: EngineConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    _say_that_there_is(monkeypatch, READY)
    tried: list[int] = []

    def try_gpu(_places: object, _found: object, _config: object, settings: Settings) -> object:
        tried.append(settings.gpu_layers)
        return replace(GOOD, layers=settings.gpu_layers, outcome=Outcome.SLOW)

    monkeypatch.setattr(gpu_use, "try_gpu", try_gpu)
    found = with_gpu(places, Settings(), config, 10, common.ProgressLine())
    assert tried == [10]
    assert found.gpu == replace(USE, layers=10)


@pytest.mark.parametrize("outcome", [Outcome.WRONG, Outcome.DIED, Outcome.HUNG])
def test_what_was_found_wrong_is_not_used_even_if_asked_for(
    places: common.Places, config: EngineConfig, monkeypatch: pytest.MonkeyPatch, outcome: Outcome
) -> None:
    _say_that_there_is(monkeypatch, READY)
    _remember(places, config, 10, outcome)
    with pytest.raises(UserFacingError, match="is not used"):
        with_gpu(places, Settings(), config, 10, common.ProgressLine())


def test_without_the_download_it_is_said_where_to_get_it(
    places: common.Places, config: EngineConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    _say_that_there_is(monkeypatch, ABSENT)
    assert with_gpu(places, Settings(gpu="auto"), config, None, common.ProgressLine()).gpu is None
    with pytest.raises(UserFacingError, match="catnap gpu install FILE"):
        with_gpu(places, Settings(), config, -1, common.ProgressLine())


def test_a_death_is_remembered_by_the_command_line_too(
    places: common.Places, config: EngineConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    _say_that_there_is(monkeypatch, READY)
    _remember(places, config, -1)
    died = GpuGivenUp(USE, config.model_path, UserFacingError("It died.", "SIGSEGV."), has_died=True)
    remember_given_up(places, Settings(gpu="auto"), config, replace(died, is_lasting=False), None)
    assert with_gpu(places, Settings(gpu="auto"), config, None, common.ProgressLine()).gpu == USE
    remember_given_up(places, Settings(gpu="auto"), config, died, None)
    assert with_gpu(places, Settings(gpu="auto"), config, None, common.ProgressLine()).gpu is None


def test_the_report_says_devices_verdict_and_advice(capsys: pytest.CaptureFixture[str]) -> None:
    report = verb.GpuReport("auto", READY, (DEVICE,), model="mine", verdict=GOOD, is_used=True)
    text = "\n".join(f"{title} {line}" for title, line in verb.lines(report))
    assert "Vulkan0: A device (own memory; 7.5 GB of 8 GB free, by its driver's word)" in text
    assert "used with mine: computes rightly" in text
    assert "for a model of 7 billion weights: Q4_K_M, all layers" in text
    common.print_json(verb.record(report))
    assert '"outcome":' in capsys.readouterr().out.replace('": ', '":')


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_verdict_has_words(outcome: Outcome) -> None:
    assert verdict_words(replace(GOOD, outcome=outcome, reason="why"))


def test_a_file_that_is_not_the_download_is_refused(places: common.Places, tmp_path: Path) -> None:
    file = tmp_path / "x.so.xz"
    file.write_bytes(lzma.compress(b"something else"))
    with pytest.raises(UserFacingError, match="not the one that belongs"):
        verb.run(places, "install", str(file), as_json=False)
