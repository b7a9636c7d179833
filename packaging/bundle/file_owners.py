"""Finds out which product each file of a bundle comes from, and of which version that product is.

PyInstaller leaves tables of what it took from where; the package managers of Python and of the system know the rest.
Libraries that a package brings along without naming them (Qt's ICU, llama.cpp) are asked for their version.
"""

from __future__ import annotations

import ast
import ctypes
import platform
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePosixPath

from setup.commands import BuildError


@dataclass(frozen=True)
class Product:
    """Something that others release, of which files are in the bundle.

    Attributes:
        kind: Type of a package URL: "pypi", "deb", "rpm", "generic".
        name: As that world calls it.
        version: As that world writes it.
        license: An SPDX expression or what stands in its place; empty: not known here.
        distribution: The system that a package of the system is for, such as "debian-12"; else empty.
    """

    kind: str
    name: str
    version: str
    license: str = ""
    distribution: str = ""


@dataclass(frozen=True)
class Source:
    """A file or module of the bundle.

    Attributes:
        place: Path in the bundle; the name of a module that is inside the program's archive.
        path: Where it came from on this machine.
        module: Whether it is such a module.
    """

    place: str
    path: Path
    module: bool


def read_tables(work: Path) -> Iterator[Source]:
    """Yields what PyInstaller put into the bundle, links excepted.

    Args:
        work: The folder that it worked in: ``build/catnap``.

    Raises:
        BuildError: The tables are not there.
    """
    for name, module in (("COLLECT-00.toc", False), ("PYZ-00.toc", True)):
        file = work / name
        if not file.is_file():
            raise BuildError(f"{file} is not there; `make build` makes it")
        for place, path, kind in _entries(ast.literal_eval(file.read_text(encoding="utf-8"))):
            # A namespace package has no file; a link shows another entry; the program is our own.
            if path not in ("", "-") and kind not in ("SYMLINK", "EXECUTABLE"):
                yield Source(place, Path(path), module)


def _entries(table: tuple[object, ...]) -> Iterator[tuple[str, str, str]]:
    """Yields the (place, path, kind) rows of a table, which stand in the first list of such rows in it."""
    rows = next(item for item in table if isinstance(item, list) and item and len(item[0]) == 3)
    yield from rows


class Owners:
    """Says whose a file is."""

    def __init__(self, checkout: Path, work: Path) -> None:
        """
        Args:
            checkout: The program's own sources.
            work: Where PyInstaller put what it generated.
        """
        self._checkout = checkout
        self._foreign = (work, Path(sys.prefix))
        self._python = Product("generic", "cpython", platform.python_version(), "Python-2.0.1")
        self._packages = dict(_packaged_files())
        # Known by their place in the bundle, before the package is asked that carries them.
        self._inside: tuple[tuple[Callable[[str], bool], Callable[[Path], Product]], ...] = (
            (_is_icu, lambda path: Product("generic", "icu", _icu_version(path), "Unicode-3.0")),
            (_is_qt, lambda _: Product("generic", "qt", _qt_version(), "LGPL-3.0-only")),
            (_is_llama, lambda path: Product("generic", "llama.cpp", _llama_version(path.parent), "MIT")),
        )
        self._system: dict[Path, Product | None] = {}

    def of(self, source: Source) -> Product | None:
        """Returns the product; None for what is Catnap's own.

        Raises:
            BuildError: Nobody knows it.
        """
        path = source.path.absolute()
        for belongs, product in self._inside:
            if belongs(source.place):
                return product(path)
        for spelling in (path, path.resolve()):
            if spelling in self._packages:
                return self._packages[spelling]
        if path.is_relative_to(self._checkout) and not any(path.is_relative_to(folder) for folder in self._foreign):
            return None
        if source.place == "base_library.zip" or path.resolve().is_relative_to(_standard_library()):
            return self._python
        return self._of_system(path) or self._of_python(path) or _nobody(source)

    def _of_system(self, path: Path) -> Product | None:
        if path not in self._system:
            self._system[path] = next(filter(None, (ask(path) for ask in (_debian, _rpm, _windows))), None)
        return self._system[path]

    def _of_python(self, path: Path) -> Product | None:
        """What an interpreter that no package manager knows brought along."""
        return self._python if path.resolve().is_relative_to(Path(sys.base_prefix).resolve()) else None


def product_of_distribution(name: str) -> Product:
    """Returns an installed Python package."""
    return _pypi(metadata.distribution(name))


