"""Messages over a pipe: a length, a kind, the message as MessagePack.

Never pickle: what an engine process sends is not trusted, since a model file may have taken it over. msgspec checks
every value against the type of its field; what does not fit, or is too long, is a :class:`ProtocolError`.
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

# Bytes of one message. To the engine go whole conversations, from it pieces of an answer and lines of the log.
TO_PROCESS_LIMIT: Final = 64 * 1024 * 1024
FROM_PROCESS_LIMIT: Final = 1024 * 1024
_HEADER = struct.Struct("<IB")
_NOBODY_READS: Final = 1  # exit code


class ProtocolError(Exception):
    """What came is no message, or one that is too long, or that makes no sense now."""


class CutShortError(ProtocolError):
    """The other side has ended, or closed the pipe, in the middle of a message."""


class Sender:
    """Writes messages to a pipe; any thread, one message at a time. Blocks while the pipe is full."""

    def __init__(self, handle: int, kinds: Sequence[type]) -> None:
        """
        Args:
            handle: The pipe's end; stays open.
            kinds: What may be sent, in the order that both sides know.
        """
        self._handle = handle
        self._kinds = {kind: number for number, kind in enumerate(kinds)}
        self._encoder = msgspec.msgpack.Encoder(enc_hook=_encode)
        self._lock = threading.Lock()

    def send(self, message: object) -> None:
        """Writes a message. What UTF-8 cannot carry, as in the names of some files, arrives written out: ``\\udce9``.

        Raises:
            OSError: Nobody reads any more.
        """
        try:
            body = self._encoder.encode(message)
        except UnicodeEncodeError:
            plain = msgspec.to_builtins(message, builtin_types=(bytes,), enc_hook=_encode)
            body = self._encoder.encode(_carriable(plain))
        rest = memoryview(_HEADER.pack(len(body), self._kinds[type(message)]) + body)
        with self._lock:
            while rest:
                rest = rest[os.write(self._handle, rest) :]

    def send_or_end(self, message: object) -> None:
        """Writes a message, from a process of ours; ends the process where nobody reads any more: there is no app."""
        try:
            self.send(message)
        except OSError:
            os._exit(_NOBODY_READS)


class Receiver:
    """Reads messages from a pipe; one thread."""

    def __init__(self, handle: int, kinds: Sequence[type], limit: int) -> None:
        """
        Args:
            handle: The pipe's end; stays open.
            kinds: What may come, in the order that both sides know.
            limit: Bytes of one message at the most.
        """
        self._handle = handle
        self._decoders: list[msgspec.msgpack.Decoder[Any]] = [
            msgspec.msgpack.Decoder(kind, dec_hook=_decode) for kind in kinds
        ]
        self._limit = limit

    def receive(self) -> Any:
        """Waits for a message and returns it; None: the other side has closed the pipe.

        Raises:
            ProtocolError: What came is no message of the kinds expected.
        """
        header = self._read(_HEADER.size)
        if not header:
            return None
        if len(header) < _HEADER.size:
            raise CutShortError("half a message")
        length, kind = _HEADER.unpack(header)
        if length > self._limit or kind >= len(self._decoders):
            raise ProtocolError(f"{length} bytes of kind {kind}")
        body = self._read(length)
        if len(body) < length:
            raise CutShortError("half a message")
        try:
            return self._decoders[kind].decode(body)
        except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as problem:  # the last: nested too deep
            raise ProtocolError(f"kind {kind}: {problem}") from problem

    def _read(self, count: int) -> bytes:
        parts: list[bytes] = []
        while count > 0:
            part = os.read(self._handle, min(count, 1 << 16))
            if not part:
                break
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


def _carriable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {name: _carriable(each) for name, each in value.items()}
    return [_carriable(each) for each in value] if isinstance(value, list | tuple) else value


def _encode(value: object) -> object:
    if isinstance(value, Path):
        return os.fsencode(value)
    raise NotImplementedError(type(value).__name__)


def _decode(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, bytes):
        return Path(os.fsdecode(value))
    raise ValueError(f"no {kind.__name__}")
