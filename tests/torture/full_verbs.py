"""The command line on a disk without room: the right exit code, a sentence that helps, and all is well afterwards."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.common.paths import resolve_paths
from desktop.history.exchange.exporting import ExportFormat, pieces, write_file
from desktop.history.exchange.extent import Extent
from desktop.history.exchange.words import ExportWords
from desktop.history.store import History
from tests.support.parrot import make_parrot
from tests.torture.full_histories import history_text
from tests.torture.full_writers import LONG
from tests.torture.small_disk import Acting, Disk

_MOST_S: Final = 60.0
_ROOT: Final = Path(__file__).parents[2]
# Ends the app as soon as it is there.
_START: Final = (
    "import sys\nfrom desktop.app import run\nbuild = run.build\n"
    "def built(*given):\n    program = build(*given)\n    program.request_quit()\n    return program\n"
    "run.build = built\nfrom desktop.__main__ import main\nsys.exit(main())\n"
)


@dataclass(frozen=True)
class Verb:
    """Something to type.

    Attributes:
        words: ``@`` stands for the folder with what is given to it, ``@out`` for that of what it makes.
        code: Python that is run in its place; empty: the program.
    """

    name: str
    words: tuple[str, ...]
    code: str = ""


VERBS: Final = (
    Verb("ask", ("ask", "hi", "--model", "@/parrot.gguf")),
    Verb("models import", ("models", "import", "@/parrot.gguf")),
    Verb("models list", ("models", "list")),
    Verb("chats export", ("chats", "export", "--force", "-o", "@out/chats.json")),
    Verb("chats import", ("chats", "import", "@/chats.json")),
    Verb("chats list", ("chats", "list")),
    Verb("chats search", ("chats", "search", "words")),
    Verb("doctor", ("doctor",)),
    Verb("autostart on", ("autostart", "on")),
    Verb("start and quit", ("--hidden",), _START),
)


class Given:
    """What the verbs are given, and the disk they write to."""

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: Of the part.
        """
        self.things = folder / "things"
        self.things.mkdir()
        make_parrot(self.things / "parrot.gguf")
        self.disk = folder / "verbs"
        acting = Acting(self.disk, folder / "control-of-verbs")
        self.environment = {**os.environ, **acting.environment, "PYTHONPATH": str(_ROOT)}
        self.environment |= {"PYTHONDONTWRITEBYTECODE": "1", "XDG_CONFIG_HOME": str(self.disk / "config")}
        history = History(self.things / "history.sqlite3")
        conversation = history.create("old").id
        for number in range(6):
            history.add_user_message(conversation, f"{number} {LONG}")
        content = pieces(history, [conversation], ExportFormat.JSON, ExportWords(), 0.0, Extent())
        write_file(self.things / "chats.json", content, replace=True)
        history.close()
        self._control = acting.control

    def begin(self) -> Disk:
        """Returns the disk with the conversations, nothing else and all the room."""
        shutil.rmtree(self.disk, ignore_errors=True)
        (self.disk / "out").mkdir(parents=True)
        (self.disk / "out" / "chats.json").write_text("old")
        file = resolve_paths(self.disk / "data").history_file
        file.parent.mkdir()
        shutil.copyfile(self.things / "history.sqlite3", file)
        disk = Disk(self.disk, self._control)
        disk.lift()
        return disk

    def type(self, verb: Verb) -> tuple[int, str]:
        """Returns the exit code, and what was said on stderr; a code below zero: it did not end."""
        words = [
            word.replace("@out", str(self.disk / "out")).replace("@", str(self.things)) if "@" in word else word
            for word in verb.words
        ]
        way = ["-c", verb.code] if verb.code else ["-m", "desktop"]
        command = [sys.executable, *way, f"--data-dir={self.disk / 'data'}", *words]
        try:
            done = subprocess.run(
                command, env=self.environment, cwd=_ROOT, stdin=subprocess.DEVNULL, capture_output=True,
                timeout=_MOST_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return -1, f"no end within {_MOST_S:.0f} s"
        return done.returncode, done.stderr.decode("utf-8", "replace")

    def words(self) -> str:
        """Returns all that was said before, as it is on the disk now."""
        text = history_text(resolve_paths(self.disk / "data").history_file)
        return "\n".join(line for line in text.splitlines() if line.startswith("old"))


def needs(given: Given, verb: Verb) -> int:
    """Returns how many bytes a verb writes."""
    disk = given.begin()
    before = disk.written()
    given.type(verb)
    return disk.written() - before


def try_verb(given: Given, verb: Verb, limit: Callable[[Disk], object], *, speaks_of_room: bool) -> tuple[str, str]:
    """Returns how it ended, in a word, and what was lost.

    Args:
        given: See there.
        verb: What to type.
        limit: Takes the room away.
        speaks_of_room: What is said has to speak of it.
    """
    disk = given.begin()
    before = given.words()
    limit(disk)
    code, said = given.type(verb)
    disk.lift()
    ending = "done" if code == 0 else "a sentence"
    return ending, judge(code, said, before, given.words(), speaks_of_room=speaks_of_room) or _again(given, verb)


def judge(code: int, said: str, before: str, after: str, *, speaks_of_room: bool) -> str:
    """Returns what was lost while the room was short; empty: nothing."""
    if code < 0:
        return said
    if "Traceback" in said or "Exception ignored" in said:
        return f"exit code {code}, and on stderr: {said[-1500:]}"
    if code not in (0, 1):
        return f"exit code {code}: {said[-500:]}"
    if code and not said.startswith("catnap: "):
        return f"it failed without a word: {said[-500:]!r}"
    if code and speaks_of_room and not any(word in said.lower() for word in ("full", "room", "space", "quota")):
        return f"the sentence does not speak of the room: {said!r}"
    return "" if after == before else f"the conversations have changed: {after!r} instead of {before!r}"


def _again(given: Given, verb: Verb) -> str:
    code, said = given.type(verb)
    if code or "Traceback" in said:
        return f"with room again, exit code {code}: {said[-800:]}"
    if verb.name == "chats export":
        json.loads((given.disk / "out" / "chats.json").read_text())
    return ""
