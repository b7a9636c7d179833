"""Holds the one model in memory: loads it, lets it doze, gives its memory back. Engine process, main thread."""

from __future__ import annotations

import ctypes
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop.common.errors import Cancelled, UserFacingError
from desktop.common.file_identity import FileIdentity
from desktop.engine import errors
from desktop.engine.footprint import UBATCH
from desktop.engine.llama.bindings import AbortFlag, Native
from desktop.engine.llama.context_memory import ContextMemory
from desktop.engine.llama.gpu.devices import Gpu, device_list
from desktop.engine.llama.gpu.room import check_room
from desktop.engine.llama.model import LoadedModel
from desktop.engine.llama.session import Session
from desktop.engine.loading.model_file import FileState, ModelFile
from desktop.engine.loading.page_cache import needs_warming, warm
from desktop.engine.snapshots.manager import SnapshotManager, identify
from desktop.engine.types import EngineConfig, FlashAttention, KvType
from desktop.gguf.parts import missing_parts, part_paths, present_parts
from desktop.machine.process import reclaim_memory, release_mapped_pages

_log = logging.getLogger(__name__)


class ModelLoader:
    """The model in memory, or none, and the states of the conversations it has spoken in.

    Attributes:
        session: The model with a context that is in use; None: it dozes, or was not loaded yet.
        file: The model's file; None: there is none.
        snapshots: The states of the conversations, on disk.
    """

    def __init__(
        self,
        config: EngineConfig,
        native: Native,
        on_opened: Callable[[FileIdentity | None], None] = lambda _identity: None,
        on_wanted: Callable[[], None] | None = None,
        device: Gpu | None = None,
    ) -> None:
        """
        Args:
            config: Names the model, which is not loaded yet, and where states are kept.
            native: The library.
            on_opened: Told which file it is that is about to be loaded.
            on_wanted: See :class:`~desktop.engine.loading.model_file.ModelFile`.
            device: The graphics processor that the configuration names; None: none.
        """
        self._native = native
        self._device = device
        self._model: LoadedModel | None = None
        self._on_opened = on_opened
        path = config.model_path
        self.file = None if path is None else ModelFile(path, is_mapped=config.use_mmap, on_wanted=on_wanted)
        self.session: Session | None = None
        self._resting: Session | None = None  # while it dozes, where its memory can be given back without closing it
        self.snapshots = SnapshotManager(config.snapshots_dir, config.snapshots_budget)

    @property
    def is_outdated(self) -> bool:
        """Whether the file is another one than this process has loaded, or may open: it takes another process."""
        if self.file is None:
            return False
        if self._model is None:
            return self.file.is_another
        return self.file.state() in (FileState.REPLACED, FileState.CHANGED)

    def check_file(self) -> None:
        """Makes sure that nobody has written to the file since it was loaded.

        Raises:
            UserFacingError: Somebody has; what was computed is worth nothing.
        """
        if self.file is not None and self.file.is_spoilt:
            raise errors.file_changed(self.file.path)

    def load(self, config: EngineConfig, threads: int, progress: Callable[[float], None], abort: AbortFlag) -> Session:
        """Makes a session; there must be none. What is in memory already is not loaded again.

        Args:
            config: ``model_path`` must be set, and be that of a model in memory.
            threads: Threads to begin with.
            progress: Told the fraction loaded, 0 to 1.
            abort: Stops the loading.

        Raises:
            Cancelled: ``abort`` was set.
            UserFacingError: The file is missing, damaged, of an unknown kind, or there is not enough memory.
        """
        assert self.session is None
        if self._model is None:
            self._model = self._load_model(config, progress, abort)
        elif config.use_mmap:
            fetch(self._model.path, progress, abort)
        if abort.is_set():
            raise Cancelled
        self.session = self._rested(config, threads) or open_session(self._model, config, threads)
        progress(1.0)
        self.snapshots.attend(identify(self._native, self.session))
        return self.session

    @property
    def has_model(self) -> bool:
        """Whether a model is in memory, with a context or without."""
        return self._model is not None

    def doze(self) -> None:
        """Gives the memory of the context and the pages of the weights back; vocabulary and template stay."""
        if self.session is None:
            return
        self._leave_session(keep_state=True, rests=self.session.can_rest)
        for inode in self.file.inodes if self.file is not None else ():
            release_mapped_pages(inode)
        reclaim_memory()

    def unload(self, *, keep_state: bool) -> None:
        """Frees everything.

        Args:
            keep_state: Write the state of the conversation that has it to disk.
        """
        if self.session is not None:
            self._leave_session(keep_state=keep_state, rests=False)
        if self._resting is not None:
            self._resting.close()
            self._resting = None
        if self._model is not None:
            self._model.close()
            self._model = None
        if self.file is not None:
            self.file.close()

    def forget(self, conversation_id: str) -> None:
        """Drops all that is kept of a conversation, in memory and on disk."""
        if self.session is not None and self.session.owner == conversation_id:
            self.session.clear()
        self.snapshots.forget(conversation_id)

    def _load_model(self, config: EngineConfig, progress: Callable[[float], None], abort: AbortFlag) -> LoadedModel:
        file = self.file
        if file is None:
            raise errors.no_model()
        try:
            file.open()
        except OSError as problem:
            errors.check_file(file.path)  # says more
            raise errors.unreadable(file.path, problem) from problem
        self._on_opened(file.identity)
        model: LoadedModel | None = None
        try:
            device = self._device
            if device is not None:
                check_room(self._native, device, config)
            pointer = device.pointer if device is not None else None
            model = load_model(self._native, config, progress=progress, abort=abort, device=pointer)
            self.check_file()
        except BaseException as problem:
            if model is not None:
                model.close()
            explained = _explained(problem, file)
            file.close()
            raise explained from problem
        return model

    def _rested(self, config: EngineConfig, threads: int) -> Session | None:
        """Returns the session that rests, if it is of use for a configuration; else there is none afterwards."""
        session, self._resting = self._resting, None
        if session is None:
            return None
        if config.needs_reload(session.config):
            session.close()
            return None
        session.set_threads(threads, threads)
        return session

    def _leave_session(self, *, keep_state: bool, rests: bool) -> None:
        session, self.session = self.session, None
        assert session is not None
        try:
            if keep_state:
                self.snapshots.save(session)
        except Exception:  # whatever it was, the memory must be given back
            _log.exception("conversation state not kept")
        finally:
            if rests:
                session.rest()
                self._resting = session
            else:
                session.close()
            self.snapshots.erase_unwanted()


