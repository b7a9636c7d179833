"""What the report says, in English and Chinese: ``resources/student/report.json``, since the core knows no Qt.

Words of the function check are those of ``resources/translations``; a test holds both against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from desktop.check.types import KIND_NAMES, LANGUAGE_NAMES, Kind, Language
from desktop.common.json_file import read_json
from desktop.common.paths import shipped

LANGUAGES: Final = ("en", "zh")
FILE: Final = "resources/student/report.json"

_KINDS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.QUESTIONS: "中文问答",
        Kind.ARITHMETIC: "算术",
        Kind.PYTHON: "Python",
        Kind.TABLES: "表格",
        Kind.FACTS: "从文中找事实",
        Kind.LONG_TEXT: "长文",
        Kind.JSON: "JSON",
        Kind.INSTRUCTIONS: "按要求作答",
        Kind.RATED: "您点踩的回答",
    }
)
_LANGUAGE_NAMES: Final[Mapping[Language, str]] = MappingProxyType({Language.ENGLISH: "英语", Language.CHINESE: "中文"})


class Wording:
    """The words in one language."""

    def __init__(self, language: str) -> None:
        """
        Args:
            language: One of :data:`LANGUAGES`.

        Raises:
            FileNotFoundError: The words did not come with the program.
        """
        self.language = language
        self._words: Mapping[str, Mapping[str, str]] = read_json(shipped(FILE))

    def say(self, key: str, **values: object) -> str:
        """Returns a sentence or a word, not escaped."""
        return self._words[key][self.language].format(**values)

    def kind(self, kind: Kind) -> str:
        """Returns what an ability is called."""
        return _KINDS[kind] if self.language == "zh" else KIND_NAMES[kind]

    def spoken(self, language: Language) -> str:
        """Returns what a language is called."""
        return _LANGUAGE_NAMES[language] if self.language == "zh" else LANGUAGE_NAMES[language]
