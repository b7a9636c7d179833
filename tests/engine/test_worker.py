from __future__ import annotations

import logging
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine import bindings
from desktop.engine.types import (
    Asleep,
    Awake,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Generation,
    KvType,
    Message,
    Reading,
    Role,
    Sampling,
    SleepReason,
    Token,
    Trimmed,
    Waking,
)
from desktop.engine.worker import EngineWorker
from desktop.errors import MessageTooLongError, UserFacingError
from tests.engine.harness import GREEDY, PATIENCE, Harness, assistant, config_for, user
from tests.support.parrot import LONG_TEXT, PARROT_TEXT


def test_an_answer_arrives_whole_and_its_events_in_order(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model)) as engine:
        end = engine.ask(user("hello"), sampling=Sampling())
        awake = engine.wait(Awake)

    assert engine.text(end.request_id) == PARROT_TEXT
    assert end.reason is FinishReason.COMPLETE
    assert awake == Awake("parrot", 2048, 1, can_think=False)
    order = [type(event) for event in engine.events]
    assert list(dict.fromkeys(order)) == [Waking, Awake, Reading, Token, Finished]
    assert order[-2:] == [Finished, Awake]
    assert all("\ufffd" not in event.text for event in engine.of(Token))
    assert sum(event.tokens for event in engine.of(Token)) == end.stats.generated_tokens
    fractions = [event.fraction for event in engine.of(Waking)]
    assert fractions == sorted(fractions) and fractions[0] == 0.0 and fractions[-1] == 1.0


def test_figures_of_an_answer(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model)) as engine:
        stats = engine.ask(user("hello")).stats

    assert stats.load_s > 0
    assert stats.prompt_tokens > 0 and stats.reused_tokens == 0 and stats.read_s > 0
    assert stats.ttft_s >= stats.load_s + stats.read_s
    assert stats.generated_tokens > 10 and stats.gen_tps > 0 and stats.prompt_tps > 0
    assert stats.threads == 1


def test_the_next_turn_reads_only_what_is_new(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model)) as engine:
        first = engine.ask(user("hello")).stats
        turns = (user("hello"), assistant(PARROT_TEXT), user("and again"))
        second = engine.ask(*turns).stats
        third = engine.ask(*turns).stats
        readings = [event for event in engine.of(Reading) if event.request_id == 2]

    # THEN the whole first turn is found again; its last token is the one never evaluated, the end of the turn
    assert second.reused_tokens == first.prompt_tokens + first.generated_tokens
    assert readings[0].total == second.prompt_tokens - second.reused_tokens
    assert readings[-1].done == readings[-1].total
    # AND the same question again reads a single token, for its logits
    assert third.prompt_tokens - third.reused_tokens == 1
    assert third.load_s == 0


def test_greedy_answers_are_the_same_with_and_without_the_cache(tiny_model: Path) -> None:
    sampling = replace(GREEDY, max_tokens=48)
    first = user("What is a cat? 猫是什么?")
    with Harness(config_for(tiny_model)) as engine:
        answer = engine.text(engine.ask(first, sampling=sampling).request_id)
        turns = (first, assistant(answer), user("Go on."))
        warm = engine.ask(*turns, sampling=sampling)
        engine.worker.sleep()
        cold = engine.ask(*turns, sampling=sampling)

    assert warm.stats.reused_tokens > 0 and cold.stats.reused_tokens == 0
    assert engine.text(warm.request_id) == engine.text(cold.request_id) != ""


def test_the_same_seed_gives_the_same_answer(tiny_model: Path) -> None:
    sampling = Sampling(temperature=1.5, seed=7, max_tokens=24)
    with Harness(config_for(tiny_model)) as engine:
        texts = [engine.text(engine.ask(user("x"), sampling=sampling).request_id) for _ in range(2)]
        other = engine.text(engine.ask(user("x"), sampling=replace(sampling, seed=8)).request_id)

    assert texts[0] == texts[1] != other


def test_an_answer_ends_at_its_longest_length(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model)) as engine:
        end = engine.ask(user("hello"), sampling=replace(GREEDY, max_tokens=5))

    assert end.reason is FinishReason.LENGTH
    assert end.stats.generated_tokens == 5
    assert PARROT_TEXT.startswith(engine.text(end.request_id).rstrip("\ufffd"))


