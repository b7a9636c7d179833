"""One Catnap for each data folder: a lock decides who is first, a local socket carries what later starts want.

The protocol is one line of JSON each way. A request is ``{"version": 1, "verb": "show", "activation_token": ""}``, in
version 2 ``{"version": 2, "verb": "action", "activation_token": "", "action": "Explain"}``. The answer is
``{"ok": true}`` or ``{"ok": false, "error": "newer-version"}``; the sentence for it is made by who asked.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal, Slot

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.instance_address import is_text, prepare_folder
from desktop.common.json_file import JsonError, parse_json, to_json
from desktop.common.paths import Paths
from desktop.common.printable import printable
from desktop.common.set_aside import set_aside

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

VERSION = 2
VERBS = ("show", "quick-ask", "action", "quit")
# Verbs that an older Catnap does not know, and must say so: the version in which they came.
_CAME_IN = MappingProxyType({"action": 2})
# How long a person waits for a program that does not answer before being told so.
PATIENCE_S = 3.0
# From a cold disk an old laptop takes that long until a Catnap that has its lock can answer.
STARTING_S = 30.0
_LINE_MAX = 8192  # bytes; an activation token is some 60 characters
_TOKEN_MAX = 256
_ACTION_MAX = 200  # characters; names have 60 at the most
_RETRY_MS = 50
# A lock file that is as it was for so long is held by whoever made it, or by nobody.
_SETTLED_S = 0.3
_FIELDS = frozenset({"version", "verb", "activation_token"})
_ACTION_FIELDS = _FIELDS | {"action"}


@dataclass(frozen=True)
class Request:
    """What a later start asks of the first.

    Attributes:
        verb: One of ``VERBS``.
        activation_token: What lets a window come to the front under Wayland (xdg-activation); may be empty.
        action: Name of the quick action that the verb "action" is about; else empty.
    """

    verb: str
    activation_token: str = ""
    action: str = ""


@dataclass(frozen=True)
class Reply:
    """How a request went.

    Attributes:
        running: Another Catnap took the connection.
        problem: Why the request was not done, for the user; None: it was.
    """

    running: bool
    problem: UserFacingError | None = None

    @property
    def ok(self) -> bool:
        return self.problem is None


class Refused(Exception):  # noqa: N818 (an answer of the protocol, not a failure)
    """A request that is not done; ``code`` is what the answer says."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def encode_request(request: Request) -> bytes:
    """Returns the line that asks for ``request``."""
    fields: dict[str, object] = {"version": _CAME_IN.get(request.verb, 1), "verb": request.verb}
    fields["activation_token"] = request.activation_token
    if request.verb == "action":
        fields["action"] = printable(request.action[:_ACTION_MAX])
    return to_json(fields).encode() + b"\n"


def decode_request(line: bytes) -> Request:
    """Checks a line from the socket.

    Raises:
        Refused: ``malformed``, ``newer-version`` or ``unknown-verb``.
    """
    try:
        fields = parse_json(line, _LINE_MAX)
    except JsonError as problem:
        raise Refused("malformed") from problem
    if not isinstance(fields, dict):
        raise Refused("malformed")
    version = fields.get("version")
    if type(version) is not int or version < 1:
        raise Refused("malformed")
    if version > VERSION:
        raise Refused("newer-version")
    verb, token, action = fields.get("verb"), fields.get("activation_token"), fields.get("action", "")
    if (
        fields.keys() != (_ACTION_FIELDS if verb == "action" else _FIELDS)
        or not isinstance(verb, str)
        or not isinstance(token, str)
    ):
        raise Refused("malformed")
    if len(token) > _TOKEN_MAX or not (token.isascii() and token.isprintable()):
        raise Refused("malformed")
    if not isinstance(action, str) or len(action) > _ACTION_MAX:
        raise Refused("malformed")
    if verb not in VERBS or version < _CAME_IN.get(verb, 1):
        raise Refused("unknown-verb")
    return Request(verb, token, action)


def encode_answer(code: str | None) -> bytes:
    """Returns the line that answers: done (None), or refused with a code."""
    fields = {"ok": True} if code is None else {"ok": False, "error": code}
    return to_json(fields).encode() + b"\n"


def decode_answer(line: bytes) -> UserFacingError | None:
    """Returns what an answer means: None for done, else the sentence to show."""
    try:
        fields = parse_json(line, _LINE_MAX)
    except JsonError:
        fields = None
    if isinstance(fields, dict) and fields.get("ok") is True:
        return None
    code = fields.get("error") if isinstance(fields, dict) else None
    if code in ("newer-version", "unknown-verb"):
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The Catnap that is running is an older version and does not understand this."),
            "",
            QT_TRANSLATE_NOOP("Errors", "Quit it from its tray icon, then start Catnap again."),
        )
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The Catnap that is running did not accept the request."),
        str(code) if isinstance(code, str) else "",
        QT_TRANSLATE_NOOP("Errors", "Quit it from its tray icon, then start Catnap again."),
    )


