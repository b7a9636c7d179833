"""One page of the settings dialog: the options of a group, the advanced ones folded away."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QToolButton, QVBoxLayout, QWidget

from desktop.ui.settings.row import OptionRow
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.widgets.mnemonics import mnemonic_of, with_mnemonics
from desktop.ui.words import option_words

# On a page less wide than this, in units of 8 px, labels stand above their controls.
_NARROW = 50


class SettingsPage(QScrollArea):
    """Shows the rows."""

    def __init__(self, rows: Sequence[OptionRow]) -> None:
        """
        Args:
            rows: The options of the group, in their order.
        """
        super().__init__()
        self.rows = rows
        self._aligned: Sequence[OptionRow] = rows
        self._panels: list[QWidget] = []
        self._needed = 0  # pixels for labels beside their controls; 0: that is to be looked up
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._more = QToolButton()
        self._more.setCheckable(True)
        self._more.setAutoRaise(True)
        self._more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._more.setArrowType(Qt.ArrowType.RightArrow)
        self._more.toggled.connect(self._unfold)
        for row in rows:
            row.editor.control.installEventFilter(self)
        self._folded = QWidget()
        self._lay_out()
        self._unfold(False)

    def extend(self, panel: QWidget) -> None:
        """Puts something below the options."""
        self._panels.append(panel)
        self._column.insertWidget(self._column.count() - 1, panel)

    @property
    def panels(self) -> Sequence[QWidget]:
        """What was put below the options."""
        return self._panels

    def show_only(self, parts: Collection[QWidget]) -> None:
        """Shows some of the options and of what is below them, and nothing else, folded or not."""
        for part in (*self.rows, *self._panels):
            part.setVisible(part in parts)
        self._more.hide()
        self._folded.setVisible(any(row.option.advanced for row in self.rows if row in parts))

    def show_all(self) -> None:
        """Takes :meth:`show_only` back."""
        for part in (*self.rows, *self._panels):
            part.setVisible(True)
        self._more.setVisible(self._has_more)
        self._folded.setVisible(self._more.isChecked())

    def set_texts(self, taken: Sequence[str]) -> None:
        """Gives every control of the page its label and a letter of its own; ``taken`` are in use elsewhere."""
        more = self.tr("&More options")
        self._more.setText(more)
        letters = [*taken, *filter(None, [mnemonic_of(more)])]
        texts = with_mnemonics([(option_words(row.option.label), row.option.key) for row in self.rows], letters)
        for row, text in zip(self.rows, texts, strict=True):
            row.set_text(text)
        self._align()

    def align_with(self, rows: Sequence[OptionRow]) -> None:
        """Has the controls begin where those of other pages do, so that nothing jumps from one page to the next.

        Args:
            rows: Of all pages.
        """
        self._aligned = rows
        self._align()

    def reveal(self, row: OptionRow) -> None:
        """Unfolds what hides ``row`` and scrolls to it."""
        if row.option.advanced:
            self._more.setChecked(True)
        # What was folded has no place yet.
        QTimer.singleShot(0, row, lambda: self.ensureWidgetVisible(row))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_rows()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._align()
            self._fit_rows()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Brings what has got the keyboard into view, also where Tab comes from outside, of which Qt takes no note."""
        if event.type() is QEvent.Type.FocusIn and isinstance(watched, QWidget):
            self.ensureWidgetVisible(watched)
        return super().eventFilter(watched, event)

    def _fit_rows(self) -> None:
        """Puts what is beside each other below each other where there is no room for it, in units of the font."""
        # As if there were a scroll bar: rows that stand below each other may be what brings it about.
        room = self.contentsRect().width() - self.verticalScrollBar().sizeHint().width()
        if not self._needed:
            for row in self.rows:
                row.set_narrow(False)
            self._needed = max((row.width_beside for row in self.rows), default=0) + spacing(self).unit
        is_narrow = room < max(_NARROW * unit(self), self._needed)
        for row in self.rows:
            row.set_narrow(is_narrow)

    def _align(self) -> None:
        # Half the page at the most: a long label wraps rather than pushing the controls out of sight.
        limit = unit(self) * 20
        # In letters of this page: those of others get a new size before or after it.
        letters = self.fontMetrics()
        wide = {row: letters.size(Qt.TextFlag.TextShowMnemonic, row.label.text()).width() for row in self._aligned}
        width = min(limit, max(wide.values(), default=0))
        for row in self.rows:
            row.label.setWordWrap(wide[row] > limit)
            row.set_label_width(width)
        self._needed = 0

    @property
    def _has_more(self) -> bool:
        return any(row.option.advanced for row in self.rows)

    def _unfold(self, shown: bool) -> None:
        self._folded.setVisible(shown)
        self._more.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)

    def _lay_out(self) -> None:
        gap = spacing(self)
        content = QWidget()
        column = self._column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, gap.unit, 0)
        column.setSpacing(gap.double)
        folded = QVBoxLayout(self._folded)
        folded.setContentsMargins(0, 0, 0, 0)
        folded.setSpacing(gap.double)
        for row in self.rows:
            (folded if row.option.advanced else column).addWidget(row)
        column.addWidget(self._more, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._folded)
        column.addStretch(1)
        self._more.setVisible(self._has_more)
        self.setWidget(content)
