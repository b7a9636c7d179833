"""A server as it is written down: name, address, key, model."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.servers.editing import ServerEntry
from desktop.ui.settings.editors import in_two_lines
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.widgets.glyphs import MenuButton
from desktop.ui.widgets.labels import FieldLabel, MutedLabel
from desktop.ui.widgets.layouts.nesting import add_layout, holding
from desktop.ui.widgets.menus import add_action

if TYPE_CHECKING:
    from desktop.servers.registry import Server

_FIELD_UNITS = 8
_MOST_OFFERED = 60  # in a menu; of more one is written


class ServerForm(QWidget):
    """The fields.

    Signals:
        edited: Something else stands in them.
        accepted: Enter was pressed in one.
    """

    edited = Signal()
    accepted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Server | None = None
        self.name, self.address, self.key = QLineEdit(), QLineEdit(), QLineEdit()
        self.name.setPlaceholderText(self.tr("office"))
        self.address.setPlaceholderText("192.168.1.5:11434")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key_note = MutedLabel()
        self.model = QLineEdit()
        self.model.setAccessibleName(self.tr("Model"))
        self.model.setPlaceholderText(self.tr("the only one it has"))
        self.models = MenuButton()
        self.models.setText(self.tr("Choose"))
        self.models.setToolTip(self.tr("The models that it had when it was tried last"))
        self.models.setMenu(QMenu(self.models))
        self.proxy = QCheckBox(self.tr("Ask it through this system's &proxy, although it is near"))
        self.agreed = QCheckBox(self.tr("&Words may go there"))
        self.agreed.setToolTip(self.tr("Else it is asked before the first question is sent"))
        self._boxes = {box: box.text() for box in (self.proxy, self.agreed)}
        for box in self._boxes:
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._lay_out()
        for field in (self.name, self.address, self.key, self.model):
            field.textEdited.connect(lambda _text: self.edited.emit())
            field.returnPressed.connect(self.accepted)
        for box in (self.proxy, self.agreed):
            box.clicked.connect(lambda _checked: self.edited.emit())
        self.begin()

    @property
    def entry(self) -> ServerEntry:
        """What is written."""
        return ServerEntry(
            self.name.text().strip(),
            self.address.text().strip(),
            self.key.text(),
            self.model.text().strip(),
            agreed=self.agreed.isChecked(),
            through_proxy=self.proxy.isChecked(),
        )

    @property
    def is_changed(self) -> bool:
        """Whether something is written that is not kept yet."""
        server, entry = self._shown, self.entry
        if server is None:
            return bool(entry.name or entry.address or entry.key)
        kept = (server.address.url, "", server.model, server.may_be_asked, server.through_proxy)
        return kept != (entry.address, entry.key, entry.model, entry.agreed, entry.through_proxy)

    def begin(self, name: str = "", address: str = "") -> None:
        """Shows a server that is to be written down.

        Args:
            name: To begin with.
            address: Likewise.
        """
        self._show(None, name, address, (), "")
        self.name.setEnabled(True)
        self.key_note.setText(self.tr("Only if the server wants one. It is kept in this system's keyring."))
        self.agreed.setEnabled(True)

    def show_server(self, server: Server, key_note: str) -> None:
        """Shows a server as it is kept.

        Args:
            server: Which one.
            key_note: Where its key is, in words.
        """
        self._show(server, server.name, server.address.url, server.found.models, server.model)
        self.name.setEnabled(False)
        self.name.setToolTip(self.tr("Conversations know it by this name"))
        self.key_note.setText(key_note)
        self.proxy.setChecked(server.through_proxy)
        self.agreed.setChecked(server.may_be_asked)
        self.agreed.setEnabled(not server.address.is_here)

    def offer_models(self, names: Sequence[str]) -> None:
        """Offers the models that a server has."""
        menu = self.models.menu()
        menu.clear()
        for name in names[:_MOST_OFFERED]:
            add_action(menu, name.replace("&", "&&"), partial(self._choose_model, name))
        self.models.setVisible(bool(names))

    def _show(self, server: Server | None, name: str, address: str, models: Sequence[str], model: str) -> None:
        self._shown = server
        self.name.setText(name)
        self.name.setToolTip("")
        self.address.setText(address)
        self.key.clear()
        has_key = server is not None and server.has_key
        self.key.setPlaceholderText(self.tr("kept; write another one to replace it") if has_key else "")
        self.offer_models(models)
        self.model.setText(model)
        self.proxy.setChecked(False)
        self.agreed.setChecked(False)
        self.edited.emit()

    def _choose_model(self, name: str) -> None:
        self.model.setText(name)
        self.edited.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for box, words in self._boxes.items():
            box.setText(words)
            if box.sizeHint().width() > self.width():
                box.setText(in_two_lines(words))

    def _lay_out(self) -> None:
        gap = spacing(self)
        form = QFormLayout()
        form.setSpacing(gap.unit)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for text, field, row in (
            (self.tr("&Name"), self.name, self.name),
            (self.tr("&Address"), self.address, self.address),
            (self.tr("&Key"), self.key, self.key),
            ("", self.key_note, self.key_note),
            (self.tr("&Model"), self.model, holding(QHBoxLayout(), self.model, self.models, gap=gap.half)),
        ):
            field.setMinimumWidth(_FIELD_UNITS * unit(self))
            form.addRow(FieldLabel(text, field) if text else QLabel(), row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap.unit)
        add_layout(column, form)
        column.addWidget(self.agreed)
        column.addWidget(self.proxy)
        column.addStretch(1)
        self.key.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhNoPredictiveText)
