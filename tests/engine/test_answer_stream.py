"""The tokens of a fast model are sent a few at a time, and none is lost or counted twice."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.engine.answer_stream import TokenPosts
from desktop.engine.types import EngineEvent, Token

PIECES = st.lists(st.tuples(st.text(max_size=3), st.booleans(), st.integers(1, 3), st.sampled_from((0.0, 0.016, 0.3))))


class _Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    clock = _Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def _said(events: list[EngineEvent]) -> list[tuple[str, bool, int]]:
    return [(event.text, event.thinking, event.tokens) for event in events if isinstance(event, Token)]


def test_the_first_word_goes_out_at_once(clock: _Clock) -> None:
    sent: list[EngineEvent] = []
    posts = TokenPosts(7, sent.append)
    posts.count()
    posts.add("Cats", thinking=False)
    assert sent == [Token(7, "Cats", False, 1)]


def test_what_comes_soon_after_goes_out_together(clock: _Clock) -> None:
    sent: list[EngineEvent] = []
    posts = TokenPosts(7, sent.append)
    for word in ("Cats", " sleep", " most", " of", " the", " day"):
        posts.count()
        posts.add(word, thinking=False)
        clock.now += 0.02
    assert _said(sent) == [("Cats", False, 1), (" sleep most of", False, 3)]
    posts.flush()
    assert _said(sent)[-1] == (" the day", False, 2)


def test_of_a_very_fast_model_not_more_than_a_few_go_out_together(clock: _Clock) -> None:
    sent: list[EngineEvent] = []
    posts = TokenPosts(7, sent.append)
    for word in "abcdefgh":
        posts.count()
        posts.add(word, thinking=False)
    assert _said(sent) == [("a", False, 1), ("bcde", False, 4)]


def test_a_slow_model_is_heard_token_by_token(clock: _Clock) -> None:
    sent: list[EngineEvent] = []
    posts = TokenPosts(7, sent.append)
    for word in ("Cats", " sleep", " much"):
        posts.count()
        posts.add(word, thinking=False)
        clock.now += 0.1
    assert _said(sent) == [("Cats", False, 1), (" sleep", False, 1), (" much", False, 1)]


@given(pieces=PIECES)
def test_nothing_is_lost_mixed_or_counted_twice(pieces: list[tuple[str, bool, int, float]]) -> None:
    clock, sent = _Clock(), list[EngineEvent]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", clock)
        posts = TokenPosts(1, sent.append)
        for text, thinking, tokens, seconds in pieces:
            for _ in range(tokens):
                posts.count()
            posts.add(text, thinking=thinking)
            clock.now += seconds
        posts.flush()
    for kind in (False, True):
        assert "".join(text for text, thinking, _ in _said(sent) if thinking is kind) == "".join(
            text for text, thinking, _, _ in pieces if thinking is kind
        )
    assert sum(tokens for _, _, tokens in _said(sent)) == sum(tokens for _, _, tokens, _ in pieces)
    order = [thinking for _, thinking, _, _ in pieces]
    heard = [thinking for _, thinking, _ in _said(sent)]
    assert [one for at, one in enumerate(heard) if not at or heard[at - 1] is not one] == [
        one for at, one in enumerate(order) if not at or order[at - 1] is not one
    ]
