"""Catnap beside the plain high-level ``llama_cpp.Llama`` in the same conversation."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.child import ROOT, engine
from tests.bench.results import Figure
from tests.bench.wake_figures import CONVERSATION_WORDS, MESSAGE_WORDS

_MEGABYTE = 1_000_000
_LONGEST_S = 600


def plain(model: Path, threads: int) -> Iterator[Figure]:
    """Yields the same figures of both, one after the other, each in a process of its own."""
    theirs = _plain(model, threads)
    ours = _catnap(model, threads)
    gain = theirs["woken_s"] / ours["woken_s"]
    yield Figure("first token after an unload, Catnap ahead by", gain, "times", note="conversation of 1,500 tokens")
    for name, title, unit in (
        ("woken_s", "first token after an unload", "s"),
        ("first_answer_s", "loading and a first short answer", "s"),
        ("long_s", "first token of 1,500 new tokens", "s"),
        ("tps", "generation", "tokens/s"),
        ("awake_rss", "RSS awake", "MB"),
        ("awake_anonymous", "unreclaimable awake", "MB"),
        ("asleep_rss", "RSS after the unload", "MB"),
    ):
        scale = _MEGABYTE if unit == "MB" else 1
        yield Figure(f"{title}, Catnap", ours[name] / scale, unit)
        yield Figure(f"{title}, llama_cpp.Llama", theirs[name] / scale, unit)


def _plain(model: Path, threads: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.plain_probe", "--model", str(model), "--threads", str(threads)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=_LONGEST_S, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _catnap(model: Path, threads: int) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="catnap-bench-states-") as folder,
        engine(model, threads, "--states", folder) as child,
    ):
        first = child.ask("talk", conversation="first", words=3, tokens=2)
        tps = child.ask("generate", tokens=64)["tps"]
        long = child.ask("talk", conversation="talk", words=CONVERSATION_WORDS, tokens=2)
        awake = child.ask("memory")
        asleep = child.ask("sleep")
        woken = child.ask("talk", conversation="talk", words=MESSAGE_WORDS, tokens=2)
    return {
        "first_answer_s": first["ttft_s"] + 1 / first["gen_tps"],
        "tps": tps,
        "long_s": long["ttft_s"],
        "awake_rss": awake["rss"],
        "awake_anonymous": awake["anonymous"],
        "asleep_rss": asleep["rss"],
        "woken_s": woken["ttft_s"],
    }
