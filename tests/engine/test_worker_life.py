from __future__ import annotations

import contextlib
import itertools
import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.llama import bindings
from desktop.engine.types import (
    Asleep,
    Awake,
    EngineEvent,
    Finished,
    FinishReason,
    Generation,
    SleepReason,
    Token,
)
from desktop.engine.worker import EngineWorker
from tests.support.engine_harness import GREEDY, Harness, assistant, config_for, user
from tests.support.parrot import LONG_TEXT, PARROT_TEXT, cut_into_pieces
from tests.support.patience import PATIENCE_S


def test_every_request_ends_exactly_once_when_the_worker_stops(endless_parrot_model: Path) -> None:
    engine = Harness(config_for(endless_parrot_model, n_ctx=4096))
    with engine:
        ids = [engine.send(user(f"question {number}")) for number in range(4)]
        engine.wait(Token)
    ids.append(engine.send(user("too late")))
    engine.drain()

    ends = [(event.request_id, event.reason) for event in engine.of(Finished)]
    assert sorted(ends, key=lambda end: end[0]) == [(request_id, FinishReason.STOPPED) for request_id in ids]
    assert engine.of(Asleep)[-1].reason is SleepReason.STOPPED
    assert engine.worker.stop() is True


def test_a_worker_that_never_started_stops(tiny_model: Path) -> None:
    ended: list[EngineEvent] = []
    worker = EngineWorker(ended.append, config_for(tiny_model))
    worker.generate(Generation(1, "c", (user("x"),)))

    assert worker.stop() is True
    assert [type(event) for event in ended] == [Finished]


def test_requests_from_many_threads_during_the_stop_all_end(tiny_model: Path) -> None:
    for _ in range(20):
        engine = Harness(config_for(tiny_model))
        engine.worker.start()
        threads = [threading.Thread(target=engine.send, args=(user("x"),)) for _ in range(4)]
        for thread in threads:
            thread.start()
        assert engine.worker.stop(PATIENCE_S)
        for thread in threads:
            thread.join()
        engine.drain()
        assert sorted(event.request_id for event in engine.of(Finished)) == [1, 2, 3, 4]


def test_nothing_is_loaded_before_the_first_request(tiny_model: Path) -> None:
    loaded = threading.Event()

    def load() -> bindings.Native:
        loaded.set()
        return bindings.load()

    obeyed = threading.Event()

    def post(event: EngineEvent) -> None:
        if isinstance(event, Asleep):
            obeyed.set()

    worker = EngineWorker(post, config_for(tiny_model), load)
    with worker:
        worker.configure(config_for(tiny_model, n_ctx=512))
        worker.sleep()
        assert obeyed.wait(PATIENCE_S)
        assert not loaded.is_set()
        worker.generate(Generation(1, "c", (user("x"),), replace(GREEDY, max_tokens=1)))
        assert loaded.wait(PATIENCE_S)


def test_naps_when_idle_and_wakes_again(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model, idle_seconds=0.1)) as engine:
        engine.ask(user("hello"))
        asleep = engine.wait(Asleep)
        again = engine.ask(user("hello"))

    assert asleep.reason is SleepReason.IDLE
    assert again.stats.load_s > 0
    assert engine.text(again.request_id) == PARROT_TEXT


def test_a_shorter_idle_time_applies_to_the_running_wait(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model, idle_seconds=3600)) as engine:
        engine.ask(user("hello"))
        engine.wait(Awake)
        engine.worker.configure(config_for(parrot_model, idle_seconds=0.05))
        asleep = engine.wait(Asleep)

    assert asleep.reason is SleepReason.IDLE


def test_commands_that_are_no_question_do_not_put_the_nap_off(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model, idle_seconds=0.3)) as engine:
        engine.ask(user("hello"))
        stop = threading.Event()

        def chatter() -> None:
            while not stop.wait(0.05):
                engine.worker.forget("somebody else")

        thread = threading.Thread(target=chatter)
        thread.start()
        asleep = engine.wait(Asleep)
        stop.set()
        thread.join()

    assert asleep.reason is SleepReason.IDLE


def test_sleeps_when_told_to(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model)) as engine:
        engine.worker.sleep()
        assert engine.wait(Asleep).reason is SleepReason.ASKED  # asleep already: said all the same
        engine.ask(user("hello"))
        engine.worker.sleep(SleepReason.MEMORY)
        assert engine.wait(Asleep).reason is SleepReason.MEMORY


def test_the_thread_count_changes_while_generating(endless_parrot_model: Path) -> None:
    with Harness(config_for(endless_parrot_model, n_ctx=4096)) as engine:
        seen = itertools.count(1)

        def look(event: EngineEvent) -> None:  # on the engine's thread, between two tokens
            if isinstance(event, Token):
                match next(seen):
                    case 1:
                        engine.worker.configure(config_for(endless_parrot_model, n_ctx=4096, threads=2))
                    case 4:
                        engine.worker.cancel(event.request_id)

        engine.on_event = look
        request_id = engine.send(user("hello"))
        end = engine.end_of(request_id)
        awake = engine.wait(Awake)

    assert end.stats.threads == 2 and awake.threads == 2
    text = engine.text(request_id)
    assert text and LONG_TEXT.startswith(text[: len(LONG_TEXT)])
    assert SleepReason.RECONFIGURED not in [event.reason for event in engine.of(Asleep)]


