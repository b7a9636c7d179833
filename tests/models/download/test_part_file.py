"""The part file itself: what survives which end, and who may open it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled, UserFacingError
from desktop.models.download import part_file
from desktop.models.download.part_file import PartFile, bytes_on_disk, discard, info_path, part_path
from tests.support.downloads import FILE, model_bytes, spec_of

CONTENT = model_bytes(500_000)
SPEC = spec_of(CONTENT, None)


@pytest.fixture
def part(tmp_path: Path) -> Iterator[PartFile]:
    part = PartFile(tmp_path, SPEC)
    part.open()
    yield part
    part.close()


def _reopened(folder: Path) -> PartFile:
    part = PartFile(folder, SPEC)
    part.open()
    return part


def test_closed_properly_every_byte_counts(part: PartFile, tmp_path: Path) -> None:
    part.begin("host", '"etag"', 0)
    part.append(CONTENT[:123_457])
    part.close()
    part.close()
    again = _reopened(tmp_path)
    assert again.size == 123_457
    assert again.etag("host") == '"etag"' and again.etag("other") is None
    again.rehash(lambda: False)
    again.begin("other", None, again.size)
    again.append(CONTENT[123_457:])
    assert again.finish().read_bytes() == CONTENT
    again.close()


def test_killed_what_had_reached_the_disk_counts(
    part: PartFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_file, "_SYNC_BYTES", 100_000)
    part.begin("host", None, 0)
    for start in range(0, 250_000, 50_000):
        part.append(CONTENT[start : start + 50_000])
    assert part._handle is not None
    part._handle.close()  # as the end of the process does it: nothing is written any more
    assert bytes_on_disk(tmp_path / FILE) == 250_000
    again = _reopened(tmp_path)
    assert again.size == 200_000
    assert part_path(tmp_path / FILE).read_bytes() == CONTENT[:200_000]
    again.close()


def test_a_part_shorter_than_was_noted_is_not_trusted(part: PartFile, tmp_path: Path) -> None:
    part.begin("host", None, 0)
    part.append(CONTENT[:100_000])
    part.close()
    os.truncate(part_path(tmp_path / FILE), 50_000)
    again = _reopened(tmp_path)
    assert again.size == 0
    again.close()


def test_nothing_is_left_of_nothing(part: PartFile, tmp_path: Path) -> None:
    part.close()
    assert list(tmp_path.iterdir()) == []


def test_starting_over_forgets_everything(part: PartFile, tmp_path: Path) -> None:
    part.begin("host", '"old"', 0)
    part.append(b"GGUFwrong")
    part.begin("other", '"new"', 0)
    assert (part.size, part.etag("host"), part.etag("other")) == (0, None, '"new"')
    part.append(CONTENT)
    assert part.finish().read_bytes() == CONTENT


def test_a_wrong_file_leaves_no_part(part: PartFile, tmp_path: Path) -> None:
    part.begin("host", None, 0)
    part.append(CONTENT[:-1] + b"?")
    with pytest.raises(UserFacingError, match="not the one that was published"):
        part.finish()
    part.close()
    assert [path.name for path in tmp_path.iterdir()] == [f"{FILE}.bad-1"]


def test_rehash_can_be_cancelled(part: PartFile) -> None:
    part.begin("host", None, 0)
    part.append(CONTENT)
    with pytest.raises(Cancelled):
        part.rehash(lambda: True)


def test_another_process_is_kept_out_until_the_end(part: PartFile, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from desktop.common.file_lock import lock\n"
        "with open(sys.argv[1], 'r+b') as stream:\n"
        "    try: lock(stream)\n"
        "    except OSError: print('locked')\n"
        "    else: print('free')\n"
    )

    def ask() -> str:
        command = [sys.executable, "-c", script, str(part_path(tmp_path / FILE))]
        root = Path(__file__).parents[3]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.strip()

    part.begin("host", None, 0)
    part.append(CONTENT[:1000])
    assert ask() == "locked"
    with pytest.raises(UserFacingError, match="Another Catnap"):
        _reopened(tmp_path)
    part.close()
    assert ask() == "free"


def test_discard(part: PartFile, tmp_path: Path) -> None:
    part.begin("host", None, 0)
    part.append(CONTENT[:1000])
    part.close()
    assert info_path(tmp_path / FILE).exists()
    discard(tmp_path / FILE)
    assert list(tmp_path.iterdir()) == []
    assert bytes_on_disk(tmp_path / FILE) == 0
