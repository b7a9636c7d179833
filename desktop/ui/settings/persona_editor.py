"""The control of the settings that chooses a persona."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.personas.persona import GENERAL, Persona
from desktop.settings.options import OptionValue
from desktop.ui.settings.editors import OptionEditor, QuietCombo
from desktop.ui.words import short_name


class PersonaEditor(OptionEditor):
    """One of the personas, and the way to all of them.

    Attributes:
        personas_requested: The user wants to see or write some.
    """

    personas_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self._combo = QuietCombo()
        super().__init__(self._combo, parent)
        self._value = GENERAL
        self.set_personas(())
        self._combo.activated.connect(self._activated)

    def value(self) -> OptionValue:
        return self._value

    def set_value(self, value: OptionValue) -> None:
        self._value = str(value)
        self._show_value()

    def set_personas(self, personas: Sequence[Persona]) -> None:
        """Shows which there are now."""
        self._combo.clear()
        for persona in personas:
            self._combo.addItem(short_name(persona.name), persona.id)
        if personas:
            self._combo.insertSeparator(self._combo.count())
        self._combo.addItem(self.tr("Personas…"), None)
        self._show_value()

    def _show_value(self) -> None:
        place = self._combo.findData(self._value)
        # One that is gone answers as the general one does.
        self._combo.setCurrentIndex(place if place >= 0 else self._combo.findData(GENERAL))

    def _activated(self, index: int) -> None:
        chosen = self._combo.itemData(index)
        if chosen is None:
            self._show_value()
            self.personas_requested.emit()
        elif chosen != self._value:
            self._value = chosen
            self.edited.emit()
