"""The apostrophe of English words, which a Chinese font draws as wide as a character: don ’ t.

Chinese uses the same sign (U+2019) as a quotation mark, which has that width. So only what stands between two Latin
letters is drawn by another font; what is copied stays what it was.
"""

from __future__ import annotations

import re

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF, QSyntaxHighlighter, QTextCharFormat, QTextDocument

_BETWEEN_LETTERS = re.compile("(?<=[A-Za-zÀ-ɏ])’(?=[A-Za-zÀ-ɏ])")
# Of the height of a letter: a Latin font has about a quarter, a Chinese one the whole.
_WIDE = 0.6
# The usual fonts of Linux desktops, Windows and macOS.
_LATIN = ("Noto Sans", "DejaVu Sans", "Cantarell", "Ubuntu", "Liberation Sans", "Segoe UI", "Helvetica Neue", "Arial")


def is_wide(font: QFont) -> bool:
    """Returns whether a font draws the apostrophe as wide as a Chinese character."""
    metrics = QFontMetricsF(font)
    return metrics.horizontalAdvance("’") > _WIDE * metrics.ascent()


def as_drawn(text: str, font: QFont) -> str:
    """Returns ``text`` as it is to be painted: with the apostrophes of a typewriter where the font has wide ones."""
    return _BETWEEN_LETTERS.sub("'", text) if "’" in text and is_wide(font) else text


class NarrowApostrophes(QSyntaxHighlighter):
    """Draws the apostrophes of a document by a Latin font; the document itself is not changed."""

    def __init__(self, document: QTextDocument, font: QFont) -> None:
        """
        Args:
            document: Owns it.
            font: Draws the text; one with a narrow apostrophe needs nothing of this, see :func:`is_wide`.
        """
        super().__init__(document)
        self._format = QTextCharFormat()
        narrow = next((name for name in _LATIN if QFontDatabase.hasFamily(name) and not is_wide(QFont(name))), "")
        if narrow:
            self._format.setFontFamilies([narrow, *font.families()])

    def highlightBlock(self, text: str) -> None:
        for found in _BETWEEN_LETTERS.finditer(text) if "’" in text else ():
            self.setFormat(found.start(), 1, self._format)
