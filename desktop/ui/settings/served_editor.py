"""The control of the settings that chooses who answers: this computer, or a model on a server."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from desktop.engine.routing import server_model
from desktop.ui.conversations.choices_menu import OfferedModel
from desktop.ui.settings.editors import ListEditor
from desktop.ui.words import SEPARATOR, short_name


class ServedEditor(ListEditor):
    """This computer, the models on servers, and the way to more servers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._places: dict[str, str] = {}
        self.set_served(())

    @property
    def place(self) -> str:
        """Host of the server that is chosen; empty: none is, or it is gone."""
        return self._places.get(self._value, "")

    def set_served(self, models: Sequence[OfferedModel]) -> None:
        """Shows which there are now, the one that is chosen among them."""
        self._combo.clear()
        self._combo.addItem(self.tr("This computer"), "")
        self._places = {one.file: one.place for one in models}
        for one in models:
            self._combo.addItem(SEPARATOR.join((short_name(one.name), one.server, one.place)), one.file)
        self._offer_more(self.tr("Servers…"))
        self._show_value()

    def _show_value(self) -> None:
        chosen = server_model(self._value)
        if chosen is not None:
            self._combo.setPlaceholderText(self.tr("{server} (no longer listed)").format(server=chosen.server))
        self._combo.setCurrentIndex(self._combo.findData(self._value))
