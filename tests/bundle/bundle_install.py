"""The true bundle, installed for a user with an empty home by the download's own scripts, used and removed again."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from release.linux import stage

from desktop import __version__
from desktop.system.login.desktop_file import read_keys, split_command
from tests.bundle.smoke import check
from tests.e2e.driver import catnap_command
from tests.support.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
# The installer is a script of the system and needs the system's programs; Catnap itself is run without them.
SYSTEM_PATH = "/usr/bin:/bin"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "Höme of 猫"
    folder.mkdir()
    return folder


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    program = Path(catnap_command()[0])
    assert program.name == "catnap", "CATNAP_E2E_COMMAND names no bundle; run `make test-bundle`"
    return stage(program.parent, __version__, tmp_path / "unpacked", ROOT)


def run(home: Path, *command: str | Path, path: str = SYSTEM_PATH) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        env={"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "CATNAP_QUIT_SECONDS": str(round(PATIENCE_S))},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_the_bundle_is_installed_used_and_removed(
    home: Path, unpacked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a home with nothing in it, WHEN the download's script has run
    done = run(home, unpacked / "install.sh", "--autostart")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Catnap {__version__} is installed." in done.stdout

    # THEN the command answers, from a place with a space and letters beyond ASCII in its path
    command = home / ".local/bin/catnap"
    bare = os.environ["PATH"]
    report = json.loads(run(home, command, "doctor", "--json", path=bare).stdout)
    assert report["versions"]["catnap"] == __version__
    monkeypatch.setenv("HOME", str(home))
    assert "right answer" in check(command, tmp_path)

    # AND desktops accept both entries, which name the installed program
    program = home / ".local/share/catnap-program/catnap"
    entry = home / ".local/share/applications/catnap.desktop"
    autostart = home / ".config/autostart/catnap.desktop"
    for file, words in ((entry, ()), (autostart, ("--hidden",))):
        checked = run(home, "desktop-file-validate", file)
        assert checked.stdout + checked.stderr == ""
        assert split_command(read_keys(file.read_text(encoding="utf-8"))["Exec"]) == (str(program), *words)
    assert run(home, command, "autostart", "status", path=bare).stdout == "on\n"

    # AND an upgrade takes place while it runs, which it is asked to end
    with subprocess.Popen(
        [command, "--hidden"], env={"HOME": str(home), "PATH": bare, "QT_QPA_PLATFORM": "offscreen"}
    ) as running:
        again = run(home, unpacked / "install.sh")
        assert (again.returncode, again.stderr) == (0, "")
        assert running.wait(PATIENCE_S) == 0
    assert "installed again" in again.stdout

    # AND nothing of the program is left when it is removed
    removed = run(home, program.parent / "uninstall.sh", "--purge", "--yes")
    assert (removed.returncode, removed.stderr) == (0, "")
    assert not program.parent.exists()
    assert not entry.exists()
    assert not autostart.exists()
    assert not command.is_symlink()
    assert not (home / ".local/share/catnap").exists()
