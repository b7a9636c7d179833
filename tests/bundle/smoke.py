"""The least that a built Catnap must do on every system: tell its version, look at the machine, answer offline.

Needs nothing but the program; the model is made here. The release runs it on what each of its jobs built.

Usage:
    python -m tests.bundle.smoke PROGRAM
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from desktop import __version__
from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.support.patience import LONG_PATIENCE_S

# Nothing listens on the port named "discard"; whoever tried to reach the outside would fail at once.
_NOWHERE = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")


class FailedError(Exception):
    """The program did not do what it should."""


def output_of(program: Path, *words: str) -> str:
    """Runs a verb of the program, which must succeed, and returns what it says on stdout.

    Raises:
        FailedError: It did not succeed.
    """
    done = subprocess.run(
        [str(program), *words],
        env={**os.environ, **_NOWHERE},
        stdin=subprocess.DEVNULL,  # what is piped to `ask` would be a document
        capture_output=True,
        encoding="utf-8",
        timeout=LONG_PATIENCE_S,
        check=False,
    )
    if done.returncode != 0:
        raise FailedError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout


def check(program: Path, folder: Path) -> str:
    """Puts the program to the test with its data in ``folder`` and returns a line about it.

    Raises:
        FailedError: It did not pass.
    """
    version = output_of(program, "--version").strip()
    if version != f"catnap {__version__}":
        raise FailedError(f"it says that it is {version!r}, and this is {__version__}")
    place = ("--data-dir", str(folder / "data"))
    report = json.loads(output_of(program, *place, "doctor", "--json"))
    backend = report["backend"]["name"]
    model = make_parrot(folder / "parrot.gguf")
    answer = json.loads(output_of(program, *place, "ask", "--model", str(model), "--json", "Speak!"))
    if answer["answer"] != PARROT_TEXT:
        raise FailedError(f"it answered {answer['text']!r} instead of {PARROT_TEXT!r}")
    return f"{version}: backend {backend} on {report['cpu']['model']}, right answer"


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    # Windows keeps files of a process that has just ended for a moment.
    with tempfile.TemporaryDirectory(prefix="catnap-smoke-", ignore_cleanup_errors=True) as folder:
        try:
            print(check(Path(sys.argv[1]).absolute(), Path(folder)))
        except FailedError as problem:
            print(f"smoke: {problem}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
