"""The installer of Linux (packaging/linux), run for a user with an empty home, with a tiny program for the bundle."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from release.linux import stage

from desktop.system.login.desktop_file import read_keys, split_command, unescape
from tests.support.installed_home import InstalledHome, compile_program, copy_unpacked, make_home
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the installer of Linux")
ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "packaging" / "linux"
AWKWARD = 'My “Höme” 猫 100% $HOME `id` it\'s a\\b "c"'


@pytest.fixture(scope="module")
def shared() -> Iterator[Path]:
    """A folder that any user may look into, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="catnap-install-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def unpacked(shared: Path) -> Path:
    """The download, unpacked, with the tiny program in it."""
    bundle = shared / "bundle"
    (bundle / "_internal").mkdir(parents=True)
    compile_program(bundle)
    (bundle / "_internal" / "library.so").write_bytes(b"\0" * 200_000)
    return stage(bundle, "1.2.0", shared / "Catnap 1.2.0 猫", ROOT)


@pytest.fixture
def user(shared: Path) -> Iterator[InstalledHome]:
    folder = shared / "homes" / "plain"
    yield make_home(folder)
    shutil.rmtree(folder)


def install(user: InstalledHome, unpacked: Path, *arguments: str) -> str:
    """Installs, which must work, and returns what was said."""
    done = user.run(unpacked / "install.sh", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_scripts_are_clean() -> None:
    done = subprocess.run(
        ["shellcheck", "--external-sources", "--shell=sh", "install.sh", "uninstall.sh", "common.sh"],
        cwd=SCRIPTS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""
    assert done.returncode == 0


def test_a_first_installation(user: InstalledHome, unpacked: Path) -> None:
    said = install(user, unpacked)
    assert "Catnap 1.2.0 is installed." in said
    assert user.run("catnap", "--version").stdout == "catnap VERSION\n"
    assert user.link.resolve() == user.program / "catnap"
    assert {path.parent.parent.name for path in user.home.rglob("apps/catnap.*") if "icons" in path.parts} >= {
        "16x16",
        "256x256",
        "scalable",
    }
    assert not user.autostart.exists()
    assert not user.program.with_name("catnap-program.new").exists()


@pytest.mark.parametrize("name", ["plain", AWKWARD])
def test_desktops_accept_the_entries(shared: Path, unpacked: Path, name: str) -> None:
    user = make_home(shared / "entries" / name)
    install(user, unpacked)
    checked = subprocess.run(["desktop-file-validate", str(user.entry)], capture_output=True, text=True, check=False)
    assert checked.stdout + checked.stderr == ""
    main, action = user.entry.read_text(encoding="utf-8").split("[Desktop Action quick-ask]\n")
    assert split_command(read_keys(main)["Exec"]) == (str(user.program / "catnap"),)
    assert split_command(read_keys(f"[Desktop Entry]\n{action}")["Exec"]) == (
        str(user.program / "catnap"),
        "--quick-ask",
    )
    assert unescape(read_keys(main)["TryExec"]) == str(user.program / "catnap")


def test_the_other_language(user: InstalledHome, unpacked: Path) -> None:
    user.variables["LANG"] = "zh_CN.UTF-8"
    assert "Catnap 1.2.0 已安装" in install(user, unpacked)


def test_folders_of_xdg_are_heeded_and_relative_ones_are_not(user: InstalledHome, unpacked: Path) -> None:
    user.variables |= {"XDG_DATA_HOME": str(user.home / "d a t a"), "XDG_CONFIG_HOME": "relative"}
    install(user, unpacked)
    assert (user.home / "d a t a" / "catnap-program" / "catnap").is_file()
    assert (user.home / "d a t a" / "applications" / "catnap.desktop").is_file()
    assert not (user.home / ".local" / "share").exists()


def test_an_upgrade_leaves_nothing_of_the_old_one(user: InstalledHome, unpacked: Path, shared: Path) -> None:
    older = copy_unpacked(unpacked, shared / "older", "1.1.9")
    (older / "catnap" / "_internal" / "gone.so").write_bytes(b"")
    install(user, older)
    assert (user.program / "_internal" / "gone.so").exists()
    assert "Catnap 1.1.9 was replaced by 1.2.0." in install(user, unpacked)
    assert not (user.program / "_internal" / "gone.so").exists()
    assert "installed again" in install(user, unpacked)


def test_a_choice_about_login_outlives_an_upgrade(user: InstalledHome, unpacked: Path) -> None:
    install(user, unpacked, "--autostart")
    user.write(".config/autostart/catnap.desktop", user.autostart.read_text(encoding="utf-8") + "X-Own=1\n")
    install(user, unpacked)
    assert "X-Own=1" in user.autostart.read_text(encoding="utf-8")


def test_a_wish_that_cannot_be_met_is_said(user: InstalledHome, unpacked: Path) -> None:
    user.write(".config/autostart", "a file where the folder should be")
    done = user.run(unpacked / "install.sh", "--autostart")
    assert done.returncode == 0
    assert "will not start when you log in" in done.stderr


def test_a_downgrade_is_said_and_needs_a_word(user: InstalledHome, unpacked: Path, shared: Path) -> None:
    newer = copy_unpacked(unpacked, shared / "newer", "1.10.0")
    install(user, newer)
    refused = user.run(unpacked / "install.sh")
    assert refused.returncode == 1
    assert "Catnap 1.10.0 is installed; this is the older 1.2.0." in refused.stdout
    assert (user.program / "installer" / "version").read_text(encoding="ascii") == "1.10.0\n"
    assert "Catnap 1.10.0 was replaced by 1.2.0." in install(user, unpacked, "--downgrade")


@pytest.mark.parametrize(
    ("one", "other", "older"),
    [
        ("0.9.0", "0.10.0", True),
        ("0.10.0", "0.9.0", False),
        ("1.2", "1.2.1", True),
        ("1.2.0", "1.2.0", False),
        ("1.2.0rc1", "1.2.0", True),
        ("1.2.0", "1.2.0rc1", False),
        ("1.2.0a1", "1.2.0b1", True),
        ("2.0.0", "1.9.9", False),
    ],
)
def test_the_order_of_versions(one: str, other: str, older: bool) -> None:
    script = f'. "{SCRIPTS}/common.sh"; is_older {one} {other}'
    assert (subprocess.run(["sh", "-c", script], check=False).returncode == 0) is older


def test_a_running_catnap_is_asked_to_quit(user: InstalledHome, unpacked: Path) -> None:
    install(user, unpacked)
    user.variables["CATNAP_QUIT_SECONDS"] = str(round(PATIENCE_S))
    with user.start() as running:
        assert "asking it to quit" in install(user, unpacked)
        assert running.wait(PATIENCE_S) == 0


@pytest.mark.parametrize("script", ["install.sh", "uninstall.sh"])
def test_a_catnap_that_stays_stops_everything(user: InstalledHome, unpacked: Path, script: str) -> None:
    install(user, unpacked)
    before = (user.program / "catnap").stat().st_ino
    stubborn = user.write("stubborn")
    user.variables["CATNAP_QUIT_SECONDS"] = "1"
    with user.start() as running:
        done = user.run((unpacked if script == "install.sh" else user.program) / script)
        stubborn.unlink()
        running.wait(PATIENCE_S)
    assert done.returncode == 1
    assert f"Catnap is still running (process {running.pid})" in done.stderr
    assert (user.program / "catnap").stat().st_ino == before
    assert user.entry.exists()
    assert not user.program.with_name("catnap-program.new").exists()


def test_too_little_room_is_seen_before_anything_is_done(user: InstalledHome, unpacked: Path) -> None:
    install(user, unpacked)
    df = user.write("bin/df", "#!/bin/sh\nprintf 'Filesystem 1024-blocks Used Available\\n/dev/x 9 9 1000 1%% /\\n'\n")
    df.chmod(0o755)
    user.variables["PATH"] = f"{df.parent}:{os.environ['PATH']}"
    done = user.run(unpacked / "install.sh")
    assert done.returncode == 1
    assert "There is not enough room" in done.stderr
    assert "1 MB are free" in done.stderr
    assert user.run(user.program / "catnap", "--version").returncode == 0


def test_a_disk_that_fills_up_leaves_the_old_one_working(user: InstalledHome, unpacked: Path) -> None:
    install(user, unpacked)
    # WHEN no file may grow beyond 100 blocks of 512 bytes, so that the copy breaks off in the middle
    done = user.run("sh", "-c", f"trap '' XFSZ; ulimit -f 100; exec '{unpacked}/install.sh'")
    assert done.returncode == 1
    assert "could not be copied" in done.stderr
    assert user.run("catnap", "--version").returncode == 0
    assert not user.program.with_name("catnap-program.new").exists()


def test_a_read_only_place_leaves_the_old_one_working(user: InstalledHome, unpacked: Path) -> None:
    install(user, unpacked)
    user.program.parent.chmod(0o555)
    done = user.run(unpacked / "install.sh")
    user.program.parent.chmod(0o755)
    assert done.returncode == 1
    assert "could not be copied" in done.stderr
    assert user.run("catnap", "--version").returncode == 0


def test_a_program_that_does_not_start_here_is_not_installed(user: InstalledHome, unpacked: Path) -> None:
    install(user, unpacked)
    user.write("broken")
    done = user.run(unpacked / "install.sh")
    assert done.returncode == 1
    assert "does not start on this computer" in done.stderr
    assert (user.program / "catnap").exists()
    assert not user.program.with_name("catnap-program.new").exists()


def test_a_power_cut_between_the_renames_is_mended(user: InstalledHome, unpacked: Path) -> None:
    install(user, unpacked)
    user.program.rename(user.program.with_name("catnap-program.old"))
    assert "installed again" in install(user, unpacked)
    assert not user.program.with_name("catnap-program.old").exists()


def test_a_command_of_somebody_else_stays(user: InstalledHome, unpacked: Path) -> None:
    other = user.write(".local/bin/catnap", "#!/bin/sh\n")
    done = user.run(unpacked / "install.sh")
    assert done.returncode == 0
    assert "belongs to something else and was left alone" in done.stderr
    user.run(user.program / "uninstall.sh")
    assert other.read_text(encoding="utf-8") == "#!/bin/sh\n"


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        ("installer/machine", "m68k\n", "This Catnap is for m68k"),
        ("catnap/catnap", None, "This folder is not complete"),
    ],
)
def test_a_wrong_download(
    user: InstalledHome, unpacked: Path, shared: Path, file: str, text: str | None, sentence: str
) -> None:
    wrong = copy_unpacked(unpacked, shared / "wrong" / Path(file).name, "1.2.0")
    (wrong / file).unlink()
    if text is not None:
        (wrong / file).write_text(text, encoding="ascii")
    done = user.run(wrong / "install.sh")
    assert done.returncode == 1
    assert sentence in done.stderr
    assert not user.program.exists()


