"""The documents that conversations are about: kept once, erased for good, and never believed."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.documents.library.store import DocumentStore
from desktop.documents.library.stored import identity_of
from desktop.documents.types import Document, DocumentKind, Note, NoteKind, Part, PartKind
from tests.support.readable_words import files_with

REPORT = Document(
    "report.pdf",
    DocumentKind.PDF,
    (
        Part(PartKind.PAGE, 1, "", "The lighthouse was built in 1874 by Ada Quorn."),
        Part(PartKind.PAGE, 3, "", "It has 199 steps. 灯塔有一百九十九级台阶。"),
    ),
    (Note(NoteKind.PICTURES, "2"),),
    "",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "documents.db"


@pytest.fixture
def store(file: Path) -> Iterator[DocumentStore]:
    with closing(DocumentStore(file)) as store:
        yield store


def test_a_document_comes_back_as_it_was(store: DocumentStore, file: Path, tmp_path: Path) -> None:
    kept = store.add(REPORT, tmp_path / "report.pdf")
    store.close()
    with closing(DocumentStore(file)) as again:
        assert again.document(kept.id) == REPORT
        found = again.get(kept.id)
    assert found == kept
    assert [(part.number, part.characters) for part in kept.parts] == [(1, 46), (3, 30)]
    assert (kept.origin, kept.notes, kept.characters) == (tmp_path / "report.pdf", REPORT.notes, 76)


def test_it_is_known_when_a_file_was_read_last(file: Path, tmp_path: Path) -> None:
    now = [100.0]
    with closing(DocumentStore(file, now=lambda: now[0])) as store:
        assert store.add(REPORT, tmp_path / "report.pdf").read_at == 100.0
        # WHEN it was touched and is read again, with the same words in it
        now[0] = 200.0
        assert store.add(REPORT, tmp_path / "report.pdf").read_at == 200.0
        # AND a copy says nothing of the file itself
        now[0] = 300.0
        (tmp_path / "report.pdf").touch()
        again = store.add(REPORT, tmp_path / "copy.pdf")
        assert (again.origin, again.read_at) == (tmp_path / "report.pdf", 200.0)


def test_the_same_content_is_kept_once_whatever_it_is_called(store: DocumentStore, tmp_path: Path) -> None:
    kept = store.add(REPORT)
    again = store.add(replace(REPORT, name="copy.pdf"), tmp_path / "copy.pdf")
    assert (again.id, again.name, again.origin) == (kept.id, "report.pdf", tmp_path / "copy.pdf")
    assert store.ids() == {kept.id}


@pytest.mark.parametrize(
    "other",
    [
        replace(REPORT, kind=DocumentKind.TEXT),
        replace(REPORT, parts=REPORT.parts[:1]),
        replace(REPORT, parts=(replace(REPORT.parts[0], number=2), REPORT.parts[1])),
        replace(REPORT, parts=(replace(REPORT.parts[0], text=REPORT.parts[0].text + " "), REPORT.parts[1])),
        replace(REPORT, parts=(Part(PartKind.PAGE, 1, "", REPORT.parts[0].text + REPORT.parts[1].text),)),
    ],
)
def test_another_content_is_another_document(other: Document) -> None:
    assert identity_of(other) != identity_of(REPORT)


def test_any_text_and_any_name_can_be_kept(store: DocumentStore) -> None:
    odd = Document(
        "a\udcff\ud800.txt", DocumentKind.TEXT, (Part(PartKind.WHOLE, 1, "\ud83d", "x\ud83d\ude00y\udc00\0"),)
    )
    kept = store.add(odd)
    found = store.document(kept.id)
    assert found is not None
    assert found.parts[0].text == "x\U0001f600y\ufffd\0"
    assert store.add(odd).id == kept.id


def test_nothing_of_what_was_erased_stays_in_the_file(store: DocumentStore, file: Path) -> None:
    # GIVEN two documents, with their passages
    kept, gone = store.add(replace(REPORT, parts=REPORT.parts[1:])), store.add(REPORT)
    store.index(kept.id)
    store.index(gone.id)
    assert store.passages.find("Who built the lighthouse?", (gone.id,))
    # WHEN nobody wants the one any more
    assert store.keep_only({kept.id}) == (gone.id,)
    # THEN it is nowhere, and the other one is where it was
    assert store.get(gone.id) is None
    assert store.document(gone.id) is None
    assert not store.passages.has(gone.id)
    assert store.passages.has(kept.id)
    assert store.get(kept.id) == kept
    store.close()
    for each in file.parent.iterdir():
        assert b"Quorn" not in each.read_bytes(), each.name
        assert b"quorn" not in each.read_bytes(), each.name


def test_what_was_erased_is_known_until_nothing_of_it_is_left(store: DocumentStore, file: Path) -> None:
    document = Document("a.txt", DocumentKind.TEXT, (Part(PartKind.WHOLE, 1, "", "Xylophone " * 999),))
    gone = store.add(document).id
    # GIVEN somebody who reads it, so that its log cannot be emptied
    store.connection.execute("PRAGMA busy_timeout = 100")
    with closing(sqlite3.connect(file)) as reader:
        assert reader.execute("SELECT count(*) FROM documents").fetchone() == (1,)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM documents").fetchone()
        store.remove(gone)
        store.settle(*store.removed())
        assert store.removed() == (gone,)
        assert "Xylophone" in file.with_name(f"{file.name}-wal").read_text(errors="replace")
    # WHEN a later start opens it THEN nothing is left, and that is known too
    with closing(DocumentStore(file)) as later:
        assert later.removed() == (gone,)
        later.settle(gone)
        assert later.removed() == ()
        assert files_with(file.parent, "Xylophone") == []


def test_the_files_are_the_users_alone(store: DocumentStore, file: Path) -> None:
    store.add(REPORT)
    for each in file.parent.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600 or os.name == "nt", each.name


def test_two_threads_or_programs_may_have_it_open(store: DocumentStore, file: Path) -> None:
    with closing(DocumentStore(file)) as other:
        kept = other.add(REPORT)
    assert store.document(kept.id) == REPORT


@pytest.mark.parametrize("damage", ["noise", "tables of another program", "a column is missing", "cut off"])
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(file: Path, damage: str) -> None:
    with closing(DocumentStore(file)) as store:
        store.add(REPORT)
    content = file.read_bytes()
    if damage == "noise":
        file.write_bytes(os.urandom(len(content)))
    elif damage == "cut off":
        file.write_bytes(content[: len(content) // 3])
    else:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            if damage == "a column is missing":
                other.execute("ALTER TABLE documents DROP COLUMN notes")
            else:
                other.execute("DROP TABLE about")
                other.execute("DROP TABLE parts")
                other.execute("DROP TABLE documents")
                other.execute("CREATE TABLE recipes (name)")
                other.execute("PRAGMA user_version = 0")
    broken = file.read_bytes()
    with closing(DocumentStore(file)) as store:
        assert store.load_problem is not None
        assert "damaged" in store.load_problem.title
        assert store.ids() == frozenset()
        assert store.add(REPORT).name == "report.pdf"
    (aside,) = [each for each in file.parent.iterdir() if "damaged" in each.name and each.suffix == ".db"]
    assert aside.read_bytes() == broken


def test_a_newer_file_is_refused_by_name_and_left_alone(file: Path) -> None:
    with closing(DocumentStore(file)) as store:
        store.add(REPORT)
    with closing(sqlite3.connect(file, isolation_level=None)) as newer:
        newer.execute("PRAGMA user_version = 7")
        newer.execute("UPDATE about SET value = '9.9'")
    before = file.read_bytes()
    with pytest.raises(UserFacingError, match="newer") as refused:
        DocumentStore(file)
    assert "9.9" in str(refused.value)
    assert file.read_bytes() == before


def test_a_full_disk_keeps_nothing_by_halves(store: DocumentStore) -> None:
    (pages,) = store.connection.execute("PRAGMA page_count").fetchone()
    store.connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    long = replace(REPORT, parts=(Part(PartKind.PAGE, 1, "", "x" * 100_000),))
    with pytest.raises(UserFacingError, match="disk is full"):
        store.add(long)
    store.connection.execute("PRAGMA max_page_count = 1000000")
    assert store.ids() == frozenset()
    assert store.add(long).characters == 100_000


def test_what_others_have_written_into_it_is_not_believed(store: DocumentStore) -> None:
    kept = store.add(REPORT)
    store.connection.execute("UPDATE documents SET kind = 'spell', notes = '[[1, 2', language = x'ff'")
    store.connection.execute("UPDATE parts SET kind = 'scroll'")
    found = store.document(kept.id)
    assert found is not None
    assert (found.kind, found.notes, found.parts[0].kind) == (DocumentKind.TEXT, (), PartKind.WHOLE)


@pytest.mark.parametrize("column", ["part", "start", '"end"', "heading", "text", "length", "document"])
@pytest.mark.parametrize("value", ["7", "x'ff00'", "'text'", "1e300"])
def test_passages_of_another_type_stop_nobody(file: Path, column: str, value: str) -> None:
    # GIVEN passages that SQLite takes for whole, and Catnap has not written
    with closing(DocumentStore(file)) as store:
        kept = store.add(REPORT)
        store.index(kept.id)
        store.connection.execute(f"UPDATE passages SET {column} = {value}")
    # THEN the start, which sweeps, and questions go on; where the index says otherwise, with the next opening
    for _time in range(2):
        with closing(DocumentStore(file)) as store, suppress(UserFacingError):
            store.find("Who built the lighthouse?", (kept.id,), None, 3)
            store.keep_only(())
    with closing(DocumentStore(file)) as store:
        assert store.ids() == frozenset()


def test_a_damage_that_is_found_later_is_mended_with_the_next_opening(file: Path) -> None:
    # GIVEN a file whose damage is where no opening looks
    with closing(DocumentStore(file)) as store:
        store.add(REPORT)
        kept = store.add(replace(REPORT, parts=(Part(PartKind.PAGE, 1, "", "The lighthouse. " * 20_000),)))
    content = bytearray(file.read_bytes())
    for page in range(len(content) // 4096 // 2, len(content) // 4096):
        content[page * 4096 : page * 4096 + 8] = b"\xff" * 8
    file.write_bytes(content)
    with closing(DocumentStore(file)) as store:
        assert store.load_problem is None
        with pytest.raises(UserFacingError, match="damaged") as told:
            while True:  # until what reads it meets the damage
                store.document(kept.id)
                store.index(kept.id)
                store.remove(kept.id)
        assert told.value.remedy
    # THEN the next one begins anew, keeps the damaged file, and says so
    with closing(DocumentStore(file)) as store:
        assert store.load_problem is not None and "damaged" in store.load_problem.title
        assert store.add(REPORT).characters
    assert [each.name for each in file.parent.glob("*.suspect")] == []
    with closing(DocumentStore(file)) as store:
        assert store.load_problem is None


def test_an_index_of_words_that_is_damaged_is_made_anew(file: Path) -> None:
    with closing(DocumentStore(file)) as store:
        kept = store.add(REPORT)
        store.index(kept.id)
        store.connection.execute("DELETE FROM passage_words_data WHERE id > 10")
    with closing(DocumentStore(file)) as store, pytest.raises(UserFacingError):
        store.find("Who built the lighthouse?", (kept.id,), None, 3)
    with closing(DocumentStore(file)) as store:
        found = store.find("Who built the lighthouse?", (kept.id,), None, 3)
        assert "Ada Quorn" in found[0].passage.text


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("to", ["/a drive that is not there/documents.db", "documents.db"])
def test_a_link_that_leads_nowhere_is_left_alone(file: Path, to: str) -> None:
    file.symlink_to(to)
    with pytest.raises(UserFacingError, match="cannot be read or kept"):
        DocumentStore(file)
    assert os.readlink(file) == to  # noqa: PTH115


@pytest.mark.skipif(os.name == "nt", reason="pipes have other names")
@pytest.mark.parametrize("what", ["a folder", "a pipe"])
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
def test_what_is_no_file_is_set_aside(file: Path, what: str, suffix: str) -> None:
    if suffix:
        with closing(DocumentStore(file)) as store:
            store.add(REPORT)
    place = file.with_name(file.name + suffix)
    if what == "a folder":
        place.mkdir()
        (place / "precious").write_text("kept")
    else:
        os.mkfifo(place)
    with closing(DocumentStore(file)) as store:
        assert (store.load_problem is None) is bool(suffix)
        assert bool(store.ids()) is bool(suffix)
        store.add(REPORT)
    kept = [each.read_text() for each in file.parent.glob("documents.damaged*/precious")]
    assert kept == (["kept"] if what == "a folder" else [])
