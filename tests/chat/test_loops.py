"""What becomes of an answer that began to repeat itself."""

from __future__ import annotations

from dataclasses import replace

from desktop.chat.voice import after_loop
from desktop.engine.types import REPEATED_ITSELF, Role, Sampling, Stats
from desktop.history.records import StoredMessage


def test_the_next_try_is_warmer_and_going_on_is_let_go_on() -> None:
    usual = Sampling(temperature=0.7, repeat_penalty=1.1, stop_loops=True)
    again = after_loop(usual, goes_on=False)
    assert again.temperature > usual.temperature and again.repeat_penalty > usual.repeat_penalty and again.stop_loops
    assert after_loop(replace(usual, temperature=0.0), goes_on=False).temperature > 0.5
    assert after_loop(replace(usual, temperature=1.8), goes_on=False).temperature == 1.8
    assert after_loop(usual, goes_on=True) == replace(usual, stop_loops=False)


def test_it_can_go_on_and_is_told_from_one_that_was_too_long() -> None:
    answer = StoredMessage(1, "c", Role.ASSISTANT, "x", 0.0, stats=Stats(at_limit=REPEATED_ITSELF))
    assert answer.repeated and answer.is_cut_off
    assert not replace(answer, stats=Stats(at_limit=1)).repeated
    assert not replace(answer, stats=None).repeated