# Of the progress of waking, when the file must be fetched from the disk first: that is what takes the time.
_WARMING_SHARE = 0.9


def _explained(problem: BaseException, file: ModelFile) -> BaseException:
    """Returns what to say of a file that could not be loaded, which need not be the file's fault."""
    if not isinstance(problem, UserFacingError):
        return problem
    if file.is_spoilt:
        return errors.file_changed(file.path)
    return errors.file_being_written(file.path) if file.is_being_written else problem


def load_model(
    native: Native,
    config: EngineConfig,
    *,
    progress: Callable[[float], None],
    abort: AbortFlag,
    device: int | None = None,
) -> LoadedModel:
    """Loads the model that the configuration names.

    Args:
        native: The library.
        config: ``model_path`` must be set.
        progress: Told the fraction loaded, 0 to 1.
        abort: Stops the loading.
        device: The graphics processor that takes the layers of ``config.gpu``, see ``pointer`` of
            :class:`desktop.engine.llama.gpu.devices.Gpu`; None: the processor alone computes.

    Raises:
        Cancelled: ``abort`` was set.
        UserFacingError: The file is missing, damaged, of an unknown kind, or there is not enough memory.
    """
    path = config.model_path
    if path is None:
        raise errors.no_model()
    errors.check_file(path)
    warmed = fetch(path, progress, abort) if config.use_mmap else 0.0
    native.log.take_errors()
    report = lambda fraction: progress(warmed + fraction * (1 - warmed))  # noqa: E731
    pointer = _load_file(native, config, path, report, abort, device)
    try:
        if not _continues_text(native.api, pointer):
            raise errors.cannot_chat(path)
        return LoadedModel(native, pointer, path, abort.is_set)
    except BaseException:
        native.api.llama_model_free(pointer)
        raise


