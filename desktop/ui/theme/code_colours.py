"""Colours of the parts of code, each readable on the tint behind it, whatever palette is in force."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from PySide6.QtGui import QColor, QPalette

from desktop.ui.theme.palette import is_dark, mix, tinted

CODE_TINT = 0.055  # of the text's colour in that of the page: what is behind code
_READABLE = 4.5  # https://www.w3.org/TR/WCAG22/#contrast-minimum


class CodePart(Enum):
    """What is told apart in code."""

    KEYWORD = "keyword"
    NAME = "name"
    TEXT = "text"
    NUMBER = "number"
    COMMENT = "comment"


_LIGHT: Mapping[CodePart, str] = MappingProxyType(
    {
        CodePart.KEYWORD: "#8a2f6b",
        CodePart.NAME: "#1f5d8c",
        CodePart.TEXT: "#2f6b32",
        CodePart.NUMBER: "#94501a",
        CodePart.COMMENT: "#6b665f",
    }
)
_DARK: Mapping[CodePart, str] = MappingProxyType(
    {
        CodePart.KEYWORD: "#e39ac6",
        CodePart.NAME: "#8dbfe6",
        CodePart.TEXT: "#a3cf95",
        CodePart.NUMBER: "#e8b27d",
        CodePart.COMMENT: "#a19b92",
    }
)


def code_colours(palette: QPalette) -> dict[CodePart, QColor]:
    """Returns the colours for a palette: ours, moved towards that of its text as far as they could not be read."""
    behind, text = tinted(palette, CODE_TINT), palette.color(QPalette.ColorRole.Text)
    return {
        part: _readable(QColor(name), behind, text) for part, name in (_DARK if is_dark(palette) else _LIGHT).items()
    }


def _readable(colour: QColor, behind: QColor, text: QColor) -> QColor:
    for share in range(11):
        mixed = mix(colour, text, share / 10)
        if _contrast(mixed, behind) >= _READABLE:
            return mixed
    return text


def _contrast(one: QColor, other: QColor) -> float:
    """Returns the contrast of two colours as WCAG defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour))
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def _parts(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()
