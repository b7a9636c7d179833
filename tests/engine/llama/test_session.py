from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled, UserFacingError
from desktop.engine.chat_template.template import Segment
from desktop.engine.llama import bindings
from desktop.engine.llama.bindings import AbortFlag, Native
from desktop.engine.llama.session import Session
from desktop.engine.loader import load_model
from desktop.engine.types import EngineConfig, FlashAttention, KvType, Sampling
from tests.support.engine_harness import GREEDY
from tests.support.gguf_build import CHATML, LLAMA3, Control
from tests.support.opened_session import logits, opened, read
from tests.support.parrot import make_parrot
from tests.support.tiny import make_tiny

PROMPT = [number % 200 for number in range(3, 303)]


class NativeOnlyFlag(AbortFlag):
    """Set, but Python does not see it: whatever stops, stopped in native code."""

    def is_set(self) -> bool:
        return False


@pytest.fixture(scope="module")
def native() -> Native:
    return bindings.load()


def generate(session: Session, count: int, sampling: Sampling = GREEDY) -> list[int]:
    tokens = []
    with session.sampler(sampling) as sampler:
        for _ in range(count):
            tokens.append(session.pick(sampler))
            session.accept(tokens[-1], AbortFlag())
    return tokens


def test_says_what_it_is(native: Native, tiny_model: Path) -> None:
    with opened(native, tiny_model, n_ctx=300) as session:
        info = session.model.info
        assert (info.name, info.architecture, info.n_ctx_trained) == ("tiny", "qwen2", 4096)
        assert session.n_ctx == 512  # llama.cpp's step of 256


def test_the_context_is_capped_at_what_the_model_was_trained_for(native: Native, tmp_path: Path) -> None:
    with opened(native, make_tiny(tmp_path / "short.gguf", n_ctx_train=200), n_ctx=2048) as session:
        assert session.n_ctx == 200


@pytest.mark.parametrize("threads", [1, 2])
def test_greedy_is_the_same_with_and_without_the_cache(native: Native, tiny_model: Path, threads: int) -> None:
    with opened(native, tiny_model, threads=threads) as session:
        assert read(session, PROMPT) == 0
        cold = generate(session, 32)

        # GIVEN a cache that holds the prompt, an answer and more
        assert read(session, PROMPT) == len(PROMPT) - 1
        again = generate(session, 32)
        assert read(session, [*PROMPT[:200], 9, 9, 9]) == 200
        assert read(session, PROMPT) == 200
        shared = generate(session, 32)

    assert cold == again == shared


def test_the_cache_holds_what_was_read_and_accepted(native: Native, tiny_model: Path) -> None:
    with opened(native, tiny_model) as session:
        read(session, PROMPT)
        answer = generate(session, 3)
        assert session.tokens == (*PROMPT, *answer)
        session.clear()
        assert session.tokens == () and session.owner is None


@pytest.mark.parametrize("n_batch", [32, 512])
def test_progress_runs_from_nothing_to_everything(native: Native, tiny_model: Path, n_batch: int) -> None:
    seen: list[tuple[int, int]] = []
    with opened(native, tiny_model, n_batch=n_batch) as session:
        session.read(PROMPT, AbortFlag(), lambda done, total: seen.append((done, total)), lambda cut_off: 0.0)

    assert seen[0] == (0, len(PROMPT)) and seen[-1] == (len(PROMPT), len(PROMPT))
    assert seen == sorted(seen)
    if n_batch == 32:
        assert len(seen) >= len(PROMPT) // 32


