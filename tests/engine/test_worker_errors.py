from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import MessageTooLongError
from desktop.engine.types import (
    Asleep,
    Failed,
    FinishReason,
    Message,
    Role,
    SleepReason,
    Trimmed,
)
from tests.support.engine_harness import GREEDY, Harness, config_for, user
from tests.support.parrot import PARROT_TEXT


def test_a_message_too_long_for_the_context_is_refused_with_its_length(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model, n_ctx=256)) as engine:
        end = engine.end_of(engine.send(user("words " * 300)))
        assert engine.ask(user("short")).reason is FinishReason.COMPLETE

    assert isinstance(end, Failed) and isinstance(end.error, MessageTooLongError)
    assert end.error.tokens > 1800 > end.error.room > 0
    assert not engine.of(Trimmed)


def test_no_model_is_a_sentence() -> None:
    with Harness(config_for(None)) as engine:
        end = engine.end_of(engine.send(user("hello")))
        assert engine.wait(Asleep).reason is SleepReason.ASKED

    assert isinstance(end, Failed) and "No model" in end.error.title


def _damage(path: Path, kind: str, source: Path) -> Path:
    target = path / f"{kind}.gguf"
    if kind == "empty":
        target.touch()
    elif kind == "text":
        target.write_text("<html>Sign in to continue</html>")
    elif kind == "header":
        target.write_bytes(source.read_bytes()[:100])
    elif kind == "truncated":
        target.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    elif kind == "folder":
        target.mkdir()
    return target


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing", "no longer there"),
        ("empty", "is empty"),
        ("text", "not a model"),
        ("header", "damaged or incomplete"),
        ("truncated", "damaged or incomplete"),
        ("folder", "not a file"),
    ],
)
def test_bad_files_are_explained_and_the_engine_goes_on(
    tmp_path: Path, tiny_model: Path, kind: str, words: str
) -> None:
    bad = _damage(tmp_path, kind, tiny_model)
    with Harness(config_for(bad)) as engine:
        end = engine.end_of(engine.send(user("hello")))
        assert isinstance(end, Failed)
        engine.wait(Asleep)
        engine.worker.configure(config_for(tiny_model))
        engine.ask(user("hello"), sampling=replace(GREEDY, max_tokens=1))

    assert words in end.error.title
    assert str(bad) in end.error.detail
    assert end.error.remedy


def test_a_model_removed_while_selected_is_explained(tmp_path: Path, parrot_model: Path) -> None:
    path = Path(shutil.copy(parrot_model, tmp_path / "mine.gguf"))
    with Harness(config_for(path)) as engine:
        engine.ask(user("hello"))
        engine.worker.sleep()
        engine.wait(Asleep)
        path.unlink()
        end = engine.end_of(engine.send(user("hello")))

    assert isinstance(end, Failed) and "no longer there" in end.error.title


def test_a_bug_is_logged_and_the_thread_lives_on(parrot_model: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Harness(config_for(parrot_model)) as engine, caplog.at_level(logging.ERROR):
        end = engine.end_of(engine.send(Message(Role.SYSTEM, "only this")))
        good = engine.ask(user("hello"))

    assert isinstance(end, Failed) and "went wrong" in end.error.title
    assert str(parrot_model) in end.error.detail  # it may be the model's doing
    assert "Traceback" in caplog.text
    assert engine.text(good.request_id) == PARROT_TEXT


def test_nothing_is_written_to_standard_output_or_error(
    parrot_model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bad = _damage(tmp_path, "truncated", parrot_model)
    with Harness(config_for(parrot_model)) as engine:
        engine.ask(user("hello"))
        engine.worker.configure(config_for(bad))
        engine.end_of(engine.send(user("hello")))

    assert capfd.readouterr() == ("", "")
