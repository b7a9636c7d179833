"""The process that reads a document, and whoever waits for it: limits, deaths, lies, and giving up."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled, UserFacingError
from desktop.documents.reader import read_document
from desktop.documents.types import DocumentKind, Limits, ReadingProgress
from tests.support.command_line import catnap, python
from tests.support.documents import pdf, written
from tests.support.patience import PATIENCE_S

_MB = 1024 * 1024
# Begins as the real process does, and then does what a test wants.
SPEAKING = """
import os, sys, time
from desktop.documents.messages import *
from desktop.documents.types import *
from desktop.engine.process.channel import Receiver, Sender
Receiver(0, TO_PROCESS, MESSAGE_LIMIT).receive()
send = Sender(1, FROM_PROCESS).send
send(Recognised(DocumentKind.TEXT))
"""


def of(code: str, kind: DocumentKind = DocumentKind.TEXT) -> list[str]:
    return [sys.executable, "-c", SPEAKING.replace("DocumentKind.TEXT", f"DocumentKind.{kind.name}") + code]


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("send(Piece('text of no part'))", "makes no sense"),
        ("send(Recognised(DocumentKind.PDF))", "makes no sense"),
        ("send(PartBegins(PartKind.PAGE, 2, '')); send(PartBegins(PartKind.PAGE, 1, ''))", "makes no sense"),
        ("send(PartBegins(PartKind.PAGE, 1, 'n' * 400))", "makes no sense"),
        ("send(PartBegins(PartKind.PAGE, 1, ''))\nwhile True: send(Piece('x' * PIECE))", "makes no sense"),
        ("send(Completed())", "makes no sense"),
        ("send(Progressed(-1, 0))", "makes no sense"),
        ("\nwhile True: send(Noted(NoteKind.HIDDEN, 'a'))", "makes no sense"),
        ("os.write(1, b'\\xff' * 99)", "makes no sense"),
        ("os.write(1, b'\\x05')", "brought down"),
        ("os.abort()", "brought down"),
        ("os._exit(0)", "brought down"),
        ("print('MemoryError', file=sys.stderr); sys.exit(3)", "more memory"),
        ("held = bytearray(b'x') * (400 << 20); time.sleep(999)", "more memory"),
        ("time.sleep(999)", "too long"),
        ("\nwhile True: send(Progressed(1, 2)); time.sleep(0.01)", "too long"),
    ],
)
def test_whatever_it_does_there_is_a_sentence(tmp_path: Path, code: str, title: str) -> None:
    limits = Limits(memory=200 * _MB, seconds=20, silent_seconds=15, characters=500_000)
    with pytest.raises(UserFacingError, match=title) as raised:
        read_document(written(tmp_path, "a.txt", b"words"), limits, command=of(code))
    assert raised.value.remedy


@pytest.mark.parametrize(
    ("code", "title"), [("os.abort()", "more memory"), ("os.kill(os.getpid(), 11)", "brought down")]
)
def test_a_pdf_whose_library_aborts_without_a_word_had_no_memory(tmp_path: Path, code: str, title: str) -> None:
    with pytest.raises(UserFacingError, match=title):
        read_document(written(tmp_path, "a.pdf", b"words"), Limits(), command=of(code, DocumentKind.PDF))


def test_what_it_prints_fills_no_pipe(tmp_path: Path) -> None:
    code = "sys.stderr.write('x' * 3_000_000)\n"
    code += "send(PartBegins(PartKind.WHOLE, 1, '')); send(Piece('a')); send(Completed())"
    assert read_document(written(tmp_path, "a.txt", b"words"), command=of(code)).parts[0].text == "a"


def test_it_can_be_given_up(tmp_path: Path) -> None:
    # GIVEN a process that says where it is, and goes on for ever
    said = tmp_path / "pid"
    code = f"open({str(said)!r}, 'w').write(str(os.getpid()))\nwhile True: send(Progressed(1, 9)); time.sleep(0.01)"
    given_up = threading.Event()
    seen: list[ReadingProgress] = []

    def give_up(progress: ReadingProgress) -> None:
        seen.append(progress)
        given_up.set()

    # WHEN it is given up
    with pytest.raises(Cancelled):
        read_document(written(tmp_path, "a.txt", b"x"), command=of(code), progress=give_up, given_up=given_up)

    # THEN it is gone
    assert (seen[0].done, seen[0].total) == (1, 9)
    with pytest.raises(ProcessLookupError):
        os.kill(int(said.read_text()), 0)


def test_it_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(UserFacingError, match="cannot be started"):
        read_document(written(tmp_path, "a.txt", b"x"), command=[str(tmp_path / "nothing")])


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    yield path


def test_what_is_no_document(tmp_path: Path, pipe: Path) -> None:
    for path, title in (
        (tmp_path, "folder"),
        (pipe, "no file"),
        (Path(os.devnull), "no file"),
        (tmp_path / "gone.pdf", "no such document"),
        (tmp_path / "gone.pdf" / "deeper", "no such document"),
    ):
        with pytest.raises(UserFacingError, match=title):
            read_document(path)


def test_names_of_all_kinds(tmp_path: Path) -> None:
    for name in ("猫 (1).pdf", "~root.pdf", "-x.pdf", "a\nb.pdf", os.fsdecode(b"caf\xe9.pdf")):
        assert read_document(written(tmp_path, name, pdf(["words"]))).parts[0].text == "words"


def test_of_a_file_of_a_gigabyte_the_beginning_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "huge.log", b"a line of the log\n" * 300_000)
    os.truncate(path, 1 << 30)
    document = read_document(path)

    assert document.characters == Limits().characters
    assert [str(note) for note in document.notes] == ["Only the beginning was read: the first 4,000,000 characters."]


def test_nobody_starts_it_by_hand() -> None:
    done = catnap("document-process")
    assert (done.code, done.out) == (2, "")
    assert "started by Catnap itself" in done.err


@pytest.mark.skipif(sys.platform != "linux", reason="walls that a process raises around itself")
def test_what_reads_a_document_is_shut_in() -> None:
    done = python(
        """
