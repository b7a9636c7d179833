"""Which file is the library for this build, and that no other is ever loaded."""

from __future__ import annotations

import hashlib
import lzma
import platform
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.backends import GpuLibrary
from desktop.engine.gpu.build_id import build_id
from desktop.engine.gpu.install import install
from desktop.engine.gpu.library import find_library, known_libraries, library_folder
from desktop.engine.gpu.manifest import MANIFEST_NAME, Manifest, is_genuine, manifest_text, read_manifest
from desktop.engine.gpu.verdict import Presence
from desktop.engine.llama import bindings
from desktop.engine.llama.gpu.devices import load_gpus

_CONTENT = b"the code for a device" * 1000
_SYSTEM = f"{platform.system()} {platform.machine()}"


def _entry(fits: str = "", **facts: str) -> Manifest:
    digest = hashlib.sha256(_CONTENT).hexdigest()
    entry = Manifest("vulkan", "libggml-vulkan.so", len(_CONTENT), digest, fits or "id", _SYSTEM)
    return replace(entry, **facts)  # type: ignore[arg-type]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with a llama.cpp."""
    folder = library_folder()
    assert folder is not None
    shutil.copyfile(folder / "libggml-base.so", tmp_path / "libggml-base.so")
    return tmp_path


def test_the_build_id_of_the_real_library_is_the_linkers_and_outlives_stripping(own: Path) -> None:
    base = own / "libggml-base.so"
    found = build_id(base.read_bytes())
    notes = subprocess.run(["readelf", "-n", str(base)], capture_output=True, text=True, check=True).stdout
    assert f"Build ID: {found}\n" in notes
    subprocess.run(["strip", str(base)], check=True)
    assert build_id(base.read_bytes()) == found


@pytest.mark.parametrize("content", [b"", b"no library", b"\x7fELF\x02\x01" + b"\xff" * 60, b"\x7fELF\x02\x01"])
def test_what_has_no_id_is_known_by_its_content(content: bytes) -> None:
    assert build_id(content) == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_only_what_fits_this_build_and_system_is_known(own: Path) -> None:
    fits = build_id((own / "libggml-base.so").read_bytes())
    right = _entry(fits)
    others = (_entry("another build"), _entry(fits, system="Plan9 mips"))
    (own / MANIFEST_NAME).write_text(manifest_text((*others, right)))
    assert known_libraries(own) == (right,)
    (own / "libggml-base.so").write_bytes(b"another one")
    assert known_libraries(own) == ()
    assert known_libraries(None) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": 2, "libraries": []}',
        '{"format": 1, "libraries": [{"kind": "vulkan"}]}',
        manifest_text((_entry(file="../x.so"),)),
        manifest_text((_entry(),)).replace(str(len(_CONTENT)), '"many"'),
    ],
)
def test_a_list_that_is_none_names_nothing(tmp_path: Path, text: str) -> None:
    file = tmp_path / MANIFEST_NAME
    file.write_text(text)
    assert read_manifest(file) == ()


def test_the_download_is_there_or_not_or_another_file(tmp_path: Path) -> None:
    entry = _entry()
    assert find_library((), tmp_path).presence is Presence.NONE_FOR_THIS_BUILD
    missing = find_library((entry,), tmp_path)
    assert (missing.presence, missing.path) == (Presence.NOT_INSTALLED, tmp_path / entry.file)
    (tmp_path / entry.file).write_bytes(_CONTENT[:-1])
    assert find_library((entry,), tmp_path).presence is Presence.ANOTHER_FILE
    (tmp_path / entry.file).write_bytes(_CONTENT)
    found = find_library((entry,), tmp_path)
    assert found.presence is Presence.READY
    assert found.library == GpuLibrary(tmp_path / entry.file, entry.size, entry.sha256)


def test_a_file_of_the_right_length_with_one_other_byte_is_not_genuine(tmp_path: Path) -> None:
    entry, file = _entry(), tmp_path / "x.so"
    for content, genuine in ((_CONTENT, True), (_CONTENT[:-1] + b"!", False), (_CONTENT + b"!", False)):
        file.write_bytes(content)
        with file.open("rb") as stream:
            assert is_genuine(stream, GpuLibrary(file, entry.size, entry.sha256)) is genuine


def test_what_is_not_on_the_list_is_never_loaded(tmp_path: Path) -> None:
    """Through the loader itself: a library that would write a file as soon as it is loaded."""
    source, evil, mark = tmp_path / "evil.c", tmp_path / "libggml-vulkan.so", tmp_path / "mark"
    run = f'fclose(fopen("{mark}", "w"));'
    source.write_text(f"#include <stdio.h>\n__attribute__((constructor)) static void run(void) {{ {run} }}\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(evil), str(source)], check=True)
    native, content = bindings.load(), evil.read_bytes()
    with pytest.raises(UserFacingError, match="not the one that belongs"):
        load_gpus(native, GpuLibrary(evil, len(content), "00" * 32))
    assert not mark.exists()
    # AND it is the list that kept it out: what stands on it is loaded, and is no code for a device
    with pytest.raises(UserFacingError, match="cannot be loaded"):
        load_gpus(native, GpuLibrary(evil, len(content), hashlib.sha256(content).hexdigest()))
    assert mark.exists()


@pytest.mark.parametrize("packed", [True, False])
def test_the_download_is_unpacked_into_its_place(tmp_path: Path, packed: bool) -> None:
    source, downloads = tmp_path / ("x.so.xz" if packed else "x.so"), tmp_path / "data" / "gpu"
    source.write_bytes(lzma.compress(_CONTENT) if packed else _CONTENT)
    path = install(source, (_entry(),), downloads)
    assert path == downloads / "libggml-vulkan.so"
    assert path.read_bytes() == _CONTENT
    assert find_library((_entry(),), downloads).presence is Presence.READY


@pytest.mark.parametrize("content", [b"something else", lzma.compress(b"\0" * 50_000_000)[:-20], b""])
def test_what_is_no_such_download_leaves_nothing_behind(tmp_path: Path, content: bytes) -> None:
    source, downloads = tmp_path / "x.so.xz", tmp_path / "gpu"
    source.write_bytes(content)
    with pytest.raises(UserFacingError, match="not the one that belongs"):
        install(source, (_entry(),), downloads)
    assert not list(downloads.iterdir())
