"""What becomes of the engine when somebody touches the model's file under it; on the real engine."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace as replace_config
from pathlib import Path

import pytest

from desktop.common.errors import AnswerInterruptedError
from desktop.engine import request_queue
from desktop.engine.types import (
    Asleep,
    Awake,
    Crashed,
    Dozing,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Reading,
    Sampling,
    SleepReason,
    Token,
    Waking,
)
from desktop.machine.file_lease import ReadLease
from desktop.machine.memory import MemoryReader
from tests.support.engine_harness import Harness, assistant, config_for, user
from tests.support.parrot import LONG_TEXT, PARROT_TEXT, make_parrot
from tests.support.patience import PATIENCE_S, wait_for
from tests.support.weights import smollm2

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows lets nobody cut off a file that is mapped")

SHORT = Sampling(temperature=0.0, max_tokens=2)
OTHER_TEXT = "Another file answers now."
CHANGED = "has changed while Catnap was using it"


def truncate(path: Path) -> None:
    os.truncate(path, 1000)


def overwrite(path: Path) -> None:
    """Writes other bytes over all of it, without cutting it off."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.write(b"\xff" * size)


def copy_over(path: Path) -> None:
    shutil.copyfile(path.with_name("other.gguf"), path)


def replace(path: Path) -> None:
    new = path.with_name("new.gguf")
    shutil.copyfile(path.with_name("other.gguf"), new)
    new.replace(path)


def delete(path: Path) -> None:
    path.unlink()


Change = Callable[[Path], None]
WRITING: tuple[Change, ...] = (truncate, overwrite, copy_over)


@pytest.fixture
def copies(tmp_path: Path) -> Callable[[Path], Path]:
    """Makes a copy of a model that the test may touch, beside another one that speaks differently."""
    make_parrot(tmp_path / "other.gguf", OTHER_TEXT)

    def copy(model: Path) -> Path:
        return Path(shutil.copyfile(model, tmp_path / "model.gguf"))

    return copy


@pytest.fixture
def unleased() -> Iterator[Callable[[Path], None]]:
    """Keeps a file open for writing, as a program that writes now and then: the system grants no lease on it."""
    with ExitStack() as stack:

        def hold(path: Path) -> None:
            stack.enter_context(path.open("r+b"))

        yield hold


@pytest.fixture
def leases(tmp_path: Path) -> None:
    """For tests of what only a file system with leases can do."""
    probe = tmp_path / "probe"
    probe.touch()
    with probe.open("rb") as file:
        try:
            ReadLease(file.fileno())
        except OSError as problem:
            pytest.skip(f"no leases here: {problem}")


class Writer:
    """Another program that changes a file, which may have to wait for it.

    Attributes:
        was_mapped: An engine's process still had the file mapped when the change went through; None: it has not yet.
    """

    def __init__(self, change: Change, path: Path, engine: Harness) -> None:
        self._change, self._path, self._engine = change, path, engine
        self._inode = path.stat().st_ino
        self.was_mapped: bool | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def join(self) -> None:
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        process = self._engine.worker.process_id
        os.close(os.open(self._path, os.O_WRONLY))  # here it waits
        maps = Path(f"/proc/{process}/maps")
        try:
            self.was_mapped = f" {self._inode} " in maps.read_text()
        except (FileNotFoundError, ProcessLookupError):
            self.was_mapped = False
        self._change(self._path)


def at_first(engine: Harness, kind: type[EngineEvent], action: Callable[[], object]) -> None:
    """Does something as soon as the first event of a kind arrives; of waking, the first after the beginning."""
    done = False

    def hook(event: EngineEvent) -> None:
        nonlocal done
        has_begun = not isinstance(event, Waking) or event.fraction > 0
        if not done and isinstance(event, kind) and has_begun:
            done = True
            action()

    engine.on_event = hook


def bring_to_rest(engine: Harness, rest: type[EngineEvent]) -> None:
    engine.ask(user("hello"))
    engine.wait(rest)


# Written to, where there is no lease


