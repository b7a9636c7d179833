"""Deleted for good: not a word is left in any file of the program, as far as a search of all its bytes can tell.

Not covered: blocks that the file system has given back without writing over them, and files that were set aside as
damaged, which nobody can look into. States of the engine hold numbers of tokens and no letters, so it is looked whether
they are gone.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.detached import at_once
from desktop.common.paths import Paths
from desktop.engine.types import Asleep, Stats
from desktop.history.exchange.importing import import_file
from desktop.history.records import MessageState
from desktop.history.sources import Support
from desktop.history.store import History
from tests.rigs.shell import Bench, running
from tests.support.own_models import use_own
from tests.support.patience import PATIENCE_S
from tests.support.readable_words import files_with as found

pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")

# Words whose letters stand next to each other nowhere else, so that an index of three letters is searched as well.
MARKER, CHINESE = "Xzyqwvkut", "\u9e92\u9e9f\u9955\u992e"
KEPT = "Wombat"


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, data_dir: Paths, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    # Without a loop of asyncio, which the window has: what an answer rests on is looked up where it is asked for.
    monkeypatch.setattr("desktop.app.services._look_aside", at_once)
    with running(qapp, qtbot, data_dir) as made:
        yield made


def import_one(history: History) -> str:
    """Imports a conversation of which another program has said more than is shown."""
    other = {"id": "o", "title": MARKER, "hidden": f"{MARKER} {CHINESE}", "messages": [
        {"id": 1, "role": "user", "text": CHINESE, "quoted": MARKER},
        {"id": 2, "parent": 1, "role": "user", "text": KEPT}]}  # fmt: skip
    imported = import_file(history, io.BytesIO(json.dumps(other).encode()), 1.0).newest
    assert imported is not None
    return imported


def test_nothing_of_what_was_deleted_for_good_is_left_anywhere(bench: Bench, parrot_model: Path) -> None:
    services, root = bench.services, bench.paths.data
    services.store.change(record_memory=True)
    use_own(services, parrot_model)
    bench.show()
    asleep: list[Asleep] = []
    services.engine_events.subscribe(lambda event: asleep.append(event) if isinstance(event, Asleep) else None)
    # GIVEN a conversation that stays, and one of the same words about a document, with all that may belong to one
    kept = services.history.create(f"{KEPT}s").id
    services.history.add_user_message(kept, f"{KEPT}s dig.")
    bench.send(f"Tell me of {MARKER} and {CHINESE}")
    bench.wait_for_answer()
    chat, deleted = bench.main.chat, bench.main.deleted
    gone = chat.current
    assert gone is not None
    document = services.documents.take_text(f"{MARKER} was built in 1874 by {CHINESE}. " * 8, f"{MARKER}.txt").id
    services.documents.attach(gone, document)
    bench.send(f"Who built {MARKER}?")
    bench.qtbot.waitUntil(
        lambda: len(services.history.transcript(gone).messages) == 4, timeout=round(PATIENCE_S * 1000)
    )
    answer = services.history.add_answer(
        gone, f"| {MARKER} | {CHINESE} |\n|---|---|\n| 1 | 2 |", thinking=f"Is it {MARKER}?",
        state=MessageState.COMPLETE, model="tiny", stats=Stats(), support=Support((), (MARKER,)),
    )  # fmt: skip
    services.history.set_rating(answer.id, -1)
    services.history.set_folder(gone, f"{MARKER} folder")
    imported = import_one(services.history)
    services.history.back_up()
    assert services.history.wait_done(PATIENCE_S)
    services.supervisor.sleep()
    bench.qtbot.waitUntil(lambda: bool(asleep), timeout=round(PATIENCE_S * 1000))
    bench.window.pane.composer.set_text(f"More about {MARKER}")
    bench.shell.drafts.save()
    assert services.writer.flush(PATIENCE_S)
    names = {name.partition("-")[0] for name in found(root, MARKER, CHINESE)}
    assert {"history.sqlite3", "documents.db", "drafts.json", "backups/000001"} <= names
    assert list(bench.paths.snapshots_dir.glob("*.state"))
    # WHEN it is deleted, and then for good, as a person does both
    bench.window.list.rows.setFocus()
    bench.window.menu.delete.trigger()
    chat.changes.delete(imported)
    bench.window.menu.deleted.trigger()
    dialog = deleted.dialog
    assert dialog is not None
    dialog.eraseRequested.emit([gone, imported])
    assert services.history.wait_done(PATIENCE_S)
    bench.shell.drafts.save()
    assert services.writer.flush(PATIENCE_S)
    # THEN it is nowhere, neither while the program runs nor after its end
    assert found(root, MARKER, CHINESE) == []
    assert found(root, *(MARKER[at : at + 3] for at in range(len(MARKER) - 2))) == []
    assert list(bench.paths.snapshots_dir.glob("*")) == []
    assert [one.id for one in services.history.conversations()] == [kept]
    assert services.history.search(KEPT)
    assert found(root, KEPT)


@pytest.mark.parametrize("whose", ["another conversation", "a library"])
def test_a_document_that_others_are_about_stays(bench: Bench, whose: str) -> None:
    services, root = bench.services, bench.paths.data
    document = services.documents.take_text(f"{MARKER} was built in 1874.", "note.txt").id
    gone = services.chat.send(None, "Hello")
    services.chat.answers.keep_silently(gone)
    services.documents.attach(gone, document)
    if whose == "a library":
        from desktop.documents.library.files import KnownFile, LibraryFiles
        from desktop.documents.library.folders import SeenFile

        files = LibraryFiles(services.documents._grounds().store.connection)
        files.keep("a library", KnownFile(SeenFile("note.txt", 1, 1), "", document))
    else:
        services.documents.attach(services.chat.adopt("And this?", "Yes.", "", None), document)
    services.history.delete(gone)
    services.chat.delete_for_good(gone)
    assert services.history.wait_done(PATIENCE_S)
    assert services.documents.stored(document) is not None
    assert any(name.startswith("documents.db") for name in found(root, MARKER))


def test_of_one_message_nothing_is_left_either(bench: Bench) -> None:
    services, root = bench.services, bench.paths.data
    other = {"id": "o", "title": "Title", "kept": "by another program", "messages": [
        {"id": 1, "role": "user", "text": KEPT},
        {"id": 2, "parent": 1, "role": "assistant", "text": f"{MARKER}", "quoted": CHINESE}]}  # fmt: skip
    conversation = import_file(services.history, io.BytesIO(json.dumps(other).encode()), 1.0).newest
    assert conversation is not None
    services.history.back_up()
    assert services.history.wait_done(PATIENCE_S)
    assert {name.partition("-")[0] for name in found(root, CHINESE)} == {"history.sqlite3", "backups/000001"}
    last = services.history.transcript(conversation).messages[-1]
    services.history.delete_message(conversation, last.id)
    services.chat.remove_messages(conversation, (last.id,))
    assert services.history.wait_done(PATIENCE_S)
    assert found(root, MARKER, CHINESE) == []
    tree = services.history.stored_tree(conversation)
    assert tree is not None
    assert tree.aside == {"kept": "by another program"}
