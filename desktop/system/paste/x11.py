"""Presses Ctrl+V on an X11 display, through the XTEST extension. No key is grabbed."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_uint, c_ulong, c_void_p
from typing import Any, Final

_V: Final = 0x0076  # XK_v
_CONTROL: Final = 0xFFE3  # XK_Control_L
_SHIFT_MASK, _CONTROL_MASK, _ALT_MASK, _SUPER_MASK = 1, 4, 8, 64
_HELD: Final = _SHIFT_MASK | _CONTROL_MASK | _ALT_MASK | _SUPER_MASK
_KEYMAP_BYTES: Final = 32  # a bit for each key
_CLIENT_MESSAGE: Final = 33
_TO_WINDOW_MANAGER: Final = (1 << 20) | (1 << 19)  # SubstructureRedirectMask | SubstructureNotifyMask
_FROM_PAGER: Final = 2  # EWMH: a source that acts for the user
_XA_WINDOW: Final = 33


class _ClientMessage(ctypes.Structure):
    """XClientMessageEvent with format 32, padded to the size of XEvent."""

    _fields_ = (
        ("type", c_int), ("serial", c_ulong), ("send_event", c_int), ("display", c_void_p), ("window", c_ulong),
        ("message_type", c_ulong), ("format", c_int), ("data", c_long * 5), ("rest", c_long * 12),
    )  # fmt: skip


class X11PasteKeys:
    """One connection to the display, which is kept: its errors are those of windows that have gone."""

    def __init__(self, display: str | None = None) -> None:
        """
        Args:
            display: Its name; None: that of ``$DISPLAY``.

        Raises:
            OSError: No such display, or libX11, libXtst or the extension are missing.
        """
        self._x = _load("libX11.so.6")
        self._test = _load("libXtst.so.6")
        _declare(self._x, self._test)
        # Xlib ends the program over an error of the server. Qt has the same handler set, and it stays.
        self._ignore = _HANDLER(lambda _display, _event: 0)
        self._x.XSetErrorHandler(self._ignore)
        self._display: int | None = self._x.XOpenDisplay(display.encode() if display else None)
        if not self._display:
            raise OSError("the display cannot be opened")
        numbers = [c_int() for _ in range(4)]
        if not self._test.XTestQueryExtension(self._display, *map(byref, numbers)):
            self.close()
            raise OSError("the display has no XTEST extension")
        self._root: int = self._x.XDefaultRootWindow(self._display)
        self._active: int = self._x.XInternAtom(self._display, b"_NET_ACTIVE_WINDOW", False)

    def window_in_front(self) -> int | None:
        kind, form, count, left = c_ulong(), c_int(), c_ulong(), c_ulong()
        found = POINTER(c_ulong)()
        failed = self._x.XGetWindowProperty(
            *(self._display, self._root, self._active, 0, 1, False, _XA_WINDOW),
            *(byref(kind), byref(form), byref(count), byref(left), byref(found)),
        )
        if failed:
            return None
        window = int(found[0]) if count.value else 0
        self._x.XFree(found)
        return window or None

    def bring_to_front(self, window: int) -> None:
        event = _ClientMessage(_CLIENT_MESSAGE, 0, True, self._display, window, self._active, 32)
        event.data[0] = _FROM_PAGER
        self._x.XSendEvent(self._display, self._root, False, _TO_WINDOW_MANAGER, byref(event))
        self._x.XFlush(self._display)

    def is_ready(self, window: int) -> bool:
        if self.window_in_front() != window:
            return False
        # A key that is still down from the shortcut cannot be pressed again, and one like Alt would join ours.
        down = ctypes.create_string_buffer(_KEYMAP_BYTES)
        self._x.XQueryKeymap(self._display, down)
        windows, places, held = [c_ulong(), c_ulong()], [c_int() for _ in range(4)], c_uint()
        self._x.XQueryPointer(self._display, self._root, *map(byref, windows), *map(byref, places), byref(held))
        return not any(down.raw) and not held.value & _HELD

    def press(self) -> bool:
        control, v = (self._x.XKeysymToKeycode(self._display, key) for key in (_CONTROL, _V))
        if not (control and v):
            return False
        for key, down in ((control, True), (v, True), (v, False), (control, False)):
            self._test.XTestFakeKeyEvent(self._display, key, down, 0)
        self._x.XSync(self._display, False)
        return True

    def close(self) -> None:
        display, self._display = self._display, None
        if display:
            self._x.XCloseDisplay(display)


_HANDLER = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p)


def _load(name: str) -> Any:
    return ctypes.CDLL(name)


def _declare(x: Any, test: Any) -> None:
    x.XOpenDisplay.restype, x.XOpenDisplay.argtypes = c_void_p, (c_char_p,)
    x.XSetErrorHandler.restype, x.XSetErrorHandler.argtypes = c_void_p, (_HANDLER,)
    x.XDefaultRootWindow.restype, x.XDefaultRootWindow.argtypes = c_ulong, (c_void_p,)
    x.XInternAtom.restype, x.XInternAtom.argtypes = c_ulong, (c_void_p, c_char_p, c_int)
    x.XGetWindowProperty.argtypes = (
        *(c_void_p, c_ulong, c_ulong, c_long, c_long, c_int, c_ulong),
        *(c_void_p, c_void_p, c_void_p, c_void_p, c_void_p),
    )
    x.XQueryPointer.argtypes = (c_void_p, c_ulong, *(c_void_p,) * 7)
    x.XQueryKeymap.argtypes = (c_void_p, c_char_p)
    x.XSendEvent.argtypes = (c_void_p, c_ulong, c_int, c_long, c_void_p)
    x.XKeysymToKeycode.restype, x.XKeysymToKeycode.argtypes = ctypes.c_ubyte, (c_void_p, c_ulong)
    x.XSync.argtypes = (c_void_p, c_int)
    for name in ("XFlush", "XCloseDisplay", "XFree"):
        getattr(x, name).argtypes = (c_void_p,)
    test.XTestQueryExtension.argtypes = (c_void_p, *(c_void_p,) * 4)
    test.XTestFakeKeyEvent.argtypes = (c_void_p, c_uint, c_int, c_ulong)
