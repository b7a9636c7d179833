"""One field of a form, to be written: its name, what kind of value it holds, and whether it may stay empty."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from desktop.common.errors import QT_TRANSLATE_NOOP
from desktop.structured.fields import MOST_NAME, Field, FieldKind, join_choices, split_choices
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.widgets.accessible import ChoiceBox
from desktop.ui.widgets.glyphs import Glyph, GlyphButton
from desktop.ui.widgets.layouts.banner_layout import BannerLayout
from desktop.ui.widgets.layouts.nesting import holding
from desktop.ui.widgets.layouts.wrapping_row import WrappingRow

# Room that a name needs for the rest to stand beside it, in units of 8 px.
_COMFORTABLE = 20

_KINDS = (
    (FieldKind.TEXT, QT_TRANSLATE_NOOP("Fields", "Text")),
    (FieldKind.NUMBER, QT_TRANSLATE_NOOP("Fields", "Number")),
    (FieldKind.WHOLE, QT_TRANSLATE_NOOP("Fields", "Whole number")),
    (FieldKind.YES_NO, QT_TRANSLATE_NOOP("Fields", "Yes or no")),
    (FieldKind.DATE, QT_TRANSLATE_NOOP("Fields", "Date")),
    (FieldKind.CHOICE, QT_TRANSLATE_NOOP("Fields", "Choice")),
    (FieldKind.LIST, QT_TRANSLATE_NOOP("Fields", "List of texts")),
)


class FieldRow(QWidget):
    """Shows one field.

    Signals:
        removeRequested: It shall go.
    """

    removeRequested = Signal()

    def __init__(self, field: Field | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint = field.hint if field is not None else ""
        self._choices: tuple[str, ...] = ()
        self._shown_choices = ""
        self.name = QLineEdit()
        self.name.setMaxLength(MOST_NAME)
        self.name.setPlaceholderText(self.tr("Name, such as: amount"))
        self.name.setAccessibleName(self.tr("Name of the field"))
        self.kind = ChoiceBox()
        self.kind.setAccessibleName(self.tr("Kind of value"))
        for kind, words in _KINDS:
            translated = QCoreApplication.translate("Fields", words)
            self.kind.addItem(translated, kind)
        self.choices = QLineEdit()
        self.choices.setPlaceholderText(self.tr("Values, such as: open, paid"))
        self.choices.setAccessibleName(self.tr("Values to choose from"))
        self.choices.setToolTip(self.tr("A value with a comma in it: put | between the values"))
        self.optional = QCheckBox(self.tr("May stay empty"))
        self._remove = GlyphButton(Glyph.CLOSE, self.tr("Take this field out of the form"))
        self._remove.clicked.connect(self.removeRequested)
        self.kind.currentIndexChanged.connect(lambda _place: self._show_choices())
        gap = spacing(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap.half)
        what = holding(WrappingRow(), self.kind, self.optional, gap=gap.unit)
        line = BannerLayout(self.name, what, self._remove, lambda: _COMFORTABLE * unit(self))
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(gap.unit)
        head = QWidget()
        head.setLayout(line)
        column.addWidget(head)
        column.addWidget(self.choices)
        if field is not None:
            self._show(field)
        self._show_choices()

    @property
    def field(self) -> Field:
        """The field as it reads."""
        kind = FieldKind(self.kind.currentData())
        is_as_shown = self.choices.text() == self._shown_choices
        choices = self._choices if is_as_shown else split_choices(self.choices.text())
        return Field(
            self.name.text(), kind, choices if kind is FieldKind.CHOICE else (), self.optional.isChecked(), self._hint
        )

    @property
    def last(self) -> QWidget:
        """Where the Tab key leaves it."""
        return self._remove

    def follow(self, before: QWidget) -> None:
        """Lets the Tab key come to it from a widget: what is made later would come after all the others."""
        for part in (self.name, self.kind, self.choices, self.optional, self._remove):
            QWidget.setTabOrder(before, part)
            before = part

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written."""
        return not self.name.text().strip() and not self.choices.text().strip()

    def _show(self, field: Field) -> None:
        self.name.setText(field.name)
        self.kind.setCurrentIndex([kind for kind, _ in _KINDS].index(field.kind))
        self._choices = field.choices
        self._shown_choices = join_choices(field.choices)
        self.choices.setText(self._shown_choices)
        self.optional.setChecked(field.optional)

    def _show_choices(self) -> None:
        self.choices.setVisible(self.kind.currentData() == FieldKind.CHOICE)
