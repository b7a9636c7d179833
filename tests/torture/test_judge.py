from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.process.handle import EngineProcess
from desktop.engine.types import EngineConfig, Failed, Finished, FinishReason, Stats
from tests.support.engine_harness import config_for
from tests.support.parrot import PARROT_TEXT
from tests.torture import judge
from tests.torture.__main__ import torture
from tests.torture.judge import Asker, LostError, Overseer, check_words
from tests.torture.models_part import Manner, in_time, judge_engine
from tests.torture.results import Outcome, Part, Run, table


@pytest.fixture
def asker() -> Iterator[Asker]:
    with Asker() as asker:
        yield asker


@pytest.mark.parametrize("manner", [Manner.ASK, Manner.PREPARE, Manner.DOZE])
def test_a_healthy_model_is_not_called_lost(asker: Asker, parrot_model: Path, manner: Manner) -> None:
    config = config_for(parrot_model, idle_seconds=0.0 if manner is Manner.DOZE else None)
    assert judge_engine(asker, config, manner) == "answered"


def test_a_file_that_is_refused_survives(asker: Asker, parrot_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "half.gguf"
    path.write_bytes(parrot_model.read_bytes()[:5000])
    assert judge_engine(asker, config_for(path), Manner.ASK) == "refused"
    assert judge_engine(asker, config_for(parrot_model), Manner.ASK) == "answered"


def test_a_dead_worker_is_called_lost(asker: Asker, parrot_model: Path) -> None:
    asker.worker.stop()
    with pytest.raises(LostError, match="dead"):
        judge_engine(asker, config_for(parrot_model), Manner.ASK)


def test_silence_after_a_stop_is_called_lost(asker: Asker, parrot_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a worker that hears nothing
    with monkeypatch.context() as deaf:
        deaf.setattr(judge, "STOP_S", 0.0)
        deaf.setattr(asker.worker, "_put", lambda command: None)
        with pytest.raises(LostError, match="after Stop"):
            asker.end_of(asker.ask(), 0.0)


def test_a_second_end_is_called_lost(asker: Asker) -> None:
    end = Finished(7, FinishReason.COMPLETE, Stats())
    asker.events += [end, end]
    with pytest.raises(LostError, match="request 7 ended 2 times"):
        asker.close()


def test_a_sentence_without_the_models_name_is_called_lost() -> None:
    check_words(UserFacingError("It is damaged.", "/models/mine.gguf: bad."), "mine.gguf")
    with pytest.raises(LostError, match="does not name"):
        check_words(UserFacingError("Something went wrong.", "log: x."), "mine.gguf")


def test_a_name_that_is_no_text_may_be_said_as_text() -> None:
    check_words(UserFacingError("It is damaged.", "caf\\udce9.gguf"), "caf\udce9.gguf")


def test_what_was_streamed_is_known(asker: Asker, parrot_model: Path) -> None:
    asker.worker.configure(config_for(parrot_model))
    end = asker.end_of(asker.ask(max_tokens=100), judge.LONG_S)
    assert end.text == PARROT_TEXT
    asker.fall_asleep()


def test_after_a_loss_there_is_another_worker(asker: Asker, parrot_model: Path) -> None:
    asker.worker.stop()
    asker.recover()
    assert judge_engine(asker, config_for(parrot_model), Manner.ASK) == "answered"


def test_an_import_that_takes_too_long_or_raises_is_called_lost() -> None:
    go_on = threading.Event()

    def hang() -> tuple[int | None, str]:
        go_on.wait()
        return None, ""

    def fail() -> tuple[int | None, str]:
        raise ZeroDivisionError("layers")

    with pytest.raises(LostError, match="longer"):
        in_time(hang, 0.0)
    go_on.set()
    with pytest.raises(LostError, match="ZeroDivisionError"):
        in_time(fail, judge.LONG_S)


def test_an_exception_that_nobody_hears_is_heard(parrot_model: Path) -> None:
    def start(deliver: object) -> EngineProcess:
        raise ZeroDivisionError("at the start")

    with Overseer() as overseer, Asker(start=start) as asker:
        asker.worker.configure(EngineConfig(parrot_model))
        asker.worker.attend()
        assert asker.worker.stop()
    assert ["ZeroDivisionError" in each for each in overseer.heard] == [True]


def _part(*outcomes: Outcome) -> Part:
    return Part("trial", "for this test", lambda run: iter(outcomes))


def test_a_loss_is_said_with_what_reproduces_it_and_fails_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = Outcome("trial", "a row", "a thing", "answered")
    bad = replace(good, what="another", ending="lost", lost="it hung", again="--only 7", kept=tmp_path / "kept.gguf")
    run = Run(3, False, frozenset(), tmp_path, lambda path, name: path)

    assert torture([_part(good, good)], replace(run, folder=tmp_path / "good")) == 0
    assert torture([_part(good, bad)], replace(run, folder=tmp_path / "bad")) == 1
    printed = capsys.readouterr().out
    assert "seed 3" in printed
    assert "LOST trial, a row: another\n    it hung\n    again: python -m tests.torture --only 7" in printed
    assert str(tmp_path / "kept.gguf") in printed


def test_a_part_that_breaks_fails_the_run_and_not_the_next_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(run: Run) -> Iterator[Outcome]:
        yield Outcome("broken", "a row", "a thing", "answered")
        raise RuntimeError("a bug of the torture")

    run = Run(1, True, frozenset(), tmp_path, lambda path, name: path)
    parts = [Part("broken", "", broken), _part(Outcome("trial", "a row", "a thing", "refused"))]
    assert torture(parts, run) == 1
    assert "1 refused" in capsys.readouterr().out


def test_the_table_counts_rows_and_endings() -> None:
    outcomes = [Outcome("models", "bits", "x", ending) for ending in ("refused", "refused", "answered")]
    lines = table([*outcomes, Outcome("models", "cut", "x", "lost", "why")]).splitlines()
    assert lines[1].split() == ["models:", "bits", "3", "3", "0", "0.0", "s", "2", "refused,", "1", "answered"]
    assert lines[2].split()[:5] == ["models:", "cut", "1", "0", "1"]
    assert lines[3].split()[:4] == ["all", "4", "3", "1"]


def test_a_failure_names_no_other_model(asker: Asker, tmp_path: Path) -> None:
    asker.worker.configure(config_for(tmp_path / "missing.gguf"))
    end = asker.end_of(asker.ask())
    assert isinstance(end.event, Failed)
    with pytest.raises(LostError):
        check_words(end.event.error, "other.gguf")
