"""Fonts, colours and measures of the page."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPalette

from desktop.ui.theme.metrics import mono_font, unit_for_font
from desktop.ui.theme.palette import elsewhere, muted, tinted

_LINE_HEIGHT = 1.5
_CODE_SIZE = 0.92


@dataclass(frozen=True)
class Typography:
    """Fonts and colours of the page.

    Attributes:
        font: Of running text.
        mono: Of code.
        small: Points of figures and labels.
        line_height: Least height of a line, in pixels; covers Chinese fallback fonts, so that mixed lines stay even.
        unit: The 8 px rhythm.
        muted: Colour of figures and labels.
        link: Colour of links.
        elsewhere: Colour of what was answered by a server.
        code_tint: Colour behind inline code.
        rule: Colour of the lines between the rows of a table.
        heavy_rule: Colour of the line below its head.
        copy_label: The word on the link above a code block.
    """

    font: QFont
    mono: QFont
    small: float
    line_height: float
    unit: int
    muted: QColor
    link: QColor
    elsewhere: QColor
    code_tint: QColor
    rule: QColor
    heavy_rule: QColor
    copy_label: str


def typography(font: QFont, palette: QPalette, copy_label: str) -> Typography:
    """Returns the typography for a font of running text and a palette."""
    size = font.pointSizeF()
    pixels = QFontMetricsF(font).ascent() + QFontMetricsF(font).descent()
    return Typography(
        font=font,
        mono=mono_font(size * _CODE_SIZE),
        small=size * 0.87,
        line_height=round(max(pixels * 1.2, unit_for_font(font) * 1.5 * _LINE_HEIGHT)),
        unit=unit_for_font(font),
        muted=muted(palette),
        link=palette.color(QPalette.ColorRole.Link),
        elsewhere=elsewhere(palette),
        code_tint=tinted(palette, 0.08),
        rule=tinted(palette, 0.14),
        heavy_rule=tinted(palette, 0.4),
        copy_label=copy_label,
    )