def _nobody(source: Source) -> Product:
    raise BuildError(f"nobody knows what {source.path} belongs to, which became {source.place}")


def _packaged_files() -> Iterator[tuple[Path, Product | None]]:
    """Yields each file of each installed Python package; None for Catnap's own, installed from its checkout."""
    for distribution in metadata.distributions():
        product = None if distribution.metadata["Name"] == "catnap" else _pypi(distribution)
        for file in distribution.files or ():
            yield Path(str(distribution.locate_file(file))).absolute(), product


def _pypi(distribution: metadata.Distribution) -> Product:
    about = distribution.metadata
    told = [about[key] for key in ("License-Expression", "License") if key in about]
    named = next(filter(None, [*told, _classified(about.get_all("Classifier") or ())]), "")
    return Product("pypi", about["Name"], distribution.version, named.partition("\n")[0])


def _classified(classifiers: Iterable[str]) -> str:
    """Returns the licence that the classifiers name, empty where they do not."""
    return next((text.split(" :: ")[-1] for text in classifiers if text.startswith("License :: ")), "")


def _standard_library() -> Path:
    return Path(sysconfig.get_path("stdlib")).resolve()


def _parts(place: str) -> tuple[str, ...]:
    return PurePosixPath(place.replace("\\", "/")).parts


def _is_icu(place: str) -> bool:
    return _parts(place)[-1].startswith("libicu")


def _is_qt(place: str) -> bool:
    parts = _parts(place)
    if parts[0] != "PySide6" or len(parts) == 1:
        return False
    # Linux and macOS keep Qt in a folder of its own, Windows puts it beside the bindings.
    return "Qt" in parts or "plugins" in parts or "translations" in parts or parts[-1].startswith("Qt6")


def _is_llama(place: str) -> bool:
    return _parts(place)[:2] == ("llama_cpp", "lib")


def _qt_version() -> str:
    from PySide6.QtCore import qVersion

    return qVersion()


def _icu_version(library: Path) -> str:
    """Asks ICU, whose functions have the major version in their names; all of its libraries lie in one folder."""
    core = next(library.parent.glob("libicuuc.so.*"))
    major = core.name.rpartition(".")[2]
    numbers = (ctypes.c_uint8 * 4)()
    ctypes.CDLL(str(core))[f"u_getVersion_{major}"](numbers)
    return f"{numbers[0]}.{numbers[1]}"


def _llama_version(libraries: Path) -> str:
    """Names the copy by the package that holds it and by ggml's own number: llama.cpp's copy there has none."""
    base = next(file for file in libraries.iterdir() if file.name.removeprefix("lib").startswith("ggml-base."))
    version = ctypes.CDLL(str(base)).ggml_version
    version.restype = ctypes.c_char_p
    return f"{metadata.version('llama-cpp-python')}+ggml.{version().decode()}"


def _debian(path: Path) -> Product | None:
    """Asks dpkg, which knows a file of a merged /usr under either of its names."""
    if shutil.which("dpkg-query") is None:
        return None
    for spelling in (path, path.resolve(), *_unmerged(path.resolve())):
        done = _ask(["dpkg-query", "--search", str(spelling)])
        if done:
            package = done.splitlines()[0].partition(": ")[0].partition(",")[0]
            shown = _ask(["dpkg-query", "--show", "--showformat=${Package} ${Version}", package])
            name, _, version = shown.partition(" ")
            return Product("deb", name, version, distribution=_this_system())
    return None


def _unmerged(path: Path) -> Iterator[Path]:
    if path.is_relative_to("/usr/lib"):
        yield Path("/") / path.relative_to("/usr")


def _rpm(path: Path) -> Product | None:
    if shutil.which("rpm") is None:
        return None
    done = _ask(["rpm", "--query", "--file", str(path.resolve()), "--queryformat", "%{NAME}|%{EVR}|%{LICENSE}\n"])
    if not done:
        return None
    name, version, license_ = done.splitlines()[0].split("|")
    return Product("rpm", name, version, license_, _this_system())


def _windows(path: Path) -> Product | None:
    """What Windows itself ships: the C runtime, which PyInstaller takes along."""
    if sys.platform != "win32" or "system32" not in (part.lower() for part in path.parts):
        return None
    return Product("generic", "microsoft-windows", platform.version())


def _this_system() -> str:
    system = platform.freedesktop_os_release()
    return f"{system['ID']}-{system.get('VERSION_ID', 'rolling')}"


def _ask(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
