"""The table of ``make bench``: verdicts and their limits. The measuring itself is not tested here, nothing is timed."""

from __future__ import annotations

import pytest

from tests.bench.prompts import words
from tests.bench.results import Figure, table
from tests.bench.shapes import SHAPES


@pytest.mark.parametrize(
    ("figure", "verdict", "budget"),
    [
        (Figure("memory", 95.0, "MB", at_most=95), "ok", "<= 95"),
        (Figure("memory", 95.1, "MB", at_most=95), "OVER", "<= 95"),
        (Figure("ratio", 0.95, "", at_least=0.95), "ok", ">= 0.95"),
        (Figure("ratio", 0.949, "", at_least=0.95), "UNDER", ">= 0.95"),
        (Figure("speed", 40.0, "tokens/s"), "", ""),
        (Figure("start", None, "s", at_most=0.8, note="no display"), "not measured", "<= 0.8"),
    ],
)
def test_verdict(figure: Figure, verdict: str, budget: str) -> None:
    assert (figure.verdict, figure.budget) == (verdict, budget)
    assert figure.record()["verdict"] == verdict


def test_table_says_what_is_over_and_what_was_not_measured() -> None:
    text = table([Figure("RSS", 123.4, "MB", at_most=95, note="hidden"), Figure("start", None, "s", note="no display")])

    head, first, second = text.splitlines()
    assert head.split() == ["measured", "budget"]
    assert first.split() == ["RSS", "123", "MB", "<=", "95", "OVER", "hidden"]
    assert second.split() == ["start", "-", "not", "measured", "no", "display"]


def test_prompts_have_their_length_and_differ() -> None:
    assert len(words(400, seed=1).split()) == 400
    assert words(400, seed=1) != words(400, seed=2)
    assert words(400, seed=1) == words(400, seed=1)


def test_heads_of_the_shapes_divide_their_width() -> None:
    for shape in SHAPES:
        assert shape.embedding % shape.heads == 0
        assert shape.heads % shape.kv_heads == 0
