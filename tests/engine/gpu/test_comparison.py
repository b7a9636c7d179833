"""How far two ways to compute the same are from each other."""

from __future__ import annotations

import math

import pytest

from desktop.engine.gpu.comparison import agreement, divergence, limit_for


def test_the_same_logits_and_logits_moved_by_a_constant_are_no_distance_apart() -> None:
    logits = [1.0, -2.0, 0.5, 3.0]
    assert divergence(logits, logits) == pytest.approx(0.0, abs=1e-12)
    assert divergence(logits, [each + 7.5 for each in logits]) == pytest.approx(0.0, abs=1e-12)


def test_the_distance_is_that_of_the_probabilities() -> None:
    # 0.8 and 0.2 against a half each: 0.8 ln 1.6 + 0.2 ln 0.4
    expected = 0.8 * math.log(1.6) + 0.2 * math.log(0.4)
    assert divergence([math.log(0.8), math.log(0.2)], [0.0, 0.0]) == pytest.approx(expected)


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_infinitely_far_off(broken: float) -> None:
    assert divergence([1.0, 2.0], [1.0, broken]) == math.inf
    found = agreement([[1.0, 2.0], [1.0, 2.0]], [[1.0, 2.0], [broken, 2.0]])
    assert found.mean == found.worst == math.inf


def test_places_are_looked_at_together_and_the_worst_is_said() -> None:
    found = agreement([[3.0, 0.0], [3.0, 0.0]], [[3.0, 0.0], [0.0, 3.0]])
    assert found.same_best == 0.5
    assert found.worst == pytest.approx(2 * found.mean)


@pytest.mark.parametrize(
    ("rounding", "limit"),
    [(0.0, 0.002), (0.0001, 0.002), (0.0032, 0.0128), (1.0, 0.05)],
)
def test_the_limit_follows_what_the_model_makes_of_rounding_within_bounds(rounding: float, limit: float) -> None:
    assert limit_for(rounding) == pytest.approx(limit)


def test_the_limit_lets_rounding_pass_and_not_a_tensor_that_is_wrong() -> None:
    """With the figures that were measured, see docs/adr/028-gpu.md."""
    limit = limit_for(0.0032)
    assert 0.0059 < limit < 0.0153
