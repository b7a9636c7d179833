"""Desktop entries: keys are changed one by one, and the command line survives, here and with GLib."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.system.login.desktop_file import change_keys, escape, join_command, read_keys, split_command, unescape
from tests.support.patience import PATIENCE_S, wait_for

HARD = (
    "/opt/catnap/catnap",
    "/home/me/My Programs/catnap",
    "/home/me/\"quoted\" 'twice'/catnap",
    "/home/me/$HOME`id`/catnap",
    "/home/me/back\\slash\\/catnap",
    "/home/me/100%/%u/catnap",
    "/home/me/tab\tand\nline/catnap",
    "/home/me/~*?#()<>|&;/catnap",
    "/home/me/睡猫 🐱/catnap",
    " leading and trailing ",
    "",
)


@pytest.mark.parametrize("argument", HARD)
def test_a_command_line_comes_back_as_it_was(argument: str) -> None:
    command = ("/opt/catnap", argument, "--hidden")
    assert split_command(join_command(command)) == command


def test_every_pair_of_special_characters_comes_back() -> None:
    for pair in itertools.product("\\\"'`$% \t\n;=a", repeat=2):
        command = ("/opt/catnap", "".join(pair))
        assert split_command(join_command(command)) == command


# As the specification has it: a literal backslash in a quoted argument is written as four, a dollar sign with two.
@pytest.mark.parametrize(
    ("argument", "written"),
    [
        ("a\\b", '"a\\\\\\\\b"'),
        ("a$b", '"a\\\\$b"'),
        ("a b", '"a b"'),
        ("a=b", "a=b"),
        ("5%", "5%%"),
        ("--hidden", "--hidden"),
    ],
)
def test_quoting_follows_the_specification(argument: str, written: str) -> None:
    assert join_command((argument,)) == written


def test_what_glib_starts_is_what_was_meant(tmp_path: Path) -> None:
    # GIVEN a program that writes down its arguments, in a folder with a difficult name. Only a percent sign may not be
    # in it: GLib 2.74 looks for the program before it undoes the doubling of those.
    folder = tmp_path / "a \"b\" $c 'd' \\f 猫"
    folder.mkdir()
    program, noted = folder / "catnap", tmp_path / "noted"
    script = f"""#!{sys.executable}
import json, os, sys
with open({str(noted)!r} + ".new", "w") as file:
    file.write(json.dumps(sys.argv))
os.rename({str(noted)!r} + ".new", {str(noted)!r})
"""
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)
    command = (str(program), *(argument for argument in HARD if "\n" not in argument), "--hidden")
    entry = tmp_path / "catnap.desktop"
    keys = {"Type": "Application", "Name": "Catnap", "TryExec": escape(command[0]), "Exec": join_command(command)}
    entry.write_text(change_keys("", keys), encoding="utf-8")
    # WHEN GLib, by which GNOME, Xfce and MATE read such files, starts it
    launch = f"""
import ctypes
gio = ctypes.CDLL("libgio-2.0.so.0")
gio.g_desktop_app_info_new_from_filename.restype = ctypes.c_void_p
app = gio.g_desktop_app_info_new_from_filename({str(entry)!r}.encode())
assert app, "GLib does not take the entry"
assert gio.g_app_info_launch(ctypes.c_void_p(app), None, None, None), "GLib does not start the program"
"""
    subprocess.run([sys.executable, "-c", launch], check=True, timeout=PATIENCE_S)
    # THEN exactly these arguments arrive
    wait_for("the arguments", noted.exists)
    assert json.loads(noted.read_text(encoding="utf-8")) == list(command)


@pytest.mark.parametrize(
    ("value", "command"),
    [
        ("catnap  --hidden ", ("catnap", "--hidden")),
        ("catnap %U --hidden", ("catnap", "--hidden")),
        ("'/opt/my cat/catnap' --hidden", ("/opt/my cat/catnap", "--hidden")),
        ('"/opt/my cat"/catnap', ("/opt/my cat/catnap",)),
        ('"never closed', ()),
        ("", ()),
    ],
)
def test_command_lines_of_people_are_understood(value: str, command: tuple[str, ...]) -> None:
    assert split_command(value) == command


OWN = """\
# my own
[Desktop Entry]
Name=Cat
Name[zh_CN]=猫
Exec = old
X-Mine=yes

[Desktop Action Quick]
Exec=catnap --quick-ask
"""


def test_only_the_keys_asked_for_change() -> None:
    changed = change_keys(OWN, {"Exec": "new", "TryExec": "/new", "Hidden": None})
    assert changed == OWN.replace("Exec = old", "Exec=new").replace("X-Mine=yes\n", "X-Mine=yes\nTryExec=/new\n")
    assert read_keys(changed) == {"Name": "Cat", "Name[zh_CN]": "猫", "Exec": "new", "TryExec": "/new", "X-Mine": "yes"}


def test_keys_are_removed_and_doubled_ones_become_one() -> None:
    doubled = OWN.replace("X-Mine=yes", "X-Mine=yes\nExec=again")
    assert change_keys(doubled, {"Exec": "new", "X-Mine": None}) == OWN.replace("Exec = old\nX-Mine=yes", "Exec=new")


@pytest.mark.parametrize("text", ["", "# only a remark\n", "\n", "[Other]\nExec=no\n", "not an entry at all"])
def test_a_missing_group_is_added(text: str) -> None:
    changed = change_keys(text, {"Exec": "new"})
    assert read_keys(changed) == {"Exec": "new"}
    assert changed.startswith(text.rstrip("\n"))


def test_lines_end_at_line_feeds_only() -> None:
    text = "[Desktop Entry]\r\nName=a\u2028b\x0cc\r\nExec=x\r\n"
    assert read_keys(text)["Name"] == "a\u2028b\x0cc"
    assert change_keys(text, {"Exec": "y"}) == "[Desktop Entry]\r\nName=a\u2028b\x0cc\r\nExec=y\n"


@pytest.mark.parametrize("text", [*HARD, "\\s", "\\\\n", " \\"])
def test_strings_come_back_as_they_were(text: str) -> None:
    assert unescape(escape(text)) == text
    assert "\n" not in escape(text)
