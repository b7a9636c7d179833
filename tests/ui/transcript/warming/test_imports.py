"""What reads Markdown and code is imported by threads, before it is needed or then: the window does not wait for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_S

_ROOT = Path(__file__).parents[3]
_PROGRAM = """
import json, sys, threading

names = ("markdown_it", "pygments.lexers.python")
by = {}

class Watch:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in names:
            by.setdefault(name, threading.current_thread().name)
        return None

sys.meta_path.insert(0, Watch)
from PySide6.QtWidgets import QApplication
app = QApplication([])
from tests.rigs.conversations import answer

if sys.argv[1] == "page":
    from desktop.ui.transcript.view import TranscriptView
    window = view = TranscriptView()
else:
    from desktop.ui.chat.pane import ConversationPane
    from PySide6.QtWidgets import QWidget
    window = ConversationPane(QWidget())
    view = window.transcript
    window.show_new()
window.show()
while "markdown_it" not in by or any(thread.name == "markdown-parser" for thread in threading.enumerate()):
    app.processEvents()
view.show_messages([answer(1, "**bold**\\n\\n```python\\ndef f(): pass\\n```")], 0)
while not view._highlighter.is_done:
    app.processEvents()
block, formats = view.document().begin(), 0
while block.isValid():
    formats += len(block.layout().formats())
    block = block.next()
print(json.dumps({"by": by, "formats": formats, "hidden": view.isHidden()}))
"""


@pytest.mark.parametrize("shown", ["page", "window"])
def test_threads_import_what_takes_long(shown: str) -> None:
    # GIVEN a page, or a window that has no conversation yet, WHEN it is shown THEN threads import what reads answers
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(_ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, shown],
        cwd=_ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["by"] == {"markdown_it": "markdown-parser", "pygments.lexers.python": "pygments"}
    assert found["formats"] > 0
    assert found["hidden"] is (shown == "window")