def test_sudo_is_refused(user: InstalledHome, unpacked: Path) -> None:
    root = user.write("bin/id", "#!/bin/sh\necho 0\n")
    root.chmod(0o755)
    user.variables |= {"PATH": f"{root.parent}:{os.environ['PATH']}", "SUDO_USER": "mia"}
    done = user.run(unpacked / "install.sh")
    assert done.returncode == 1
    assert "without sudo" in done.stderr
    assert not user.program.exists()


@pytest.mark.parametrize("script", ["install.sh", "uninstall.sh"])
def test_wrong_usage(user: InstalledHome, unpacked: Path, script: str) -> None:
    done = user.run(unpacked / script, "--everything")
    assert done.returncode == 2
    assert done.stderr.startswith("Usage:")


@pytest.mark.parametrize(("answer", "chosen"), [("y", True), ("", False), ("n", False)])
def test_a_person_is_asked_about_login(user: InstalledHome, unpacked: Path, answer: str, chosen: bool) -> None:
    code, said = user.converse(answer, unpacked / "install.sh")
    assert code == 0
    assert "when you log in? [y/N]" in said
    assert user.autostart.exists() is chosen


def test_nobody_is_asked_twice(user: InstalledHome, unpacked: Path) -> None:
    _, said = user.converse("y", unpacked / "install.sh", "--no-autostart")
    assert "[y/N]" not in said
    assert not user.autostart.exists()