def test_an_answer_ends_when_the_context_is_full(endless_parrot_model: Path) -> None:
    with Harness(config_for(endless_parrot_model, n_ctx=256)) as engine:
        end = engine.ask(user("hello"))

    assert end.reason is FinishReason.LENGTH
    # The last token needs no room: nothing is asked of the model after it.
    assert end.stats.prompt_tokens + end.stats.generated_tokens == 256 + 1


def test_cancelled_while_generating(endless_parrot_model: Path) -> None:
    with Harness(config_for(endless_parrot_model, n_ctx=32768)) as engine:
        request_id = engine.send(user("hello"))
        engine.wait(Token)
        engine.worker.cancel(request_id)
        end = engine.end_of(request_id)
        engine.wait(Awake)
        text = engine.text(request_id)
        again = engine.ask(user("hello"), sampling=replace(GREEDY, max_tokens=5))

    assert isinstance(end, Finished) and end.reason is FinishReason.STOPPED
    assert LONG_TEXT.startswith(text.rstrip("\ufffd")[: len(LONG_TEXT)]) and text
    assert end.stats.generated_tokens > 0
    # AND what was in the cache is still good
    assert again.stats.reused_tokens == again.stats.prompt_tokens - 1
    assert engine.text(again.request_id) == LONG_TEXT[: len(engine.text(again.request_id))]


def test_cancelled_while_reading(endless_parrot_model: Path) -> None:
    question = user("word " * 250)
    with Harness(config_for(endless_parrot_model, n_ctx=32768)) as engine:

        def cancel(event: EngineEvent) -> None:
            if isinstance(event, Reading) and event.request_id == 1 and 512 <= event.done < event.total:
                engine.worker.cancel(event.request_id)

        engine.on_event = cancel
        request_id = engine.send(question)
        end = engine.end_of(request_id)
        again = engine.ask(question, sampling=replace(GREEDY, max_tokens=8))

    assert isinstance(end, Finished) and end.reason is FinishReason.STOPPED
    assert not [event for event in engine.of(Token) if event.request_id == request_id]
    assert 0 < again.stats.reused_tokens < again.stats.prompt_tokens
    assert engine.text(again.request_id).startswith("The cat")


def test_cancelled_while_waking(tiny_model: Path) -> None:
    with Harness(config_for(tiny_model)) as engine:
        engine.on_event = lambda event: engine.worker.cancel(1) if isinstance(event, Waking) else None
        end = engine.end_of(engine.send(user("hello")))
        asleep = engine.wait(Asleep)
        engine.on_event = lambda event: None
        assert engine.ask(user("hello"), sampling=replace(GREEDY, max_tokens=2)).reason is FinishReason.LENGTH

    assert isinstance(end, Finished) and end.reason is FinishReason.STOPPED
    assert asleep.reason is SleepReason.ASKED


def test_cancelled_while_queued_ends_before_the_running_one(endless_parrot_model: Path) -> None:
    with Harness(config_for(endless_parrot_model, n_ctx=32768)) as engine:
        running = engine.send(user("one"))
        queued = engine.send(user("two"))
        engine.wait(Token)
        engine.worker.cancel(queued)
        first_end = engine.wait(Finished)
        engine.worker.cancel(running)
        second_end = engine.wait(Finished)

    assert (first_end.request_id, first_end.reason) == (queued, FinishReason.STOPPED)
    assert (second_end.request_id, second_end.reason) == (running, FinishReason.STOPPED)
    assert first_end.stats.prompt_tokens == 0


def test_every_request_ends_exactly_once_when_the_worker_stops(endless_parrot_model: Path) -> None:
    engine = Harness(config_for(endless_parrot_model, n_ctx=32768))
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
        assert engine.worker.stop(PATIENCE)
        for thread in threads:
            thread.join()
        engine.drain()
        assert sorted(event.request_id for event in engine.of(Finished)) == [1, 2, 3, 4]


