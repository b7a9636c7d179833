"""What is said of a line of Markdown: its words without the marks, and of code and links only that they are there.

The words for these are in the language of the sentence that they stand in, whatever language Catnap's own words have.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from desktop.common.text.language import CHINESE, ENGLISH, language_of
from desktop.speech.formula_words import formula_words

CODE, LINK, FORMULA = "code", "link", "formula"
# Said by the voice of the text, so not by Catnap's own language: a Chinese voice reads an English word badly.
_NAMES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        ENGLISH: MappingProxyType({CODE: "Code.", LINK: "link", FORMULA: "formula"}),
        CHINESE: MappingProxyType({CODE: "代码。", LINK: "链接", FORMULA: "公式"}),
    }
)
_RULE = re.compile(r"\s*(?:[-*_=][ \t]*){3,}$|\s*-{2,}\s*$|\s*={2,}\s*$")
_TABLE_RULE = re.compile(r"[\s|:\-]+$")
_DEFINITION = re.compile(r"\s*\[[^\]]+\]:\s*\S+.*$")
_BLOCK_MARKS = re.compile(r"^\s*(?:>\s?)*\s*(?:#{1,6}(?:\s+|$)|[-*+\u2022]\s+(?:\[[ xX]\]\s+)?)?")
_CLOSING_HASHES = re.compile(r"\s+#+\s*$")
_CODE_SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_IMAGE_OR_LINK = re.compile(
    r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\](?:\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)|\[[^\]]*\])"
)
_FOOTNOTE = re.compile(r"\[\^[^\]]*\]")
# Also without "https://": a name with a path, or one that begins with www. Chinese marks end an address.
_ADDRESS = re.compile(
    r"<?(?:[a-z][a-z0-9+.-]{1,15}://|www\.|mailto:)[^\s<>()\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\"'`]+"
    r"(?:\([^\s()]*\)[^\s<>()\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\"'`]*)*>?",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_EMPHASIS = re.compile(r"(?<!\d)\*{1,3}(?=\S)|(?<=\S)\*{1,3}(?!\d)|~~|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)")
# Pictures and signs that a voice would spell out, or read as their names of half a dozen words.
_PICTURES = re.compile(
    "[\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff\ufe0f\u200d\u20e3"
    "\U0001f000-\U0001faff\U000e0020-\U000e007f]+"
)
_LOOSE_MARK = re.compile(r"\s+([.,;:!?。，；：！？])(?=\s|$)")
_PARKED = "\ue000{0}\ue001"  # of the private use area: stands for what must not be changed any more
_PARKED_AGAIN = re.compile("\ue000(\\d+)\ue001")


class Formula(Protocol):
    """A formula within a line: desktop/ui/transcript/maths/spotting.py finds it, the tests have their own.

    Attributes:
        tex: What it is made of.
        end: Where it ends in the text, with what closes it.
    """

    @property
    def tex(self) -> str: ...
    @property
    def end(self) -> int: ...


FindFormula = Callable[[str, int], Formula | None]


def named(what: str, language: str) -> str:
    """Returns what is said instead of something that cannot be read out, in a language."""
    return _NAMES.get(language, _NAMES[ENGLISH])[what]


def spoken(line: str, find_formula: FindFormula, before: str = ENGLISH) -> str:
    """Returns the words of a sentence, or of a line; empty: there is nothing to say.

    Args:
        line: Markdown, one sentence or one line of a list, a table or a heading.
        find_formula: Returns the formula that begins where a dollar sign or a backslash is.
        before: The language of the sentence before.
    """
    if _RULE.match(line) or _DEFINITION.match(line):
        return ""
    text = _BLOCK_MARKS.sub("", line, count=1)
    text = _CLOSING_HASHES.sub("", text)
    if "|" in text and text.strip().startswith("|"):
        if _TABLE_RULE.match(text):
            return ""
        text = ", ".join(cell.strip() for cell in text.strip().strip("|").split("|") if cell.strip())
    language = language_of(_ADDRESS.sub("", text), before)
    parked: list[str] = []

    def park(words: str) -> str:
        parked.append(words)
        return _PARKED.format(len(parked) - 1)

    text = re.sub("[\ue000\ue001]", "", text)
    text = _CODE_SPAN.sub(lambda found: park(found[2].replace("_", " ")), text)
    text = _without_formulas(text, find_formula, lambda tex: park(_formula(tex, language)))
    text = _ADDRESS.sub(lambda found: park(_address(found[0], language)), _IMAGE_OR_LINK.sub(r"\1", text))
    text = html.unescape(_TAG.sub(" ", _FOOTNOTE.sub("", text)))
    text = _ESCAPE.sub(lambda found: park(found[1]), text)
    text = _EMPHASIS.sub("", text).replace("_", " ")
    text = _PICTURES.sub(" ", text)
    text = _PARKED_AGAIN.sub(lambda found: parked[int(found[1])], text)
    text = _LOOSE_MARK.sub(r"\1", " ".join(_PARKED_AGAIN.sub("", text).split()))
    return text if any(character.isalnum() for character in text) else ""


def _without_formulas(text: str, find: FindFormula, say: Callable[[str], str]) -> str:
    parts: list[str] = []
    at = 0
    while at < len(text):
        found = find(text, at) if text[at] in "$\\" else None
        if found is not None:
            parts.append(f" {say(found.tex)} ")
            at = found.end
        else:
            step = 2 if text[at] == "\\" else 1
            parts.append(text[at : at + step])
            at += step
    return "".join(parts)


def _formula(tex: str, language: str) -> str:
    return formula_words(tex, language) or named(FORMULA, language)


def _address(address: str, language: str) -> str:
    """Returns what is said of an address; the mark that ends the sentence is not part of it."""
    mark = address[-1] if address[-1] in ".,;:!?" else ""
    return named(LINK, language) + mark
