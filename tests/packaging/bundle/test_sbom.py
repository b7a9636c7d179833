"""The list of what is inside (packaging/bundle/sbom.py), of a small bundle made of real files of this machine."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import cyclonedx
import jsonschema  # type: ignore[import-untyped]
import psutil
import PySide6
import pytest
from bundle import sbom
from bundle.file_owners import Owners, Source
from bundle.identity import read_identity
from referencing import Registry, Resource
from setup.commands import BuildError

ROOT = Path(__file__).parents[3]
IDENTITY = read_identity(ROOT)
WHEN = 1_700_000_000
QT = Path(PySide6.__file__).parent / "Qt" / "lib"
LLAMA = Path(str(metadata.distribution("llama-cpp-python").locate_file("llama_cpp"))) / "lib"
PSUTIL = next(Path(psutil.__file__).parent.glob("_psutil_linux*.so"))

# Place in the bundle -> file of this machine, one of each kind.
FILES: dict[str, Path] = {
    "models.json": ROOT / "models.json",
    "PySide6/Qt/lib/libQt6Core.so.6": QT / "libQt6Core.so.6",
    "PySide6/Qt/lib/libicuuc.so.73": QT / "libicuuc.so.73",
    "llama_cpp/lib/libggml-base.so": LLAMA / "libggml-base.so",
    f"psutil/{PSUTIL.name}": PSUTIL,
}
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the files have their names of Linux")


def system_library() -> Path:
    """A library that this very process has from the system."""
    maps = Path("/proc/self/maps").read_text(encoding="ascii").splitlines()
    return next(Path(line.split()[-1]) for line in maps if "/libc.so." in line)


class Made:
    """A bundle with the tables that PyInstaller leaves."""

    def __init__(self, folder: Path) -> None:
        self.bundle = folder / "dist" / "catnap"
        self.work = folder / "build" / "catnap"
        self.work.mkdir(parents=True)
        rows = []
        files = {**FILES, "libc.so.6": system_library(), "base_library.zip": self.work / "base_library.zip"}
        (self.work / "base_library.zip").write_bytes(b"zip")
        for place, path in files.items():
            target = self.bundle / "_internal" / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
            rows.append((place, str(path), "BINARY"))
        (self.bundle / "catnap").write_bytes(b"starter")
        rows.append(("libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK"))
        self.write("COLLECT-00.toc", rows)
        import httpx

        modules = [
            ("httpx", httpx.__file__, "PYMODULE"),
            ("desktop.app.run", str(ROOT / "desktop/app/run.py"), "PYMODULE"),
        ]
        self.write("PYZ-00.toc", [*modules, ("PySide6.namespace", "-", "PYMODULE")])

    def write(self, name: str, rows: list[tuple[str, str, str]]) -> None:
        (self.work / name).write_text(repr(("/somewhere", rows, None)), encoding="utf-8")

    def describe(self) -> str:
        return sbom.describe(self.bundle, self.work, IDENTITY, WHEN)

    def products(self) -> dict[str, dict[str, Any]]:
        return {component["name"]: component for component in json.loads(self.describe())["components"]}


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


def versions(made: Made) -> dict[str, str]:
    return {name: component["version"] for name, component in made.products().items()}


def test_each_product_has_its_version(made: Made) -> None:
    import platform

    found = versions(made)
    for name in ("httpx", "psutil", "pyinstaller"):
        assert found[name] == metadata.version(name)
    assert found["qt"] == metadata.version("PySide6-Essentials")
    assert found["icu"].startswith("73.")
    assert found["llama.cpp"].startswith(f"{metadata.version('llama-cpp-python')}+ggml.")
    assert found["cpython"] == platform.python_version()


def test_a_library_of_the_system_belongs_to_its_package(made: Made) -> None:
    owner = next(each for each in made.products().values() if each.get("purl", "").startswith(("pkg:deb/", "pkg:rpm/")))
    assert "libc" in owner["name"]
    assert "distro=" in owner["purl"]
    assert [file["name"] for file in owner["components"]] == ["_internal/libc.so.6"]


def all_files(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        if component["type"] == "file":
            yield component
        yield from all_files(component.get("components", []))


def test_every_file_is_in_it_once_with_its_hash(made: Made) -> None:
    described = json.loads(made.describe())
    files = list(all_files([described["metadata"]["component"], *described["components"]]))
    there = {path.relative_to(made.bundle).as_posix(): path for path in made.bundle.rglob("*") if path.is_file()}
    assert sorted(file["name"] for file in files) == sorted(there)
    for file in files:
        assert file["hashes"] == [
            {"alg": "SHA-256", "content": hashlib.sha256(there[file["name"]].read_bytes()).hexdigest()}
        ]


def test_what_is_ours_is_the_program_itself(made: Made) -> None:
    program = json.loads(made.describe())["metadata"]["component"]
    assert (program["name"], program["version"]) == (IDENTITY.name, IDENTITY.version)
    assert {file["name"] for file in program["components"]} == {"catnap", "_internal/models.json"}


def test_the_same_bundle_has_the_same_description(made: Made) -> None:
    assert made.describe() == made.describe()
    before = json.loads(made.describe())["serialNumber"]
    (made.bundle / "catnap").write_bytes(b"another starter")
    assert json.loads(made.describe())["serialNumber"] != before


def test_it_is_valid_by_the_schema_of_cyclonedx(made: Made) -> None:
    folder = Path(cyclonedx.__file__).parent / "schema" / "_res"
    schemas = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.schema.json")}
    registry: Registry[Any] = Registry().with_resources(
        (f"http://cyclonedx.org/schema/{name}", Resource.from_contents(schema)) for name, schema in schemas.items()
    )
    schema = schemas["bom-1.6.SNAPSHOT.schema.json"]
    jsonschema.Draft7Validator(schema, registry=registry).validate(json.loads(made.describe()))


def test_a_file_that_the_tables_do_not_name_is_refused(made: Made) -> None:
    (made.bundle / "_internal" / "stray.so").write_bytes(b"")
    with pytest.raises(BuildError, match=r"stray\.so"):
        made.describe()


def test_what_pip_wrote_about_catnap_is_ours(tmp_path: Path) -> None:
    about = Path(str(metadata.distribution("catnap").locate_file(f"catnap-{IDENTITY.version}.dist-info/METADATA")))
    assert about.is_file()
    assert Owners(ROOT, tmp_path).of(Source("catnap.dist-info/METADATA", about, False)) is None


def test_a_file_of_nobody_is_refused(tmp_path: Path) -> None:
    stray = tmp_path / "stray.so"
    stray.write_bytes(b"")
    with pytest.raises(BuildError, match="nobody knows what"):
        Owners(ROOT, tmp_path).of(Source("stray.so", stray, False))


def test_without_tables_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="make build"):
        sbom.describe(tmp_path, tmp_path, IDENTITY, WHEN)
