"""A home folder to install into, and a tiny program in place of the bundle."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from tests.support.patience import PATIENCE_S

# Does what the installer needs of the program: tells its version, starts at login or not, and quits when told.
_PROGRAM = r"""
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
int main(int count, char **words) {
    const std::string home = getenv("HOME"), told = home + "/told-to-quit", stubborn = home + "/stubborn";
    const std::string word = count > 1 ? words[1] : "";
    if (word == "--version") { puts("catnap VERSION"); return access((home + "/broken").c_str(), F_OK) == 0 ? 1 : 0; }
    if (word == "autostart") {
        const std::string entry = home + "/.config/autostart/catnap.desktop";
        if (count < 3 || std::string(words[2]) == "off") return remove(entry.c_str()) == 0 ? 0 : 1;
        mkdir((home + "/.config").c_str(), 0700);
        mkdir((home + "/.config/autostart").c_str(), 0700);
        FILE *file = fopen(entry.c_str(), "w");
        return file != nullptr && fputs(words[0], file) >= 0 && fclose(file) == 0 ? 0 : 1;
    }
    if (word == "--quit") { fclose(fopen(told.c_str(), "w")); return 0; }
    for (int tenth = 0; tenth < 6000; tenth++) {
        if (access(told.c_str(), F_OK) == 0 && access(stubborn.c_str(), F_OK) != 0) break;
        usleep(100000);
    }
    return 0;
}
"""


def compile_program(folder: Path) -> Path:
    """Returns the tiny program, compiled into ``folder``."""
    source, program = folder / "program.cpp", folder / "catnap"
    source.write_text(_PROGRAM, encoding="ascii")
    subprocess.run(["c++", "-o", str(program), str(source)], check=True)
    return program


class InstalledHome:
    """Runs the installer's scripts as a user with nothing but a home, not as root: root may write everywhere."""

    def __init__(self, home: Path, user: int | None) -> None:
        """
        Args:
            home: An empty folder.
            user: Who the scripts run as; None: who runs the tests, who is not root then.
        """
        self.home = home
        self._user = user
        self.variables: dict[str, str] = {}

    @property
    def program(self) -> Path:
        return self.home / ".local/share/catnap-program"

    @property
    def entry(self) -> Path:
        return self.home / ".local/share/applications/catnap.desktop"

    @property
    def autostart(self) -> Path:
        return self.home / ".config/autostart/catnap.desktop"

    @property
    def link(self) -> Path:
        return self.home / ".local/bin/catnap"

    def environment(self) -> Mapping[str, str]:
        path = f"{self.home}/.local/bin:{os.environ['PATH']}"
        return {"HOME": str(self.home), "PATH": path, "LANG": "C.UTF-8", **self.variables}

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Runs a command without a terminal."""
        return subprocess.run(
            [str(word) for word in command],
            env=self.environment(),
            user=self._user,
            group=self._user,
            extra_groups=None if self._user is None else [],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    def start(self) -> subprocess.Popen[bytes]:
        """Starts the installed program."""
        return subprocess.Popen(
            [self.program / "catnap"], env=self.environment(), user=self._user, group=self._user, cwd="/"
        )

    def converse(self, answer: str, *command: str | Path) -> tuple[int, str]:
        """Runs a command on a terminal, types ``answer`` at each question; returns its code and all it said."""
        main, side = pty.openpty()
        try:
            process = subprocess.Popen(
                [str(word) for word in command],
                env=self.environment(),
                user=self._user,
                group=self._user,
                cwd="/",
                stdin=side,
                stdout=side,
                stderr=side,
            )
            os.close(side)
            side = -1
            return self._talk(process, main, answer)
        finally:
            os.close(main)
            if side >= 0:
                os.close(side)

    def _talk(self, process: subprocess.Popen[bytes], terminal: int, answer: str) -> tuple[int, str]:
        said, answered = b"", 0
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    piece = os.read(terminal, 4096)
                except OSError:  # the last one who held the other end has left
                    break
                said += piece
                if said.count(b"[y/N] ") > answered:
                    answered += 1
                    os.write(terminal, f"{answer}\n".encode())
        return process.wait(PATIENCE_S), said.decode()

    def own(self, path: Path) -> Path:
        """Gives a file or folder, with all in it, to the user of this home."""
        if self._user is not None:
            for each in (path, *path.rglob("*")):
                os.chown(each, self._user, self._user, follow_symlinks=False)
        return path

    def write(self, name: str, text: str = "") -> Path:
        """Writes a file of the user below the home."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        top = self.home / Path(name).parts[0]
        self.own(top)
        return path


def make_home(folder: Path) -> InstalledHome:
    """Returns a home below ``folder``, which must let others in; its user is "nobody" where the tests run as root."""
    user = 65534 if os.geteuid() == 0 else None
    folder.mkdir(parents=True)
    home = InstalledHome(folder, user)
    home.own(folder)
    return home


def copy_unpacked(folder: Path, target: Path, version: str) -> Path:
    """Returns a copy of an unpacked download that says it is of another version."""
    shutil.copytree(folder, target, symlinks=True)
    (target / "installer" / "version").write_text(f"{version}\n", encoding="ascii")
    return target
