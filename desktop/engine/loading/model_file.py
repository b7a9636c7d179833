"""The file of a model while it is in memory: whether it is still the one that was loaded, and who wants to write to it.

A file that is mapped shows what others write to it, and touching what they have cut off ends the process. So it is
looked at before each answer; and where the system has leases (:mod:`desktop.machine.file_lease`), a program that would
write to it waits until the model is let go. Engine process, but for :func:`fingerprint`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from desktop.common.file_identity import FileIdentity
from desktop.common.regular_file import open_regular
from desktop.gguf.parts import model_identity, present_parts
from desktop.machine.file_lease import ReadLease, wait_for_signal

_log = logging.getLogger(__name__)

# A file system that has not answered after this long is not there: what is in memory goes on without it.
_LOOK_SECONDS = 2.0


class FileState(Enum):
    """What has become of a file since it was loaded."""

    SAME = "same"
    REPLACED = "replaced"  # another one has its name; what is mapped is still whole
    CHANGED = "changed"  # somebody wrote to it
    GONE = "gone"  # deleted, or out of reach; what is in memory is still whole


def look(path: Path, seconds: float = _LOOK_SECONDS) -> FileIdentity | None:
    """Identifies a model's file, with all its parts; None: it is not there, or its file system does not answer.

    Args:
        path: The file that it is loaded by.
        seconds: Longest wait. A server that is gone may hold its callers for ever: such a thread is left behind.
    """
    found: list[FileIdentity] = []

    def ask() -> None:
        with contextlib.suppress(OSError):
            found.append(model_identity(path))

    thread = threading.Thread(target=ask, name="file-identity", daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else None


def fingerprint(identity: FileIdentity | None) -> str:
    """Returns a text that is the same for equal identities only; it fits any wire, which not every inode does."""
    if identity is None:
        return ""
    return f"{identity.device}:{identity.inode}:{identity.size}:{identity.mtime_ns}"


class ModelFile:
    """One model file that may be loaded, with all its parts, and is then watched. Main thread.

    Attributes:
        is_being_written: Somebody had it open for writing when it was opened here.
    """

    def __init__(self, path: Path, *, is_mapped: bool, on_wanted: Callable[[], None] | None = None) -> None:
        """
        Args:
            path: The file that is loaded; it is looked at, and not opened.
            is_mapped: It will be mapped, and not read.
            on_wanted: Called on a thread of this object when somebody waits to write to the file, which is then to be
                closed within half a minute. The signal of leases must be held back. None: no lease is taken.
        """
        self.path = path
        self.is_being_written = False
        self._is_mapped = is_mapped
        self._on_wanted = on_wanted
        self._known = look(path)
        # By their handles, whose identity on some systems is not that of a path.
        self._opened: dict[int, FileIdentity] = {}
        self._leases: dict[int, ReadLease] = {}
        self._watcher: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def identity(self) -> FileIdentity | None:
        """The file as it was when it was opened, or looked at first; None: there was none."""
        return self._known

    @property
    def is_another(self) -> bool:
        """Whether another file has the name since this object was made: the walls may be in the way of that one."""
        now = look(self.path)
        return now is not None and (
            self._known is None or (now.device, now.inode) != (self._known.device, self._known.inode)
        )

    def open(self) -> None:
        """Takes the file as it is now for the one that is loaded; a mapped one is kept open, with a lease if possible.

        Raises:
            OSError: It cannot be opened.
        """
        self.close()
        self._known = look(self.path)
        if not self._is_mapped or os.name == "nt":  # there a mapped file can be neither cut off nor replaced
            return
        try:
            for part in present_parts(self.path):
                with open_regular(part) as file:
                    handle = os.dup(file.fileno())
                with self._lock:
                    self._opened[handle] = FileIdentity.of_handle(handle)
                if self._on_wanted is not None:
                    self._take_lease(handle)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Lets the file go; nothing of it may be mapped any more. May be called again."""
        with self._lock:
            self._leases.clear()
            self.is_being_written = False
            for handle in self._opened:
                os.close(handle)
            self._opened.clear()

    def state(self) -> FileState:
        """Says what has become of the file since it was opened."""
        if self.is_spoilt:
            return FileState.CHANGED
        now, known = look(self.path), self._known
        if now is None:
            return FileState.GONE
        if now == known:
            return FileState.SAME
        if known is None or (now.size, now.mtime_ns) != (known.size, known.mtime_ns):
            return FileState.REPLACED
        # The same content by another number: so do drives that were pulled out and put back, and some file systems.
        return FileState.REPLACED if self._is_mapped else FileState.SAME

    @property
    def is_spoilt(self) -> bool:
        """Whether what is mapped has changed, so that whatever was computed since is worth nothing."""
        with self._lock:
            return any(self._is_changed(handle, opened) for handle, opened in self._opened.items())

    def _is_changed(self, handle: int, opened: FileIdentity) -> bool:
        lease = self._leases.get(handle)
        if lease is not None and lease.is_in_force:
            return False  # nobody wrote; its times can be set all the same
        with contextlib.suppress(OSError):
            return FileIdentity.of_handle(handle) != opened
        return True

    @property
    def inodes(self) -> tuple[int, ...]:
        """Numbers of the files that are mapped; none is, or the system numbers none: empty."""
        return tuple(opened.inode for opened in self._opened.values())

    def _take_lease(self, handle: int) -> None:
        try:
            lease = ReadLease(handle)
        except BlockingIOError:
            _log.info("another program has the model's file open for writing")
            self.is_being_written = True
        except OSError as problem:
            _log.info("no lease on the model's file: %s", problem.strerror)
        else:
            with self._lock:
                self._leases[handle] = lease
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="file-lease", daemon=True)
                self._watcher.start()

    def _watch(self) -> None:
        while True:
            wait_for_signal()
            with self._lock:
                is_wanted = any(not lease.is_in_force for lease in self._leases.values())
            if is_wanted and self._on_wanted is not None:
                _log.info("another program waits to write to the model's file")
                self._on_wanted()
