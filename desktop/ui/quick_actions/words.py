"""What quick actions and the texts they are for are called, in the language of the interface."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop.chat.quick_actions.actions import QuickAction


def action_title(action: QuickAction) -> str:
    """Returns the name of an action as it is shown."""
    came = action.built_in
    return action.name or (QCoreApplication.translate("QuickActions", came.title) if came is not None else action.id)


def length_words(characters: int) -> str:
    """Returns ``1,234 characters``."""
    if characters == 1:
        return QCoreApplication.translate("QuickActions", "one character")
    return QCoreApplication.translate("QuickActions", "{count} characters").format(count=f"{characters:,}")
