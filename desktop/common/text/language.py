"""Which language a text is in: by its script, and Latin letters by common words. Pure functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

CHINESE: Final = "zh"
ENGLISH: Final = "en"

# A script that one language is written in, or that is mostly met in it; kana and hangul come before the ideographs
# that stand among them.
SCRIPTS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "ja": re.compile(r"[\u3040-\u30ff]"),
        "ko": re.compile(r"[\uac00-\ud7af\u1100-\u11ff]"),
        CHINESE: re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]"),
        "ru": re.compile(r"[\u0400-\u04ff]"),
        "el": re.compile(r"[\u0370-\u03ff]"),
        "he": re.compile(r"[\u0590-\u05ff]"),
        "ar": re.compile(r"[\u0600-\u06ff]"),
        "hi": re.compile(r"[\u0900-\u097f]"),
        "th": re.compile(r"[\u0e00-\u0e7f]"),
    }
)
LATIN_WORD: Final = re.compile(r"[A-Za-z\u00c0-\u024f]+")
# fmt: off
# Words that make up a good part of any text in a language and are rare in the others.
_COMMON_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        ENGLISH: frozenset((
            "the", "and", "is", "are", "of", "to", "it", "this", "that", "with", "you", "can", "for",
            "not", "was", "be", "have", "what", "how", "why", "who", "where", "when", "which", "does",
            "my", "your", "from", "would", "should", "could", "there", "their", "they", "has", "about",
        )),
        "de": frozenset((
            "der", "das", "und", "ist", "nicht", "ein", "eine", "sie", "mit", "auf", "für", "auch", "von",
            "dem", "wird", "sind", "ich", "wie",
        )),
        "fr": frozenset((
            "le", "les", "des", "est", "et", "une", "dans", "pour", "que", "qui", "pas", "vous", "avec",
            "sur", "au", "ce", "sont", "nous",
        )),
        "es": frozenset((
            "el", "los", "las", "es", "y", "una", "para", "con", "por", "no", "que", "del", "se", "como",
            "más", "está", "son", "pero",
        )),
        "it": frozenset((
            "il", "gli", "è", "di", "che", "una", "per", "non", "con", "sono", "della", "del", "più",
            "come", "anche", "questo",
        )),
        "pt": frozenset((
            "o", "os", "as", "é", "e", "uma", "para", "com", "não", "que", "do", "da", "em", "mais",
            "como", "são", "você", "isso",
        )),
    }
)
# fmt: on
# The language of a text shows in its beginning.
_LOOKED_AT: Final = 4000
_WORD: Final = re.compile(r"[^\W\d_]+")
# An ideograph is about half a word: a text is Chinese whose ideographs outweigh its other words, and that has no more
# than an eighth of kana and hangul.
_IDEOGRAPHS_PER_WORD: Final = 2
_MOST_OTHERS: Final = 8
# A word of ideographs counts as much as this many Latin letters: "用 Python 写" is Chinese, "the sign 猫" is not.
_LETTERS_PER_IDEOGRAPH = 4


def language_of(text: str, before: str = ENGLISH) -> str:
    """Returns the language of a sentence as a code of two letters.

    Args:
        text: The sentence.
        before: That of the sentence before, for one that tells nothing, such as a number.
    """
    words = [word.lower() for word in LATIN_WORD.findall(text)]
    letters = sum(map(len, words))
    for language, script in SCRIPTS.items():
        found = len(script.findall(text))
        weight = _LETTERS_PER_IDEOGRAPH if language in (CHINESE, "ja", "ko") else 1
        if found and found * weight >= letters:
            return language
    if not words:
        return before
    counts = common_words(words)
    best = max(counts.values())
    if not best:
        return before if before in _COMMON_WORDS else ENGLISH
    if counts.get(before) == best:
        return before
    return next(language for language, count in counts.items() if count == best)


def common_words(words: Iterable[str]) -> dict[str, int]:
    """Returns how many of the words are common ones of each language that is written in Latin letters.

    Args:
        words: In small letters.
    """
    counted = Counter(words)
    return {language: sum(counted[word] for word in common) for language, common in _COMMON_WORDS.items()}


def is_chinese(text: str) -> bool:
    """Tells whether a text is mostly Chinese: names in it may be in other letters. Japanese and Korean are not."""
    start = text[:_LOOKED_AT]
    ideographs = len(SCRIPTS[CHINESE].findall(start))
    others = sum(len(SCRIPTS[language].findall(start)) for language in ("ja", "ko"))
    if not ideographs or others * _MOST_OTHERS > ideographs:
        return False
    words = len(_WORD.findall(SCRIPTS[CHINESE].sub(" ", start)))
    return ideographs >= words * _IDEOGRAPHS_PER_WORD
