"""Any settings file becomes valid settings, and nothing that was in it is lost (hypothesis)."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from desktop.common.errors import UserFacingError
from desktop.settings.options import OPTIONS, Settings
from desktop.settings.store import FileFault, SettingsStore
from desktop.settings.types import Editor, Option, OptionValue
from tests.support.properties import PROPERTY

# Each try waits for the disk, as every change does.
_WRITING = settings(PROPERTY, max_examples=20)
_KEYS = [option.key for option in OPTIONS]
# What other programs and slips of the hand leave behind, halves of surrogate pairs among them.
_TEXT = st.text(max_size=12) | st.sampled_from(["\ud83d", "0", "1e999", "-0", "NaN", "\x00", "\u202e", "https://a"])
_NUMBER = st.integers() | st.floats() | st.sampled_from([10**400, -(10**400), 2**63, -0.0, 1e-320, True, False])
_JSON = st.recursive(
    st.none() | _NUMBER | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)


def _fitting(option: Option) -> st.SearchStrategy[OptionValue]:
    """Returns values that the option may take, and some that are near."""
    if option.choices:
        return st.sampled_from([choice.value for choice in option.choices])
    if isinstance(option.default, bool):
        return st.booleans()
    if isinstance(option.default, int | float):
        least, most = max(option.minimum, -1e6), min(option.maximum, 1e6)
        if isinstance(option.default, int):
            return st.integers(int(least) - 1, int(most) + 1)
        return st.floats(least - 1, most + 1)
    return _TEXT


_VALUES = st.fixed_dictionaries({}, optional={option.key: _fitting(option) | _JSON for option in OPTIONS}).flatmap(
    lambda known: _TEXT.flatmap(lambda name: _JSON.map(lambda value: {name: value, **known}))
)


@contextmanager
def _written(content: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "settings.json"
        file.write_bytes(content)
        yield file


def _assert_valid(settings: Settings) -> None:
    for option in OPTIONS:
        value = getattr(settings, option.key)
        assert type(value) is type(option.default)
        assert option.validate(value) == value
        if isinstance(value, int | float):
            assert math.isfinite(value) and option.minimum <= value <= option.maximum
        if isinstance(value, str):
            value.encode()
        if option.editor is Editor.CHOICE:
            assert value in [choice.value for choice in option.choices]


@PROPERTY
@given(st.binary(max_size=200) | _JSON.map(lambda value: json.dumps(value).encode()))
@example(b'{"version": 1, "values": {"threads": 1, "threads": 2}}')
@example('{"version": 1, "values": {"threads": 2}}'.encode("utf-16"))
@example(b"\xef\xbb\xbf" + b'{"version": 1, "values": {"threads": 2}}')
def test_any_bytes_are_valid_settings_and_are_kept(content: bytes) -> None:
    with _written(content) as file:
        store = SettingsStore(file)
        _assert_valid(store.current)
        # THEN whatever was no settings file lies beside it, and one sentence says where
        problem = store.load_problem
        if problem is not None and problem.fault is FileFault.UNREADABLE:
            assert problem.kept_aside is not None and problem.kept_aside.read_bytes() == content
            assert problem.as_error().title.endswith(".")
            assert SettingsStore(file).load_problem is None


@_WRITING
@given(_VALUES)
def test_any_values_are_valid_settings_and_unknown_ones_stay(values: dict[str, Any]) -> None:
    content = json.dumps({"version": 1, "values": values}).encode()
    expected = {key: value for key, value in json.loads(content)["values"].items() if key not in _KEYS}
    with _written(content) as file:
        store = SettingsStore(file)
        _assert_valid(store.current)
        # THEN what was not taken is named, and only that
        rejected = store.load_problem.keys if store.load_problem is not None else ()
        for option in OPTIONS:
            if option.key in values and option.key not in rejected:
                assert getattr(store.current, option.key) == option.located(values[option.key], file)
        # WHEN something is changed THEN the others survive the next start, and what another version wrote as well
        threads = 3 if store.current.threads != 3 else 4
        store.change(threads=threads)
        again = SettingsStore(file)
        assert asdict(again.current) == {**asdict(store.current), "threads": threads}
        left = [key for key in rejected if key != "threads"]
        assert [*(again.load_problem.keys if again.load_problem is not None else ())] == left
        written = json.loads(file.read_bytes())["values"]
        assert _plain({key: value for key, value in written.items() if key not in _KEYS}) == _plain(expected)


@_WRITING
@given(st.fixed_dictionaries({}, optional={option.key: _fitting(option) for option in OPTIONS}))
def test_what_is_changed_is_read_again(values: dict[str, OptionValue]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "settings.json"
        store = SettingsStore(file)
        try:
            changed = store.change(**values)
        except UserFacingError as problem:
            # THEN nothing of the lot is in force
            assert problem.title.endswith(".")
            assert store.current == Settings() and not file.exists()
            return
        _assert_valid(changed)
        again = SettingsStore(file)
        assert again.current == changed and again.load_problem is None


def _plain(value: object) -> object:
    """Returns what the reader makes of JSON: numbers that no program can count with are none."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
