"""What asking by the API costs against ``catnap ask``, what a second request saves, what it costs asleep.

``catnap serve`` in a process of its own, a client with a plain socket in this one, and a real model: SmolLM2.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from tests.bench.api_clients import CLIENTS, Heard, ask, load
from tests.bench.app_figures import probe, stage
from tests.bench.effort import Effort
from tests.bench.results import Figure
from tests.support.command_line import environment
from tests.support.patience import PATIENCE_S

_TOKENS = 160
_QUESTION = "Write a long story about a cat that sleeps on an old laptop."
_SHARED_WORDS = 1_480  # some 1,500 tokens
_LOAD_SECONDS = 120.0


class Server:
    """``catnap serve`` and a way to ask it."""

    def __init__(self, home: str, threads: int) -> None:
        self._home = home
        settings = Path(home) / "settings.json"
        values = {"threads": threads, "n_ctx": 2048}
        settings.write_text(json.dumps({"version": 1, "values": values}), encoding="utf-8")
        self.process = _start("serve", "--port", "0", "--json", "--data-dir", home)
        assert self.process.stdout is not None
        said = json.loads(self.process.stdout.readline())
        self.port, self.token = int(said["address"].split(":")[2].partition("/")[0]), said["token"]

    def close(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE_S)

    def ask(self, messages: list[dict[str, str]], tokens: int) -> Heard:
        """Asks for a stream, and times it."""
        return ask(self.port, self.token, messages, tokens)


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "desktop", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=environment())


def _asked(home: str, model: Path) -> float:
    """Returns how many tokens a second ``catnap ask`` makes."""
    with _start(
        *("ask", _QUESTION, "--model", str(model), "--max-tokens", str(_TOKENS), "--temperature", "0"),
        *("--allow-loops", "--json", "--data-dir", home),
    ) as done:
        assert done.stdout is not None
        return float(json.loads(done.stdout.read())["gen_tps"])


def api(model: Path, threads: int, effort: Effort) -> Iterator[Figure]:
    """Yields the figures.

    Args:
        model: A real one.
        threads: To compute with.
        effort: How many pairs, and how long a sleeping one is watched.
    """
    with tempfile.TemporaryDirectory(prefix="catnap-bench-api-") as home:
        imported = _start("models", "import", str(model), "--data-dir", home)
        imported.communicate(timeout=PATIENCE_S)
        server = Server(home, threads)
        try:
            yield from _asleep(server, effort)
            yield from _rates(server, home, model, effort)
            yield from _second(server, effort)
            yield from _load(server, _seconds(effort))
        finally:
            server.close()
    yield from _window(model, threads, _seconds(effort))


def _seconds(effort: Effort) -> float:
    return _LOAD_SECONDS if effort.rounds > 1 else _LOAD_SECONDS / 6


def _asleep(server: Server, effort: Effort) -> Iterator[Figure]:
    before = _wake_ups(server.process.pid)
    time.sleep(effort.quiet_seconds)
    each = (_wake_ups(server.process.pid) - before) / effort.quiet_seconds
    note = f"of catnap serve, which nobody has asked, over {effort.quiet_seconds:.0f} s; voluntary context switches"
    yield Figure("wake-ups asleep", each, "/s", at_most=0.2, note=note)


def _rates(server: Server, home: str, model: Path, effort: Effort) -> Iterator[Figure]:
    question = [{"role": "user", "content": _QUESTION}]
    server.ask(question, 8)  # it wakes, and finds out about threads
    pairs, own = [], []
    for _pair in range(effort.pairs):
        alone, before = _asked(home, model), _processor_time(server.process.pid)
        heard = server.ask(question, _TOKENS)
        own.append(1e3 * (_processor_time(server.process.pid) - before) / heard.tokens)
        pairs.append((heard.rate, alone))
    ratios = sorted(through / alone for through, alone in pairs)
    through, alone = (median(pair[place] for pair in pairs) for place in (0, 1))
    note = f"{through:.1f} against {alone:.1f}; median of {len(pairs)} pairs, from {ratios[0]:.3f} to {ratios[-1]:.3f}"
    yield Figure("tokens a second by the API, against catnap ask", median(ratios), "", at_least=0.97, note=note)
    told = "what the engine's process says is read in it, too, as in catnap ask; holds on a busy machine as well"
    yield Figure("processor time of catnap serve for a token", median(own), "ms", note=told)


def _second(server: Server, effort: Effort) -> Iterator[Figure]:
    firsts: list[float] = []
    seconds: list[float] = []
    for number in range(effort.pairs):
        words = " ".join(f"w{number}" if place % 37 == 0 else "cat" for place in range(_SHARED_WORDS))
        system = {"role": "system", "content": f"Number {number}. {words}"}
        for found, text in ((firsts, "Who are you?"), (seconds, "What is a cat?")):
            found.append(server.ask([system, {"role": "user", "content": text}], 4).first_s)
    ratios = sorted(second / first for first, second in zip(firsts, seconds, strict=True))
    note = f"{median(seconds):.3f} s against {median(firsts):.3f} s; median of {len(ratios)}, up to {ratios[-1]:.3f}"
    yield Figure("first token of a second request, 1,500 tokens shared", median(ratios), "", at_most=0.05, note=note)


def _load(server: Server, seconds: float) -> Iterator[Figure]:
    found = load(server.port, server.token, seconds)
    yield _lost(found, "")


def _window(model: Path, threads: int, seconds: float) -> Iterator[Figure]:
    """The same while somebody writes, reads and asks in the window."""
    with stage() as where:
        result = probe(where, "api", model, threads, "--seconds", str(seconds))
    yield _lost(result, ", the window in use")
    own, queued = (result[key] * 1000 for key in ("own", "queued"))
    note = (
        f"the longest wait by the clock in {seconds:.0f} s, {CLIENTS} clients at once, {where.words}; {own:.1f} ms "
        f"without the time in which the thread wanted a processor and other programs had it ({queued:.0f} ms at the "
        f"most); {result['late'] * 100:.2f} % of {result['beats']:.0f} turns waited longer than 16 ms"
    )
    yield Figure("GUI thread blocked, clients at the API", result["blocked"] * 1000, "ms", at_most=16, note=note)


def _lost(found: Mapping[str, float], where: str) -> Figure:
    note = f"{found['answered']:.0f} answers, {CLIENTS} clients at once{where}"
    return Figure(f"requests lost under load{where}", float(found["lost"]), "", at_most=0.0, note=note)


def _processor_time(pid: int) -> float:
    """Returns the seconds that the threads of a process have had of the processor."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9


def _wake_ups(pid: int) -> int:
    count = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        for line in (task / "status").read_text(encoding="ascii").splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                count += int(line.split()[1])
    return count
