"""The table itself: a row for each document, which fills in while it is made, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.common.printable import one_line
from desktop.extraction.kept import TableOrder
from desktop.extraction.rows import Row
from desktop.structured.fields import Field, FieldKind
from desktop.structured.tables import shown
from desktop.ui.tables.making import TableStanding
from desktop.ui.tables.words import remark_words
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.theme.palette import warning
from desktop.ui.widgets.accessible import announce
from desktop.ui.widgets.glyphs import MenuButton
from desktop.ui.widgets.labels import AccentButton, MutedLabel
from desktop.ui.widgets.layouts.foot import foot
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.words import SEPARATOR

# Width of the columns in units of 8 px, unless somebody makes them wider.
_NAME_WIDTH, _VALUE_WIDTH, _REMARK_WIDTH = 24, 18, 30
_MOST_SHOWN = 300  # characters in a cell
_DOCUMENT = 0  # column


class RowsPage(QWidget):
    """The page of the dialog that has the table.

    Signals:
        goOnRequested: What is left shall be filled in, and what has failed tried again.
        pauseRequested: It shall stop for now.
        saveRequested: It shall be written to a file.
        copyRequested: It shall be put on the clipboard.
        newRequested: Another table shall be begun.
        deleteRequested: This one shall go.
        documentRequested: (row, field) A document shall be shown; the name of the field that was clicked, or nothing.

    Attributes:
        table: The rows.
        close_button: Closes the window.
    """

    goOnRequested = Signal()
    pauseRequested = Signal()
    saveRequested = Signal()
    copyRequested = Signal()
    newRequested = Signal()
    deleteRequested = Signal()
    documentRequested = Signal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._order: TableOrder | None = None
        self._rows: dict[str, Row] = {}
        self._standing = TableStanding.DONE
        self._step = 0  # pixels of a unit when the columns got their widths; 0: they have none
        self._state = MutedLabel()
        self._bar = QProgressBar()
        self.table = QTableWidget(0, 0)
        self.main = AccentButton()
        self.save = QPushButton(self.tr("Save as &CSV…"))
        self._more = MenuButton()
        self.close_button = QPushButton(self.tr("Close"))
        self._copy = QAction(self.tr("Copy as &Markdown"), self)
        self._new = QAction(self.tr("&New table…"), self)
        self._delete = QAction(self.tr("&Delete this table"), self)
        self._lay_out()
        self.main.clicked.connect(self._on_main)
        self.save.clicked.connect(self.saveRequested)
        self._copy.triggered.connect(lambda _checked: self.copyRequested.emit())
        self._new.triggered.connect(lambda _checked: self.newRequested.emit())
        self._delete.triggered.connect(lambda _checked: self.deleteRequested.emit())
        self.table.cellClicked.connect(self._on_cell)
        self.table.itemActivated.connect(lambda item: self._on_cell(item.row(), item.column()))
        self.show_standing(TableStanding.DONE)

    @property
    def title(self) -> str:
        """What the table is called; empty: it has no name, or there is none."""
        return one_line(self._order.title) if self._order is not None else ""

    def show_order(self, order: TableOrder, rows: Mapping[str, Row]) -> None:
        """Shows a table from its beginning.

        Args:
            order: What it is made of.
            rows: Those that are done.
        """
        self._order, self._rows = order, {}
        names = [field.name for field in order.form.fields]
        table = self.table
        table.clearSpans()
        table.setRowCount(0)
        table.setColumnCount(len(names) + 2)
        table.setHorizontalHeaderLabels([self.tr("Document"), *names, self.tr("Remark")])
        for column, field in enumerate(order.form.fields, 1):
            head = QTableWidgetItem(field.name)
            head.setTextAlignment(_alignment(field))
            table.setHorizontalHeaderItem(column, head)
        table.setRowCount(len(order.sources))
        step = self._step = unit(self)
        self._fit_rows()
        for column in range(table.columnCount()):
            wide = _VALUE_WIDTH if 0 < column <= len(names) else _REMARK_WIDTH if column else _NAME_WIDTH
            table.setColumnWidth(column, wide * step)
        for place, source in enumerate(order.sources):
            self._put(place, _DOCUMENT, one_line(source.name))
        self.show_rows(rows)

    def show_rows(self, rows: Mapping[str, Row]) -> None:
        """Shows what is done; rows that are the same stay as they are."""
        if self._order is None:
            return
        for place, source in enumerate(self._order.sources):
            row = rows.get(source.name)
            if row is not None and self._rows.get(source.name) is not row:
                self._rows[source.name] = row
                self._show_row(place, row)
        self._follow()

    def show_standing(self, standing: TableStanding, progress: str = "", place: int | None = None) -> None:
        """Shows how the table is off.

        Args:
            standing: See there.
            progress: How far it is, in words.
            place: Of the document that is being worked at; None: of none.
        """
        self._standing = standing
        words = {
            TableStanding.RUNNING: "",
            TableStanding.WAITING_FOR_ANSWER: self.tr("Waiting while you use Catnap"),
            TableStanding.WAITING_FOR_MEMORY: self.tr("Waiting until there is more free memory"),
            TableStanding.PAUSED: self.tr("Paused"),
            TableStanding.DONE: self._done_words(),
        }[standing]
        self._state.setText(SEPARATOR.join(filter(None, (words, progress))))
        self._follow()
        if place is not None and place < self.table.rowCount() and standing is TableStanding.RUNNING:
            item = self.table.item(place, _DOCUMENT)
            if item is not None and not self.table.hasFocus():
                self.table.scrollToItem(item)

    def tell_done(self) -> None:
        """Has a screen reader say what the table has become, which is seen above it."""
        announce(self, self._done_words())

    def changeEvent(self, event: QEvent) -> None:
        """Has rows and columns grow with the text."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and self._step:
            step, before = unit(self), self._step
            self._step = step
            self._fit_rows()
            for column in range(self.table.columnCount()):
                self.table.setColumnWidth(column, round(self.table.columnWidth(column) * step / before))

    @property
    def is_under_way(self) -> bool:
        """Whether rows are coming, or wait to."""
        return self._standing not in (TableStanding.PAUSED, TableStanding.DONE)

    def _fit_rows(self) -> None:
        high = self.table.fontMetrics().height() + spacing(self).unit + spacing(self).half
        self.table.verticalHeader().setDefaultSectionSize(high)

    def _show_row(self, place: int, row: Row) -> None:
        assert self._order is not None
        fields, last = self._order.form.fields, len(self._order.form.fields) + 1
        if self.table.columnSpan(place, 1) > 1:
            self.table.setSpan(place, 1, 1, 1)
        if row.error is not None:
            # In the place of the values, where nobody takes an empty cell for an empty value.
            self._put(place, 1, remark_words(row), is_warning=True)
            self.table.setSpan(place, 1, 1, last)
            return
        for column, field in enumerate(fields, 1):
            found = row.found.get(field.name)
            words = shown(found.value) if found is not None else ""
            if found is not None and found.in_text is False:
                marked = self.tr("{value} (?)").format(value=words)
                self._put(place, column, marked, self.tr("The document does not say this."), is_warning=True)
            else:
                self._put(place, column, words)
            item = self.table.item(place, column)
            if item is not None:
                item.setTextAlignment(_alignment(field))
        self._put(place, last, remark_words(row))

    def _put(self, place: int, column: int, words: str, tip: str = "", *, is_warning: bool = False) -> None:
        line = one_line(words)
        item = QTableWidgetItem(line if len(line) <= _MOST_SHOWN else f"{line[:_MOST_SHOWN]}…")
        if is_warning:
            item.setForeground(warning(self.palette()))
        item.setToolTip("\n".join(filter(None, (line, tip))))
        if tip:
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, tip)
        self.table.setItem(place, column, item)

    def _on_cell(self, row: int, column: int) -> None:
        if self._order is None:
            return
        fields = self._order.form.fields
        self.documentRequested.emit(row, fields[column - 1].name if 0 < column <= len(fields) else "")

    def _on_main(self) -> None:
        (self.pauseRequested if self.is_under_way else self.goOnRequested).emit()

    def _follow(self) -> None:
        total = len(self._order.sources) if self._order is not None else 0
        failed = sum(row.error is not None for row in self._rows.values())
        self._bar.setMaximum(max(total, 1))
        self._bar.setValue(len(self._rows))
        self._bar.setVisible(len(self._rows) < total or self.is_under_way)
        if self.is_under_way:
            self.main.setText(self.tr("&Pause"))
        elif len(self._rows) < total:
            self.main.setText(self.tr("&Go on"))
        else:
            self.main.setText(self.tr("Try a&gain what failed"))
        self.main.set_accented(not self.is_under_way and len(self._rows) < total)
        self.main.setVisible(self.is_under_way or bool(failed) or len(self._rows) < total)
        self.save.setEnabled(bool(self._rows))
        self._copy.setEnabled(bool(self._rows))
        for action in (self._new, self._delete):
            action.setEnabled(not self.is_under_way)

    def _done_words(self) -> str:
        failed = sum(row.error is not None for row in self._rows.values())
        invented = sum(len(row.not_found) for row in self._rows.values())
        count = self.tr("{count} documents").format(count=f"{len(self._rows):,}")
        parts = [self.tr("One document") if len(self._rows) == 1 else count]
        if failed:
            parts.append(self.tr("{count} could not be filled in").format(count=f"{failed:,}"))
        if invented:
            parts.append(self.tr("{count} values that the documents do not say: (?)").format(count=f"{invented:,}"))
        return SEPARATOR.join(parts)

    def _lay_out(self) -> None:
        gap = spacing(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(gap.unit)
        self._bar.setAccessibleName(self.tr("Progress of the table"))
        table = self.table
        table.setAccessibleName(self.tr("Table"))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setMinimumHeight(unit(table) * 6)  # its head and a row, where the screen is low
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        self._more.setText(self.tr("More"))
        menu = QMenu(self._more)
        for action in (self._copy, self._new, self._delete):
            menu.addAction(action)
        self._more.setMenu(menu)
        for button in (self.save, self.close_button):
            button.setAutoDefault(False)
        self.close_button.setToolTip(self.tr("Close this window (Esc); the table goes on"))
        head = QHBoxLayout()
        head.setSpacing(gap.unit)
        head.addWidget(self._state, stretch=1)
        head.addWidget(self._more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap.unit)
        add_layout(column, head)
        column.addWidget(self._bar)
        column.addWidget(table, stretch=1)
        column.addWidget(foot(self.main, self.save, close=self.close_button, gap=gap.unit))


def _alignment(field: Field) -> Qt.AlignmentFlag:
    """Returns where the values of a field stand in their column: figures end at one line."""
    is_figure = field.kind in (FieldKind.NUMBER, FieldKind.WHOLE)
    side = Qt.AlignmentFlag.AlignRight if is_figure else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
