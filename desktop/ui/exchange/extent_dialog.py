"""Asks what of a conversation shall be exported or printed besides the words in view."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from desktop.history.exchange.extent import Extent, LeftOut
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.widgets.layouts.gap import Gap
from desktop.ui.widgets.plain_buttons import take_pictures_away


class ExtentDialog(QDialog):
    """A box to tick for each thing there is more of; none is ticked at first."""

    def __init__(self, title: str, there: LeftOut | None, note: str = "", parent: QWidget | None = None) -> None:
        """
        Args:
            title: What is about to be done.
            there: What there is besides the words in view; None: that is not known, and all is offered.
            note: One more sentence; may be empty.
            parent: Its window.
        """
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self._thoughts = QCheckBox(self._thought_words(there))
        self._versions = QCheckBox(self._version_words(there))
        unit = spacing(self).unit
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * unit, 2 * unit, 2 * unit, 2 * unit)
        column.setSpacing(unit)
        head = QLabel(self.tr("The words in view are always included. Include as well:"))
        head.setWordWrap(True)
        column.addWidget(head)
        for box, offered in (
            (self._thoughts, there is None or there.thoughts > 0),
            (self._versions, there is None or there.versions > 0),
        ):
            box.setVisible(offered)
            column.addWidget(box)
        if note:
            label = MutedLabel()
            label.setText(note)
            column.addWidget(label)
        column.addWidget(Gap(unit))
        buttons = QDialogButtonBox()
        go_on = buttons.addButton(self.tr("&Continue…"), QDialogButtonBox.ButtonRole.AcceptRole)
        go_on.setDefault(True)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        take_pictures_away(buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)

    @property
    def extent(self) -> Extent:
        """What is ticked."""
        return Extent(self._thoughts.isChecked(), self._versions.isChecked())

    def _thought_words(self, there: LeftOut | None) -> str:
        if there is None:
            return self.tr("&Thoughts of the model")
        if there.thoughts == 1:
            return self.tr("&Thoughts of the model (1 answer)")
        return self.tr("&Thoughts of the model ({count} answers)").format(count=f"{there.thoughts:,}")

    def _version_words(self, there: LeftOut | None) -> str:
        if there is None:
            return self.tr("Other &versions, with what followed them")
        if there.versions == 1:
            return self.tr("Other &versions, with what followed them (1 message)")
        return self.tr("Other &versions, with what followed them ({count} messages)").format(
            count=f"{there.versions:,}"
        )
