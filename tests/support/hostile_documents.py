"""Documents that are made to do harm: to fill the memory, to hang, to crash, to read what is none of their business."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from desktop.documents.problems import Reason
from tests.support import documents as make
from tests.support.documents import cell, paragraph, row

_MB = 1024 * 1024
# Bytes that a bomb unpacks to; those of PDF, which pdfium unpacks as a whole, have to be larger than the memory.
BOMB = 40 * _MB
_PDF_BOMB = 400 * _MB


@dataclass(frozen=True)
class Hostile:
    """One such document.

    Attributes:
        name: Of the file.
        make: Writes it.
        reasons: Why it may be refused; None among them: it may be read, too.
    """

    name: str
    make: Callable[[], bytes]
    reasons: frozenset[Reason | None]

    def __str__(self) -> str:
        return self.name


def _hostile(name: str, maker: Callable[[], bytes], *reasons: Reason | None) -> Hostile:
    return Hostile(name, maker, frozenset(reasons))


def _packed(members: dict[str, bytes | str], big: str, begin: bytes, middle: bytes, end: bytes) -> bytes:
    """Returns a zip in which one member is a bomb."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        with archive.open(big, "w") as member:
            member.write(begin)
            block = middle * (_MB // len(middle))
            for _ in range(BOMB // len(block)):
                member.write(block)
            member.write(end)
    return buffer.getvalue()


_DOCX: dict[str, bytes | str] = {"[Content_Types].xml": "<Types/>"}
_W = b'<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>'


def _word_bomb() -> bytes:
    return _packed(_DOCX, "word/document.xml", _W, b"a" * 1024, b"</w:t></w:r></w:p></w:body></w:document>")


def _sheet_bomb() -> bytes:
    return _packed(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="a" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": make.relations(("worksheet", "sheet1.xml")),
        },
        "xl/sheet1.xml",
        b"<worksheet><sheetData>",
        b'<row r="1"><c r="A1"/></row>',
        b"</sheetData></worksheet>",
    )


def _strings_bomb() -> bytes:
    return _packed(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="a" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": make.relations(("sharedStrings", "strings.xml")),
        },
        "xl/strings.xml",
        b"<sst>",
        b"<si><t></t></si>",
        b"</sst>",
    )


def _binary_workbook_bomb() -> bytes:
    return _packed({"[Content_Types].xml": "<Types/>"}, "xl/workbook.bin", b"", bytes(1024), b"")


def _open_text_bomb() -> bytes:
    kind = {"mimetype": "application/vnd.oasis.opendocument.text"}
    return _packed({**kind}, "content.xml", b"<a><p>", b" " * 1024, b"</p></a>")


def _book_of(chapter: bytes) -> bytes:
    return make.epub({"a.xhtml": ""}, more={"OEBPS/a.xhtml": chapter})


def _overlapping() -> bytes:
    """A book of 3,000 chapters that all are the same megabyte of the file (D. Fifield's overlap)."""
    names = [f"c{number}.xhtml" for number in range(3000)]
    with zipfile.ZipFile(io.BytesIO(make.epub(dict.fromkeys(names, "<p>x</p>"))), "r") as archive:
        others = {name: archive.read(name) for name in archive.namelist() if not name.startswith("OEBPS/c")}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in others.items():
            archive.writestr(name, content)
        archive.writestr("OEBPS/" + names[0], b"<p>" + b"a" * _MB)
        one = archive.getinfo("OEBPS/" + names[0])
        for name in names[1:]:
            # zipfile compares the name in front of the data with that of the list; the flag has it look no further.
            other = zipfile.ZipInfo("OEBPS/" + name)
            other.compress_type, other.CRC, other.flag_bits = one.compress_type, one.CRC, one.flag_bits
            other.file_size, other.compress_size, other.header_offset = (
                one.file_size,
                one.compress_size,
                one.header_offset,
            )
            archive.filelist.append(other)
    return buffer.getvalue()


def _lying(declared: int) -> bytes:
    """A document whose list says another size than its text has."""
    content = bytearray(make.docx(paragraph("words" * 2000)))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        real = archive.getinfo("word/document.xml").file_size
    return bytes(content).replace(struct.pack("<L", real), struct.pack("<L", declared))


def _flagged() -> bytes:
    """A document that says that it is encrypted, in the old way of zip files."""
    content = bytearray(make.docx(paragraph("words")))
    place = -1
    while (place := content.find(b"PK\x01\x02", place + 1)) >= 0:
        content[place + 8] |= 1
    return bytes(content)


