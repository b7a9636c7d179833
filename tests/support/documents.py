"""Small documents of every format, written byte by byte for the tests: nothing reads here what is written here."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """Returns a zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def relations(*targets: tuple[str, str]) -> str:
    """Returns a file of relationships: (last word of the type, target), with the ids rId1, rId2 ..."""
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{_PACKAGE}">{rows}</Relationships>'


def docx(body: str, *, footnotes: str = "", styles: str = "", numbering: str = "") -> bytes:
    """Returns a document of Word with this content of ``w:body``; the parts are left out that are not given."""
    members = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations(("officeDocument", "word/document.xml")),
        "word/document.xml": f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>',
    }
    others = {"footnotes": footnotes, "styles": styles, "numbering": numbering}
    there = [name for name, content in others.items() if content]
    members["word/_rels/document.xml.rels"] = relations(*((name, f"{name}.xml") for name in there))
    for name in there:
        members[f"word/{name}.xml"] = f'<w:{name} xmlns:w="{_W}">{others[name]}</w:{name}>'
    return zipped(members)


def paragraph(text: str, properties: str = "") -> str:
    """Returns a paragraph of Word."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def word_table(rows: Sequence[Sequence[str]]) -> str:
    """Returns a table of Word."""
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def xlsx(sheets: Mapping[str, str], *, styles: str = "", strings: Sequence[str] = (), hidden: Iterable[str] = (),
         book: str = "") -> bytes:  # fmt: skip
    """Returns a workbook; each sheet is the content of its ``sheetData``."""
    rows, targets = "", []
    members = {"[Content_Types].xml": "<Types/>", "_rels/.rels": relations(("officeDocument", "xl/workbook.xml"))}
    for number, (name, cells) in enumerate(sheets.items(), start=1):
        state = ' state="hidden"' if name in hidden else ""
        rows += f'<sheet name="{escape(name)}" sheetId="{number}"{state} r:id="rId{number}"/>'
        targets.append(("worksheet", f"worksheets/sheet{number}.xml"))
        members[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{_S}"><sheetData>{cells}</sheetData></worksheet>'
        )
    texts = "".join(f"<si><t>{escape(text)}</t></si>" for text in strings)
    members["xl/styles.xml"] = f'<styleSheet xmlns="{_S}">{styles}</styleSheet>'
    members["xl/sharedStrings.xml"] = f'<sst xmlns="{_S}">{texts}</sst>'
    targets += [("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")]
    members["xl/_rels/workbook.xml.rels"] = relations(*targets)
    members["xl/workbook.xml"] = f'<workbook xmlns="{_S}" xmlns:r="{_OFFICE}">{book}<sheets>{rows}</sheets></workbook>'
    return zipped(members)


def row(number: int, *cells: str) -> str:
    """Returns a row of a sheet."""
    return f'<row r="{number}">{"".join(cells)}</row>'


def cell(place: str, value: object, *, style: int = 0, kind: str = "n") -> str:
    """Returns a cell of a sheet: a number, or "s" (the number of a text), "b", "str", "e"."""
    return f'<c r="{place}" s="{style}" t="{kind}"><v>{escape(str(value))}</v></c>'


def formats(*codes: str) -> str:
    """Returns the styles of a workbook, in which style 1 is the first of these codes; 0 has none."""
    own = "".join(
        f'<numFmt numFmtId="{164 + place}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
        for place, code in enumerate(codes)
    )
    cells = "".join(f'<xf numFmtId="{164 + place}"/>' for place in range(len(codes)))
    others = '<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs>'
    return f'<numFmts>{own}</numFmts>{others}<cellXfs><xf numFmtId="0"/>{cells}</cellXfs>'


def pptx(slides: Sequence[str], notes: Mapping[int, str] | None = None) -> bytes:
    """Returns a presentation; each slide is the content of its ``p:spTree``, notes go by the number of the slide."""
    ids = "".join(f'<p:sldId id="{255 + number}" r:id="rId{number}"/>' for number in range(1, len(slides) + 1))
    members = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations(("officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": f'<p:presentation xmlns:p="{_P}" xmlns:r="{_OFFICE}">'
        f"<p:sldIdLst>{ids}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(
            *(("slide", f"slides/slide{number}.xml") for number in range(1, len(slides) + 1))
        ),
    }
    for number, tree in enumerate(slides, start=1):
        is_hidden, tree = tree.startswith("hidden:"), tree.removeprefix("hidden:")
        show = ' show="0"' if is_hidden else ""
        members[f"ppt/slides/slide{number}.xml"] = (
            f'<p:sld xmlns:p="{_P}" xmlns:a="{_A}"{show}><p:cSld><p:spTree>{tree}</p:spTree></p:cSld></p:sld>'
        )
    for number, text in (notes or {}).items():
        members[f"ppt/slides/_rels/slide{number}.xml.rels"] = relations(
            ("notesSlide", f"../notesSlides/notesSlide{number}.xml")
        )
        members[f"ppt/notesSlides/notesSlide{number}.xml"] = (
            f'<p:notes xmlns:p="{_P}" xmlns:a="{_A}">{shape(text, "body")}{shape("7", "sldNum")}</p:notes>'
        )
    return zipped(members)


def shape(text: str, role: str = "", level: int = 0) -> str:
    """Returns a shape of a slide with a paragraph for each line; without a role it is a box of text."""
    place = f'<p:nvPr><p:ph type="{role}"/></p:nvPr>' if role else ""
    lines = "".join(
        f'<a:p><a:pPr lvl="{level}"/><a:r><a:t>{escape(line)}</a:t></a:r></a:p>' for line in text.split("\n")
    )
    return f"<p:sp>{place}<p:txBody>{lines}</p:txBody></p:sp>"


def open_document(kind: str, body: str, *, styles: str = "", manifest: str = "") -> bytes:
    """Returns an OpenDocument: "text", "spreadsheet" or "presentation" with this content."""
    spaces = "".join(f' xmlns:{name}="{_ODF}:{name}:1.0"' for name in ("office", "text", "table", "style", "drawing"))
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content{spaces}><office:automatic-styles>{styles}"
            f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}></office:body>"
            "</office:document-content>",
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="{_ODF}:manifest:1.0">{manifest}</m:manifest>',
        }
    )


def epub(chapters: Mapping[str, str], *, more: Mapping[str, str | bytes] | None = None) -> bytes:
    """Returns a book; chapters by the names of their files, in the order to read them in."""
    items = "".join(
        f'<item id="c{place}" href="{name}" media-type="application/xhtml+xml"/>' for place, name in enumerate(chapters)
    )
    order = "".join(f'<itemref idref="c{place}"/>' for place in range(len(chapters)))
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container><rootfile full-path="OEBPS/book.opf"/></container>',
            "OEBPS/book.opf": f"<package><manifest>{items}</manifest><spine>{order}</spine></package>",
            **{f"OEBPS/{name}": content for name, content in chapters.items()},
            **(more or {}),
        }
    )


def pdf(pages: Sequence[str], *, picture_pages: Iterable[int] = ()) -> bytes:
    """Returns a PDF with lines of Helvetica; pages of those numbers, from 1, have a picture instead of text."""
    pictures = set(picture_pages)
    count = len(pages)
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Count %d /Kids [%s] >>"
        % (count, b" ".join(b"%d 0 R" % (10 + 2 * n) for n in range(count))),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        4: stream(
            bytes(3), b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceRGB /BitsPerComponent 8"
        ),
    }
    for place, text in enumerate(pages):
        lines = b"".join(
            b"BT /F1 12 Tf 50 %d Td (%s) Tj ET\n" % (750 - 16 * number, _literal(line))
            for number, line in enumerate(text.split("\n"))
        )
        content = b"q 100 0 0 100 50 50 cm /I1 Do Q" if place + 1 in pictures else lines
        objects[10 + 2 * place] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> /XObject << /I1 4 0 R >> >> >>" % (11 + 2 * place)
        )
        objects[11 + 2 * place] = stream(content)
    return pdf_of(objects)


def pdf_of(objects: Mapping[int, bytes], trailer: bytes = b"") -> bytes:
    """Returns a PDF with these objects, the first of which is its catalogue."""
    body = b"%PDF-1.7\n"
    table = b""
    for number, content in objects.items():
        table += b"%d 1\n%010d 00000 n \n" % (number, len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(body)
    size = max(objects) + 1
    body += b"xref\n0 1\n0000000000 65535 f \n" + table
    return body + b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """Returns a stream of a PDF."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def written(folder: Path, name: str, content: bytes) -> Path:
    """Writes a file and returns its path."""
    path = folder / name
    path.write_bytes(content)
    return path


