"""The bytes of an unfinished download: ``<file>.part``, and ``<file>.part.json`` that says what they are.

``<file>.part.json`` is ``{"version": 1, "sha256", "size", "etags": {host: etag}, "safe": bytes}``. ``safe`` bytes have
reached the disk: after a power cut the rest may be zeros on any file system, so a later run keeps no more than those.

Apart from the functions at the top nothing here is for the GUI thread: every method reads or writes the disk.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from desktop.common.errors import QT_TRANSLATE_NOOP, Cancelled, UserFacingError
from desktop.common.file_lock import LOCK_ERRORS, lock
from desktop.common.json_file import read_json, write_json
from desktop.common.set_aside import rename_bad
from desktop.models.disk import Write, disk_error, sync_folder, write_raw
from desktop.models.download.headers import strong_etag
from desktop.models.remembered.checksums import write_note
from desktop.models.types import ModelSpec

if TYPE_CHECKING:
    import hashlib

_VERSION = 1
_BLOCK = 1 << 20
# Bytes of the file that says what the others are.
_MOST_INFO = 100_000
# How much work a power cut may cost: bytes, and seconds where the line is slow.
_SYNC_BYTES = 8 << 20
_SYNC_SECONDS = 2.0

_BINARY = getattr(os, "O_BINARY", 0)
_log = logging.getLogger(__name__)


def part_path(path: Path) -> Path:
    """Returns where the unfinished bytes of ``path`` lie."""
    return path.with_name(f"{path.name}.part")


def info_path(path: Path) -> Path:
    """Returns where it is written what the unfinished bytes of ``path`` are."""
    return path.with_name(f"{path.name}.part.json")


def bytes_on_disk(path: Path) -> int:
    """Returns the length of what is there of an unfinished download of ``path``; 0 for nothing."""
    try:
        return part_path(path).stat().st_size
    except OSError:
        return 0


def discard(path: Path) -> None:
    """Removes what is there of an unfinished download of ``path``.

    Raises:
        UserFacingError: It cannot be removed.
    """
    try:
        part_path(path).unlink(missing_ok=True)
        info_path(path).unlink(missing_ok=True)
    except OSError as problem:
        raise disk_error(part_path(path), problem) from problem


class PartFile:
    """An unfinished download, open for this process alone until :meth:`close`.

    Attributes:
        size: Bytes that are there; 0 before :meth:`open`.
    """

    def __init__(self, folder: Path, spec: ModelSpec, write: Write = write_raw) -> None:
        """
        Args:
            folder: The model folder; made if need be.
            spec: The model.
            write: Writes to the file.
        """
        self._write = write
        self._target = folder / spec.file
        self._spec = spec
        self._path = part_path(self._target)
        self._handle: BinaryIO | None = None
        self._hash = _new_digest()
        self._etags: dict[str, str] = {}
        self._safe = 0
        self._synced_at = time.monotonic()
        self.size = 0

    def open(self) -> None:
        """Opens and locks the file; what is there and can be built upon is counted in ``size``.

        Raises:
            UserFacingError: It cannot be written, or another Catnap is downloading the same model.
        """
        with self._guarded():
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._handle = self._open()
            self.size = self._usable_size()
            self._stream.truncate(self.size)

    @property
    def _stream(self) -> BinaryIO:
        assert self._handle is not None, "open() comes first"
        return self._handle

    def rehash(self, cancelled: Callable[[], bool]) -> None:
        """Reads what is there once more, so that the sha256 can be continued. Takes seconds for a large part.

        Raises:
            Cancelled: ``cancelled`` said so.
            UserFacingError: The disk failed.
        """
        self._hash = _new_digest()
        with self._guarded():
            self._stream.seek(0)
            left = self.size
            while left > 0:
                if cancelled():
                    raise Cancelled
                block = self._stream.read(min(left, _BLOCK))
                if not block:
                    self.size -= left  # it was cut by somebody else; what was read still counts
                    break
                self._hash.update(block)
                left -= len(block)
            self._safe = min(self._safe, self.size)

    def etag(self, host: str) -> str | None:
        """Returns the ETag under which ``host`` gave these bytes, if it gave any."""
        return self._etags.get(host)

    def begin(self, host: str, etag: str | None, start: int) -> None:
        """Notes that ``host`` sends from byte ``start`` on: 0 throws away what is there, ``size`` continues.

        Raises:
            UserFacingError: The disk failed.
        """
        with self._guarded():
            if start == 0:
                self._stream.truncate(0)
                self._hash = _new_digest()
                self.size = self._safe = 0
                self._etags = {}
            self._stream.seek(self.size)
            if etag:
                self._etags[host] = etag
            self._write_info()

    def append(self, data: bytes) -> None:
        """Writes the next bytes.

        Raises:
            UserFacingError: The disk failed; ``size`` counts whole bytes that were written before.
        """
        with self._guarded():
            try:
                left = memoryview(data)
                while left:
                    left = left[self._write(self._stream, left) :]
            except OSError:
                # Some of it may have been written: the file, size and hash must agree for the next try.
                with contextlib.suppress(OSError):
                    self._stream.seek(self.size)
                    self._stream.truncate(self.size)
                raise
            self._hash.update(data)
            self.size += len(data)
            grown = self.size - self._safe
            if grown >= _SYNC_BYTES or time.monotonic() - self._synced_at >= _SYNC_SECONDS:
                self._sync()

    def finish(self) -> Path:
        """Checks the sha256 and gives the file its name; returns it.

        Raises:
            UserFacingError: The sha256 is wrong (the file is set aside and named), or the disk failed.
        """
        with self._guarded():
            if self._hash.hexdigest() != self._spec.sha256:
                self._close_for_rename()
                aside = rename_bad(self._path, self._target.name)
                self._stream.close()
                info_path(self._target).unlink(missing_ok=True)
                raise UserFacingError(
                    QT_TRANSLATE_NOOP("Errors", "The downloaded file is not the one that was published."),
                    f"{aside}.",
                    QT_TRANSLATE_NOOP(
                        "Errors", "It was set aside and is not used. Download it again, perhaps from another host."
                    ),
                )
            os.fsync(self._stream.fileno())
            self._close_for_rename()
            self._path.replace(self._target)
            self._stream.close()
            info_path(self._target).unlink(missing_ok=True)
        try:
            write_note(self._target, self._spec.sha256)
            sync_folder(self._target.parent)
        except OSError as problem:  # the model is whole and in its place; at worst it is hashed once more
            _log.warning("cannot note that %s is right: %s", self._target, problem)
        return self._target

    def close(self) -> None:
        """Brings everything to the disk and gives the lock back; an empty file is removed. Can be called again."""
        if self._handle is None or self._handle.closed:
            return
        with contextlib.suppress(OSError):
            if self.size > self._safe:
                self._sync()
            elif self.size == 0:
                self._close_for_rename()
                self._path.unlink(missing_ok=True)
                info_path(self._target).unlink(missing_ok=True)
        self._handle.close()

    def _open(self) -> BinaryIO:
        while True:
            # Unbuffered: what append() has taken is in the file, and a full disk is noticed there and not at close().
            stream: BinaryIO = os.fdopen(
                os.open(self._path, os.O_RDWR | os.O_CREAT | _BINARY, 0o644), "r+b", buffering=0
            )
            try:
                lock(stream)
                # Whoever held the lock may have finished in between: then this handle is of a file with another name.
                if self._path.exists() and os.path.samestat(os.fstat(stream.fileno()), self._path.stat()):
                    return stream
            except LOCK_ERRORS as problem:
                stream.close()
                raise UserFacingError(
                    QT_TRANSLATE_NOOP("Errors", "Another Catnap is downloading this model already."),
                    f"{self._path}.",
                    QT_TRANSLATE_NOOP("Errors", "Wait until it is done, or stop it there."),
                ) from problem
            except BaseException:
                stream.close()
                raise
            stream.close()

    def _usable_size(self) -> int:
        """Returns how many of the bytes in the file can be built upon."""
        on_disk = os.fstat(self._stream.fileno()).st_size
        try:
            info: Any = read_json(info_path(self._target), _MOST_INFO)
            known = info["version"] == _VERSION and info["sha256"] == self._spec.sha256
            safe = int(info["safe"])
            # They become headers.
            etags = {str(host): etag for host, each in info["etags"].items() if (etag := strong_etag(str(each)))}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError):
            return 0  # nobody knows what these bytes are
        if not known or not 0 <= safe <= self._spec.size or on_disk < safe:
            return 0
        self._etags, self._safe = etags, safe
        return safe

    def _sync(self) -> None:
        os.fsync(self._stream.fileno())
        self._safe = self.size
        self._synced_at = time.monotonic()
        self._write_info()

    def _write_info(self) -> None:
        document = {
            "version": _VERSION,
            "sha256": self._spec.sha256,
            "size": self._spec.size,
            "etags": self._etags,
            "safe": self._safe,
        }
        write_json(info_path(self._target), document)

    def _close_for_rename(self) -> None:
        # Elsewhere the lock is kept until the file has its name or is gone, so that nobody begins in between.
        if sys.platform == "win32":
            self._stream.close()

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            raise disk_error(self._path, problem) from problem


def _new_digest() -> hashlib._Hash:
    import hashlib  # OpenSSL's library comes with it, which a program that downloads nothing does not need

    return hashlib.sha256()
