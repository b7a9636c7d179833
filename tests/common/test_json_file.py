"""The one reader of JSON, and the files of the program's own: nothing breaks it, nothing is written over."""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from desktop.common.atomic_file import is_device
from desktop.common.json_file import Fault, JsonError, StateFile, parse_json, read_json, to_json, write_json


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, 2.5, "x", null, true]}',
        b'\xef\xbb\xbf{"a": 1}',
        '{"a": "喵"}'.encode("utf-16"),
        '{"a": "喵"}'.encode("utf-32"),
        b"[" * 60 + b"]" * 60,
        '["' + "[" * 1000 + '"]',
        r'["\"[[[[\\", "]]"]' + " " * 1000,
    ],
)
def test_what_is_json_is_read(text: str | bytes) -> None:
    parse_json(text)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\0" * 100,
        b"\xff\xfe",
        b"\xff\xfea",
        b'{"a": "caf\xe9"}',
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"[" * 65 + b"]" * 65,
        b'"' + b"\\" * 100_001,
        b'{"a": 1, "a": 2}',
        b'[{"a": 1, "a": 1}]',
        b"[1] 2",
        b"'a'",
        b"[1,]",
        b"\xed\xa0\x80",
    ],
    ids=lambda text: repr(text[:20]),
)
def test_whatever_is_none_is_one_kind_of_error_without_the_text(text: bytes) -> None:
    with pytest.raises(JsonError) as caught:
        parse_json(text)
    assert "caf" not in str(caught.value)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 501, "-" + "9" * 6000])
def test_a_number_that_no_reader_can_use_costs_only_itself(number: str) -> None:
    assert parse_json(f'{{"a": {number}, "b": 7}}') == {"a": None, "b": 7}


def test_numbers_that_a_reader_can_use_are_exact() -> None:
    assert parse_json(f"[{2**128}, {'9' * 500}, -5, 0.1]") == [2**128, int("9" * 500), -5, 0.1]


def test_no_more_is_read_than_was_allowed(tmp_path: Path) -> None:
    file = tmp_path / "file.json"
    file.write_bytes(b'"' + b"x" * 98 + b'"')
    assert read_json(file, 100) == "x" * 98
    with pytest.raises(JsonError):
        read_json(file, 99)


def test_half_a_surrogate_pair_survives(tmp_path: Path) -> None:
    write_json(tmp_path / "file.json", {"喵": "\ud83d"})
    assert read_json(tmp_path / "file.json") == {"喵": "\ud83d"}
    assert to_json({"喵": 1}) == '{"喵": 1}'


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("{}")
    (tmp_path / "link.json").symlink_to("real.json")
    write_json(tmp_path / "link.json", [1])
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text()) == [1]


# Files of the program's own


def state(file: Path, **options: Any) -> StateFile[str]:
    def parse(document: dict[str, Any]) -> str:
        text = document["text"]
        if not isinstance(text, str):
            raise TypeError
        return text

    return StateFile(file, parse, **options)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


