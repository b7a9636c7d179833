"""The conversations of a JSON file one by one, whatever lies between them."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.history.exchange.json_items import DamagedJsonError, JsonItems, Skipped

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def items(text: str | bytes, most: int = 1_000_000) -> list[Any]:
    raw = text if isinstance(text, bytes) else text.encode()
    return list(JsonItems(io.BytesIO(raw).read, "conversations", most))


@given(st.lists(JSON, max_size=5), st.integers(1, 40))
def test_the_items_of_an_array_are_what_json_says(values: list[Any], chunk: int) -> None:
    # GIVEN a file that is read in pieces that end anywhere
    stream = io.BytesIO(json.dumps(values, indent=chunk % 3).encode())
    # WHEN / THEN
    assert list(JsonItems(lambda _size: stream.read(chunk), "conversations")) == values


@given(st.dictionaries(st.text(min_size=1), JSON, max_size=3), st.lists(JSON, max_size=3), st.integers(1, 40))
def test_the_items_of_a_list_in_an_object(head: dict[str, Any], values: list[Any], chunk: int) -> None:
    head.pop("conversations", None)
    stream = io.BytesIO(json.dumps({**head, "conversations": values, "behind": 1}, ensure_ascii=False).encode())
    reader = JsonItems(lambda _size: stream.read(chunk), "conversations")
    assert list(reader) == values
    assert {name: value for name, value in reader.head.items() if name not in ("conversations", "behind")} == {
        name: value for name, value in head.items() if name != "behind"
    }


@given(st.binary(max_size=200) | st.text(alphabet='[]{}",:\\01truefalsnu e', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_damaged(raw: bytes) -> None:
    reader = JsonItems(io.BytesIO(raw).read, "conversations")
    try:
        found = list(reader)
    except DamagedJsonError:
        return
    assert isinstance(found, list)


def test_an_object_without_the_list_is_the_item() -> None:
    assert items('{"mapping": {"a": 1}}') == [{"mapping": {"a": 1}}]


def test_what_is_too_deep_is_left_out_and_the_rest_is_read() -> None:
    # GIVEN 200,000 brackets, opened and closed, between two good items
    deep = "[" * 200_000 + "]" * 200_000
    # WHEN / THEN
    assert items(f'[{{"a": 1}}, {deep}, {{"b": "]\\"["}}]') == [{"a": 1}, Skipped.ITEM, {"b": ']"['}]


def test_brackets_that_never_close_are_damage() -> None:
    with pytest.raises(DamagedJsonError):
        items("[" * 200_000)


def test_what_is_too_large_is_left_out_and_the_rest_is_read() -> None:
    large = json.dumps({"text": 'x"\\' * 400_000})
    assert items(f'[{{"a": 1}}, {large}, {{"b": 2}}]', 500_000) == [{"a": 1}, Skipped.ITEM, {"b": 2}]


def test_a_broken_item_is_left_out_and_the_rest_is_read() -> None:
    assert items('[{"a": 1}, {"b": tru, "c": []}, {"d": 4}]') == [{"a": 1}, Skipped.ITEM, {"d": 4}]


def test_a_file_that_was_cut_off_gives_what_was_whole() -> None:
    reader = JsonItems(io.BytesIO(b'[{"a": 1}, {"b": 2}, {"c": "thr').read, "conversations")
    found = []
    with pytest.raises(DamagedJsonError):
        for item in reader:
            found.append(item)
    assert found == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_the_encodings_that_json_may_have(encoding: str) -> None:
    assert items('[{"a": "猫"}]'.encode(encoding)) == [{"a": "猫"}]


def test_another_encoding_is_damage() -> None:
    with pytest.raises(DamagedJsonError):
        items('[{"a": "猫睡着了。"}]'.encode("gbk"))


def test_numbers_that_no_program_could_read_back_become_harmless() -> None:
    found = items("[[1e999, -1e999, NaN, Infinity, " + "9" * 5000 + ", 1.5]]")
    assert json.loads(json.dumps(found, allow_nan=False)) == [["1e999", "-1e999", None, None, "9" * 5000, 1.5]]


def test_line_feeds_in_texts_are_taken() -> None:
    assert items('["a\nb"]') == ["a\nb"]


def test_an_object_of_a_million_fields_is_refused() -> None:
    with pytest.raises(DamagedJsonError):
        items("{" + ",".join(f'"{number}": 0' for number in range(100_000)) + "}", 100_000)
