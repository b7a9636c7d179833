"""Models that cannot drop the end of what they have read: a checkpoint brings them back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled
from desktop.engine.llama import bindings
from desktop.engine.llama.bindings import AbortFlag, Native
from desktop.engine.types import Asleep, Finished, FinishReason, Message, Reading, Role, Token
from tests.support.engine_harness import GREEDY, Harness, assistant, config_for, user
from tests.support.gguf_build import CHATML_TEMPLATE
from tests.support.opened_session import opened
from tests.support.tiny import make_tiny

# Like Qwen3.5's: an empty thinking block opens the answer and is not part of the history.
THINKING_TEMPLATE = CHATML_TEMPLATE.replace("assistant\\n' }}", "assistant\\n<think>\\n\\n</think>\\n\\n' }}")
BLOCK = len("<think>\n\n</think>\n\n")
SYSTEM = Message(Role.SYSTEM, "You are the cat of this house. Be brief and kind, and never wake anybody up at night.")
SHORT = replace(GREEDY, max_tokens=24)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("m") / "plain.gguf", architecture="lfm2", ascii_only=True)


@pytest.fixture(scope="module")
def thinking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("m") / "thinking.gguf"
    return make_tiny(path, architecture="lfm2", ascii_only=True, chat_template=THINKING_TEMPLATE)


@pytest.fixture(scope="module")
def native() -> Native:
    return bindings.load()


def talk(engine: Harness, between: Callable[[], None] = lambda: None) -> list[tuple[str, int, int]]:
    """Returns text, tokens of the prompt and tokens read, for each of four answers."""
    messages = [SYSTEM]
    turns = []
    for number in range(4):
        messages.append(user(f"What does a cat think about the number {number}?"))
        end = engine.ask(*messages, sampling=SHORT)
        turns.append((engine.text(end.request_id), end.stats.prompt_tokens, unread(end)))
        messages.append(assistant(turns[-1][0]))
        between()
    return turns


def unread(end: Finished) -> int:
    return end.stats.prompt_tokens - end.stats.reused_tokens


def test_words_that_are_not_in_the_history_cost_one_turn_not_all(thinking: Path, tmp_path: Path) -> None:
    def nap() -> None:
        engine.worker.sleep()
        engine.wait(Asleep)

    with Harness(config_for(thinking)) as engine:
        awake = talk(engine)
    with Harness(replace(config_for(thinking), snapshots_dir=tmp_path)) as engine:
        napping = talk(engine, nap)

    new = awake[2][1] - awake[1][1]  # question and answer, as they stand in the history
    assert all(turn[2] <= new + BLOCK for turn in awake[1:])
    assert awake[3][1] > 2 * (new + BLOCK)  # reading all would be much more
    assert napping == awake


@pytest.mark.parametrize("kind", ["plain", "thinking"])
def test_another_answer_to_the_same_question_reads_next_to_nothing(plain: Path, thinking: Path, kind: str) -> None:
    with Harness(config_for(plain if kind == "plain" else thinking)) as engine:
        messages = (SYSTEM, user("Who are you?"))
        first = engine.ask(*messages, sampling=SHORT)
        again = engine.ask(*messages, sampling=SHORT)

    assert unread(again) <= (1 if kind == "plain" else BLOCK)
    assert engine.text(again.request_id) == engine.text(first.request_id)


def test_what_was_read_before_an_abort_stays(plain: Path) -> None:
    messages = (SYSTEM, user("Tell me everything. " * 80))
    with Harness(replace(config_for(plain), n_batch=64)) as engine:
        right = engine.ask(*messages, sampling=SHORT, conversation="other")
        engine.worker.forget("other")

        def stop(event: object) -> None:
            if isinstance(event, Reading) and event.done >= 256:
                engine.worker.cancel(event.request_id)

        engine.on_event = stop
        stopped = engine.ask(*messages, sampling=SHORT)
        engine.on_event = lambda event: None
        rest = engine.ask(*messages, sampling=SHORT)

    assert stopped.reason is FinishReason.STOPPED
    assert 256 <= rest.stats.reused_tokens < rest.stats.prompt_tokens
    assert engine.text(rest.request_id) == engine.text(right.request_id)


def test_an_abort_within_a_batch_goes_back_to_its_beginning(native: Native, plain: Path) -> None:
    class NativeOnlyFlag(AbortFlag):
        """Set once the evaluation has begun: Python's look between two batches does not see it."""

        looks = 0

        def is_set(self) -> bool:
            self.looks += 1
            return self.looks > 4

    prompt = [number % 100 for number in range(400)]
    with opened(native, plain, n_batch=128) as session:

        def read(tokens: list[int], flag: AbortFlag) -> int:
            return session.read(tokens, flag, lambda done, total: None, lambda cut_off: 0.0)

        assert read(prompt[:200], AbortFlag()) == 0
        held = session.tokens
        with pytest.raises(Cancelled):
            read(prompt, NativeOnlyFlag())
        assert session.tokens == held
        assert read(prompt, AbortFlag()) == len(held)
        after = list(session._api.llama_get_logits_ith(session._context, -1)[: session.model.tokenizer.size])
        session.clear()
        read(prompt[:200], AbortFlag())
        read(prompt, AbortFlag())
        right = list(session._api.llama_get_logits_ith(session._context, -1)[: session.model.tokenizer.size])
        assert after == right


def test_a_stopped_answer_is_not_lost(plain: Path) -> None:
    with Harness(config_for(plain)) as engine:
        question = (SYSTEM, user("Who are you?"))

        def stop(event: object) -> None:
            if isinstance(event, Token) and len(engine.text(event.request_id)) >= 10:
                engine.worker.cancel(event.request_id)

        engine.on_event = stop
        request_id = engine.send(*question)
        end = engine.end_of(request_id)
        engine.on_event = lambda event: None
        assert isinstance(end, Finished) and end.reason is FinishReason.STOPPED
        said = engine.text(request_id)
        after = engine.ask(*question, assistant(said), user("Go on."), sampling=SHORT)

    assert after.stats.reused_tokens >= end.stats.prompt_tokens + len(said) - 1