def test_nothing_is_loaded_before_the_first_request(tiny_model: Path) -> None:
    loaded = threading.Event()

    def load() -> bindings.Native:
        loaded.set()
        return bindings.load()

    worker = EngineWorker(lambda event: None, config_for(tiny_model), load)
    with worker:
        worker.configure(config_for(tiny_model, n_ctx=512))
        assert not loaded.wait(0.2)
        worker.generate(Generation(1, "c", (user("x"),), replace(GREEDY, max_tokens=1)))
        assert loaded.wait(PATIENCE)


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
        request_id = engine.send(user("hello"))
        engine.wait(Token)
        engine.worker.configure(config_for(endless_parrot_model, n_ctx=4096, threads=2))
        tokens = [engine.wait(Token) for _ in range(3)]
        engine.worker.cancel(request_id)
        end = engine.end_of(request_id)
        awake = engine.wait(Awake)

    assert end.stats.threads == 2 and awake.threads == 2
    assert tokens and LONG_TEXT.startswith(engine.text(request_id).rstrip("\ufffd")[: len(LONG_TEXT)])
    assert SleepReason.RECONFIGURED not in [event.reason for event in engine.of(Asleep)]


def test_the_thread_count_changes_while_idle(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model)) as engine:
        engine.ask(user("hello"))
        engine.wait(Awake)
        engine.worker.configure(config_for(parrot_model, threads=2))
        assert engine.wait(Awake).threads == 2
        assert engine.ask(user("hello")).stats.load_s == 0


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


@pytest.mark.parametrize("kv_type", [KvType.Q8_0, KvType.Q4_0])
def test_answers_with_a_quantised_cache(parrot_model: Path, kv_type: KvType) -> None:
    with Harness(replace(config_for(parrot_model), kv_type=kv_type)) as engine:
        end = engine.ask(user("hello"))

    assert engine.text(end.request_id) == PARROT_TEXT


def test_answers_with_repacked_weights_and_without_a_mapped_file(parrot_model: Path) -> None:
    with Harness(replace(config_for(parrot_model), repack=True, use_mmap=False)) as engine:
        end = engine.ask(user("hello"))

    assert engine.text(end.request_id) == PARROT_TEXT


def test_a_forgotten_conversation_leaves_the_cache(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model)) as engine:
        engine.ask(user("hello"), conversation="secret")
        engine.worker.forget("another")
        kept = engine.ask(user("hello"), conversation="secret")
        engine.worker.forget("secret")
        gone = engine.ask(user("hello"), conversation="secret")

    assert kept.stats.reused_tokens > 0
    assert gone.stats.reused_tokens == 0 and gone.stats.load_s == 0


def _turns(count: int) -> tuple[Message, ...]:
    turns: list[Message] = []
    for number in range(count):
        turns += [user(f"question {number} " + "word " * 8), assistant("answer " * 8)]
    return (*turns, user("and now?"))


def test_a_conversation_that_outgrows_the_context_is_cut_by_whole_turns(parrot_model: Path) -> None:
    messages = (Message(Role.SYSTEM, "Be kind."), *_turns(12))
    with Harness(config_for(parrot_model, n_ctx=512)) as engine:
        first = engine.ask(*messages)
        cut = engine.of(Trimmed)[0].cut
        second = engine.ask(*messages, assistant(PARROT_TEXT), user("more"), cut=cut)
        trimmed = engine.of(Trimmed)

    assert cut > 0 and cut % 2 == 0
    assert first.stats.prompt_tokens <= 512 // 2
    assert engine.text(first.request_id) == PARROT_TEXT
    # AND the cut is said once, and what remains is found in the cache
    assert len(trimmed) == 1
    assert second.stats.reused_tokens > first.stats.prompt_tokens
    order = [type(event) for event in engine.events if not isinstance(event, Waking | Awake)]
    assert order.index(Trimmed) < order.index(Reading)


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
        ("folder", "cannot be read"),
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


def test_a_missing_library_is_explained(tiny_model: Path) -> None:
    ended: list[EngineEvent] = []
    done = threading.Event()

    def post(event: EngineEvent) -> None:
        ended.append(event)
        if isinstance(event, Failed):
            done.set()

    def load() -> bindings.Native:
        raise UserFacingError("The engine is missing.")

    with EngineWorker(post, config_for(tiny_model), load) as worker:
        worker.generate(Generation(1, "c", (user("x"),)))
        assert done.wait(PATIENCE)

    assert [event.error.title for event in ended if isinstance(event, Failed)] == ["The engine is missing."]


def test_a_bug_is_logged_and_the_thread_lives_on(parrot_model: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Harness(config_for(parrot_model)) as engine, caplog.at_level(logging.ERROR):
        end = engine.end_of(engine.send(Message(Role.SYSTEM, "only this")))
        good = engine.ask(user("hello"))

    assert isinstance(end, Failed) and "went wrong" in end.error.title
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
