"""What will not do gets another name, and nothing that has one already is written over."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.common.atomic_file import is_device
from desktop.common.set_aside import free_name, rename_aside, rename_bad, set_aside


@pytest.mark.parametrize("put_aside", [lambda file: set_aside(file, "broken"), rename_bad])
def test_what_is_put_aside_twice_in_a_second_is_two_files(tmp_path: Path, put_aside: Callable[[Path], Path]) -> None:
    file = tmp_path / "settings.json"
    kept: dict[str, str] = {}
    for content in ("a", "b", "c"):
        file.write_text(content)
        kept[put_aside(file).name] = content
    assert len(kept) == 3 and not file.exists()
    assert {name: (tmp_path / name).read_text() for name in kept} == kept


def test_the_ending_stays_or_goes(tmp_path: Path) -> None:
    """GIVEN a file that was found broken, and one that lies in a folder searched by endings WHEN they are put aside
    THEN the first can be opened by whoever opens such files, and the second is not found by its ending."""
    for name in ("settings.json", "model.gguf.part"):
        (tmp_path / name).touch()
    dated = rename_aside(tmp_path / "settings.json", "broken")
    assert dated.name.startswith("settings.broken-2") and dated.suffix == ".json"
    assert rename_bad(tmp_path / "model.gguf.part", "model.gguf").name == "model.gguf.bad-1"


def test_what_belongs_to_a_file_goes_with_it(tmp_path: Path) -> None:
    file = tmp_path / "catnap.db"
    for ending in ("", "-wal", "-other"):
        file.with_name(f"catnap.db{ending}").write_text(ending)
    aside = rename_aside(file, "damaged", ("-wal", "-shm"))
    found = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert found == {aside.name: "", f"{aside.name}-wal": "-wal", "catnap.db-other": "-other"}


def test_a_link_that_leads_nowhere_takes_a_name(tmp_path: Path) -> None:
    (tmp_path / "catnap.v1.db").symlink_to(tmp_path / "gone")
    assert free_name(tmp_path / "catnap.db", "v1").name == "catnap.v1-2.db"


def test_what_cannot_be_moved_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    missing = tmp_path / "settings.json"
    assert set_aside(missing, "broken") is None
    assert "cannot set settings.json aside" in caplog.text
    with pytest.raises(OSError):
        rename_aside(missing, "broken")


@pytest.mark.skipif(sys.platform == "win32", reason="devices have no path there")
def test_a_device_is_never_moved() -> None:
    """GIVEN a terminal, whose number is that of a device, as /dev/null is one WHEN it is to be put aside THEN it is
    still there; root may do to it what it likes."""
    leader, follower = os.openpty()
    try:
        device = Path(os.ttyname(follower))
        assert set_aside(device, "broken") is None
        with pytest.raises(OSError, match="device"):
            rename_aside(device, "broken")
        with pytest.raises(OSError, match="device"):
            rename_bad(device)
        assert is_device(device)
    finally:
        os.close(leader)
        os.close(follower)