class SingleInstance(QObject):
    """The first Catnap of a data folder, or the way to reach it. GUI thread.

    Attributes:
        requested: Emits a verb of ``VERBS``, an activation token and the name of an action (both may be empty) when a
            later start asks for it; the later start has been answered by then.
    """

    requested = Signal(str, str, str)

    def __init__(self, paths: Paths, parent: QObject | None = None) -> None:
        """Takes nothing yet. ``paths.create()`` must have been called."""
        super().__init__(parent)
        self._paths = paths
        lock = paths.lock_file
        if not is_text(lock) and prepare_folder(paths.instance_name):
            lock = Path(paths.instance_name).with_suffix(".lock")
        self._lock = QLockFile(str(lock))
        # 0: a lock never goes stale by age, we hold it for weeks; a holder that is no longer alive is found by its pid.
        self._lock.setStaleLockTime(0)
        self._server: QLocalServer | None = None

    @property
    def patience(self) -> float:
        """Seconds after which the Catnap that holds the lock should have answered; it may just be starting."""
        try:
            age = time.time() - Path(self._lock.fileName()).stat().st_mtime
        except OSError:  # gone by now
            return PATIENCE_S
        return max(PATIENCE_S, STARTING_S - age) if age >= 0 else PATIENCE_S  # the clock may have been set back

    def acquire(self, listen: bool = True) -> bool:
        """Tries to become the first.

        A lock left by a crash is taken over, and whatever else lies in its place. While another Catnap holds the lock
        but cannot be reached (it is starting, or on its way out) this waits for as long as :attr:`patience` says.

        Args:
            listen: Also take requests, which needs a QCoreApplication; False before there is one, then :meth:`listen`.

        Returns:
            False: another Catnap is there; talk to it with :meth:`send`.

        Raises:
            UserFacingError: The lock file or the socket cannot be made.
        """
        if not self._take_lock():
            return False
        if listen:
            self.listen()
        return True

    def listen(self) -> None:
        """Starts to take requests; only after :meth:`acquire` returned True.

        Raises:
            UserFacingError: The socket cannot be made; the lock is released.
        """
        from PySide6.QtNetwork import (
            QLocalServer,  # only the first instance listens, and after its icon is there
        )

        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        reasons: list[str] = []
        for name in self._paths.instance_names:
            if not prepare_folder(name):
                reasons.append(name)
                continue
            QLocalServer.removeServer(name)  # left by a crash: we hold the lock, so nobody listens on it
            if server.listen(name):
                server.newConnection.connect(self._serve)
                self._server = server
                return
            reasons.append(f"{name}: {server.errorString()}")
            if os.path.lexists(name):
                break  # something of this user's own is in the way, and said; elsewhere there may be no sockets at all
        server.deleteLater()
        self._lock.unlock()
        raise _no_socket("; ".join(reasons))

    def send(self, verb: str, timeout: float = PATIENCE_S, activation_token: str = "", action: str = "") -> Reply:
        """Asks the running Catnap for something and waits for its answer, blocking.

        Args:
            verb: One of ``VERBS``.
            timeout: Seconds to wait altogether.
            activation_token: For the window to come to the front: ``$XDG_ACTIVATION_TOKEN``.
            action: Name of the quick action, for the verb "action".
        """
        if verb not in VERBS:
            raise ValueError(f"unknown verb {verb!r}")
        deadline = time.monotonic() + timeout
        from PySide6.QtNetwork import QLocalSocket

        socket = QLocalSocket()
        try:
            if not any(_connect(socket, name, deadline) for name in self._paths.instance_names):
                return Reply(False, self._nobody_there())
            _let_it_come_to_the_front()
            socket.write(encode_request(Request(verb, activation_token, action)))
            while not socket.canReadLine():
                left = _milliseconds_until(deadline)
                if left == 0 or not socket.waitForReadyRead(left):
                    return Reply(True, _no_answer(timeout))
            return Reply(True, decode_answer(bytes(socket.readLine().data())))
        finally:
            socket.abort()

    def close(self) -> None:
        """Takes no more requests and lets the next start be the first. May be repeated."""
        if self._server is not None:
            self._server.close()
            self._server.deleteLater()
            self._server = None
        if self._lock.isLocked():
            self._lock.unlock()

    def _take_lock(self) -> bool:
        """Takes the lock, whatever lies in its place: only one that a living program holds is respected.

        Who holds it is not read from the file, which may be empty, garbage, or name a number that the system has given
        to another program since: the holder has locked the file itself, and the system takes that back when it ends.
        """
        began = since = time.monotonic()
        deadline = began + self.patience
        seen: os.stat_result | None = None
        self._clear_the_place()  # QLockFile would wait for ever for a pipe
        while not self._lock.tryLock(0):
            if self._lock.error() is not QLockFile.LockError.LockFailedError:
                raise _cannot_write(self._lock.fileName())
            self._clear_the_place()
            if self._is_reachable():
                return False
            now, status = time.monotonic(), self._status()
            if seen is None or status is None or (seen.st_ino, seen.st_mtime_ns) != (status.st_ino, status.st_mtime_ns):
                seen, since = status, now
            # Not at once: between making the file and locking it there is a moment.
            elif now > since + _SETTLED_S and self._remove_unheld():
                continue
            if now > deadline:
                return self._remove_unheld() and self._lock.tryLock(0)
            time.sleep(_RETRY_MS / 1000)
        return True

    def _status(self) -> os.stat_result | None:
        try:
            return Path(self._lock.fileName()).lstat()
        except OSError:
            return None

    def _clear_the_place(self) -> None:
        """Puts aside what is no file: a folder, a link, a pipe.

        Raises:
            UserFacingError: It cannot be moved.
        """
        status = self._status()
        if status is not None and not stat.S_ISREG(status.st_mode):
            lock = Path(self._lock.fileName())
            if set_aside(lock, "broken") is None:
                raise _cannot_write(f"{lock}.")

    def _remove_unheld(self) -> bool:
        """Removes a lock that nobody holds; returns whether that was so.

        Raises:
            UserFacingError: It is another user's, and whether it is held cannot be found out.
        """
        if self._lock.removeStaleLockFile():
            return True
        lock = Path(self._lock.fileName())
        if sys.platform == "win32" or os.access(lock, os.W_OK) or not lock.exists():
            return False
        import fcntl

        try:
            handle = os.open(lock, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as problem:
            raise _foreign_lock(lock) from problem
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            lock.unlink()
        except BlockingIOError:
            return False
        except OSError as problem:
            raise _foreign_lock(lock) from problem
        finally:
            os.close(handle)
        return True

    def _nobody_there(self) -> UserFacingError:
        if self._lock.error() is QLockFile.LockError.LockFailedError:  # acquire() has just met the one that holds it
            return _no_answer(PATIENCE_S)
        return UserFacingError(QT_TRANSLATE_NOOP("Errors", "Catnap is not running."))

    def _is_reachable(self) -> bool:
        from PySide6.QtNetwork import QLocalSocket

        probe = QLocalSocket()
        reached = any(_connect(probe, name, time.monotonic() + _RETRY_MS / 1000) for name in self._paths.instance_names)
        probe.abort()
        return reached

    @Slot()
    def _serve(self) -> None:
        while self._server is not None and (socket := self._server.nextPendingConnection()) is not None:
            _Visitor(socket, self)


class _Visitor(QObject):
    """One connection to the first Catnap: reads a line, answers, hangs up."""

    def __init__(self, socket: QLocalSocket, house: SingleInstance) -> None:
        super().__init__(socket)
        self._socket = socket
        self._house = house
        socket.setReadBufferSize(_LINE_MAX + 1)
        socket.readyRead.connect(self._read)
        socket.disconnected.connect(socket.deleteLater)
        # Somebody who connects and says nothing does not stay for ever.
        QTimer.singleShot(int(PATIENCE_S * 1000), self, socket.abort)
        self._read()  # the line may have come with the connection

    @Slot()
    def _read(self) -> None:
        if not self._socket.canReadLine():
            if self._socket.bytesAvailable() > _LINE_MAX:
                self._answer("malformed")
            return
        try:
            request = decode_request(bytes(self._socket.readLine(_LINE_MAX + 1).data()))
        except Refused as refused:
            self._answer(refused.code)
            return
        self._answer(None)
        self._house.requested.emit(request.verb, request.activation_token, request.action)

    def _answer(self, code: str | None) -> None:
        self._socket.readyRead.disconnect(self._read)
        self._socket.write(encode_answer(code))
        self._socket.flush()  # out before a "quit" is obeyed
        self._socket.disconnectFromServer()


def _connect(socket: QLocalSocket, name: str, deadline: float) -> bool:
    socket.connectToServer(name)
    return socket.waitForConnected(_milliseconds_until(deadline))


def _milliseconds_until(deadline: float) -> int:
    return max(0, round((deadline - time.monotonic()) * 1000))


def _no_answer(waited: float) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "Catnap is running already, but it does not answer."),
        f"{waited:.1f} s.",
        QT_TRANSLATE_NOOP("Errors", "Wait a moment and try again, or end the program in the system's task list."),
    )


def _cannot_write(detail: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "Catnap cannot write to its folder."),
        detail,
        QT_TRANSLATE_NOOP("Errors", "Make it writable, or start with --data-dir and another folder."),
    )


def _foreign_lock(lock: Path) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The lock file of Catnap belongs to another user, who may be running it."),
        f"{lock}.",
        QT_TRANSLATE_NOOP("Errors", "Delete that file if nobody else uses Catnap with this folder."),
    )


def _no_socket(detail: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "Catnap cannot make the socket by which a second start reaches the first."),
        f"{detail}.",
        QT_TRANSLATE_NOOP("Errors", "Remove what is in the way there, or start with --data-dir and another folder."),
    )


def _let_it_come_to_the_front() -> None:
    """Windows lets a program raise its window only if the one the user has just started allows it."""
    if sys.platform == "win32":
        import ctypes

        any_process = -1  # ASFW_ANY
        ctypes.windll.user32.AllowSetForegroundWindow(any_process)
