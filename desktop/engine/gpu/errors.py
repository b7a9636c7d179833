"""Why a graphics processor is not used, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError

_INSTALL_AGAIN = QT_TRANSLATE_NOOP("Errors", "Install the download for graphics processors of this very version.")
_PROCESSOR = QT_TRANSLATE_NOOP("Errors", "The processor answers instead.")


def not_genuine(path: Path) -> UserFacingError:
    """Returns the error for a file that is not the library that belongs to this program."""
    title = QT_TRANSLATE_NOOP("Errors", "The file for graphics processors is not the one that belongs to this Catnap.")
    return UserFacingError(title, f"{path}.", _INSTALL_AGAIN)


def unreadable(path: Path, problem: OSError) -> UserFacingError:
    """Returns the error for a file that the system does not let us read."""
    title = QT_TRANSLATE_NOOP("Errors", "The file for graphics processors cannot be read.")
    return UserFacingError(title, f"{path}: {problem.strerror or problem}.", _INSTALL_AGAIN)


def not_loaded(path: Path, lines: Sequence[str]) -> UserFacingError:
    """Returns the error for a library that the system, or ggml, does not take.

    Args:
        path: The file.
        lines: What ggml had to complain about.
    """
    title = QT_TRANSLATE_NOOP("Errors", "The code for graphics processors cannot be loaded: a driver may be missing.")
    detail = "; ".join(lines) or path.name
    return UserFacingError(title, f"{detail}.", _PROCESSOR)


def no_device() -> UserFacingError:
    """Returns the error for a machine without a graphics processor that can be used, or not any more."""
    return UserFacingError(QT_TRANSLATE_NOOP("Errors", "No graphics processor was found."), "", _PROCESSOR)


def driver_changed(description: str) -> UserFacingError:
    """Returns the error for a device whose driver is another one than at its trial."""
    title = QT_TRANSLATE_NOOP("Errors", "The graphics processor has another driver than when it was tried.")
    remedy = QT_TRANSLATE_NOOP("Errors", "The processor answers until it was tried again.")
    return UserFacingError(title, f"{description}.", remedy)


def device_full(description: str, needed: int, free: int) -> UserFacingError:
    """Returns the error for a device with less memory left than the model takes there.

    Args:
        description: Its maker's name for it.
        needed: Bytes.
        free: Bytes, by its driver's word.
    """
    title = QT_TRANSLATE_NOOP("Errors", "The graphics processor has too little memory left.")
    detail = QT_TRANSLATE_NOOP("Errors", "{0}: the model takes {1} there, and {2} is free.")
    return UserFacingError(title, detail, _PROCESSOR, values=(description, format_bytes(needed), format_bytes(free)))


def no_room_without(path: Path, needed: int, total: int) -> UserFacingError:
    """Returns the error for a model that the computer's own memory has no room for, once the device cannot be used.

    Args:
        path: Its file.
        needed: Bytes that it takes with the processor alone.
        total: Bytes that the computer has.
    """
    title = QT_TRANSLATE_NOOP("Errors", "The graphics processor cannot be used now, and without it there is no room.")
    detail = QT_TRANSLATE_NOOP("Errors", "{0} takes {1} of memory, and this computer has {2}.")
    remedy = QT_TRANSLATE_NOOP("Errors", "Close programs that use the graphics processor, or choose a smaller model.")
    return UserFacingError(title, detail, remedy, values=(path.name, format_bytes(needed), format_bytes(total)))


def died(cause: str) -> UserFacingError:
    """Returns what is said once the engine has died while a graphics processor computed along.

    Args:
        cause: How it died, in the words of the machine.
    """
    title = QT_TRANSLATE_NOOP("Errors", "The engine died while the graphics processor computed along.")
    remedy = QT_TRANSLATE_NOOP(
        "Errors", "From now on the processor answers. Settings > Graphics processor tries again."
    )
    return UserFacingError(title, f"{cause}." if cause else "", remedy)


def refused(problem: UserFacingError) -> UserFacingError:
    """Returns what is said once a model could not be loaded with a graphics processor, and was without.

    Args:
        problem: What was in the way.
    """
    title = QT_TRANSLATE_NOOP("Errors", "The graphics processor cannot be used with this model; the processor answers.")
    return UserFacingError(title, problem.detail or problem.title)
