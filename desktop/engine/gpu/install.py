"""Puts the download for graphics processors where it is looked for: unpacked, and only if it is the right one."""

from __future__ import annotations

import hashlib
import lzma
from pathlib import Path
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.regular_file import NotAFileError, open_regular
from desktop.engine.gpu import errors
from desktop.engine.gpu.manifest import Manifest

_CHUNK: Final = 1 << 20
_SUFFIX: Final = ".xz"


def install(source: Path, known: tuple[Manifest, ...], downloads: Path) -> Path:
    """Unpacks a downloaded file into the folder where libraries are looked for; seconds.

    Args:
        source: The download, packed or not.
        known: What belongs to this build.
        downloads: That folder; made if need be.

    Returns:
        Where it lies now.

    Raises:
        UserFacingError: It is none of the files that belong to this build, or there is no room.
    """
    downloads.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = downloads / "unfinished.part"
    most = max((each.size for each in known), default=0)
    try:
        digest, size = hashlib.sha256(), 0
        with (
            open_regular(source) as packed,
            lzma.open(packed) if source.suffix == _SUFFIX else packed as content,
            unfinished.open("wb") as target,
        ):
            while size <= most and (chunk := content.read(_CHUNK)):
                size += len(chunk)
                digest.update(chunk)
                target.write(chunk)
        found = next((each for each in known if (each.size, each.sha256) == (size, digest.hexdigest())), None)
        if found is None:
            raise errors.not_genuine(source)
        return unfinished.replace(downloads / found.file)
    except (lzma.LZMAError, EOFError, NotAFileError) as problem:
        raise errors.not_genuine(source) from problem
    except OSError as problem:
        title = QT_TRANSLATE_NOOP("Errors", "The file for graphics processors could not be put in its place.")
        raise UserFacingError(title, f"{problem.filename or source}: {problem.strerror or problem}.") from problem
    finally:
        unfinished.unlink(missing_ok=True)
