"""The language of the interface."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from desktop.ui.theme.icons import resource_path

_log = logging.getLogger(__name__)

# Languages there is a translation for; English is in the sources.
_ENGLISH: Final = (QLocale.Language.English, QLocale.Language.C)
_TRANSLATED: Final[Mapping[QLocale.Language, str]] = {QLocale.Language.Chinese: "zh_CN"}


def language_for(setting: str, system: QLocale) -> str:
    """Returns the language to use, ``"en"`` or ``"zh_CN"``.

    Args:
        setting: Value of the option ``language``: ``"system"``, or a language.
        system: The system's locale; any kind of Chinese gets the simplified one, which is the one we have.
    """
    if setting != "system":
        return setting
    preferred = [QLocale(name).language() for name in system.uiLanguages()] or [system.language()]
    return _TRANSLATED.get(preferred[0], "en")


def change_language(app: QCoreApplication, language: str) -> None:
    """Takes another language from now on: for every widget made afterwards, and for those that heed LanguageChange.

    Args:
        app: Owns the translators.
        language: Value of the option ``language``.
    """
    for child in app.children():
        if isinstance(child, QTranslator):
            app.removeTranslator(child)
            child.deleteLater()
    install_translator(app, language)


def date_locale() -> QLocale:
    """Returns by whose habits days are written: the system's, if that speaks the language of the interface.

    A weekday in English has no place in a Chinese window, whatever the system is set to, nor the other way round.
    """
    app, system = QCoreApplication.instance(), QLocale()
    languages = [child.language() for child in app.children() if isinstance(child, QTranslator)] if app else []
    own = next(filter(None, languages), "en")
    if own == "en":
        return system if system.language() in _ENGLISH else QLocale("en_GB")
    return system if system.language() is QLocale(own).language() else QLocale(own)


def every_translation() -> tuple[QTranslator, ...]:
    """Returns what the words of the sources are in each language that there is, whichever is that of the interface.

    One that is missing is left out.
    """
    found = []
    for language in _TRANSLATED.values():
        translator = QTranslator()
        try:
            if translator.load(str(resource_path(f"translations/catnap_{language}.qm"))):
                found.append(translator)
        except FileNotFoundError as problem:
            _log.warning("no translation: %s", problem)
    return tuple(found)


def install_translator(app: QCoreApplication, language: str) -> None:
    """Loads the translations of Catnap and of Qt's own buttons. Called before the first widget is made.

    A translation that is missing leaves the English words and a line in the log.

    Args:
        app: Owns the translators afterwards.
        language: Value of the option ``language``.
    """
    chosen = language_for(language, QLocale.system())
    if chosen == "en":
        return
    try:
        own = str(resource_path(f"translations/catnap_{chosen}.qm"))
    except FileNotFoundError as problem:
        _log.warning("no translation: %s", problem)
        return
    qt = f"{QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)}/qtbase_{chosen}.qm"
    for file in (qt, own):
        translator = QTranslator(app)
        if translator.load(file):
            app.installTranslator(translator)
        else:
            _log.warning("translation not readable: %s", file)
            translator.deleteLater()
