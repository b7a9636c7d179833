"""Starting at login on Linux and the BSDs: a desktop entry in the folder ``autostart``.

After the Desktop Application Autostart Specification of freedesktop.org; all desktops heed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from desktop.common.atomic_file import write_shared
from desktop.common.regular_file import open_regular
from desktop.system.login.desktop_file import change_keys, escape, join_command, read_keys, split_command, unescape
from desktop.system.login.types import Command, Entry

# Named like the entry in the menu, so that a session tells both apart from nobody else's.
_NAME = "catnap.desktop"
# Switches of their own that session managers write into the file.
_SWITCHES = ("X-GNOME-Autostart-enabled", "X-MATE-Autostart-enabled")
_FIXED: Final[Mapping[str, str]] = {
    "Type": "Application",
    "Name": "Catnap",
    "Comment": "A small language model in the tray, asleep until somebody asks",
    "Icon": "catnap",
    "Terminal": "false",
}
_OURS = frozenset({*_FIXED, *_SWITCHES, "Exec", "TryExec", "Hidden"})


def autostart_folder(environment: Mapping[str, str], home: Path) -> Path:
    """Returns the user's own autostart folder; a relative XDG_CONFIG_HOME is to be ignored."""
    config = Path(environment.get("XDG_CONFIG_HOME") or "")
    return (config if config.is_absolute() else home / ".config") / "autostart"


class XdgAutostart:
    """The entry of Catnap in an autostart folder; a :class:`~desktop.system.login.types.LoginEntry`."""

    def __init__(self, folder: Path, desktops: str) -> None:
        """
        Args:
            folder: The user's autostart folder; made when it is needed.
            desktops: Names of the running desktop, as XDG_CURRENT_DESKTOP has them, between colons.
        """
        self._file = folder / _NAME
        self._desktops = frozenset(name for name in desktops.split(":") if name)

    @property
    def place(self) -> str:
        return str(self._file)

    def read(self) -> Entry | None:
        text = self._text()
        if text is None:
            return None
        keys = read_keys(text)
        command = split_command(keys.get("Exec", ""))
        return Entry(command, bool(command) and self._is_heeded(keys))

    def enable(self, command: Command) -> None:
        text = self._text() or ""
        keys = read_keys(text)
        values: dict[str, str | None] = {key: value for key, value in _FIXED.items() if key not in keys}
        values |= {
            "Exec": join_command(command),
            "TryExec": escape(command[0]),  # no quotes here; a program that is gone is no error at every login
            "X-GNOME-Autostart-enabled": "true",
            "Hidden": None,
        }
        if _is_false(keys.get("X-MATE-Autostart-enabled")):
            values["X-MATE-Autostart-enabled"] = "true"
        if not self._is_for_this_desktop(keys):
            values |= {"OnlyShowIn": None, "NotShowIn": None}
        self._write(change_keys(text, values))

    def disable(self) -> None:
        text = self._text()
        if text is None:
            return
        if set(read_keys(text)) <= _OURS:
            self._file.unlink(missing_ok=True)
        else:
            self._write(change_keys(text, {"Hidden": "true"}))

    def _text(self) -> str | None:
        try:
            with open_regular(self._file) as stream:
                return stream.read().decode("utf-8", "surrogateescape")
        except FileNotFoundError:
            return None

    def _write(self, text: str) -> None:
        write_shared(self._file, text.encode("utf-8", "surrogateescape"))

    def _is_heeded(self, keys: Mapping[str, str]) -> bool:
        if _is_true(keys.get("Hidden")) or any(_is_false(keys.get(switch)) for switch in _SWITCHES):
            return False
        return self._is_for_this_desktop(keys)

    def _is_for_this_desktop(self, keys: Mapping[str, str]) -> bool:
        only, never = (_names(keys.get(key, "")) for key in ("OnlyShowIn", "NotShowIn"))
        return not self._desktops & never and ("OnlyShowIn" not in keys or bool(self._desktops & only))


def _is_true(value: str | None) -> bool:
    # "1" and "0" are from before version 1.0 of the specification, and GLib still heeds them.
    return value in ("true", "1")


def _is_false(value: str | None) -> bool:
    return value in ("false", "0")


def _names(value: str) -> frozenset[str]:
    return frozenset(name for name in unescape(value).split(";") if name)