@pytest.mark.parametrize("change", WRITING)
@pytest.mark.parametrize("moment", [Reading, Token])
def test_written_to_under_an_answer_it_is_told_and_what_was_said_is_kept(
    change: Change,
    moment: type[EngineEvent],
    endless_parrot_model: Path,
    copies: Callable[[Path], Path],
    unleased: Callable[[Path], None],
) -> None:
    # GIVEN a long answer under way, or a long message being read
    model = copies(endless_parrot_model)
    unleased(model)
    with Harness(config_for(model, n_ctx=1024)) as engine:
        # WHEN the file changes
        at_first(engine, moment, lambda: change(model))
        end = engine.end_of(engine.send(user("words " * 100)))

        # THEN it is said, by name, and what was said before is there
        assert isinstance(end, Failed)
        assert isinstance(end.error, AnswerInterruptedError) and CHANGED in end.error.title
        assert str(model) in end.error.detail
        if moment is Token:
            assert LONG_TEXT.startswith(engine.of(Token)[0].text)
        # AND nobody holds it against the model
        assert all(crash.file_changed for crash in engine.of(Crashed))

        # AND with the file good again it answers
        shutil.copyfile(model.with_name("other.gguf"), model)
        again = engine.ask(user("hello"))
        assert engine.text(again.request_id) == OTHER_TEXT


@pytest.mark.parametrize("rest", [Awake, Dozing])
@pytest.mark.parametrize("change", [truncate, overwrite])
def test_damaged_while_nothing_is_asked_the_next_question_fails_and_the_one_after_works(
    change: Change,
    rest: type[EngineEvent],
    parrot_model: Path,
    copies: Callable[[Path], Path],
    unleased: Callable[[Path], None],
) -> None:
    model = copies(parrot_model)
    unleased(model)
    with Harness(config_for(model, idle_seconds=0.05 if rest is Dozing else None)) as engine:
        bring_to_rest(engine, rest)
        change(model)
        end = engine.end_of(engine.send(user("hello")))
        assert isinstance(end, Failed)
        assert str(model) in end.error.detail

        shutil.copyfile(model.with_name("other.gguf"), model)
        again = engine.ask(user("hello"))
        assert engine.text(again.request_id) == OTHER_TEXT

    assert engine.of(Crashed) == []


@pytest.mark.parametrize("rest", [Awake, Dozing])
@pytest.mark.parametrize("change", [copy_over, replace])
@pytest.mark.parametrize("has_lease", [True, False], ids=["lease", "no-lease"])
def test_another_file_in_its_place_answers_the_next_question(
    has_lease: bool,
    change: Change,
    rest: type[EngineEvent],
    parrot_model: Path,
    copies: Callable[[Path], Path],
    unleased: Callable[[Path], None],
) -> None:
    model = copies(parrot_model)
    if not has_lease:
        unleased(model)
    with Harness(config_for(model, idle_seconds=0.05 if rest is Dozing else None)) as engine:
        bring_to_rest(engine, rest)
        change(model)
        end = engine.ask(user("hello"))
        assert engine.text(end.request_id) == OTHER_TEXT

    assert engine.of(Failed) == [] and engine.of(Crashed) == []


# Replaced and deleted: what is mapped is whole


@pytest.mark.parametrize("change", [replace, delete])
@pytest.mark.parametrize("moment", [Reading, Token])
def test_an_answer_is_finished_by_the_file_it_was_begun_with(
    change: Change, moment: type[EngineEvent], parrot_model: Path, copies: Callable[[Path], Path]
) -> None:
    model = copies(parrot_model)
    with Harness(config_for(model)) as engine:
        at_first(engine, moment, lambda: change(model))
        end = engine.ask(user("words " * 100))
        assert engine.text(end.request_id) == PARROT_TEXT
        again = engine.ask(user("hello"))
        assert engine.text(again.request_id) == (OTHER_TEXT if change is replace else PARROT_TEXT)

    assert engine.of(Failed) == [] and engine.of(Crashed) == []


@pytest.mark.parametrize("rest", [Awake, Dozing])
def test_a_deleted_file_answers_until_the_model_sleeps(
    rest: type[EngineEvent], parrot_model: Path, copies: Callable[[Path], Path]
) -> None:
    model = copies(parrot_model)
    with Harness(config_for(model, idle_seconds=0.05 if rest is Dozing else None)) as engine:
        bring_to_rest(engine, rest)
        delete(model)
        end = engine.ask(user("hello"))
        assert engine.text(end.request_id) == PARROT_TEXT
        engine.wait(rest)
        engine.worker.sleep()
        engine.wait(Asleep)
        late = engine.end_of(engine.send(user("hello")))

        assert isinstance(late, Failed) and "no longer there" in late.error.title
        copies(parrot_model)
        engine.ask(user("hello"))


