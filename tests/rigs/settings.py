"""A settings dialog for the tests, what answers it, and its parts at hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from desktop.models.types import InstalledModel
from desktop.settings.options import OPTIONS, SYSTEM_OPTIONS, Settings, option_for
from desktop.settings.types import Group
from desktop.ui.settings.dialog import SettingsDialog
from desktop.ui.widgets.labels import WarningLabel
from tests.support.widgets import W, children

MODELS = (
    InstalledModel("small", "Small model", Path("/models/small.gguf"), 398_000_000),
    InstalledModel("file:/own.gguf", "own.gguf", Path("/own.gguf"), 986_000_000, missing=True),
)


SETTINGS = replace(Settings(), model="small")


class Store:
    """Answers the dialog as the app does: keeps what is valid, refuses what it was told to."""

    def __init__(self, dialog: SettingsDialog, settings: Settings) -> None:
        self.settings = settings
        self.refused = ""
        self.changes: list[tuple[str, object]] = []
        self._dialog = dialog
        dialog.changed.connect(self._change)

    def _change(self, key: str, value: Any) -> None:
        self.changes.append((key, value))
        if key in [option.key for option in SYSTEM_OPTIONS]:
            self._dialog.set_system_value(key, value)
            return
        if key != self.refused:
            changed: dict[str, Any] = {key: option_for(key).validate(value)}
            self.settings = replace(self.settings, **changed)
        self._dialog.set_settings(self.settings)


def cost(settings: Settings) -> str | None:
    if not settings.model:
        return None
    return f"{settings.n_ctx} tokens in {settings.kv_type}" + (", repacked" if settings.faster_answers else "")


def show_option(dialog: SettingsDialog, key: str) -> None:
    """Turns to the page of an option, unfolds what hides it, and puts the focus there."""
    row = dialog._rows[key]
    dialog._list.setCurrentRow(list(Group).index(row.option.group))
    dialog._pages[row.option.group].reveal(row)
    row.editor.control.setFocus(Qt.FocusReason.OtherFocusReason)


def control(dialog: SettingsDialog, key: str, kind: type[W]) -> W:
    """Returns the control of an option, found as an assistive technology finds it: by its name."""
    show_option(dialog, key)
    name = next(option.label for option in (*OPTIONS, *SYSTEM_OPTIONS) if option.key == key)
    return next(found for found in children(dialog, kind) if found.accessibleName() == name)


def texts(dialog: SettingsDialog) -> list[str]:
    return [label.text() for label in children(dialog, QLabel) if label.isVisible()]


def button(dialog: SettingsDialog, text: str) -> QPushButton:
    return next(found for found in children(dialog, QPushButton) if found.text().replace("&", "") == text)


def complaints(dialog: SettingsDialog) -> list[str]:
    return [label.text() for label in children(dialog, WarningLabel) if label.isVisible()]


@contextmanager
def opened(qtbot: QtBot) -> Iterator[SettingsDialog]:
    """Opens the dialog on ``SETTINGS`` for the time of a test."""
    dialog = SettingsDialog(SETTINGS, MODELS, cost)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    yield dialog
    dialog.close()
