"""The control of the settings that chooses a persona."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from desktop.personas.persona import GENERAL, Persona
from desktop.ui.settings.editors import ListEditor
from desktop.ui.words import short_name


class PersonaEditor(ListEditor):
    """One of the personas, and the way to more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(GENERAL, parent)
        self.set_personas(())

    def set_personas(self, personas: Sequence[Persona]) -> None:
        """Shows which there are now."""
        self._combo.clear()
        for persona in personas:
            self._combo.addItem(short_name(persona.name), persona.id)
        self._offer_more(self.tr("Personas…"))
        self._show_value()

    def _show_value(self) -> None:
        place = self._combo.findData(self._value)
        # One that is gone answers as the general one does.
        self._combo.setCurrentIndex(place if place >= 0 else self._combo.findData(GENERAL))
