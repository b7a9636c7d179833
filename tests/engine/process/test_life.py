"""The engine's process beside what may happen to it and to the app: killed, stopped, asleep with the machine."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from desktop.engine.process.inspect import inspect_engine
from desktop.engine.types import Asleep, Awake, EngineConfig, Failed, Token
from tests.support.command_line import start
from tests.support.engine_harness import GREEDY, Harness, assistant, config_for, user
from tests.support.parrot import LONG_TEXT, PARROT_TEXT, make_parrot
from tests.support.patience import PATIENCE_S, wait_for
from tests.support.tiny import make_tiny
from tests.support.weights import smollm2

needs_signals = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def _is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE  # its new parent may take its time
    except psutil.NoSuchProcess:
        return True


def _ask(folder: Path, model: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Has the command line ask; returns it and its engine's process once the answer has begun."""
    words = ("ask", "hello", "--model", str(model), "--data-dir", str(folder), "--threads", "1")
    app = start(words, start_new_session=True)
    assert app.stdout is not None
    assert app.stdout.read(1)
    (child,) = psutil.Process(app.pid).children()
    return app, child.pid


@needs_signals
@pytest.mark.parametrize("state", ["computing", "stopped"])
def test_no_orphan_is_left_by_an_app_that_was_killed(tmp_path: Path, endless_parrot_model: Path, state: str) -> None:
    if state == "stopped" and sys.platform != "linux":
        pytest.skip("only Linux ends a process that was stopped")
    app, child = _ask(tmp_path, endless_parrot_model)
    if state == "stopped":
        os.kill(child, signal.SIGSTOP)
        wait_for("its stop", lambda: psutil.Process(child).status() == psutil.STATUS_STOPPED)

    app.kill()
    app.communicate()
    wait_for("the end of the engine's process", lambda: _is_gone(child))


@needs_signals
def test_no_orphan_is_left_by_an_app_that_was_killed_before_the_model_was_loaded(tmp_path: Path) -> None:
    code = """
import sys, time
from pathlib import Path
from desktop.engine.types import EngineConfig
from desktop.engine.worker import EngineWorker
worker = EngineWorker(lambda event: None, EngineConfig(Path("mine.gguf")))
worker.start()
worker.attend()
while not worker.process_id:
    time.sleep(0.01)
print(worker.process_id, flush=True)
sys.stdin.read()
"""
    app = start((), before=code, stdin=subprocess.PIPE)
    assert app.stdout is not None
    child = int(app.stdout.readline())
    app.kill()
    app.communicate()
    wait_for("the end of the engine's process", lambda: _is_gone(child))


@needs_signals
def test_an_answer_goes_on_after_the_machine_was_suspended(tmp_path: Path) -> None:
    # GIVEN an answer that takes seconds, so that it cannot be over by then
    app, child = _ask(tmp_path, make_parrot(tmp_path / "slow.gguf", LONG_TEXT, layers=400))
    for pid in (child, app.pid):
        os.kill(pid, signal.SIGSTOP)
        wait_for("its stop", lambda pid=pid: psutil.Process(pid).status() == psutil.STATUS_STOPPED)  # type: ignore[misc]
    for pid in (app.pid, child):
        os.kill(pid, signal.SIGCONT)
    out, err = app.communicate(timeout=PATIENCE_S)

    assert app.returncode == 0, err
    assert LONG_TEXT.endswith(out.decode().strip()[1:])


@needs_signals
def test_ctrl_c_in_a_terminal_stops_the_answer_and_does_not_look_like_a_crash(
    tmp_path: Path, endless_parrot_model: Path
) -> None:
    app, child = _ask(tmp_path, endless_parrot_model)
    os.killpg(app.pid, signal.SIGINT)  # that is what a terminal does: to every process in the foreground
    _out, err = app.communicate(timeout=PATIENCE_S)

    assert app.returncode == 130
    assert b"down" not in err and b"Traceback" not in err
    assert _is_gone(child)


@needs_signals
def test_a_process_that_is_stopped_while_it_answers_is_ended_by_stop(endless_parrot_model: Path) -> None:
    with Harness(config_for(endless_parrot_model, n_ctx=4096)) as engine:
        request_id = engine.send(user("hello"))
        engine.wait(Token)
        pid = engine.worker.process_id
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        engine.worker.cancel(request_id)
        engine.end_of(request_id)
        engine.wait(Asleep)
        assert _is_gone(pid)
        again = engine.ask(user("hello"), sampling=replace(GREEDY, max_tokens=3))

    said = engine.text(request_id)
    assert said and LONG_TEXT.startswith(said[: len(LONG_TEXT)])
    assert engine.text(again.request_id)


@needs_signals
def test_killed_while_it_answers_what_it_said_is_kept_and_the_next_question_is_answered(
    endless_parrot_model: Path,
) -> None:
    with Harness(config_for(endless_parrot_model, n_ctx=4096)) as engine:
        request_id = engine.send(user("hello"))
        engine.wait(Token)
        assert engine.worker.process_id is not None
        os.kill(engine.worker.process_id, signal.SIGSEGV)
        end = engine.end_of(request_id)
        again = engine.ask(user("hello"), sampling=replace(GREEDY, max_tokens=3))

    assert isinstance(end, Failed) and "is kept" in end.error.title
    assert end.error.detail == f"{endless_parrot_model.name}: SIGSEGV."
    assert engine.text(request_id) and engine.text(again.request_id)


