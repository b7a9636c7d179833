"""Gives every label of a page a letter of its own to be reached by Alt. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from string import ascii_uppercase


def mnemonic_of(text: str) -> str | None:
    """Returns the upper-case letter marked in ``text``, or None."""
    plain = text.replace("&&", "")
    at = plain.find("&")
    return plain[at + 1].upper() if 0 <= at < len(plain) - 1 else None


def plain(text: str) -> str:
    """Returns the words of a label or menu entry without the mark of its letter, also one appended in brackets."""
    return (
        re.sub(r"\(&\w\)", "", text).replace("&&", "\0").replace("&", "").replace("\0", "&").removesuffix("…").strip()
    )


def with_mnemonics(texts: Iterable[tuple[str, str]], taken: Iterable[str] = ()) -> list[str]:
    """Returns the texts with one letter each marked, none of them twice.

    Args:
        texts: Pairs of a text to show and a fallback (a key, in ASCII) whose letters serve for a text without any, as
            in Chinese, where the letter is appended in brackets.
        taken: Letters in use elsewhere on the same page.
    """
    used = {letter.upper() for letter in taken}
    return [_marked(text, fallback, used) for text, fallback in texts]


def _marked(text: str, fallback: str, used: set[str]) -> str:
    starts = [at for at in range(len(text)) if at == 0 or text[at - 1] == " "]
    for at in [*starts, *range(len(text))]:
        letter = text[at].upper()
        if letter in ascii_uppercase and letter not in used:
            used.add(letter)
            return f"{_escaped(text[:at])}&{_escaped(text[at:])}"
    for letter in [*fallback.upper(), *ascii_uppercase]:
        if letter in ascii_uppercase and letter not in used:
            used.add(letter)
            return f"{_escaped(text)}(&{letter})"
    return _escaped(text)


def _escaped(text: str) -> str:
    return text.replace("&", "&&")
