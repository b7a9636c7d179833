"""How the signs of formulas are set: which have room around them, which grow, and which letters are slanted."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

RELATIONS = frozenset(
    "=<>\u2260\u2264\u2265\u2248\u2261\u223c\u2243\u2245\u221d\u2208\u2209\u220b\u2282\u2283\u2286\u2287\u2284\u2285\u2288\u22a2\u22a8\u2223\u2225\u27c2\u22a5\u226a\u226b\u2254"
    "\u2190\u2191\u2192\u2193\u2194\u21d0\u21d2\u21d4\u21a6\u21a9\u21aa\u27f5\u27f6\u27f7\u27f8\u27f9\u27fa\u27fc\u2a7d\u2a7e\u225c\u2250\u227a\u227b"
)
BINARY = frozenset(
    "+-\u2212\u00b7\u00b1\u2213\u00d7\u00f7\u22c5\u2217*\u2218\u2219\u2229\u222a\u2216\u2227\u2228\u2295\u2296\u2297\u2298\u2299\u22c6"
)
# What has its limits above and below it where there is room.
WITH_LIMITS = frozenset("\u2211\u220f\u2210\u22c3\u22c2\u22c1\u22c0\u2a01\u2a02\u2a00\u2a04\u2a06")
INTEGRALS = frozenset("\u222b\u222c\u222d\u222e\u222f")
LIMIT_WORDS = frozenset({"lim", "max", "min", "sup", "inf", "det", "gcd", "Pr", "plim"} | {"argmax", "argmin"})
FENCES = frozenset("()[]{}|\u2016\u2225\u27e8\u27e9\u230a\u230b\u2308\u2309\u2223/")
ACCENTS: Final = {
    "\u00af": "line", "\u2015": "line", "\u0332": "line", "\u2192": "arrow", "\u2190": "arrow", "\u2194": "arrow",
    "\u23de": "wide", "\u23df": "wide", "\u23b4": "wide", "\u23b5": "wide", "\u23dc": "wide", "\u23dd": "wide",
    "^": "mark", "~": "mark", "\u02c7": "mark", "\u02d9": "mark", "\u00a8": "mark", "\u00b4": "mark", "`": "mark",
    "\u02d8": "mark", "\u02da": "mark", "\u20db": "mark", "\u20dc": "mark",
}  # fmt: skip
# The same above one letter, as a part of the word.
COMBINING: Final = {
    "\u00af": "\u0304", "\u2015": "\u0305", "\u2192": "\u20d7", "^": "\u0302", "~": "\u0303", "\u02c7": "\u030c",
    "\u02d9": "\u0307", "\u00a8": "\u0308", "\u00b4": "\u0301", "`": "\u0300", "\u02d8": "\u0306", "\u02da": "\u030a",
}  # fmt: skip
VULGAR: Final = {
    ("1", "2"): "\u00bd", ("1", "3"): "\u2153", ("2", "3"): "\u2154", ("1", "4"): "\u00bc", ("3", "4"): "\u00be",
    ("1", "5"): "\u2155", ("2", "5"): "\u2156", ("3", "5"): "\u2157", ("4", "5"): "\u2158", ("1", "6"): "\u2159",
    ("5", "6"): "\u215a", ("1", "8"): "\u215b", ("3", "8"): "\u215c", ("5", "8"): "\u215d", ("7", "8"): "\u215e",
}  # fmt: skip
_SHOWN: Final = {"-": "\u2212", "\u2217": "*", "\u2223": "|"}
_SPACES: Final = {
    "negativethinmathspace": -0.167, "negativemediummathspace": -0.222, "negativethickmathspace": -0.278,
    "thinmathspace": 0.167, "mediummathspace": 0.222, "thickmathspace": 0.278,
}  # fmt: skip
_UNITS: Final = {"em": 1.0, "ex": 0.5, "px": 1 / 16, "pt": 1 / 12, "mu": 1 / 18, "cm": 2.4, "mm": 0.24, "in": 6.0}


def shown(leaf: Element) -> str:
    """Returns a leaf of a formula as it is shown: with the sign for minus, and with a sign for each prime."""
    text = leaf.text or ""
    return _SHOWN.get(text, text) if leaf.tag == "mo" else text


def is_italic(leaf: Element) -> bool:
    """Tells whether a leaf is slanted: as variables are, of one letter each, but for capital Greek ones."""
    variant = leaf.get("mathvariant")
    if variant is not None:
        return "italic" in variant
    text = leaf.text or ""
    if leaf.tag != "mi" or len(text) != 1 or not text.isalpha():
        return False
    return text.isascii() or "\u03b1" <= text <= "\u03f5"


def is_bold(leaf: Element) -> bool:
    return "bold" in leaf.get("mathvariant", "")


def space_of(node: Element, size: float) -> float:
    """Returns the width of an empty space, in the units of the size of the letters."""
    width = node.get("width", "0")
    if width in _SPACES:
        return _SPACES[width] * size
    for unit, ems in _UNITS.items():
        if width.endswith(unit):
            try:
                return float(width.removesuffix(unit)) * ems * size
            except ValueError:
                return 0.0
    return 0.0
