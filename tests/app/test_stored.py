"""What was deleted long ago goes for good; where it cannot, the next time."""

from __future__ import annotations

from pathlib import Path

from desktop.app.stored import forget_deleted
from desktop.history.drafts import DraftFile
from desktop.history.store import History
from tests.support.fake_engine import FakeEngine


def test_a_full_disk_puts_the_removal_of_deleted_conversations_off(tmp_path: Path) -> None:
    history, engine, drafts = History(tmp_path / "history.sqlite3"), FakeEngine(), DraftFile(tmp_path / "drafts.json")
    gone = history.create("gone")
    history.delete(gone.id)
    history._connection.execute("PRAGMA query_only = 1")

    forget_deleted(history, engine.forget, drafts, 0)  # WHEN nothing can be written THEN quitting goes on
    assert engine.forgotten == []

    history._connection.execute("PRAGMA query_only = 0")
    forget_deleted(history, engine.forget, drafts, 0)
    assert engine.forgotten == [gone.id]
    history.close()
