"""Finds and loads libllama and the best CPU backend for this machine; routes the native logs.

Only the ctypes module of llama-cpp-python is imported: its parent package would pull in numpy and diskcache (39 MB of
memory instead of 17) for a high-level class that Catnap does not use. Nothing is kept in module variables: whoever
calls :func:`load` owns the :class:`Native` it returns and passes it on.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import logging
import os
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from desktop.common.errors import UserFacingError
from desktop.engine.backends import Backend, EngineFacts
from desktop.engine.errors import unusable
from desktop.engine.llama.cpu_backends import Pick, pick, variant_of

_PACKAGE = "llama_cpp"
_LOW_LEVEL = "llama_cpp.llama_cpp"

# enum ggml_log_level (ggml.h).
_LEVEL_ERROR = 4
_LEVEL_CONTINUE = 5


class _Feature(ctypes.Structure):
    """``struct ggml_backend_feature`` of ggml-backend.h."""

    _fields_ = (("name", ctypes.c_char_p), ("value", ctypes.c_char_p))


class _SymbolInfo(ctypes.Structure):
    """``Dl_info`` of dlfcn.h."""

    _fields_ = (
        ("file", ctypes.c_char_p),
        ("base", ctypes.c_void_p),
        ("symbol", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
    )


class NativeLog:
    """Takes the native library's log lines to Python's logging and remembers the last errors.

    The library calls it from any of its threads; nothing is ever written to the file descriptors 1 and 2.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._errors: deque[str] = deque(maxlen=16)
        self._level = _LEVEL_ERROR

    def __call__(self, level: int, text: bytes | None, _user_data: int | None) -> None:
        line = (text or b"").decode("utf-8", "replace").rstrip()
        if level == _LEVEL_CONTINUE:
            level = self._level
        else:
            self._level = level
        if not line.strip("."):
            return  # the dots of a progress line
        if level == _LEVEL_ERROR:
            self._errors.append(line)
        # To llama.cpp a cancelled batch is an error too; what really went wrong is said by an exception.
        self._logger.log(logging.INFO if level == _LEVEL_ERROR else logging.DEBUG, "%s", line)

    def take_errors(self) -> tuple[str, ...]:
        """Returns the error lines since the last call, oldest first, sixteen at the most."""
        lines = tuple(self._errors)
        self._errors.clear()
        return lines


class AbortFlag:
    """A flag that native code reads without asking Python.

    llama.cpp calls its abort callback after every node of the graph, some 700 times for one token. A Python callback
    would take the interpreter's lock each time, and wait up to 5 ms for it whenever the interface is busy. So the
    callback is the C library's ``strlen`` and its argument a two-byte buffer: "" has length 0, which is "go on", and
    anything else means "stop". May be set from any thread.
    """

    def __init__(self) -> None:
        self._buffer = ctypes.create_string_buffer(2)
        self._is_set = False

    def set(self) -> None:
        self._is_set = True
        self._buffer[0] = b"\x01"

    def is_set(self) -> bool:
        return self._is_set

    def interrupt(self, stop: bool) -> None:
        """Stops the evaluation under way though nobody has asked for it, or takes that back."""
        self._buffer[0] = b"\x01" if stop else b"\0"
        if self._is_set:  # perhaps since a moment ago
            self._buffer[0] = b"\x01"

    @property
    def address(self) -> int:
        """Address of the buffer; valid as long as this object lives."""
        return ctypes.addressof(self._buffer)


@dataclass(frozen=True)
class Native:
    """The loaded library. One per process; its methods may be called from any thread.

    Attributes:
        api: The ctypes module ``llama_cpp.llama_cpp``.
        log: Where the library's log goes.
        backend: The CPU backend in use.
        version: Release of llama-cpp-python.
        stop_when_set: Address of a ``ggml_abort_callback`` whose argument is the address of an :class:`AbortFlag`.
    """

    api: Any
    log: NativeLog
    backend: Backend
    version: str
    _libraries: tuple[Any, ...] = field(repr=False)
    _registry: int = field(repr=False)
    stop_when_set: int = field(repr=False)
    _set_abort_callback: Any = field(repr=False)

    def facts(self) -> EngineFacts:
        """Returns what there is to be said about the library."""
        try:
            ggml: bytes = self.function("ggml_version", ctypes.c_char_p)()  # libllama has no such call
            ggml_version = ggml.decode("ascii", "replace")
        except UserFacingError:
            ggml_version = "unknown"
        return EngineFacts(self.version, ggml_version, self.backend)

    def function(self, name: str, result: Any, *arguments: Any) -> Any:
        """Returns a function of libllama or ggml that the ctypes module does not declare.

        Args:
            name: Its name.
            result: ctypes type of what it returns; None: nothing.
            *arguments: ctypes types of its parameters.

        Raises:
            UserFacingError: This build does not have it.
        """
        return _function(self._libraries, name, result, *arguments)

    def cpu_function(self, name: str, result: Any, *arguments: Any) -> Any | None:
        """Returns a function of the CPU backend in use; None where this build does not offer it."""
        return _proc(self._libraries, self._registry, name, result, *arguments)

    def set_abort_flag(self, context: int, flag: AbortFlag) -> None:
        """Makes every evaluation of ``context`` stop once ``flag`` is set; the flag must outlive the evaluations."""
        self._set_abort_callback(context, self.stop_when_set, flag.address)

    def set_abort_callback(self, context: int, callback: int) -> None:
        """Makes every evaluation of ``context`` ask the C function at this address, a ``ggml_abort_callback``."""
        self._set_abort_callback(context, callback, None)


