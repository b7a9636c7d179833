"""Collects the licence of everything that is in the bundle, into its folder ``licenses``.

Whose a file is says ``sbom_owners``. A Python package carries its licence in its metadata, a package of the system has
it where the system keeps such texts, and what comes inside another package without a text (Qt, ICU, llama.cpp) has
one in ``packaging/licenses``. A file whose licence is not known stops the build.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from bundle.file_owners import Owners, Product, Source, product_of_distribution
from bundle.identity import read_identity
from setup.commands import BuildError

# Folder in the bundle, and the list in it that says what belongs to which text.
FOLDER = "licenses"
INDEX = "index.json"

_TEXTS = Path(__file__).parents[1] / "licenses"
_LGPL = ("lgpl-3.0.txt", "gpl-3.0.txt")  # the second is part of the first
# What brings no text of its own, by the name of its product.
_OWN_TEXTS: dict[str, tuple[str, ...]] = {
    "qt": (*_LGPL, "qt-third-party.txt"),
    "PySide6_Essentials": _LGPL,
    "PySide6_Addons": _LGPL,
    "shiboken6": _LGPL,
    "icu": ("icu.txt",),
    "latex2mathml": ("latex2mathml.txt",),
    "llama.cpp": ("llama.cpp.txt",),
}
_IS_TEXT = re.compile(r"licen[cs]e|copying|notice|authors|copyright", re.IGNORECASE)
# Debian's texts do not repeat the long licences, they name the file.
_COMMON = Path("/usr/share/common-licenses")
_NAMES_COMMON = re.compile(rf"{_COMMON}/([\w.+-]*\w)")


def collect(root: Path, work: Path, sources: Iterable[Source], target: Path) -> Iterator[tuple[str, str]]:
    """Writes the folder and yields its files as PyInstaller wants them: (file, folder in the bundle).

    Args:
        root: The checkout.
        work: Where PyInstaller works on the bundle.
        sources: All that goes into the bundle.
        target: Where to write; emptied before.

    Raises:
        BuildError: The licence of something is not known.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    owners = Owners(root, work)
    owned: defaultdict[Product | None, list[Source]] = defaultdict(list)
    for source in sources:
        owned[owners.of(source)].append(source)
    owned[product_of_distribution("pyinstaller")] += []  # its starter is linked into our program
    entries = [_own_entry(root, owned.pop(None, []), target)]
    entries += [_entry(product, owned[product], target) for product in sorted(owned, key=repr) if product is not None]
    _add_common(target)
    (target / INDEX).write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (target / "README.txt").write_text(_overview(entries), encoding="utf-8")
    for file in sorted(target.rglob("*")):
        if file.is_file():
            yield str(file), str(Path(FOLDER) / file.parent.relative_to(target))


def _own_entry(root: Path, sources: Iterable[Source], target: Path) -> dict[str, object]:
    identity = read_identity(root)
    return _record(identity.name, identity.version, "MIT", sources, _copy([root / "LICENSE"], target / identity.name))


def _entry(product: Product, sources: Iterable[Source], target: Path) -> dict[str, object]:
    texts = list(texts_of(product))
    if not texts:
        raise BuildError(f"the licence of {product.name} {product.version} was not found; packaging/licenses is for it")
    return _record(product.name, product.version, product.license, sources, _copy(texts, target / _safe(product.name)))


def _record(
    name: str, version: str, licence: str, sources: Iterable[Source], texts: Iterable[Path]
) -> dict[str, object]:
    owned = list(sources)
    return {
        "name": name,
        "version": version,
        "license": licence,
        "texts": sorted(text.relative_to(text.parents[1]).as_posix() for text in texts),
        "files": sorted({source.place.replace("\\", "/") for source in owned if not source.module}),
        "modules": sorted({source.place for source in owned if source.module}),
    }


def texts_of(product: Product) -> Iterator[Path]:
    """Yields the files with the licence of a product; none where it is not known."""
    if product.name in _OWN_TEXTS:
        yield from (_TEXTS / name for name in _OWN_TEXTS[product.name])
    elif product.kind == "pypi":
        yield from _of_distribution(product.name)
    elif product.kind == "deb":
        yield from _there(Path("/usr/share/doc") / product.name / "copyright")
    elif product.kind == "rpm":
        folder = Path("/usr/share/licenses") / product.name
        yield from sorted(file for file in folder.rglob("*") if file.is_file())
    elif product.name == "cpython":
        yield from _of_python()
    elif product.name == "microsoft-windows":
        yield from _of_python()  # Python's text has the terms of the C runtime that comes with it


def _of_distribution(name: str) -> Iterator[Path]:
    for file in metadata.distribution(name).files or ():
        # In its metadata, wherever there: "x.dist-info/LICENSE"; in the folder for licences whatever it is called.
        if ".dist-info" in file.parts[0] and (file.parts[1] == "licenses" or _IS_TEXT.search(file.name)):
            yield from _there(Path(str(file.locate())))


def _of_python() -> Iterator[Path]:
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    places = (
        Path(sysconfig.get_path("stdlib")) / "LICENSE.txt",
        Path(sys.base_prefix) / "LICENSE.txt",
        Path("/usr/share/doc") / version / "copyright",
    )
    yield from [place for place in places if place.is_file()][:1]


def _there(file: Path) -> Iterator[Path]:
    if file.is_file():
        yield file


def _copy(texts: Iterable[Path], folder: Path) -> Iterator[Path]:
    """Copies the texts into a folder of their own and yields the copies."""
    folder.mkdir(parents=True, exist_ok=True)
    for text in texts:
        copy = folder / (text.name if text.suffix else f"{text.name}.txt")
        copy.write_bytes(text.read_bytes())
        yield copy


def _add_common(target: Path) -> None:
    """Adds the long licences that the texts name instead of repeating them."""
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in target.rglob("*.txt")]
    names = {name for text in texts for name in _NAMES_COMMON.findall(text)}
    there = [_COMMON / name for name in sorted(names) if (_COMMON / name).is_file()]
    for licence in there:
        folder = target / _COMMON.name
        folder.mkdir(exist_ok=True)
        (folder / licence.name).write_bytes(licence.read_bytes())


def _safe(name: str) -> str:
    return re.sub(r"[^\w.+-]", "-", name)


def _overview(entries: Iterable[dict[str, object]]) -> str:
    lines = [
        "Catnap is made of the following. The texts of the licences are in the folders of these names; what Debian's",
        f"texts call {_COMMON} is the folder {_COMMON.name} here. {INDEX} says which file is whose.",
        "",
    ]
    for entry in entries:
        lines.append(f"{entry['name']} {entry['version']}" + (f" ({entry['license']})" if entry["license"] else ""))
    return "\n".join(lines) + "\n"
