"""Catnap's engine in a process of its own, told by lines of JSON on stdin what to do; answers likewise on stdout.

{"do": "generate", "tokens": 64}     -> {"tokens": 64, "tps": 41.2}
{"do": "read", "tokens": 512}        -> {"tokens": 497, "tps": 140.3}
{"do": "memory"}                     -> {"rss": ..., "anonymous": ...}
{"do": "sleep"}                      -> the memory afterwards
"""

from __future__ import annotations

import argparse
import itertools
import json
import queue
import sys
from pathlib import Path

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
)
from desktop.engine.worker import EngineWorker
from tests.bench.prompts import words


class Probe:
    """The engine and what is asked of it."""

    def __init__(self, config: EngineConfig) -> None:
        self._events: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        self.worker = EngineWorker(self._events.put, config)
        self._memory = MemoryReader()
        self._ids = itertools.count(1)
        self._seeds = itertools.count(1)

    def generate(self, tokens: int) -> dict[str, float]:
        """Answers a short question with the app's default sampling; a random model may end early, then asks again."""
        for _ in range(20):
            stats = self._ask(self._text(8), Sampling(max_tokens=tokens))
            if stats.generated_tokens == tokens:
                return {"tokens": tokens, "tps": stats.gen_tps}
        raise RuntimeError("the model ends each answer too early to be measured")

    def read(self, tokens: int) -> dict[str, float]:
        """Reads a prompt that is as long as can be without exceeding ``tokens``."""
        sample = self._ask(self._text(100), Sampling(max_tokens=1))
        short = self._ask(self._text(1), Sampling(max_tokens=1))
        per_word = (sample.prompt_tokens - short.prompt_tokens) / 99
        count = int((tokens - short.prompt_tokens) / per_word)
        stats = self._ask(self._text(count), Sampling(max_tokens=1))
        return {"tokens": stats.prompt_tokens - stats.reused_tokens, "tps": stats.prompt_tps}

    def memory(self) -> dict[str, float]:
        reading = self._memory.read()
        return {"rss": reading.rss, "anonymous": reading.anonymous}

    def sleep(self) -> dict[str, float]:
        self.worker.sleep()
        while not isinstance(self._events.get(), Asleep):
            pass
        return self.memory()

    def _text(self, count: int) -> str:
        return words(count, seed=next(self._seeds))

    def _ask(self, text: str, sampling: Sampling) -> Stats:
        number = next(self._ids)
        self.worker.generate(Generation(number, f"bench-{number}", (Message(Role.USER, text),), sampling))
        while True:
            event = self._events.get()
            if isinstance(event, Failed):
                raise event.error
            if isinstance(event, Finished):
                return event.stats


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--ctx", type=int, default=2048)
    arguments = parser.parse_args()
    config = EngineConfig(arguments.model, n_ctx=arguments.ctx, threads=arguments.threads, idle_seconds=None)
    probe = Probe(config)
    with probe.worker:
        for line in sys.stdin:
            command = json.loads(line)
            match command["do"]:
                case "generate":
                    answer = probe.generate(command["tokens"])
                case "read":
                    answer = probe.read(command["tokens"])
                case "memory":
                    answer = probe.memory()
                case "sleep":
                    answer = probe.sleep()
                case unknown:
                    raise ValueError(unknown)
            print(json.dumps(answer), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
