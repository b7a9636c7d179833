"""Catnap's engine in a process of its own, told by lines of JSON on stdin what to do; answers likewise on stdout.

{"do": "generate", "tokens": 64}     -> {"tokens": 64, "tps": 41.2}
{"do": "generate_for", "seconds": 6, "position": 200} -> {"tps": 38.0}   after about 200 tokens of the context
{"do": "disturb", "seconds": 6, "beside_count": 1, "after_count": 2} -> the figures of tests.bench.disturbance.disturb
{"do": "read", "tokens": 512}        -> {"tokens": 497, "tps": 140.3}
{"do": "talk", "conversation": "a", "words": 400, "tokens": 4}  -> the figures of the answer, see Probe.talk
{"do": "key", "conversation": "a", "words": 2, "tokens": 4}  -> {}, see Probe.key
{"do": "begin", "conversation": "a", "said": ["You ...", "Why?"], "prefix": "b", "tokens": 4}  -> see Probe.begin
{"do": "about", "conversation": "a", "opening": "...", "question": "Why?", "prefix": "b", "tokens": 4} -> see Probe
{"do": "library"}                    -> the memory with the engine's process started, but no model
{"do": "memory"}                     -> {"rss": ..., "anonymous": ...} of this process and the engine's together
{"do": "threads", "count": 2}        -> {}
{"do": "pause"}                      -> {}
{"do": "doze"}                       -> the memory afterwards
{"do": "sleep"}                      -> the memory afterwards
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import math
import queue
import sys
import time
import zlib
from collections.abc import Generator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import psutil

from desktop.engine.types import (
    Asleep,
    Dozing,
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
from desktop.machine.memory import MemoryReader
from tests.bench.disturbance import Moment, disturb
from tests.bench.prompts import words

Values = dict[str, float]

# Nobody asks again, and no nap comes, the moment an answer ends; what the engine does then is done after this.
_PAUSE_SECONDS = 1.0
# A process that has started takes memory no more when two looks this far apart find the same.
_LOOK_SECONDS = 0.3
_AT_ONCE = 0.001


class Probe:
    """The engine and what is asked of it."""

    def __init__(self, config: EngineConfig) -> None:
        self._events: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        self._config = config
        self.worker = EngineWorker(self._events.put, config)
        self._memory = MemoryReader(engine=lambda: self.worker.process_id)
        self._ids = itertools.count(1)
        self._last = 0  # id of the last request for an answer
        self._seeds = itertools.count(1)
        self._words: tuple[int, float] | None = None  # tokens of a prompt without words, tokens of each word
        self._talks: dict[str, tuple[Message, ...]] = {}

    def generate(self, tokens: int) -> Values:
        """Answers a short question with the app's default sampling; a random model may end early, then asks again."""
        for _ in range(20):
            stats = self._ask(self._text(8), Sampling(max_tokens=tokens))
            if stats.generated_tokens == tokens:
                return {"tokens": tokens, "tps": stats.gen_tps}
        raise RuntimeError("the model ends each answer too early to be measured")

    def generate_for(self, seconds: float, position: int) -> Values:
        """Answers for a time, in one answer if the model does not end early; what comes before a first token is out.

        Args:
            seconds: How long.
            position: Tokens of the context that are taken before; the more they are, the slower is the next.
        """
        tokens, spent = 0, 0.0
        while spent < seconds:
            last = Moment(0.0, 0, 0.0)
            with contextlib.closing(self.moments(position)) as moments:
                for last in moments:
                    if spent + last.seconds >= seconds:
                        break
            tokens, spent = tokens + last.tokens, spent + last.seconds
        return {"tps": tokens / spent}

    def moments(self, position: int) -> Generator[Moment]:
        """Answers, and yields after each piece of the answer; stops it when it is closed."""
        number = self._send(self._text(self._count(position)), Sampling())
        began, tokens, finished = 0.0, 0, False
        try:
            while not finished:
                event = self._events.get()
                if isinstance(event, Failed):
                    raise event.error
                finished = isinstance(event, Finished)
                if isinstance(event, Token):
                    now = time.monotonic()
                    began, tokens = (began, tokens + event.tokens) if began else (now, 0)
                    yield Moment(now - began, tokens, self._used())
        finally:
            self.worker.cancel(number)
            if not finished:
                self._hear()

    def read(self, tokens: int) -> Values:
        """Reads a prompt that is as long as can be without exceeding ``tokens``."""
        stats = self._ask(self._text(self._count(tokens)), Sampling(max_tokens=1))
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
        said = (*before, Message(Role.USER, words(count, _seed(conversation, len(before)))))
        sampling = Sampling(temperature=0.0, max_tokens=tokens)
        number = self._last = next(self._ids)
        figures, text = self._figures(Generation(number, conversation, said, sampling, keep_state=keep))
        self._talks[conversation] = (*said, Message(Role.ASSISTANT, text))
        return figures

    def begin(self, conversation: str, said: Sequence[str], prefix: str | None, tokens: int) -> Values:
        """Begins a conversation.

        Args:
            conversation: Its name.
            said: What the model is told, then questions and answers by turns, a question last.
            prefix: Under which the state of all but the last is kept; None: it is not.
            tokens: Length of the answer.
        """
        roles = (Role.SYSTEM, *itertools.islice(itertools.cycle((Role.USER, Role.ASSISTANT)), len(said) - 1))
        messages = tuple(map(Message, roles, said))
        number = self._last = next(self._ids)
        return self._figures(
            Generation(
                *(number, conversation, messages, Sampling(temperature=0.0, max_tokens=tokens)),
                prefix_id=prefix, prefix_messages=len(said) - 2,
            )
        )[0]  # fmt: skip

    def about(self, conversation: str, opening: str, question: str, prefix: str, tokens: int) -> Values:
        """Begins a conversation about a document, whose state is kept.

        Args:
            conversation: Its name.
            opening: The document.
            question: What is asked.
            prefix: Under which the state of the document is kept.
            tokens: Length of the answer.
        """
        number = self._last = next(self._ids)
        asked, sampling = (Message(Role.USER, question),), Sampling(temperature=0.0, max_tokens=tokens)
        return self._figures(
            Generation(number, conversation, asked, sampling, prefix_id=prefix, prefix_lasts=True, opening=opening)
        )[0]

    def _figures(self, request: Generation) -> tuple[Values, str]:
        """Asks, and returns how long it took and the answer."""
        began = time.monotonic()
        self.worker.generate(request)
        stats, text, first = self._hear()
        figures = {
            "load_s": stats.load_s,
            "engine_s": stats.ttft_s,  # from where its process took the request
            "read_s": stats.read_s,
            "ttft_s": first - began,  # as somebody waits for it: the start of the engine's process included
            "prompt_tokens": stats.prompt_tokens,
            "read_tokens": stats.prompt_tokens - stats.reused_tokens,
            "generated_tokens": stats.generated_tokens,
            "gen_tps": stats.gen_tps,
        }
        return figures, text

    def key(self, conversation: str, count: int, tokens: int) -> Values:
        """Prepares a conversation for its next message, as the first key of it does, or a pause in the writing.

        Args:
            conversation: Its name.
            count: Words of the message that are written by then.
            tokens: Length of the answer that will be asked for: how much of the conversation fits depends on it.
        """
        known = self._talks.get(conversation, ())
        if count:
            known = (*known, Message(Role.USER, words(count, _seed(conversation, len(known)))))
        sampling = Sampling(temperature=0.0, max_tokens=tokens)
        self.worker.prepare(Generation(next(self._ids), conversation, known, sampling))
        return {}

    def set_threads(self, count: int) -> Values:
        self._config = replace(self._config, threads=count)
        self.worker.configure(self._config)
        return {}

    def library(self) -> Values:
        self.worker.attend()
        before, now = 0, -1
        while before != now or not self._memory.read().engine:
            time.sleep(_LOOK_SECONDS)
            before, now = now, self._memory.read().rss
        return self.memory()

    def memory(self) -> Values:
        reading = self._memory.read()
        return {"rss": reading.rss, "anonymous": reading.anonymous}

    def pause(self) -> Values:
        time.sleep(_PAUSE_SECONDS)
        return {}

    def doze(self) -> Values:
        self.pause()
        self.worker.configure(replace(self._config, idle_seconds=_AT_ONCE))
        while not isinstance(self._events.get(), Dozing):
            pass
        self.worker.configure(self._config)
        return self.memory()

    def sleep(self) -> Values:
        self.pause()
        self.worker.sleep()
        while not isinstance(self._events.get(), Asleep):
            pass
        return self.memory()

    def _count(self, tokens: int) -> int:
        """Returns how many words make a prompt of so many tokens."""
        if self._words is None:
            sample = self._ask(self._text(100), Sampling(max_tokens=1))
            short = self._ask(self._text(1), Sampling(max_tokens=1))
            self._words = (short.prompt_tokens, (sample.prompt_tokens - short.prompt_tokens) / 99)
        short_tokens, per_word = self._words
        return max(1, int((tokens - short_tokens) / per_word))

    def _text(self, count: int) -> str:
        return words(count, seed=next(self._seeds))

    def _ask(self, text: str, sampling: Sampling) -> Stats:
        self._send(text, sampling)
        return self._hear()[0]

    def _send(self, text: str, sampling: Sampling) -> int:
        number = self._last = next(self._ids)
        self.worker.generate(Generation(number, f"bench-{number}", (Message(Role.USER, text),), sampling))
        return number

    def _used(self) -> float:
        """Returns the processor time in seconds that both processes have used."""
        engine = psutil.Process(self.worker.process_id).cpu_times()
        return time.process_time() + float(engine.user + engine.system)

    def _hear(self) -> tuple[Stats, str, float]:
        """Waits for the end of the last request; returns its figures, its text and when the first token came."""
        text, first = "", math.inf
        while True:
            event = self._events.get()
            if getattr(event, "request_id", self._last) != self._last:
                continue
            if isinstance(event, Failed):
                raise event.error
            if isinstance(event, Token):
                text, first = text + event.text, min(first, time.monotonic())
            if isinstance(event, Finished):
                return event.stats, text, first


