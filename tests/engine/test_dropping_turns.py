"""Which messages are read when a conversation outgrows the context."""

from __future__ import annotations

import pytest

from desktop.common.errors import MessageTooLongError
from desktop.engine.context_budget import KeptTurns, answer_reserve, drop_turns, expected_message


def test_a_conversation_that_fits_is_kept_whole() -> None:
    assert drop_turns(10, [20, 30, 40], cut=0, n_ctx=200, reserve=100) == KeptTurns(cut=0, tokens=100)


def test_one_token_too_many_drops_turns() -> None:
    assert drop_turns(10, [20, 30, 41], cut=0, n_ctx=200, reserve=100) == KeptTurns(cut=2, tokens=51)


def test_turns_are_dropped_in_one_step_to_half_of_the_context() -> None:
    # GIVEN ten turns of 100 tokens and a question of 50 in a context of 1,000
    messages = [50] * 20 + [50]
    # WHEN they are fitted
    result = drop_turns(20, messages, cut=0, n_ctx=1000, reserve=200)
    # THEN at most half is left, and one turn more would have been too much
    assert result == KeptTurns(cut=12, tokens=20 + 9 * 50)
    assert result.tokens <= 500 < result.tokens + 100


def test_the_first_message_kept_is_a_users() -> None:
    for length in range(1, 60, 2):
        result = drop_turns(5, list(range(10, 10 + length)), cut=0, n_ctx=600, reserve=100)
        assert result.cut % 2 == 0
        assert result.cut < length


def test_after_a_cut_the_window_stays_until_it_is_full_again() -> None:
    messages = [50] * 21
    cut = drop_turns(20, messages, cut=0, n_ctx=1000, reserve=200).cut
    cuts = []
    for _ in range(3):
        messages += [50, 50]
        cuts.append(drop_turns(20, messages, cut=cut, n_ctx=1000, reserve=200).cut)
    assert cuts == [cut, cut, cut]
    # the fourth turn more is one too many: the next large step
    messages += [50, 50]
    assert drop_turns(20, messages, cut=cut, n_ctx=1000, reserve=200).cut == cut + 8


def test_what_is_dropped_is_the_same_for_every_message_up_to_the_expected_length() -> None:
    expected = expected_message(1000)
    assert expected == 62

    def cut(history: list[int], question: int) -> int:
        return drop_turns(20, [*history, question], cut=0, n_ctx=1000, reserve=200, expected=expected).cut

    for turns in range(40):
        for length in (7, 25, 60, 130):
            history = [length] * 2 * turns
            assert len({cut(history, question) for question in range(1, expected + 1)}) == 1
    # A longer one drops more, if it must
    assert cut([50] * 14, 1) == cut([50] * 14, 62) == 0
    assert cut([50] * 14, 200) > 0


def test_dropped_messages_never_come_back() -> None:
    assert drop_turns(0, [10] * 9, cut=4, n_ctx=1000, reserve=100) == KeptTurns(cut=4, tokens=50)


@pytest.mark.parametrize(("cut", "kept"), [(3, 4), (-1, 0), (99, 8)])
def test_an_odd_or_outdated_cut_is_brought_to_whole_turns_and_spares_the_last_message(cut: int, kept: int) -> None:
    assert drop_turns(0, [10] * 9, cut=cut, n_ctx=1000, reserve=100).cut == kept


def test_a_long_last_message_stays_alone_even_above_half() -> None:
    assert drop_turns(10, [100, 100, 700], cut=0, n_ctx=1000, reserve=200) == KeptTurns(cut=2, tokens=710)


def test_a_reserve_above_half_lowers_the_target() -> None:
    result = drop_turns(0, [50] * 21, cut=0, n_ctx=1000, reserve=800)
    assert result.tokens <= 200
    assert result == KeptTurns(cut=18, tokens=150)


def test_a_message_that_cannot_fit_is_refused_with_its_length() -> None:
    assert drop_turns(50, [750], cut=0, n_ctx=1000, reserve=200).tokens == 800
    with pytest.raises(MessageTooLongError) as caught:
        drop_turns(50, [10, 10, 751], cut=0, n_ctx=1000, reserve=200)
    assert (caught.value.tokens, caught.value.room) == (801, 800)


def test_a_reserve_larger_than_the_context_names_no_negative_room() -> None:
    with pytest.raises(MessageTooLongError) as caught:
        drop_turns(1, [1], cut=0, n_ctx=100, reserve=200)
    assert caught.value.room == 0


def test_no_messages_is_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one"):
        drop_turns(1, [], cut=0, n_ctx=100, reserve=10)


@pytest.mark.parametrize(
    ("n_ctx", "max_tokens", "reserve"),
    [(256, None, 64), (2048, None, 512), (32768, None, 512), (2048, 40, 40), (2048, 4000, 512), (2048, 0, 1)],
)
def test_the_reserve_follows_the_context_and_the_limit(n_ctx: int, max_tokens: int | None, reserve: int) -> None:
    assert answer_reserve(n_ctx, max_tokens) == reserve
