"""The process that reads one document, from its beginning to its end; started by Catnap with a verb that nobody types.

A file may be made to do harm, and the libraries that read it are large: so it is read here, where there is nothing to
be had, behind the walls that the engine has, too. What comes out is text, in messages of bounded size.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import BinaryIO, Final, NoReturn

from desktop.common.regular_file import NotAFileError, open_regular
from desktop.documents.formats.archive import Archive
from desktop.documents.formats.detection import kind_of
from desktop.documents.formats.sink import EnoughError, Sink
from desktop.documents.messages import FROM_PROCESS, MESSAGE_LIMIT, Completed, Read, Refused
from desktop.documents.problems import Reason, RefusedError
from desktop.documents.types import DocumentKind
from desktop.engine.cage.walls import shut_in
from desktop.engine.process.channel import Sender
from desktop.engine.process.errand import take_errand

_FAILED: Final = 1


def main() -> int:
    """Runs the process; returns its exit code."""
    errand = take_errand(Read, MESSAGE_LIMIT, "The process that reads documents")
    if errand is None:
        return 2
    order, results = errand
    send = Sender(results, FROM_PROCESS).send_or_end
    try:
        file = open_regular(order.path)
    except (NotAFileError, IsADirectoryError):
        return _leave(send, Refused(Reason.FOLDER if order.path.is_dir() else Reason.NO_FILE))
    except (FileNotFoundError, NotADirectoryError):
        return _leave(send, Refused(Reason.GONE))
    except (OSError, ValueError):  # the latter: a name with a zero in it
        return _leave(send, Refused(Reason.NOT_ALLOWED))
    with file:
        shut_in("one document", (), (), order.limits.memory, order.limits.cpu_seconds)
        return _leave(send, _read(file, order.path.suffix.lower(), Sink(order.limits, send)))


def _leave(send: Callable[[object], None], last: Completed | Refused) -> NoReturn:
    send(last)
    # Nothing is left to be tidied up, and the interpreter's own end could trip over native libraries.
    sys.stderr.flush()
    os._exit(0)


def _read(file: BinaryIO, ending: str, sink: Sink) -> Completed | Refused:
    """Reads a document into ``sink``; returns how that ended."""
    try:
        kind, archive = kind_of(file, ending, sink)
        sink.recognise(kind)
        file.seek(0)
        _reader_of(kind, file, archive)(sink)
    except EnoughError:
        pass
    except RefusedError as problem:
        return Refused(problem.reason)
    except (MemoryError, RecursionError):
        return Refused(Reason.NO_MEMORY)
    return Completed() if sink.has_text else Refused(Reason.NO_TEXT)


def _reader_of(kind: DocumentKind, file: BinaryIO, archive: Archive | None) -> Callable[[Sink], None]:
    """Returns what reads a kind; its module is imported now, and no other."""
    if archive is not None and kind is not DocumentKind.BINARY_WORKBOOK:
        return _reader_of_archive(kind, archive)
    if kind is DocumentKind.PDF:
        from desktop.documents.formats.pdf import read_pdf

        return lambda sink: read_pdf(file, sink)
    if kind is DocumentKind.BINARY_WORKBOOK:
        from desktop.documents.formats.office.binary_workbook import read_xls

        if archive is not None:
            archive.check_all()  # calamine counts nothing, and waits for ever when there is no more memory
        file.seek(0)
        return lambda sink: read_xls(file, sink)
    if kind is DocumentKind.PAGE_OF_THE_WEB:
        from desktop.documents.formats.html import read_html

        return lambda sink: read_html(file, sink)
    from desktop.documents.formats.plain import read_table, read_text

    return lambda sink: (read_table if kind is DocumentKind.TABLE else read_text)(file, sink)


def _reader_of_archive(kind: DocumentKind, archive: Archive) -> Callable[[Sink], None]:
    if kind is DocumentKind.WORD:
        from desktop.documents.formats.office.word import read_docx

        return lambda sink: read_docx(archive, sink)
    if kind is DocumentKind.PRESENTATION:
        from desktop.documents.formats.office.presentation import read_pptx

        return lambda sink: read_pptx(archive, sink)
    if kind is DocumentKind.WORKBOOK:
        from desktop.documents.formats.office.workbook import read_xlsx

        return lambda sink: read_xlsx(archive, sink)
    if kind is DocumentKind.BOOK:
        from desktop.documents.formats.epub import read_epub

        return lambda sink: read_epub(archive, sink)
    from desktop.documents.formats.open_document import read_open_document

    return lambda sink: read_open_document(archive, sink)
