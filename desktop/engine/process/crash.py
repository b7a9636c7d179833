"""What is said when the engine's process has died: how, by which model, at what."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from desktop.common.errors import QT_TRANSLATE_NOOP, EngineDiedError, UserFacingError, WayOut
from desktop.common.install_folder import moved_problem
from desktop.engine import errors
from desktop.engine.process.messages import Ended
from desktop.engine.types import Work
from desktop.machine.endings import Limit

# What llama.cpp and the C++ library print before they end a process (ggml.c, ggml_abort; libstdc++; glibc's malloc).
_TELLING = re.compile(
    r"GGML_ASSERT|GGML_ABORT|ggml_abort|terminate called|what\(\):|^fatal error|Fatal Python error|MemoryError"
    r"|malloc|corrupted|Assertion"
)
# What Python adds to a signal, which is named already.
_REPEATING = re.compile(r"^Fatal Python error: (?:Segmentation fault|Aborted|Bus error|Illegal instruction|Floating)")
_PATH = re.compile(r"(?:[A-Za-z]:)?[\w./\\ -]*[/\\](?=[\w.-]+:\d+)")  # where it was built
_MEMORY = re.compile(r"bad_alloc|MemoryError|out of memory|failed to allocate|cannot allocate", re.IGNORECASE)
# The file could not be read where it was mapped: SIGBUS of Linux and of macOS, STATUS_IN_PAGE_ERROR of Windows.
_UNREADABLE = frozenset((-7, -10, 0xC0000006))
# How Windows says that a program has ended otherwise than by itself (ntstatus.h), and what is known of it elsewhere.
_STATUS: Mapping[int, str] = MappingProxyType(
    {
        0x40010004: "DBG_TERMINATE_PROCESS",
        0xC0000005: "STATUS_ACCESS_VIOLATION",
        0xC0000006: "STATUS_IN_PAGE_ERROR",
        0xC0000017: "STATUS_NO_MEMORY",
        0xC000001D: "STATUS_ILLEGAL_INSTRUCTION",
        0xC0000094: "STATUS_INTEGER_DIVIDE_BY_ZERO",
        0xC000009A: "STATUS_INSUFFICIENT_RESOURCES",
        0xC00000FD: "STATUS_STACK_OVERFLOW",
        0xC000012D: "STATUS_COMMITMENT_LIMIT",
        0xC0000135: "STATUS_DLL_NOT_FOUND",
        0xC0000139: "STATUS_ENTRYPOINT_NOT_FOUND",
        0xC000013A: "STATUS_CONTROL_C_EXIT",
        0xC0000142: "STATUS_DLL_INIT_FAILED",
        0xC000026B: "STATUS_DLL_INIT_FAILED_LOGOFF",
        0xC0000374: "STATUS_HEAP_CORRUPTION",
        0xC0000409: "STATUS_STACK_BUFFER_OVERRUN",  # also of abort()
        0xE06D7363: "C++ exception",
    }
)
_NO_MEMORY = frozenset((0xC0000017, 0xC000009A, 0xC000012D))
# Nothing in the process does that to itself: a signal, the end of a session, Ctrl+C in its console.
_FROM_OUTSIDE = frozenset(
    -int(getattr(signal, name))
    for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGKILL", "SIGTERM", "SIGALRM", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)
) | {0x40010004, 0xC000013A, 0xC000026B}
# What the Task Manager and taskkill give. The engine's process itself ends with it only after it has said why.
_ENDED_ON_WINDOWS = 1

_ANOTHER_MODEL = QT_TRANSLATE_NOOP("Errors", "Choose another model. The log holds what to report.")
_ON_GPU = (
    QT_TRANSLATE_NOOP("Errors", "The engine died on the graphics processor. What it said so far is kept."),
    QT_TRANSLATE_NOOP("Errors", "Go on with the answer, or ask again: from now on the processor answers."),
    (WayOut.REPORT,),
)


def died(
    path: Path | None, work: Work, ended: Ended, *, file_changed: bool = False, on_gpu: bool = False
) -> UserFacingError:
    """Returns the error for a process that has died, or had to be ended.

    Args:
        path: The model it had, or was to load.
        work: What it did.
        ended: How it ended.
        file_changed: The model's file is no longer the one that was loaded.
        on_gpu: A graphics processor computed along, which will not be used again.
    """
    cause = cause_of(ended)
    if path is not None and file_changed:
        return errors.file_changed(path, cause)
    if path is not None and ended.code in _UNREADABLE:
        return errors.unreadable(path, OSError(cause))
    if work is Work.STARTING and (moved := moved_problem()) is not None:
        return moved
    title, remedy, ways = _ON_GPU if on_gpu else _explain(work, ended)
    name = path.name if path is not None and work is not Work.STARTING else ""  # no model has a part in its start
    if ended.was_killed:
        cause = ended.nonsense  # what it died of is known too well
    if not name:
        cause = cause[:1].upper() + cause[1:]
    parts = tuple(part for part in (name, cause) if part)
    pattern = ": ".join(f"{{{place}}}" for place in range(len(parts)))
    return EngineDiedError(title, pattern and f"{pattern}.", remedy, values=parts, ways=ways)


def _explain(work: Work, ended: Ended) -> tuple[str, str, tuple[WayOut, ...]]:
    """Returns what happened, what to do about it, and where the interface can lead."""
    another, smaller, report = WayOut.ANOTHER_MODEL, WayOut.SMALLER_CONTEXT, WayOut.REPORT
    if ended.was_killed and ended.nonsense:
        title = QT_TRANSLATE_NOOP("Errors", "The engine said what makes no sense, and was ended.")
        return title, _ANOTHER_MODEL, (another, report)
    if ended.was_killed:
        title = QT_TRANSLATE_NOOP("Errors", "The engine no longer answered, and was ended.")
        remedy = QT_TRANSLATE_NOOP(
            "Errors", "Ask again. If it happens again, choose another model or a smaller context."
        )
        return title, remedy, (another, smaller, report)
    if ended.limit is not None:
        return _explain_limit(ended.limit, work)
    if ran_out_of_memory(ended):
        title = QT_TRANSLATE_NOOP("Errors", "The engine has run out of memory and was ended.")
        remedy = QT_TRANSLATE_NOOP("Errors", "Close other programs, or choose a smaller model or context.")
        return title, remedy, (another, smaller)
    if is_from_outside(ended) and not (work is Work.STARTING and sys.platform == "darwin"):
        title = QT_TRANSLATE_NOOP("Errors", "Another program, or the system, has ended the engine.")
        remedy = QT_TRANSLATE_NOOP(
            "Errors",
            "Try again: it starts anew. If it happens again, close other programs: some systems end what takes much"
            " memory.",
        )
        return title, remedy, (report,) if work is Work.STARTING else (smaller, another, report)
    if work is Work.STARTING:  # macOS ends at once what is not signed as it should be: no other program has done that
        title = QT_TRANSLATE_NOOP("Errors", "The engine ended while it was starting.")
        return title, QT_TRANSLATE_NOOP("Errors", "Install Catnap again; 'catnap doctor' says more."), (report,)
    if work is Work.LOADING:
        title = QT_TRANSLATE_NOOP("Errors", "This model has brought the engine down while loading.")
        return title, _ANOTHER_MODEL, (another, report)
    if work is Work.ANSWERING:
        title = QT_TRANSLATE_NOOP("Errors", "The model has brought the engine down. What it said so far is kept.")
    else:
        title = QT_TRANSLATE_NOOP("Errors", "The engine ended before the model could answer.")
    remedy = QT_TRANSLATE_NOOP("Errors", "Ask again, choose another model or a smaller context. The log says more.")
    return title, remedy, (another, smaller, report)


def _explain_limit(limit: Limit, work: Work) -> tuple[str, str, tuple[WayOut, ...]]:
    """Returns the same for what the system has ended by its own account."""
    if limit is Limit.MEMORY:
        title = QT_TRANSLATE_NOOP("Errors", "The system has ended the engine, since memory was short.")
        remedy = QT_TRANSLATE_NOOP("Errors", "Close other programs, or choose a smaller model or context.")
        return title, remedy, () if work is Work.STARTING else (WayOut.ANOTHER_MODEL, WayOut.SMALLER_CONTEXT)
    title = QT_TRANSLATE_NOOP(
        "Errors", "The system has ended the engine: it had used the processor time that one program may take."
    )
    remedy = QT_TRANSLATE_NOOP(
        "Errors", "Try again: it starts anew. Whoever looks after this computer can raise the limit (ulimit -t)."
    )
    return title, remedy, (WayOut.REPORT,)


def ran_out_of_memory(ended: Ended) -> bool:
    """Tells whether a process has died because there was not enough memory for it: no fault of the model's file."""
    if ended.was_killed:  # by the app
        return False
    if ended.limit is Limit.MEMORY or ended.code in _NO_MEMORY:
        return True
    return _MEMORY.search("\n".join(ended.last_words)) is not None


def is_from_outside(ended: Ended) -> bool:
    """Tells whether somebody else has ended a process, whatever for; what the app does is not meant."""
    if ended.was_killed or ran_out_of_memory(ended):
        return False
    if sys.platform == "win32" and ended.code == _ENDED_ON_WINDOWS:
        return not ended.last_words
    return ended.limit is not None or ended.code in _FROM_OUTSIDE


def cause_of(ended: Ended) -> str:
    """Returns how a process ended, in the words of the machine: its own last ones, or the signal."""
    how = _how(ended.code)
    telling = [line for line in ended.last_words if _TELLING.search(line) and not _REPEATING.search(line)]
    return f"{how}: {_PATH.sub('', telling[0])}" if telling else how


def _how(code: int) -> str:
    if code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"
    if code > 255:  # of Windows
        return f"{_STATUS[code]} (0x{code:08x})" if code in _STATUS else f"0x{code:08x}"
    return f"exit code {code}"
