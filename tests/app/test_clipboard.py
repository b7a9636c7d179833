"""What was copied must not bring the program down when it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command_line import python

_CODE = """
import sys
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from desktop.app import run
build = run.build
def built(*given):
    program = build(*given)
    program.shell.show_window()
    clipboard = QGuiApplication.clipboard()
    if sys.argv[1] == "from the page":
        page = program.shell.window.pane.transcript
        page.selectAll()
        clipboard.setMimeData(page.createMimeDataFromSelection())
    elif sys.argv[1] == "of several kinds":
        data = QMimeData()
        data.setText("text")
        data.setHtml("<b>text</b>")
        clipboard.setMimeData(data)
    program.request_quit()
    return program
run.build = built
from desktop.__main__ import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize("copied", ["nothing", "from the page", "of several kinds"])
def test_the_program_ends_in_order_whatever_was_copied(tmp_path: Path, copied: str) -> None:
    done = python(_CODE, copied, "--data-dir", str(tmp_path / "data"))
    assert done.code == 0, done.err
