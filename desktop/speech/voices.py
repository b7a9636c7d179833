"""Which of the voices that a system has reads a language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Names under which the voices of a language go where the system does not say its language: speech-dispatcher calls
# the Mandarin of espeak-ng "cmn", which Qt does not know and files under the language "C". Cantonese is no Mandarin.
_NAMES: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "zh": re.compile(r"mandarin|chinese|\bcmn\b|\bzh\b|普通话|中文|国语|國語", re.IGNORECASE),
        "en": re.compile(r"\benglish\b|\ben\b", re.IGNORECASE),
    }
)
_NOT = re.compile(r"cantonese|yue|hong kong|粤|粵|hakka|min nan", re.IGNORECASE)
_UNKNOWN = ("", "C", "POSIX")
# What most readers of a language expect, if the system does not say otherwise.
_PLACES: Mapping[str, str] = MappingProxyType({"zh": "CN", "en": "US", "pt": "BR", "de": "DE", "fr": "FR", "es": "ES"})


@dataclass(frozen=True)
class Voice:
    """A voice of the system.

    Attributes:
        name: What the system calls it.
        locale: Its language and country, ``zh_CN``; "C": the system does not say.
    """

    name: str
    locale: str


def speaks(locale: str, language: str) -> bool:
    """Tells whether voices of a locale may speak a language; of one that is not known the name has to tell."""
    return locale in _UNKNOWN or locale.replace("-", "_").partition("_")[0] == language


def best_voice(voices: Iterable[Voice], language: str, system: str = "") -> Voice | None:
    """Returns the voice that reads a language best; None: none does.

    Args:
        voices: What there is.
        language: Its code of two letters.
        system: The locale of the system, whose country is preferred.
    """
    fitting = [voice for voice in voices if _fits(voice, language)]
    language_here, _, place_here = system.partition("_")
    place = place_here if language_here == language and place_here else _PLACES.get(language, "")
    return min(fitting, key=lambda voice: _rank(voice, place), default=None)


def _fits(voice: Voice, language: str) -> bool:
    if not speaks(voice.locale, language):
        return False
    if language == "zh" and (_NOT.search(voice.name) or voice.locale.endswith("_HK")):
        return False
    if voice.locale in _UNKNOWN:
        name = _NAMES.get(language)
        return name is not None and name.search(voice.name) is not None
    return True


def _rank(voice: Voice, place: str) -> tuple[bool, bool, bool, bool]:
    """Returns what is least for the best: from here, said to be of the language, and as it was made.

    espeak-ng has each voice a hundred times, changed in tone: "English+Robert".
    """
    country = voice.locale.rpartition("_")[2] if "_" in voice.locale else ""
    return country != place, voice.locale in _UNKNOWN, "+" in voice.name, "latin" in voice.name.lower()
