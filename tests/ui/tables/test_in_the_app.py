"""A table made in the window by a real model, with everything but the desktop: real services, documents, engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from desktop.structured.fields import parse_fields
from desktop.ui.tables.dialog import TableDialog
from tests.rigs.shell import Bench, running
from tests.support import documents as make
from tests.support.documents import written
from tests.support.own_models import use_own
from tests.support.patience import PATIENCE_S
from tests.support.weights import smollm2

pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
_FORM = parse_fields("total: number, date: date", "Bills")


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, data_dir: Paths) -> Iterator[Bench]:
    with running(qapp, qtbot, data_dir) as made:
        use_own(made.services, smollm2())
        made.services.store.change(max_tokens=16)
        made.show()
        yield made
        for top in (made.shell.rarely_used.tables.dialog, made.shell.rarely_used.tables.viewer):
            if top is not None:
                top.deleteLater()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "bills"
    folder.mkdir()
    (folder / "a.txt").write_text("INVOICE\nFrom: Miller & Sons Ltd.\nDate: 17 April 2023\nTotal: 1,250.40 EUR")
    (folder / "b.pdf").write_bytes(b"%PDF-1.7 nothing")
    written(folder, "c.pdf", make.pdf(["Receipt of 3 May 2024. Total: 30.50 EUR."]))
    return folder


def cells(dialog: TableDialog, row: int) -> list[str]:
    table = dialog.rows.table
    return [item.text() if (item := table.item(row, column)) is not None else "" for column in range(3)]


def test_documents_become_rows_and_a_question_in_between_is_answered(bench: Bench, folder: Path) -> None:
    # GIVEN documents of which one is damaged
    bench.window.menu.tables.trigger()
    dialog = bench.shell.rarely_used.tables.dialog
    assert dialog is not None and dialog.isVisible() and not dialog.shows_rows
    dialog.setup.set_places([folder])
    dialog.setup.editor.show_form(_FORM)
    # WHEN the table is begun, and something is asked in the chat while it is made
    dialog.setup.start.click()
    wait_ms = round(PATIENCE_S * 1000)
    bench.qtbot.waitUntil(lambda: bench.services.supervisor.is_asked_behind, timeout=wait_ms)
    bench.send("Say yes.")
    # THEN the question is answered
    bench.qtbot.waitUntil(lambda: len(bench.window.pane.transcript.messages) == 2, timeout=wait_ms)
    # AND every document has its row, with what it says, or why nothing is known
    bench.qtbot.waitUntil(lambda: not bench.shell.rarely_used.tables.making.is_running, timeout=wait_ms)
    assert cells(dialog, 0) == ["a.txt", "1250.4", "2023-04-17"]
    assert cells(dialog, 1)[0] == "b.pdf" and "damaged" in cells(dialog, 1)[1]
    assert cells(dialog, 2)[:2] == ["c.pdf", "30.5"]
    # WHEN a value is clicked THEN the document is there with the place marked
    dialog.rows.table.cellClicked.emit(2, 1)
    bench.qtbot.waitUntil(
        lambda: (viewer := bench.shell.rarely_used.tables.viewer) is not None and "30.50" in viewer.text.marked,
        timeout=wait_ms,
    )
    # AND the table is there again for whoever begins the program once more
    assert bench.paths.table_file.read_text("utf-8").count('"document"') == 3
