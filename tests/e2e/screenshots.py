"""Takes the pictures of the README, in both languages, with the real app.

    python -m tests.e2e.screenshots [FOLDER]        default: resources/screenshots

The answers are those of the smallest model, as it gives them while the pictures are taken, and the computer is said to
have 4 GB, like those that Catnap is made for; the older conversations are titles only (``screenshot_texts``).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.demo_stage import stage
from tests.support.patience import LONG_PATIENCE_S

_ROOT = Path(__file__).parents[2]
FOLDER = _ROOT / "resources" / "screenshots"
LANGUAGES = ("en", "zh_CN")
PICTURES = ("chat-light", "chat-dark", "models", "settings", "quick-ask")
# By which fontconfig chooses among the shapes that Chinese and Japanese give the same character.
_LOCALES = {"en": "en_GB.UTF-8", "zh_CN": "zh_CN.UTF-8"}


def file_name(picture: str, language: str) -> str:
    """Returns the name of a picture's file: ``chat-light.png``, ``chat-light.zh-CN.png``."""
    return f"{picture}.png" if language == "en" else f"{picture}.{language.replace('_', '-')}.png"


def main(arguments: Sequence[str] | None = None) -> int:
    """Takes all pictures, each language in a process of its own, and returns the exit code."""
    parser = argparse.ArgumentParser(description="Takes the pictures of the README.")
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    folder: Path = parser.parse_args(arguments).folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    with stage(virtual=True) as where:
        print(f"display: {where.words}")
        for language in LANGUAGES:
            files = {picture: folder / file_name(picture, language) for picture in PICTURES}
            command = [sys.executable, "-m", "tests.e2e.screenshots_app", language, *map(str, files.values())]
            environment = where.environment | {"LC_ALL": _LOCALES[language]}
            subprocess.run(command, cwd=_ROOT, env=environment, timeout=LONG_PATIENCE_S, check=True)
            for file in files.values():
                print(f"{file}  {file.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
