"""In which files of a folder words can be read, by a search of all their bytes."""

from __future__ import annotations

import contextlib
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path


def files_with(folder: Path, *words: str) -> list[str]:
    """Returns the files in which a word can be read: in UTF-8, UTF-16, JSON's escapes, or packed by zlib."""
    searched = {word.encode(code) for word in words for code in ("utf-8", "utf-16-le", "utf-16-be")}
    searched |= {json.dumps(word).strip('"').encode() for word in words}
    left = []
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink():
            content = file.read_bytes().lower()
            if any(word.lower() in text for text in (content, *_unpacked(file.read_bytes())) for word in searched):
                left.append(str(file.relative_to(folder)))
    return left


def _unpacked(content: bytes) -> Iterator[bytes]:
    """Yields what is packed in a file, as what is kept aside of an imported conversation is."""
    for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", content):
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj().decompress(content[match.start() :], 1 << 20).lower()
