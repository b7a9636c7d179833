"""Keeps the KV states of conversations over naps: when one is written, read back, erased. Engine thread only.

So does what several conversations begin with, a persona's words: its state is written where the first question begins,
and is read back for a conversation that has no state of its own.
"""

from __future__ import annotations

import ctypes
import logging
import time
from collections.abc import Sequence
from pathlib import Path

from desktop.common.errors import UserFacingError
from desktop.engine.backends import GpuUse
from desktop.engine.llama.bindings import Native
from desktop.engine.llama.session import Session
from desktop.engine.snapshots.store import MIN_PREFIX_TOKENS, MIN_TOKENS, Identity, SnapshotStore, model_identity
from desktop.engine.types import Generation

_log = logging.getLogger(__name__)
_MEGABYTE = 1e6
_NO_TOKEN = -1
# A part of a prefix is written where it holds that many tokens more: some seconds of an old laptop's reading.
_MUCH_MORE = 256


def identify(native: Native, session: Session) -> Identity | None:
    """Returns what the states of a session depend on; None when its file cannot be looked at any more."""
    import hashlib

    config = session.config
    assert config.model_path is not None
    try:
        model = model_identity(config.model_path)
    except OSError:
        return None
    return Identity(
        model=model,
        llama_build=_build(native),
        n_ctx=session.n_ctx,
        kv_type=config.kv_type.value,
        # As it was asked for: what "auto" comes to depends on the model and the build, and they are in here too.
        flash_attention=config.flash_attention.value,
        n_ctx_matters=session.model.info.n_ctx_matters,
        template=hashlib.sha256(session.model.template_source.encode()).hexdigest()[:16],
        computed_by=_computer(config.gpu),
    )


def _computer(gpu: GpuUse | None) -> str:
    """Returns what tells one way to compute from another: the same tokens come to other numbers there."""
    if gpu is None:
        return "cpu"
    kv = "with" if gpu.kv else "without"
    return f"{gpu.device}, {gpu.driver}, {gpu.library.sha256[:16]}, {gpu.layers} layers, {kv} KV"


def _build(native: Native) -> str:
    """Returns what tells one build of the library from another; the format of saved states may change with any."""
    parts = [native.version]
    for name in ("ggml_version", "ggml_commit"):
        try:
            parts.append(native.function(name, ctypes.c_char_p)().decode("ascii", "replace"))
        except UserFacingError:  # this build does not say
            parts.append("")
    return " ".join(parts)


