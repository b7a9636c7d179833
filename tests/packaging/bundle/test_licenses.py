"""The licences in the bundle (packaging/bundle/licenses.py), of real files of this machine."""

from __future__ import annotations

import json
import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil
import PySide6
import pytest
from bundle import check, licenses
from bundle.file_owners import Owners, Product, Source
from setup.commands import BuildError

ROOT = Path(__file__).parents[3]
QT = Path(PySide6.__file__).parent / "Qt" / "lib"
LLAMA = Path(str(metadata.distribution("llama-cpp-python").locate_file("llama_cpp"))) / "lib"
PSUTIL = next(Path(psutil.__file__).parent.glob("_psutil_linux*.so"))

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the files have their names of Linux")


def system_library() -> Path:
    """A library that this very process has from the system."""
    maps = Path("/proc/self/maps").read_text(encoding="ascii").splitlines()
    return next(Path(line.split()[-1]) for line in maps if "/libc.so." in line)


SOURCES = (
    Source("models.json", ROOT / "models.json", False),
    Source("desktop.app.run", ROOT / "desktop" / "app" / "run.py", True),
    Source("PySide6/Qt/lib/libQt6Core.so.6", QT / "libQt6Core.so.6", False),
    Source("PySide6/Qt/lib/libicuuc.so.73", QT / "libicuuc.so.73", False),
    Source("llama_cpp/lib/libggml-base.so", LLAMA / "libggml-base.so", False),
    Source(f"psutil/{PSUTIL.name}", PSUTIL, False),
    Source("psutil", Path(psutil.__file__), True),
    Source("json", Path(json.__file__), True),
    Source("libc.so.6", system_library(), False),
)


def collect(tmp_path: Path, sources: tuple[Source, ...] = SOURCES) -> dict[str, Any]:
    """Collects into a bundle and returns the entries of its index by name."""
    target = tmp_path / "licenses"
    for file, folder in licenses.collect(ROOT, tmp_path / "build", sources, target):
        place = tmp_path / "bundle" / "_internal" / folder
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, place)
    return {entry["name"]: entry for entry in json.loads((target / licenses.INDEX).read_text(encoding="utf-8"))}


def test_everything_has_its_text_in_the_bundle(tmp_path: Path) -> None:
    entries = collect(tmp_path)

    assert entries["Catnap"]["files"] == ["models.json"]
    assert entries["Catnap"]["modules"] == ["desktop.app.run"]
    assert entries["qt"]["files"] == ["PySide6/Qt/lib/libQt6Core.so.6"]
    assert entries["icu"]["files"] == ["PySide6/Qt/lib/libicuuc.so.73"]
    assert entries["psutil"]["modules"] == ["psutil"]
    assert "json" in entries["cpython"]["modules"]

    def text(name: str) -> str:
        folder = tmp_path / "bundle" / "_internal" / licenses.FOLDER
        return "\n".join((folder / file).read_text(encoding="utf-8") for file in entries[name]["texts"])

    assert text("Catnap") == (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text("qt")
    assert "GNU GENERAL PUBLIC LICENSE" in text("qt")
    assert "harfbuzz" in text("qt")
    assert "Unicode, Inc." in text("icu")
    assert "The ggml authors" in text("llama.cpp")
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in text("cpython")
    assert "Bootloader Exception" in text("pyinstaller")
    assert "BSD 3-Clause" in text("psutil")
    (system,) = [entry for entry in entries.values() if "libc.so.6" in entry["files"]]
    assert text(system["name"])


def test_a_long_licence_that_is_only_named_comes_along(tmp_path: Path) -> None:
    collect(tmp_path)
    common = tmp_path / "licenses" / "common-licenses"
    named = {
        name
        for file in (tmp_path / "licenses").rglob("*.txt")
        for name in licenses._NAMES_COMMON.findall(file.read_text(encoding="utf-8", errors="replace"))
        if (licenses._COMMON / name).is_file()
    }
    assert named
    assert {file.name for file in common.iterdir()} == named


def test_an_unknown_licence_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Owners, "of", lambda _self, _source: Product("deb", "no-such-package", "1"))
    with pytest.raises(BuildError, match="no-such-package"):
        collect(tmp_path)


def test_the_check_finds_a_file_without_a_licence(tmp_path: Path) -> None:
    collect(tmp_path)
    bundle = tmp_path / "bundle"
    ours = bundle / "_internal" / "psutil" / PSUTIL.name
    stray = bundle / "_internal" / "libstray.so"

    assert list(check.license_complaints(bundle, [bundle / "catnap", ours])) == []
    (complaint,) = check.license_complaints(bundle, [ours, stray])
    assert "libstray.so" in complaint


def test_the_check_finds_a_text_that_is_gone(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    (complaint,) = check.license_complaints(bundle, [])
    assert "index.json" in complaint

    collect(tmp_path)
    (bundle / "_internal" / "licenses" / "icu" / "icu.txt").write_bytes(b"")
    (complaint,) = check.license_complaints(bundle, [])
    assert "icu" in complaint
