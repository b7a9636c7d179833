"""The models for tests keep their promises on the real engine."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from desktop.engine.types import Failed, FinishReason, Sampling
from desktop.gguf.header import read_header
from tests.support.engine_harness import Harness, assistant, config_for, user
from tests.support.gguf_build import GEMMA, LLAMA3, Control
from tests.support.parrot import LONG_TEXT, PARROT_TEXT, cut_into_pieces, make_parrot
from tests.support.tiny import make_tiny


@pytest.mark.parametrize("text", [PARROT_TEXT, LONG_TEXT])
@pytest.mark.parametrize("seed", range(5))
def test_pieces_give_the_text_and_occur_once(text: str, seed: int) -> None:
    data = text.encode()

    pieces = cut_into_pieces(data, seed)

    assert b"".join(pieces) == data
    assert all(data.count(piece) == 1 for piece in pieces)


def test_characters_are_split_across_tokens() -> None:
    pieces = cut_into_pieces(PARROT_TEXT.encode(), seed=1)

    def is_whole(piece: bytes) -> bool:
        try:
            piece.decode()
        except UnicodeDecodeError:
            return False
        return True

    assert sum(not is_whole(piece) for piece in pieces) >= 4


def test_a_text_that_repeats_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="repeats itself"):
        cut_into_pieces(b"meow " * 20, seed=1)


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(temperature=0.0),
        Sampling(temperature=2.0, top_k=0, top_p=1.0, min_p=0.0, repeat_penalty=1.1, seed=1),
        Sampling(temperature=2.0, top_k=0, top_p=1.0, min_p=0.0, repeat_penalty=1.5, repeat_last_n=4096, seed=7),
    ],
)
@pytest.mark.parametrize("text", [PARROT_TEXT, LONG_TEXT])
def test_parrot_says_its_text_and_ends(tmp_path: Path, text: str, sampling: Sampling) -> None:
    path = make_parrot(tmp_path / "parrot.gguf", text)
    with Harness(config_for(path)) as engine:
        request = engine.send(user("你好, what do you say?"), sampling=sampling)
        engine.end_of(request)
        again = engine.send(user("Once more."), assistant(text), user("Please."), sampling=sampling)
        end = engine.end_of(again)

        assert engine.text(request) == text
        assert engine.text(again) == text
        assert not isinstance(end, Failed)
        assert end.reason is FinishReason.COMPLETE


def test_parrot_finds_its_own_answer_in_the_cache(parrot_model: Path) -> None:
    with Harness(config_for(parrot_model)) as engine:
        first = engine.ask(user("Hello"))
        second = engine.ask(user("Hello"), assistant(PARROT_TEXT), user("More"))

        # Everything read and said before is re-used: prompt, answer and the end of its turn but for what follows it.
        assert second.stats.reused_tokens >= first.stats.prompt_tokens + first.stats.generated_tokens


@pytest.mark.parametrize("control", [LLAMA3, GEMMA])
def test_parrot_speaks_with_other_control_tokens(tmp_path: Path, control: Control) -> None:
    template = "{{ bos_token }}{% for message in messages %}{{ message['content'] }}{% endfor %}:"
    path = make_parrot(tmp_path / "parrot.gguf", control=control, chat_template=template)
    with Harness(config_for(path)) as engine:
        request = engine.send(user("Hello"))
        engine.end_of(request)

        assert engine.text(request) == PARROT_TEXT


def test_endless_parrot_stops_only_at_the_limit(endless_parrot_model: Path) -> None:
    with Harness(config_for(endless_parrot_model)) as engine:
        end = engine.ask(user("Hello"), sampling=Sampling(max_tokens=400))

        assert end.reason is FinishReason.LENGTH
        assert end.stats.generated_tokens == 400


@pytest.mark.parametrize("architecture", ["qwen2", "qwen3", "llama", "lfm2"])
def test_tiny_answers_the_same_each_time_and_never_ends(tmp_path: Path, architecture: str) -> None:
    path = make_tiny(tmp_path / "tiny.gguf", architecture=architecture)
    sampling = Sampling(temperature=1.0, seed=3, max_tokens=64)
    texts = []
    for _ in range(2):
        with Harness(config_for(path)) as engine:
            request = engine.send(user("Hello"), sampling=sampling)
            end = engine.end_of(request)
            assert not isinstance(end, Failed), end.error
            assert end.reason is FinishReason.LENGTH
            texts.append(engine.text(request))

    assert texts[0]
    assert texts[0] == texts[1]


def test_tiny_depends_on_the_prompt_and_the_seed(tmp_path: Path) -> None:
    sampling = Sampling(temperature=0.0, max_tokens=32)
    texts = []
    for seed, question in ((1, "Hello"), (1, "Goodbye"), (2, "Hello")):
        path = make_tiny(tmp_path / f"tiny-{seed}.gguf", seed=seed)
        with Harness(config_for(path)) as engine:
            request = engine.send(user(question), sampling=sampling)
            engine.end_of(request)
            texts.append(engine.text(request))

    assert all(one != other for one, other in pairwise(texts))


def test_files_are_small_and_say_what_they_are(tiny_model: Path, parrot_model: Path, long_parrot_model: Path) -> None:
    assert tiny_model.stat().st_size < 600_000
    assert parrot_model.stat().st_size < 300_000
    assert long_parrot_model.stat().st_size < 300_000
    assert read_header(parrot_model).name == "parrot"
    assert read_header(tiny_model).context_trained == 4096
