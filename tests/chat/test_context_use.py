"""What a message would take of the context, estimated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop.chat.context_use import ContextUse, estimate, estimate_tokens, history_of, use_elsewhere
from desktop.chat.voice import Voice
from desktop.engine.types import Counted, Role, Sampling, Stats
from desktop.history.records import StoredMessage

ENGLISH = "The cat sleeps on the warm stove until somebody opens the door and lets the winter in. " * 20
CHINESE = "猫在温暖的炉子上睡觉，直到有人打开门，让冬天进来。" * 20


TOLD_NOTHING, TOLD = (Voice(words, Sampling(), None) for words in ("", "Be kind."))


def talk(count: int, text: str = ENGLISH, stats: Stats | None = None) -> tuple[StoredMessage, ...]:
    messages: list[StoredMessage] = []
    for number in range(count):
        messages.append(StoredMessage(2 * number + 1, "a", Role.USER, text, 0.0))
        messages.append(StoredMessage(2 * number + 2, "a", Role.ASSISTANT, text, 0.0, stats=stats))
    return tuple(messages)


def test_characters_make_tokens_in_the_proportion_of_their_writing() -> None:
    assert estimate_tokens("") == 0
    assert estimate_tokens("a") == 1
    assert len(ENGLISH) / 4.6 < estimate_tokens(ENGLISH) < len(ENGLISH) / 3.5
    assert len(CHINESE) / 1.6 < estimate_tokens(CHINESE) < len(CHINESE) / 1.2
    assert estimate_tokens(CHINESE + ENGLISH) == pytest.approx(
        estimate_tokens(CHINESE) + estimate_tokens(ENGLISH), abs=2
    )
    assert estimate_tokens("\ud800" * 10) > 0, "half a pair is some text as well"


def test_an_empty_conversation_takes_next_to_nothing() -> None:
    use = estimate(history_of(TOLD_NOTHING, (), 0), "", 2048)
    assert use.message == use.dropped == 0 and use.history < 20 and not use.is_exact and not use.is_too_long
    assert use.left == 2048 - use.used


def test_the_figures_of_the_last_answer_set_the_scale() -> None:
    stats = Stats(prompt_tokens=700, generated_tokens=300)
    use = estimate(history_of(TOLD, talk(2, stats=stats), 0), "", 4096)
    assert use.history == pytest.approx(1000, rel=0.02)
    # Thoughts were counted, and are not read again.
    *rest, last = talk(2, stats=stats)
    with_thoughts = estimate(history_of(TOLD, (*rest, replace(last, thinking="hm")), 0), "", 4096)
    assert with_thoughts == estimate(history_of(TOLD, talk(2), 0), "", 4096)


def test_a_message_costs_what_it_adds() -> None:
    history = history_of(TOLD_NOTHING, talk(1), 0)
    before, after = estimate(history, "", 8192), estimate(history, ENGLISH, 8192)
    assert after.message == pytest.approx(estimate_tokens(ENGLISH), abs=10)
    assert after.history == before.history and after.used == before.used + after.message
    assert estimate(history, ENGLISH, 8192, scale=2.0).message == pytest.approx(2 * after.message, abs=10)
    assert estimate(history, "  \n ", 8192).message == 0


def test_what_no_longer_fits_is_dropped_from_the_front() -> None:
    history = history_of(TOLD, talk(3), 0)
    use = estimate(history, ENGLISH, 2048)
    assert 0 < use.dropped < 6 and use.dropped % 2 == 0
    assert use.used <= use.room and not use.is_too_long
    # What is cut already is not dropped again.
    cut = history_of(TOLD, talk(3), use.dropped)
    assert estimate(cut, ENGLISH, 2048).dropped == 0


def test_dropped_messages_are_counted_as_they_are_shown() -> None:
    # GIVEN a failed question, which becomes one with the next for the model
    first, *rest = talk(4)
    messages = (StoredMessage(0, "a", Role.USER, "Hm", 0.0), first, *rest)
    use = estimate(history_of(TOLD_NOTHING, messages, 0), ENGLISH, 1024)
    assert use.dropped in (3, 5, 7, 9)


def test_a_message_longer_than_the_context_is_too_long_alone() -> None:
    use = estimate(history_of(TOLD, talk(2), 0), ENGLISH * 10, 2048)
    assert use.is_too_long and use.dropped == 4 and use.left == 0


def test_an_unanswered_question_is_not_read_twice() -> None:
    whole = talk(1)
    asked = (*whole, StoredMessage(9, "a", Role.USER, ENGLISH, 0.0))
    assert history_of(TOLD_NOTHING, asked, 0) == history_of(TOLD_NOTHING, whole, 0)


def test_the_room_leaves_place_for_an_answer() -> None:
    use = ContextUse(2048, 1536, 1500, 40, 0, is_exact=True)
    assert not use.is_too_long and use.left == 508
    assert estimate(history_of(TOLD_NOTHING, (), 0, max_tokens=16), "x", 2048).room == 2032


def test_examples_of_a_persona_take_room_and_are_the_first_to_go() -> None:
    shown = replace(TOLD, examples=(("What is 4 x 6?", ENGLISH), ("Why?", ENGLISH)))
    plain, longer = history_of(TOLD, talk(3), 0), history_of(shown, talk(3), 0)
    assert estimate(longer, "x", 8192).history > estimate(plain, "x", 8192).history + 2 * estimate_tokens(ENGLISH)
    # WHEN the context is full THEN no shown message is dropped before they are
    needed = estimate(plain, "x", 65536).used
    room = estimate(plain, "x", needed * 3)
    assert estimate(longer, "x", room.context).dropped <= room.dropped
    # AND where messages have been dropped before, the examples are not read any more
    cut = history_of(shown, talk(3), 2)
    assert cut.cut == 4 + history_of(TOLD, talk(3), 2).cut
    assert cut.dropped_by(cut.cut) == 0


def test_what_was_counted_for_one_context_is_known_of_another() -> None:
    history = history_of(TOLD, talk(1), 0)
    # GIVEN a message that was counted, with what always stands before it, as too long for a context of 512 tokens
    counted = Counted(1, history=0, message=1536, cut=2, n_ctx=512, reserve=128)
    # THEN it fits where there is room for it, to the token, and takes what it takes
    use = use_elsewhere(history, counted, 2048)
    assert use.room == 1536 == use.used and not use.is_too_long and use.dropped == 2
    wide = use_elsewhere(history, counted, 8192)
    assert wide.message == 1536 - history.system and wide.history == history.system + sum(history.lengths)
    # AND where it is one token too long, that is certain
    one_more = use_elsewhere(history, replace(counted, message=1537), 2048)
    assert one_more.is_surely_too_long and one_more.is_exact and (one_more.message, one_more.dropped) == (1537, 2)


def test_what_fitted_one_context_is_weighed_in_a_smaller_one() -> None:
    history = history_of(TOLD, talk(1), 0)
    counted = Counted(1, history=900, message=1530, cut=0, n_ctx=4096, reserve=512)
    smaller = use_elsewhere(history, counted, 2048)
    assert smaller.is_too_long and not smaller.is_surely_too_long, "what stands before it is a guess"
    assert use_elsewhere(history, counted, 1024).is_surely_too_long
    assert use_elsewhere(history, counted, 8192).message == 1530
