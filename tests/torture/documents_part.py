"""Documents of every format, damaged at random places, and those that are made to do harm.

Survived: there is a document or a sentence, in time, whatever became of the process that read it.
"""

from __future__ import annotations

import io
import random
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from desktop.common.errors import UserFacingError
from desktop.documents.reader import read_document
from desktop.documents.types import Limits
from tests.support import documents as make
from tests.support.hostile_documents import hostile_documents
from tests.torture.results import Outcome, Run

_MB: Final = 1024 * 1024
_LIMITS: Final = Limits(memory=256 * _MB, seconds=90, cpu_seconds=30, file_bytes=32 * _MB, cells=50_000, pages=1_000)
# To end a process and to be told of it.
_GRACE_SECONDS: Final = 15.0
_COUNT, _SHORT_COUNT = 1_000, 40
_CELLS: Final = make.row(1, make.cell("A1", 0, kind="s"), make.cell("B1", 0.5, style=1))
_BASES: Final[Mapping[str, Callable[[], bytes]]] = MappingProxyType(
    {
        "a.pdf": lambda: make.pdf(["one\ntwo", "three", "four"], picture_pages=(2,)),
        "a.docx": lambda: make.docx(make.paragraph("one") + make.word_table([["a", "b"], ["c", "d"]])),
        "a.xlsx": lambda: make.xlsx({"One": _CELLS}, styles=make.formats("0%"), strings=["text"]),
        "a.pptx": lambda: make.pptx([make.shape("title", "title") + make.shape("one\ntwo", "body")], {1: "notes"}),
        "a.odt": lambda: make.open_document("text", "<text:h>one</text:h><text:p>two</text:p>"),
        "a.epub": lambda: make.epub({"a.xhtml": "<h1>one</h1><table><tr><td>a<td>b</table>"}),
        "a.html": lambda: b"<!doctype html><h1>one</h1><ul><li>two<li>three</ul><pre>x</pre>",
        "a.csv": lambda: 'a,b\n1,"2\n3"\n'.encode("utf-16"),
    }
)


def run(run: Run) -> Iterator[Outcome]:
    """Tries the hostile ones, and then the damaged ones."""
    hostile = [(str(each), each.make) for each in hostile_documents()]
    for number, (name, maker) in enumerate(hostile):
        if _is_wanted(run, number, step=8):
            yield _try(run, number, "hostile", name, maker())
    for count in range(_SHORT_COUNT if run.is_short else _COUNT):
        number = len(hostile) + count
        if run.only and number not in run.only:
            continue
        draw = random.Random(f"{run.seed} {number}")
        name = draw.choice(sorted(_BASES))
        yield _try(run, number, "damaged", name, _damaged(draw, _BASES[name]()))


def _is_wanted(run: Run, number: int, step: int) -> bool:
    return number in run.only if run.only else not run.is_short or number % step == 0


def _try(run: Run, number: int, row: str, name: str, content: bytes) -> Outcome:
    path = make.written(run.folder, name, content)
    began = time.monotonic()
    lost = ""
    try:
        document = read_document(path, _LIMITS)
        ending = "read"
        if document.characters > _LIMITS.characters:
            lost = f"{document.characters} characters"
    except UserFacingError as refused:
        ending = refused.title
        if not refused.remedy:
            lost = "a sentence without a remedy"
    except Exception as problem:
        ending, lost = "error", f"{type(problem).__name__}: {problem}"
    seconds = time.monotonic() - began
    if seconds > _LIMITS.seconds + _GRACE_SECONDS:
        lost = lost or "it took longer than it may"
    again = f"--part documents --seed {run.seed} --only {number}"
    kept = run.keep(path, f"document-{number}-{name}") if lost else None
    return Outcome("documents", row, name, ending, lost, again, kept, seconds)


def _damaged(draw: random.Random, content: bytes) -> bytes:
    """Damages a file, or what is packed in it."""
    if content.startswith(b"PK") and draw.random() < 0.7:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        victim = draw.choice(sorted(members))
        return make.zipped({**members, victim: _damaged_bytes(draw, members[victim])})
    return _damaged_bytes(draw, content)


def _damaged_bytes(draw: random.Random, content: bytes) -> bytes:
    damaged = bytearray(content)
    for _ in range(draw.choice((1, 1, 3, 20))):
        place = draw.randrange(len(damaged) + 1)
        match draw.randrange(5):
            case 0:
                damaged[place : place + 1] = bytes((draw.randrange(256),))
            case 1:
                del damaged[place : place + draw.randrange(1, 40)]
            case 2:
                damaged[place:place] = draw.choice((b"<", b"&", b"\0", b"99999999999", b'"', b"]]>", b">>", b"%"))
            case 3:
                begin = draw.randrange(len(damaged) + 1)
                damaged[place:place] = damaged[begin : begin + draw.randrange(1, 200)] * draw.choice((1, 2, 50))
            case _:
                if draw.random() < 0.2:
                    del damaged[place:]
    return bytes(damaged)
