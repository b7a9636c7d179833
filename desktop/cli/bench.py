"""``catnap bench``: how fast a model wakes, reads and answers on this machine, and what it takes of the memory."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from desktop.cli import common
from desktop.cli.engine import Answer, Engine
from desktop.engine.types import EngineConfig, Message, Role, Sampling
from desktop.machine.cpu import read_processor
from desktop.machine.memory import MemoryReader
from desktop.settings.for_engine import engine_config

_MEGABYTE = 1_000_000
# Of the context: the part that is read at once, and the conversation that is read again after sleep. Long enough for
# a rate that means something, short enough for a laptop that reads 20 tokens a second.
_READ_SHARE = 0.2
_CONVERSATION_SHARE = 0.4
_ANSWER_TOKENS = 64
_TEXT = (
    "The cat sleeps on the warm keyboard until somebody asks a question, then it stretches and answers. "
    "猫在温暖的键盘上睡觉,直到有人提问,然后伸个懒腰回答。 "
)


@dataclass(frozen=True)
class Figures:
    """What was measured. Times in seconds, memory in megabytes, speeds in tokens per second.

    Attributes:
        load_s: From nothing to a model in memory; the file may have been in the system's cache.
        ttft_s: First token of a short question, loading included.
        wake_s: First token of the next message after sleep, loading included, with the conversation's state from disk.
        wake_load_s: Of that, the loading.
        wake_tokens: Length of that conversation.
        wake_reused_tokens: Of these, not read again.
        reread_s: The same without the state: the conversation is read again.
    """

    model: str
    processor: str
    backend: str
    threads: int
    n_ctx: int
    load_s: float
    ttft_s: float
    prompt_tokens: int
    prompt_tps: float
    generated_tokens: int
    gen_tps: float
    wake_s: float
    wake_load_s: float
    wake_tokens: int
    wake_reused_tokens: int
    reread_s: float
    rss_before_mb: float
    anon_before_mb: float
    rss_loaded_mb: float
    anon_loaded_mb: float
    rss_after_mb: float
    anon_after_mb: float


def run(places: common.Places, wanted: str | None, *, as_json: bool) -> int:
    """Runs the verb; see :mod:`desktop.cli.common` for what it raises."""
    settings = places.settings()
    model = common.check_model(common.find_model(places, settings, wanted))
    # The machine is measured, not how it spares its battery.
    conditions = replace(common.conditions(places, settings, model), unplugged=False)
    config = engine_config(settings, model.path, places.paths, conditions)
    cache = places.paths.cache
    cache.mkdir(parents=True, exist_ok=True)
    own = f"bench-{os.getpid()}-"
    with tempfile.TemporaryDirectory(prefix=own, dir=cache) as states:  # on the disk that the app would use
        # Each sleep here is asked for. What the user's own conversations have left on the disk is left alone.
        config = replace(config, idle_seconds=None, sleep_seconds=None, snapshots_dir=Path(states))
        with Engine(config, common.ProgressLine()) as engine:
            figures = _Bench(engine, config).run(model.name)
    if as_json:
        common.print_json(asdict(figures))
    else:
        _print(figures)
    return common.DONE


class _Bench:
    """One run of all measurements, on an engine that has not loaded anything yet."""

    def __init__(self, engine: Engine, config: EngineConfig) -> None:
        self._engine = engine
        self._config = config

    def run(self, name: str) -> Figures:
        before = self._engine.memory()
        first = self._ask("short", (_user("Hello, who are you?"),), _ANSWER_TOKENS)
        room = self._config.n_ctx
        reading = self._ask("reading", (_user(self._text(int(room * _READ_SHARE))),), 1)
        talk: tuple[Message, ...] = (_user(self._text(int(room * _CONVERSATION_SHARE))),)
        reply = self._ask("forgotten", talk, 8, keep_state=False)
        loaded = self._engine.memory()
        self._engine.sleep()
        after = self._engine.memory()
        further = (*talk, Message(Role.ASSISTANT, reply.text.strip() or "Meow."), _user("And then?"))
        reread = self._ask("forgotten", further, 2, keep_state=False)
        self._ask("kept", talk, 8)
        self._engine.sleep()
        woken = self._ask("kept", further, 2)
        return Figures(
            model=name,
            processor=read_processor().name,
            backend=self._engine.backend,
            threads=first.stats.threads,
            n_ctx=self._config.n_ctx,
            load_s=round(first.stats.load_s, 3),
            ttft_s=round(first.stats.ttft_s, 3),
            prompt_tokens=reading.stats.prompt_tokens - reading.stats.reused_tokens,
            prompt_tps=round(reading.stats.prompt_tps, 2),
            generated_tokens=first.stats.generated_tokens,
            gen_tps=round(first.stats.gen_tps, 2),
            wake_s=round(woken.stats.ttft_s, 3),
            wake_load_s=round(woken.stats.load_s, 3),
            wake_tokens=woken.stats.prompt_tokens,
            wake_reused_tokens=woken.stats.reused_tokens,
            reread_s=round(reread.stats.ttft_s, 3),
            rss_before_mb=round(before.rss / _MEGABYTE, 1),
            anon_before_mb=round(before.anonymous / _MEGABYTE, 1),
            rss_loaded_mb=round(loaded.rss / _MEGABYTE, 1),
            anon_loaded_mb=round(loaded.anonymous / _MEGABYTE, 1),
            rss_after_mb=round(after.rss / _MEGABYTE, 1),
            anon_after_mb=round(after.anonymous / _MEGABYTE, 1),
        )

    def _ask(
        self, conversation: str, messages: tuple[Message, ...], max_tokens: int, *, keep_state: bool = True
    ) -> Answer:
        sampling = Sampling(temperature=0.0, max_tokens=max_tokens)
        answer = self._engine.ask(messages, sampling, conversation_id=conversation, keep_state=keep_state)
        if answer.error is not None:
            raise answer.error
        if answer.interrupted:
            raise KeyboardInterrupt
        return answer

    def _text(self, tokens: int) -> str:
        """Returns a text of about ``tokens`` tokens; how much that is depends on the model's vocabulary."""
        sample = self._ask("sample", (_user(_TEXT),), 1).stats.prompt_tokens
        empty = self._ask("empty", (_user("."),), 1).stats.prompt_tokens
        per_character = max(sample - empty, 1) / len(_TEXT)
        characters = int(tokens / per_character)
        return (_TEXT * (characters // len(_TEXT) + 1))[:characters]


def _user(text: str) -> Message:
    return Message(Role.USER, text)


def _print(figures: Figures) -> None:
    rows = (
        ("model", figures.model),
        ("processor", f"{figures.processor}, backend {figures.backend}, {figures.threads} threads"),
        ("machine's memory", f"{MemoryReader().read().machine_total / _MEGABYTE:,.0f} MB"),
        ("loading", f"{figures.load_s:.2f} s"),
        ("first word of a short question", f"{figures.ttft_s:.2f} s, loading included"),
        ("reading", f"{figures.prompt_tps:.1f} tokens/s ({figures.prompt_tokens} tokens)"),
        ("answering", f"{figures.gen_tps:.1f} tokens/s ({figures.generated_tokens} tokens)"),
        (
            "first word after sleep",
            f"{figures.wake_s:.2f} s, {figures.wake_reused_tokens:,} of {figures.wake_tokens:,} tokens kept",
        ),
        ("first word if nothing were kept", f"{figures.reread_s:.2f} s, {figures.wake_tokens:,} tokens read again"),
        ("memory before", _memory(figures.rss_before_mb, figures.anon_before_mb)),
        ("memory awake", _memory(figures.rss_loaded_mb, figures.anon_loaded_mb)),
        ("memory asleep", _memory(figures.rss_after_mb, figures.anon_after_mb)),
    )
    for title, text in rows:
        common.say(f"{title:<32}{text}")
    sys.stdout.flush()


def _memory(rss: float, anonymous: float) -> str:
    return f"{rss:.0f} MB, {anonymous:.0f} of them unreclaimable"
