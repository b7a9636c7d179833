"""Slopes of known lines."""

from __future__ import annotations

import pytest

from tests.support.slopes import least_squares, theil_sen


@pytest.mark.parametrize("slope", [least_squares, theil_sen])
def test_the_slope_of_a_line_is_its_own(slope: object) -> None:
    assert callable(slope)
    assert slope([3.0, 3.5, 4.0, 4.5]) == pytest.approx(0.5)
    assert slope([5.0, 4.0]) == pytest.approx(-1.0)
    assert slope([7.0] * 9) == 0


def test_what_goes_up_and_down_has_none() -> None:
    assert least_squares([10.0, 12.0, 10.0, 12.0, 10.0]) == pytest.approx(0.0)
    assert theil_sen([10.0, 12.0, 10.0, 12.0, 10.0]) == pytest.approx(0.0)


def test_a_few_that_are_far_off_move_one_of_them_only() -> None:
    # GIVEN a line of slope 2 with two values of twenty that are far above it
    values = [2.0 * number for number in range(20)]
    values[17] = values[18] = 1000.0
    assert theil_sen(values) == pytest.approx(2.0, abs=0.01)
    assert least_squares(values) > 15
