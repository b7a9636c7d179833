"""Whether the download for graphics processors is there, and the one for this build. No file of it is loaded here."""

from __future__ import annotations

import importlib.util
import platform
from pathlib import Path
from typing import Final

from desktop.engine.backends import GpuLibrary
from desktop.engine.gpu.build_id import build_id
from desktop.engine.gpu.manifest import MANIFEST_NAME, Manifest, read_manifest
from desktop.engine.gpu.verdict import FoundLibrary, Presence

_PACKAGE: Final = "llama_cpp"
_BASE: Final = ("libggml-base.so", "libggml-base.dylib", "ggml-base.dll")


def library_folder() -> Path | None:
    """Returns the folder with llama.cpp and the list of what belongs to it; None: it is not installed."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / "lib"


def known_libraries(folder: Path | None) -> tuple[Manifest, ...]:
    """Returns what belongs to this build and runs on this system, the best first; reads a file of a megabyte.

    Args:
        folder: See :func:`library_folder`.
    """
    known = read_manifest(folder / MANIFEST_NAME) if folder is not None else ()
    if folder is None or not known:
        return ()
    base = next((folder / name for name in _BASE if (folder / name).is_file()), None)
    if base is None:
        return ()
    this, system = build_id(base.read_bytes()), f"{platform.system()} {platform.machine()}"
    return tuple(each for each in known if each.fits == this and each.system == system)


def find_library(known: tuple[Manifest, ...], downloads: Path) -> FoundLibrary:
    """Looks for the downloaded file; its content is compared by whoever loads it, just before that.

    Args:
        known: See :func:`known_libraries`.
        downloads: The folder with the downloaded files.
    """
    if not known:
        return FoundLibrary(Presence.NONE_FOR_THIS_BUILD)
    worst = FoundLibrary(Presence.NOT_INSTALLED, path=downloads / known[0].file)
    for each in known:
        path = downloads / each.file
        try:
            size = path.stat().st_size
        except OSError:
            continue
        if size == each.size:
            return FoundLibrary(Presence.READY, GpuLibrary(path, each.size, each.sha256), path)
        worst = FoundLibrary(Presence.ANOTHER_FILE, path=path)
    return worst