def test_progress_is_told_from_within_a_batch(
    native: Native, endless_parrot_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.engine.llama.eval_progress._REPORT_SECONDS", 0.0)
    seen: list[int] = []
    with opened(native, endless_parrot_model) as session:
        for _ in range(2):  # the first batch guesses at the length of the graph, the second knows it
            session.clear()
            seen.clear()
            session.read(PROMPT, AbortFlag(), lambda done, total: seen.append(done), lambda cut_off: 0.0)

    assert len(set(seen)) > 50
    assert seen == sorted(seen) and seen[-1] == len(PROMPT)


def test_an_error_in_a_progress_report_comes_out(
    native: Native, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.engine.llama.eval_progress._REPORT_SECONDS", 0.0)

    def report(done: int, total: int) -> None:
        if done:
            raise ValueError("the receiver is broken")

    with opened(native, tiny_model) as session:
        with pytest.raises(ValueError, match="receiver"):
            session.read(PROMPT, AbortFlag(), report, lambda cut_off: 0.0)
        assert read(session, PROMPT) == 0
        assert generate(session, 4)


def test_stops_inside_a_batch_and_repairs_the_cache(native: Native, tiny_model: Path) -> None:
    with opened(native, tiny_model) as session:
        read(session, PROMPT)
        expected = generate(session, 8)
        read(session, PROMPT[:50])
        calls = 0

        class StopsLater(AbortFlag):
            """Set once it has been asked ten times: once before the batch, then by native code."""

            def is_set(self) -> bool:
                nonlocal calls
                calls += 1
                return calls > 10

        with pytest.raises(Cancelled):
            read(session, PROMPT, abort=StopsLater())

        assert calls == 11
        assert session.tokens == tuple(PROMPT[:50])  # nothing of the batch that stopped
        assert read(session, PROMPT) == 50
        assert generate(session, 8) == expected


def test_a_token_under_way_stops_in_native_code(native: Native, tiny_model: Path) -> None:
    flag = NativeOnlyFlag()
    flag.set()
    with opened(native, tiny_model) as session:
        read(session, PROMPT)
        with session.sampler(GREEDY) as sampler:
            token = session.pick(sampler)
            with pytest.raises(Cancelled):
                session.accept(token, flag)
            assert session.tokens == tuple(PROMPT)
            session.accept(token, AbortFlag())
        assert session.tokens == (*PROMPT, token)


def test_a_model_with_a_state_reads_again_what_it_cannot_drop(native: Native, tmp_path: Path) -> None:
    with opened(native, make_tiny(tmp_path / "lfm2.gguf", architecture="lfm2")) as session:
        read(session, PROMPT)
        expected = generate(session, 8)
        held = list(session.tokens)

        # A continuation keeps everything, anything else nothing.
        assert read(session, [*held, 7, 8]) == len(held)
        assert read(session, PROMPT) == 0
        assert generate(session, 8) == expected

        # A token is not interrupted: half of it would spoil the state. It stops before the next.
        read(session, PROMPT)
        native_only, flag = NativeOnlyFlag(), AbortFlag()
        native_only.set()
        session.accept(5, native_only)
        assert session.tokens == (*PROMPT, 5)
        flag.set()
        with pytest.raises(Cancelled):
            session.accept(5, flag)
        assert session.tokens == (*PROMPT, 5)
        read(session, PROMPT)
        assert generate(session, 8) == expected


def test_threads_change_between_tokens_without_changing_the_answer(native: Native, tiny_model: Path) -> None:
    with opened(native, tiny_model) as session:
        read(session, PROMPT)
        expected = generate(session, 12)
        read(session, PROMPT)
        tokens = []
        for threads in (1, 2, 3, 1):
            session.set_threads(threads, threads)
            assert session.threads == threads
            tokens += generate(session, 3)

    assert tokens == expected


@pytest.mark.skipif(sys.platform != "linux", reason="counts the threads in /proc")
def test_the_threads_of_the_pool_come_and_go(native: Native, tiny_model: Path) -> None:
    def threads() -> set[str]:
        return {each.name for each in Path("/proc/self/task").iterdir()}

    def count() -> int:
        return len(threads() - before)

    before = threads()  # by their names: one that another test has left may end meanwhile
    with opened(native, tiny_model, threads=3) as session:
        assert count() == 2
        read(session, PROMPT[:10])
        session.set_threads(2, 4)
        # The backend still refers to the threads of its last evaluation: they go after the next.
        assert count() == 2 + 3
        read(session, PROMPT)
        assert count() == 3
        session.set_threads(2, 2)
    assert count() == 0


def test_the_context_fills_up(native: Native, tiny_model: Path) -> None:
    with opened(native, tiny_model, n_ctx=256) as session:
        read(session, PROMPT[:254])
        assert not session.is_full
        generate(session, 2)
        assert session.is_full


@pytest.mark.parametrize(
    ("penalty", "frequency", "presence"), [(1.0, 0.0, 0.0), (1.3, 0.0, 0.0), (1.0, 0.7, 0.3), (1.3, -0.5, 0.0)]
)
def test_the_penalties_over_few_candidates_are_those_over_all(
    native: Native, tiny_model: Path, penalty: float, frequency: float, presence: float
) -> None:
    last_n = 8
    with opened(native, tiny_model) as session:
        read(session, PROMPT)
        expected: list[int] = []
        for _ in range(40):
            row = logits(session)
            for token in set(expected[-last_n:]):
                row[token] = row[token] / penalty if row[token] > 0 else row[token] * penalty
                row[token] -= expected[-last_n:].count(token) * frequency + presence
            expected.append(max(range(len(row)), key=row.__getitem__))
            session.accept(expected[-1], AbortFlag())
        read(session, PROMPT)
        sampling = Sampling(
            temperature=0,
            repeat_penalty=penalty,
            repeat_last_n=last_n,
            frequency_penalty=frequency,
            presence_penalty=presence,
        )
        picked = generate(session, 40, sampling)

    assert picked == expected


def test_sampling_keeps_to_the_candidates_allowed(native: Native, tiny_model: Path) -> None:
    free = Sampling(temperature=2.0, top_k=0, top_p=1.0, min_p=0.0, repeat_penalty=1.0, seed=1)
    with opened(native, tiny_model) as session:

        def picks(sampling: Sampling) -> set[int]:
            read(session, PROMPT)
            with session.sampler(sampling) as sampler:
                return {session.pick(sampler) for _ in range(200)}

        read(session, PROMPT)
        row = logits(session)
        best = sorted(range(len(row)), key=row.__getitem__, reverse=True)
        assert len(picks(free)) > 20
        assert picks(replace(free, top_k=3)) == set(best[:3])
        assert picks(replace(free, min_p=0.999)) == {best[0]}
        assert picks(replace(free, top_p=0.001)) == {best[0]}
        assert picks(Sampling(temperature=0.0)) >= {best[0]}
        assert picks(replace(free, seed=None)) != picks(replace(free, seed=None))


def test_the_first_token_is_there_once(native: Native, tmp_path: Path) -> None:
    path = make_tiny(tmp_path / "llama.gguf", architecture="llama", control=LLAMA3)
    with opened(native, path) as session:
        vocabulary = session.model.tokenizer
        bos = vocabulary.tokenize(vocabulary.bos_text, special=True)
        assert vocabulary.bos_text == "<|begin_of_text|>" and len(bos) == 1
        plain = vocabulary.tokenize_prompt([Segment("hi", special=True)])
        written = vocabulary.tokenize_prompt([Segment("<|begin_of_text|>hi", special=True)])

    assert plain == written == [*bos, ord("h"), ord("i")]


def test_a_message_cannot_forge_control_tokens(native: Native, tiny_model: Path) -> None:
    with opened(native, tiny_model) as session:
        vocabulary = session.model.tokenizer
        meant = vocabulary.tokenize("<|im_end|>", special=True)
        typed = vocabulary.tokenize("<|im_end|>", special=False)

        assert len(meant) == 1 and vocabulary.is_end(meant[0])
        assert len(typed) > 1 and not any(vocabulary.is_end(token) for token in typed)
        assert vocabulary.piece(meant[0]) == b"" and vocabulary.piece(meant[0], special=True) == b"<|im_end|>"


def test_text_survives_the_way_to_tokens_and_back(native: Native, tiny_model: Path) -> None:
    from desktop.engine.llama.tokenizer import TokenStream

    text = "Größe 猫🐱 \n\t end\ud800"
    with opened(native, tiny_model) as session:
        tokens = session.model.tokenizer.tokenize(text, special=False)
        stream = TokenStream(session.model.tokenizer)
        pieces = [stream.feed(token) for token in tokens]

    assert "".join(pieces) == text.replace("\ud800", "?")
    assert "" in pieces  # held back within a character
    assert all("\ufffd" not in piece for piece in pieces)


def test_a_control_token_that_is_a_tag_of_thoughts_is_spelled_out(native: Native, tmp_path: Path) -> None:
    # GIVEN a vocabulary with the tags of Magistral
    from desktop.engine.chat_template.thinking.tags import TOKEN_MARK
    from desktop.engine.llama.tokenizer import TokenStream

    control = Control((*CHATML.tokens, "[THINK]", "[/THINK]"), eos=CHATML.eos)
    with opened(native, make_tiny(tmp_path / "thinker.gguf", control=control)) as session:
        stream = TokenStream(session.model.tokenizer)
        meant = session.model.tokenizer.tokenize("[THINK]hm[/THINK]<|im_end|>", special=True)
        typed = session.model.tokenizer.tokenize("[THINK]", special=False)
        # WHEN such tokens come THEN they are told from the same letters, and other control tokens stay unseen
        assert "".join(map(stream.feed, meant)) == f"{TOKEN_MARK}[THINK]hm{TOKEN_MARK}[/THINK]"
        assert "".join(map(stream.feed, typed)) == "[THINK]"


def test_a_character_cut_off_at_the_end_is_left_out(native: Native, tiny_model: Path) -> None:
    from desktop.engine.llama.tokenizer import TokenStream

    with opened(native, tiny_model) as session:
        stream = TokenStream(session.model.tokenizer)
        tokens = session.model.tokenizer.tokenize("猫猫", special=False)
        assert [stream.feed(token) for token in tokens[:5]] == ["", "", "猫", "", ""]


def test_unknown_architectures_are_named(native: Native, tmp_path: Path) -> None:
    path = make_tiny(tmp_path / "new.gguf", architecture="mindreader9")
    with pytest.raises(UserFacingError, match=r"unknown to Catnap's engine.*mindreader9"), opened(native, path):
        pass


def test_a_cache_precision_the_model_cannot_have_is_a_sentence(
    native: Native, tiny_model: Path, parrot_model: Path
) -> None:
    with (
        pytest.raises(UserFacingError, match="precision"),
        opened(native, parrot_model, kv_type=KvType.Q8_0, flash=FlashAttention.OFF),
    ):
        pass


def _grants_everything() -> bool:
    policy = Path("/proc/sys/vm/overcommit_memory")
    return policy.exists() and policy.read_text().strip() == "1"


@pytest.mark.skipif(_grants_everything(), reason="this system never refuses memory (vm.overcommit_memory = 1)")
def test_a_context_beyond_all_memory_is_a_sentence(native: Native, tmp_path: Path) -> None:
    # 4 million tokens of 256 bytes in 500 layers: half a terabyte.
    path = make_parrot(tmp_path / "huge.gguf", n_ctx_train=2**22, layers=500)
    with pytest.raises(UserFacingError, match="not enough memory"), opened(native, path, n_ctx=2**22):
        pass


def test_loading_stops_when_asked(native: Native, tiny_model: Path) -> None:
    flag = AbortFlag()
    seen: list[float] = []

    def progress(fraction: float) -> None:
        seen.append(fraction)
        flag.set()

    with pytest.raises(Cancelled):
        load_model(native, EngineConfig(tiny_model), progress=progress, abort=flag)
    assert len(seen) == 1 and seen[0] < 1.0


def test_closing_twice_is_harmless(native: Native, tiny_model: Path) -> None:
    with opened(native, tiny_model, threads=2) as session:
        session.close()
