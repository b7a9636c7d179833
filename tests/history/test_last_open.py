from __future__ import annotations

from pathlib import Path

import pytest

from desktop.history.last_open import LastOpenFile


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "last-open.json"


def test_it_lasts(file: Path) -> None:
    assert LastOpenFile(file).load() is None
    LastOpenFile(file).save("abc")
    assert LastOpenFile(file).load() == "abc"
    LastOpenFile(file).save(None)
    assert LastOpenFile(file).load() is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"conversation": "ab',
        b"[]",
        b"null",
        b'{"conversation": 7}',
        b'{"conversation": ["abc"]}',
        b"\xff\xfe\x00",
        b"[" * 4000,
        b'{"conversation": "' + b"a" * 100_000 + b'"}',
    ],
)
def test_a_damaged_file_is_none(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    store = LastOpenFile(file)
    assert store.load() is None
    store.save("abc")
    assert LastOpenFile(file).load() == "abc"


def test_what_is_no_file_is_none_and_trouble_is_kept_quiet(file: Path) -> None:
    file.mkdir()
    store = LastOpenFile(file)
    assert store.load() is None
    store.save("abc")
    assert list(file.parent.iterdir()) == [file], "no scratch file is left"