def _packed_otherwise() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", bytes(_MB))
    return buffer.getvalue()


def _many_members() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(21_000):
            archive.writestr(f"{number}", b"")
    return buffer.getvalue()


def _zip_within_zip() -> bytes:
    inner = make.zipped({"word/document.xml": bytes(_MB)})
    for _ in range(20):
        inner = make.zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": inner})
    return inner


def _word_xml(source: str | bytes) -> bytes:
    return make.zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": source})


def _laughs() -> str:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]><x><p><t>&e9;</t></p></x>'


def _quadratic() -> str:
    return f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]><x><p><t>{"&a;" * 50_000}</t></p></x>'


def _outside(address: str) -> str:
    return f'<!DOCTYPE x [<!ENTITY a SYSTEM "{address}">]><x><p><t>&a;</t></p></x>'


def _tricky_paths() -> bytes:
    return make.zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": make.relations(("officeDocument", "../../../../etc/passwd")),
            "word/../../../../../etc/passwd": "<x><p><t>root</t></p></x>",
            "/etc/passwd": "<x/>",
            "word/C:\\Windows\\win.ini": "<x/>",
        }
    )


def _wild_numbers() -> bytes:
    cells = (
        '<c r="ZZZ9999999" t="s"><v>-1</v></c><c r="A0" t="s"><v>99999999999</v></c><c s="9999999999"><v>1e999</v></c>'
    )
    more = '<c t="n"><v>nan</v></c><c s="1"><v>-1e300</v></c><c s="2"><v>1e18</v></c>'
    styles = make.formats("yyyy-mm-dd", "0." + "0" * 250)
    return make.xlsx({"a" * 5000: f'<row r="-5">{cells}</row><row r="{"9" * 5000}">{more}</row>'}, styles=styles)


def _wild_word() -> bytes:
    wide = (
        '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr>'
        + paragraph("a")
        + "</w:tc></w:tr></w:tbl>"
    )
    deep = paragraph("b", '<w:numPr><w:ilvl w:val="999999999"/><w:numId w:val="1"/></w:numPr>')
    return make.docx(wide + deep + paragraph("c", '<w:outlineLvl w:val="123456789"/>'))


def _repeating_sheets() -> bytes:
    repeated = 'table:number-columns-repeated="99999999"'
    cells = f"<table:table-cell {repeated}><text:p>x</text:p></table:table-cell>"
    rows = f"<table:table-row table:number-rows-repeated='99999999'>{cells}</table:table-row>"
    return make.open_document("spreadsheet", "<table:table>" + rows * 50 + "</table:table>")


def _nested_tables() -> bytes:
    return make.docx("<w:tbl><w:tr><w:tc>" * 150 + paragraph("a") + "</w:tc></w:tr></w:tbl>" * 150)


def _pdf_bomb() -> bytes:
    packer = zlib.compressobj(1)
    content = b"".join(packer.compress(b"BT /F1 12 Tf (a) Tj ET\n" * 40_000) for _ in range(_PDF_BOMB // 920_000))
    content += packer.flush()
    return make.pdf_of(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
            4: make.stream(content, b"/Filter /FlateDecode"),
        }
    )


def _pdf_bomb_of_bombs() -> bytes:
    content = zlib.compress(zlib.compress(bytes(_PDF_BOMB), 1), 9)
    return make.pdf_of(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
            4: make.stream(content, b"/Filter [/FlateDecode /FlateDecode]"),
        }
    )


def _pdf_with(pages: bytes, **more: bytes) -> bytes:
    others = {int(name[1:]): content for name, content in more.items()}
    return make.pdf_of({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: pages, **others})


