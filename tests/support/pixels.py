"""Comparing pictures of widgets."""

from __future__ import annotations

from PySide6.QtGui import QColor, QImage, QPainter

# How much lighter or darker a pixel has to be, of 255, so that somebody sees the difference.
_SEEN = 40


def pixels_that_differ(one: QImage, other: QImage) -> int:
    """Returns how many pixels of two pictures of the same size are seen to be lighter or darker in one of them."""
    assert one.size() == other.size()
    apart = QImage(one.convertToFormat(QImage.Format.Format_RGB32))
    painter = QPainter(apart)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Difference)
    painter.drawImage(0, 0, other)
    painter.end()
    grey = bytes(apart.convertToFormat(QImage.Format.Format_Grayscale8).constBits())
    return len(grey.translate(None, bytes(range(_SEEN))))


def contrast(one: QColor, other: QColor) -> float:
    """Returns how much two colours stand out from each other, from 1 to 21, as WCAG 2.1 computes it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: QColor) -> float:
    def linear(share: float) -> float:
        return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())
