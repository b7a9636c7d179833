"""Which libraries for graphics processors belong to this very build of llama.cpp, and whether a file is one of them.

The list lies beside llama.cpp, with the program, and is written by whoever built both (``packaging
setup.gpu_library``). The library itself is a download that lies in the data folder, where anything may have been put:
it is compared with the list before it is loaded, and what is not on it is never loaded.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from desktop.common.json_file import read_json
from desktop.engine.backends import GpuLibrary

MANIFEST_NAME: Final = "gpu-libraries.json"
FORMAT: Final = 1
# Bytes of the list; of a library: CUDA's are the largest.
_MOST_LIST: Final = 100_000
_MOST_LIBRARY: Final = 2_000_000_000
_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """One library.

    Attributes:
        kind: "vulkan", "cuda" or "metal".
        file: Its name.
        size: Its bytes.
        sha256: Hash of its content, in hexadecimal digits.
        fits: Build id of the ``libggml-base`` that it was built with, see :mod:`desktop.engine.gpu.build_id`.
        system: What it runs on, as ``uname`` says: "Linux x86_64".
    """

    kind: str
    file: str
    size: int
    sha256: str
    fits: str
    system: str


def manifest_text(libraries: tuple[Manifest, ...]) -> str:
    """Returns the content of the list."""
    return json.dumps({"format": FORMAT, "libraries": [asdict(each) for each in libraries]}, indent=1) + "\n"


def read_manifest(file: Path) -> tuple[Manifest, ...]:
    """Returns what stands in the list; nothing where there is none, or none that this version understands."""
    try:
        document = read_json(file, _MOST_LIST)
        if document["format"] != FORMAT:
            return ()
        return tuple(_entry(each) for each in document["libraries"])
    except (OSError, ValueError, LookupError, TypeError):
        return ()


def is_genuine(library: BinaryIO, known: GpuLibrary) -> bool:
    """Tells whether an open file is the library that it must be, byte for byte; 30 ms for Vulkan's.

    Raises:
        OSError: It cannot be read.
    """
    import hashlib  # the program starts without it

    digest, size = hashlib.sha256(), 0
    while chunk := library.read(_CHUNK):
        size += len(chunk)
        if size > min(known.size, _MOST_LIBRARY):
            return False
        digest.update(chunk)
    return size == known.size and digest.hexdigest() == known.sha256


def _entry(value: Any) -> Manifest:
    texts = {name: value[name] for name in ("kind", "file", "sha256", "fits", "system")}
    size = value["size"]
    if not (all(isinstance(text, str) and text for text in texts.values()) and type(size) is int):
        raise ValueError("no entry of the list")
    entry = Manifest(size=size, **texts)
    if Path(entry.file).name != entry.file:
        raise ValueError("a path instead of a name")
    return entry
