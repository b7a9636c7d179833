"""Asks for a model file that somebody has already."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QDir, QStandardPaths
from PySide6.QtWidgets import QWidget

from desktop.ui.widgets.file_dialog import choose_file


class ModelFileChooser:
    """Begins where browsers put what they fetch, and the next time where it was left."""

    def __init__(self) -> None:
        downloads = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        self._folder = downloads if Path(downloads).is_dir() else QDir.homePath()

    def ask(self, window: QWidget) -> str:
        """Returns the path of the file; empty: none was chosen. The window waits."""
        kinds = QCoreApplication.translate("ModelsDialog", "Models (*.gguf);;All files (*)").split(";;")
        title = QCoreApplication.translate("ModelsDialog", "Import a model")
        path = choose_file(window, title, self._folder, kinds)
        if path:
            self._folder = str(Path(path).parent)
        return path