def own_files(user: InstalledHome) -> list[Path]:
    return [
        user.write(".local/share/catnap/history.sqlite3", "talk"),
        user.write(".local/share/catnap/models/m.gguf", "weights"),
        user.write(".config/catnap/settings.json", "{}"),
        user.write(".cache/catnap/pace.json", "{}"),
        user.write(".local/state/catnap/log/catnap.log", "log"),
    ]


def left_of_the_program(user: InstalledHome) -> list[str]:
    # gtk-update-icon-cache and update-desktop-database, where they are installed, leave caches that belong to them
    caches = {"mimeinfo.cache", "icon-theme.cache"}
    return [path.name for path in user.home.rglob("*") if not path.is_dir() and path.name not in caches]


def test_uninstalling_leaves_what_is_the_users(user: InstalledHome, unpacked: Path) -> None:
    install(user, unpacked, "--autostart")
    own = own_files(user)
    done = user.run(user.program / "uninstall.sh")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(left_of_the_program(user)) == sorted(path.name for path in own)
    assert f"{user.home}/.local/share/catnap (" in done.stdout
    assert f"{user.home}/.config/catnap (" in done.stdout


@pytest.mark.parametrize(("answer", "stays"), [("y", False), ("n", True)])
def test_purging_asks(user: InstalledHome, unpacked: Path, answer: str, stays: bool) -> None:
    install(user, unpacked)
    own = own_files(user)
    code, said = user.converse(answer, user.program / "uninstall.sh", "--purge")
    assert code == 0
    assert "Delete all of them? This cannot be undone. [y/N]" in said
    assert [path.exists() for path in own] == [stays] * len(own)


def test_purging_without_a_terminal_needs_another_word(user: InstalledHome, unpacked: Path) -> None:
    install(user, unpacked)
    own = own_files(user)
    assert "add --yes" in user.run(user.program / "uninstall.sh", "--purge").stdout
    assert all(path.exists() for path in own)
    # The program is gone by now; the download has the script as well.
    assert user.run(unpacked / "uninstall.sh", "--purge", "--yes").returncode == 0
    assert left_of_the_program(user) == []
