"""The headings in the list of models: a class of sizes, what there is in it, and how fast it will answer here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from desktop.common.byte_sizes import format_bytes
from desktop.lifecycle.expected_speed import SpeedRange
from desktop.models.size_classes import SizeClass, size_class
from desktop.models.types import Strength
from desktop.ui.first_run.words import expected_words
from desktop.ui.models.entry import ModelEntry
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.words import SEPARATOR

# Sizes that differ by less are said as one.
_ALIKE = 1.15


class PackHead(MutedLabel):
    """The heading of one class."""

    def __init__(self, of: QWidget) -> None:
        """
        Args:
            of: The window, whose distances it keeps to; its own letters are smaller.
        """
        super().__init__()
        gap = spacing(of)
        self.setContentsMargins(gap.unit + gap.half, gap.unit, gap.unit + gap.half, gap.half)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)


def pack_of(entry: ModelEntry) -> SizeClass:
    """Returns the class that a model belongs to."""
    return size_class(entry.size)


def in_packs(entries: Sequence[ModelEntry]) -> list[ModelEntry]:
    """Returns entries that are sorted already by their class: that of the first one first, then the smaller ones.

    So what is in use, or recommended, stays at the top, with others of its size below it.
    """
    found: list[ModelEntry] = []
    for is_here in (True, False):
        part = [entry for entry in entries if (entry.installed is not None) is is_here]
        order = sorted(SizeClass, key=lambda pack: (not part or pack is not pack_of(part[0]), pack.value))
        for pack in order:
            found += [entry for entry in part if pack_of(entry) is pack]
    return found


def pack_words(entries: Sequence[ModelEntry], speed: Callable[[int], SpeedRange] | None, *, chinese: bool) -> str:
    """Returns ``Everyday, some write code · 229 MB to 533 MB · Expect 9 to 70 words a second.``

    Args:
        entries: Of one class, one at the least.
        speed: Returns how fast a file of so many bytes will answer; None: not said.
        chinese: Count in Chinese characters.
    """
    sizes = [entry.size for entry in entries]
    coding = [entry for entry in entries if entry.spec is not None and Strength.CODE in entry.spec.strengths]
    parts = [_name(size_class(sizes[0]), with_code=bool(coding)), _sizes(min(sizes), max(sizes))]
    if speed is not None:
        expected = SpeedRange(speed(max(sizes)).least, speed(min(sizes)).most)
        parts.append(expected_words(expected, chinese=chinese))
    return SEPARATOR.join(parts)


def _name(pack: SizeClass, *, with_code: bool) -> str:
    names = {
        SizeClass.BASIC: QCoreApplication.translate("Models", "Basic"),
        SizeClass.EVERYDAY: QCoreApplication.translate("Models", "Everyday"),
        SizeClass.LARGE: QCoreApplication.translate("Models", "Larger"),
        SizeClass.LARGEST: QCoreApplication.translate("Models", "For 8 GB of memory"),
    }
    if with_code:
        return QCoreApplication.translate("Models", "{class}, also with code").format(**{"class": names[pack]})
    return names[pack]


def _sizes(least: int, most: int) -> str:
    if most <= least * _ALIKE:
        return QCoreApplication.translate("Models", "about {size}").format(size=format_bytes(most))
    return QCoreApplication.translate("Models", "{least} to {most}").format(
        least=format_bytes(least), most=format_bytes(most)
    )
