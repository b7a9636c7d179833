"""A formula of LaTeX as a tree of MathML (https://www.w3.org/TR/mathml-core/).

The library is imported with the first formula: it reads a table of 2,500 signs.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import Final
from xml.etree.ElementTree import Element

# Environments that the library does not know, by those that look the same; no equation is numbered here.
_ENVIRONMENTS: Final = {
    **dict.fromkeys(
        ("align", "align*", "aligned", "alignat", "alignat*", "alignedat", "eqnarray", "eqnarray*"), "split"
    ),
    **dict.fromkeys(("gather", "gather*", "gathered", "multline", "multline*"), "matrix"),
    **dict.fromkeys(("dcases", "rcases"), "cases"),
    **dict.fromkeys(("equation", "equation*", "displaymath", "math"), ""),
}
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([a-zA-Z]+\*?)\}(?:(?<=alignat\})\{\d+\}|(?<=alignat\*\})\{\d+\})?")
_UNSEEN = re.compile(r"\\(?:label\{[^{}]*\}|nonumber\b|notag\b|displaylimits\b|require\{[^{}]*\})")
_ROW_ROOM = re.compile(r"(\\\\)\s*\[-?\d*\.?\d+\s*[a-z]{2}\]")  # between lines: there is enough
_CHEMISTRY = re.compile(r"\\ce\{((?:[^{}]|\{[^{}]*\})*)\}")
_ARROWS: Final = (("<=>", r"\rightleftharpoons "), ("<->", r"\leftrightarrow "), ("->", r"\to "))
_PERCENT = re.compile(r"(?<!\\)%")
_KNOWN = frozenset(
    {"math", "mrow", "mstyle", "mpadded", "mphantom", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot"}
    | {"msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd", "menclose"}
)
_WORDS = frozenset({"mi", "mn", "mo", "mtext"})
# How many parts each of these has.
_PARTS: Final = {
    **dict.fromkeys(("mfrac", "mroot", "msub", "msup", "munder", "mover"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}
_LETTERS: Final = range(0x1D400, 0x1D800)  # mathematical letters, which few fonts have
_DOUBLE: Final = {
    "C": "\u2102",
    "H": "\u210d",
    "N": "\u2115",
    "P": "\u2119",
    "Q": "\u211a",
    "R": "\u211d",
    "Z": "\u2124",
}
_DEEPEST = 60


@lru_cache(maxsize=200)  # an answer that grows asks for the formulas of its last paragraph with each token
def formula_tree(tex: str) -> Element | None:
    """Returns a formula as a tree; None: it cannot be understood, and is to be shown as it is written.

    The text of each leaf is what is to be shown. The attribute ``mathvariant`` says in which letters; ``normal`` is
    upright. Nobody may change it.

    Args:
        tex: LaTeX without the signs around it.
    """
    tex = _PERCENT.sub(r"\\%", _ROW_ROOM.sub(r"\1", _UNSEEN.sub("", tex)))
    tex = re.sub(r"\\arg(?![a-zA-Z])", r"\\operatorname{arg}", _CHEMISTRY.sub(_as_chemistry, tex))
    tex = _ENVIRONMENT.sub(_known_environment, tex)
    try:
        from latex2mathml.converter import convert_to_element

        tree = convert_to_element(tex)
    except Exception:  # whatever it is: the library has errors of its own, and runs into others (IndexError, ...)
        return None
    return tree if _is_understood(tree, 0) else None


def leaf_text(leaf: Element) -> str:
    """Returns what a leaf of a tree says."""
    return leaf.text or ""


def _known_environment(found: re.Match[str]) -> str:
    known = _ENVIRONMENTS.get(found[2], found[2])
    return f"\\{found[1]}{{{known}}}" if known else ""


def _as_chemistry(found: re.Match[str]) -> str:
    """Returns the formula of a substance, or of a reaction, as LaTeX has it without its package mhchem."""
    body = re.sub(r"(?<=[A-Za-z)\]])(\d+)", r"_{\1}", found[1])
    body = re.sub(r"\^([0-9]*[+-])", r"^{\1}", body)
    for arrow, command in _ARROWS:
        body = body.replace(arrow, command)
    return f"\\mathrm{{{body}}}"


def _is_understood(node: Element, depth: int) -> bool:
    """Tells whether all of a tree can be shown, and makes the text of its leaves what is shown."""
    if depth > _DEEPEST or node.tag not in _KNOWN or len(node) != _PARTS.get(node.tag, len(node)):
        return False
    if node.tag in _WORDS:
        text = html.unescape(node.text or "")
        if "\\" in text and text != "\\":
            return False  # a command that the library does not know
        if text.strip() in ("{", "}") and node.get("stretchy") is None and node.tag == "mi":
            return False
        if len(text) == 1 and ord(text) in _LETTERS:
            text = _plain_letter(node, text)
        node.text = text
    return all(_is_understood(child, depth + 1) for child in node)


def _plain_letter(node: Element, letter: str) -> str:
    """Returns the letter that a mathematical one is made of, and notes how it looks."""
    name, plain = unicodedata.name(letter, ""), unicodedata.normalize("NFKC", letter)
    if "DOUBLE-STRUCK" in name:
        node.set("mathvariant", "bold")
        return _DOUBLE.get(plain, plain)
    if "BOLD" in name:
        node.set("mathvariant", "bold-italic" if "ITALIC" in name else "bold")
    elif "ITALIC" in name or "SCRIPT" in name:
        node.set("mathvariant", "italic")
    else:
        node.set("mathvariant", "normal")
    return plain
