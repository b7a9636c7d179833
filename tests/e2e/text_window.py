"""Another program with a text in it, for the end-to-end tests: ``python -m tests.e2e.text_window TITLE FILE TEXT``.

The text is in FILE after every change.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication, QPlainTextEdit


def main() -> int:
    """Shows the window until it is ended."""
    title, file, text = sys.argv[1:]
    app = QApplication([title])
    edit = QPlainTextEdit()
    edit.setWindowTitle(title)
    edit.textChanged.connect(lambda: Path(file).write_text(edit.toPlainText(), "utf-8"))
    edit.setPlainText(text)
    edit.setGeometry(60, 60, 420, 200)
    edit.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
