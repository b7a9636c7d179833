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
# Bytes that are looked at. UTF-8 is told by the first of them, the others by how often what occurs in them.
_SAMPLE: Final = 256 * 1024
# What people's files are in; the others that charset-normalizer knows are mistaken for these more often than met.
_CANDIDATES: Final = (
    "gb18030", "big5", "cp932", "shift_jis", "euc_jp", "cp949", "euc_kr", "cp1252", "cp1251", "cp1250", "koi8_r",
)  # fmt: skip
# Of bytes in a text of Europe, every second is 0 in UTF-16; in Chinese, few are, but all line feeds are.
_ZEROS: Final = 0.2
# Control characters but tab, line feed, form feed, carriage return, escape: nobody writes those.
_CONTROLS: Final = bytes(set(range(32)) - {9, 10, 12, 13, 27})
_MOST_CONTROLS: Final = 0.02


@dataclass(frozen=True)
class Encoding:
    """An encoding.

    Attributes:
        name: As Python calls it.
        is_guess: Nothing says so but the text that comes of it.
    """

    name: str
    is_guess: bool


def encoding_of(start: bytes, is_whole: bool) -> Encoding | None:
    """Returns the encoding of a text; None: it is no text.

    Args:
        start: Its first bytes, many of them.
        is_whole: There are no more; else the last character may be cut.
    """
    for mark, name in _MARKS:
        if start.startswith(mark):
            return Encoding(name, is_guess=False)
    if (wide := _utf_16(start[:_SAMPLE])) is not None:
        return Encoding(wide, is_guess=True)
    if _has_controls(start):
        return None
    if _decodes(start, "utf-8", is_whole):
        return Encoding("utf-8", is_guess=False)
    return _guess(start[:_SAMPLE])


def _utf_16(sample: bytes) -> str | None:
    """Returns which UTF-16 without a mark it is: by line feeds, spaces and letters of ASCII among wide characters."""
    pairs = len(sample) // 2
    if pairs < 2:
        return None
    even, odd = sample[0 : 2 * pairs : 2], sample[1 : 2 * pairs : 2]
    for name, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        zeros = high.count(0)
        if not zeros or low.count(0) > zeros / 50 or _has_controls(bytes(b for a, b in zip(high, low, strict=True) if not a)):
            continue
        if zeros / pairs > _ZEROS or _is_wide_text(sample[: 2 * pairs], name):
            return name
    return None


def _is_wide_text(sample: bytes, name: str) -> bool:
    """Tells whether nearly all characters are of the scripts that a text in so few bytes of ASCII would be in."""
    try:
        text = codecs.getincrementaldecoder(name)().decode(sample, False)
    except UnicodeDecodeError:
        return False
    likely = sum(char < "\u0080" or "\u3000" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3"
                 or "\uff00" <= char <= "\uffef" or "\u0370" <= char <= "\u06ff" for char in text)  # fmt: skip
    return likely >= 0.95 * len(text)


def _has_controls(sample: bytes) -> bool:
    return len(sample) - len(sample.translate(None, _CONTROLS)) > _MOST_CONTROLS * len(sample)


def _decodes(start: bytes, name: str, is_whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(start, is_whole)
    except UnicodeDecodeError:
        return False
    return True


def _guess(sample: bytes) -> Encoding | None:
    from charset_normalizer import from_bytes

    # A character that is cut at the end must not speak against an encoding.
    whole = sample[: sample.rfind(b"\n") + 1] or sample
    best = from_bytes(whole, cp_isolation=list(_CANDIDATES), threshold=0.4, enable_fallback=False).best()
    name = best.encoding if best is not None else "cp1252"
    # The tables of Windows differ in letters that only few languages have; what is English or French is 1252.
    if name == "cp1250" and _decodes(whole, "cp1252", True):
        name = "cp1252"
    return Encoding({"shift_jis": "cp932", "euc_kr": "cp949"}.get(name, name), is_guess=True)
