"""Shells, systems and folders that are not as usual: each verb does what it can, or says why not in a sentence."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.torture.results import Outcome, Run

_MOST_S: Final = 40.0
_ROOT: Final = Path(__file__).parents[2]
_YEARS: Final = 10 * 365 * 24 * 3600
# Before the program: the clock of the process, since that of the machine is not ours.
_CLOCK: Final = (
    "import sys, time; real = time.time; time.time = lambda: real() + {0}; "
    "time.time_ns = lambda: int(time.time() * 10**9); from desktop.__main__ import main; sys.exit(main())"
)


@dataclass(frozen=True)
class Surroundings:
    """What is not as usual.

    Attributes:
        variables: Of the environment; None: not there.
        line: The shell's words around the program, which is ``"$@"`` in them.
        data: Name of the data folder, below one that is the case's own.
        prepare: Makes something of the data folder first.
        works: The program can do all it is asked for.
        clock: Seconds that it is wrong.
    """

    name: str
    variables: dict[str, str | None] = field(default_factory=dict)
    line: str = 'exec "$@"'
    data: str = "data"
    prepare: Callable[[Path], object] = lambda _folder: None
    works: bool = True
    clock: int = 0


def _read_only(folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o500)


def _surroundings() -> Iterator[Surroundings]:
    yield Surroundings("nothing unusual")
    for name in ("C", "POSIX", "C.UTF-8", "de_DE.UTF-8", "zh_CN.GB18030", "nowhere.UTF-8", ""):
        yield Surroundings(f"LC_ALL={name}", {"LC_ALL": name, "LANG": name})
    yield Surroundings("LC_ALL=C, no UTF-8 mode", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
    yield Surroundings("output in Latin-1", {"PYTHONIOENCODING": "latin-1"})
    yield Surroundings("no HOME", {"HOME": None})
    yield Surroundings("HOME that is not there", {"HOME": "/nowhere/at/all"})
    yield Surroundings("HOME is a file", {"HOME": "/etc/passwd"}, works=False)
    yield Surroundings("XDG folders relative", {"XDG_DATA_HOME": "a", "XDG_CONFIG_HOME": "b", "XDG_RUNTIME_DIR": "c"})
    yield Surroundings("TMPDIR that is not there", {"TMPDIR": "/nowhere/at/all"})
    yield Surroundings("TMPDIR is a file", {"TMPDIR": "/etc/passwd"})
    yield Surroundings("an empty environment", dict.fromkeys(os.environ))
    yield Surroundings("TERM=dumb, 1 column", {"TERM": "dumb", "COLUMNS": "1"})
    yield Surroundings("COLUMNS is no number", {"COLUMNS": "x", "LINES": "-1"})
    yield Surroundings("a foreign library", {"LLAMA_CPP_LIB_PATH": "/nowhere", "LD_LIBRARY_PATH": "/nowhere:."})
    for count in (16, 12, 10, 8):
        yield Surroundings(f"{count} descriptors", line=f'ulimit -n {count}; exec "$@"', works=count >= 16)
    yield Surroundings("files of 1 block at most", line='trap "" XFSZ; ulimit -f 1; exec "$@"', works=False)
    yield Surroundings("no stdin", line='exec "$@" <&-')
    yield Surroundings("no stderr", line='exec "$@" 2>&-')
    yield Surroundings("no stdout", line='exec "$@" >&-', works=False)
    yield Surroundings("none of the three", line='exec "$@" <&- >&- 2>&-', works=False)
    if Path("/dev/full").exists():
        yield Surroundings("a full disk behind stdout", line='exec "$@" >/dev/full', works=False)
        yield Surroundings("a full disk behind stderr", line='exec "$@" 2>/dev/full')
    yield Surroundings("stdout read-only", line='exec "$@" 1</dev/null', works=False)
    yield Surroundings("head", line='"$@" | head -c 1')
    yield Surroundings("nobody reads", line='"$@" | :')
    yield Surroundings(
        "a folder that is gone", line='mkdir "$CASE/gone"; cd "$CASE/gone"; rmdir "$CASE/gone"; exec "$@"'
    )
    yield Surroundings("umask 777", line='umask 777; exec "$@"', works=False)
    yield Surroundings("umask 0", line='umask 0; exec "$@"')
    for name in (
        "it's", 'a "quote"', "Данные", "数据 文件夹", "line\nfeed", "x" * 200, "tab\tand \x1b[31mred", " blank ",
        "-dash",
        "$HOME `id` ;", "%s{0}", "100%", "ü\u0308", "\U0001f408", os.fsdecode(b"caf\xe9"), "a/" * 60 + "deep",
    ):  # fmt: skip
        yield Surroundings(f"folder {name[:20]!a}", data=name)
    yield Surroundings("a name of 300 letters", data="x" * 300, works=False)
    yield Surroundings("data folder is a file", prepare=lambda folder: folder.write_text("x"), works=False)
    yield Surroundings(
        "data folder is a link that leads nowhere", prepare=lambda f: f.symlink_to("/nowhere/x"), works=False
    )
    yield Surroundings("data folder is a pipe", prepare=os.mkfifo, works=False)
    yield Surroundings("data folder read-only", prepare=_read_only, works=False)
    for name, seconds in (("10 years ahead", _YEARS), ("10 years back", -_YEARS), ("in 1970", -int(time.time()) + 9)):
        yield Surroundings(f"clock {name}", clock=seconds)


_VERBS: Final = ("ask", "ask --json", "models list", "models import", "doctor", "autostart status", "--quit", "--help")


def run(run: Run) -> Iterator[Outcome]:
    """Tries each verb in each of them; the short form one in sixteen, other ones for each seed."""
    if os.name != "posix":
        return
    model = make_parrot(run.folder / "parrot.gguf")
    cases = [(where, verb) for where in _surroundings() for verb in _VERBS]
    numbers = list(range(len(cases)))
    if run.is_short:
        numbers = sorted(random.Random(run.seed).sample(numbers, len(numbers) // 16))
    for number in numbers:
        if not run.only or number in run.only:
            yield _try(run, number, *cases[number], model)


def _try(run: Run, number: int, where: Surroundings, verb: str, model: Path) -> Outcome:
    case = run.folder / str(number)
    case.mkdir()
    data = case / where.data
    where.prepare(data)
    began = time.monotonic()
    process = subprocess.Popen(
        ["sh", "-c", where.line, "sh", *_command(where, verb, data, model)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(where, case),
        cwd=_ROOT,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=_MOST_S)
        lost = _judge(where, verb, process.returncode, out, err.decode("utf-8", "replace"))
        ending = "lost" if lost else "done" if process.returncode == 0 else "a sentence"
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        lost, ending = f"no end within {_MOST_S:.0f} s", "lost"
    if os.path.isdir(data):  # noqa: PTH112 (a name of 300 letters is no error here)
        data.chmod(0o700)
    shutil.rmtree(case, ignore_errors=True)
    again = f"--seed {run.seed} --part environments --only {number}"
    seconds = time.monotonic() - began
    return Outcome("environments", verb, f"{verb}: {where.name}", ending, lost, again, seconds=seconds)


def _command(where: Surroundings, verb: str, data: Path, model: Path) -> list[str]:
    words = verb.split()
    if verb == "models import":
        words.append(str(model))
    if verb.startswith("ask"):
        words += ["hi", "--model", str(model)]
    if verb != "--help":
        words = [f"--data-dir={data}", *words]
    way = ["-c", _CLOCK.format(where.clock)] if where.clock else ["-m", "desktop"]
    return [sys.executable, *way, *words]


def _environment(where: Surroundings, case: Path) -> dict[str, str]:
    variables: dict[str, str | None] = {
        **os.environ,
        **where.variables,
        # Without these there is no program to speak of, or it would be another one.
        "CASE": str(case),
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": os.environ["PATH"],
    }
    return {name: value for name, value in variables.items() if value is not None}


def _judge(where: Surroundings, verb: str, code: int, out: bytes, err: str) -> str:
    """Returns what was lost; empty: nothing."""
    if "Traceback" in err or "Error:" in err or "Exception ignored" in err:
        return f"exit code {code}, and on stderr: {err[-1500:]}"
    if code not in (0, 1):
        return f"exit code {code}: {err[-500:]}"
    if code == 1 and not err.startswith("catnap: ") and "2>&-" not in where.line and "2>/dev/full" not in where.line:
        return f"it failed without a word: {err[-500:]!r}"
    if any(ord(each) < 32 and each not in "\n\t" for each in err):
        return f"control characters on stderr: {err!r}"
    if where.works and code != 0:
        return f"it was to work, and said: {err}"
    if where.works and verb == "ask" and "|" not in where.line and "parrot" not in out.decode("utf-8", "replace"):
        return f"not the answer: {out!r} instead of {PARROT_TEXT!r}"
    return ""