def test_a_process_that_waits_without_a_model_loads_the_file_that_is_there_by_then(
    parrot_model: Path, copies: Callable[[Path], Path]
) -> None:
    # GIVEN a process that was started for one file, which alone its walls let it read
    model = copies(parrot_model)
    with Harness(config_for(model)) as engine:
        engine.worker.attend()
        wait_for("the process", lambda: engine.worker.process_id)
        # WHEN another takes its place before it is loaded
        replace(model)
        # THEN that one answers
        end = engine.ask(user("hello"))
        assert engine.text(end.request_id) == OTHER_TEXT


# Written to, where there are leases


@pytest.mark.parametrize("change", WRITING)
@pytest.mark.parametrize("rest", [Awake, Dozing])
def test_a_program_that_would_write_waits_until_the_model_at_rest_is_let_go(
    change: Change, rest: type[EngineEvent], parrot_model: Path, copies: Callable[[Path], Path], leases: None
) -> None:
    model = copies(parrot_model)
    with Harness(config_for(model, idle_seconds=0.05 if rest is Dozing else None)) as engine:
        bring_to_rest(engine, rest)
        writer = Writer(change, model, engine)
        asleep = engine.wait(Asleep)
        writer.join()

    assert asleep.reason is SleepReason.RELEASED
    assert writer.was_mapped is False
    assert engine.of(Crashed) == []


@pytest.mark.parametrize("moment", [Awake, Reading, Token])
def test_an_answer_that_ends_soon_is_finished_before_the_file_is_let_go(
    moment: type[EngineEvent], parrot_model: Path, copies: Callable[[Path], Path], leases: None
) -> None:
    model = copies(parrot_model)
    writers: list[Writer] = []
    with Harness(config_for(model)) as engine:
        # GIVEN an answer under way, and a program that waits
        at_first(engine, moment, lambda: writers.append(Writer(copy_over, model, engine)))
        end = engine.ask(user("words " * 100))
        # THEN the answer is whole
        assert end.reason is FinishReason.COMPLETE
        # AND the next question is for the new file
        writers[0].join()
        again = engine.ask(user("hello"))

    assert engine.text(end.request_id) == PARROT_TEXT
    assert engine.text(again.request_id) == OTHER_TEXT
    assert writers[0].was_mapped is False
    assert engine.of(Crashed) == []


