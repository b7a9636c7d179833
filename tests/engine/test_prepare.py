"""Waking early: what is known is read before the question is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.types import (
    Asleep,
    Awake,
    Counted,
    Dozing,
    EngineConfig,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Message,
    Reading,
    Role,
    SleepReason,
    Token,
    Trimmed,
    Waking,
)
from tests.support.engine_harness import GREEDY, Harness, assistant, config_for, user
from tests.support.gguf_build import CHATML_TEMPLATE
from tests.support.parrot import LONG_TEXT, make_parrot
from tests.support.tiny import make_tiny

SHORT = replace(GREEDY, max_tokens=16)
SYSTEM = Message(Role.SYSTEM, "You are the cat of this house. Be brief and kind, and never wake anybody up at night.")
HISTORY = (SYSTEM, user("Who are you?"), assistant("The cat of this house, and I was asleep."))
QUESTION = user("Sorry. Shall I come back later?")
# Qwen3.5's refuses a conversation in which no user says anything.
STRICT_TEMPLATE = (
    "{% if not messages | selectattr('role', 'equalto', 'user') | list %}"
    "{{ raise_exception('No user query found') }}{% endif %}" + CHATML_TEMPLATE
)


@pytest.fixture(scope="module", params=["qwen2", "lfm2"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("m") / "tiny.gguf", architecture=request.param, ascii_only=True)


@pytest.fixture
def config(model: Path) -> EngineConfig:
    return config_for(model)


@pytest.fixture(scope="module")
def slow_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_parrot(tmp_path_factory.mktemp("slow") / "slow.gguf", LONG_TEXT, layers=200)


def prepared(engine: Harness, *messages: Message, conversation: str = "c", cut: int = 0) -> Finished:
    end = engine.end_of(engine.prepare(*messages, sampling=SHORT, conversation=conversation, cut=cut))
    assert isinstance(end, Finished), end
    return end


def unread(end: Finished) -> int:
    return end.stats.prompt_tokens - end.stats.reused_tokens


def own_tokens(question: Message) -> int:
    """Tokens of a question that nothing before it determines: its bytes, the end of its turn, the next header."""
    return len(question.text.encode()) + 1 + len("\n") + 1 + len("assistant\n")


def test_what_a_draft_takes_is_counted_before_it_is_read(config: EngineConfig) -> None:
    # GIVEN a conversation, and a draft at its end
    with Harness(config) as engine:
        prepared(engine, *HISTORY, QUESTION)
        (count,) = engine.of(Counted)
        order = [type(event) for event in engine.events if isinstance(event, Counted | Reading)]
        assert order[:1] == [Counted]
        # WHEN it is sent THEN it takes as much
        end = engine.ask(*HISTORY, QUESTION, sampling=SHORT)
        assert count.history + count.message == end.stats.prompt_tokens
        assert count.message == own_tokens(QUESTION)
        assert (count.cut, count.n_ctx) == (0, config.n_ctx) and 0 < count.reserve < count.n_ctx
        # AND without a draft there is nothing that it would take
        prepared(engine, *HISTORY)
        assert engine.of(Counted)[-1].message == 0


def test_a_draft_that_is_too_long_and_one_that_drops_turns_are_counted_as_well(config: EngineConfig) -> None:
    with Harness(config) as engine:
        prepared(engine, *HISTORY, user("x" * 3 * config.n_ctx))
        count = engine.of(Counted)[-1]
        assert count.message > count.room and count.history == 0
        long = user("x" * (count.room - 200))
        prepared(engine, *HISTORY, long)
        count = engine.of(Counted)[-1]
        assert count.message <= count.room
        end = engine.ask(*HISTORY, long, sampling=SHORT)
        assert count.history + count.message == end.stats.prompt_tokens
        assert count.cut == max([0, *(event.cut for event in engine.of(Trimmed))])


@pytest.mark.parametrize("history", [(SYSTEM,), HISTORY, (*HISTORY, user("A question that failed."))])
def test_the_answer_after_it_reads_the_question_only(config: EngineConfig, history: tuple[Message, ...]) -> None:
    known = history if history[-1].role is not Role.USER else history[:-1]
    with Harness(config) as engine:
        right = engine.ask(*known, QUESTION, sampling=SHORT, conversation="other")
        engine.worker.sleep()
        ahead = prepared(engine, *history)
        end = engine.ask(*known, QUESTION, sampling=SHORT)

    assert ahead.reason is FinishReason.COMPLETE and ahead.stats.generated_tokens == 0
    assert ahead.stats.load_s > 0 and unread(ahead) == ahead.stats.prompt_tokens > 0
    assert not [event for event in engine.of(Token) if event.request_id == ahead.request_id]
    assert end.stats.load_s == 0 and unread(end) == own_tokens(QUESTION)
    assert engine.text(end.request_id) == engine.text(right.request_id)


@pytest.mark.parametrize(("architecture", "is_recurrent"), [("qwen2", False), ("lfm2", True)])
def test_what_is_written_so_far_is_read_along(architecture: str, is_recurrent: bool, tmp_path: Path) -> None:
    """GIVEN a draft that was read WHEN it is sent as it stands THEN one token is left; a model that cannot go back
    has read nothing of it."""
    model = make_tiny(tmp_path / "tiny.gguf", architecture=architecture, ascii_only=True)
    with Harness(config_for(model)) as engine:
        right = engine.ask(*HISTORY, QUESTION, sampling=SHORT, conversation="other")
        engine.worker.sleep()
        ahead = prepared(engine, *HISTORY, QUESTION)
        end = engine.ask(*HISTORY, QUESTION, sampling=SHORT)
    assert ahead.reason is FinishReason.COMPLETE and ahead.stats.generated_tokens == 0
    assert unread(end) == (own_tokens(QUESTION) if is_recurrent else 1)
    assert engine.text(end.request_id) == engine.text(right.request_id)


def test_a_draft_that_grows_shrinks_and_goes_costs_what_is_new(tiny_model: Path) -> None:
    with Harness(config_for(tiny_model)) as engine:
        prepared(engine, *HISTORY)
        first = prepared(engine, *HISTORY, user("Sorry. Shall I"))
        more = prepared(engine, *HISTORY, QUESTION)
        assert unread(first) > 0 and unread(more) < unread(first) + len(QUESTION.text) - len("Sorry. Shall I")
        assert unread(prepared(engine, *HISTORY, user("Sorry."))) == own_tokens(user("")) - 1
        end = engine.ask(*HISTORY, user("Hm?"), sampling=SHORT)
    assert unread(end) == own_tokens(user("Hm?"))


def test_no_word_of_a_draft_gets_into_a_state_on_disk(tiny_model: Path, tmp_path: Path) -> None:
    """GIVEN a conversation whose state is kept WHEN a draft is read and the model sleeps, or another one takes the
    engine THEN the state ends where the draft begins, and what was sent is still there."""
    config = replace(config_for(tiny_model), snapshots_dir=tmp_path)
    with Harness(config) as engine:
        first = engine.ask(*HISTORY, QUESTION, sampling=SHORT)
        history = (*HISTORY, QUESTION, assistant(engine.text(first.request_id)))
        known = prepared(engine, *history).stats.prompt_tokens
        prepared(engine, *history, user("A secret that I shall think better of"))
        engine.ask(user("Hello"), sampling=SHORT, conversation="other")
        again = prepared(engine, *history, user("A secret that I shall think better of"))
        assert again.stats.reused_tokens == known
        engine.worker.sleep()
        again = prepared(engine, *history, user("A secret that I shall think better of"))
        assert again.stats.reused_tokens == known


def test_a_draft_too_long_for_the_context_drops_nothing(tiny_model: Path) -> None:
    """GIVEN a draft that leaves no room, or would cost the conversation turns WHEN it is read along THEN all that was
    known stays known, and nothing fails: it may yet be shortened."""
    config = replace(config_for(tiny_model), n_ctx=512)
    with Harness(config) as engine:
        known = prepared(engine, *HISTORY).stats.prompt_tokens
        for words in ("too long " * 200, "long " * 66):
            end = prepared(engine, *HISTORY, user(words))
            assert end.reason is FinishReason.COMPLETE and end.stats.prompt_tokens == known and unread(end) == 0


def test_without_messages_it_only_loads(config: EngineConfig) -> None:
    with Harness(config) as engine:
        end = prepared(engine)
        assert end.reason is FinishReason.COMPLETE and end.stats.load_s > 0 and end.stats.prompt_tokens == 0
        assert engine.of(Waking)[0].request_id == end.request_id
        assert engine.wait(Awake).n_ctx > 0
        assert engine.of(Reading) == []


def test_a_second_time_there_is_nothing_left_to_read(config: EngineConfig) -> None:
    with Harness(config) as engine:
        first = prepared(engine, *HISTORY)
        second = prepared(engine, *HISTORY)

    assert second.stats.prompt_tokens == second.stats.reused_tokens == first.stats.prompt_tokens


def test_what_is_there_beyond_it_stays(config: EngineConfig) -> None:
    """GIVEN an answer WHEN what came before it is prepared once more THEN the answer is not thrown away."""
    with Harness(config) as engine:
        first = engine.ask(*HISTORY, QUESTION, sampling=SHORT)
        assert prepared(engine, *HISTORY).stats.prompt_tokens > 0
        more = (*HISTORY, QUESTION, assistant(engine.text(first.request_id)), user("And now?"))
        end = engine.ask(*more, sampling=SHORT)

    assert end.stats.reused_tokens >= first.stats.prompt_tokens + SHORT.max_tokens - 1  # type: ignore[operator]


def test_it_reads_what_a_nap_has_left(config: EngineConfig, tmp_path: Path) -> None:
    config = replace(config, snapshots_dir=tmp_path)
    with Harness(config) as engine:
        first = engine.ask(*HISTORY, QUESTION, sampling=SHORT)
        history = (*HISTORY, QUESTION, assistant(engine.text(first.request_id)))
    with Harness(config) as engine:
        ahead = prepared(engine, *history)
        assert ahead.stats.reused_tokens >= first.stats.prompt_tokens + SHORT.max_tokens - 1  # type: ignore[operator]
        assert unread(ahead) < 12  # the end of the answer and the header of the next question
    # AND the state of what was only prepared is kept as well
    with Harness(config) as engine:
        again = prepared(engine, *history)
        assert unread(again) == 0
        assert unread(engine.ask(*history, user("Hm?"), sampling=SHORT)) == own_tokens(user("Hm?"))


def test_another_conversation_is_kept(config: EngineConfig, tmp_path: Path) -> None:
    with Harness(replace(config, snapshots_dir=tmp_path)) as engine:
        first = engine.ask(*HISTORY, QUESTION, sampling=SHORT, conversation="first")
        history = (*HISTORY, QUESTION, assistant(engine.text(first.request_id)))
        prepared(engine, Message(Role.SYSTEM, "Somebody else, who has nothing to do with cats."), conversation="second")
        end = engine.ask(*history, user("Hm?"), sampling=SHORT, conversation="first")

    assert end.stats.reused_tokens >= first.stats.prompt_tokens + SHORT.max_tokens - 1  # type: ignore[operator]


def test_a_long_conversation_is_cut_as_for_the_answer(model: Path) -> None:
    """Turn by turn, through several cuts: after the preparation an answer reads its question and nothing else."""
    history = [SYSTEM]
    cut, cuts = 0, 0
    with Harness(config_for(model, n_ctx=512)) as engine:
        for number in range(25):
            question = user(f"Question number {number}? " + "?" * (number * 7 % 20))
            prepared(engine, *history, cut=cut)
            end = engine.ask(*history, question, sampling=SHORT, cut=cut)
            trimmed = [event.cut for event in engine.of(Trimmed) if event.request_id == end.request_id]
            cut, cuts = (trimmed[-1], cuts + 1) if trimmed else (cut, cuts)
            assert unread(end) == own_tokens(question)
            history += [question, assistant(engine.text(end.request_id))]
    assert cuts >= 3


def test_a_template_that_wants_a_user_keeps_its_place(tmp_path: Path) -> None:
    path = make_tiny(tmp_path / "tiny.gguf", ascii_only=True, chat_template=STRICT_TEMPLATE)
    with Harness(config_for(path)) as engine:
        prepared(engine, SYSTEM)
        assert unread(engine.ask(SYSTEM, QUESTION, sampling=SHORT)) == own_tokens(QUESTION)


def test_cancelled_it_ends_as_stopped_and_what_was_read_stays(slow_model: Path) -> None:
    history = (SYSTEM, user("Tell me everything. " * 25), assistant("No."))
    with Harness(replace(config_for(slow_model, n_ctx=1024), n_batch=64)) as engine:
        engine.on_event = cancel_when(engine, lambda event: isinstance(event, Reading) and event.done >= 128)
        stopped = prepared(engine, *history)
        engine.on_event = lambda event: None
        assert stopped.reason is FinishReason.STOPPED
        rest = prepared(engine, *history)

    assert 128 <= rest.stats.reused_tokens < rest.stats.prompt_tokens


def cancel_when(engine: Harness, when: Callable[[EngineEvent], bool]) -> Callable[[EngineEvent], None]:
    def look(event: EngineEvent) -> None:
        if when(event) and isinstance(event, Waking | Reading):
            engine.worker.cancel(event.request_id)

    return look


def once_it_reads(act: Callable[[], object]) -> Callable[[EngineEvent], None]:
    """Returns a hook that acts when the first batch has been read, on the thread that reads, which waits for it."""
    done = False

    def look(event: EngineEvent) -> None:
        nonlocal done
        if isinstance(event, Reading) and event.done and not done:
            done = True
            act()

    return look


def test_a_question_never_waits_for_it(slow_model: Path) -> None:
    """GIVEN a preparation that reads WHEN a question comes THEN it gives way, and what it has read stays."""
    history = (SYSTEM, user("Tell me everything. " * 25), assistant("No."))
    with Harness(replace(config_for(slow_model, n_ctx=1024), n_batch=64)) as engine:
        asked: list[int] = []

        def ask(event: EngineEvent) -> None:
            if isinstance(event, Reading) and event.done >= 128 and not asked:
                asked.append(engine.send(*history, QUESTION, sampling=replace(GREEDY, max_tokens=4)))

        engine.on_event = ask
        ahead = prepared(engine, *history)
        end = engine.end_of(asked[0])

    assert ahead.reason is FinishReason.STOPPED
    assert isinstance(end, Finished)
    assert 128 <= end.stats.reused_tokens < ahead.stats.prompt_tokens + 64
    assert LONG_TEXT.startswith(engine.text(asked[0]).rstrip("\ufffd")) and engine.text(asked[0])


def test_a_question_during_the_load_does_not_load_twice(slow_model: Path) -> None:
    with Harness(config_for(slow_model)) as engine:
        asked: list[int] = []

        def ask(event: EngineEvent) -> None:
            if isinstance(event, Waking) and event.fraction > 0 and not asked:
                asked.append(engine.send(*HISTORY, QUESTION, sampling=replace(GREEDY, max_tokens=4)))

        engine.on_event = ask
        ahead = prepared(engine, *HISTORY)
        end = engine.end_of(asked[0])

    assert ahead.reason is FinishReason.STOPPED and ahead.stats.load_s > 0
    assert isinstance(end, Finished) and end.stats.load_s == 0


def test_cancelled_while_loading_it_loads_no_further(config: EngineConfig) -> None:
    with Harness(config) as engine:
        engine.on_event = cancel_when(engine, lambda event: isinstance(event, Waking))
        assert prepared(engine, *HISTORY).reason is FinishReason.STOPPED
        assert engine.wait(Asleep).reason is SleepReason.ASKED


def test_another_preparation_takes_its_place(slow_model: Path) -> None:
    history = (SYSTEM, user("Tell me everything. " * 25), assistant("No."))
    with Harness(replace(config_for(slow_model, n_ctx=1024), n_batch=64)) as engine:
        others: list[int] = []
        engine.on_event = once_it_reads(lambda: others.append(engine.prepare(*HISTORY, conversation="d")))
        first = prepared(engine, *history)
        second = engine.end_of(others[0])

    assert first.reason is FinishReason.STOPPED
    assert isinstance(second, Finished) and second.reason is FinishReason.COMPLETE


@pytest.mark.parametrize("command", ["sleep", "forget"])
def test_it_gives_way_to_commands_too(slow_model: Path, command: str) -> None:
    history = (SYSTEM, user("Tell me everything. " * 25), assistant("No."))
    with Harness(replace(config_for(slow_model, n_ctx=1024), n_batch=64)) as engine:
        commands = {"sleep": engine.worker.sleep, "forget": lambda: engine.worker.forget("c")}
        engine.on_event = once_it_reads(commands[command])
        assert prepared(engine, *history).reason is FinishReason.STOPPED


def test_the_idle_time_runs_from_its_end(config: EngineConfig) -> None:
    with Harness(replace(config, idle_seconds=0.1)) as engine:
        prepared(engine, *HISTORY)
        engine.wait(Dozing)


def test_without_a_model_it_fails_with_a_sentence() -> None:
    with Harness(config_for(None)) as engine:
        end = engine.end_of(engine.prepare(*HISTORY))

    assert isinstance(end, Failed) and end.error.title


def test_after_the_stop_it_ends_at_once(config: EngineConfig) -> None:
    engine = Harness(config)
    with engine:
        pass
    late = engine.prepare(*HISTORY)
    engine.drain()

    assert [(event.request_id, event.reason) for event in engine.of(Finished)] == [(late, FinishReason.STOPPED)]