def _pdf_locked() -> bytes:
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >> /ID [<00><00>]" % (b"ab" * 32, b"cd" * 32)
    return make.pdf_of({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Count 0 /Kids [] >>"}, lock)


def _pdf_eating_itself() -> bytes:
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 4 0 R >> >>"
    return _pdf_with(
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        o3=b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 5 0 R "
        b"/Resources << /XObject << /F 4 0 R >> >> >>",
        o4=make.stream(b"/F Do " * 50, form),
        o5=make.stream(b"/F Do " * 50),
    )


def _ole(*names: str, loop: bool = False) -> bytes:
    """A compound file with these streams in its directory; its table of sectors may lead in circles."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<LLLLLLLLL", header, 40, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    struct.pack_into("<109L", header, 76, 0, *[0xFFFFFFFF] * 108)
    chain = [0xFFFFFFFD, 1 if loop else 0xFFFFFFFE, 2 if loop else 0xFFFFFFFE, *[0xFFFFFFFF] * 125]
    directory = b""
    for name, kind in (("Root Entry", 5), *((each, 2) for each in names)):
        text = f"{name}\0".encode("utf-16-le")
        directory += (
            text.ljust(64, b"\0") + struct.pack("<HBBLLL", len(text), kind, 1, *[0xFFFFFFFF] * 2, 1) + bytes(36)
        )
        directory += struct.pack("<LQ", 2, 0xFFFFFFF0)
    return bytes(header) + struct.pack("<128L", *chain) + directory.ljust(512, b"\0") + bytes(512)


def _noise(size: int) -> bytes:
    return random.Random(1).randbytes(size)


def hostile_documents() -> Iterator[Hostile]:
    """Yields all of them."""
    yield from _zipped()
    yield from _of_pdf()
    yield from _compound_files()
    yield from _of_text()


def _zipped() -> Iterator[Hostile]:
    yield _hostile("word-bomb.docx", _word_bomb, Reason.UNPACKED, None)
    yield _hostile("sheet-bomb.xlsx", _sheet_bomb, Reason.UNPACKED, Reason.NO_TEXT)
    yield _hostile("strings-bomb.xlsx", _strings_bomb, Reason.UNPACKED, Reason.TOO_LARGE)
    yield _hostile("binary-bomb.xlsb", _binary_workbook_bomb, Reason.UNPACKED)
    yield _hostile("text-bomb.odt", _open_text_bomb, Reason.UNPACKED)
    yield _hostile("chapter-bomb.epub", lambda: _book_of(bytes(BOMB)), Reason.UNPACKED)
    yield _hostile("overlapping.epub", _overlapping, Reason.UNPACKED, None)
    yield _hostile("says-less.docx", lambda: _lying(100), Reason.DAMAGED)
    yield _hostile("says-more.docx", lambda: _lying(0x7FFFFFFF), Reason.DAMAGED, None)
    yield _hostile("locked.docx", _flagged, Reason.PASSWORD)
    yield _hostile("bzip2.docx", _packed_otherwise, Reason.UNUSUAL)
    yield _hostile("many-members.docx", _many_members, Reason.UNUSUAL)
    yield _hostile("zip-in-zip.docx", _zip_within_zip, Reason.DAMAGED)
    yield _hostile("half.docx", lambda: make.docx(paragraph("a" * 9999))[:-400], Reason.DAMAGED)
    yield _hostile("only-the-head.docx", lambda: b"PK\x03\x04", Reason.DAMAGED)
    yield _hostile("empty.zip", lambda: make.zipped({}), Reason.ARCHIVE)
    yield _hostile("paths.docx", _tricky_paths, Reason.DAMAGED)
    yield _hostile("laughs.docx", lambda: _word_xml(_laughs()), Reason.UNUSUAL)
    yield _hostile("quadratic.docx", lambda: _word_xml(_quadratic()), Reason.UNUSUAL)
    yield _hostile("passwd.docx", lambda: _word_xml(_outside("file:///etc/passwd")), Reason.UNUSUAL)
    yield _hostile("network.docx", lambda: _word_xml(_outside("http://127.0.0.1:9/")), Reason.UNUSUAL)
    yield _hostile("loop.docx", lambda: _word_xml('<!DOCTYPE x [<!ENTITY a "&a;">]><x>&a;</x>'), Reason.UNUSUAL)
    yield _hostile("deep.docx", lambda: _word_xml("<a>" * 500_000), Reason.UNUSUAL)
    yield _hostile("attribute.docx", lambda: _word_xml(b'<a b="' + b"x" * 30 * _MB + b'"/>'), Reason.UNUSUAL)
    many = b"<a " + b"".join(b"b%d='' " % number for number in range(1_500_000)) + b"/>"
    yield _hostile("attributes.docx", lambda: _word_xml(many), Reason.UNUSUAL, Reason.NO_MEMORY)
    yield _hostile(
        "utf7.docx", lambda: _word_xml('<?xml version="1.0" encoding="utf-7"?><a/>'), Reason.DAMAGED, Reason.NO_TEXT
    )
    yield _hostile("odd-encoding.docx", lambda: _word_xml('<?xml version="1.0" encoding="zip"?><a/>'), Reason.DAMAGED)
    yield _hostile("nested-tables.docx", _nested_tables, Reason.UNUSUAL, None)
    yield _hostile("wild.docx", _wild_word, None)
    yield _hostile("wild.xlsx", _wild_numbers, None, Reason.NO_TEXT)
    yield _hostile("far.xlsx", lambda: make.xlsx({"a": row(1048576, cell("XFD1048576", 1))}), None)
    yield _hostile("repeating.ods", _repeating_sheets, None)


def _of_pdf() -> Iterator[Hostile]:
    yield _hostile("bomb.pdf", _pdf_bomb, Reason.NO_MEMORY, Reason.TOO_SLOW, None)
    yield _hostile("bomb-of-bombs.pdf", _pdf_bomb_of_bombs, Reason.NO_MEMORY, Reason.TOO_SLOW, Reason.NO_TEXT)
    yield _hostile("million.pdf", lambda: _pdf_with(b"<< /Type /Pages /Count 1000000 /Kids [] >>"), Reason.DAMAGED)
    endless = b"<< /Type /Pages /Count 9999 /Kids [2 0 R 2 0 R] >>"
    yield _hostile("endless.pdf", lambda: _pdf_with(endless), Reason.DAMAGED, Reason.NO_TEXT)
    arrays = b"[" * 300_000
    yield _hostile("arrays.pdf", lambda: _pdf_with(b"<< /Type /Pages /Kids " + arrays), Reason.DAMAGED, Reason.NO_TEXT)
    yield _hostile("form.pdf", _pdf_eating_itself, Reason.NO_TEXT, Reason.NO_MEMORY, Reason.TOO_SLOW, Reason.CRASHED)
    yield _hostile("locked.pdf", _pdf_locked, Reason.PASSWORD)
    yield _hostile("half.pdf", lambda: make.pdf(["words"])[:300], Reason.DAMAGED, Reason.NO_TEXT)
    yield _hostile("head.pdf", lambda: b"%PDF-1.7\n", Reason.DAMAGED)


def _compound_files() -> Iterator[Hostile]:
    yield _hostile("circle.xls", lambda: _ole("Workbook", loop=True), Reason.DAMAGED, Reason.NO_MEMORY, Reason.NO_TEXT)
    yield _hostile("short.xls", lambda: _ole("Workbook")[:700], Reason.DAMAGED, Reason.UNKNOWN)
    yield _hostile("locked-office.docx", lambda: _ole("EncryptedPackage"), Reason.PASSWORD)
    yield _hostile("old.doc", lambda: _ole("WordDocument"), Reason.OLD_OFFICE)


def _of_text() -> Iterator[Hostile]:
    """Text, and what claims to be some or something else."""
    yield _hostile("open-tags.html", lambda: b"<html>" + b"<div><table><ul>" * 30_000, Reason.NO_TEXT, None)
    yield _hostile("comment.html", lambda: b"<html><!--" + b"<!--" * 1_500_000, Reason.UNUSUAL, Reason.NO_TEXT)
    yield _hostile("tag.html", lambda: b"<html><a " + b"b=' " * 1_500_000, Reason.UNUSUAL, Reason.NO_TEXT, None)
    yield _hostile("marked.html", lambda: b"<html><![" * 100_000, Reason.UNUSUAL, Reason.NO_TEXT, None)
    yield _hostile("quote.csv", lambda: b'a,b\n"' + b"x\n" * 2_000_000, Reason.UNUSUAL)
    yield _hostile("commas.csv", lambda: b",".join([b"1"] * 600_000), None, Reason.UNUSUAL)
    yield _hostile("line.txt", lambda: b"x" * 30 * _MB, None)
    yield _hostile("noise.txt", lambda: _noise(4 * _MB), Reason.UNKNOWN)
    yield _hostile("zeros.txt", lambda: bytes(10 * _MB), Reason.UNKNOWN)
    yield _hostile("program", lambda: b"\x7fELF" + _noise(9999), Reason.UNKNOWN)
    yield _hostile("model.txt", lambda: b"GGUF\x03\x00\x00\x00" + bytes(99), Reason.UNKNOWN)
    yield _hostile("picture.pdf", lambda: b"\x89PNG\r\n\x1a\n" + _noise(999), Reason.A_PICTURE)
    yield _hostile("packed.docx", lambda: b"\x1f\x8b\x08" + _noise(999), Reason.ARCHIVE)
    yield _hostile("nothing.docx", lambda: b"", Reason.EMPTY)
    yield _hostile("spaces.txt", lambda: b" \n" * 50, Reason.EMPTY)