def fetch(path: Path, progress: Callable[[float], None], abort: AbortFlag) -> float:
    """Fetches a model that will be mapped from the disk, if it is only there; returns the share of waking that took.

    Args:
        path: The file.
        progress: Told the share of waking that is done.
        abort: Stops it.

    Raises:
        Cancelled: ``abort`` was set.
        UserFacingError: The file cannot be read.
    """
    parts = [part for part in present_parts(path) if needs_warming(part)]
    if not parts:
        return 0.0
    try:
        warm(parts, lambda fraction: progress(fraction * _WARMING_SHARE), abort)
    except OSError as problem:
        raise errors.unreadable(path, problem) from problem
    return _WARMING_SHARE


def open_session(model: LoadedModel, config: EngineConfig, threads: int) -> Session:
    """Makes a context for a model.

    Args:
        model: What is loaded.
        config: What the context shall be like.
        threads: Threads to begin with.

    Raises:
        UserFacingError: The model is not made for it, or there is not enough memory.
    """
    native = model.native
    native.log.take_errors()
    buffers = ContextMemory(native)
    with buffers.lent():
        context = native.api.llama_init_from_model(model.pointer, context_params(native.api, config, model)) or 0
    if not context:
        buffers.close()
        raise errors.context_failure(model.path, native.log.take_errors())
    try:
        if not native.api.llama_get_memory(context):
            raise errors.cannot_chat(model.path)
        return Session(model, context, config, threads, buffers)
    except BaseException:
        native.api.llama_free(context)
        buffers.close()
        raise


def _load_file(
    native: Native,
    config: EngineConfig,
    path: Path,
    progress: Callable[[float], None],
    abort: AbortFlag,
    device: int | None,
) -> int:
    api = native.api

    def report(fraction: float, _user_data: int | None) -> bool:
        progress(min(fraction, 1.0))
        return not abort.is_set()

    callback = api.llama_progress_callback(report)
    params = api.llama_model_default_params()
    devices = device_list(device)  # else llama.cpp would take all that are loaded
    params.devices = ctypes.cast(devices, ctypes.c_void_p)
    params.n_gpu_layers = config.gpu.layers if config.gpu is not None and device is not None else 0
    params.load_mode = api.LLAMA_LOAD_MODE_MMAP if config.use_mmap else api.LLAMA_LOAD_MODE_NONE
    params.use_extra_bufts = config.repack
    params.progress_callback = callback
    name = str(path).encode() if os.name == "nt" else os.fsencode(path)
    model: int | None = api.llama_model_load_from_file(name, params)
    if not model:
        if abort.is_set():
            raise Cancelled
        if absent := set(part_paths(path)) - set(present_parts(path)):
            raise missing_parts(sorted(part.name for part in absent), str(path.parent))
        raise errors.load_failure(path, native.log.take_errors())
    return model


def context_params(api: Any, config: EngineConfig, model: LoadedModel) -> Any:
    """Returns the parameters of a context as a configuration wants it (``llama_context_params``)."""
    trained = model.info.n_ctx_trained
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
    if config.gpu is not None:
        params.offload_kqv = config.gpu.kv
    params.no_perf = True
    return params


def _continues_text(api: Any, model: int) -> bool:
    return bool(
        api.llama_model_has_decoder(model)
        and not api.llama_model_has_encoder(model)
        and not api.llama_model_is_diffusion(model)
    )
