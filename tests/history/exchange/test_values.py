"""Values of foreign JSON, taken for what they should be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.common.printable import storable
from desktop.history.exchange.values import (
    as_seconds,
    as_title,
    origin_of,
    pack_aside,
    unpack_aside,
)

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (0, 0.0),
        (1700000000.5, 1700000000.5),
        ("2023-11-14T22:13:20+00:00", 1700000000.0),
        ("2023-11-14T22:13:20Z", 1700000000.0),
        (None, None),
        (True, None),
        (-1, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
        (1e300, None),
        ("yesterday", None),
        ([], None),
    ],
)
def test_times(value: Any, seconds: float | None) -> None:
    assert as_seconds(value) == seconds


@given(ANY)
def test_any_value_is_a_time_or_none(value: Any) -> None:
    seconds = as_seconds(value)
    assert seconds is None or 0 <= seconds < 253_402_300_800


def test_a_title_is_one_line_that_turns_nothing_around() -> None:
    assert as_title(" a\n\tb\x1b[31m\u202ec 👩\u200d👩\u200d👧 ") == "a b [31m c 👩\u200d👩\u200d👧"
    assert len(as_title("x" * 5000)) == 300
    assert as_title(7) == ""


@given(st.text(st.characters()))
def test_what_is_storable_is_utf_8(text: str) -> None:
    storable(text).encode()


@given(st.dictionaries(st.text(max_size=5), ANY, max_size=3))
def test_what_is_kept_aside_comes_back(aside: dict[str, Any]) -> None:
    kept = unpack_aside(pack_aside(aside))
    assert set(kept) <= {storable(name) for name in aside}


def test_of_too_much_aside_the_messages_go_first() -> None:
    aside: dict[str, Any] = {"pinned": True, "messages": {"a": "x" * 9_000_000}}
    assert unpack_aside(pack_aside(aside)) == {"pinned": True}


def test_what_is_too_deep_to_be_written_is_not_kept() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert pack_aside({"deep": deep}) == b""


@given(ANY, ANY)
def test_every_conversation_has_an_origin(identity: Any, value: Any) -> None:
    origin = origin_of("chatgpt", identity, value)
    assert origin.startswith("chatgpt:")
    assert len(origin) <= 300
    assert origin == origin_of("chatgpt", identity, value)
