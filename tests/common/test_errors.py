"""The exceptions that people see."""

from __future__ import annotations

import pytest

from desktop.common.errors import QT_TRANSLATE_NOOP, Cancelled, MessageTooLongError, UserFacingError


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("The disk is full.", "3 GB needed.", "Free some."), "The disk is full. 3 GB needed. Free some."),
        (("The disk is full.", "", "Free some."), "The disk is full. Free some."),
        (("The disk is full.",), "The disk is full."),
    ],
)
def test_its_text_is_one_line_for_the_command_line(parts: tuple[str, ...], text: str) -> None:
    assert str(UserFacingError(*parts)) == text


def test_parts_stay_apart_for_translation() -> None:
    error = UserFacingError("Title.", "detail", "Remedy.")
    assert (error.title, error.detail, error.remedy) == ("Title.", "detail", "Remedy.")


def test_a_message_too_long_says_by_how_much() -> None:
    error = MessageTooLongError(tokens=12_345, room=1_900)
    assert (error.tokens, error.room) == (12_345, 1_900)
    assert "12,345" in str(error)
    assert "1,900" in str(error)
    assert error.remedy


def test_a_cancellation_is_not_an_error_for_people() -> None:
    assert not issubclass(Cancelled, UserFacingError)


def test_marking_a_text_changes_nothing() -> None:
    assert QT_TRANSLATE_NOOP("Errors", "Text.") == "Text."
