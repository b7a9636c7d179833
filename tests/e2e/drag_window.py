"""Another program that files are dragged out of: ``python -m tests.e2e.drag_window TITLE FILE...``."""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class Files(QLabel):
    """A place where all files are picked up at once."""

    def __init__(self, files: list[str]) -> None:
        super().__init__("\n".join(files))
        self._files = files
        self._pressed = QPoint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Begins to drag, as file managers do."""
        far = (event.position().toPoint() - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        if event.buttons() & Qt.MouseButton.LeftButton and far:
            data = QMimeData()
            data.setUrls([QUrl.fromLocalFile(file) for file in self._files])
            drag = QDrag(self)
            drag.setMimeData(data)
            drag.actionChanged.connect(lambda action: print(f"over: {action.name}", flush=True))
            print("begun", flush=True)
            done = drag.exec(Qt.DropAction.CopyAction | Qt.DropAction.MoveAction, Qt.DropAction.MoveAction)
            print(f"dropped: {done.name}", flush=True)


def main() -> int:
    """Shows the window until it is ended."""
    title, *files = sys.argv[1:]
    app = QApplication([title])
    window = Files(files)
    window.setWindowTitle(title)
    window.setGeometry(0, 560, 220, 100)
    window.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
