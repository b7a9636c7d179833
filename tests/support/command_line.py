"""Runs the command line as a process, the way a script does."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The JSON object on stdout; fails when there is anything else."""
        return json.loads(self.out)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Returns the environment of a command: that of the test, with its own home, and where the program is."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **(extra or {})}


# A download that keeps and tells every byte as soon as it has come, so that nobody has to wait for the next one.
PROMPT = """
import desktop.cli.common, desktop.models.download.failover, desktop.models.download.progress
desktop.cli.common._PROGRESS_SECONDS = 0.0
desktop.models.download.failover._FLUSH_SECONDS = 0.0
desktop.models.download.progress._INTERVAL = 0.0
"""
_RUN = "import sys\nfrom desktop.__main__ import main\nsys.exit(main())"


def start(arguments: Sequence[str], before: str = "", **options: Any) -> subprocess.Popen[bytes]:
    """Starts a command with its three streams as pipes, unless ``options`` for Popen say otherwise.

    Args:
        arguments: Its words.
        before: Python that runs in its process first.
        options: Of Popen.
    """
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    way = ["-c", before + _RUN] if before else ["-m", "desktop"]
    command = [sys.executable, *way, *arguments]
    return subprocess.Popen(command, env=environment(), **{**streams, **options})


def catnap(*arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Done:
    """Runs a command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "desktop", *arguments],
        input=stdin,
        capture_output=True,
        env=environment(env),
        timeout=PATIENCE_S,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def python(code: str, *arguments: str) -> Done:
    """Runs a piece of Python in a fresh interpreter that finds the program; ``arguments`` are in ``sys.argv``."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        env=environment(),
        timeout=PATIENCE_S,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def interrupt(process: subprocess.Popen[bytes]) -> tuple[int, bytes, bytes]:
    """Presses Ctrl+C and waits for the end; returns exit code, stdout and stderr from here on."""
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out, err or b""


def write_catalog(file: Path, model: Path, base_url: str, *, model_id: str = "parrot") -> Path:
    """Writes a models.json that offers ``model`` from ``base_url`` under its own file name."""
    content = model.read_bytes()
    entry = {
        "id": model_id,
        "name": "Parrot",
        "summary_en": "Says one sentence.",
        "summary_zh": "只会说一句话。",
        "languages": ["en", "zh"],
        "licence": "MIT",
        "licence_must_be_shown": False,
        "repo": "catnap/parrot",
        "revision": "main",
        "file": model.name,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "kv_bytes_per_token": 256,
        "context_trained": 32768,
        "thinking": "no",
        "quality": 1,
        "mirrors": [],
        "url": f"{base_url}/{model.name}",
    }
    file.write_text(json.dumps({"version": 1, "default": model_id, "models": [entry]}), encoding="utf-8")
    return file
