"""PDF, by pdfium. Its pages keep their numbers; what it may do to the process is the business of the walls."""

from __future__ import annotations

from typing import Any, BinaryIO, Final

from desktop.documents.formats.sink import Sink
from desktop.documents.problems import Reason, RefusedError
from desktop.documents.types import NoteKind, PartKind

# Pages one after the other that cannot be read, after which the others are not tried: the number of pages may be a lie.
_MOST_DAMAGED: Final = 20
_FORM_DEPTH: Final = 3
# What pdfium writes for a hyphen at the end of a line, whose word goes on in the next.
_HYPHEN: Final = "\ufffe"


def read_pdf(file: BinaryIO, sink: Sink) -> None:
    """Reads the pages of a PDF.

    Raises:
        RefusedError: It is damaged or protected, or has no text.
    """
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as problem:
        is_locked = problem.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        raise RefusedError(Reason.PASSWORD if is_locked else Reason.DAMAGED) from problem
    total = len(document)
    damaged: list[str] = []
    pictures: list[str] = []
    in_a_row = 0
    for place in range(total):
        sink.begin(PartKind.PAGE, place + 1)
        sink.advance(place, total)
        try:
            page = document[place]
            text = _text_of(page)
        except pypdfium2.PdfiumError:
            damaged.append(str(place + 1))
            in_a_row += 1
            if in_a_row >= _MOST_DAMAGED:
                break
            continue
        in_a_row = 0
        if text.strip():
            sink.write(text)
        elif any(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=_FORM_DEPTH)):
            pictures.append(str(place + 1))
        page.close()
    if not sink.has_text:
        raise RefusedError(Reason.PICTURES if pictures else Reason.DAMAGED if damaged else Reason.NO_TEXT)
    sink.note_parts(NoteKind.PICTURES, pictures)
    sink.note_parts(NoteKind.DAMAGED_PAGES, damaged)


def _text_of(page: Any) -> str:
    text: str = page.get_textpage().get_text_bounded()
    return text.replace("\r\n", "\n").replace(f"{_HYPHEN}\n", "").replace(_HYPHEN, "")