def test_what_was_written_is_read(file: Path) -> None:
    assert state(file).read() is None
    state(file).write({"text": "meow"})
    assert json.loads(file.read_text()) == {"version": 1, "text": "meow"}
    again = state(file)
    assert again.read() == "meow"
    assert again.problem is None
    again.remove()
    again.remove()
    assert not file.exists()


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"text": "x"}', b'{"version": true, "text": "x"}', b'{"version": 1}']
)
def test_a_broken_file_is_kept_under_a_name_that_says_so(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    found = state(file)
    assert found.read() is None
    assert found.problem is not None and found.problem.fault is Fault.BROKEN
    aside = found.problem.kept_aside
    assert aside is not None and aside.read_bytes() == content and ".broken-" in aside.name
    assert str(aside) in found.problem.as_error().detail
    found.write({"text": "new"})
    assert aside.read_bytes() == content


def test_a_newer_file_stays_until_there_is_something_to_write(file: Path) -> None:
    file.write_text('{"version": 3}')
    found = state(file)
    for _ in range(2):
        assert found.read() is None
    assert found.problem is not None and found.problem.fault is Fault.NEWER
    assert found.problem.kept_aside is None
    assert [each.name for each in file.parent.iterdir()] == ["state.json"]
    found.write({"text": "new"})
    (aside,) = file.parent.glob("state.v3-*.json")
    assert aside.read_text() == '{"version": 3}'
    found.write({"text": "newer"})
    assert len(list(file.parent.iterdir())) == 2


def test_a_newer_file_is_there_until_the_other_one_is(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a file of a newer program
    file.write_text('{"version": 3}')
    found = state(file)
    found.read()
    seen: list[str] = []
    replace = Path.replace

    def look(scratch: Path, target: Path) -> Path:
        seen.append(file.read_text())  # what somebody finds who starts after a kill at this moment
        return replace(scratch, target)

    monkeypatch.setattr(Path, "replace", look)
    # WHEN another one takes its place THEN there is one at every moment
    found.write({"text": "new"})
    assert seen == ['{"version": 3}'] and "new" in file.read_text()


def test_the_number_of_a_version_need_not_fit_into_a_name(file: Path) -> None:
    file.write_text(f'{{"version": {10**400}}}')
    found = state(file)
    found.read()
    found.write({"text": "new"})
    assert state(file).read() == "new"


def test_a_machine_in_trouble_costs_no_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a healthy file, and no descriptor left to open it with
    state(file).write({"text": "healthy"})

    def refuse(_path: Path) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    found = state(file)
    with monkeypatch.context() as patch:
        patch.setattr("desktop.common.json_file.open_regular", refuse)
        assert found.read() is None
    # THEN it lies where it was, and is kept before another one is written
    assert found.problem is not None and found.problem.fault is Fault.UNREADABLE
    assert state(file).read() == "healthy"
    found.write({"text": "new"})
    (aside,) = file.parent.glob("state.unreadable-*.json")
    assert "healthy" in aside.read_text()


def test_nothing_is_written_that_could_not_be_read(file: Path) -> None:
    with pytest.raises(OSError, match="large"):
        state(file, most=100).write({"text": "x" * 200})
    assert not file.exists()


def test_what_cannot_be_put_aside_is_not_written_over(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('{"version": 2}')
    found = state(file)
    found.read()

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        found.write({"text": "new"})
    with pytest.raises(PermissionError):
        found.remove()
    assert file.read_text() == '{"version": 2}'


@pytest.mark.skipif(sys.platform == "win32", reason="devices have no path there")
def test_a_device_is_never_replaced_or_removed(tmp_path: Path) -> None:
    """GIVEN a terminal in the place of a file, whose number is that of a device, as /dev/null is one WHEN it is read,
    written and removed THEN it is still there; root may do to it what it likes."""
    leader, follower = os.openpty()
    try:
        device = Path(os.ttyname(follower))
        assert is_device(device)
        with pytest.raises(OSError):
            write_json(device, [1])
        StateFile(device, lambda document: document).remove()
        assert is_device(device)
    finally:
        os.close(leader)
        os.close(follower)


def test_a_newer_file_stays_where_it_is_while_there_is_no_room(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN settings of a newer Catnap, and a full disk
    newer = '{"version": 9, "text": "newer"}'
    file.write_text(newer)
    found = StateFile(file, lambda document: str(document["text"]))
    assert found.read() is None

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        # WHEN something is to be written in its place
        with pytest.raises(OSError, match="space"):
            found.write({"text": "older"})
    # THEN it lies there as before, and not under another name, where the newer Catnap would not find it
    assert {path.name: path.read_text() for path in file.parent.iterdir()} == {file.name: newer}
    found.write({"text": "older"})
    assert len(list(file.parent.iterdir())) == 2
