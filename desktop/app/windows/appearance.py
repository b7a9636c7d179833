"""How everything on the screen looks and reads: theme, size of the text, language."""

from __future__ import annotations

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from desktop.personas.library import PersonaLibrary
from desktop.settings.options import Settings
from desktop.ui.language import change_language, language_for
from desktop.ui.theme.text_size import apply_text_size
from desktop.ui.theme.theme import apply_theme


class Appearance:
    """Changes it while the program runs."""

    def __init__(self, app: QApplication, personas: PersonaLibrary) -> None:
        """
        Args:
            app: The application.
            personas: Speak its language.
        """
        self._app = app
        self._personas = personas

    def on_settings(self, old: Settings, new: Settings) -> None:
        """Takes other settings."""
        if old.theme != new.theme:
            apply_theme(self._app, new.theme)
        if old.font_size != new.font_size:
            apply_text_size(self._app, new.font_size)

    def speak(self, language: str) -> None:
        """Puts a language in force: what is written from now on is in it, what is on the screen stays.

        Args:
            language: As the settings name it.
        """
        change_language(self._app, language)
        self._personas.speak(language_for(language, QLocale.system()))
