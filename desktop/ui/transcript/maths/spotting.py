"""Where formulas are in a text. Pure functions.

``\\(...\\)``, ``\\[...\\]`` and ``$$...$$`` are formulas where what is within can be one: the first two are also how
CommonMark writes brackets that are no link. ``$...$`` is one only where it cannot be a price.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# Longer ones are not looked for: a sign that was never meant to open a formula must cost nothing.
_LONGEST = 2_000
_COMMAND = re.compile(r"\\[a-zA-Z]+")
_SAYS_MATHS = re.compile(r"\\[a-zA-Z{},;:!|\\]|[\^_=<>+\u2200-\u22ff]|\d")
_WORDS = re.compile(r"[^\W\d_]{3,}\s+[^\W\d_]{2,}|[\u2e80-\u9fff]{4,}")
_A_WORD = re.compile(r"[^\W\d_]{2,}")
_TEXT = re.compile(r"\\(?:text|mathrm|operatorname|mbox|textbf|textit)\*?\{[^{}]*\}")
_ENVIRONMENT = re.compile(r"\\begin\{([a-zA-Z]+\*?)\}")
# What stands by itself in LaTeX, without any sign around it.
_DISPLAYED = frozenset(
    {"align", "align*", "aligned", "alignat", "alignat*", "cases", "equation", "equation*", "gather", "gather*"}
    | {
        "gathered",
        "matrix",
        "pmatrix",
        "bmatrix",
        "Bmatrix",
        "vmatrix",
        "Vmatrix",
        "multline",
        "multline*",
        "split",
        "array",
    }
)
_PAIRS: Final = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}


@dataclass(frozen=True)
class InlineFormula:
    """A formula within a line.

    Attributes:
        tex: What is to be shown.
        end: Where it ends in the text, with what closes it.
        display: It is written to stand by itself.
    """

    tex: str
    end: int
    display: bool


@dataclass(frozen=True)
class BlockFormula:
    """A formula that stands by itself.

    Attributes:
        tex: What is to be shown.
        lines: How many lines it takes.
    """

    tex: str
    lines: int


def inline_formula(text: str, start: int) -> InlineFormula | None:
    """Returns the formula that begins at a position; None: none does.

    Args:
        text: A paragraph.
        start: Where a dollar sign or a backslash is.
    """
    opening = text[start : start + 2]
    if opening in _PAIRS:
        end = _closing(text, start + 2, _PAIRS[opening])
        tex = text[start + 2 : end].strip() if end >= 0 else ""
        if not tex or not can_be_maths(tex):
            return None
        return InlineFormula(tex, end + 2, opening != "\\(")
    if opening.startswith("$"):
        return _between_dollars(text, start)
    if (name := _ENVIRONMENT.match(text, start)) and name[1] in _DISPLAYED:
        closing = f"\\end{{{name[1]}}}"
        end = text.find(closing, name.end(), start + _LONGEST)
        if end >= 0:
            return InlineFormula(text[start : end + len(closing)], end + len(closing), True)
    return None


def unfinished_formula(text: str, start: int) -> int:
    """Returns where a formula ends that begins at a position and is not closed: it is shown as it is written.

    Args:
        text: A paragraph.
        start: Where a dollar sign or a backslash is.

    Returns:
        0: None begins there.
    """
    opening = text[start : start + 2]
    name = _ENVIRONMENT.match(text, start)
    if opening not in _PAIRS and not (name and name[1] in _DISPLAYED):
        return 0
    end = len(text)
    if opening == "\\(":
        end = text.find("\n", start) if "\n" in text[start:] else end
    rest = text[start + 2 : end]
    if opening in _PAIRS and _closing(text, start + 2, _PAIRS[opening]) >= 0:
        return 0
    is_maths = re.search(r"\\[a-zA-Z]|[\^_=]", rest) is not None and "](" not in rest
    return end if name or is_maths else 0


def block_formula(lines: Sequence[str]) -> BlockFormula | None:
    """Returns the formula that begins with the first of some lines and has its lines for itself; None: none does.

    Args:
        lines: Up to the next empty one.
    """
    name = _ENVIRONMENT.match(lines[0])
    if name and name[1] in _DISPLAYED:
        opening, closing = "", f"\\end{{{name[1]}}}"
    elif lines[0][:2] in ("$$", "\\["):
        opening, closing = lines[0][:2], _PAIRS[lines[0][:2]]
    else:
        return None
    tex = ""
    for number, line in enumerate(lines):
        body = line[len(opening) :] if number == 0 else line
        before, found, after = body.partition(closing)
        tex += before + "\n"
        if len(tex) > _LONGEST:
            return None
        if found:
            # A full stop behind it is the sentence's, and is shown with it.
            if after.strip(" \t.,;:\u3002\uff0c"):
                return None
            tex = f"{tex.strip()}{closing if not opening else ''}"
            return BlockFormula(tex + after.strip(), number + 1) if can_be_maths(tex) else None
    return None


def can_be_maths(tex: str) -> bool:
    """Tells whether what stands between the marks of a formula can be one, and not words in brackets."""
    if re.search(r"\w", tex) is None:
        return False
    plain = _COMMAND.sub(" ", _TEXT.sub(" ", tex))
    if _WORDS.search(plain) and not _COMMAND.search(tex):
        return False
    if "](" in tex:
        return False
    return _SAYS_MATHS.search(tex) is not None or _A_WORD.search(plain) is None or plain.strip().isupper()


def _between_dollars(text: str, start: int) -> InlineFormula | None:
    first = text[start + 1 : start + 2]
    if not first or first.isspace() or first == "$":
        return None
    if start and (text[start - 1] in "\\$" or (text[start - 1].isascii() and text[start - 1].isalnum())):
        return None
    end = _closing(text, start + 1, "$")
    if end < 0 or text[end - 1].isspace() or re.match(r"[a-zA-Z0-9]", text[end + 1 : end + 2]):
        return None
    tex = text[start + 1 : end]
    if "\n\n" in tex or "`" in tex or not _is_surely_maths(tex):
        return None
    return InlineFormula(tex, end + 1, False)


def _is_surely_maths(tex: str) -> bool:
    plain = _COMMAND.sub(" ", _TEXT.sub(" ", tex))
    has_words = _A_WORD.search(plain) is not None
    if re.match(r"[\d.,]+\s*[^\W\d_]{2,}|[\d.,]+\s*[-\u2013/]\s*$", tex):
        return False  # a price, and what it is for
    if _COMMAND.search(tex) or re.search(r"[\^_]", tex):
        return not _WORDS.search(plain) or "\\" in tex
    if has_words:
        return False
    return re.fullmatch(r"[\w\s+\-*/=<>()\[\],.!|'\u00b1-\u00f7\u0370-\u03ff\u2200-\u22ff{}:]+", tex) is not None


def _closing(text: str, start: int, mark: str) -> int:
    """Returns where a formula is closed; -1: nowhere. A backslash before a dollar sign or a backslash escapes it."""
    at, end = start, min(len(text), start + _LONGEST)
    while at < end:
        if text.startswith(mark, at):
            return at
        at += 2 if text[at] == "\\" and not (mark[0] == "\\" and text.startswith(mark, at)) else 1
    return -1
