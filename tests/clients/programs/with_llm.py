"""The command line ``llm`` of PyPI, with Catnap as one of its "OpenAI-compatible models"."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from asked import CAPITAL, SCHEMA, STORY, Asked, tell, too_long

ASKED = Asked.told()
_KNOWN = "here"


def prepare(folder: Path, token: str, model: str = ASKED.model) -> None:
    """Writes what ``llm`` reads: https://llm.datasette.io/en/stable/other-models.html#openai-compatible-models."""
    # JSON is YAML.
    known = [
        {
            "model_id": _KNOWN,
            "model_name": model,
            "api_base": ASKED.url,
            "api_key_name": "catnap",
            "supports_schema": True,
        }
    ]
    (folder / "extra-openai-models.yaml").write_text(json.dumps(known), encoding="utf-8")
    (folder / "keys.json").write_text(json.dumps({"catnap": token}), encoding="utf-8")


def command(*arguments: str) -> list[str]:
    limits = ["-o", "temperature", "0", "-o", "max_tokens", "24", "-o", "seed", "1"]
    return [sys.executable, "-m", "llm", "prompt", "-m", _KNOWN, *limits, "--no-log", *arguments]


def ask(*arguments: str, token: str = ASKED.token, model: str = ASKED.model, text: str = "") -> tuple[int, str, str]:
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder), token, model)
        environment = {**os.environ, "LLM_USER_PATH": folder}
        done = subprocess.run(
            command(*arguments), env=environment, input=text, capture_output=True, text=True, check=False
        )
    return done.returncode, done.stdout, done.stderr


def answer() -> None:
    code, out, err = ask("--no-stream", "--system", "Be brief.", CAPITAL)
    assert code == 0 and "Paris" in out, err


def stream() -> None:
    code, out, err = ask(CAPITAL)
    assert code == 0 and "Paris" in out, err


def figures() -> None:
    code, _, err = ask("--usage", CAPITAL)
    assert code == 0 and "Token usage" in err and "output" in err, err


def leave() -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder), ASKED.token)
        environment = {**os.environ, "LLM_USER_PATH": folder}
        long = command("-o", "max_tokens", "2000", STORY)
        with subprocess.Popen(long, env=environment, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None and process.stdout.read(1)
            process.terminate()
    answer()


def schema() -> None:
    code, out, err = ask("--schema", json.dumps(SCHEMA), "-o", "max_tokens", "60", "Name the capital of France.")
    assert code == 0 and set(json.loads(out)) == {"city"}, err


def key() -> None:
    code, _, err = ask(CAPITAL, token="wrong")
    assert code != 0 and "401" in err, err


def length() -> None:
    code, _, err = ask(text=too_long())
    assert code != 0 and "room for" in err, err


def unknown_model() -> None:
    code, _, err = ask(CAPITAL, model="gpt-9")
    assert code != 0 and "does not exist here" in err, err


if __name__ == "__main__":
    tell(
        version("llm"),
        {
            "answer": answer,
            "stream": stream,
            "figures": figures,
            "leave": leave,
            "schema": schema,
            "key": key,
            "too-long": length,
            "unknown-model": unknown_model,
        },
    )
