from __future__ import annotations

import random

import pytest

from desktop.engine.llama.prefix_reuse import MIN_RUN, Plan, place_after, plan, steps

SYSTEM = [1, 2, 3]
TURNS = [[100 * turn + place for place in range(MIN_RUN + turn)] for turn in range(1, 8)]
NEW = [7, 8, 9]


def joined(*parts: list[int]) -> list[int]:
    return [token for part in parts for token in part]


def apply(kv: list[int], taken: tuple[Plan, ...]) -> list[int]:
    """Does what the cache does."""
    held = list(kv)
    for step in taken:
        del held[step.drop_from : step.drop_to]
    return held


def test_a_conversation_that_goes_on_keeps_everything() -> None:
    kv = joined(SYSTEM, *TURNS)
    assert plan(kv, [*kv, *NEW]) == Plan(len(kv), len(kv), len(kv), 0)


def test_the_last_token_of_the_prompt_is_always_read() -> None:
    assert plan([1, 2, 3], [1, 2, 3]) == Plan(2, 2, 3, 0)
    assert plan([1, 2, 3], [1, 2]) == Plan(1, 1, 3, 0)
    assert plan([1], []) == Plan(0, 0, 1, 0)
    assert plan([], [1, 2]) == Plan(0, 0, 0, 0)


def test_after_a_cut_the_turns_that_stay_move_up() -> None:
    kv = joined(SYSTEM, *TURNS)
    prompt = joined(SYSTEM, *TURNS[3:], NEW)
    dropped = sum(len(turn) for turn in TURNS[:3])

    assert plan(kv, prompt) == Plan(3, 3, 3 + dropped, len(joined(*TURNS[3:])))
    taken = steps(kv, prompt)
    assert apply(kv, taken) == prompt[: len(prompt) - len(NEW)]
    assert taken[-1].keep == len(prompt) - len(NEW)


def test_two_gaps_take_two_steps() -> None:
    """Turns were cut, and the last answer began with words that are not part of the conversation."""
    opening = [50, 51, 52, 53]
    kv = joined(SYSTEM, *TURNS[:5], opening, TURNS[5])
    prompt = joined(SYSTEM, *TURNS[2:6], NEW)

    taken = steps(kv, prompt)

    assert [step.moved > 0 for step in taken] == [True, True, False]
    assert apply(kv, taken) == joined(SYSTEM, *TURNS[2:6])


def test_a_match_shorter_than_the_minimum_does_not_move() -> None:
    def moved(run: int) -> int:
        return plan([1, 90, 91, *range(1000, 1000 + run)], [1, *range(1000, 1000 + run), 7]).moved

    assert moved(MIN_RUN - 1) == 0
    assert moved(MIN_RUN) == MIN_RUN


def test_nothing_moves_into_the_last_message() -> None:
    """GIVEN an edited question with a long quotation WHEN it is read THEN nothing of the old one is taken."""
    quotation = list(range(1000, 1200))
    kv = joined(SYSTEM, [40, 41], quotation)
    prompt = joined(SYSTEM, [42], quotation, NEW)

    assert plan(kv, prompt, movable=len(SYSTEM)) == Plan(3, 3, len(kv), 0)
    assert plan(joined(SYSTEM, [40, 41, 42], quotation), prompt, movable=None).moved == 201
    # Where half of the run belongs to the history, only that half moves; what follows it then fits as it stands.
    assert plan(joined(SYSTEM, [40, 41, 42], quotation), prompt, movable=3 + MIN_RUN).moved == MIN_RUN


@pytest.mark.parametrize(
    ("place", "after"), [(0, 0), (9, 9), (10, 10), (29, 10), (30, 10), (31, 11), (50, 30), (89, 30), (90, 30), (99, 39)]
)
def test_a_place_moves_with_the_tokens_behind_it(place: int, after: int) -> None:
    """20 tokens are dropped at 10, then 40 at 30, then the end at 50."""
    assert place_after((Plan(10, 10, 30, 20), Plan(30, 30, 70, 20), Plan(50, 50, 60, 0)), place) == after


def test_the_longest_run_wins() -> None:
    short, long = list(range(500, 540)), list(range(500, 580))
    kv = joined(SYSTEM, [60], short, [61], long, [62])

    assert plan(kv, joined(SYSTEM, long, NEW)).drop_to == 3 + 1 + len(short) + 1


def test_a_text_that_repeats_itself_is_no_trap() -> None:
    kv = joined(SYSTEM, [5], [6] * 4000)
    assert steps(kv, joined(SYSTEM, [6] * 3000, NEW))[-1].keep == 3003


@pytest.mark.parametrize("seed", range(200))
def test_whatever_the_tokens_what_is_kept_is_the_beginning_of_the_prompt(seed: int) -> None:
    draw = random.Random(seed)
    pieces = [[draw.randrange(4) for _ in range(draw.randrange(1, 80))] for _ in range(6)]
    kv = joined(*draw.choices(pieces, k=6))
    prompt = joined(*draw.choices(pieces, k=6))
    movable = draw.choice([None, 0, draw.randrange(len(prompt))])

    taken = steps(kv, prompt, movable)
    held = apply(kv, taken)

    assert held == prompt[: len(held)]
    assert len(held) == taken[-1].keep < len(prompt)
    assert all(step.moved >= MIN_RUN and step.drop_to > step.drop_from for step in taken[:-1])
    if movable == 0:
        assert len(taken) == 1
