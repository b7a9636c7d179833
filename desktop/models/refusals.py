"""What is told where a model cannot be had, used or changed now."""

from __future__ import annotations

from pathlib import Path

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError


def folder_is_moving() -> UserFacingError:
    """Returns what to tell while no model can be used."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The model folder is being moved."),
        "",
        QT_TRANSLATE_NOOP("Errors", "Try again when that is done."),
    )


def unexpected(bug: Exception) -> UserFacingError:
    """Returns what to tell where a download ended by a fault of the program."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The download broke off for a reason that Catnap does not know."),
        f"{type(bug).__name__}.",
        QT_TRANSLATE_NOOP("Errors", "Try again; what was downloaded is kept."),
    )


def files_are_checked() -> UserFacingError:
    """Returns what to tell where files cannot be changed, since they are being read."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "Model files are being checked."),
        "",
        QT_TRANSLATE_NOOP("Errors", "Try again when that is done."),
    )


def gone(path: Path) -> UserFacingError:
    """Returns the error for a model file that was there before."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The model file is no longer there."),
        f"{path}.",
        QT_TRANSLATE_NOOP("Errors", "Put it back, or choose another model."),
    )
