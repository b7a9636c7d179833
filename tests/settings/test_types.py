"""Values become the type of their setting, or are refused with a sentence."""

from __future__ import annotations

import pytest

from desktop.common.errors import UserFacingError
from desktop.settings.options import option_for


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("threads", 2.0, 2),  # JSON written by other tools knows no whole numbers
        ("idle_minutes", 3, 3.0),
        ("theme", "dark", "dark"),
        ("thinking", True, True),
        ("system_prompt", "说中文 🐱", "说中文 🐱"),
    ],
)
def test_values_are_converted_to_the_option_s_type(key: str, value: object, expected: object) -> None:
    converted = option_for(key).validate(value)
    assert (converted, type(converted)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("threads", 2.5),
        ("threads", "2"),
        ("threads", True),  # a bool is an int in Python and nowhere else
        ("idle_minutes", False),
        ("thinking", 1),
        ("theme", "Dark"),
        ("theme", ""),
        ("kv_type", "q5_1"),
        ("model", 7),
    ],
)
def test_lossy_conversions_are_refused(key: str, value: object) -> None:
    with pytest.raises(UserFacingError) as caught:
        option_for(key).validate(value)
    assert option_for(key).label in caught.value.detail


def test_a_refusal_names_what_is_allowed() -> None:
    with pytest.raises(UserFacingError, match="32 - 2048"):
        option_for("n_batch").validate(1)
    with pytest.raises(UserFacingError, match="system, light, dark"):
        option_for("theme").validate("blue")
