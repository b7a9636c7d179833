"""A full context without re-reading, on the real binding."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled
from desktop.engine.llama import bindings
from desktop.engine.llama.bindings import AbortFlag, Native
from desktop.engine.types import Finished, FlashAttention, KvType, Message, Role, Token, Trimmed
from tests.support.engine_harness import GREEDY, Harness, assistant, config_for, user
from tests.support.gguf_build import CHATML_TEMPLATE
from tests.support.opened_session import distance, logits, opened, read
from tests.support.tiny import make_tiny

# Like Qwen3's: an empty thinking block opens the answer and is not part of the history.
THINKING_TEMPLATE = CHATML_TEMPLATE.replace("assistant\\n' }}", "assistant\\n<think>\\n\\n</think>\\n\\n' }}")
SYSTEM = Message(Role.SYSTEM, "You are the cat of this house.")
KV = random.Random(1).choices(range(256), k=600)
CUT = [*KV[:20], *KV[220:], 7, 8, 9]  # 200 tokens dropped, three new ones


@pytest.fixture(scope="module")
def native() -> Native:
    return bindings.load()


@pytest.mark.parametrize("flash", [FlashAttention.ON, FlashAttention.OFF])
@pytest.mark.parametrize("architecture", ["qwen2", "llama"])
def test_moved_tokens_are_where_they_belong(
    native: Native, tmp_path: Path, architecture: str, flash: FlashAttention
) -> None:
    """One layer: what the cache holds of a token depends on its place alone, so a shift must equal reading."""
    path = make_tiny(tmp_path / "tiny.gguf", architecture=architecture, layers=1)
    with opened(native, path, flash=flash) as session:
        read(session, CUT)
        right = logits(session)
        session.clear()
        read(session, KV)
        assert read(session, CUT, movable=len(CUT) - 3) == len(CUT) - 3
        assert session.tokens == tuple(CUT)
        assert distance(right, logits(session)) < 0.01
        # The same tokens in another order are something else.
        session.clear()
        read(session, [*CUT[:20], *reversed(CUT[20:-3]), *CUT[-3:]])
        assert distance(right, logits(session)) > 0.5


@pytest.mark.parametrize(("kv_type", "tolerance"), [(KvType.Q8_0, 0.1), (KvType.Q4_0, 0.8)])
def test_quantised_keys_move_too(native: Native, tmp_path: Path, kv_type: KvType, tolerance: float) -> None:
    """The tolerance is what these formats lose anyway; tokens in another order are further off, see above."""
    path = make_tiny(tmp_path / "tiny.gguf", layers=1, heads=1)
    with opened(native, path, kv_type=kv_type) as session:
        read(session, CUT)
        right = logits(session)
        session.clear()
        read(session, KV)
        assert read(session, CUT, movable=len(CUT)) == len(CUT) - 3
        assert distance(right, logits(session)) < tolerance


def test_quantised_keys_that_the_library_cannot_turn_are_read_again(native: Native, tiny_model: Path) -> None:
    with opened(native, tiny_model, kv_type=KvType.Q8_0) as session:  # heads of 32
        read(session, KV)
        assert read(session, CUT, movable=len(CUT)) == 20
        assert session.tokens == tuple(CUT)


def test_a_state_that_cannot_drop_anything_is_read_again(native: Native, tmp_path: Path) -> None:
    with opened(native, make_tiny(tmp_path / "tiny.gguf", architecture="lfm2")) as session:
        read(session, CUT)
        right = logits(session)
        read(session, KV)
        assert read(session, CUT, movable=len(CUT)) == 0
        assert logits(session) == right


def test_nothing_moves_unless_it_may(native: Native, tiny_model: Path) -> None:
    with opened(native, tiny_model) as session:
        read(session, KV)
        assert read(session, CUT, movable=0) == 20


def test_a_shift_that_is_aborted_leaves_everything_consistent(native: Native, tmp_path: Path) -> None:
    path = make_tiny(tmp_path / "tiny.gguf", layers=1)
    longer = [*CUT, *random.Random(2).choices(range(256), k=400)]
    with opened(native, path) as session:
        read(session, longer)
        right = logits(session)
        session.clear()
        read(session, KV)
        abort = AbortFlag()
        abort.set()
        with pytest.raises(Cancelled):
            read(session, longer, len(CUT) - 3, abort)
        held = session.tokens
        assert held == tuple(longer[: len(held)]) and len(held) >= len(CUT) - 3
        # A state saved now is a right one, and so is going on.
        assert session.save_state(tmp_path / "state", held)
        assert session.load_state(tmp_path / "state", held)
        assert read(session, longer) == len(held)
        assert distance(right, logits(session)) < 0.01


def test_sixty_turns_read_what_is_new_and_little_more_at_a_cut(tiny_ascii: Path) -> None:
    turns = list(long_talk(tiny_ascii, 60, n_ctx=1024))

    cuts = [turn for turn in turns if turn.cut]
    assert len(cuts) >= 3
    assert all(turn.unread == turn.new for turn in turns[1:])
    # At a cut the prompt is as long as half of the context, and still only the new is read.
    assert all(turn.prompt > 350 for turn in cuts)


def test_sixty_turns_with_naps_between_are_the_same(tiny_ascii: Path, tmp_path: Path) -> None:
    awake = list(long_talk(tiny_ascii, 25, n_ctx=512))
    config_dir = tmp_path / "states"
    napping = list(long_talk(tiny_ascii, 25, n_ctx=512, states=config_dir))

    assert [turn.unread for turn in napping] == [turn.unread for turn in awake]
    assert [turn.cut for turn in napping] == [turn.cut for turn in awake]


def test_an_opening_that_is_not_part_of_the_history_costs_nothing(tmp_path: Path) -> None:
    path = make_tiny(tmp_path / "tiny.gguf", ascii_only=True, chat_template=THINKING_TEMPLATE)
    turns = list(long_talk(path, 20, n_ctx=1024))

    assert [turn for turn in turns if turn.cut]
    block = len("<think>\n\n</think>\n\n")  # it is part of every new header
    assert all(turn.unread == turn.new + block for turn in turns[1:])


def test_an_edited_question_takes_nothing_from_the_old_one(tiny_ascii: Path) -> None:
    quotation = "It was the best of mice, it was the worst of mice, it was the age of naps. " * 3
    sampling = replace(GREEDY, max_tokens=32)
    with Harness(config_for(tiny_ascii)) as engine:
        right = engine.ask(SYSTEM, user(f"B: {quotation}"), sampling=sampling, conversation="other")
        engine.ask(SYSTEM, user(f"A and more: {quotation}"), sampling=sampling)
        edited = engine.ask(SYSTEM, user(f"B: {quotation}"), sampling=sampling)

    assert edited.stats.prompt_tokens - edited.stats.reused_tokens > len(quotation)
    assert engine.text(edited.request_id) == engine.text(right.request_id)


def test_another_conversation_takes_nothing_from_this_one(tiny_ascii: Path) -> None:
    history = (user("Tell me a story."), assistant("Once upon a time there was a cat that slept all day long."))
    sampling = replace(GREEDY, max_tokens=32)
    with Harness(config_for(tiny_ascii)) as engine:
        engine.ask(
            user("Something else first, please."), assistant("Gladly."), *history, user("More"), sampling=sampling
        )
        other = engine.ask(*history, user("More"), sampling=sampling, conversation="d")
        alone = Harness(config_for(tiny_ascii))
        with alone:
            right = alone.ask(*history, user("More"), sampling=sampling)

    assert other.stats.reused_tokens < 30
    assert engine.text(other.request_id) == alone.text(right.request_id)


class Turn:
    """What one turn of a long conversation took, in tokens."""

    def __init__(self, end: Finished, new: int, cut: bool) -> None:
        self.prompt = end.stats.prompt_tokens
        self.unread = end.stats.prompt_tokens - end.stats.reused_tokens
        self.new = new
        self.cut = cut


@pytest.fixture(scope="module")
def tiny_ascii(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("ascii") / "tiny.gguf", ascii_only=True)


# The answer's last token, the end of its turn, the beginning of the next. It is not read ahead where turns must be cut:
# how many depends on the question.
CLOSING = 1 + 2 + len("\nuser\n")


def long_talk(path: Path, turns: int, n_ctx: int, states: Path | None = None) -> Iterator[Turn]:
    """Asks one question after the other; with ``states`` a new program answers each.

    ``new`` is what a turn cannot find in the cache: the question, the end of its turn and the header of the answer.
    What closes the answer before and opens the question was read when that answer had ended.
    """
    config = replace(config_for(path, n_ctx=n_ctx), snapshots_dir=states)
    messages = [SYSTEM]
    cut = 0
    engine = Harness(config)
    engine.worker.start()
    try:
        for number in range(turns):
            question = f"Question {number}: what does a cat think about the number {number * number}?"
            messages.append(user(question))
            end = engine.ask(*messages, sampling=replace(GREEDY, max_tokens=40), cut=cut)
            trimmed = [event.cut for event in engine.of(Trimmed) if event.request_id == end.request_id]
            cut = trimmed[-1] if trimmed else cut
            messages.append(assistant(engine.text(end.request_id)))
            controls = 2  # the end of a turn, the beginning of one; all other tokens are single bytes
            framed = f"{question}\nassistant\n"
            engine.rest()
            yield Turn(end, controls + len(framed) + (CLOSING if trimmed else 0), bool(trimmed))
            if states:
                assert engine.worker.stop()
                engine = Harness(config)
                engine.worker.start()
    finally:
        assert engine.worker.stop()
    assert len(engine.of(Token)) >= (0 if states else turns)
