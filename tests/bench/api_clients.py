"""Clients of the API: one that times its answer, and many at once.

    python -m tests.bench.api_clients PORT TOKEN SECONDS

The last in a process of its own: what they do is not to hold up the program that they ask.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import sys
import threading
import time
from dataclasses import dataclass

from tests.support.patience import PATIENCE_S

CLIENTS = 64
_WORDS = 4  # tokens of an answer


@dataclass(frozen=True)
class Heard:
    """An answer as a client saw it; times in seconds."""

    first_s: float
    rate: float
    tokens: int


def ask(port: int, token: str, messages: list[dict[str, str]], tokens: int) -> Heard:
    """Asks for a stream, and times it.

    Raises:
        RuntimeError: It was refused.
        OSError: The connection was lost.
    """
    told = {"stream": True, "stream_options": {"include_usage": True}}  # tokens come joined where they come fast
    body = {"messages": messages, "max_tokens": tokens, "temperature": 0, **told}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    with contextlib.closing(connection):
        began = time.perf_counter()
        connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
        response = connection.getresponse()
        if response.status != 200:
            raise RuntimeError(response.read().decode())
        times: list[float] = []
        made = 0
        while line := response.readline():
            if not line.startswith(b"data: {"):
                continue
            event = json.loads(line[6:])
            if not event["choices"]:
                made = event["usage"]["completion_tokens"]
            elif event["choices"][0]["delta"].get("content"):
                times.append(time.perf_counter())
    rate = (made - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0
    return Heard(times[0] - began, rate, made)


def load(port: int, token: str, seconds: float) -> dict[str, float]:
    """Asks with many clients at once, each one question after the other; returns how many were answered, and lost."""
    ends_at = time.monotonic() + seconds
    lock, counts = threading.Lock(), {"answered": 0.0, "lost": 0.0}

    def work(number: int) -> None:
        while time.monotonic() < ends_at:
            try:
                heard = ask(port, token, [{"role": "user", "content": f"I am number {number}. Hello?"}], _WORDS)
                name = "answered" if heard.tokens else "lost"
            except (OSError, RuntimeError, IndexError, http.client.HTTPException):
                name = "lost"
            with lock:
                counts[name] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return counts


if __name__ == "__main__":
    print(json.dumps(load(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))), flush=True)
