"""The high-level ``llama_cpp.Llama`` with its defaults, doing what a chat does: what one would write without Catnap.

Run in a process of its own; one JSON object on stdout. The idle unload is the one such a program can do: drop the
object. The next message then reads the conversation again.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.machine.memory import MemoryReader
from tests.bench.prompts import words
from tests.bench.wake_figures import CONVERSATION_WORDS, MESSAGE_WORDS


def _load_backends() -> None:
    """This build keeps its CPU backends in files of their own, which the class does not know to load."""
    import llama_cpp
    from llama_cpp import _ggml

    load = _ggml.libggml.ggml_backend_load_all_from_path
    load.argtypes = [ctypes.c_char_p]
    load.restype = None
    load(os.fsencode(Path(llama_cpp.__file__).parent / "lib"))


@dataclass(frozen=True)
class _Heard:
    first_s: float
    tokens: int
    tps: float
    text: str


class Plain:
    """A chat program of twenty lines."""

    def __init__(self, model: Path, threads: int) -> None:
        self._model = model
        self._threads = threads
        self._llama: Any = None

    def say(self, messages: list[dict[str, str]], tokens: int) -> _Heard:
        """Returns the answer; the time counts from before the loading, if the model is not loaded."""
        from llama_cpp import Llama

        began = time.monotonic()
        if self._llama is None:
            self._llama = Llama(str(self._model), n_ctx=2048, n_threads=self._threads, verbose=False)
        first = last = 0.0
        count = 0
        text = ""
        for chunk in self._llama.create_chat_completion(messages, max_tokens=tokens, temperature=0, stream=True):
            piece = chunk["choices"][0]["delta"].get("content")
            if piece is None:
                continue
            last = time.monotonic()
            first = first or last
            count += 1
            text += piece
        return _Heard(first - began, count, (count - 1) / (last - first) if last > first else 0.0, text)

    def unload(self) -> None:
        self._llama = None
        gc.collect()


def measure(model: Path, threads: int) -> dict[str, float]:
    """Returns the figures by name."""
    _load_backends()
    memory, plain = MemoryReader(), Plain(model, threads)
    began = time.monotonic()
    plain.say([_user(3, 1)], 2)
    load_s = time.monotonic() - began
    short = plain.say([_user(8, 2)], 64)
    talk = [_user(CONVERSATION_WORDS, 3)]
    long = plain.say(talk, 2)
    awake = memory.read()
    plain.unload()
    asleep = memory.read()
    talk = [*talk, {"role": "assistant", "content": long.text}, _user(MESSAGE_WORDS, 4)]
    woken = plain.say(talk, 2)
    return {
        "first_answer_s": load_s,
        "tps": short.tps,
        "long_s": long.first_s,
        "awake_rss": awake.rss,
        "awake_anonymous": awake.anonymous,
        "asleep_rss": asleep.rss,
        "woken_s": woken.first_s,
    }


def _user(count: int, seed: int) -> dict[str, str]:
    return {"role": "user", "content": words(count, seed)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.model, arguments.threads)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