def test_two_apps_with_the_same_model_and_the_same_states(tmp_path: Path, long_parrot_model: Path) -> None:
    config = replace(config_for(long_parrot_model), snapshots_dir=tmp_path)
    question = "hello " * 30
    with Harness(config) as one, Harness(config) as two:
        for round_number in range(2):
            ids = [engine.send(user(question), conversation="shared") for engine in (one, two)]
            for engine, request_id in zip((one, two), ids, strict=True):
                engine.end_of(request_id)
                assert engine.text(request_id) == LONG_TEXT, round_number
                engine.rest()
            for engine in (one, two):
                engine.worker.sleep()  # both write the same state at once
            for engine in (one, two):
                engine.wait(Asleep)
        followed = one.ask(user(question), assistant(LONG_TEXT), user("more"), conversation="shared")

    assert one.text(followed.request_id) == LONG_TEXT
    assert followed.stats.reused_tokens > 0, "a state of one of them is there"
    assert not list(tmp_path.glob("*.tmp"))


def test_more_memory_than_was_predicted_is_a_sentence_and_a_smaller_context_works(tmp_path: Path) -> None:
    # GIVEN a context of 2 GB for a model that is said to need 50 MB
    model = make_tiny(tmp_path / "wide.gguf", layers=64, n_ctx_train=1 << 20)
    greedy = replace(config_for(model, n_ctx=131_072), memory_limit=50_000_000)
    if sys.platform != "linux":
        pytest.skip("no limit of the address space here")

    with Harness(greedy) as engine:
        # WHEN it is asked
        end = engine.end_of(engine.send(user("hello")))
        # THEN that is said, and the machine's memory was never touched
        assert isinstance(end, Failed)
        assert "memory" in end.error.title and "smaller" in end.error.remedy
        assert model.name in end.error.detail
        engine.worker.configure(replace(greedy, n_ctx=512))
        engine.ask(user("hello"), sampling=replace(GREEDY, max_tokens=1))


@needs_linux
def test_the_process_has_its_walls_and_nothing_of_the_app(tmp_path: Path, parrot_model: Path) -> None:
    config = replace(config_for(parrot_model, threads=2), snapshots_dir=tmp_path, memory_limit=100_000_000)
    secret = (tmp_path / "secret").open("w")
    os.set_inheritable(secret.fileno(), True)
    with secret, Harness(config) as engine:
        end = engine.ask(user("hello"))
        assert engine.text(end.request_id) == PARROT_TEXT
        assert engine.worker.process_id is not None
        process = Path(f"/proc/{engine.worker.process_id}")
        handles = sorted({str(each.readlink()) for each in (process / "fd").iterdir()})
        status = [(task / "status").read_text() for task in (process / "task").iterdir()]
        limits = (process / "limits").read_text()
        policies = {os.sched_getscheduler(int(task.name)) for task in (process / "task").iterdir()}

    assert len(status) > 2
    assert all(re.search(r"^NoNewPrivs:\s*1$", each, re.MULTILINE) for each in status)
    if any("seccomp" in wall for wall in inspect_engine().walls):
        assert all(re.search(r"^Seccomp:\s*2$", each, re.MULTILINE) for each in status), "every thread"
    assert os.SCHED_BATCH in policies, "the threads that compute step back, behind the walls too"
    assert re.search(r"^Max core file size\s+0\s+0 ", limits, re.MULTILINE)
    assert re.search(r"^Max address space\s+\d+\s+\d+ ", limits, re.MULTILINE)
    own = [each for each in handles if not each.startswith("pipe:")]
    assert set(own) <= {os.devnull, str(parrot_model)}, "no file of the app"


@needs_linux
def test_a_real_model_answers_behind_the_walls_and_naps(tmp_path: Path) -> None:
    config = EngineConfig(smollm2(), n_ctx=1024, snapshots_dir=tmp_path, memory_limit=400_000_000, idle_seconds=None)
    question = user("What is the opposite of hot?")
    with Harness(config) as engine:
        first = engine.ask(question, sampling=replace(GREEDY, max_tokens=40))
        engine.rest()
        engine.worker.sleep()
        engine.wait(Asleep)
        answer = assistant(engine.text(first.request_id))
        second = engine.ask(question, answer, user("And of large?"), sampling=replace(GREEDY, max_tokens=20))

    assert "cold" in engine.text(first.request_id)
    assert second.stats.reused_tokens > 0, "its state was written and read behind the walls"


def test_what_holds_is_said() -> None:
    walls = inspect_engine().walls
    if sys.platform == "linux":
        assert walls[:2] == ("memory: as predicted, with room", "no new privileges")


@needs_linux
def test_a_file_whose_name_is_no_utf_8_answers_and_is_explained(tmp_path: Path, parrot_model: Path) -> None:
    good, bad = (tmp_path / os.fsdecode(name) for name in (b"caf\xe9.gguf", b"th\xe9.gguf"))
    shutil.copy(parrot_model, good)
    bad.write_bytes(parrot_model.read_bytes()[:2000])
    with Harness(config_for(good)) as engine:
        end = engine.ask(user("hello"))
        engine.worker.configure(config_for(bad))
        failed = engine.end_of(engine.send(user("hello")))

    assert engine.text(end.request_id) == PARROT_TEXT
    assert isinstance(failed, Failed) and "damaged" in failed.error.title
    assert "th\ufffd.gguf" in failed.error.detail


def test_a_name_of_any_length_is_cut(tmp_path: Path) -> None:
    model = make_tiny(tmp_path / "named.gguf", name="\x1b[2J" + "x" * 2_000_000)
    with Harness(config_for(model)) as engine:
        engine.ask(user("hello"), sampling=replace(GREEDY, max_tokens=1))
        awake = engine.wait(Awake)

    assert awake.model_name == "\ufffd[2J" + "x" * 196
