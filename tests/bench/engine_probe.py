"""Catnap's engine in a process of its own, told by lines of JSON on stdin what to do; answers likewise on stdout.

{"do": "generate", "tokens": 64}     -> {"tokens": 64, "tps": 41.2}
{"do": "generate_for", "seconds": 6} -> {"tps": 38.0, "late_tps": 41.0}   late: over the last half of the time
{"do": "read", "tokens": 512}        -> {"tokens": 497, "tps": 140.3}
{"do": "talk", "conversation": "a", "words": 400, "tokens": 4}  -> the figures of the answer, see Probe.talk
{"do": "library"}                    -> the memory with the native library loaded, but no model
{"do": "memory"}                     -> {"rss": ..., "anonymous": ...}
{"do": "threads", "count": 2}        -> {}
{"do": "sleep"}                      -> the memory afterwards
"""

from __future__ import annotations

import argparse
import itertools
import json
import queue
import sys
import time
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from desktop.engine import bindings
from desktop.engine.memory_reading import MemoryReader
from desktop.engine.types import (
    Asleep,
    EngineConfig,
    EngineEvent,
    Failed,
    Finished,
    Generation,
    Message,
    Role,
    Sampling,
    Stats,
    Token,
)
from desktop.engine.worker import EngineWorker
from tests.bench.prompts import words

Values = dict[str, float]


class Probe:
    """The engine and what is asked of it."""

    def __init__(self, config: EngineConfig) -> None:
        self._events: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        self._config = config
        self.worker = EngineWorker(self._events.put, config)
        self._memory = MemoryReader()
        self._ids = itertools.count(1)
        self._seeds = itertools.count(1)
        self._talks: dict[str, tuple[Message, ...]] = {}

    def generate(self, tokens: int) -> Values:
        """Answers a short question with the app's default sampling; a random model may end early, then asks again."""
        for _ in range(20):
            stats = self._ask(self._text(8), Sampling(max_tokens=tokens))
            if stats.generated_tokens == tokens:
                return {"tokens": tokens, "tps": stats.gen_tps}
        raise RuntimeError("the model ends each answer too early to be measured")

    def generate_for(self, seconds: float) -> Values:
        """Answers for a time, in one answer if the model does not end early; what comes before a first token is out."""
        moments: list[tuple[float, int]] = []  # since the beginning, tokens until then
        spent = 0.0
        tokens = 0
        while spent < seconds:
            number = self._send(self._text(8), Sampling())
            began = last = 0.0
            while True:
                event = self._events.get()
                if isinstance(event, Failed):
                    raise event.error
                if isinstance(event, Finished):
                    break
                if not isinstance(event, Token):
                    continue
                last = time.monotonic()
                if not began:
                    began = last
                    continue
                tokens += event.tokens
                moments.append((spent + last - began, tokens))
                if spent + last - began >= seconds:
                    self.worker.cancel(number)
            spent += last - began
        end, total = moments[-1]
        middle = next(moment for moment in moments if moment[0] >= end / 2)
        return {"tps": total / end, "late_tps": (total - middle[1]) / max(end - middle[0], 1e-6)}

    def read(self, tokens: int) -> Values:
        """Reads a prompt that is as long as can be without exceeding ``tokens``."""
        sample = self._ask(self._text(100), Sampling(max_tokens=1))
        short = self._ask(self._text(1), Sampling(max_tokens=1))
        per_word = (sample.prompt_tokens - short.prompt_tokens) / 99
        count = int((tokens - short.prompt_tokens) / per_word)
        stats = self._ask(self._text(count), Sampling(max_tokens=1))
        return {"tokens": stats.prompt_tokens - stats.reused_tokens, "tps": stats.prompt_tps}

    def talk(self, conversation: str, count: int, tokens: int, *, keep: bool) -> Values:
        """Says ``count`` words in a conversation that goes on, and hears ``tokens`` tokens, always the likeliest.

        Args:
            conversation: Its name.
            count: Words of the message.
            tokens: Length of the answer.
            keep: The engine may keep its state.
        """
        before = self._talks.get(conversation, ())
        seed = zlib.crc32(f"{conversation}, {len(before)}".encode())  # the same words in every process
        said = (*before, Message(Role.USER, words(count, seed)))
        number = next(self._ids)
        sampling = Sampling(temperature=0.0, max_tokens=tokens)
        self.worker.generate(Generation(number, conversation, said, sampling, keep_state=keep))
        stats, text = self._hear()
        self._talks[conversation] = (*said, Message(Role.ASSISTANT, text))
        return {
            "load_s": stats.load_s,
            "read_s": stats.read_s,
            "ttft_s": stats.ttft_s,
            "prompt_tokens": stats.prompt_tokens,
            "read_tokens": stats.prompt_tokens - stats.reused_tokens,
            "generated_tokens": stats.generated_tokens,
            "gen_tps": stats.gen_tps,
        }

    def set_threads(self, count: int) -> Values:
        self._config = replace(self._config, threads=count)
        self.worker.configure(self._config)
        return {}

    def library(self) -> Values:
        bindings.load()
        return self.memory()

    def memory(self) -> Values:
        reading = self._memory.read()
        return {"rss": reading.rss, "anonymous": reading.anonymous}

    def sleep(self) -> Values:
        self.worker.sleep()
        while not isinstance(self._events.get(), Asleep):
            pass
        return self.memory()

    def _text(self, count: int) -> str:
        return words(count, seed=next(self._seeds))

    def _ask(self, text: str, sampling: Sampling) -> Stats:
        self._send(text, sampling)
        return self._hear()[0]

    def _send(self, text: str, sampling: Sampling) -> int:
        number = next(self._ids)
        self.worker.generate(Generation(number, f"bench-{number}", (Message(Role.USER, text),), sampling))
        return number

    def _hear(self) -> tuple[Stats, str]:
        text = ""
        while True:
            event = self._events.get()
            if isinstance(event, Failed):
                raise event.error
            if isinstance(event, Token):
                text += event.text
            if isinstance(event, Finished):
                return event.stats, text


def _obey(probe: Probe, command: dict[str, Any]) -> Values:
    match command:
        case {"do": "generate", "tokens": int(tokens)}:
            return probe.generate(tokens)
        case {"do": "generate_for", "seconds": float(seconds) | int(seconds)}:
            return probe.generate_for(seconds)
        case {"do": "read", "tokens": int(tokens)}:
            return probe.read(tokens)
        case {"do": "talk", "conversation": str(name), "words": int(count), "tokens": int(tokens)}:
            return probe.talk(name, count, tokens, keep=bool(command.get("keep", True)))
        case {"do": "threads", "count": int(count)}:
            return probe.set_threads(count)
        case {"do": "library"}:
            return probe.library()
        case {"do": "memory"}:
            return probe.memory()
        case {"do": "sleep"}:
            return probe.sleep()
    raise ValueError(command)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--ctx", type=int, default=2048)
    parser.add_argument("--repack", action="store_true")
    parser.add_argument("--states", type=Path, help="keep the states of conversations in this folder")
    arguments = parser.parse_args()
    config = EngineConfig(
        arguments.model,
        n_ctx=arguments.ctx,
        threads=arguments.threads,
        idle_seconds=None,
        repack=arguments.repack,
        snapshots_dir=arguments.states,
    )
    probe = Probe(config)
    with probe.worker:
        for line in sys.stdin:
            print(json.dumps(_obey(probe, json.loads(line))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
