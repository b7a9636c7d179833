"""Why nothing is heard, and what to install or to switch on, for each system."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.text.language import CHINESE, ENGLISH
from desktop.system.libraries import (
    SPEECH_LIBRARIES,
    SPEECH_VOICES,
    SystemLibrary,
    install_commands,
    missing_from,
    read_os_release,
)


class CannotReadAloudError(UserFacingError):
    """Nothing can be read aloud, or nothing in this language, before somebody has done something about it.

    Attributes:
        command: What installs what is missing; empty: no command does.
    """

    def __init__(self, title: str, detail: str = "", remedy: str = "", command: str = "") -> None:
        super().__init__(title, detail or command, remedy)
        self.command = command


def no_engine(message: str, platform: str = sys.platform) -> CannotReadAloudError:
    """Returns what to say where the system has nothing that speaks, or not all that Qt needs to ask it.

    Args:
        message: What the linker, Python or Qt said; shown where the packages would not help.
        platform: As ``sys.platform`` names it.
    """
    title = QT_TRANSLATE_NOOP("Errors", "There is nothing here that can read aloud.")
    if platform.startswith("linux"):
        if "No module named" in message:
            remedy = QT_TRANSLATE_NOOP("Errors", "Install the package PySide6-Addons beside Catnap.")
            return CannotReadAloudError(title, "PySide6-Addons.", remedy)
        return _to_install(title, (*missing_from(SPEECH_LIBRARIES, message), *SPEECH_VOICES))
    return CannotReadAloudError(title, message, _where_voices_are(platform))


def no_voice(language: str, platform: str = sys.platform) -> CannotReadAloudError:
    """Returns what to say where no voice reads a language.

    Args:
        language: Its code of two letters.
        platform: As ``sys.platform`` names it.
    """
    titles = {
        CHINESE: QT_TRANSLATE_NOOP("Errors", "There is no voice for Chinese."),
        ENGLISH: QT_TRANSLATE_NOOP("Errors", "There is no voice for English."),
    }
    title = titles.get(language, QT_TRANSLATE_NOOP("Errors", "There is no voice for the language of this text."))
    if platform.startswith("linux"):
        return _to_install(title, SPEECH_VOICES)
    return CannotReadAloudError(title, "", _where_voices_are(platform))


def no_sound() -> UserFacingError:
    """Returns what to say where the system took a sentence and was never done with it."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The voice of this system does not get any further."),
        "",
        QT_TRANSLATE_NOOP("Errors", "See whether sound works in other programs, then try again."),
    )


def _to_install(title: str, libraries: Sequence[SystemLibrary]) -> CannotReadAloudError:
    commands = install_commands(libraries, read_os_release())
    remedy = QT_TRANSLATE_NOOP(
        "Errors", "Install it with this command in a terminal, then try again; Catnap need not be started anew."
    )
    if len(commands) == 1:
        return CannotReadAloudError(title, "", remedy, commands[0])
    return CannotReadAloudError(title, "\n".join(commands), remedy)


def _where_voices_are(platform: str) -> str:
    if platform == "darwin":
        return QT_TRANSLATE_NOOP(
            "Errors", "Add one in System Settings: Accessibility, Spoken Content, System voice, Manage Voices."
        )
    return QT_TRANSLATE_NOOP("Errors", "Add one in the Settings of Windows: Time and language, Speech, Manage voices.")
