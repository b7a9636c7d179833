"""An error in a method that Qt calls is reported; it does not end the program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_S

_ROOT = Path(__file__).parents[3]
# What Python itself raises, and PySide: before Python 3.12 none of them is an exception before it is caught.
_FAULTS = {
    "of Python": "{}['nothing']",
    "of PySide": "QSize('a', 'b')",
    "of an object that is gone": "gone.text()",
    "raised by us": "raise_it()",
}
_PROGRAM = """
import sys
from desktop.ui.widgets.overrides import guard_overrides
guard_overrides()
from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QVBoxLayout, QWidget
import shiboken6

said = []
sys.excepthook = lambda kind, problem, trace: said.append(problem)

def raise_it():
    raise ValueError("ours")

class Faulty(QLabel):
    def sizeHint(self):
        gone = QLabel()
        shiboken6.delete(gone)
        {fault}

    def paintEvent(self, event):
        gone = QLabel()
        shiboken6.delete(gone)
        {fault}

class Question(QDialog):
    closed = 0

    def reject(self):
        Question.closed += 1
        super().reject()

app = QApplication([])
window = QWidget()
layout = QVBoxLayout(window)
layout.addWidget(Faulty("one"))
try:
    window.resize(200, 100)
    window.show()
except Exception as problem:
    said.append(problem)
question = Question()
button = QPushButton(question)
button.clicked.connect(question.reject)  # the signal offers a bool, and the slot takes none
question.open()
QTimer.singleShot(0, button.click)
looking = QTimer()
looking.timeout.connect(lambda: app.quit() if said and Question.closed else None)
looking.start(0)
app.exec()
assert Question.closed == 1
print([type(one).__name__ for one in said if "Error calling Python override of QLabel::" in str(one)][:1])
"""


@pytest.mark.parametrize("fault", _FAULTS.values(), ids=_FAULTS.keys())
def test_an_error_in_a_method_that_qt_calls_does_not_end_the_program(fault: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM.replace("{fault}", fault)],
        check=False, capture_output=True, text=True, cwd=_ROOT, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in ("['KeyError']", "['TypeError']", "['RuntimeError']", "['ValueError']")
