"""Conversation states on disk: what lets a nap cost nothing.

A snapshot is two files in the cache folder: the KV state as llama.cpp writes it (``<key>.state``) and a small header
(``<key>.json``) that says what it belongs to, how long it is and its checksum. The header is written last, so a state
without a header is an accident and is removed. Nothing here is durable data: whatever does not match is erased and the
conversation's text is read again.

Standard library only; the native calls are handed in. Called from the engine thread only.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from desktop.common.file_identity import FileIdentity
from desktop.common.json_file import read_json, write_json
from desktop.common.regular_file import open_regular
from desktop.gguf.parts import present_parts

FORMAT = 1
# Reading fewer tokens again is quicker than a file access on a slow disk is worth.
MIN_TOKENS = 64
# Of what many conversations begin with, fewer are worth it: read once, used at the beginning of each. A few words that
# every template puts there are not.
MIN_PREFIX_TOKENS = 16
_CHUNK = 1 << 20
# A file server's clock may differ by that much.
_CLOCK_SECONDS = 3600.0
# Bytes of a header: a million tokens.
_MOST_HEADER = 8_000_000
# The conversation stands among the first things in a header; ids that JSON would have to escape are none of ours.
_BEGINNING = 512
_NAMED = re.compile(rb'"conversation":\s*"([ -!#-\[\]-~]+)"')
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Identity:
    """Everything that a KV state depends on; a state of another identity is refused.

    Attributes:
        model: File name, size and modification time (nanoseconds) of the model.
        llama_build: Version of llama.cpp, whose state format may change.
        n_ctx: Context in tokens; 0: any.
        kv_type: Precision of the KV cache.
        flash_attention: Whether flash attention was in force: it changes the layout of the V cache.
        template: Hash of the chat template.
        n_ctx_matters: The same tokens have another state in another context.
        computed_by: What computed it: "cpu", or a graphics processor with its driver and its share of the layers.
            Headers from before there was a choice do not say, and are the processor's.
    """

    model: str
    llama_build: str
    n_ctx: int
    kv_type: str
    flash_attention: str
    template: str
    n_ctx_matters: bool = True
    computed_by: str = "cpu"

    @property
    def of_prefix(self) -> Identity:
        """What the state of a prefix depends on, which stands at the beginning of any context."""
        return self if self.n_ctx_matters else replace(self, n_ctx=0)


@dataclass(frozen=True)
class _Header:
    format: int
    conversation: str
    identity: Identity
    tokens: tuple[int, ...]
    size: int
    crc32: int


SaveState = Callable[[Path, Sequence[int]], bool]
LoadState = Callable[[Path, Sequence[int]], bool]


def model_identity(path: Path) -> str:
    """Returns what tells one model file from another without reading gigabytes: name, size, modification time."""
    facts = FileIdentity.of_all(present_parts(path))
    return f"{path.name}:{facts.size}:{facts.mtime_ns}"


class SnapshotStore:
    """The states of all conversations, least recently used removed first.

    A state whose id has a slash in it belongs to what stands before the slash: it goes when that is erased.
    """

    def __init__(self, folder: Path, budget: int) -> None:
        """
        Args:
            folder: Where they lie; made, private to the user, at the first save.
            budget: Bytes they may take together.
        """
        self._folder = folder
        self._budget = budget

    def save(
        self,
        conversation_id: str,
        identity: Identity,
        tokens: Sequence[int],
        save_state: SaveState,
        least: int = MIN_TOKENS,
    ) -> bool:
        """Writes the state of a conversation in the place of the one before.

        Args:
            conversation_id: Whose state it is.
            identity: What it depends on.
            tokens: The token ids in the KV cache.
            save_state: Writes the native state of ``tokens`` to a path; False when it failed.
            least: Fewer tokens are not kept.

        Returns:
            Whether the state is on disk now. A full disk or a state over the budget is no error: the text is read
            again.
        """
        if len(tokens) < least:
            return False
        state, header_file = self._files(conversation_id)
        scratch: Path | None = None
        try:
            import tempfile  # a tenth of the start of an engine process, which nothing of it is needed for

            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".tmp")  # mode 0600, kept by the native fopen
            os.close(handle)
            scratch = Path(name)
            if not save_state(scratch, tokens):
                return False
            size, crc = _measure(scratch)
            if size > self._budget:
                return False
            header_file.unlink(missing_ok=True)  # from here on an interruption leaves no header: the state is not used
            scratch.replace(state)
            header = _Header(FORMAT, conversation_id, identity, tuple(tokens), size, crc)
            write_json(header_file, asdict(header), durable=False, indent=None)
        except OSError as problem:
            _log.warning("conversation state not kept: %s", problem)
            return False
        finally:
            if scratch is not None:
                with contextlib.suppress(OSError):  # of a disk that has turned read-only: the next load sweeps
                    scratch.unlink(missing_ok=True)
        self._evict(keep=state)
        return True

    def peek(self, conversation_id: str, identity: Identity) -> tuple[int, ...] | None:
        """Returns the token ids of a stored state that fits ``identity``; one that does not is erased."""
        header = self._header(conversation_id)
        if header is None:
            return None
        if header.identity != identity:
            _log.info("conversation state refused: another model, setting or build")
            self.erase(conversation_id)
            return None
        return header.tokens

    def restore(self, conversation_id: str, identity: Identity, load_state: LoadState) -> tuple[int, ...] | None:
        """Loads a conversation's state if it is intact and fits ``identity``; else erases it.

        Args:
            load_state: Reads the native state from a path; False when it did not take it. The caller clears its KV
                cache in that case.

        Returns:
            The token ids now in the KV cache, or None.
        """
        tokens = self.peek(conversation_id, identity)
        header = self._header(conversation_id)
        if tokens is None or header is None:
            return None
        state, header_file = self._files(conversation_id)
        try:
            intact = _measure(state) == (header.size, header.crc32)
        except OSError:
            intact = False
        if not intact or not load_state(state, tokens):
            _log.info("conversation state refused: damaged")
            self.erase(conversation_id)
            return None
        now = time.time()
        for file in (state, header_file):
            os.utime(file, (now, now))  # "used" for the eviction; access times are often switched off
        return tokens

    def erase(self, conversation_id: str) -> None:
        """Removes the state of one conversation, or those that belong to an id."""
        for file in (*reversed(self._files(conversation_id)), *self._belonging_to(conversation_id)):
            with contextlib.suppress(OSError):
                if file.is_dir() and not file.is_symlink():  # whoever put a folder of that name into the cache
                    import shutil

                    shutil.rmtree(file)
                file.unlink(missing_ok=True)

    def erase_all(self) -> bool:
        """Removes every state and whatever an interrupted save has left; returns whether nothing is left."""
        left = 0
        for file in self._entries():
            try:
                file.unlink(missing_ok=True)
            except OSError as problem:
                left += 1
                _log.warning("conversation state not erased: %s", problem.strerror or problem)
        return not left

    def owners(self) -> tuple[str, ...]:
        """Returns whose states lie here, as their headers say; not those that belong to another id. Cheap."""
        found = []
        for file in self._entries():
            if file.suffix == ".json" and "-" not in file.name:
                with contextlib.suppress(OSError), open_regular(file) as stream:
                    named = _NAMED.search(stream.read(_BEGINNING))
                    found += [named[1].decode()] if named else []
        return tuple(found)

    def size(self) -> int:
        """Returns the bytes that all states take together."""
        return sum(_size(file) for file in self._entries())

    def sweep(self) -> None:
        """Removes leftovers of interrupted saves, and what is over the budget. Cheap; called once per load."""
        for file in self._entries():
            if file.suffix == ".tmp" or (file.suffix == ".state" and not file.with_suffix(".json").exists()):
                file.unlink(missing_ok=True)
        self._evict(keep=None)

    def _evict(self, keep: Path | None) -> None:
        states = sorted((file for file in self._entries() if file.suffix == ".state"), key=_used)
        total = sum(_size(file) for file in states)
        for file in states:
            if total <= self._budget:
                return
            if file == keep:
                continue
            total -= _size(file)
            file.with_suffix(".json").unlink(missing_ok=True)
            file.unlink(missing_ok=True)

    def _entries(self) -> list[Path]:
        try:
            return [file for file in self._folder.iterdir() if file.suffix in (".state", ".json", ".tmp")]
        except OSError:
            return []

    def _files(self, conversation_id: str) -> tuple[Path, Path]:
        owner, _, name = conversation_id.partition("/")
        key = f"{_key(owner)}-{_key(name)}" if name else _key(owner)
        return self._folder / f"{key}.state", self._folder / f"{key}.json"

    def _belonging_to(self, owner: str) -> list[Path]:
        if "/" in owner:
            return []
        key = f"{_key(owner)}-"
        return sorted(file for file in self._entries() if file.name.startswith(key))  # headers come first

    def _header(self, conversation_id: str) -> _Header | None:
        _, file = self._files(conversation_id)
        try:
            raw = read_json(file, _MOST_HEADER)
            names = {field.name for field in fields(_Header)}
            if raw["format"] != FORMAT or set(raw) != names or raw["conversation"] != conversation_id:
                raise ValueError("another format")
            tokens = tuple(int(token) for token in raw["tokens"])
            return _Header(
                FORMAT, conversation_id, Identity(**raw["identity"]), tokens, int(raw["size"]), int(raw["crc32"])
            )
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, LookupError, TypeError, ArithmeticError) as problem:
            _log.info("conversation state refused: %s", type(problem).__name__)
            self.erase(conversation_id)
            return None


def _key(name: str) -> str:
    import hashlib

    return hashlib.sha256(name.encode()).hexdigest()[:32]


def _measure(file: Path) -> tuple[int, int]:
    """Returns (size, CRC-32) of a file. CRC-32 finds accidents at over 1 GB/s; it is no guard against malice."""
    size = crc = 0
    with open_regular(file) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            crc = zlib.crc32(chunk, crc)
    return size, crc


def _used(file: Path) -> float:
    """Returns when a state was used last; one from a time when the clock was wrong is the first to go."""
    try:
        used = file.stat().st_mtime
        return used if used <= time.time() + _CLOCK_SECONDS else 0.0
    except OSError:
        return 0.0


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
