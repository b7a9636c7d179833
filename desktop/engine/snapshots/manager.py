"""Keeps the KV states of conversations over naps: when one is written, read back, erased. Engine thread only."""

from __future__ import annotations

import ctypes
import hashlib
import logging
import time
from collections.abc import Sequence
from pathlib import Path

from desktop.common.errors import UserFacingError
from desktop.engine.llama.bindings import Native
from desktop.engine.llama.session import Session
from desktop.engine.snapshots.store import Identity, SnapshotStore, model_identity
from desktop.engine.types import Generation

_log = logging.getLogger(__name__)
_MEGABYTE = 1e6


def identify(native: Native, session: Session) -> Identity | None:
    """Returns what the states of a session depend on; None when its file cannot be looked at any more."""
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
        template=hashlib.sha256(session.model.template_source.encode()).hexdigest()[:16],
    )


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
        if not tokens or self._on_disk == (owner, tokens):
            return
        began = time.monotonic()
        size = 0

        def write(path: Path, held: Sequence[int]) -> bool:
            nonlocal size
            done = session.save_state(path, held)
            size = path.stat().st_size
            return done

        if self._store.save(owner, self._identity, tokens, write):
            self._on_disk = (owner, tokens)
            milliseconds = (time.monotonic() - began) * 1e3
            _log.info("state saved (%d tokens, %.1f MB, %.0f ms)", len(tokens), size / _MEGABYTE, milliseconds)

    def hand_over(self, session: Session, request: Generation, prompt: Sequence[int], movable: int) -> int:
        """Gives the engine to the conversation of a request, with the best state there is for its prompt.

        The state of the conversation before is written first, if it is another's. A state on disk is only read back if
        that saves more than what the cache holds already.

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
        """Erases the state of a conversation on disk."""
        self._on_disk = None
        if self._store is not None:
            self._store.erase(conversation_id)

    def _restore(self, session: Session, request: Generation, prompt: Sequence[int], movable: int) -> bool:
        if self._store is None or self._identity is None or not request.keep_state:
            return False
        conversation = request.conversation_id
        stored = self._store.peek(conversation, self._identity)
        held = session.reusable(prompt, 0)  # another conversation's: only what both begin with
        if stored is None or session.reusable(prompt, movable, stored) <= held:
            return False
        began = time.monotonic()
        tokens = self._store.restore(conversation, self._identity, session.load_state)
        if tokens is None:
            return False
        self._on_disk = (conversation, tokens)
        milliseconds = (time.monotonic() - began) * 1e3
        _log.info("restored %d tokens of the conversation in %.0f ms", len(tokens), milliseconds)
        return True
