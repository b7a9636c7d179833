"""How far two ways to compute the same are from each other."""

from __future__ import annotations

import math
import random

import pytest

from desktop.engine.gpu.comparison import ProductDifference, agreement, divergence, largest_difference, limit_for


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


def noisy(values: list[float], share: float, seed: int) -> list[float]:
    """Returns values each of which is off by about a share of their usual size."""
    draw, usual = random.Random(seed), math.sqrt(sum(each * each for each in values) / len(values))
    return [each + draw.gauss(0, share * usual) for each in values]


def test_a_product_that_is_too_large_is_told_from_many_that_are_rounded() -> None:
    draw = random.Random(0)
    expected = {f"ffn_out-{layer}": [draw.gauss(0, 3) for _ in range(512)] for layer in range(210)}
    # each value is off by a tenth, as deep within a model that was rounded in every layer before
    found = {name: noisy(values, 0.1, 1_000 + place) for place, (name, values) in enumerate(expected.items())}
    rounded = largest_difference(expected, found)
    assert not rounded.is_wrong(0.015) and rounded.compared == 210
    found["ffn_out-15"] = [each * 1.1 for each in found["ffn_out-15"]]
    broken = largest_difference(expected, found)
    assert broken.is_wrong(0.9) and broken.name == "ffn_out-15"
    assert broken.times == pytest.approx(1.1, abs=0.03)


@pytest.mark.parametrize("broken", [[math.nan, 2.0], [1.0, math.inf], [1.0]])
def test_a_product_that_is_no_number_or_of_another_length_is_wrong(broken: list[float]) -> None:
    found = largest_difference({"a": [1.0, 2.0], "b": [1.0, 2.0]}, {"a": [1.0, 2.0], "b": broken})
    assert found.is_wrong(0.9) and found.name == "b"


def test_what_only_one_of_both_has_is_passed_over() -> None:
    found = largest_difference({"a": [1.0], "node_3": [1.0]}, {"a": [1.0], "node_4": [5.0]})
    assert not found.is_wrong(0.0) and found.compared == 1
    assert not largest_difference({}, {}).is_wrong(0.0)
    assert not largest_difference({"a": [0.0, 0.0]}, {"a": [0.0, 0.0]}).is_wrong(0.0)
    assert largest_difference({"a": [0.0, 0.0]}, {"a": [0.0, 0.1]}).is_wrong(0.9)


@pytest.mark.parametrize(
    ("times", "rounding", "wrong"),
    [(1.02, 0.0, False), (1.04, 0.0, True), (0.95, 0.015, False), (1.07, 0.015, True), (1.09, 1.0, True)],
)
def test_how_large_a_product_may_be_depends_on_the_model_within_bounds(
    times: float, rounding: float, wrong: bool
) -> None:
    assert ProductDifference("a", times, 1).is_wrong(rounding) is wrong
