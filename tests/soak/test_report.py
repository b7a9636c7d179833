"""The soak's table: what grows is said, and what does not is not."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.soak.__main__ import Played, judge
from tests.soak.report import Row, rows, table, warm_up

_ROUNDS = 300
_BUDGET = 1000
_STEADY = {
    "seconds": 1.0, "app_rss": 130e6, "app_anonymous": 70e6, "engine_rss": 44e6, "engine_anonymous": 25e6,
    "engine_handles": 6, "engine_threads": 3, "handles": 22, "threads": 5, "widgets": 1100, "objects": 7000,
    "temporary": 0, "states": 900, "database": 140e3, "copies": 45e3,
}  # fmt: skip


def _samples(**by_round: Callable[[int], float]) -> list[dict[str, Any]]:
    """Returns rounds of which some figures follow a rule, with noise of 200 kB in all memory."""
    rng = random.Random(1)
    found = []
    for number in range(_ROUNDS):
        sample = {"round": number, **_STEADY, **{name: rule(number) for name, rule in by_round.items()}}
        for name in ("app_rss", "app_anonymous", "engine_rss", "engine_anonymous"):
            sample[name] += rng.uniform(-1e5, 1e5)
        found.append(sample)
    return found


def _over(found: list[Row]) -> list[str]:
    return [row.name for row in found if row.is_over]


def test_what_is_the_same_each_round_is_well() -> None:
    assert _over(rows(_samples(), [], _BUDGET)) == []


def test_six_kilobytes_a_round_are_too_many_and_four_are_not() -> None:
    assert _over(rows(_samples(app_rss=lambda n: 130e6 + 6e3 * n), [], _BUDGET)) == ["app, RSS"]
    assert _over(rows(_samples(engine_rss=lambda n: 44e6 + 4e3 * n), [], _BUDGET)) == []


def test_what_grows_in_the_warm_up_alone_is_no_leak() -> None:
    grown = rows(_samples(app_rss=lambda n: 119e6 + 11e6 * min(n, warm_up(_ROUNDS)) / warm_up(_ROUNDS)), [], _BUDGET)
    assert _over(grown) == []
    assert grown[0].whole > 5000
    assert grown[0].late - grown[0].early > 5e6


def test_rounds_that_took_more_for_a_moment_are_no_growth() -> None:
    found = rows(_samples(app_rss=lambda n: 130e6 + (20e6 if n > 250 and n % 7 == 0 else 0)), [], _BUDGET)
    assert _over(found) == []
    assert found[0].after > 5000  # least squares would have cried


@pytest.mark.parametrize("name", ["handles", "threads", "widgets", "temporary"])
def test_one_more_at_the_end_than_after_the_first_round_is_said(name: str) -> None:
    words = {"handles": "descriptors", "temporary": "temporary files"}.get(name, name)
    more = {name: lambda n: _STEADY[name] + (n == _ROUNDS - 1)}
    assert _over(rows(_samples(**more), [], _BUDGET)) == [words]


def test_states_beyond_their_budget_are_said_even_if_they_are_gone_again() -> None:
    assert _over(rows(_samples(states=lambda n: 1001 if n == 7 else 0), [], _BUDGET)) == ["states of conversations"]


def test_an_engine_that_lives_on_and_grows_is_said() -> None:
    stay = [{"rss": 44e6 + 9e3 * n, "anonymous": 25e6, "handles": 6, "threads": 3} for n in range(200)]
    assert _over(rows(_samples(), stay, _BUDGET)) == ["engine that lives on, RSS"]


def test_of_a_few_rounds_only_what_is_counted_is_judged() -> None:
    few = _samples(app_rss=lambda n: 130e6 + 1e6 * n, widgets=lambda n: 1100 + n)[:199]
    assert _over(rows(few, [], _BUDGET)) == ["widgets"]


def test_the_table_and_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert judge(Played(_samples(), [], []), None) == 0
    assert judge(Played(_samples(database=lambda n: 1e5 + 3e3 * n), [], []), None) == 1
    said = capsys.readouterr().out
    assert "GROWS" in said
    assert "300 rounds, the first 100 of them warm-up" in said
    assert judge(Played(_samples(), [], [], "Traceback"), None) == 1


def test_columns_lie_below_each_other() -> None:
    lines = table(rows(_samples(), [], _BUDGET)).splitlines()
    place = lines[0].index("judged") + len("judged")
    assert lines[2][place - 1].isdigit()
    assert lines[2][place] == " "
