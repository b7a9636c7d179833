"""Holds the one model that may be in memory: loads it when it is needed, gives its memory back. Engine thread only."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop.common.errors import Cancelled
from desktop.engine import errors
from desktop.engine.footprint import UBATCH
from desktop.engine.llama.bindings import AbortFlag, Native
from desktop.engine.llama.session import Session
from desktop.engine.page_cache import needs_warming, warm
from desktop.engine.snapshots.manager import SnapshotManager, identify
from desktop.engine.types import EngineConfig, FlashAttention, KvType
from desktop.machine.process import reclaim_memory

_log = logging.getLogger(__name__)


class ModelLoader:
    """The model in memory, or none, and the states of the conversations it has spoken in.

    Attributes:
        session: The loaded model; None: asleep.
        snapshots: The states of the conversations, on disk.
    """

    def __init__(self, config: EngineConfig, load_native: Callable[[], Native]) -> None:
        """
        Args:
            config: Where states are kept; no model is loaded.
            load_native: Loads the native library, before the first model.
        """
        self._load_native = load_native
        self._native: Native | None = None
        self.session: Session | None = None
        self.snapshots = SnapshotManager(config.snapshots_dir, config.snapshots_budget)

    def is_outdated(self, config: EngineConfig) -> bool:
        """Tells whether the model in memory must be loaded again for ``config``."""
        return self.session is not None and config.needs_reload(self.session.config)

    def load(self, config: EngineConfig, threads: int, progress: Callable[[float], None], abort: AbortFlag) -> Session:
        """Loads a model; there must be none in memory. See :func:`~desktop.engine.loader.load_session`."""
        assert self.session is None
        try:
            if self._native is None:
                self._native = self._load_native()
            session = load_session(self._native, config, threads, progress=progress, abort=abort)
        except BaseException:
            reclaim_memory()
            raise
        self.session = session
        self.snapshots.attend(identify(self._native, session))
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
                self.snapshots.save(session)
        except Exception:  # whatever it was, the memory must be given back
            _log.exception("conversation state not kept")
        finally:
            session.close()
            del session
            self.snapshots.erase_unwanted()
            if gc.isenabled():  # in the app only the GUI thread may collect, see desktop/app/garbage.py
                gc.collect()
            reclaim_memory()
        return True

    def forget(self, conversation_id: str) -> None:
        """Drops all that is kept of a conversation, in memory and on disk."""
        if self.session is not None and self.session.owner == conversation_id:
            self.session.clear()
        self.snapshots.forget(conversation_id)


# Of the progress of waking, when the file must be fetched from the disk first: that is what takes the time.
_WARMING_SHARE = 0.9


def load_session(
    native: Native, config: EngineConfig, threads: int, *, progress: Callable[[float], None], abort: AbortFlag
) -> Session:
    """Loads the model that the configuration names and makes a context for it. Engine thread only.

    Args:
        native: The library.
        config: ``model_path`` must be set.
        threads: Threads to begin with.
        progress: Told the fraction loaded, 0 to 1.
        abort: Stops the loading.

    Raises:
        Cancelled: ``abort`` was set.
        UserFacingError: The file is missing, damaged, of an unknown kind, or there is not enough memory.
    """
    path = config.model_path
    if path is None:
        raise errors.no_model()
    errors.check_file(path)
    warmed = 0.0
    if config.use_mmap and needs_warming(path):
        warmed = _WARMING_SHARE
        try:
            warm(path, lambda fraction: progress(fraction * warmed), abort)
        except OSError as problem:
            raise errors.unreadable(path, problem) from problem
    native.log.take_errors()
    model = _load_model(native, config, path, lambda fraction: progress(warmed + fraction * (1 - warmed)), abort)
    context = 0
    try:
        if abort.is_set():
            raise Cancelled
        if not _continues_text(native.api, model):
            raise errors.cannot_chat(path)
        context = native.api.llama_init_from_model(model, _context_params(native.api, config, model)) or 0
        if not context:
            raise errors.context_failure(path, native.log.take_errors())
        if not native.api.llama_get_memory(context):
            raise errors.cannot_chat(path)
        session = Session(native, config, model, context, threads)
    except BaseException:
        if context:
            native.api.llama_free(context)
        native.api.llama_model_free(model)
        raise
    progress(1.0)
    return session


def _load_model(
    native: Native, config: EngineConfig, path: Path, progress: Callable[[float], None], abort: AbortFlag
) -> int:
    api = native.api

    def report(fraction: float, _user_data: int | None) -> bool:
        progress(min(fraction, 1.0))
        return not abort.is_set()

    callback = api.llama_progress_callback(report)
    params = api.llama_model_default_params()
    params.n_gpu_layers = 0
    params.load_mode = api.LLAMA_LOAD_MODE_MMAP if config.use_mmap else api.LLAMA_LOAD_MODE_NONE
    params.use_extra_bufts = config.repack
    params.progress_callback = callback
    name = str(path).encode() if os.name == "nt" else os.fsencode(path)
    model: int | None = api.llama_model_load_from_file(name, params)
    if not model:
        if abort.is_set():
            raise Cancelled
        raise errors.load_failure(path, native.log.take_errors())
    return model


def _context_params(api: Any, config: EngineConfig, model: int) -> Any:
    trained = api.llama_model_n_ctx_train(model)
    params = api.llama_context_default_params()
    params.n_ctx = min(config.n_ctx, trained) if trained > 0 else config.n_ctx
    params.n_batch = min(config.n_batch, params.n_ctx)
    params.n_ubatch = min(params.n_batch, UBATCH)
    params.n_seq_max = 1
    # Layers with a sliding window (Gemma 3) keep all that was read, or nothing could be shifted or gone back to.
    params.swa_full = True
    # Only the last token's logits are ever wanted; by default there would be room for those of a whole batch.
    params.n_outputs_max = 1
    params.type_k = params.type_v = {
        KvType.F16: api.GGML_TYPE_F16,
        KvType.Q8_0: api.GGML_TYPE_Q8_0,
        KvType.Q4_0: api.GGML_TYPE_Q4_0,
    }[config.kv_type]
    params.flash_attn_type = {
        FlashAttention.AUTO: api.LLAMA_FLASH_ATTN_TYPE_AUTO,
        FlashAttention.ON: api.LLAMA_FLASH_ATTN_TYPE_ENABLED,
        FlashAttention.OFF: api.LLAMA_FLASH_ATTN_TYPE_DISABLED,
    }[config.flash_attention]
    params.no_perf = True
    return params


def _continues_text(api: Any, model: int) -> bool:
    return bool(
        api.llama_model_has_decoder(model)
        and not api.llama_model_has_encoder(model)
        and not api.llama_model_is_diffusion(model)
    )
