"""Holds the one model that may be in memory: loads it when it is needed, gives its memory back. Engine thread only."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from dataclasses import replace

from desktop.engine.llama.bindings import AbortFlag, Native
from desktop.engine.llama.session import Session
from desktop.engine.loading import load_session
from desktop.engine.snapshots.manager import StateKeeper, identify
from desktop.engine.types import EngineConfig
from desktop.machine.process import reclaim_memory

_log = logging.getLogger(__name__)


class ModelHolder:
    """The model in memory, or none, and the states of the conversations it has spoken in.

    Attributes:
        session: The loaded model; None: asleep.
        states: The states of the conversations.
    """

    def __init__(self, config: EngineConfig, load_native: Callable[[], Native]) -> None:
        """Args:
        config: Where states are kept; no model is loaded.
        load_native: Loads the native library, before the first model.
        """
        self._load_native = load_native
        self._native: Native | None = None
        self.session: Session | None = None
        self.states = StateKeeper(config.snapshots_dir, config.snapshots_budget)

    def is_outdated(self, config: EngineConfig) -> bool:
        """Tells whether the model in memory must be loaded again for ``config``."""
        return self.session is not None and _needs_reload(self.session.config, config)

    def load(self, config: EngineConfig, threads: int, progress: Callable[[float], None], abort: AbortFlag) -> Session:
        """Loads a model; there must be none in memory. See :func:`~desktop.engine.loading.load_session`."""
        assert self.session is None
        try:
            if self._native is None:
                self._native = self._load_native()
            session = load_session(self._native, config, threads, progress=progress, abort=abort)
        except BaseException:
            reclaim_memory()
            raise
        self.session = session
        self.states.attend(identify(self._native, session))
        return session

    def unload(self, *, keep_state: bool) -> bool:
        """Gives the memory back; returns whether there was a model.

        Args:
            keep_state: Write the state of the conversation that has it to disk.
        """
        session, self.session = self.session, None
        if session is None:
            return False
        try:
            if keep_state:
                self.states.save(session)
        except Exception:  # whatever it was, the memory must be given back
            _log.exception("conversation state not kept")
        finally:
            session.close()
            del session
            if gc.isenabled():  # in the app only the GUI thread may collect, see desktop/app/garbage.py
                gc.collect()
            reclaim_memory()
        return True

    def forget(self, conversation_id: str) -> None:
        """Drops all that is kept of a conversation, in memory and on disk."""
        if self.session is not None and self.session.owner == conversation_id:
            self.session.clear()
        self.states.forget(conversation_id)


def keeps_states(old: EngineConfig, new: EngineConfig) -> bool:
    """Tells whether states made with ``old`` will be of use with ``new``."""
    return (old.model_path, old.n_ctx, old.kv_type, old.flash_attention) == (
        new.model_path,
        new.n_ctx,
        new.kv_type,
        new.flash_attention,
    )


def _needs_reload(old: EngineConfig, new: EngineConfig) -> bool:
    """Tells whether a model loaded with ``old`` must be loaded again for ``new``."""
    live = replace(
        new,
        threads=old.threads,
        threads_limit=old.threads_limit,
        idle_seconds=old.idle_seconds,
        snapshots_dir=old.snapshots_dir,
        snapshots_budget=old.snapshots_budget,
    )
    return live != old
