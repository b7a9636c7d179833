"""A vocabulary is made smaller: what stays, how the rest is written, and that the model still answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.distillation.client import AskedModel
from desktop.engine.distillation.messages import Answer
from desktop.gguf.copying import copy_with, read_values, texts_value
from desktop.gguf.header import read_header
from desktop.student.checking import look
from desktop.student.project import Project
from desktop.student.sequences import read_sequences
from desktop.student.vocabulary import BytePairs, pieces_of, write_smaller
from tests.support.tiny import make_tiny
from tests.support.weights import smollm2

# "th", "he", "the" in two steps, "ж" (two bytes), and a control token.
TOKENS = ("t", "h", "e", "Ð", "¶", "th", "the", "Ð¶", "<|end|>")
PAIRS = BytePairs(TOKENS, (1, 1, 1, 1, 1, 1, 1, 1, 3), (("t", "h"), ("Ð", "¶"), ("th", "e")))


def test_what_must_stay_stays_and_the_rarest_go_first() -> None:
    assert PAIRS.kept((), None) == tuple(range(9))
    assert PAIRS.kept((), 7) == (0, 1, 2, 3, 4, 5, 8), "the first rule is the most frequent"
    assert PAIRS.kept((), 1) == (0, 1, 2, 3, 4, 8), "bytes and control tokens, however few are wanted"
    assert PAIRS.kept(("en",), None) == (0, 1, 2, 3, 4, 5, 6, 8), "Cyrillic goes"
    assert PAIRS.kept(("en", "ru"), None) == tuple(range(9))


def test_what_goes_is_written_by_what_it_is_made_of() -> None:
    small = BytePairs(("t", "h", "e", "Ð", "¶", "th", "<|end|>"), (1, 1, 1, 1, 1, 1, 3), (("t", "h"),))
    assert PAIRS.pieces(small) == [(0,), (1,), (2,), (3,), (4,), (5,), (5, 2), (3, 4), (6,)]


def test_another_kind_of_vocabulary_is_refused(tmp_path: Path, teacher: Path) -> None:
    values = read_values(teacher)
    del values["tokenizer.ggml.merges"]
    copy_with(teacher, tmp_path / "none.gguf", values, {})
    with pytest.raises(UserFacingError, match="cannot be made smaller"):
        write_smaller(tmp_path / "none.gguf", tmp_path / "small.gguf", (), None)


def test_a_model_with_fewer_tokens_thinks_the_same_of_those_that_stay(tmp_path: Path, collected: Project) -> None:
    # GIVEN a teacher that has a token for two letters in a row, which it never says
    whole, small = tmp_path / "whole.gguf", tmp_path / "small.gguf"
    values = read_values(make_tiny(tmp_path / "tiny.gguf", layers=6, ascii_only=True))
    tokens = list(values["tokenizer.ggml.tokens"].texts)
    assert tokens[200:202] != [b"q", b"z"]
    tokens[200] = b"qz"
    values["tokenizer.ggml.tokens"] = texts_value(tokens)
    values["tokenizer.ggml.merges"] = texts_value([b"q z"])
    copy_with(tmp_path / "tiny.gguf", whole, values, {})
    # WHEN that token goes
    assert write_smaller(whole, small, (), 1) == (259, 258)
    assert read_header(small).lengths["tokenizer.ggml.tokens"] == 258
    letters = {bytes(text): token for token, text in enumerate(tokens)}
    pieces = pieces_of(whole, small)
    assert len(pieces[200]) == 2 and pieces[letters[b"q"]] == (letters[b"q"],)
    # THEN its answers are judged as the teacher's own, but for the chance that the lost token had
    answers = list(read_sequences(collected.held_out))
    line = look(small, "small", answers, whole, 256, 1, lambda _done: None)
    assert line.figures.kl.value < 0.05 and line.figures.top1.value == 1.0
    with pytest.raises(UserFacingError, match="already"):
        write_smaller(whole, small, (), 1)


def test_a_real_vocabulary_is_halved_and_the_model_still_reads(tmp_path: Path) -> None:
    small = tmp_path / "small.gguf"
    assert write_smaller(smollm2(), small, ("en",), 24_000) == (49_152, 24_000)
    assert small.stat().st_size < 0.86 * smollm2().stat().st_size
    pieces = pieces_of(smollm2(), small)
    assert all(pieces) and max(map(len, pieces)) < 40
    with AskedModel(small, 128) as model:
        said = model.answer(Answer("What is the capital of France?", 12, 0.0, 1, 8, (1.0,)))
    words = [bytes(text).decode() for text in read_values(small)["tokenizer.ggml.tokens"].texts]
    assert "Paris" in "".join(words[token] for token in said.answer)
