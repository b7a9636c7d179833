"""The least that a tray program in PySide6 can be: what Catnap's start is measured against."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon


def main() -> int:
    app = QApplication(sys.argv)
    icons = Path(getattr(sys, "_MEIPASS", "")) / "resources" / "icons"
    menu = QMenu()
    menu.addAction("Quit", app.quit)
    tray = QSystemTrayIcon(QIcon(str(icons / "cat-asleep.svg")))
    tray.setContextMenu(menu)
    tray.show()
    print(time.time(), flush=True)
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
