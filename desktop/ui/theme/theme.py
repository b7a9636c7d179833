"""Colours, distances and fonts of the whole interface, derived from the palette and the font in force.

Nothing here is a style sheet: colours come from :class:`QPalette`, so that every widget follows a change of theme while
it is shown, and distances come from the font, so that they grow with it. GUI thread only.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QWidget

# 8 px belong to the 9 pt font of a screen at 100 %, which is 12 px high; everything else is in proportion.
_UNIT_PER_FONT_PIXEL = 8 / 12

# Reading takes a little more size than a label does.
_READING_FACTOR = 1.15

# Contrast at which grey text on the page still passes WCAG AA (4.5 : 1) in both of our palettes.
_MUTED = 0.66


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


@dataclass(frozen=True)
class Spacing:
    """The one rhythm of distances, in device-independent pixels.

    Attributes:
        unit: 8 px at 100 %.
    """

    unit: int

    @property
    def half(self) -> int:
        """Between things that belong together: an icon and its word."""
        return max(1, self.unit // 2)

    @property
    def double(self) -> int:
        """Between groups."""
        return self.unit * 2

    @property
    def triple(self) -> int:
        """Between blocks, and the margin of a page."""
        return self.unit * 3


def unit(widget: QWidget) -> int:
    """Returns the distance that is 8 px at 100 %, in device-independent pixels, for the font of ``widget``."""
    return unit_for_font(widget.font())


def unit_for_font(font: QFont) -> int:
    """Returns the distance that is 8 px for a font 12 px high."""
    return max(4, round(QFontInfo(font).pixelSize() * _UNIT_PER_FONT_PIXEL))


def spacing(widget: QWidget) -> Spacing:
    """Returns the distances for the font of ``widget``."""
    return Spacing(unit(widget))


def apply_theme(app: QApplication, theme: str) -> None:
    """Puts colours in force for every window, at once and also while they are shown.

    Args:
        app: The application.
        theme: ``"light"``, ``"dark"``, or anything else for the system's own choice.
    """
    from desktop.ui.theme.fusion import FusionStyle  # it is drawn with the colours of this module

    if not isinstance(app.style(), FusionStyle):
        # On Fusion, the one style that honours every role of a palette on every platform.
        app.setStyle(FusionStyle())
    hints = app.styleHints()
    if theme in ("light", "dark"):
        # For the window frame and the native dialogs; on Linux without a platform theme Qt 6.8 ignores it, so the
        # palette is ours in any case.
        hints.setColorScheme(Qt.ColorScheme.Dark if theme == "dark" else Qt.ColorScheme.Light)
        app.setPalette(make_palette(dark=theme == "dark"))
        return
    hints.unsetColorScheme()
    app.setPalette(QPalette())  # an empty palette means the platform's own
    if hints.colorScheme() is Qt.ColorScheme.Unknown:
        # No desktop tells us: what is there is Fusion's own grey with pure blue links.
        app.setPalette(make_palette(dark=is_dark(app.palette())))


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
    disabled = mix(window, text, 0.42)
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, disabled)
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, mix(window, text, 0.15))
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


def warning(palette: QPalette) -> QColor:
    """Returns the colour of text that says something went wrong, readable on the page."""
    return QColor("#ff8f80") if is_dark(palette) else QColor("#b3261e")


def mono_font(size_pt: float = 0.0) -> QFont:
    """Returns the system's fixed-pitch font; ``size_pt`` in points, 0 keeps its own size."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    if size_pt > 0:
        font.setPointSizeF(size_pt)
    return font


def message_font(base: QFont, size_pt: float) -> QFont:
    """Returns the font of the conversation.

    Args:
        base: The application's font.
        size_pt: Size in points; 0: a little larger than the application's, since it is for reading.
    """
    font = QFont(base)
    font.setPointSizeF(size_pt if size_pt > 0 else QFontInfo(base).pointSizeF() * _READING_FACTOR)
    return font
