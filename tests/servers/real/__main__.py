"""Asks a server that runs already all that the tests ask of theirs, and prints what it can do.

    python -m tests.servers.real URL MODEL CONTEXT [KEY]

For servers that do not fit into the tests: vLLM, an Ollama upstairs. What it prints is what ``docs/compatibility.json``
says of them. The model should know the capital of France and speak English.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.servers.real.checks import CHECKS, Served
from tests.support.asked_servers import Questions


def main(url: str, model: str, n_ctx: int, key: str | None) -> None:
    works, cannot = [], []
    for name, check in CHECKS.items():
        with tempfile.TemporaryDirectory() as folder, Questions(Path(folder), url, key=key) as asked:
            try:
                check(asked, Served(model, n_ctx))
                works.append(name)
            except AssertionError as problem:
                cannot.append(name)
                print(f"{name}: {str(problem)[:300]}", file=sys.stderr)
    print({"works": works, "cannot": cannot})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] if len(sys.argv) > 4 else None)
