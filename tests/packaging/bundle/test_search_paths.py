"""Where a bundle's libraries look for others (packaging/bundle/search_paths.py), on libraries linked here."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest
from bundle.check import search_complaints
from bundle.search_paths import drop_foreign_search_paths, foreign_search_paths

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at libraries of Linux")


def library(folder: Path, *flags: str) -> Path:
    source, target = folder / "source.c", folder / "library.so"
    source.write_text("int seven(void) { return 7; }\n", encoding="ascii")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", target, source, *flags], check=True)
    return target


@pytest.mark.parametrize("tags", ["--enable-new-dtags", "--disable-new-dtags"])
@pytest.mark.parametrize("folders", ["/home/me/.pyenv/lib", "$ORIGIN:/opt/lib", "", "lib", "$ORIGINAL"])
def test_a_folder_of_the_build_machine_goes_and_the_library_still_works(
    tmp_path: Path, tags: str, folders: str
) -> None:
    path = library(tmp_path, f"-Wl,{tags}", f"-Wl,-rpath,{folders}" if folders else "-Wl,-rpath,/x")
    path.chmod(0o755)
    assert foreign_search_paths(path)
    assert list(search_complaints(tmp_path, [path]))
    assert drop_foreign_search_paths(path)
    assert foreign_search_paths(path) == ()
    assert b"PATH" not in subprocess.run(["readelf", "-d", path], capture_output=True, check=True).stdout
    assert ctypes.CDLL(str(path)).seven() == 7
    assert path.stat().st_mode & 0o777 == 0o755
    assert not list(search_complaints(tmp_path, [path]))


@pytest.mark.parametrize("flags", [(), ("-Wl,-rpath,$ORIGIN",), ("-Wl,-rpath,$ORIGIN/../lib",)])
def test_what_looks_beside_itself_stays_as_it_is(tmp_path: Path, flags: tuple[str, ...]) -> None:
    path = library(tmp_path, *flags)
    before = path.read_bytes()
    assert not drop_foreign_search_paths(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"text", b"\x7fELF", b"\x7fELF\x01\x01" + bytes(60)])
def test_other_files_are_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert foreign_search_paths(path) == ()
    assert not drop_foreign_search_paths(path)
