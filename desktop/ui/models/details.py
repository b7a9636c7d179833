"""What a model is, and for models of one's own the name it is shown under and its languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.common.byte_sizes import format_bytes
from desktop.gguf.kind import ModelKind
from desktop.gguf.naming import plain_name
from desktop.models.types import InstalledModel
from desktop.ui.models.entry import languages_words
from desktop.ui.models.kind_words import base_words, context_words, kind_words, parameters_words
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.labels import AccentButton, ElidedLabel, MutedLabel
from desktop.ui.widgets.layouts.gap import Gap
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.widgets.window_size import fitting_size
from desktop.ui.words import SEPARATOR

_SIZE_IN_UNITS: Final = QSize(72, 50)
_LONGEST_NAME: Final = 200


@dataclass(frozen=True)
class DetailRow:
    """One line: what it is about, and what is known."""

    label: str
    value: str


class DetailsDialog(QDialog):
    """The dialog, for one model; goes when it is closed.

    Attributes:
        renamed: (name, languages) The user wants it shown so; an empty name is the file's own.
    """

    renamed = Signal(str, list)

    def __init__(self, model: InstalledModel, parent: QWidget | None = None) -> None:
        """
        Args:
            model: What to show.
            parent: Its window.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("What is this model"))
        self._model = model
        self._is_own = model.spec is None or model.spec.is_added
        self._name, self._languages = QLineEdit(), QLineEdit()
        self._save = AccentButton(self.tr("Save"))
        self._close = QPushButton(self.tr("Close"))
        self._lay_out()
        add_close_keys(self)
        self.resize(fitting_size(self, _SIZE_IN_UNITS))

    def rows(self) -> tuple[DetailRow, ...]:
        """Returns what is known of the model, in order."""
        model, facts = self._model, self._model.facts
        found = [DetailRow(self.tr("Kind"), kind_words(model.kind))]
        if facts is not None:
            found += [
                DetailRow(self.tr("Architecture"), facts.architecture),
                DetailRow(self.tr("Parameters"), parameters_words(facts.parameters) if facts.parameters else ""),
                DetailRow(self.tr("Quantisation"), facts.quantisation),
                DetailRow(self.tr("Context"), context_words(facts.context) if facts.context else ""),
                DetailRow(self.tr("Chat template"), self.tr("yes") if facts.has_template else self.tr("none")),
            ]
        licence = model.spec.licence if model.spec is not None else facts.licence if facts is not None else ""
        found += [
            DetailRow(self.tr("Languages"), languages_words(model.languages) or self.tr("not stated")),
            DetailRow(self.tr("Licence"), plain_name(licence) or self.tr("not stated")),
            DetailRow(self.tr("Size"), self._size()),
            DetailRow(self.tr("Checked"), self._checked()),
            DetailRow(self.tr("File"), plain_name(str(model.path))),
        ]
        if model.spec is not None and model.spec.is_added:
            found.append(DetailRow(self.tr("From"), model.spec.repo))
        if (card := model.student) is not None:
            found.append(DetailRow(self.tr("Student of"), SEPARATOR.join(filter(None, (card.teacher, card.makers)))))
            found.append(DetailRow(self.tr("From"), card.address))
        return tuple(row for row in found if row.value)

    def _size(self) -> str:
        facts = self._model.facts
        size = format_bytes(self._model.size)
        if facts is None or facts.files == 1:
            return size
        return self.tr("{size} in {count} files").format(size=size, count=facts.files)

    def _checked(self) -> str:
        if self._model.is_vouched:
            return self.tr("the file is the one that was published")
        if self._model.spec is not None:
            return self.tr("not yet: “Check the file” does it")
        if self._model.student is not None:
            return self.tr("made here: “Check the file” tells whether it has changed since")
        return self.tr("your own file: nobody has published a checksum for it")

    def _lay_out(self) -> None:
        gap = spacing(self)
        heading = ElidedLabel(self._model.name)
        font = heading.font()
        font.setPointSizeF(font.pointSizeF() * 1.35)
        heading.setFont(font)
        form = QGridLayout()  # QFormLayout has a label stand higher than the words of its field
        form.setHorizontalSpacing(gap.double)
        form.setVerticalSpacing(gap.unit)
        form.setColumnStretch(1, 1)
        for place, row in enumerate(self.rows()):
            value = ElidedLabel(row.value)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addWidget(QLabel(row.label), place, 0)
            form.addWidget(value, place, 1)
        if self._is_own:
            form.addWidget(Gap(gap.half), form.rowCount(), 0)
            self._add_editable(form)
        column = QVBoxLayout()
        column.setContentsMargins(0, gap.half, 0, 0)
        column.setSpacing(gap.unit)
        add_layout(column, form)
        if self._model.kind is ModelKind.BASE:
            column.addWidget(MutedLabel(base_words()))
        column.addStretch()
        content = QWidget()
        content.setLayout(column)
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._close.setAutoDefault(False)
        self._close.clicked.connect(self.close)
        self._save.clicked.connect(self._rename)
        self._save.setVisible(self._is_own)
        foot = QHBoxLayout()
        foot.addStretch()
        foot.addWidget(self._save)
        foot.addWidget(self._close)
        whole = QVBoxLayout(self)
        edge = gap.unit + gap.half
        whole.setContentsMargins(edge, edge, edge, edge)
        whole.setSpacing(gap.unit)
        whole.addWidget(heading)
        whole.addWidget(area, stretch=1)
        add_layout(whole, foot)

    def _add_editable(self, form: QGridLayout) -> None:
        self._name.setText(self._model.name)
        self._name.setMaxLength(_LONGEST_NAME)
        self._name.setCursorPosition(0)
        self._name.setPlaceholderText(self.tr("as its file is called"))
        self._languages.setText(", ".join(self._model.languages))
        self._languages.setPlaceholderText(self.tr("such as en, zh"))
        for editor in (self._name, self._languages):
            editor.textChanged.connect(lambda _text: self._save.set_accented(self._is_changed()))
            editor.returnPressed.connect(self._rename)
        name, languages = QLabel(self.tr("&Show as")), QLabel(self.tr("L&anguages it speaks"))
        name.setBuddy(self._name)
        languages.setBuddy(self._languages)
        for label, editor in ((name, self._name), (languages, self._languages)):
            place = form.rowCount()
            form.addWidget(label, place, 0)
            form.addWidget(editor, place, 1)

    def _codes(self) -> Sequence[str]:
        text = self._languages.text().replace("，", ",").replace("、", ",").replace(" ", ",")
        return [code.strip().lower() for code in text.split(",") if code.strip()]

    def _is_changed(self) -> bool:
        return self._name.text() != self._model.name or tuple(self._codes()) != self._model.languages

    def _rename(self) -> None:
        if self._is_changed():
            self.renamed.emit(self._name.text(), list(self._codes()))
        self.close()
