"""Byte counts as people read them. Standard library only."""

from __future__ import annotations


def format_bytes(count: int) -> str:
    """Returns ``count`` bytes in decimal units, as file managers and data plans count: "491 MB", "87 bytes"."""
    if count < 1000:
        return f"{count} bytes"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        # 999.5 would be printed as "1000", which belongs to the next unit.
        if value < 999.5:
            return f"{value:.3g} {unit}"
    return f"{value / 1000:.3g} TB"
