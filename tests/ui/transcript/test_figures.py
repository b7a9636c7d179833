"""Figures of an answer, in a person's words."""

from __future__ import annotations

import pytest

from desktop.engine.types import Stats
from desktop.ui.transcript.figures import person_words, technical_words


def stats(words_a_second: float, text_words: int, ttft: float = 0.84) -> Stats:
    """Returns the figures of an answer of so many words, which took one token and a half each."""
    tokens = text_words * 3 // 2
    return Stats(
        prompt_tokens=100, reused_tokens=60, read_s=0.5, generated_tokens=tokens,
        generate_s=(tokens - 1) / (words_a_second * tokens / text_words), ttft_s=ttft, threads=2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("speed", "said"),
    [
        (0.3, "about one word in 3 s"),
        (1.1, "about one word a second"),
        (7.4, "about 7 words a second"),
        (19.2, "about 19 words a second"),
        (31.0, "about 30 words a second"),
        (1234.0, "about 1,235 words a second"),
    ],
)
def test_words_a_second(speed: float, said: str) -> None:
    assert person_words(stats(speed, 200), "", "word " * 200) == f"{said} · first word after 0.8 s"


def test_chinese_is_counted_in_characters() -> None:
    assert person_words(stats(30, 400), "", "猫" * 400).startswith("about 30 characters a second")


def test_thoughts_took_their_time_too() -> None:
    assert person_words(stats(30, 400), "word " * 200, "word " * 200).startswith("about 30 words a second")


def test_a_long_answer_is_not_counted_whole() -> None:
    assert person_words(stats(30, 100_000), "", "word " * 100_000).startswith("about 30 words a second")


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert person_words(Stats(), "", "") == ""
    assert person_words(Stats(generated_tokens=1, ttft_s=0.5), "", "Yes") == "first word after 0.5 s"
    assert person_words(Stats(generated_tokens=5, generate_s=2.0), "", "...") == ""


def test_the_exact_ones_are_in_the_tooltip() -> None:
    said = technical_words(stats(30, 200), "Qwen")
    assert said.startswith("Qwen\nAnswer: 300 tokens")
    assert "60 of them found" in said
    assert "tokens/s" in said
