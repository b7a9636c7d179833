"""The lowest row of a dialog: what can be done at the left, in more lines where it must, the way out at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.ui.widgets.layouts.nesting import holding
from desktop.ui.widgets.layouts.wrapping_row import WrappingRow


def foot(*buttons: QWidget, close: QWidget, gap: int) -> QWidget:
    """Returns the row.

    Args:
        buttons: From the left.
        close: Closes the dialog; it stays in its corner.
        gap: Between them, in pixels.
    """
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(gap)
    layout.addWidget(holding(WrappingRow(), *buttons, gap=gap), stretch=1)
    layout.addWidget(close, alignment=Qt.AlignmentFlag.AlignBottom)
    return row
