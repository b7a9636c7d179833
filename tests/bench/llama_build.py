"""What setup/llama_wheel.py built: llama.cpp's source and its own benchmark, of the same flags as the wheel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TOOLS = Path(__file__).parents[2] / "packaging"


def build_cache() -> Path:
    """Returns the folder outside the checkout where builds and models for measuring are kept."""
    return llama_source().parents[3]


def llama_source() -> Path:
    """Returns llama.cpp's source, unpacking it first if need be."""
    return _recipe("source") / "vendor" / "llama.cpp"


def _recipe(what: str) -> Path:
    done = subprocess.run(
        [sys.executable, str(_TOOLS), "setup.llama_wheel", what], stdout=subprocess.PIPE, text=True, check=True
    )
    return Path(done.stdout.strip())


@dataclass(frozen=True)
class LlamaBench:
    """llama.cpp's ``llama-bench``, set to do what Catnap's engine does.

    The same build, model, threads and batch; weights mapped and not repacked, as in "memory saver"; one thread pool of
    low priority with the same polling (desktop/engine/llama/thread_pool.py). What stays different is in its favour: it
    samples nothing, makes no text and posts no events.

    Attributes:
        program: The executable.
        arguments: All but the lengths.
    """

    program: Path
    arguments: tuple[str, ...]

    def read(self, tokens: int) -> float:
        """Returns prompt tokens per second for a prompt of ``tokens`` tokens."""
        return self._run("-p", str(tokens), "-n", "0")

    def generate(self, tokens: int) -> float:
        """Returns generated tokens per second over ``tokens`` tokens."""
        return self._run("-p", "0", "-n", str(tokens))

    def _run(self, *lengths: str) -> float:
        command = [str(self.program), *self.arguments, *lengths]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        results: list[dict[str, Any]] = json.loads(done.stdout)
        return float(results[0]["avg_ts"])


def llama_bench(model: Path, threads: int, batch: int) -> LlamaBench:
    """Returns llama-bench, building it first if need be (a minute)."""
    program = _recipe("bench")
    settings = {
        "-m": os.fspath(model),
        "-t": str(threads),
        "-b": str(batch),
        "-ub": str(batch),
        "-ngl": "0",
        "-fa": "auto",
        "--load-mode": "mmap",
        "--repack": "0",
        "--prio": "-1",
        "--poll": "10",
        "-r": "1",
        "-o": "json",
    }
    return LlamaBench(program, tuple(word for pair in settings.items() for word in pair))
