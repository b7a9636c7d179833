"""A real server: llama_cpp.server of the installed llama-cpp-python, as a process of its own, with a real model.

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
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from tests.support.command_line import environment
from tests.support.patience import wait_for


@contextlib.contextmanager
def serve_llama(model: Path, *arguments: str, n_ctx: int = 1024) -> Iterator[str]:
    """Runs the server until the block ends, and yields its address once it answers.

    Args:
        model: The model's file.
        arguments: Its own, besides.
        n_ctx: Context in tokens.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.support.llama_server", "--model", str(model), "--port", str(port)]
    command += ["--host", "127.0.0.1", "--n_ctx", str(n_ctx), "--n_threads", "1", "--model_alias", "smollm2"]
    with subprocess.Popen([*command, *arguments], env=environment(), stdout=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for("the server", lambda: _answers(url, process))
            yield url
        finally:
            process.kill()


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the server has ended"
    try:
        with urllib.request.urlopen(f"{url}/v1/models"):
            return True
    except urllib.error.HTTPError as refused:  # it wants a key
        refused.close()
        return True
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
