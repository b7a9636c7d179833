"""The switch: on is what the system says, moved folders are followed, and nobody else's entry is touched."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.system.login.desktop_file import join_command
from desktop.system.login.service import LoginStart, LoginStatus
from desktop.system.login.system import make_login_start
from desktop.system.login.types import Command, Entry
from desktop.system.login.xdg import XdgAutostart


class Bench:
    """A home, a Catnap installed in it, and its switch on a real autostart folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.file = home / ".config" / "autostart" / "catnap.desktop"
        self.entry = XdgAutostart(self.file.parent, "")
        self.program = self.install("programs/catnap")

    def install(self, name: str) -> Path:
        program = self.home / name / "catnap"
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        return program

    def switch(self, program: Path | None = None, data_dir: Path | None = None) -> LoginStart:
        return LoginStart(self.entry, lambda: (str(program or self.program),), data_dir)

    def command(self) -> Command:
        entry = self.entry.read()
        assert entry is not None
        return entry.command

    def write(self, command: Command, *lines: str) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text("\n".join(["[Desktop Entry]", f"Exec={join_command(command)}", *lines, ""]))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_off_until_asked_then_on_and_hidden(bench: Bench) -> None:
    switch = bench.switch()
    assert switch.status() == LoginStatus(False)
    switch.turn(True)
    assert switch.status() == LoginStatus(True)
    assert bench.command() == (str(bench.program), "--hidden")
    switch.turn(False)
    assert not switch.is_on()
    assert not bench.file.exists()


def test_removed_or_switched_off_elsewhere_is_off(bench: Bench) -> None:
    switch = bench.switch()
    switch.turn(True)
    bench.file.unlink()
    assert not switch.is_on()
    switch.turn(True)
    bench.file.write_text(bench.file.read_text().replace("enabled=true", "enabled=false"))
    assert not switch.is_on()
    assert not switch.repair()
    assert not switch.is_on()
    switch.turn(True)
    assert switch.is_on()


def test_data_of_its_own_are_part_of_the_entry(bench: Bench) -> None:
    other = bench.home / "my data"
    with_data = bench.switch(data_dir=other)
    with_data.turn(True)
    assert bench.command() == (str(bench.program), "--data-dir", str(other), "--hidden")
    assert with_data.is_on()
    assert bench.switch().status() == LoginStatus(False, bench.command())
    bench.write((str(bench.program), f"--data-dir={other}", "--hidden"))
    assert with_data.is_on()


def test_a_link_to_the_program_is_the_program(bench: Bench) -> None:
    link = bench.home / "bin" / "catnap"
    link.parent.mkdir()
    link.symlink_to(bench.program)
    bench.write((str(link), "--hidden"))
    assert bench.switch().is_on()


def test_a_program_on_the_path_is_found(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write(("catnap", "--hidden"))
    monkeypatch.setenv("PATH", str(bench.program.parent))
    assert bench.switch().is_on()


class TestMoved:
    def test_the_entry_follows_a_moved_folder(self, bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
        bench.switch().turn(True)
        old, new = bench.program, bench.home / "new place" / "catnap"
        old.parent.rename(new.parent)
        moved = bench.switch(new)
        assert moved.status() == LoginStatus(False)
        with caplog.at_level(logging.INFO):
            assert moved.repair()
        assert str(old) in caplog.text
        assert moved.is_on()
        assert bench.command() == (str(new), "--hidden")
        assert f"TryExec={new}" in bench.file.read_text()
        assert not moved.repair()

    def test_what_a_person_added_to_the_command_moves_along(self, bench: Bench) -> None:
        bench.write(("/gone/Catnap-0.1-x86_64.AppImage", "--hidden", "--catalog", "/my/models.json"), "X-Mine=1")
        assert bench.switch().repair()
        assert bench.command() == (str(bench.program), "--hidden", "--catalog", "/my/models.json")
        assert "X-Mine=1" in bench.file.read_text()

    @pytest.mark.parametrize(
        ("command", "line"),
        [
            (("/gone/catnap", "--hidden"), "Hidden=true"),
            (("/gone/catnap", "--hidden"), "X-GNOME-Autostart-enabled=false"),
            (("/gone/dog", "--hidden"), ""),
            (("/bin/sh", "-c", "sleep 20; catnap"), ""),
            (("/gone/catnap", "--data-dir", "/other", "--hidden"), ""),
        ],
    )
    def test_what_is_off_or_not_ours_is_left_alone(self, bench: Bench, command: Command, line: str) -> None:
        bench.write(command, line)
        before = bench.file.read_bytes()
        assert not bench.switch().repair()
        assert bench.file.read_bytes() == before

    def test_without_an_entry_none_is_made(self, bench: Bench) -> None:
        assert not bench.switch().repair()
        assert not bench.file.exists()

    def test_a_repair_that_fails_is_only_noted(self, bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
        bench.write(("/gone/catnap", "--hidden"))

        def nowhere() -> Command:
            raise UserFacingError("Not installed.")

        assert not LoginStart(bench.entry, nowhere, None).repair()
        assert "Not installed." in caplog.text

    def test_off_before_the_repair_takes_the_lost_entry_away(self, bench: Bench) -> None:
        bench.write(("/gone/catnap", "--hidden"))
        bench.switch().turn(False)
        assert not bench.file.exists()


class TestAnotherOne:
    """Two Catnaps side by side, one of which starts at login."""

    def test_it_is_named_and_kept(self, bench: Bench) -> None:
        other = bench.install("older")
        bench.switch(other).turn(True)
        this = bench.switch()
        assert this.status() == LoginStatus(False, (str(other), "--hidden"))
        assert not this.repair()
        this.turn(False)
        assert bench.switch(other).is_on()

    def test_switching_on_takes_its_place(self, bench: Bench) -> None:
        other = bench.install("older")
        bench.switch(other).turn(True)
        bench.switch().turn(True)
        assert bench.switch().is_on()
        assert bench.switch(other).status() == LoginStatus(False, (str(bench.program), "--hidden"))


class Broken:
    """A place that the system does not let anybody at."""

    place = "/no/where"

    def read(self) -> Entry | None:
        return None

    def enable(self, command: Command) -> None:
        raise OSError(30, "Read-only file system")

    def disable(self) -> None:
        raise OSError(30, "Read-only file system")


def test_a_place_that_cannot_be_written_is_a_sentence_with_a_remedy() -> None:
    switch = LoginStart(Broken(), lambda: ("/opt/catnap",), None)
    with pytest.raises(UserFacingError, match="Read-only file system") as caught:
        switch.turn(True)
    assert caught.value.detail == "/no/where: Read-only file system."
    assert caught.value.remedy
    assert not switch.is_on()


def test_a_folder_in_the_way_is_a_sentence_too(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.file.mkdir(parents=True)
    switch = bench.switch()
    with pytest.raises(UserFacingError):
        switch.turn(True)
    assert not switch.is_on()
    assert not switch.repair()
    assert str(bench.file) in caplog.text


def test_this_system_s_own_switch_works_in_this_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "catnap").touch()
    monkeypatch.setattr("sys.executable", str(tmp_path / "bin" / "python"))
    switch = make_login_start(None)
    assert not switch.is_on()
    switch.turn(True)
    assert switch.is_on()
    assert Path(switch.place).is_relative_to(Path.home())
    assert Path(switch.place).is_file()
    switch.turn(False)
    assert not Path(switch.place).exists()
