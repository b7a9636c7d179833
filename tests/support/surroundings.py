"""What a test run takes over from whoever started it: next to nothing. Called by tests/conftest.py.

A run may be started on a terminal, in the background of a shell that ignores Ctrl+C for it, by cron or from a desktop
in any language. The programs that tests start would inherit that, and tests would hold for some who start them only.
"""

from __future__ import annotations

import contextlib
import fnmatch
import locale
import os
import signal
import time
from collections.abc import Mapping, MutableMapping
from types import FrameType

# By name, * for any letters, in capitals or not.
_NOT_TAKEN_OVER = (
    *("LANG", "LANGUAGE", "LC_*", "TZ"),
    # the desktop: where its folders and sockets are, how its programs look and how it types
    *("XDG_*", "DBUS_*", "DISPLAY", "WAYLAND_*", "XAUTHORITY", "SESSION_MANAGER", "DESKTOP_*", "KDE_*", "GNOME_*"),
    *("GTK_*", "GDK_*", "QT_*", "QML*", "QSG_*", "IBUS_*", "XMODIFIERS", "APPIMAGE", "APPDIR"),
    # the terminal
    *("TERM", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR*", "PY_COLORS"),
    # the network
    *("*_PROXY", "SSL_CERT_*", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    # Python and its tools; make hands on its own flags and the variables of its command line
    *("PYTHON*", "PIP_*", "PYTEST_ADDOPTS", "PYTEST_PLUGINS", "MAKE*", "MFLAGS", "GNUMAKEFLAGS", "ARGS", "VENV"),
    # Catnap, its engine and its packaging
    *("CATNAP_*", "LLAMA_*", "GGML_*", "OMP_*", "SOURCE_DATE_EPOCH", "SUDO_*", "GIT_*"),
)
_KEPT = (
    *("CATNAP_BUILD_CACHE", "CATNAP_E2E_COMMAND", "CATNAP_E2E_PICTURES", "CATNAP_TEST_GPU"),
    "PYTHONHOME",  # some interpreters find their library by nothing else
)
_INSTEAD = {"LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen"}

# The standard library puts the first two back in what it starts. A handler for the others would wake who waits in vain:
# a process in the background that may not write to the terminal tries it again for ever.
_LEFT_ALONE = ("SIGPIPE", "SIGXFSZ", "SIGTTIN", "SIGTTOU", "SIGTSTP")


def take_nothing_over() -> None:
    """Gives this process, and all that it starts, the same signals, variables and file mode whoever ran it."""
    default_signals()
    clean(os.environ)
    os.umask(0o022)
    with contextlib.suppress(locale.Error):  # a system without C.UTF-8
        locale.setlocale(locale.LC_CTYPE, "")
    if hasattr(time, "tzset"):
        time.tzset()


def clean(environment: MutableMapping[str, str]) -> None:
    """Removes the variables by which a user, a desktop or a terminal changes what programs do; sets what tests need."""
    for name in list(environment):
        if name not in _KEPT and any(fnmatch.fnmatchcase(name.upper(), pattern) for pattern in _NOT_TAKEN_OVER):
            del environment[name]
    environment.update(_INSTEAD)


def default_signals() -> None:
    """Lets started programs have the default of every signal, also of those that this process was told to ignore.

    Such a signal gets a handler that does nothing: this process goes on ignoring it, as who started it wished, while
    exec() puts handlers back to the default, which it does not do with what is ignored.
    """
    for number in signal.Signals:
        if number.name not in _LEFT_ALONE and signal.getsignal(number) is signal.SIG_IGN:
            # Whoever ignores this one never learns how its children ended.
            signal.signal(number, signal.SIG_DFL if number.name == "SIGCHLD" else _ignore)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_SETMASK, ())


def colour_wish(environment: Mapping[str, str]) -> str:
    """Returns pytest's ``--color`` for what these variables say, since they are gone when pytest looks at them."""
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return "no"
    return "yes" if environment.get("FORCE_COLOR") else "auto"


def _ignore(number: int, frame: FrameType | None) -> None:
    """Does nothing."""
