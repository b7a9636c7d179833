"""Presses Ctrl+V on Windows, through SendInput."""

from __future__ import annotations

import ctypes
import sys
from ctypes import c_long, c_ulong, c_ushort, c_void_p
from typing import Any, Final

_KEYBOARD: Final = 1  # INPUT_KEYBOARD
_UP: Final = 2  # KEYEVENTF_KEYUP
_CONTROL, _V = 0x11, 0x56  # VK_CONTROL, "V"
_DOWN: Final = (0x10, 0x11, 0x12, 0x5B, 0x5C, _V)  # Shift, Ctrl, Alt, both Windows keys


class _Key(ctypes.Structure):
    """KEYBDINPUT."""

    _fields_ = (("key", c_ushort), ("scan", c_ushort), ("flags", c_ulong), ("time", c_ulong), ("extra", c_void_p))


class _Mouse(ctypes.Structure):
    """MOUSEINPUT, the largest of the union."""

    _fields_ = (
        ("x", c_long),
        ("y", c_long),
        ("data", c_ulong),
        ("flags", c_ulong),
        ("time", c_ulong),
        ("extra", c_void_p),
    )


class _Either(ctypes.Union):
    _fields_ = (("key", _Key), ("mouse", _Mouse))


class Input(ctypes.Structure):
    """INPUT: 40 bytes on 64-bit Windows."""

    _anonymous_ = ("either",)
    _fields_ = (("type", c_ulong), ("either", _Either))


class WindowsPasteKeys:
    """Windows lets the program that has the keyboard hand it on, and takes keys for programs that run as this user."""

    def __init__(self) -> None:
        """
        Raises:
            OSError: This is not Windows.
        """
        if sys.platform != "win32":
            raise OSError("no Windows")
        self._user: Any = ctypes.WinDLL("user32")
        self._user.GetForegroundWindow.restype = c_void_p
        self._user.SetForegroundWindow.argtypes = (c_void_p,)
        self._user.GetAsyncKeyState.restype = ctypes.c_short
        self._user.SendInput.argtypes = (ctypes.c_uint, c_void_p, ctypes.c_int)

    def window_in_front(self) -> int | None:
        window: int | None = self._user.GetForegroundWindow()
        return window or None

    def bring_to_front(self, window: int) -> None:
        self._user.SetForegroundWindow(window)

    def is_ready(self, window: int) -> bool:
        held = any(self._user.GetAsyncKeyState(key) & 0x8000 for key in _DOWN)
        return self.window_in_front() == window and not held

    def press(self) -> bool:
        keys = keys_for_paste()
        return int(self._user.SendInput(len(keys), ctypes.byref(keys), ctypes.sizeof(Input))) == len(keys)

    def close(self) -> None:
        pass


def keys_for_paste() -> ctypes.Array[Input]:
    """Returns what SendInput is given: Ctrl down, V down, V up, Ctrl up."""
    keys = (Input * 4)()
    for each, (key, flags) in zip(keys, ((_CONTROL, 0), (_V, 0), (_V, _UP), (_CONTROL, _UP)), strict=True):
        each.type = _KEYBOARD
        each.key = _Key(key, 0, flags, 0, None)
    return keys
