"""Where later starts reach the running program."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.common.instance_address import addresses, prepare_folder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes have one name on Windows")

_LONG = Path("/data") / ("x" * 90)


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path is short, as those of sockets must be."""
    with tempfile.TemporaryDirectory(prefix="c", dir="/tmp") as folder:
        yield Path(folder)


def of(data: Path) -> list[Path]:
    return [Path(name) for name in addresses(data, data)]


def test_beside_the_data_where_that_is_short_enough(short: Path) -> None:
    first, *others = of(short)
    assert first == short / "catnap.sock"
    assert others, "where the file system knows no sockets"
    assert short not in [name.parent for name in of(_LONG)]


def test_the_session_s_folder_only_where_it_is_this_user_s_alone(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short))
    short.chmod(0o700)
    assert of(_LONG)[0].parent == short
    short.chmod(0o755)
    assert short not in [name.parent for name in of(_LONG)]
    for value in ("relative", "", str(short / "missing"), "/etc/passwd"):
        monkeypatch.setenv("XDG_RUNTIME_DIR", value)
        assert Path(value) not in [name.parent for name in of(_LONG)]


def test_a_folder_of_ones_own_is_made_and_closed_to_others(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.common.instance_address._is_private", lambda _folder: False)
    monkeypatch.setattr(tempfile, "tempdir", str(short))
    # GIVEN somebody's file where the folder would be
    (short / f"catnap-{os.getuid()}").write_text("in the way")
    first = of(_LONG)[0]
    assert first.parent == short / f"catnap-{os.getuid()}-2"
    assert not first.parent.exists()
    assert prepare_folder(str(first))
    assert first.parent.stat().st_mode & 0o777 == 0o700
    assert of(_LONG)[0] == first, "the next start finds the same"


def test_without_any_folder_for_scratch_files_there_is_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(tempfile, "gettempdir", refuse)
    assert of(_LONG)


def test_data_folders_differ_in_their_addresses() -> None:
    assert set(of(_LONG)).isdisjoint(of(_LONG / "y"))


def test_a_folder_whose_name_is_no_text_is_passed_over(short: Path) -> None:
    odd = short / os.fsdecode(b"caf\xe9")
    names = of(odd)
    assert names
    assert odd not in [name.parent for name in names]
