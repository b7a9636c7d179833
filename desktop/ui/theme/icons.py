"""Catnap's icons: finds the SVG files and renders the tray's cat for light and dark panels.

The tray icon is the first thing that anybody sees of Catnap, so nothing here touches the class ``Qt``: PySide6 makes
that, with a hundred enumerations in it, at the first use, which takes longer than all the rendering. Filling an image
or a rectangle would be such a use, since one of the overloads takes a ``Qt.GlobalColor``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from desktop.common.install_folder import moved_problem
from desktop.common.paths import shipped

# What panels ask for: 16 and 22 (XEmbed and freedesktop trays), 24, 32 (Windows at 100 and 200 %), 48, 64.
# The XEmbed tray takes a pixmap as it is, so each size is rendered for itself rather than scaled.
TRAY_SIZES = (16, 22, 24, 32, 48, 64)
APP_SIZES = (16, 24, 32, 48, 64, 128, 256)
THINKING_FRAMES = 3

# In the monochrome files the cat is `currentColor` and what is cut out of it (eyes, the line round the head) is white.
_INK = b"currentColor"
_CUT = b"#ffffff"
_ON_LIGHT = QColor(0x2B, 0x2B, 0x33)
_ON_DARK = QColor(0xF4, 0xF2, 0xEE)
# Share of the contrast colour in the outline: enough to save the cat on a panel of the wrong brightness, not enough
# to be noticed on one of the right brightness, where it fades into the panel.
_HALO_OPACITY = 0.55


class CatState(Enum):
    """What the tray's cat is doing; the value is the name of its file."""

    ASLEEP = "cat-asleep"
    DOZING = "cat-dozing"
    WAKING = "cat-waking"
    THINKING = "cat-thinking"
    AWAKE = "cat-awake"


def resource_path(name: str) -> Path:
    """Returns the path of a file below ``resources``, wherever the program was started from.

    Args:
        name: Path relative to ``resources``, with forward slashes: ``icons/catnap.svg``.

    Raises:
        FileNotFoundError: There is no such file; the installation is incomplete.
    """
    return shipped(f"resources/{name}")


def app_icon() -> QIcon:
    """Returns the coloured icon of the program, for windows and notices."""
    renderer = QSvgRenderer(str(resource_path("icons/catnap.svg")))
    icon = QIcon()
    for size in APP_SIZES:
        icon.addPixmap(QPixmap.fromImage(_render(renderer, size)))
    return icon


def cat_icon(state: CatState, dark: bool, frame: int = 0, sizes: Sequence[int] = TRAY_SIZES) -> QIcon:
    """Returns the tray icon for a state.

    Args:
        state: What the cat is doing.
        dark: The panel is dark: the cat is drawn light. On macOS the system colours the mask and this is ignored.
        frame: Frame of the moving tail, taken modulo ``THINKING_FRAMES``; only for THINKING.
        sizes: Edges in pixels to render; others are scaled from these.
    """
    name = f"{state.value}-{frame % THINKING_FRAMES}" if state is CatState.THINKING else state.value
    mask = sys.platform == "darwin"
    drawing = _Drawing(name, dark)
    icon = QIcon()
    for size in sizes:
        icon.addPixmap(QPixmap.fromImage(drawing.render(size, halo=not mask)))
    icon.setIsMask(mask)
    return icon


def available_cat_icon(state: CatState, dark: bool, frame: int = 0, sizes: Sequence[int] = TRAY_SIZES) -> QIcon | None:
    """Returns :func:`cat_icon`; None once the program's folder is gone, so that the picture shown before can stay.

    Nobody asked for that picture. Whoever cannot do what a person did ask for says what has happened.
    """
    try:
        return cat_icon(state, dark, frame, sizes)
    except FileNotFoundError:
        if moved_problem() is None:
            raise
        return None


def available_cat_picture(state: CatState, dark: bool, edge: int, ratio: float) -> QPixmap | None:
    """Returns the cat of :func:`available_cat_icon` in one size: a window that needs no other waits for no other.

    Args:
        state: What the cat is doing.
        dark: It lies on something dark.
        edge: Width and height, in pixels of the window's own measure.
        ratio: Pixels of the screen for one of these.
    """
    pixels = max(1, round(edge * ratio))
    icon = available_cat_icon(state, dark, sizes=(pixels,))
    return icon.pixmap(QSize(edge, edge), ratio) if icon is not None else None


def render_cat(name: str, size: int, dark: bool, halo: bool = True) -> QImage:
    """Renders one of the monochrome files.

    Args:
        name: File name without its ending.
        size: Edge in pixels.
        dark: Light ink for a dark panel, else dark ink.
        halo: Draw the outline that keeps the cat readable on a panel of the other brightness.
    """
    return _Drawing(name, dark).render(size, halo)


class _Drawing:
    """One of the monochrome files, read once for all sizes."""

    def __init__(self, name: str, dark: bool) -> None:
        ink, self._contrast = (_ON_DARK, _ON_LIGHT) if dark else (_ON_LIGHT, _ON_DARK)
        svg = resource_path(f"icons/{name}.svg").read_bytes()
        # `none` paints nothing: one pass draws only the ink, the other only what is cut out of it.
        self._ink = _renderer(svg.replace(_CUT, b"none").replace(_INK, ink.name().encode()))
        self._cuts = _renderer(svg.replace(_INK, b"none"))

    def render(self, size: int, halo: bool) -> QImage:
        cat = _render(self._ink, size)
        cuts = _render(self._cuts, size)
        shape = _silhouette(cat, self._contrast) if halo else None
        painter = QPainter(cat)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOut)
        painter.drawImage(0, 0, cuts)
        if shape is not None:
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOver)
            painter.setOpacity(_HALO_OPACITY)
            painter.drawImage(0, 0, shape)
        painter.end()
        return cat


def _renderer(svg: bytes) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(svg))


def _render(renderer: QSvgRenderer, size: int) -> QImage:
    image = _sheet(size)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return image


def _silhouette(cat: QImage, color: QColor) -> QImage:
    """Returns the cat's shape in one colour, grown by about a pixel (more at large sizes) on all sides."""
    reach = max(0.75, cat.width() / 32)
    shape = _sheet(cat.width())
    painter = QPainter(shape)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (-0.7, -0.7), (0.7, -0.7), (-0.7, 0.7), (0.7, 0.7)):
        painter.drawImage(QPointF(dx * reach, dy * reach), cat)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.drawImage(0, 0, _sheet(cat.width(), color.rgba()))
    painter.end()
    return shape


def _sheet(size: int, pixel: int = 0) -> QImage:
    """Returns a square of one colour, given as 0xAARRGGBB with the colours multiplied by the opacity."""
    pixels = pixel.to_bytes(4, sys.byteorder) * size**2
    return QImage(pixels, size, size, QImage.Format.Format_ARGB32_Premultiplied).copy()  # with memory of its own
