"""Real servers with a real model, each a process of its own on a free port of loopback.

``serve_llama`` runs llama.cpp's own llama-server, built of the very objects of our wheel (``make test`` builds it
before the tests; a test that wants it and does not find it fails). ``serve_llama_cpp_python`` runs llama_cpp.server of
the installed llama-cpp-python:

    python -m tests.support.llama_server --model FILE --port N ...    its own arguments

It loads no CPU backend by itself, since it expects one built in, and ours lie beside the library: the best is loaded
first. Its packages are those of ``packaging/requirements/dev.in``; the program has none of them.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import runpy
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from tests.support.command_line import environment
from tests.support.patience import wait_for


def serve_llama_cpp_python(model: Path, *arguments: str, n_ctx: int = 1024) -> contextlib.AbstractContextManager[str]:
    """Runs llama_cpp.server until the block ends, and yields its address once it answers.

    Args:
        model: The model's file.
        arguments: Its own, besides.
        n_ctx: Context in tokens.
    """
    command = [sys.executable, "-m", "tests.support.llama_server", "--model", str(model), "--model_alias", "smollm2"]
    return _serve([*command, "--n_ctx", str(n_ctx), "--n_threads", "1", *arguments])


def serve_llama(model: Path, *arguments: str, n_ctx: int = 1024) -> contextlib.AbstractContextManager[str]:
    """Does the same with llama-server; it is told to ask nothing of the network and to show no pages."""
    from setup.llama_wheel import SERVER, cache_layout  # of packaging/, where pytest finds it

    program = cache_layout().tool(SERVER)
    assert program.is_file(), f"{program} is missing: `make test` builds it"
    command = [str(program), "--model", str(model), "--alias", "smollm2", "--ctx-size", str(n_ctx), "--threads", "1"]
    return _serve([*command, "--parallel", "1", "--offline", "--no-ui", "--log-disable", *arguments])


@contextlib.contextmanager
def _serve(command: Sequence[str]) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [*command, "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for("the server", lambda: _answers(url, process))
            yield url
        finally:
            process.kill()


def http_get(url: str) -> bytes:
    """Returns what is at an address."""
    with urllib.request.urlopen(url) as response:
        content: bytes = response.read()
        return content


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the server has ended"
    try:
        http_get(f"{url}/v1/models")
        return True
    except urllib.error.HTTPError as refused:  # it wants a key, or is loading
        refused.close()
        return refused.code != 503
    except OSError:
        return False


def _load_backend() -> None:
    from desktop.engine.llama.cpu_backends import pick

    spec = find_spec("llama_cpp")
    assert spec is not None and spec.origin is not None
    folder = Path(spec.origin).parent / "lib"
    ggml = ctypes.CDLL(str(next(folder.glob("libggml.so*"))), mode=ctypes.RTLD_GLOBAL)
    ggml.ggml_backend_load.restype, ggml.ggml_backend_load.argtypes = ctypes.c_void_p, (ctypes.c_char_p,)
    pick([folder], lambda path: bool(ggml.ggml_backend_load(os.fsencode(path))), lambda: ())


if __name__ == "__main__":
    _load_backend()
    runpy.run_module("llama_cpp.server", run_name="__main__")
