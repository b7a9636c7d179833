"""Lines that are too long for Qt: cut into blocks of a text field, and put together again when they are read.

Qt lays a block out in one go, and with every letter that is typed in it: a line of 100,000 letters keeps the GUI thread
for two seconds each time. So a block has a few thousand letters at the most, and one that goes on with the line of the
block before it is marked. The mark is a part of its format, so that it is undone and redone with the text.
"""

from __future__ import annotations

from itertools import groupby

from PySide6.QtGui import QTextBlock, QTextBlockFormat, QTextCursor, QTextDocument, QTextFormat

_GOES_ON = QTextFormat.Property.UserProperty.value + 1
_LONGEST_WORD = 80  # letters: a block ends in no word that is shorter, since that looks like a new line
LONGEST = 2_000  # letters of a block; of one that was typed into, twice as many


def has_long_line(text: str) -> bool:
    """Tells whether a text has a line that is cut wherever it is put."""
    return len(text) > LONGEST and any(len(line) > LONGEST for line in text.split("\n"))


def insert_lines(cursor: QTextCursor, text: str) -> None:
    """Puts a text in the place of a selection, as one step that can be undone.

    Args:
        cursor: The selection; stands behind the text afterwards.
        text: Its lines may have any length.
    """
    cursor.beginEditBlock()
    cursor.removeSelectedText()
    first, feed, others = text.partition("\n")
    _insert_line(cursor, first)
    if feed:
        cursor.insertBlock(QTextBlockFormat())
        _insert_others(cursor, others)
    cursor.endEditBlock()


def text_between(document: QTextDocument, start: int, end: int) -> str:
    """Returns the text of a field between two of its positions, as it was put there.

    Args:
        document: Of the field.
        start: Counted as Qt counts, in UTF-16 units.
        end: One past the last.
    """
    parts: list[str] = []
    block = document.findBlock(start)
    while block.isValid() and block.position() <= end:
        if parts and not block.blockFormat().property(_GOES_ON):
            parts.append("\n")
        parts.append(_part(block, start, end))
        block = block.next()
    return "".join(parts).replace("\u2028", "\n").replace("\u2029", "\n")


def _insert_others(cursor: QTextCursor, text: str) -> None:
    """Inserts lines into an empty block: at once where none is long, since that is much quicker."""
    lines = text.split("\n")
    is_first = True
    for is_long, group in groupby(lines, lambda line: len(line) > LONGEST):
        for part in group if is_long else ("\n".join(group),):
            if not is_first:
                cursor.insertBlock(QTextBlockFormat())
            is_first = False
            if is_long:
                _insert_line(cursor, part)
            else:
                cursor.insertText(part)


def _insert_line(cursor: QTextCursor, line: str) -> None:
    """Inserts a part of a line, cutting the block where it would become too long."""
    if len(line) <= LONGEST and cursor.block().length() + len(line) <= LONGEST * 2:
        cursor.insertText(line)
        return
    joint = QTextBlockFormat()
    joint.setProperty(_GOES_ON, True)
    if not cursor.atBlockStart():
        cursor.insertBlock(joint)
    begin = 0
    while begin < len(line):
        if begin:
            cursor.insertBlock(joint)
        end = _end_of_part(line, begin)
        cursor.insertText(line[begin:end])
        begin = end
    if not cursor.atBlockEnd():
        cursor.insertBlock(joint)
        cursor.movePosition(QTextCursor.MoveOperation.PreviousBlock)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)


def _end_of_part(line: str, begin: int) -> int:
    """Returns where a part of a line ends that is no longer than a block: behind a space, if there is one near."""
    end = begin + LONGEST
    space = line.rfind(" ", max(begin, end - _LONGEST_WORD), end) if end < len(line) else -1
    return space + 1 if space >= 0 else end


def _part(block: QTextBlock, start: int, end: int) -> str:
    text, place = block.text(), block.position()
    if start <= place and place + block.length() <= end:
        return text
    units = text.encode("utf-16-le", "surrogatepass")  # Qt counts in these
    return units[max(0, start - place) * 2 : max(0, end - place) * 2].decode("utf-16-le", "ignore")
