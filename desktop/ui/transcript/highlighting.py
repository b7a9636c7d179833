"""Colours the code on the page, a moment after it was written: in slices, so that nothing waits for it.

The colours are no part of the text, as those of a syntax highlighter of Qt's are not: they are laid over its layout.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QColor, QTextBlock, QTextCharFormat, QTextDocument, QTextLayout

from desktop.ui.theme.code_colours import CodePart
from desktop.ui.transcript.markdown.document import JOINT, KIND, LANGUAGE, Joint, Kind, blocks_of

if TYPE_CHECKING:
    from pygments.lexer import Lexer

# Characters of one piece of code that are coloured; what follows stays plain.
_LONGEST = 20_000
# Of the GUI thread's time: in one go, and of code that grows at most a fiftieth, as it is read anew each time.
_SLICE_S, _PAUSE_MS, _SHARE, _LONGEST_PAUSE_MS = 0.006, 30, 50, 10_000
_LINES_AT_ONCE = 40
_KEPT = 40  # pieces of code whose colours are remembered


@dataclass(frozen=True)
class Span:
    """Letters of one colour, counted in UTF-16 units, as Qt does."""

    start: int
    length: int
    part: CodePart


class CodeHighlighter(QObject):
    """Follows a document, and colours the code that is written into it."""

    def __init__(self, document: QTextDocument, parent: QObject) -> None:
        """
        Args:
            document: A page, see :mod:`desktop.ui.transcript.markdown.document`.
            parent: Owner.
        """
        super().__init__(parent)
        self._document = document
        self._colours: dict[CodePart, QColor] = {}
        self._changed: tuple[int, int] | None = None  # where something was written since the last turn
        self._is_colouring = False
        self._kept: OrderedDict[tuple[str, str], list[Span]] = OrderedDict()
        self._reading: tuple[tuple[str, str], Iterator[Span], list[Span]] | None = None
        self._pause, self._cost = _PAUSE_MS, 0.0  # before the next turn; seconds that this one has taken
        self._importing: threading.Thread | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.go_on)
        document.contentsChange.connect(self._on_change)

    @property
    def is_done(self) -> bool:
        """Whether all code has the colours that it will have."""
        return self._changed is None

    def set_colours(self, colours: dict[CodePart, QColor]) -> None:
        """Sets the colours of what is written from now on."""
        self._colours = colours

    def hurry(self) -> None:
        """Begins soon: what was written last is not a little more of a growing answer."""
        self._pause, self._cost = _PAUSE_MS, 0.0
        if self._changed is not None:
            self._timer.start(_PAUSE_MS)

    def go_on(self) -> None:
        """Colours for a moment; what is left follows later."""
        if self._changed is None:
            return
        begun = time.perf_counter()
        first, last = self._changed
        self._is_colouring = True
        left = self._colour(first, last, begun + _SLICE_S)
        self._is_colouring = False
        self._cost += time.perf_counter() - begun
        if left is not None:  # in the middle of the page, or of a piece of code: it goes on from there
            self._changed = (left, last)
            self._timer.start(_PAUSE_MS)
        else:
            self._changed = None
            self._pause = min(max(_PAUSE_MS, round(self._cost * 1000 * _SHARE)), _LONGEST_PAUSE_MS)
            self._cost = 0.0

    def _on_change(self, position: int, removed: int, added: int) -> None:
        if self._is_colouring:
            return
        first, last = self._changed if self._changed is not None else (position, position)
        if last > position:
            last = max(position, last + added - removed)
        self._changed = (min(first, position), max(last, position + added))
        if not self._timer.isActive():
            self._timer.start(self._pause)

    def _colour(self, first: int, last: int, until: float) -> int | None:
        """Colours the code between two positions; returns where to go on, None: all of it is done."""
        end = max(0, self._document.characterCount() - 1)
        block = self._document.findBlock(min(first, end))
        while block.previous().isValid() and block.blockFormat().property(KIND) == Kind.CODE:
            block = block.previous()
        while block.isValid() and block.position() <= last:
            if block.blockFormat().property(KIND) == Kind.CODE_HEAD:
                language = str(block.blockFormat().property(LANGUAGE) or "")
                lines = _lines_from(block.next())
                if language and lines:
                    left = self._colour_lines(language, lines, first, until)
                    if left is not None:
                        return left
                    block = lines[-1]
            block = block.next()
            if time.perf_counter() > until:
                return block.position() if block.isValid() and block.position() <= last else None
        return None

    def _colour_lines(self, language: str, lines: list[QTextBlock], first: int, until: float) -> int | None:
        code = _code_of(lines)
        spans = self._spans(language, code, until)
        if spans is None:
            return max(first, lines[0].position())
        dirty = 0
        for line, formats in _coloured(lines, spans, self._colours):
            if line.position() + line.length() <= first:
                continue
            if not formats and not line.layout().formats():
                continue
            line.layout().setFormats(formats)
            self._document.markContentsDirty(line.position(), line.length())
            dirty += 1
            if dirty >= _LINES_AT_ONCE and time.perf_counter() > until:
                return line.position() + line.length()
        return None

    def _spans(self, language: str, code: str, until: float) -> list[Span] | None:
        """Returns the colours of a piece of code; None: they are not all found yet."""
        key = (language, code)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if not self._colours:
            return []
        if not self._can_read():
            return None
        if self._reading is None or self._reading[0] != key:
            self._reading = (key, code_spans(language, code), [])
        _, coming, found = self._reading
        for number, span in enumerate(coming):
            found.append(span)
            if number % 50 == 49 and time.perf_counter() > until:
                return None
        self._reading = None
        self._kept[key] = found
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found

    def _can_read(self) -> bool:
        """Whether Pygments is there; with the first code it is imported, by a thread: it takes 45 to 70 ms."""
        if self._importing is not None:
            return not self._importing.is_alive()
        if "pygments.lexers.python" in sys.modules:
            return True
        self._importing = threading.Thread(target=lambda: _lexer("python"), name="pygments", daemon=True)
        self._importing.start()
        return False


def colour_code(document: QTextDocument, colours: Mapping[CodePart, QColor], begins_in: str = "") -> None:
    """Colours all code of a small document that is not on the screen, at once.

    Args:
        document: Made by :mod:`desktop.ui.transcript.markdown.document`; not laid out yet.
        colours: Those of the paper.
        begins_in: Language of the code that it begins in the middle of; what that had before is not known any more.
    """
    block, language = document.begin(), begins_in
    while block.isValid():
        lines = _lines_from(block)
        if lines and language:
            for line, formats in _coloured(lines, list(code_spans(language, _code_of(lines))), colours):
                line.layout().setFormats(formats)
        head = lines[-1].next() if lines else block
        is_head = head.isValid() and head.blockFormat().property(KIND) == Kind.CODE_HEAD
        language = str(head.blockFormat().property(LANGUAGE) or "") if is_head else ""
        block = head.next() if head.isValid() else head


def _coloured(
    lines: Sequence[QTextBlock], spans: Sequence[Span], colours: Mapping[CodePart, QColor]
) -> Iterator[tuple[QTextBlock, list[QTextLayout.FormatRange]]]:
    """Yields each line of a piece of code with its colours."""
    start = place = 0
    for number, line in enumerate(lines):
        start += 1 if number and not _goes_on(line) else 0
        end = start + line.length() - 1
        while place < len(spans) and spans[place].start + spans[place].length <= start:
            place += 1
        here, at = [], place
        while at < len(spans) and spans[at].start < end:
            here.append(_range(spans[at], start, end, colours))
            at += 1
        yield line, here
        start = end


def _range(span: Span, start: int, end: int, colours: Mapping[CodePart, QColor]) -> QTextLayout.FormatRange:
    begin = max(span.start, start)
    form = QTextCharFormat()
    form.setForeground(colours[span.part])
    if span.part is CodePart.COMMENT:
        form.setFontItalic(True)
    made = QTextLayout.FormatRange()
    # PySide's declarations do not have these.
    made.start = begin - start  # type: ignore[attr-defined]
    made.length = min(span.start + span.length, end) - begin  # type: ignore[attr-defined]
    made.format = form  # type: ignore[attr-defined]
    return made


def code_spans(language: str, code: str) -> Iterator[Span]:
    """Yields what has a colour of its own in code, in order; nothing where its language is not known.

    Args:
        language: As it stands behind the fence.
        code: What follows 20,000 characters stays plain.
    """
    lexer = _lexer(language)
    if lexer is None:
        return
    from pygments.token import Token

    parts = {
        Token.Keyword: CodePart.KEYWORD,
        Token.Operator.Word: CodePart.KEYWORD,
        Token.Name.Tag: CodePart.KEYWORD,
        Token.Name.Function: CodePart.NAME,
        Token.Name.Class: CodePart.NAME,
        Token.Name.Decorator: CodePart.NAME,
        Token.Name.Builtin: CodePart.NAME,
        Token.Name.Attribute: CodePart.NAME,
        Token.Name.Exception: CodePart.NAME,
        Token.Literal.String: CodePart.TEXT,
        Token.Literal.Number: CodePart.NUMBER,
        Token.Comment: CodePart.COMMENT,
    }
    at = 0
    for _, kind, text in lexer.get_tokens_unprocessed(f"{code[:_LONGEST]}\n"):  # many a comment ends with a line
        length = len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
        found = kind
        while found is not None and found not in parts:
            found = found.parent
        if found is not None and text.strip():
            yield Span(at, length - len(text) + len(text.rstrip("\n")), parts[found])
        at += length


def _lexer(language: str) -> Lexer | None:
    """Returns what reads a language; None: nothing that is known, or shipped, does.

    Looking a name up would also ask every installed package for more languages.
    """
    from pygments.lexers import get_all_lexers, get_lexer_by_name

    language = language.lower().removeprefix("{").removeprefix(".").rstrip("},")
    if not any(language in aliases for _, aliases, _, _ in get_all_lexers(plugins=False)):
        return None
    try:
        return get_lexer_by_name(language)
    except ImportError:  # a language that is rare enough to be left out of the bundle
        return None


def _lines_from(first: QTextBlock) -> list[QTextBlock]:
    """Returns the lines of code from a block on."""
    lines: list[QTextBlock] = []
    for block in blocks_of(first.document(), first) if first.isValid() else ():
        if block.blockFormat().property(KIND) != Kind.CODE:
            break
        lines.append(block)
    return lines


def _code_of(lines: list[QTextBlock]) -> str:
    parts: list[str] = []
    for number, line in enumerate(lines):
        if number and not _goes_on(line):
            parts.append("\n")
        parts.append(line.text())
    return "".join(parts)


def _goes_on(line: QTextBlock) -> bool:
    return bool(line.blockFormat().property(JOINT) == Joint.IN_LINE)
