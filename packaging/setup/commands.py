"""Running the commands of a build: quietly, with progress, leaving no compiler behind. Standard library only."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

_NINJA_STEP = re.compile(r"^\s*\[(\d+)/(\d+)\]")


class BuildError(Exception):
    """The build cannot go on; the text says what to do."""


def run_with_progress(command: list[str], environment: dict[str, str], log: Path) -> None:
    """Runs a build, writes its output to ``log`` and shows Ninja's step count.

    Raises:
        BuildError: The command failed; the last lines of the log are in the text.
    """
    shown = -1
    interactive = sys.stderr.isatty()
    with (
        log.open("w", encoding="utf-8") as sink,
        subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=os.name == "posix",
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                sink.write(line)
                step = _NINJA_STEP.match(line)
                if step is None:
                    continue
                at, total = int(step[1]), int(step[2])
                if interactive:
                    print(f"\r  compiling {at}/{total} ", end="", file=sys.stderr, flush=True)
                elif at * 20 // total > shown:
                    shown = at * 20 // total
                    print(f"  compiling {at}/{total}", file=sys.stderr, flush=True)
        except BaseException:
            stop_group(process)
            raise
        finally:
            if interactive:
                print(file=sys.stderr)
    if process.returncode != 0:
        tail = "\n".join(log.read_text(encoding="utf-8").splitlines()[-25:])
        raise BuildError(f"the build of llama.cpp failed; the whole log is {log}\n{tail}")


def stop_group(process: subprocess.Popen[str]) -> None:
    """Ends a build with all its compilers; what was left behind would write under the next build's feet."""
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    else:
        process.terminate()


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Runs a command silently; its output is shown only when it fails."""
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        raise BuildError(f"{' '.join(command[:4])} ... failed:\n{done.stdout[-4000:]}")


def tool_path() -> str:
    """PATH with the interpreter's own scripts first, so that the pinned CMake and Ninja are the ones used."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def require_compiler() -> None:
    """Raises BuildError with the package to install where no C++ compiler is found."""
    names = ["cl"] if os.name == "nt" else ["c++", "g++", "clang++"]
    if not any(shutil.which(name) for name in [os.environ.get("CXX", ""), *names] if name):
        raise BuildError(
            "no C++ compiler found. Debian/Ubuntu: sudo apt-get install g++ · Fedora: sudo dnf install gcc-c++ · "
            "Arch: sudo pacman -S gcc · macOS: xcode-select --install"
        )


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
