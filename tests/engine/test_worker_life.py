from __future__ import annotations

import itertools
import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from desktop.engine.types import (
    Asleep,
    Awake,
    Dozing,
    EngineEvent,
    Finished,
    FinishReason,
    Generation,
    SleepReason,
    Token,
)
from desktop.engine.worker import EngineWorker
from desktop.machine.memory import MemoryReader
from tests.support.engine_harness import GREEDY, Harness, assistant, config_for, user
from tests.support.parrot import LONG_TEXT, PARROT_TEXT, cut_into_pieces
from tests.support.patience import PATIENCE_S, wait_for


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


def test_there_is_no_process_before_the_first_request(tiny_model: Path) -> None:
    with Harness(config_for(tiny_model)) as engine:
        engine.worker.configure(config_for(tiny_model, n_ctx=512))
        engine.worker.forget("nobody")
        engine.worker.sleep()
        engine.wait(Asleep)
        assert engine.worker.process_id is None
        engine.ask(user("x"), sampling=replace(GREEDY, max_tokens=1))
        assert engine.worker.process_id is not None


def test_dozes_when_idle_and_wakes_again_in_the_same_process(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model, idle_seconds=0.1)) as engine:
        engine.ask(user("hello"))
        engine.wait(Dozing)
        process = engine.worker.process_id
        again = engine.ask(user("hello"))
        assert engine.worker.process_id == process

    assert again.stats.load_s > 0
    assert engine.text(again.request_id) == PARROT_TEXT


def test_sleeps_after_the_longer_time_and_wakes_in_another_process(parrot_model: Path) -> None:
    config = replace(config_for(parrot_model, idle_seconds=0.05), sleep_seconds=0.2)
    with Harness(config) as engine:
        engine.ask(user("hello"))
        process = engine.worker.process_id
        engine.wait(Dozing)
        asleep = engine.wait(Asleep)
        assert engine.worker.process_id is None
        again = engine.ask(user("hello"))
        assert engine.worker.process_id not in (process, None)

    assert asleep.reason is SleepReason.IDLE
    assert engine.text(again.request_id) == PARROT_TEXT


@pytest.mark.parametrize("change", [{"repack": True}, {"use_mmap": False}], ids=str)
def test_weights_that_cannot_be_given_back_sleep_instead(parrot_model: Path, change: dict[str, bool]) -> None:
    with Harness(replace(config_for(parrot_model, idle_seconds=0.1), **change)) as engine:  # type: ignore[arg-type]
        engine.ask(user("hello"))
        assert engine.wait(Asleep).reason is SleepReason.IDLE

    assert engine.of(Dozing) == []


def test_a_shorter_idle_time_applies_to_the_running_wait(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model, idle_seconds=3600)) as engine:
        engine.ask(user("hello"))
        engine.rest()
        engine.worker.configure(config_for(parrot_model, idle_seconds=0.05))
        engine.wait(Dozing)


def test_attended_it_has_a_process_without_a_model_until_it_is_idle(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model, idle_seconds=0.2)) as engine:
        engine.worker.attend()
        assert engine.wait(Asleep).reason is SleepReason.IDLE
        engine.worker.attend()
        end = engine.ask(user("hello"))

    assert engine.text(end.request_id) == PARROT_TEXT


def test_commands_that_are_no_question_do_not_put_the_nap_off(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model, idle_seconds=0.3)) as engine:
        engine.ask(user("hello"))
        stop = threading.Event()

        def chatter() -> None:
            while not stop.wait(0.05):
                engine.worker.forget("somebody else")

        thread = threading.Thread(target=chatter)
        thread.start()
        engine.wait(Dozing)
        stop.set()
        thread.join()


def test_sleeps_when_told_to(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model)) as engine:
        engine.worker.sleep()
        assert engine.wait(Asleep).reason is SleepReason.ASKED  # asleep already: said all the same
        engine.ask(user("hello"))
        engine.worker.sleep(SleepReason.MEMORY)
        assert engine.wait(Asleep).reason is SleepReason.MEMORY


def test_the_thread_count_changes_while_generating(endless_parrot_model: Path) -> None:
    with Harness(config_for(endless_parrot_model, n_ctx=4096)) as engine:
        request_id = engine.send(user("hello"))
        engine.wait(Token)
        assert engine.worker.process_id is not None
        process = psutil.Process(engine.worker.process_id)
        alone = process.num_threads()
        engine.worker.configure(config_for(endless_parrot_model, n_ctx=4096, threads=2))
        wait_for("the second thread", lambda: process.num_threads() > alone)
        engine.worker.cancel(request_id)
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
    assert [kind for kind, _ in itertools.groupby(changes)] == [Awake, Asleep, Awake]


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
def test_dozing_and_waking_twenty_times_takes_no_more_memory(tiny_model: Path) -> None:
    with Harness(config_for(tiny_model, idle_seconds=0.0)) as engine:
        memory = MemoryReader(engine=lambda: engine.worker.process_id)

        def cycle() -> int:
            engine.ask(user("hello " * 20), sampling=replace(GREEDY, max_tokens=4))
            engine.wait(Dozing)
            return memory.read().engine

        first = [cycle() for _ in range(5)][-1]
        last = [cycle() for _ in range(20)][-1]

    assert 0 < last < first + 5e6


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has priorities of single threads")
def test_the_process_steps_back_with_all_its_threads(parrot_model: Path) -> None:
    normal = os.getpriority(os.PRIO_PROCESS, 0)
    with Harness(config_for(parrot_model, threads=2)) as engine:
        engine.ask(user("hello"), sampling=replace(GREEDY, max_tokens=1))
        tasks = [int(task.name) for task in Path(f"/proc/{engine.worker.process_id}/task").iterdir()]
        nice = [os.getpriority(os.PRIO_PROCESS, task) for task in tasks]

    assert len(tasks) >= min(2, os.cpu_count() or 1)
    assert all(each > normal for each in nice)
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
