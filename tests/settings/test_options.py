"""The OPTIONS table is sound, and validate() lets nothing through that the program would choke on."""

from __future__ import annotations

import math
from typing import get_type_hints

import pytest

from desktop.common.errors import UserFacingError
from desktop.settings.options import OPTIONS, SYSTEM_OPTIONS, Apply, Editor, Option, Settings, option_for


def test_types_of_table_and_snapshot_agree() -> None:
    hints = get_type_hints(Settings)
    assert {option.key: type(option.default) for option in OPTIONS} == hints


def test_what_the_system_keeps_is_in_no_settings_file() -> None:
    assert not {option.key for option in SYSTEM_OPTIONS} & {option.key for option in OPTIONS}


@pytest.mark.parametrize("option", (*OPTIONS, *SYSTEM_OPTIONS), ids=lambda option: option.key)
class TestEachOption:
    def test_its_default_is_valid(self, option: Option) -> None:
        assert option.validate(option.default) == option.default

    def test_it_is_explained(self, option: Option) -> None:
        assert option.label.strip() == option.label != ""
        assert option.help.endswith("."), "help is a sentence"

    def test_its_editor_fits_its_type(self, option: Option) -> None:
        fitting: dict[Editor, type | tuple[type, ...]] = {
            Editor.CHECK: bool, Editor.NUMBER: (int, float), Editor.CHOICE: str, Editor.LINE: str,
            Editor.TEXT: str, Editor.FOLDER: str, Editor.MODEL: str,
            Editor.PERSONA: str, Editor.SERVED: str,
        }  # fmt: skip
        assert isinstance(option.default, fitting[option.editor])
        assert bool(option.choices) == (option.editor is Editor.CHOICE)

    def test_numbers_have_bounds_and_a_step(self, option: Option) -> None:
        if option.editor is Editor.NUMBER:
            assert math.isfinite(option.minimum)
            assert math.isfinite(option.maximum)
            assert 0 < option.step < option.maximum - option.minimum

    def test_both_ends_are_allowed_and_nothing_beyond(self, option: Option) -> None:
        if option.editor is Editor.NUMBER:
            assert option.validate(option.minimum) == option.minimum
            assert option.validate(option.maximum) == option.maximum
            for beyond in (option.minimum - 1, option.maximum + 1):
                with pytest.raises(UserFacingError):
                    option.validate(beyond)

    @pytest.mark.parametrize("value", [None, [], {}, "\ud800", math.nan, math.inf, -math.inf, 10**400, -(10**400)])
    def test_nonsense_is_refused(self, option: Option, value: object) -> None:
        with pytest.raises(UserFacingError):
            option.validate(value)


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


@pytest.mark.parametrize(("tokens", "allowed"), [(0, True), (1, False), (255, False), (256, True), (32768, True)])
def test_the_context_is_automatic_or_long_enough_for_a_question(tokens: int, allowed: bool) -> None:
    if allowed:
        assert option_for("n_ctx").validate(tokens) == tokens
    else:
        with pytest.raises(UserFacingError, match="at least 256 tokens"):
            option_for("n_ctx").validate(tokens)


@pytest.mark.parametrize(
    "address",
    ["", "https://models.example", "https://models.example:8443/hf", "http://127.0.0.1:8000", "http://[::1]:80/a"],
)
def test_own_host_takes_addresses(address: str) -> None:
    assert option_for("own_host").validate(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "models.example", "ftp://models.example", "https://", "https://models.example/?a=1", "https://models.example#a",
        "http://models.example", "http://127.0.0.1.example", "https://[::1", "https://models.example:port",
        "https://models.example:99999", "https://models .example", "https://models.example/\nX-Header: 1", " https://a.b",
    ],
)  # fmt: skip
def test_own_host_refuses_what_would_not_work_or_not_be_safe(address: str) -> None:
    with pytest.raises(UserFacingError):
        option_for("own_host").validate(address)


def test_what_costs_memory_is_applied_by_a_reload() -> None:
    assert {option.apply for option in OPTIONS if option.costs_memory} == {Apply.RELOAD}


def test_unknown_key_is_a_bug() -> None:
    with pytest.raises(KeyError):
        option_for("colour")


def test_where_models_come_from_matters_for_downloads_and_not_for_answers() -> None:
    for key in ("mirror", "own_host"):
        assert next(option for option in OPTIONS if option.key == key).apply is Apply.NEXT_DOWNLOAD
