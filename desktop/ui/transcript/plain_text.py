"""What a selection of the page says as plain text: the conversation without the links and figures around it."""

from __future__ import annotations

from typing import Final, cast

from PySide6.QtGui import QTextBlock, QTextBlockFormat, QTextCursor, QTextDocument, QTextList, QTextListFormat

from desktop.ui.transcript.markdown.document import CHROME, JOINT, KIND, Joint, Kind, blocks_of
from desktop.ui.transcript.maths.writing import SOURCE

_BOXES: Final = {QTextBlockFormat.MarkerType.Checked: "[x] ", QTextBlockFormat.MarkerType.Unchecked: "[ ] "}


def plain_text(selection: QTextCursor) -> str:
    """Returns the selected text, with the markers of lists and tabs between the cells of a table."""
    start, end = selection.selectionStart(), selection.selectionEnd()
    document = selection.document()
    parts: list[str] = []
    cell: tuple[int, int] | None = None
    for block in blocks_of(document, document.findBlock(start)):
        if block.position() > end:
            break
        kind = block.blockFormat().property(KIND)
        text, has_chrome = _text_of(block, start, end)
        if (has_chrome and not text) or kind in (Kind.FOOT, Kind.CODE_HEAD, Kind.THOUGHT_LINE, Kind.CUT, Kind.REST):
            continue
        place = QTextCursor(block)
        table = place.currentTable()
        if block.length() == 1 and kind != Kind.CODE and table is None:
            continue  # Qt's own, before a list and around a table
        row: tuple[int, int] | None = None
        if table is not None:
            at = table.cellAt(place)
            row = (table.firstPosition(), at.row()) if at.isValid() else None
        if start <= block.position():
            text = _list_marker(block) + text
        if parts and block.blockFormat().property(JOINT) != Joint.IN_LINE:
            parts.append("\t" if row is not None and row == cell else "\n")
        parts.append(text)
        cell = row
    return "".join(parts)


def code_below(document: QTextDocument, address: str) -> str:
    """Returns the code below the copy link with this address; empty if there is none."""
    for block in blocks_of(document):
        if block.blockFormat().property(KIND) == Kind.CODE_HEAD and _holds_link(block, address):
            return _code_after(block)
    return ""


def _code_after(head: QTextBlock) -> str:
    lines: list[str] = []
    for block in blocks_of(head.document(), head.next()):
        if block.blockFormat().property(KIND) != Kind.CODE:
            break
        line = _text_of(block, 0, block.position() + block.length())[0]
        if lines and block.blockFormat().property(JOINT) == Joint.IN_LINE:
            lines[-1] += line
        else:
            lines.append(line)
    return "\n".join(lines)


def _holds_link(block: QTextBlock, address: str) -> bool:
    iterator = block.begin()
    while not iterator.atEnd():
        if iterator.fragment().charFormat().anchorHref() == address:
            return True
        iterator += 1
    return False


def _list_marker(block: QTextBlock) -> str:
    # Qt's declaration says that there always is a list; a block outside of one has none.
    items = cast("QTextList | None", block.textList())
    if items is None:
        return ""
    form = items.format()
    marker = "-" if form.style() == QTextListFormat.Style.ListStyleUndefined else items.itemText(block)
    box = _BOXES.get(block.blockFormat().marker(), "")
    return "  " * (form.indent() - 1) + f"{marker} {box}"


def _text_of(block: QTextBlock, start: int, end: int) -> tuple[str, bool]:
    """Returns the part of a block's text within a range, and whether something of the interface was left out."""
    parts: list[str] = []
    has_chrome, formula = False, ""
    iterator = block.begin()
    while not iterator.atEnd():
        piece = iterator.fragment()
        before, formula = formula, str(piece.charFormat().property(SOURCE) or "")
        if piece.charFormat().property(CHROME):
            has_chrome = True
        elif formula:
            # What is shown of it is many words or one drawing: what is copied is how it is written.
            if start < piece.position() + piece.length() and end > piece.position() and formula != before:
                parts.append(formula)
        else:
            first = max(0, start - piece.position())
            # Qt counts in UTF-16 units, Python in code points.
            units = piece.text().encode("utf-16-le")
            last = max(first, min(len(units) // 2, end - piece.position()))
            parts.append(units[first * 2 : last * 2].decode("utf-16-le", errors="ignore"))
        iterator += 1
    text = "".join(parts).replace("\u2028", "\n")
    is_code = block.blockFormat().property(KIND) == Kind.CODE  # is copied letter by letter
    return text if is_code else text.replace("\u00a0", " "), has_chrome
