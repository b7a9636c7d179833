"""A dialog that is a page to be read, scrolled where it is longer than the window, with "Close" below it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible, QPalette
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.widgets.window_size import fitting_size


class ScrolledPage(QScrollArea):
    """What is read; the arrow keys scroll it."""

    accessible_role = QAccessible.Role.Document


class PageDialog(QDialog):
    """Made when it is asked for, gone when it is closed; not modal. A subclass fills the column.

    Attributes:
        column: What stands on the page, from the top.
    """

    def __init__(self, title: str, size: QSize, parent: QWidget | None = None) -> None:
        """
        Args:
            title: Of the window, translated.
            size: In units of 8 px; smaller where the screen is.
            parent: Owner.
        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        gap = spacing(self)
        page = QWidget()
        page.setBackgroundRole(QPalette.ColorRole.Base)
        self.column = QVBoxLayout(page)
        self.column.setContentsMargins(gap.double, gap.double, gap.double, gap.double)
        area = ScrolledPage()
        area.setWidget(page)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.StyledPanel)
        area.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        area.setAccessibleName(title)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        close = QPushButton(self.tr("Close"))
        close.setToolTip(self.tr("Close this window (Esc)"))
        close.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.addStretch()
        foot.addWidget(close)
        whole = QVBoxLayout(self)
        edge = gap.unit + gap.half
        whole.setContentsMargins(edge, edge, edge, edge)
        whole.setSpacing(edge)
        whole.addWidget(area, stretch=1)
        add_layout(whole, foot)
        add_close_keys(self)
        self.resize(fitting_size(self, size))
