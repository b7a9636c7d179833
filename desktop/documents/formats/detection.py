"""What a file is, by its content; its ending decides only between things that are text in any case."""

from __future__ import annotations

import re
from typing import BinaryIO, Final

from desktop.documents.formats.archive import Archive
from desktop.documents.formats.sink import Sink
from desktop.documents.problems import Reason, RefusedError
from desktop.documents.types import DocumentKind

_START: Final = 4096
# Other programs may have put something in front of a PDF (ISO 32000-1, annex H, 3.4.1).
_PDF_WITHIN: Final = 1024
_ZIPS: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_LIMIT: Final = 64 * 1024 * 1024
# By the names of the streams in it.
_OLE_REASONS: Final = (("EncryptedPackage", Reason.PASSWORD), ("WordDocument", Reason.OLD_OFFICE),
                       ("PowerPoint Document", Reason.OLD_OFFICE))  # fmt: skip
_OLE_WORKBOOKS: Final = ("Workbook", "Book")
_SIGNATURES: Final = (
    *(
        (mark, Reason.ARCHIVE)
        for mark in (b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh", b"\xfd7zXZ\x00")
    ),
    *((mark, Reason.A_PICTURE) for mark in (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"ID3")),
    *((mark, Reason.A_PICTURE) for mark in (b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"8BPS")),
    *((mark, Reason.UNKNOWN) for mark in (b"GGUF", b"\x7fELF", b"MZ\x90\x00", b"SQLite format 3\x00", b"{\\rtf")),
)
# The second four bytes of films and pictures of Apple's family; RIFF says what it is in its third four.
_MEDIA_BOX, _RIFF, _RIFF_MEDIA = b"ftyp", b"RIFF", (b"WEBP", b"WAVE", b"AVI ")
_HTML: Final = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_HTML_ENDINGS: Final = frozenset((".html", ".htm", ".xhtml", ".xht"))
_TAG: Final = re.compile(r"<[a-zA-Z!/]")
_TABLES: Final = frozenset((".csv", ".tsv", ".tab"))
_MARKDOWN: Final = frozenset((".md", ".markdown", ".mkd"))
_TEXTS: Final = frozenset((".txt", ".text", ".log", ".rst", ".adoc", ""))
_OPEN_KINDS: Final = (
    (b"application/vnd.oasis.opendocument.text", DocumentKind.OPEN_TEXT),
    (b"application/vnd.oasis.opendocument.spreadsheet", DocumentKind.OPEN_SHEETS),
    (b"application/vnd.oasis.opendocument.presentation", DocumentKind.OPEN_SLIDES),
    (b"application/epub+zip", DocumentKind.BOOK),
)
# What is in a package of Office, by the member that is its document.
_OFFICE_KINDS: Final = (
    ("word/", DocumentKind.WORD),
    ("ppt/", DocumentKind.PRESENTATION),
    ("xl/workbook.bin", DocumentKind.BINARY_WORKBOOK),
    ("xl/", DocumentKind.WORKBOOK),
)
_IS_HTML_WITHIN: Final = 2048


def kind_of(file: BinaryIO, ending: str, sink: Sink) -> tuple[DocumentKind, Archive | None]:
    """Returns what a file is, and the archive that it is where it is one.

    Args:
        file: Is read from any place, and left anywhere.
        ending: Of its name, with the dot, in small letters.
        sink: Knows the limits.

    Raises:
        RefusedError: It is empty, damaged, protected, or nothing that is read.
    """
    size = file.seek(0, 2)
    file.seek(0)
    start = file.read(_START)
    if not start:
        raise RefusedError(Reason.EMPTY)
    is_pdf = b"%PDF-" in start[:_PDF_WITHIN]
    is_packed = start.startswith((*_ZIPS, _OLE)) or is_pdf
    if is_packed and size > sink.limits.file_bytes:
        raise RefusedError(Reason.TOO_LARGE)
    if start.startswith(_ZIPS):
        archive = Archive(file, sink)
        return _kind_of_zip(archive), archive
    if start.startswith(_OLE):
        return _kind_of_ole(file), None
    if is_pdf:
        return DocumentKind.PDF, None
    for mark, reason in _SIGNATURES:
        if start.startswith(mark):
            raise RefusedError(reason)
    if start[4:8] == _MEDIA_BOX or (start.startswith(_RIFF) and start[8:12] in _RIFF_MEDIA):
        raise RefusedError(Reason.A_PICTURE)
    if not start.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise RefusedError(Reason.EMPTY if size <= _START else Reason.UNKNOWN)
    return _kind_of_text(start, ending), None


def _kind_of_zip(archive: Archive) -> DocumentKind:
    if archive.has("mimetype"):
        kind = archive.read("mimetype", 1024).strip()
        for mark, found in _OPEN_KINDS:
            if kind.startswith(mark):  # those of templates begin in the same way
                return found
    names = archive.names()
    if archive.has("[Content_Types].xml"):
        for beginning, found in _OFFICE_KINDS:
            if any(name.startswith(beginning) for name in names):
                return found
    if archive.has("META-INF/container.xml"):
        return DocumentKind.BOOK
    if archive.has("EncryptedPackage"):
        raise RefusedError(Reason.PASSWORD)
    raise RefusedError(Reason.ARCHIVE)


def _kind_of_ole(file: BinaryIO) -> DocumentKind:
    """Looks for the names of streams, which stand in the directory in UTF-16 with a zero behind them."""
    file.seek(0)
    content = file.read(_OLE_LIMIT)
    for name, reason in _OLE_REASONS:
        if f"{name}\0".encode("utf-16-le") in content:
            raise RefusedError(reason)
    if any(f"{name}\0".encode("utf-16-le") in content for name in _OLE_WORKBOOKS):
        return DocumentKind.BINARY_WORKBOOK
    raise RefusedError(Reason.UNKNOWN)


def _kind_of_text(start: bytes, ending: str) -> DocumentKind:
    # Whatever the encoding, tags are ASCII, and the zeros of a wide one are between them.
    head = start[:_IS_HTML_WITHIN].replace(b"\0", b"").decode("latin-1").lstrip("\xef\xbb\xbf\xff\xfe")
    if _HTML.match(head) or (ending in _HTML_ENDINGS and _TAG.search(head)):
        return DocumentKind.PAGE_OF_THE_WEB
    if ending in _TABLES:
        return DocumentKind.TABLE
    if ending in _MARKDOWN:
        return DocumentKind.MARKDOWN
    return DocumentKind.TEXT if ending in _TEXTS else DocumentKind.CODE