class SnapshotManager:
    """The states on disk, and the one in the engine that may have to go there."""

    def __init__(self, folder: Path | None, budget: int) -> None:
        """
        Args:
            folder: Where the states lie; None: none are written or read.
            budget: Bytes they may take together; 0: none are written or read, and what lies there is erased.
        """
        self._folder = folder
        self._store: SnapshotStore | None = None  # of what may be kept
        self._unwanted: SnapshotStore | None = None  # to be emptied
        self._identity: Identity | None = None
        self._on_disk: tuple[str, tuple[int, ...]] | None = None  # known to be there as it is in the engine
        self.configure(folder, budget)

    def configure(self, folder: Path | None, budget: int) -> None:
        """Puts another folder or budget in force, see the constructor."""
        if folder != self._folder or not budget:
            self._on_disk = None
        self._folder = folder
        self._store = SnapshotStore(folder, budget) if folder and budget else None
        self._unwanted = SnapshotStore(folder, 0) if folder and not budget else None
        self.erase_unwanted()

    def erase_unwanted(self) -> None:
        """Erases what must not be kept. What cannot be erased is tried again whenever a model is loaded or unloaded.

        The engine thread alone writes states, so what is erased here does not come back.
        """
        if self._unwanted is not None and self._unwanted.erase_all():
            self._unwanted = None

    def attend(self, identity: Identity | None) -> None:
        """Begins with a session that has just been loaded."""
        self._identity = identity
        self._on_disk = None
        self.erase_unwanted()
        if self._store is not None:
            self._store.sweep()

    def save(self, session: Session) -> None:
        """Writes the state of the conversation that has the engine, unless it must not be or is there already.

        To be called when that conversation leaves the engine.
        """
        owner = session.owner
        if self._store is None or self._identity is None or owner is None or not session.keeps_snapshot:
            return
        session.drop_passing()
        tokens = session.tokens
        if tokens and self._on_disk != (owner, tokens) and self._write(session, owner, MIN_TOKENS):
            self._on_disk = (owner, tokens)

    def lacks_prefix(self, session: Session, request: Generation, prefix: Sequence[int]) -> bool:
        """Tells whether what a request shares with other conversations is to be saved where its question begins.

        Args:
            session: The loaded model.
            request: Names the prefix, perhaps.
            prefix: Its tokens.
        """
        if self._store is None or self._identity is None or request.prefix_id is None:
            return False
        if len(prefix) < MIN_PREFIX_TOKENS:
            return False
        stored = self._store.peek(request.prefix_id, self._identity.of_prefix)
        # With one more token, or the last one would count as still to be read.
        return stored is None or session.reusable((*prefix, _NO_TOKEN), 0, stored) < len(prefix)

    def save_prefix(self, session: Session, request: Generation) -> None:
        """Writes the state of a session that has read the prefix of a request and nothing else."""
        if request.prefix_id is not None:
            self._write(session, request.prefix_id, MIN_PREFIX_TOKENS, is_prefix=True)

    def save_part(self, session: Session, request: Generation) -> None:
        """Writes the state of a session that has read a part of the prefix, if it is much more than is there."""
        if self._store is None or self._identity is None or request.prefix_id is None:
            return
        stored = self._store.peek(request.prefix_id, self._identity.of_prefix) or ()
        if len(session.tokens) >= len(stored) + _MUCH_MORE:
            self.save_prefix(session, request)

    def hand_over(self, session: Session, request: Generation, prompt: Sequence[int], movable: int) -> int:
        """Gives the engine to the conversation of a request, with the best state there is for its prompt.

        The state of the conversation before is written first, if it is another's. A state on disk, its own or that of
        the prefix it begins with, is only read back if that saves more than what the cache holds already.

        Args:
            session: The loaded model.
            request: Who takes it.
            prompt: Tokens that will be read next.
            movable: Of the prompt, the tokens that the conversation may have had before, in another place.

        Returns:
            ``movable``, or 0 if the cache holds another conversation: of that, only the same beginning counts.
        """
        conversation = request.conversation_id
        is_own = session.owner == conversation
        if not is_own:
            self.save(session)
        if not is_own or not session.tokens:
            is_own = self._restore(session, request, prompt, movable) or is_own
        session.owner = conversation
        session.keeps_snapshot = request.keep_state
        return movable if is_own else 0

    def forget(self, conversation_id: str) -> None:
        """Erases the state of a conversation, or of a prefix, on disk."""
        self._on_disk = None
        if self._store is not None:
            self._store.erase(conversation_id)

    def _restore(self, session: Session, request: Generation, prompt: Sequence[int], movable: int) -> bool:
        """Reads back the best state for a prompt; returns whether it is that of the conversation itself."""
        if self._store is None or self._identity is None:
            return False
        best, saved = None, session.reusable(prompt, 0)  # of another conversation only what both begin with
        for owner, may_move in ((request.conversation_id, movable), (request.prefix_id, 0)):
            if owner is None or (owner == request.conversation_id and not request.keep_state):
                continue
            stored = self._store.peek(owner, self._identity_of(owner, request))
            if stored is not None and (useful := session.reusable(prompt, may_move, stored)) > saved:
                best, saved = owner, useful
        if best is None:
            return False
        began = time.monotonic()
        tokens = self._store.restore(best, self._identity_of(best, request), session.load_state)
        if tokens is None:
            return False
        is_own = best == request.conversation_id
        if is_own:
            self._on_disk = (best, tokens)
        milliseconds = (time.monotonic() - began) * 1e3
        what = "conversation" if is_own else "prefix"
        _log.info("restored %d tokens of the %s in %.0f ms", len(tokens), what, milliseconds)
        return is_own

    def _identity_of(self, owner: str, request: Generation) -> Identity:
        assert self._identity is not None
        return self._identity if owner == request.conversation_id else self._identity.of_prefix

    def _write(self, session: Session, owner: str, least: int, *, is_prefix: bool = False) -> bool:
        """Writes the state of a session under a name; returns whether it is there now."""
        if self._store is None or self._identity is None:
            return False
        began = time.monotonic()
        size = 0

        def write(path: Path, held: Sequence[int]) -> bool:
            nonlocal size
            done = session.save_state(path, held)
            size = path.stat().st_size
            return done

        tokens = session.tokens
        identity = self._identity.of_prefix if is_prefix else self._identity
        if not self._store.save(owner, identity, tokens, write, least):
            return False
        milliseconds = (time.monotonic() - began) * 1e3
        _log.info("state saved (%d tokens, %.1f MB, %.0f ms)", len(tokens), size / _MEGABYTE, milliseconds)
        return True
