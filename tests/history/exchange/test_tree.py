"""The order of messages in trees that programs wrote, and in those that nobody would write."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.history.exchange.tree import in_order, in_view

KEYS = st.sampled_from("abcdefgh")


def test_a_parent_comes_before_its_children_and_these_in_their_order() -> None:
    parents = {"c": "a", "b": "a", "a": None, "d": "b"}
    assert in_order(parents, {"a": ["b", "c"]}) == [("a", None), ("b", "a"), ("d", "b"), ("c", "a")]


def test_a_missing_parent_makes_a_beginning() -> None:
    assert in_order({"a": "gone", "b": "a"}, {}) == [("a", None), ("b", "a")]


def test_who_names_no_parent_belongs_to_who_names_it() -> None:
    assert in_order({"a": None, "b": None}, {"a": ["b"]}) == [("a", None), ("b", "a")]


def test_a_circle_is_opened() -> None:
    assert in_order({"a": "c", "b": "a", "c": "b"}, {}) == [("a", None), ("b", "a"), ("c", "b")]


def test_a_chain_of_100_000_is_no_deeper_than_one_of_two() -> None:
    parents = {str(number): str(number - 1) if number else None for number in range(100_000)}
    assert len(in_order(parents, {})) == 100_000


@given(st.dictionaries(KEYS, st.none() | KEYS), st.dictionaries(KEYS, st.lists(KEYS)))
def test_any_tree_keeps_every_message_once_behind_its_parent(
    parents: dict[str, str | None], children: dict[str, list[str]]
) -> None:
    order = in_order(parents, children)
    assert sorted(key for key, _ in order) == sorted(parents)
    seen: set[str | None] = {None}
    for key, parent in order:
        assert parent in seen
        seen.add(key)


def test_the_path_to_the_current_message_is_in_view_and_elsewhere_the_last_version() -> None:
    order = [("q", None), ("a1", "q"), ("b1", "a1"), ("b2", "a1"), ("a2", "q")]
    assert in_view(order, "b1") == {"q", "a1", "b1"}
    assert in_view(order, None) == {"q", "a2", "b2"}
    assert in_view(order, "gone") == {"q", "a2", "b2"}