def test_the_thread_count_changes_while_idle(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model)) as engine:
        engine.ask(user("hello"))
        engine.wait(Awake)
        engine.worker.configure(config_for(parrot_model, threads=2))
        assert engine.wait(Awake).threads == 2
        assert engine.ask(user("hello")).stats.load_s == 0


def test_a_limit_of_the_threads_needs_no_reload(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model, threads=2)) as engine:
        engine.ask(user("hello"))
        engine.worker.configure(replace(config_for(parrot_model, threads=2), threads_limit=1))
        assert engine.ask(user("hello")).stats.threads == 1
        assert SleepReason.RECONFIGURED not in [event.reason for event in engine.of(Asleep)]


def test_another_context_size_waits_for_the_answer_and_keeps_the_conversation(long_parrot_model: Path) -> None:
    with Harness(config_for(long_parrot_model)) as engine:
        request_id = engine.send(user("hello"))
        engine.wait(Token)
        engine.worker.configure(config_for(long_parrot_model, n_ctx=1024))
        assert isinstance(engine.end_of(request_id), Finished)
        assert engine.text(request_id) == LONG_TEXT
        assert engine.wait(Asleep).reason is SleepReason.RECONFIGURED

        second = engine.ask(user("hello"), assistant(LONG_TEXT), user("more"))
        assert engine.wait(Awake).n_ctx == 1024

    assert second.stats.load_s > 0 and second.stats.reused_tokens == 0
    assert engine.text(second.request_id) == LONG_TEXT


def test_another_model_never_loads_beside_the_first(parrot_model: Path, long_parrot_model: Path) -> None:
    with Harness(config_for(parrot_model)) as engine:
        engine.ask(user("hello"))
        engine.worker.configure(config_for(long_parrot_model))
        end = engine.ask(user("hello"))

    assert engine.text(end.request_id) == LONG_TEXT
    changes = [type(event) for event in engine.events if isinstance(event, Asleep | Awake)]
    assert changes == [Awake, Awake, Asleep, Awake]


def test_a_forgotten_conversation_leaves_the_cache(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model)) as engine:
        engine.ask(user("hello"), conversation="secret")
        engine.worker.forget("another")
        kept = engine.ask(user("hello"), conversation="secret")
        engine.worker.forget("secret")
        gone = engine.ask(user("hello"), conversation="secret")

    assert kept.stats.reused_tokens > 0
    assert gone.stats.reused_tokens == 0 and gone.stats.load_s == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_loading_and_unloading_twenty_times_takes_no_more_memory(tiny_model: Path) -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    with Harness(config_for(tiny_model)) as engine:

        def cycle() -> int:
            engine.ask(user("hello " * 20), sampling=replace(GREEDY, max_tokens=4))
            engine.worker.sleep()
            engine.wait(Asleep)
            return resident()

        first = [cycle() for _ in range(5)][-1]
        last = [cycle() for _ in range(20)][-1]

    assert last - first < 5e6


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has priorities of single threads")
def test_the_engine_thread_and_its_workers_step_back(parrot_model: Path) -> None:
    seen: dict[int, int] = {}

    def look(event: EngineEvent) -> None:
        for task in Path("/proc/self/task").iterdir():
            with contextlib.suppress(ProcessLookupError):
                seen[int(task.name)] = os.getpriority(os.PRIO_PROCESS, int(task.name))

    before = {int(task.name) for task in Path("/proc/self/task").iterdir()}
    normal = os.getpriority(os.PRIO_PROCESS, 0)
    with Harness(config_for(parrot_model, threads=2)) as engine:
        engine.on_event = lambda event: look(event) if isinstance(event, Awake) else None
        engine.ask(user("hello"), sampling=replace(GREEDY, max_tokens=1))

    own = {task: nice for task, nice in seen.items() if task not in before}
    assert len(own) >= min(2, os.cpu_count() or 1)
    assert all(nice > normal for nice in own.values())
    assert os.getpriority(os.PRIO_PROCESS, 0) == normal


def test_an_answer_cut_off_within_a_character_ends_before_it(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model)) as engine:
        texts = [
            engine.text(engine.ask(user("hello"), sampling=replace(GREEDY, max_tokens=tokens)).request_id)
            for tokens in range(1, 24)
        ]

    said = [b"".join(cut_into_pieces(PARROT_TEXT.encode(), 1)[:tokens]) for tokens in range(1, 24)]
    whole = [part.decode("utf-8", "ignore") for part in said]
    assert [part.encode() for part in whole] != said, "none of them ends within a character"
    assert texts == whole
