"""The autostart entry in a temporary home."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from desktop.common import detached
from desktop.common.regular_file import NotAFileError
from desktop.system.login.types import Entry
from desktop.system.login.xdg import XdgAutostart, autostart_folder
from tests.support.patience import PATIENCE_S

COMMAND = ("/opt/my cat/catnap", "--hidden")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".config" / "autostart" / "catnap.desktop"


@pytest.fixture
def autostart(file: Path) -> XdgAutostart:
    return XdgAutostart(file.parent, "ubuntu:GNOME")


def write(file: Path, *lines: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(["[Desktop Entry]", "Exec=/opt/catnap --hidden", *lines, ""]), encoding="utf-8")


def test_there_is_nothing_until_it_is_asked_for(autostart: XdgAutostart, file: Path) -> None:
    assert autostart.read() is None
    autostart.disable()
    assert not file.parent.exists()


def test_on_and_off_again(autostart: XdgAutostart, file: Path) -> None:
    autostart.enable(COMMAND)
    assert autostart.read() == Entry(COMMAND, True)
    assert autostart.place == str(file)
    autostart.disable()
    assert autostart.read() is None
    assert list(file.parent.iterdir()) == []


def test_the_entry_is_what_the_specifications_ask_for(autostart: XdgAutostart, file: Path) -> None:
    autostart.enable(COMMAND)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "[Desktop Entry]"
    for line in (
        "Type=Application", "Name=Catnap", 'Exec="/opt/my cat/catnap" --hidden', "TryExec=/opt/my cat/catnap",
        "X-GNOME-Autostart-enabled=true", "Terminal=false",
    ):  # fmt: skip
        assert line in lines
    assert not [line for line in lines if line.startswith(("OnlyShowIn", "NotShowIn", "Hidden"))]
    if validator := shutil.which("desktop-file-validate"):  # a second opinion, where it is installed
        done = subprocess.run([validator, str(file)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("line", "enabled"),
    [
        ("Hidden=true", False),
        ("Hidden=1", False),
        ("Hidden=false", True),
        ("X-GNOME-Autostart-enabled=false", False),
        ("X-GNOME-Autostart-enabled=true", True),
        ("X-MATE-Autostart-enabled=false", False),
        ("OnlyShowIn=KDE;", False),
        ("OnlyShowIn=KDE;GNOME;", True),
        ("NotShowIn=GNOME", False),
        ("NotShowIn=KDE", True),
    ],
)
def test_switched_off_elsewhere_is_off_and_can_be_switched_on(
    autostart: XdgAutostart, file: Path, line: str, enabled: bool
) -> None:
    write(file, line)
    assert autostart.read() == Entry(("/opt/catnap", "--hidden"), enabled)
    autostart.enable(COMMAND)
    assert autostart.read() == Entry(COMMAND, True)
    assert (line in file.read_text().splitlines()) is (enabled and line != "Hidden=false")


def test_an_entry_without_a_command_starts_nothing(autostart: XdgAutostart, file: Path) -> None:
    for text in ("", "[Desktop Entry]\nName=Catnap\n", "[Other]\nExec=catnap\n", "\x00\x01"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        assert autostart.read() == Entry((), False)


def test_what_a_person_wrote_into_it_is_not_lost(autostart: XdgAutostart, file: Path) -> None:
    # GIVEN an entry with a name, a delay and a remark of somebody's own, in no known encoding
    write(file, "# wait for the panel", "Name=My cat", "X-GNOME-Autostart-Delay=20")
    file.write_bytes(file.read_bytes() + b"X-Odd=\xff\n")
    autostart.enable(COMMAND)
    # WHEN it is switched off THEN it stays and is not heeded
    autostart.disable()
    entry = autostart.read()
    assert entry is not None
    assert not entry.enabled
    # WHEN it is switched on again THEN all of it is there
    autostart.enable(COMMAND)
    kept = file.read_bytes().splitlines()
    for line in (b"# wait for the panel", b"Name=My cat", b"X-GNOME-Autostart-Delay=20", b"X-Odd=\xff"):
        assert line in kept
    assert b"Name=Catnap" not in kept
    assert autostart.read() == Entry(COMMAND, True)


def test_a_link_to_the_entry_stays_a_link(autostart: XdgAutostart, file: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "catnap.desktop"
    write(real)
    real.chmod(0o600)
    file.parent.mkdir(parents=True)
    file.symlink_to(real)
    autostart.enable(COMMAND)
    assert file.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert autostart.read() == Entry(COMMAND, True)


def test_a_write_that_fails_leaves_everything_as_it_was(
    autostart: XdgAutostart, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(file, "Hidden=true")
    before = file.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        autostart.enable(COMMAND)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_the_folder_follows_the_base_directory_specification(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert autostart_folder({}, home) == home / ".config" / "autostart"
    assert autostart_folder({"XDG_CONFIG_HOME": "/etc/mine"}, home) == Path("/etc/mine/autostart")
    for ignored in ("", "relative/config"):
        assert autostart_folder({"XDG_CONFIG_HOME": ignored}, home) == home / ".config" / "autostart"


def test_a_pipe_in_its_place_is_not_waited_for(autostart: XdgAutostart, file: Path) -> None:
    file.parent.mkdir(parents=True)
    os.mkfifo(file)
    with pytest.raises(NotAFileError):
        detached.start(autostart.read, "read").result(PATIENCE_S)
