"""The exceptions that people see."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from desktop.common.errors import (
    QT_TRANSLATE_NOOP,
    Cancelled,
    MessageTooLongError,
    UserFacingError,
    from_system,
    has_no_room,
)


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


@pytest.mark.parametrize(
    ("number", "is_full"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EROFS, False), (0, False)]
)
def test_a_disk_is_asked_whether_it_has_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, is_full: bool
) -> None:
    def refuse(**_given: object) -> None:
        raise OSError(number, os.strerror(number))

    if number:
        monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    assert has_no_room(tmp_path) is is_full
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_that_nobody_has_put_into_words_says_what_helps() -> None:
    said = from_system(OSError(errno.ENOSPC, "No space left on device", "results.json"))
    assert str(said) == "The disk is full. results.json: No space left on device. Make room on the disk and try again."
    assert "refuses" in from_system(PermissionError(errno.EACCES, "Permission denied", "results.json")).title