import os, resource, socket
from desktop.engine.cage.walls import shut_in
walls = shut_in("one document", (), (), 200 << 20, 7)
def fails(what):
    try:
        what()
    except (OSError, MemoryError) as problem:
        return type(problem).__name__
print(fails(lambda: socket.socket()), fails(lambda: os.fork()), fails(lambda: bytes(300 << 20)))
print(resource.getrlimit(resource.RLIMIT_CPU), resource.getrlimit(resource.RLIMIT_CORE))
print(fails(lambda: open("/etc/passwd")) if any("Landlock" in wall for wall in walls) else "PermissionError")
"""
    )
    assert done.out == "PermissionError PermissionError MemoryError\n(7, 7) (0, 0)\nPermissionError\n", done.err


def test_the_usual_limits_end_what_hangs(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(UserFacingError, match="did not get any further"):
        read_document(written(tmp_path, "a.txt", b"x"), command=of("time.sleep(999)"))
    assert time.monotonic() - began < Limits().silent_seconds + PATIENCE_S


def test_nothing_of_it_is_imported_before_a_document_is_read() -> None:
    code = """
import sys
import desktop.cli.ask, desktop.documents.reader, desktop.engine.process.main
for name in ("pypdfium2", "python_calamine", "charset_normalizer", "html.parser", "pyexpat"):
    assert name not in sys.modules, name
assert not any(name.startswith("desktop.documents.formats") for name in sys.modules)
"""
    assert python(code).err == ""
    # What a document is, and who is asked for one, is known; nothing that reads, keeps or searches any.
    app = """
import sys
import desktop.app.services
for part in ("formats", "reader", "question", "passages", "library.store", "library.updating", "library.folders"):
    assert not any(name.startswith(f"desktop.documents.{part}.") or name == f"desktop.documents.{part}"
                   for name in sys.modules), part
assert "desktop.chat.documents.grounds" not in sys.modules
for part in ("engine.schema", "structured", "check"):
    assert not any(name.startswith(f"desktop.{part}") for name in sys.modules), part
"""
    assert python(app).err == ""


def test_spaces_that_only_keep_a_line_together_are_spaces(tmp_path: Path) -> None:
    text = "14\u00a0June, 25\u202f%, Donau\u00addampf\u200bschiff, well"
    assert (
        read_document(written(tmp_path, "a.txt", text.encode())).parts[0].text
        == "14 June, 25 %, Donaudampfschiff, well"
    )
    code = 'a = "\u00a0"\n'
    assert "\u00a0" in read_document(written(tmp_path, "a.py", code.encode())).parts[0].text
