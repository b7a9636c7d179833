"""The words of a text as they are looked for: English stems, pairs of Chinese characters, numbers, identifiers.

SQLite's own tokenizers know no Chinese words ("unicode61" found none of 20 answers), and three letters at a time
("trigram") find less in both languages; a dictionary of Chinese words (jieba, 70 MB of memory) finds no more than
pairs do. Pure functions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from desktop.common.text.matching import narrow
from desktop.documents.passages import function_words

# Scripts that are written without spaces between words, or whose words change at their ends: CJK ideographs with the
# sign for "again", kana, Hangul, Thai to Khmer.
_UNSPACED: Final = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\uac00-\ud7af"
    "\u0e01-\u0e4e\u0e81-\u0ecd\u1000-\u104f\u1780-\u17d3\U00020000-\U0003fffd"
)
_RUNS: Final = re.compile(f"([{_UNSPACED}]+)")
# Lines are broken anywhere in Chinese, and behind a hyphen in English.
_BROKEN_RUN: Final = re.compile(f"(?<=[{_UNSPACED}])[ \t]*\n[ \t]*(?=[{_UNSPACED}])")
_BROKEN_WORD: Final = re.compile(r"(?<=[^\W\d_])-\n[ \t]*(?=[^\W\d_])")
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# A word, or several that signs hold together: foo_bar, e-mail, 3.14, C++.
_WORD: Final = re.compile(r"[^\W_]+(?:[-._'\u2019]+[^\W_]+)*(?:\+\+|#)?")
_SIGNS: Final = re.compile(r"[-._'\u2019]+")
_POSSESSIVE: Final = re.compile(r"['\u2019][sS]$")
_HUMPS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)*")
# Longer ones are no words: keys, addresses, lines of a picture in letters.
_LONGEST: Final = 64

_VOWEL: Final = re.compile("[aeiouy]")
# What makes another word of a word, each with what stands for it; the first that fits, and leaves three letters.
_SUFFIXES: Final = (
    *(("ization", "iz"), ("isation", "iz"), ("ational", "at"), ("fulness", ""), ("ousness", "ous"), ("ability", "")),
    *(("ibility", ""), ("iveness", ""), ("ication", "ic"), ("ations", ""), ("ation", ""), ("ators", ""), ("ator", "")),
    *(("ments", ""), ("ment", ""), ("ness", ""), ("able", ""), ("ible", ""), ("ally", ""), ("ions", ""), ("ion", "")),
    *(("ive", ""), ("ily", "i"), ("ly", ""), ("ful", ""), ("ers", ""), ("ors", ""), ("er", ""), ("or", ""), ("al", "")),
)


def words_of(text: str, stems: dict[str, str] | None = None) -> list[str]:
    """Returns the words of a text in their order, each as often as it stands there.

    Args:
        text: Of any length and in any language.
        stems: Kept from one call to the next, it saves working them out again.
    """
    known = {} if stems is None else stems
    found: list[str] = []
    for place, piece in enumerate(_RUNS.split(_joined(text))):
        if place % 2:
            found += piece  # one alone is a word too, and may be all that a question has: 茶多少钱
            found += _pairs(piece)
        else:
            for match in _WORD.finditer(piece):
                found += _forms(match.group(), known)
    return found


def content_words_of(text: str) -> tuple[str, ...]:
    """Returns the words of a question that say what it is about, each once; all of them where none does."""
    found: dict[str, None] = {}
    for place, piece in enumerate(_RUNS.split(_joined(text))):
        if place % 2:
            for run in function_words.CHINESE.split(piece):
                found |= dict.fromkeys(_pairs(run) if len(run) > 1 else run)
        else:
            for match in _WORD.finditer(piece):
                if match.group().lower() not in function_words.ENGLISH:
                    found |= dict.fromkeys(_forms(match.group(), {}))
    return tuple(found) or tuple(dict.fromkeys(words_of(text)))


def stem(word: str) -> str:
    """Returns what an English word has in common with its other forms: "installs", "installed", "installation"."""
    if len(word) < 3 or not word.isascii() or not word.isalpha():
        return word
    word = _without_ending(_singular(word)) if len(word) > 3 else word
    for suffix, instead in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and _VOWEL.search(word[: -len(suffix)]):
            word = word[: -len(suffix)] + instead
            break
    if len(word) > 2 and (word[-1] == "e" or (word[-1] == word[-2] and word[-1] not in "ls")):
        word = word[:-1]
    return word[:-1] + "i" if len(word) > 2 and word[-1] == "y" else word


def _joined(text: str) -> str:
    """Returns a text in letters of the usual width, without breaks within words."""
    text = narrow(text)
    if "\n" in text:
        text = _BROKEN_WORD.sub("-", _BROKEN_RUN.sub("", text))
    return _THOUSANDS.sub("", text) if "," in text else text


def _pairs(run: str) -> Iterator[str]:
    for place in range(len(run) - 1):
        yield run[place : place + 2]


def _forms(word: str, stems: dict[str, str]) -> Iterator[str]:
    """Yields the word; the words it is made of and, joined, the whole, where several are held together."""
    if len(word) > _LONGEST:
        return
    word = _POSSESSIVE.sub("", word)
    if word.isalpha() and (word.islower() or word[1:].islower() or word.isupper()):
        yield _stem_of(word.lower(), stems)
        return
    if _NUMBER.fullmatch(word):
        yield word
        if "." in word:
            yield from (piece for piece in word.split(".") if len(piece) > 1)
        return
    if word[-1] in "+#":
        yield word.lower()
        return
    pieces = [each for piece in _SIGNS.split(word) for each in _HUMPS.split(piece)]
    if len(pieces) > 1:
        yield "".join((*pieces[:-1], _stem_of(pieces[-1].lower(), stems))).lower()
    for piece in pieces:
        if len(piece) > 1 or len(pieces) == 1:
            yield _stem_of(piece.lower(), stems)


def _stem_of(word: str, stems: dict[str, str]) -> str:
    known = stems.get(word)
    if known is None:
        plain = word if word.isascii() else _without_accents(word)
        known = stems[word] = stem(plain)
    return known


def _without_accents(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word)
    return "".join(char for char in plain if not unicodedata.combining(char))


def _singular(word: str) -> str:
    if not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes", "zes")) else word[:-1]


def _without_ending(word: str) -> str:
    """Returns a word without -ing or -ed, and what these have doubled."""
    for ending in ("ing", "ed"):
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(rest) >= 2 and _VOWEL.search(rest):
            if len(rest) > 3 and rest[-1] == rest[-2] and rest[-1] not in "lsz":
                return rest[:-1]
            return rest
    return word
