"""Asks for a file or a folder: in the system's own dialog, or where that would be too high for the screen in Qt's."""

from __future__ import annotations

import sys
from types import MappingProxyType
from typing import cast

from PySide6.QtCore import QChildEvent, QDate, QDateTime, QDir, QEvent, QLocale, QSize, QTime
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QFileDialog,
    QListView,
    QMessageBox,
    QToolButton,
    QTreeView,
    QWidget,
)

from desktop.ui.theme.metrics import room_on_screen, unit
from desktop.ui.widgets.glyphs import Glyph, glyph_icon
from desktop.ui.widgets.plain_buttons import take_pictures_away
from desktop.ui.widgets.window_size import fitting_size

_SIZE_IN_UNITS = QSize(84, 56)
# GTK's dialog, which GNOME, Xfce and their like give us, is at the least about so high with its title, in logical
# pixels; what a screen of 1366x768 has at 200 % is 384.
_SYSTEM_NEEDS = 560
_SIZE, _TYPE, _DATE = 1, 2, 3  # columns of the files
_LONGEST_SIZE = "1,023.99 MiB"


# By the names that Qt gives the buttons of its form (qfiledialog.ui): signs of the family that all others are of.
_SIGNS = MappingProxyType(
    {
        "backButton": Glyph.LEFT,
        "forwardButton": Glyph.RIGHT,
        "toParentButton": Glyph.HIGHER,
        "newFolderButton": Glyph.NEW_FOLDER,
        "listModeButton": Glyph.GRID,
        "detailModeButton": Glyph.LIST,
    }
)


class FileDialog(QFileDialog):
    """A dialog that fits the screen."""

    def __init__(self, parent: QWidget | None, title: str, folder: str, *, own: bool | None = None) -> None:
        """
        Args:
            parent: Its window.
            title: What is asked, translated.
            folder: Where to begin; where it is not there, as Documents on a bare system, at home.
            own: Qt's form of it, which can be made as low as need be; None: where the system's may be too high.
        """
        # Qt would take what is not there for the name of a file.
        super().__init__(parent, title, folder if not folder or QDir(folder).exists() else QDir.homePath())
        if own if own is not None else system_is_too_high(self):
            self.setOption(QFileDialog.Option.DontUseNativeDialog)
        self._name_kinds()
        self._take_pictures_away()
        self.resize(fitting_size(self, _SIZE_IN_UNITS))  # Qt's form only; the system's knows its own size

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._name_kinds()  # where the system has no dialog, Qt's is only made now
        self._take_pictures_away()
        for places in cast("list[QListView]", self.findChildren(QListView, "sidebar")):
            places.setSpacing(unit(self) // 4)  # Chinese characters are higher than the font that Qt measures
        for files in cast("list[QTreeView]", self.findChildren(QTreeView)):
            header, letters = files.header(), files.fontMetrics()
            files.setColumnHidden(_TYPE, True)  # "unknown" of most, and the rest has no room beside it
            date = QLocale().toString(QDateTime(QDate(2028, 12, 28), QTime(22, 58)), QLocale.FormatType.ShortFormat)
            for column, longest in ((_SIZE, _LONGEST_SIZE), (_DATE, date)):  # Qt leaves them too little
                header.resizeSection(column, letters.horizontalAdvance(longest) + 2 * letters.height())

    def childEvent(self, event: QChildEvent) -> None:
        """Has what Qt asks beside its form, whether to replace a file or that there is none, look as all else does."""
        super().childEvent(event)
        if event.type() is QEvent.Type.ChildPolished and isinstance(event.child(), QMessageBox):
            self._take_pictures_away()

    def _name_kinds(self) -> None:
        """Has Qt's form show kinds of files by their names alone; with all their endings they are cut at 200 %."""
        kinds = cast("list[QComboBox]", self.findChildren(QComboBox, "fileTypeCombo"))
        if kinds and not self.testOption(QFileDialog.Option.HideNameFilterDetails):
            chosen = self.selectedNameFilter()
            self.setOption(QFileDialog.Option.HideNameFilterDetails)
            if chosen:
                self.selectNameFilter(chosen)

    def _take_pictures_away(self) -> None:
        for box in cast("list[QDialogButtonBox]", self.findChildren(QDialogButtonBox)):
            take_pictures_away(box)
        for button in cast("list[QToolButton]", self.findChildren(QToolButton)):
            if (glyph := _SIGNS.get(button.objectName())) is not None:
                button.setIcon(glyph_icon(button, glyph))


def system_is_too_high(window: QWidget) -> bool:
    """Whether the system's dialog may be higher than the screen; those of Windows and macOS shrink with it."""
    return sys.platform not in ("win32", "darwin") and room_on_screen(window).height() < _SYSTEM_NEEDS


def choose_file(parent: QWidget, title: str, folder: str, filters: list[str]) -> str:
    """Returns the path of the file that was chosen, which is there; empty: none was.

    Args:
        parent: Its window, which waits.
        title: What is asked, translated.
        folder: Where to begin.
        filters: Kinds of files, such as ``Models (*.gguf)``.
    """
    dialog = FileDialog(parent, title, folder)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters(filters)
    return _chosen(dialog)


def choose_folder(parent: QWidget, title: str, folder: str) -> str:
    """Returns the path of the folder that was chosen; empty: none was. The arguments are :func:`choose_file`'s."""
    dialog = FileDialog(parent, title, folder)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return _chosen(dialog)


def _chosen(dialog: FileDialog) -> str:
    try:
        return dialog.selectedFiles()[0] if dialog.exec() and dialog.selectedFiles() else ""
    finally:
        dialog.deleteLater()