def load(logger: logging.Logger | None = None) -> Native:
    """Loads libllama and the best CPU backend; a second call finds both loaded and is cheap.

    May be called from any thread, but not from two at once. Takes some 12 ms and 17 MB.

    Args:
        logger: Where native log lines go; default: "desktop.engine.native".

    Raises:
        UserFacingError: The library is missing or does not fit this machine.
    """
    api, version = _import_low_level()
    log = NativeLog(logger or logging.getLogger("desktop.engine.native"))
    callback = api.llama_log_callback(log)
    api.llama_log_set(callback, None)  # sets ggml's as well
    # The library keeps the pointer as long as the process lives, so the callback must too.
    api.catnap_log_callback = callback
    libraries = _ggml_libraries(api)
    registry = _cpu_registry(libraries)
    if registry is None:
        # Like the callback above it is wanted by a second load() too.
        api.catnap_pick = _load_backend(libraries, Path(api.__file__).parent, log)
        registry = _cpu_registry(libraries)
    chosen: Pick = getattr(api, "catnap_pick", Pick())
    if registry is None:
        reasons = [f"{each.path.name}: {each.detail or 'not for this processor'}" for each in chosen.passed_over]
        raise unusable("; ".join(reasons) or f"{Path(api.__file__).parent}: no CPU backend.")
    api.llama_backend_init()
    return Native(
        api=api,
        log=log,
        backend=_describe(libraries, registry, chosen),
        version=version,
        _libraries=libraries,
        _registry=registry,
        stop_when_set=_address_of_strlen(),
        _set_abort_callback=_function(
            libraries, "llama_set_abort_callback", None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p
        ),
    )


def _import_low_level() -> tuple[Any, str]:
    """Imports the ctypes module with a bare stand-in for its parent package, whose own code never runs."""
    try:
        if _PACKAGE not in sys.modules:
            spec = importlib.util.find_spec(_PACKAGE)
            if spec is None or spec.submodule_search_locations is None:
                raise ModuleNotFoundError(f"no module named {_PACKAGE}")
            parent = ModuleType(_PACKAGE)
            parent.__path__ = list(spec.submodule_search_locations)
            parent.__spec__ = spec
            sys.modules[_PACKAGE] = parent
            # With it llama_cpp would load the library from wherever somebody says.
            os.environ.pop("LLAMA_CPP_LIB_PATH", None)
            _load_own_libraries(Path(next(iter(parent.__path__))) / "lib")
        return importlib.import_module(_LOW_LEVEL), _installed_version(sys.modules[_PACKAGE])
    except (ImportError, OSError, RuntimeError) as problem:
        if not hasattr(sys.modules.get(_PACKAGE), "__file__"):
            sys.modules.pop(_PACKAGE, None)
        raise unusable(str(problem)) from problem


def _load_own_libraries(folder: Path) -> None:
    """Loads by their full names what libllama is linked to.

    It names them without a folder, and LD_LIBRARY_PATH, or on Windows the working directory, is searched before its own
    folder: a libggml of another program would come into this one. What is loaded already is not searched for.
    """
    for stem in ("ggml-base", "ggml"):  # the second is linked to the first
        for name in (f"lib{stem}.so", f"lib{stem}.dylib", f"{stem}.dll", f"lib{stem}.dll"):
            if (folder / name).is_file():
                ctypes.CDLL(str(folder / name))


def _installed_version(package: ModuleType) -> str:
    """Returns the release from the name of the folder that an installer leaves beside the package.

    importlib.metadata says the same, and with what it imports is half of what loading the library costs.
    """
    for folder in package.__path__:
        for facts in Path(folder).parent.glob(f"{_PACKAGE}_python-*.dist-info"):
            return facts.name.removesuffix(".dist-info").rpartition("-")[2]
    return "unknown"  # a frozen program carries no such folder unless told to


