"""Asks for the imagination of one conversation, where none of the usual values will do."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.settings.options import option_for
from desktop.ui.settings.editors import NumberEditor
from desktop.ui.widgets.field_dialog import FieldDialog


class TemperatureDialog(FieldDialog):
    """A number within the limits of the setting, dot or comma."""

    def __init__(self, value: float, parent: QWidget | None = None) -> None:
        """
        Args:
            value: What applies now.
            parent: Its window.
        """
        super().__init__(parent)
        self._editor = NumberEditor(option_for("temperature"))
        self._editor.set_value(value)
        self._editor.control.setAccessibleName(self.tr("Imagination"))
        self._editor.control.setToolTip(self.tr("temperature"))
        words = self.tr("&Imagination in this conversation")
        self.lay_out(self.tr("Imagination"), words, self._editor, self.tr("&Set"))
        self.note.setText(self.tr("From 0, always the likeliest word, to 2. Small models make sense up to about 1."))

    @property
    def temperature(self) -> float:
        """What was written."""
        return float(self._editor.value())
