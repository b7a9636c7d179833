"""How fast a model will be, from what is known before it is here."""

from __future__ import annotations

import pytest

from desktop.lifecycle.expected_speed import expected_speed

_HALF_A_BILLION = 398_000_000  # Qwen2.5 0.5B at Q4_K_M


@pytest.mark.parametrize(("size", "measured"), [(_HALF_A_BILLION, 46), (986_000_000, 21)])
def test_the_range_reaches_from_an_old_laptop_to_what_was_measured_here(size: int, measured: float) -> None:
    speed = expected_speed(size, 2, ("avx", "avx2"))
    assert speed.most == pytest.approx(measured, rel=0.15)
    assert speed.least < measured / 2


def test_an_older_processor_is_slower() -> None:
    speeds = [
        expected_speed(_HALF_A_BILLION, 2, features).most for features in (("avx", "avx2"), ("avx",), ("sse4_2",))
    ]
    assert speeds[1] == pytest.approx(15, rel=0.15), "measured on the code path of 2011"
    assert speeds[0] > speeds[1] > speeds[2] > 0


def test_where_the_processor_is_not_known_the_range_covers_old_and_new_ones() -> None:
    unknown = expected_speed(_HALF_A_BILLION, 2, ())
    assert unknown.least == expected_speed(_HALF_A_BILLION, 2, ("avx",)).least
    assert unknown.most == expected_speed(_HALF_A_BILLION, 2, ("asimd",)).most


def test_cores_add_up_as_far_as_the_memory_goes() -> None:
    one, two, many, more = (expected_speed(_HALF_A_BILLION, cores, ("avx2",)) for cores in (1, 2, 32, 64))
    assert two.least == 2 * one.least
    assert many == more
