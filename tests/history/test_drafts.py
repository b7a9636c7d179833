"""The file of what is written and not sent yet."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

import pytest

from desktop.history.drafts import DraftFile


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "drafts.json"


def test_drafts_last_and_the_one_of_no_conversation_among_them(file: Path) -> None:
    drafts = {"": "a letter not begun yet", "a": "两行\n字 🐈", "b": "half a pair \ud83d"}
    DraftFile(file).save(drafts)
    assert DraftFile(file).load() == drafts


def test_nothing_is_there_before_the_first(file: Path) -> None:
    assert DraftFile(file).load() == {}
    assert not file.exists()


def test_blank_ones_are_none_and_the_last_takes_the_file_along(file: Path) -> None:
    drafts = DraftFile(file)
    drafts.save({"a": "kept", "b": " \n"})
    assert DraftFile(file).load() == {"a": "kept"}
    drafts.save({"a": ""})
    assert not file.exists()
    drafts.save({})
    assert drafts.load() == {}


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_only_the_user_may_read_them(file: Path) -> None:
    DraftFile(file).save({"a": "private"})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_has_not_changed_is_not_written_again(file: Path) -> None:
    drafts = DraftFile(file)
    drafts.save({"a": "text"})
    before = file.stat().st_ino
    drafts.save({"a": "text", "b": ""})
    assert file.stat().st_ino == before
    drafts.save({"a": "text!"})
    assert file.stat().st_ino != before


def test_those_of_conversations_that_are_gone_are_erased(file: Path) -> None:
    DraftFile(file).save({"": "new", "a": "there", "gone": "secret"})
    DraftFile(file).keep_only({"a", "b"})
    assert DraftFile(file).load() == {"": "new", "a": "there"}
    assert "secret" not in file.read_text(encoding="utf-8")


def test_a_disk_that_does_not_take_them_disturbs_nobody(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    drafts = DraftFile(file)

    def full(_file: Path, _content: bytes, **_how: bool) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr("desktop.common.json_file.write_atomically", full)
        drafts.save({"a": "private"})
    assert "No space left" in caplog.text
    assert "private" not in caplog.text
    # THEN the next time tries again, though nothing was typed since
    drafts.save({"a": "private"})
    assert DraftFile(file).load() == {"a": "private"}


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[]", b"{}", b'{"drafts": ["text"]}', b'{"drafts": {"a": "private', b'{"drafts": 7}']
)
def test_a_file_that_cannot_be_read_is_no_obstacle(
    file: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        drafts = DraftFile(file)
    assert drafts.load() == {}
    assert "not read" in caplog.text
    assert "private" not in caplog.text
    drafts.save({"a": "new"})
    assert DraftFile(file).load() == {"a": "new"}


def test_what_is_no_text_is_left_out(file: Path) -> None:
    file.write_text('{"version": 1, "drafts": {"a": 3, "b": "text"}}', encoding="utf-8")
    assert DraftFile(file).load() == {"b": "text"}