def _seed(conversation: str, before: int) -> int:
    """Returns what the words of a message are made from: the same in every process."""
    return zlib.crc32(f"{conversation}, {before}".encode())


def _obey(probe: Probe, command: dict[str, Any]) -> Values:
    match command:
        case {"do": "generate", "tokens": int(tokens)}:
            return probe.generate(tokens)
        case {"do": "generate_for", "seconds": float(seconds) | int(seconds), "position": int(position)}:
            return probe.generate_for(seconds, position)
        case {
            "do": "disturb",
            "seconds": float(seconds) | int(seconds),
            "beside_count": int(one),
            "after_count": int(other),
        }:
            return asdict(disturb(probe.moments, probe.set_threads, seconds, one, other))
        case {"do": "read", "tokens": int(tokens)}:
            return probe.read(tokens)
        case {"do": "talk", "conversation": str(name), "words": int(count), "tokens": int(tokens)}:
            return probe.talk(name, count, tokens, keep=bool(command.get("keep", True)))
        case {"do": "key", "conversation": str(name), "words": int(count), "tokens": int(tokens)}:
            return probe.key(name, count, tokens)
        case {"do": "begin", "conversation": str(name), "said": [*said], "prefix": prefix, "tokens": int(tokens)}:
            return probe.begin(name, said, prefix, tokens)
        case {
            "do": "about",
            "conversation": str(name),
            "opening": str(opening),
            "question": str(question),
            "prefix": str(prefix),
            "tokens": int(tokens),
        }:
            return probe.about(name, opening, question, prefix, tokens)
        case {"do": "threads", "count": int(count)}:
            return probe.set_threads(count)
        case {"do": "library"}:
            return probe.library()
        case {"do": "memory"}:
            return probe.memory()
        case {"do": "pause"}:
            return probe.pause()
        case {"do": "doze"}:
            return probe.doze()
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
        sleep_seconds=None,
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
