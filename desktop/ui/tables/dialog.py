"""A table made from documents: what it is made of, and the rows as they come. Not modal."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QStackedWidget, QVBoxLayout, QWidget

from desktop.ui.tables.rows_page import RowsPage
from desktop.ui.tables.setup_page import SetupPage
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.window_size import fitting_size
from desktop.ui.words import SEPARATOR, short_name

_SIZE_IN_UNITS = QSize(108, 76)


class TableDialog(QDialog):
    """Made once and shown again.

    Attributes:
        setup: The page on which a table is begun.
        rows: The page that has the table.
        banner: What was done, with a way back.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setup, self.rows = SetupPage(), RowsPage()
        self.banner = Banner(self, inset=False)
        self._pages = QStackedWidget()
        gap = spacing(self)
        for page in (self.setup, self.rows):
            self._pages.addWidget(page)
            page.close_button.clicked.connect(self.close)
        column = QVBoxLayout(self)
        edge = gap.unit + gap.half
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(gap.unit)
        column.addWidget(self.banner)
        column.addWidget(self._pages, stretch=1)
        self.show_setup()
        self.banner.focusLeft.connect(self._pages.setFocus)
        add_close_keys(self)
        self.resize(fitting_size(self, _SIZE_IN_UNITS))

    @property
    def shows_rows(self) -> bool:
        """Whether the table is in view, and not what it is made of."""
        return self._pages.currentWidget() is self.rows

    def show_setup(self) -> None:
        """Shows the page on which a table is begun."""
        self._pages.setCurrentWidget(self.setup)
        self.setWindowTitle(self.tr("Table from documents"))

    def show_rows(self) -> None:
        """Shows the table."""
        self._pages.setCurrentWidget(self.rows)
        parts = (short_name(self.rows.title), self.tr("Table from documents"))
        self.setWindowTitle(SEPARATOR.join(filter(None, parts)))

    def sizeHint(self) -> QSize:
        return fitting_size(self, _SIZE_IN_UNITS)
