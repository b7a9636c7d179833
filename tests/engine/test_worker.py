from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.types import (
    Asleep,
    Awake,
    EngineEvent,
    Finished,
    FinishReason,
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
from tests.support.engine_harness import GREEDY, Harness, assistant, config_for, user
from tests.support.gguf_build import CHATML_TEMPLATE
from tests.support.parrot import LONG_TEXT, PARROT_TEXT, make_parrot


def test_an_answer_arrives_whole_and_its_events_in_order(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model)) as engine:
        end = engine.ask(user("hello"), sampling=Sampling())
        awake = engine.wait(Awake)

    assert engine.text(end.request_id) == PARROT_TEXT
    assert end.reason is FinishReason.COMPLETE
    config = config_for(parrot_model)
    assert awake == Awake("parrot", 2048, 1, can_think=False, loaded_with=config, backend=awake.backend)
    assert awake.backend
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
        engine.rest()
        turns = (user("hello"), assistant(PARROT_TEXT), user("and again"))
        second = engine.ask(*turns).stats
        third = engine.ask(*turns).stats
        readings = [event for event in engine.of(Reading) if event.request_id == 2]

    # THEN the whole first turn is found again, and so is what closed it and opened the second
    assert second.reused_tokens == first.prompt_tokens + first.generated_tokens + 1 + len("\n") + 1 + len("user\n")
    assert second.prompt_tokens - second.reused_tokens <= len("and again") + 1 + len("\n") + 1 + len("assistant\n")
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
    with Harness(config_for(endless_parrot_model, n_ctx=4096)) as engine:
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
    with Harness(config_for(endless_parrot_model, n_ctx=4096)) as engine:

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
    with Harness(config_for(endless_parrot_model, n_ctx=4096)) as engine:
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


@pytest.mark.parametrize("kv_type", [KvType.Q8_0, KvType.Q4_0])
def test_answers_with_a_quantised_cache(parrot_model: Path, kv_type: KvType) -> None:
    with Harness(replace(config_for(parrot_model), kv_type=kv_type)) as engine:
        end = engine.ask(user("hello"))

    assert engine.text(end.request_id) == PARROT_TEXT


def test_answers_with_repacked_weights_and_without_a_mapped_file(parrot_model: Path) -> None:
    with Harness(replace(config_for(parrot_model), repack=True, use_mmap=False)) as engine:
        end = engine.ask(user("hello"))

    assert engine.text(end.request_id) == PARROT_TEXT


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


THOUGHTS = "First 猫, then 42: that is what I think."
QWEN3_HEADER = (
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}"
    "{% if enable_thinking is false %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}{% endif %}"
)


def test_thoughts_come_apart_from_the_answer(tmp_path: Path) -> None:
    template = CHATML_TEMPLATE.split("{% if add_generation_prompt %}", maxsplit=1)[0] + QWEN3_HEADER
    path = make_parrot(
        tmp_path / "thinker.gguf", f"<think>\n{THOUGHTS}\n</think>\n\n{PARROT_TEXT}", chat_template=template
    )
    with Harness(config_for(path)) as engine:
        request_id = engine.send(user("hello"), thinking=True)
        end = engine.end_of(request_id)
        assert engine.wait(Awake).can_think

        # WHEN the conversation goes on, the thoughts are not in it any more, yet its beginning is found in the cache
        second = engine.ask(user("hello"), assistant(PARROT_TEXT), user("more"))

    assert isinstance(end, Finished) and end.reason is FinishReason.COMPLETE
    assert engine.text(request_id, thinking=True) == THOUGHTS
    assert engine.text(request_id) == PARROT_TEXT
    assert (
        sum(event.tokens for event in engine.of(Token) if event.request_id == request_id) <= end.stats.generated_tokens
    )
    assert 0 < second.stats.reused_tokens < second.stats.prompt_tokens