@pytest.mark.parametrize("moment", [Reading, Token])
def test_a_long_answer_is_ended_for_a_program_that_waits(
    moment: type[EngineEvent],
    endless_parrot_model: Path,
    copies: Callable[[Path], Path],
    leases: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(request_queue, "_LET_GO_SECONDS", 0.3)
    model = copies(endless_parrot_model)
    writers: list[Writer] = []
    with Harness(config_for(model, n_ctx=4096)) as engine:
        at_first(engine, moment, lambda: writers.append(Writer(copy_over, model, engine)))
        end = engine.end_of(engine.send(user("words " * 300)))
        assert engine.wait(Asleep).reason is SleepReason.RELEASED
        writers[0].join()
        again = engine.ask(user("hello"))

    assert isinstance(end, Failed)
    assert isinstance(end.error, AnswerInterruptedError)
    assert "another program wants to write" in end.error.title
    assert str(model) in end.error.detail
    assert LONG_TEXT.startswith(engine.text(end.request_id)[: len(LONG_TEXT)])
    assert writers[0].was_mapped is False
    assert engine.text(again.request_id) == OTHER_TEXT
    assert engine.of(Crashed) == []


def test_a_preparation_gives_way_at_once(
    endless_parrot_model: Path, copies: Callable[[Path], Path], leases: None
) -> None:
    model = copies(endless_parrot_model)
    writers: list[Writer] = []
    with Harness(config_for(model, n_ctx=4096)) as engine:
        at_first(engine, Reading, lambda: writers.append(Writer(truncate, model, engine)))
        end = engine.end_of(engine.prepare(user("words " * 400), assistant("Yes.")))
        engine.wait(Asleep)
        writers[0].join()

    assert isinstance(end, Finished)
    assert writers[0].was_mapped is False


def test_whoever_only_reads_disturbs_nobody(parrot_model: Path, copies: Callable[[Path], Path], leases: None) -> None:
    # GIVEN a model in memory
    model = copies(parrot_model)
    with Harness(config_for(model)) as engine, Harness(config_for(model)) as second:
        bring_to_rest(engine, Awake)
        # WHEN another Catnap loads it, a program reads it, and another renames and links it
        bring_to_rest(second, Awake)
        model.read_bytes()
        model.with_name("link.gguf").hardlink_to(model)
        model.rename(model.with_name("renamed.gguf"))
        model.with_name("renamed.gguf").rename(model)
        # THEN both go on as they were
        for each in (engine, second):
            process = each.worker.process_id
            each.ask(user("hello"))
            assert each.worker.process_id == process


def test_a_file_that_is_being_written_is_not_called_damaged(
    parrot_model: Path, copies: Callable[[Path], Path], unleased: Callable[[Path], None], leases: None
) -> None:
    # GIVEN a copy that has come half way
    model = copies(parrot_model)
    whole = model.read_bytes()
    unleased(model)
    os.truncate(model, len(whole) // 2)
    with Harness(config_for(model)) as engine:
        end = engine.end_of(engine.send(user("hello")))
        assert isinstance(end, Failed)
        assert "is writing the model's file" in end.error.title
        model.write_bytes(whole)
        engine.ask(user("hello"))


# A real model


@pytest.mark.parametrize("change", WRITING)
@pytest.mark.parametrize("moment", [Waking, Token])
def test_a_real_model_written_to(
    change: Change, moment: type[EngineEvent], copies: Callable[[Path], Path], unleased: Callable[[Path], None]
) -> None:
    model = copies(smollm2())
    unleased(model)
    with Harness(config_for(model, n_ctx=256)) as engine:
        at_first(engine, moment, lambda: change(model))
        end = engine.end_of(engine.send(user("Tell me a long story about a cat.")))
        assert isinstance(end, Failed)
        assert isinstance(end.error, AnswerInterruptedError) and CHANGED in end.error.title
        assert str(model) in end.error.detail
        assert all(crash.file_changed for crash in engine.of(Crashed))
        copies(smollm2())
        engine.ask(user("Hello"), sampling=SHORT)


def test_a_real_model_is_let_go_for_a_program_that_would_write(copies: Callable[[Path], Path], leases: None) -> None:
    model = copies(smollm2())
    with Harness(config_for(model, n_ctx=256)) as engine:
        engine.ask(user("Hello"), sampling=SHORT)
        writer = Writer(truncate, model, engine)
        assert engine.wait(Asleep).reason is SleepReason.RELEASED
        writer.join()

    assert writer.was_mapped is False


def test_weights_that_were_read_do_not_need_their_file(parrot_model: Path, copies: Callable[[Path], Path]) -> None:
    # GIVEN a model that was read from a stick
    model = copies(parrot_model)
    with Harness(replace_config(config_for(model), use_mmap=False)) as engine:
        # WHEN it is pulled out in the middle of an answer
        at_first(engine, Reading, lambda: truncate(model))
        end = engine.ask(user("words " * 100))
        # THEN nothing happens
        assert engine.text(end.request_id) == PARROT_TEXT
        model.unlink()
        end = engine.ask(user("hello"))
        assert engine.text(end.request_id) == PARROT_TEXT
        # AND with another one in its place that one is loaded
        copy_of_other = model.with_name("other.gguf")
        shutil.copyfile(copy_of_other, model)
        end = engine.ask(user("hello"))
        assert engine.text(end.request_id) == OTHER_TEXT


@pytest.mark.parametrize("faster", [False, True])
def test_what_reading_costs_is_what_was_predicted(faster: bool) -> None:
    model = smollm2()
    config = replace_config(config_for(model, n_ctx=512), use_mmap=False, repack=faster)
    with Harness(config) as engine:
        engine.ask(user("Hello"), sampling=SHORT)
        reader = MemoryReader(engine=lambda: engine.worker.process_id)
        taken = reader.read().engine
        engine.worker.sleep()
        engine.wait(Asleep)
        engine.worker.configure(replace_config(config, use_mmap=True, repack=False))
        engine.ask(user("Hello"), sampling=SHORT)
        mapped = reader.read().engine
    assert taken - mapped == pytest.approx(model.stat().st_size, rel=0.05)
