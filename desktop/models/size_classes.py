"""How large models are, in classes that people choose by."""

from __future__ import annotations

from enum import Enum


class SizeClass(Enum):
    """A class; the value is the bytes of the largest file that belongs to it."""

    BASIC = 180_000_000
    EVERYDAY = 600_000_000
    LARGE = 1_400_000_000
    LARGEST = 1 << 62


def size_class(size: int) -> SizeClass:
    """Returns the class of a model.

    Args:
        size: Bytes of all its files.
    """
    return next(each for each in SizeClass if size <= each.value)
