"""The button above a conversation that says who answers in it, and lets another one be chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from desktop.personas.persona import Persona
from desktop.ui.widgets.glyphs import MenuButton
from desktop.ui.widgets.menus import add_action
from desktop.ui.words import plain_tip, short_name

# Letters of a name in the button; the title of the conversation stands beside it.
_SHORT = 24


class PersonaButton(MenuButton):
    """Shows a name, and a menu of all personas.

    Signals:
        chosen: (id) This persona shall answer.
        personasRequested: All of them shall be shown.
    """

    chosen = Signal(str)
    personasRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._read: Callable[[], Sequence[Persona]] = tuple
        self._current = ""
        menu = QMenu(self)
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)
        self.setAccessibleName(self.tr("Persona"))
        self.hide()  # until there is somebody to choose

    def offer(self, read: Callable[[], Sequence[Persona]]) -> None:
        """Takes what returns the personas; asked whenever the menu opens."""
        self._read = read

    def show_persona(self, persona: Persona) -> None:
        """Says who answers."""
        self._current = persona.id
        self.setText(short_name(persona.name, _SHORT).replace("&", "&&"))
        self.setAccessibleName(self.tr("Persona: {name}").format(name=persona.name))
        self.setToolTip(plain_tip(self.tr("Who answers in this conversation: {name}").format(name=persona.name)))
        self.show()

    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        group = QActionGroup(menu)
        for persona in self._read():
            name = short_name(persona.name).replace("&", "&&")
            action = add_action(menu, name, partial(self.chosen.emit, persona.id))
            action.setCheckable(True)
            action.setChecked(persona.id == self._current)
            group.addAction(action)
        menu.addSeparator()
        add_action(menu, self.tr("Personas…"), self.personasRequested.emit)
