"""How a process of our own is started, and what it gets of the environment: little."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

from desktop.common.errors import UserFacingError
from desktop.common.install_folder import moved_problem
from desktop.common.own_process import own_variables

_log = logging.getLogger(__name__)

# A process that was ended is gone at once, unless it hangs in the kernel; then nobody waits for it.
_END_SECONDS = 5.0
# What the process needs of the environment; the rest may hold secrets, and is nobody's business there.
_VARIABLES = frozenset(
    (
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "TEMP",
        "TMP",
        "SYSTEMROOT",
        "WINDIR",
        "PATH",
        "HOME",
        "USERPROFILE",
        "APPDATA",
        "PROCESSOR_ARCHITECTURE",
        "NUMBER_OF_PROCESSORS",
    )
)
_PREFIXES = ("LC_", "PYTHON", "GGML_", "LLAMA_", "COVERAGE_", "CATNAP_")


def process_environment(own: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment of a process of our own.

    Args:
        own: The environment of this one.
    """
    kept = {name: value for name, value in own.items() if name.upper() in _VARIABLES or name.startswith(_PREFIXES)}
    if not hasattr(sys, "_MEIPASS") and "LD_LIBRARY_PATH" in own:
        # Without it some systems do not find the C++ library of a Python package.
        kept["LD_LIBRARY_PATH"] = own["LD_LIBRARY_PATH"]
    kept.update(own_variables(own))
    # ggml would start a debugger for the stack of an assertion that fails.
    kept["GGML_NO_BACKTRACE"] = "1"
    # Memory that was freed by one thread is of no use to another, so each keeps some; there are few threads here.
    kept["MALLOC_ARENA_MAX"] = "2"
    # Vulkan's loader would take layers of other programs in, overlays for games; and a driver would keep what it has
    # compiled in the home folder, where the process may not write.
    kept["VK_LOADER_LAYERS_DISABLE"] = "~all~"
    kept["MESA_SHADER_CACHE_DISABLE"] = "true"
    kept["__GL_SHADER_DISK_CACHE"] = "0"
    return kept


def start_process(command: Sequence[str], refusal: Callable[[str], UserFacingError]) -> subprocess.Popen[bytes]:
    """Starts a process with its three streams as pipes, and no window of its own.

    Args:
        command: See :func:`desktop.common.own_process.own_command`.
        refusal: Makes the sentence where the system starts none, of what the system says.

    Raises:
        UserFacingError: The program was moved while it ran, or what ``refusal`` makes.
    """
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=process_environment(os.environ),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, MemoryError) as problem:
        reason = f"{command[0]}: {getattr(problem, 'strerror', None) or problem}"
        raise moved_problem() or refusal(reason) from problem


def end_process(process: subprocess.Popen[bytes], what: str) -> None:
    """Ends a process if it runs, and waits until it is gone if that can be had.

    Args:
        process: Of our own.
        what: It is, for the log.
    """
    with contextlib.suppress(OSError):
        process.kill()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        _log.error("%s cannot be ended, and is left alone", what)