def _literal(text: str) -> bytes:
    return text.encode("latin-1").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def xls(sheets: Mapping[str, Sequence[Sequence[str | float]]], *, hidden: Iterable[str] = ()) -> bytes:
    """Returns a workbook of Excel 97: its records (BIFF8) in a compound file."""

    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    def begin(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHLL", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))

    def cells(rows: Sequence[Sequence[str | float]]) -> bytes:
        found = b""
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                place = struct.pack("<HHH", row, column, 0)
                if isinstance(value, str):
                    text = value.encode("utf-16-le")
                    found += record(0x0204, place + struct.pack("<HB", len(value), 1) + text)
                else:
                    found += record(0x0203, place + struct.pack("<d", value))
        return found

    end = record(0x000A, b"")
    contents = [begin(0x10) + cells(rows) + end for rows in sheets.values()]
    places = [0] * len(contents)

    def head() -> bytes:
        names = b"".join(
            record(0x0085, struct.pack("<LBBBB", place, name in hidden, 0, len(name), 1) + name.encode("utf-16-le"))
            for name, place in zip(sheets, places, strict=True)
        )
        return begin(0x05) + names + end

    place = len(head())
    for number, content in enumerate(contents):
        places[number] = place
        place += len(content)
    return compound("Workbook", head() + b"".join(contents))


def compound(name: str, content: bytes) -> bytes:
    """Returns a compound file (MS-CFB) with one stream of up to 60 kB."""
    content = content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0")
    sectors = len(content) // 512
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<LLLLLLLLL", header, 40, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    struct.pack_into("<109L", header, 76, 0, *[0xFFFFFFFF] * 108)
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    table = struct.pack("<128L", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    directory = b""
    for entry, kind, child, start, size in (
        ("Root Entry", 5, 1, 0xFFFFFFFE, 0),
        (name, 2, 0xFFFFFFFF, 2, len(content)),
    ):
        text = f"{entry}\0".encode("utf-16-le")
        directory += text.ljust(64, b"\0") + struct.pack("<HBBLLL", len(text), kind, 1, *[0xFFFFFFFF] * 2, child)
        directory += bytes(36) + struct.pack("<LQ", start, size)
    return bytes(header) + table + directory.ljust(512, b"\0") + content
