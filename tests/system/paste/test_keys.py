"""Pasting into another program's window: what is pressed, and where nobody may press it."""

from __future__ import annotations

import ctypes
import sys

import pytest

from desktop.system.paste.system import make_paste_keys
from desktop.system.paste.windows import Input, WindowsPasteKeys, keys_for_paste


@pytest.mark.parametrize("platform", ["wayland", "cocoa", "offscreen", "minimal"])
def test_where_nobody_may_press_keys_nobody_does(platform: str) -> None:
    assert make_paste_keys(platform) is None


@pytest.mark.skipif(sys.platform != "linux", reason="X11")
def test_without_a_display_nobody_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    assert make_paste_keys("xcb") is None


@pytest.mark.skipif(ctypes.sizeof(ctypes.c_void_p) != 8 or ctypes.sizeof(ctypes.c_ulong) == 0, reason="64 bit")
def test_what_windows_is_given() -> None:
    # INPUT is a number, padding, and a union with a pointer at its end (winuser.h); there a long has 4 bytes.
    keys = keys_for_paste()
    assert [(each.key.key, each.key.flags) for each in keys] == [(0x11, 0), (0x56, 0), (0x56, 2), (0x11, 2)]
    assert all(each.type == 1 for each in keys)
    if sys.platform == "win32":
        assert ctypes.sizeof(Input) == 40


@pytest.mark.skipif(sys.platform == "win32", reason="elsewhere than Windows")
def test_windows_keys_are_for_windows() -> None:
    with pytest.raises(OSError, match="no Windows"):
        WindowsPasteKeys()
