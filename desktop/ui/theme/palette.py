"""Colours of the whole interface, derived from the palette in force.

Nothing here is a style sheet: colours come from :class:`QPalette`, so that every widget follows a change of theme while
it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette

# Shares of the text's colour. At these, grey text passes WCAG AA (4.5 : 1) in both of our palettes, also on a row that
# is selected; and what cannot be used now can still be read (3 : 1). tests/ui/theme/test_contrast.py computes it.
_MUTED = 0.72
_DISABLED = 0.53
_DISABLED_CHOICE = 0.06


@dataclass(frozen=True)
class _Tones:
    """What a palette is made of; the rest is mixed from these. A coat of warm grey, the cat's ginger as the accent."""

    window: str
    base: str
    text: str
    button: str
    accent: str
    on_accent: str
    link: str


_LIGHT = _Tones("#f4f2ee", "#fffefc", "#23211e", "#f9f8f5", "#a8501c", "#ffffff", "#9a4716")
_DARK = _Tones("#1f1e1c", "#262523", "#e9e6e1", "#33312e", "#c9743c", "#16130f", "#e79a63")


def make_palette(dark: bool) -> QPalette:
    """Returns Catnap's own light or dark palette."""
    tones = _DARK if dark else _LIGHT
    window, base, text = QColor(tones.window), QColor(tones.base), QColor(tones.text)
    button, accent = QColor(tones.button), QColor(tones.accent)
    role = QPalette.ColorRole
    palette = QPalette()
    for which, colour in (
        (role.WindowText, text),
        (role.Text, text),
        (role.ButtonText, text),
        (role.BrightText, QColor("white")),
        (role.Window, window),
        (role.Base, base),
        (role.Button, button),
        (role.Light, mix(button, text, 0.1)),
        (role.Dark, mix(button, QColor("black"), 0.35)),
        (role.Mid, mix(window, text, 0.3)),
        (role.AlternateBase, mix(base, text, 0.04)),
        (role.Midlight, mix(window, text, 0.06)),
        (role.ToolTipBase, mix(base, text, 0.08)),
        (role.ToolTipText, text),
        (role.PlaceholderText, mix(base, text, _MUTED)),
        (role.Highlight, accent),
        (role.HighlightedText, QColor(tones.on_accent)),
        (role.Accent, accent),
        (role.Link, QColor(tones.link)),
        (role.LinkVisited, mix(QColor(tones.link), text, 0.35)),
        (role.Shadow, QColor("black")),
    ):
        palette.setColor(which, colour)
    disabled = mix(window, text, _DISABLED)
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, disabled)
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, mix(window, text, _DISABLED_CHOICE))
    # Fusion draws the words of what is disabled once more in this, shifted: their shadow makes them hard to read.
    palette.setColor(QPalette.ColorGroup.Disabled, role.Light, QColor(0, 0, 0, 0))
    return palette


def is_dark(palette: QPalette) -> bool:
    """Returns whether text is lighter than what it stands on."""
    return (
        palette.color(QPalette.ColorRole.WindowText).lightness() > palette.color(QPalette.ColorRole.Window).lightness()
    )


def mix(one: QColor, other: QColor, amount: float) -> QColor:
    """Returns ``one`` with ``amount`` (0 to 1) of ``other`` in it, opaque."""
    share = min(1.0, max(0.0, amount))
    return QColor.fromRgbF(
        one.redF() + (other.redF() - one.redF()) * share,
        one.greenF() + (other.greenF() - one.greenF()) * share,
        one.blueF() + (other.blueF() - one.blueF()) * share,
    )


def tinted(palette: QPalette, amount: float) -> QColor:
    """Returns the page's colour with ``amount`` (0 to 1) of the text's colour in it: 0.06 a block, 0.2 a line."""
    return mix(palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text), amount)


def accented(palette: QPalette, amount: float) -> QColor:
    """Returns the page's colour with ``amount`` (0 to 1) of the accent's colour in it."""
    return mix(palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Accent), amount)


def muted(palette: QPalette) -> QColor:
    """Returns the colour of text that is there to be found, not to be read: figures, hints."""
    return tinted(palette, _MUTED)


def elsewhere(palette: QPalette) -> QColor:
    """Returns the colour of all that leaves this computer: a blue, which nothing else here is, readable on the page."""
    return QColor("#8fc3f0") if is_dark(palette) else QColor("#1d5c8f")


def warning(palette: QPalette) -> QColor:
    """Returns the colour of text that says something went wrong, readable on the page."""
    return QColor("#ff8f80") if is_dark(palette) else QColor("#b3261e")
