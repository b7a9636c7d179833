"""The OPTIONS table is sound, and validate() lets nothing through that the program would choke on."""

from __future__ import annotations

import math
from typing import get_type_hints

import pytest

from desktop.common.errors import UserFacingError
from desktop.settings.options import OPTIONS, SYSTEM_OPTIONS, Settings, option_for
from desktop.settings.types import Apply, Editor, Option


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


def test_what_costs_memory_is_applied_by_a_reload() -> None:
    assert {option.apply for option in OPTIONS if option.costs_memory} == {Apply.RELOAD}


def test_unknown_key_is_a_bug() -> None:
    with pytest.raises(KeyError):
        option_for("colour")


def test_where_models_come_from_matters_for_downloads_and_not_for_answers() -> None:
    for key in ("mirror", "own_host"):
        assert next(option for option in OPTIONS if option.key == key).apply is Apply.NEXT_DOWNLOAD
