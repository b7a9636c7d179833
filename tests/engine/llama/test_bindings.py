from __future__ import annotations

import ctypes
import importlib.util
import logging
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.llama import bindings
from desktop.engine.llama.bindings import AbortFlag, NativeLog

_ERROR, _WARN, _INFO, _CONTINUE = 4, 3, 2, 5


def test_loads_a_cpu_backend_and_names_it() -> None:
    native = bindings.load()

    assert native.facts().backend.name == native.backend.name != ""
    assert native.backend.features
    assert Path(native.backend.path).is_file()
    assert native.backend.name == "built-in" or native.backend.name in native.backend.path
    assert native.version == metadata.version("llama-cpp-python")


def test_the_backend_comes_from_the_library_that_libllama_uses() -> None:
    native = bindings.load()
    devices = native.function("ggml_backend_dev_count", ctypes.c_size_t)
    registries = native.function("ggml_backend_reg_count", ctypes.c_size_t)

    assert devices() >= 1
    # AND a second load registers nothing twice
    before = registries()
    bindings.load()
    assert registries() == before


def test_the_parent_package_is_never_run() -> None:
    script = (
        "import sys; from desktop.engine.llama import bindings; bindings.load(); "
        "print([name for name in ('numpy', 'diskcache', 'llama_cpp.llama') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path.cwd())

    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_an_engine_process_begins_without_what_few_answers_need() -> None:
    # A seventh of its start went into these; somebody waits for it who has just begun to type.
    script = (
        "import sys; import desktop.engine.process.main; from desktop.engine.llama import bindings; bindings.load(); "
        "print([name for name in ('importlib.metadata', 'shutil', 'tempfile', 'jinja2', 'desktop.engine.schema.nodes') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path.cwd())

    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_a_missing_library_is_a_sentence_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "llama_cpp"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(UserFacingError) as caught:
        bindings.load()

    assert caught.value.remedy
    assert "llama_cpp" in caught.value.detail
    assert "llama_cpp" not in sys.modules


def test_an_unknown_function_is_a_sentence() -> None:
    with pytest.raises(UserFacingError, match="llama_that_never_was"):
        bindings.load().function("llama_that_never_was", None)
    assert bindings.load().cpu_function("ggml_that_never_was", None) is None


def test_native_lines_go_to_the_log_and_errors_are_remembered(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    native = bindings.load(logging.getLogger("test.native"))
    native.log.take_errors()
    with caplog.at_level(logging.DEBUG, "test.native"):
        params = native.api.llama_model_default_params()
        missing = tmp_path / "missing.gguf"
        assert not native.api.llama_model_load_from_file(str(missing).encode(), params)

    errors = native.log.take_errors()
    assert any("failed to open" in line and str(missing) in line for line in errors)
    assert {record.message for record in caplog.records} >= set(errors)
    assert native.log.take_errors() == ()
    assert capfd.readouterr() == ("", "")


def test_log_lines_keep_their_level_when_they_continue(caplog: pytest.LogCaptureFixture) -> None:
    log = NativeLog(logging.getLogger("test.native"))
    with caplog.at_level(logging.DEBUG, "test.native"):
        log(_ERROR, b"first half,\n", None)
        log(_CONTINUE, b"second half\n", None)
        log(_WARN, b"routine\n", None)
        log(_INFO, b"loading", None)
        log(_CONTINUE, b".....", None)
        log(_INFO, None, None)

    assert [(record.levelno, record.message) for record in caplog.records] == [
        (logging.INFO, "first half,"),
        (logging.INFO, "second half"),
        (logging.DEBUG, "routine"),
        (logging.DEBUG, "loading"),
    ]
    assert log.take_errors() == ("first half,", "second half")


def test_only_the_last_errors_are_kept() -> None:
    log = NativeLog(logging.getLogger("test.native"))
    for number in range(100):
        log(_ERROR, f"{number}".encode(), None)

    assert log.take_errors() == tuple(str(number) for number in range(84, 100))


def test_native_code_sees_the_abort_flag() -> None:
    flag = AbortFlag()
    callback = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p)(bindings.load().stop_when_set)

    assert (flag.is_set(), callback(flag.address)) == (False, False)
    flag.set()
    flag.set()
    assert (flag.is_set(), callback(flag.address)) == (True, True)
