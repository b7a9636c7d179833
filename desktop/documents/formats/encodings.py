"""Which encoding the bytes of a text are in: what they say themselves, else what they can only be, else a guess."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Final

# In this order: the mark of UTF-32 begins as that of UTF-16 does.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Bytes that are looked at for a guess.
_SAMPLE: Final = 256 * 1024
# Control characters but tab, line feed, form feed, carriage return, escape: nobody writes those.
_CONTROLS: Final = bytes(sorted({*range(32)} - {9, 10, 12, 13, 27}))
_MOST_CONTROLS: Final = 0.02
_MOST_ODD_CHARACTERS: Final = 0.1
_LEAST_COMMON: Final = 0.9


@dataclass(frozen=True)
class Encoding:
    """An encoding.

    Attributes:
        name: As Python calls it.
        is_guess: Nothing says so but the text that comes of it.
    """

    name: str
    is_guess: bool


@dataclass(frozen=True)
class _EastAsian:
    """An encoding with two bytes for each character of a script.

    Attributes:
        name: As Python calls the widest form of it.
        standard: The national standard inside it.
        common: First bytes there of signs, syllables and of the characters that were thought to be the common ones,
            which the standards have before the rare ones. A text in another encoding has as many rare ones.
        least: Characters that it takes to tell it from one that shares all its bytes.
        needs_kana: A text without any is in another one.
    """

    name: str
    standard: str
    common: frozenset[int]
    least: int = 1
    needs_kana: bool = False


# Those that share their bytes with others come after those that use fewer of them.
_EAST_ASIAN: Final = (
    _EastAsian("cp949", "euc_kr", frozenset((*range(0xA1, 0xA4), *range(0xB0, 0xC9))), least=16),
    _EastAsian("euc_jp", "euc_jp", frozenset((*range(0xA1, 0xA6), *range(0xB0, 0xD0))), needs_kana=True),
    _EastAsian("cp932", "shift_jis", frozenset((*range(0x81, 0x84), *range(0x88, 0x99)))),
    _EastAsian("gb18030", "gb2312", frozenset((*range(0xA1, 0xA4), *range(0xB0, 0xD8)))),
    _EastAsian("cp950", "big5", frozenset(range(0xA1, 0xC7))),
)
# Others that people's files are in; the rest of what charset-normalizer knows is mistaken for these more often than
# met.
_SINGLE_BYTES: Final = ("cp1252", "cp1251", "cp1250", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256")


def encoding_of(start: bytes, is_whole: bool) -> Encoding | None:
    """Returns the encoding of a text; None: it is no text.

    Args:
        start: Its first bytes, many of them.
        is_whole: There are no more; else the last character may be cut.
    """
    for mark, name in _MARKS:
        if start.startswith(mark):
            return Encoding(name, is_guess=False)
    if 0 in start[:_SAMPLE]:  # every line feed has one in UTF-16, and nothing else has any
        return _utf_16(start[:_SAMPLE])
    if _has_controls(start):
        return None
    if _decoded(start, "utf-8", is_whole) is not None:
        return Encoding("utf-8", is_guess=False)
    # A character that is cut at the end must not speak against an encoding.
    sample = start[:_SAMPLE]
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    best = max(_EAST_ASIAN, key=lambda each: _share_of_common(sample, each))
    if _share_of_common(sample, best) >= _LEAST_COMMON:
        return Encoding(best.name, is_guess=True)
    return _single_bytes(sample)


def _utf_16(sample: bytes) -> Encoding | None:
    """Returns which UTF-16 without a mark it is; None: it is no text."""
    sample = sample[: len(sample) // 2 * 2]
    found = {name: _share_of_likely(_decoded(sample, name, False) or "") for name in ("utf-16-le", "utf-16-be")}
    best = max(found, key=lambda name: found[name])
    return Encoding(best, is_guess=True) if found[best] > 1 - _MOST_ODD_CHARACTERS else None


def _share_of_likely(text: str) -> float:
    """Returns the share of characters of the scripts that are written most: half of all others are none at all."""

    def is_likely(char: str) -> bool:
        return (
            " " <= char <= "\u06ff" or char in "\t\n\r" or "\u2000" <= char <= "\u206f"
            or "\u3000" <= char <= "\u30ff" or "\u4e00" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3"
            or "\uff00" <= char <= "\uffef"
        )  # fmt: skip

    return sum(map(is_likely, text)) / max(1, len(text))


def _share_of_common(sample: bytes, encoding: _EastAsian) -> float:
    """Returns the share of common characters among those that are not ASCII; 0: it is not in this encoding."""
    text = _decoded(sample, encoding.name, False)
    wide = [char for char in text or "" if char > "\x7f"]

    def is_common(char: str) -> bool:
        inside = char.encode(encoding.standard, "ignore")
        return len(inside) == 2 and inside[0] in encoding.common

    if len(wide) < encoding.least or (encoding.needs_kana and not any("\u3041" <= char <= "\u30ff" for char in wide)):
        return 0.0
    return sum(map(is_common, wide)) / len(wide)


def _has_controls(sample: bytes) -> bool:
    return len(sample) - len(sample.translate(None, _CONTROLS)) > _MOST_CONTROLS * len(sample)


def _decoded(sample: bytes, name: str, is_whole: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(name)().decode(sample, is_whole)
    except UnicodeDecodeError:
        return None


def _single_bytes(sample: bytes) -> Encoding | None:
    from charset_normalizer import from_bytes

    found = from_bytes(sample, cp_isolation=list(_SINGLE_BYTES), enable_fallback=False)
    best = found.best()
    if best is None:
        return None
    # The tables of Windows share most letters: what may be English or French as well as any other is 1252.
    western = next((each for each in found if each.encoding == "cp1252"), None)
    if western is not None and (western.chaos, -western.coherence) <= (best.chaos, -best.coherence):
        best = western
    return Encoding(best.encoding, is_guess=True)
