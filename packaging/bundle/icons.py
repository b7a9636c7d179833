"""Draws the program's icon from its SVG in the formats of Windows and macOS.

Both formats are a table of pictures; since Windows Vista and Mac OS X 10.7 a picture may be a PNG file as it is.
"""

from __future__ import annotations

import struct
from pathlib import Path

# Sizes in pixels that the Windows shell asks for between 100 % and 200 %.
_ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 256)
# Types of the icns format that hold PNG: 16 and 32 points with their doubles, 128 to 512 points with theirs.
_ICNS_TYPES = {
    b"icp4": 16,
    b"ic11": 32,
    b"icp5": 32,
    b"ic12": 64,
    b"ic07": 128,
    b"ic13": 256,
    b"ic08": 256,
    b"ic14": 512,
    b"ic09": 512,
    b"ic10": 1024,
}


def draw_png(source: Path, size: int) -> bytes:
    """Returns an SVG file as PNG, ``size`` pixels wide and high."""
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(source)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub wants bytes, PySide6 takes str
    return bytes(buffer.data().data())


def write_ico(source: Path, target: Path) -> Path:
    """Writes a Windows icon and returns ``target``."""
    pictures = [(size, draw_png(source, size)) for size in _ICO_SIZES]
    offset = 6 + 16 * len(pictures)
    head, body = struct.pack("<HHH", 0, 1, len(pictures)), b""
    for size, png in pictures:
        side = size % 256  # 0 means 256
        head += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(png), offset + len(body))
        body += png
    return _write(target, head + body)


def write_icns(source: Path, target: Path) -> Path:
    """Writes a macOS icon and returns ``target``."""
    body = b""
    for kind, size in _ICNS_TYPES.items():
        png = draw_png(source, size)
        body += kind + struct.pack(">I", 8 + len(png)) + png
    return _write(target, b"icns" + struct.pack(">I", 8 + len(body)) + body)


def _write(target: Path, content: bytes) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return target