def _ggml_libraries(api: Any) -> tuple[Any, ...]:
    """Returns the handles in which ggml's functions are looked up.

    They must be the very libraries that libllama is linked to: opening a copy would make a second, empty registry of
    backends. Elsewhere than on Windows a look-up in libllama's handle searches what it is linked to.
    """
    if sys.platform == "win32":
        return (api._lib, ctypes.CDLL("ggml.dll"), ctypes.CDLL("ggml-base.dll"))  # by bare name: those already loaded
    return (api._lib,)


def _function(libraries: Sequence[Any], name: str, result: Any, *arguments: Any) -> Any:
    """Returns a fresh, typed function object; other users of the library keep their own types."""
    return ctypes.CFUNCTYPE(result, *arguments)(_address(libraries, name))


def _address(libraries: Sequence[Any], name: str) -> int:
    for library in libraries:
        try:
            address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
        except AttributeError:
            continue
        if address:
            return address
    raise unusable(f"{name} is missing.")


def _proc(libraries: Sequence[Any], registry: int, name: str, result: Any, *arguments: Any) -> Any | None:
    """Returns a function of the CPU backend by name, or None where this build does not have it."""
    get = _function(libraries, "ggml_backend_reg_get_proc_address", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)
    address = get(registry, name.encode())
    return ctypes.CFUNCTYPE(result, *arguments)(address) if address else None


def _cpu_registry(libraries: Sequence[Any]) -> int | None:
    found: int | None = _function(libraries, "ggml_backend_reg_by_name", ctypes.c_void_p, ctypes.c_char_p)(b"CPU")
    return found


def _load_backend(libraries: Sequence[Any], package: Path, log: NativeLog) -> Pick:
    """Loads the best of the CPU backends beside libllama, or where an unpacked wheel leaves them."""
    load_file = _function(libraries, "ggml_backend_load", ctypes.c_void_p, ctypes.c_char_p)
    override = os.environ.get("LLAMA_CPP_LIB_PATH")
    folders = [Path(override)] if override else []
    folders += [package / "lib", package.parent / "bin", package.parent / "lib"]
    return pick(folders, lambda path: bool(load_file(os.fsencode(path))), log.take_errors)


def _describe(libraries: Sequence[Any], registry: int, chosen: Pick) -> Backend:
    code = _proc(libraries, registry, "ggml_backend_set_n_threads", None)  # any function that is surely there
    path = _file_of(code) if code is not None else ""
    features = []
    get_features = _proc(libraries, registry, "ggml_backend_get_features", ctypes.POINTER(_Feature), ctypes.c_void_p)
    if get_features is not None:
        table = get_features(registry)
        index = 0
        while table[index].name:
            features.append(table[index].name.decode())
            index += 1
    return Backend(variant_of(Path(path)), path, tuple(features), chosen.score, chosen.passed_over)


def _file_of(function: Any) -> str:
    """Returns the file a function was loaded from; empty when it cannot be told."""
    address = ctypes.cast(function, ctypes.c_void_p)
    if sys.platform == "win32":
        kernel32 = ctypes.WinDLL("kernel32")
        module = ctypes.c_void_p()
        from_address, keep_count = 4, 2  # GET_MODULE_HANDLE_EX_FLAG_*
        if not kernel32.GetModuleHandleExW(from_address | keep_count, address, ctypes.byref(module)):
            return ""
        name = ctypes.create_unicode_buffer(32768)
        kernel32.GetModuleFileNameW(module, name, len(name))
        return name.value
    info = _SymbolInfo()
    dladdr = ctypes.CDLL(None).dladdr
    if not dladdr(address, ctypes.byref(info)) or not info.file:
        return ""
    return os.fsdecode(info.file)


def _address_of_strlen() -> int:
    libc = ctypes.CDLL("ucrtbase") if sys.platform == "win32" else ctypes.CDLL(None)
    return ctypes.cast(libc.strlen, ctypes.c_void_p).value or 0


_BYTES = 1024


def read_text(native: Native, model: int, key: str) -> str:
    """Returns a value of the file's metadata as text, numbers in decimal; empty when it is not there.

    Engine thread only.
    """
    value = ctypes.create_string_buffer(_BYTES)
    length = native.api.llama_model_meta_val_str(model, key.encode(), value, len(value))
    return value.value.decode("utf-8", "replace").strip() if length > 0 else ""


def read_number(native: Native, model: int, key: str) -> int | None:
    """Returns a whole number of the file's metadata; None when it is not there, or one for each layer."""
    text = read_text(native, model, key)
    return int(text) if text.isdecimal() else None
