"""Sets a formula in boxes: fractions, roots, scripts, limits, tables, and brackets as high as what they hold.

The measures are those of TeX's plain style, roughly: shares of the size of the letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from PySide6.QtGui import QFont, QFontMetricsF

from desktop.ui.transcript.maths.boxes import Box, Letters, Shape, in_row, letters, line, stretched, stroke, widened
from desktop.ui.transcript.maths.signs import (
    ACCENTS,
    BINARY,
    FENCES,
    INTEGRALS,
    LIMIT_WORDS,
    RELATIONS,
    WITH_LIMITS,
    is_bold,
    is_italic,
    shown,
    space_of,
)

_SCRIPT, _SMALLEST = 0.72, 0.5  # size of scripts, of what they stand at and of the formula
_BIG_SIGN = 1.5  # of sums and integrals that stand by themselves
_GROUPS = ("math", "mrow", "mstyle", "mpadded", "mphantom")
_SIGN_ROOM, _RELATION_ROOM, _WORD_ROOM = 0.22, 0.28, 0.17


@dataclass(frozen=True)
class _Style:
    """How a part is set.

    Attributes:
        share: Of the size of the formula.
        display: There is room: limits are above and below.
        script: It stands above or below a line: no room around signs.
    """

    share: float = 1.0
    display: bool = False
    script: bool = False

    def smaller(self) -> _Style:
        return _Style(max(_SMALLEST, self.share * _SCRIPT), False, True)

    def inner(self) -> _Style:
        return replace(self, display=False) if self.display else replace(self, share=max(_SMALLEST, self.share * 0.8))


def formula_box(tree: Element, font: QFont, *, display: bool, room: float = 0.0) -> Box:
    """Returns a formula as a box.

    Args:
        tree: See :func:`desktop.ui.transcript.maths.tree.formula_tree`.
        font: Of the text around it.
        display: It stands by itself.
        room: The width that it should have at the most, with lines that end before signs; 0: any.
    """
    setter, style = _Setter(font), _Style(display=display)
    box = setter.box(tree, style)
    if not 0 < room < box.width:
        return box
    return setter.broken(tree, style, room)


class _Setter:
    def __init__(self, font: QFont) -> None:
        self._font = font
        self._size = QFontMetricsF(font).height() / 1.2  # about the size of the letters, in pixels
        self._thin = max(1.0, self._size / 18)
        self._axis = QFontMetricsF(font).xHeight() * 0.5  # where signs and lines of fractions are

    def box(self, node: Element, style: _Style) -> Box:
        if node.tag in _GROUPS:
            return self._group(node, style)
        if node.tag in ("mi", "mn", "mo", "mtext"):
            return self._leaf(node, style)
        if node.tag == "mspace":
            return Box(space_of(node, self._size * style.share))
        if node.tag in ("msub", "msup", "msubsup", "munder", "mover", "munderover"):
            return self._scripts(node, style)
        if node.tag == "mfrac":
            return self._fraction(node, style)
        if node.tag in ("msqrt", "mroot"):
            return self._root(node, style)
        if node.tag == "mtable":
            return self._table(node, style)
        return self._enclosed(node, style)

    def broken(self, tree: Element, style: _Style, room: float) -> Box:
        """Returns a formula in lines that end before the signs of its outermost row."""
        nodes = list(tree)
        while len(nodes) == 1 and nodes[0].tag in ("mrow", "mstyle"):
            nodes = list(nodes[0])
        indent, signs = Box(self._em(style) * 1.5), RELATIONS | BINARY
        parts: list[list[Element]] = [[]]
        for number, node in enumerate(nodes):
            if number and _sign_of(node) in signs and _sign_of(nodes[number - 1]) not in signs:
                parts.append([])
            parts[-1].append(node)
        lines: list[list[Element]] = [[]]
        for part in parts:
            if lines[-1] and self._row([*lines[-1], *part], style).width + indent.width > room:
                lines.append([])
            lines[-1] += part
        rows = [self._row(nodes_, style) for nodes_ in lines]
        return self._stacked([rows[0], *(in_row([indent, row]) for row in rows[1:])], self._em(style) * 0.4)

    def _em(self, style: _Style) -> float:
        return self._size * style.share

    def _letters_font(self, style: _Style, *, italic: bool = False, bold: bool = False) -> QFont:
        font = QFont(self._font)
        font.setPointSizeF(max(1.0, font.pointSizeF() * style.share))
        font.setItalic(italic)
        if bold:
            font.setWeight(QFont.Weight.Bold)
        return font

    def _group(self, node: Element, style: _Style) -> Box:
        if node.get("displaystyle") is not None:
            style = replace(style, display=node.get("displaystyle") == "true")
        if node.get("scriptlevel") == "0":
            style = replace(style, share=1.0, script=False)
        elif node.get("scriptlevel") in ("1", "2"):
            style = style.smaller()
        lines: list[list[Element]] = [[]]
        for child in node:
            if child.get("linebreak") == "newline":
                lines.append([])
            else:
                lines[-1].append(child)
        rows = [self._row(line_, style) for line_ in lines if line_]
        box = self._stacked(rows, self._em(style) * 0.35) if len(rows) > 1 else rows[0] if rows else Box()
        if node.tag == "mphantom":
            box = replace(box, marks=())
        if node.tag == "mpadded" and node.get("width") in ("0", "0px"):
            box = replace(box, width=0.0, slant=0.0)
        return box

    def _stacked(self, rows: Sequence[Box], gap: float) -> Box:
        height = sum(row.height for row in rows) + gap * (len(rows) - 1)
        y, marks = -height / 2 - self._axis, list[Letters | Shape]()
        for row in rows:
            marks += row.placed(0, y + row.ascent)
            y += row.height + gap
        return Box(max(row.width for row in rows), height / 2 + self._axis, height / 2 - self._axis, tuple(marks))

    def _row(self, nodes: Sequence[Element], style: _Style) -> Box:
        boxes = [None if _stretches(node) else self.box(node, style) for node in nodes]
        inner = [box for box in boxes if box is not None]
        reach = max((max(box.ascent - self._axis, box.descent + self._axis) for box in inner), default=0.0)
        made: list[Box] = []
        for number, node in enumerate(nodes):
            box = boxes[number]
            if box is None:
                font = self._letters_font(style)
                box = stretched(shown(node), font, reach + self._axis, reach - self._axis) if shown(node) else Box()
            made += self._with_room(nodes, number, box, style)
        return in_row(made)

    def _with_room(self, nodes: Sequence[Element], number: int, box: Box, style: _Style) -> list[Box]:
        """Returns a box with the empty ones around it."""
        node, em = nodes[number], self._em(style)
        before = nodes[number - 1] if number else None
        sign = _sign_of(node)
        has_both = before is not None and number + 1 < len(nodes)
        if sign in RELATIONS and not style.script and (has_both or before is None):
            return [Box(em * _RELATION_ROOM if has_both else 0.0), box, Box(em * _RELATION_ROOM)]
        if sign in BINARY and has_both and not style.script and before is not None:
            previous = _sign_of(before)
            if previous not in RELATIONS and previous not in BINARY and previous not in tuple("([{,"):
                return [Box(em * _SIGN_ROOM), box, Box(em * _SIGN_ROOM)]
        if sign in tuple(",;") and number + 1 < len(nodes):
            return [box, Box(em * _WORD_ROOM)]
        if _is_word(node) and number + 1 < len(nodes) and _sign_of(nodes[number + 1]) not in tuple("(["):
            return [box, Box(em * _WORD_ROOM)]
        if box.slant and number + 1 < len(nodes) and (_sign_of(nodes[number + 1]) or "x") in FENCES:
            return [box, Box(box.slant)]
        return [box]

    def _leaf(self, node: Element, style: _Style) -> Box:
        text = shown(node)
        font = self._letters_font(style, italic=is_italic(node), bold=is_bold(node))
        if node.tag == "mo" and text in WITH_LIMITS | INTEGRALS and style.display:
            font.setPointSizeF(font.pointSizeF() * _BIG_SIGN)
        box = letters(text, font)
        if node.get("minsize"):
            grown = float(node.get("minsize", "1em").removesuffix("em")) * self._em(style) / 2
            return stretched(text, font, grown + self._axis, grown - self._axis)
        if node.tag == "mo" and text in WITH_LIMITS | INTEGRALS:
            drop = (box.ascent - box.descent) / 2 - self._axis  # to the middle of the line
            return Box(box.width, box.ascent - drop, box.descent + drop, box.placed(0, drop), box.slant)
        return box

    def _scripts(self, node: Element, style: _Style) -> Box:
        base = node[0]
        below = node[1] if node.tag in ("msub", "msubsup", "munder", "munderover") else None
        above = node[-1] if node.tag in ("msup", "msubsup", "mover", "munderover") else None
        is_word = _last_text(base) in LIMIT_WORDS
        is_big = _last_text(base) in WITH_LIMITS
        if node.tag in ("munder", "mover", "munderover") and not is_big and not is_word:
            return self._over_and_under(base, below, above, style)
        if (is_big or is_word) and style.display:
            return self._limits(self.box(base, style), below, above, style)
        return self._beside(self.box(base, style), below, above, style)

    def _beside(self, base: Box, below: Element | None, above: Element | None, style: _Style) -> Box:
        small, em = style.smaller(), self._em(style)
        marks, width, ascent, descent = list(base.marks), 0.0, base.ascent, base.descent
        up = self.box(above, small) if above is not None else None
        down = self.box(below, small) if below is not None else None
        rise = max(em * 0.38, base.ascent - em * 0.3) if up is not None else 0.0
        drop = max(em * 0.16, base.descent + em * 0.1) if down is not None else 0.0
        if up is not None and down is not None:
            gap = (rise - up.descent) - (down.ascent - drop)
            if gap < em * 0.12:
                rise, drop = rise + (em * 0.12 - gap) / 2, drop + (em * 0.12 - gap) / 2
        if up is not None:
            rise = max(rise, up.descent + em * 0.3)
            marks += up.placed(base.width + base.slant, -rise)
            width, ascent = base.slant + up.width, max(ascent, rise + up.ascent)
        if down is not None:
            marks += down.placed(base.width, drop)
            width, descent = max(width, down.width), max(descent, drop + down.descent)
        return Box(base.width + width + em * 0.06, ascent, descent, tuple(marks))

    def _limits(self, base: Box, below: Element | None, above: Element | None, style: _Style) -> Box:
        small, gap = style.smaller(), self._em(style) * 0.16
        up = self.box(above, small) if above is not None else Box()
        down = self.box(below, small) if below is not None else Box()
        return _around(base, up if above is not None else None, down if below is not None else None, gap, gap)

    def _over_and_under(self, base: Element, below: Element | None, above: Element | None, style: _Style) -> Box:
        box, em = self.box(base, style), self._em(style)
        for part, is_above in ((above, True), (below, False)):
            if part is None:
                continue
            kind = ACCENTS.get(part.text or "") if part.tag == "mo" else None
            if kind is None:
                other, gap = self.box(part, style.smaller()), em * 0.14
            else:
                other, gap = self._accent(part, kind, box, style), em * (0.08 if kind == "mark" else 0.12)
            shift = box.slant if kind == "mark" else 0.0
            box = _around(box, other if is_above else None, None if is_above else other, gap, gap, shift)
        return box

    def _accent(self, node: Element, kind: str, base: Box, style: _Style) -> Box:
        text, width = node.text or "", max(base.width + base.slant, self._em(style) * 0.35)
        font = self._letters_font(style)
        if kind == "line":
            return Box(width, self._thin, 0, (line(0, -self._thin, width, self._thin),))
        if kind == "arrow" or (kind == "wide" and base.width):
            grown = widened(text, self._letters_font(replace(style, share=style.share * 0.8)), width)
            return grown if grown.width else letters(text, font)
        box = letters({"^": "\u02c6", "~": "\u02dc"}.get(text, text), font)
        # Such a sign hangs in the height of a capital letter: it is taken from there.
        return Box(box.width, box.ascent + box.descent, 0, box.placed(0, box.descent)) if box.descent >= 0 else box

    def _fraction(self, node: Element, style: _Style) -> Box:
        inner = style.inner()
        above, below = self.box(node[0], inner), self.box(node[1], inner)
        em, has_line = self._em(style), node.get("linethickness") != "0"
        gap = em * (0.16 if style.display else 0.1) + (0 if has_line else em * 0.08)
        width = max(above.width + above.slant, below.width + below.slant) + em * 0.2
        up, down = self._axis + self._thin / 2 + gap + above.descent, -self._axis + self._thin / 2 + gap + below.ascent
        marks: list[Letters | Shape] = [
            *above.placed((width - above.width) / 2, -up),
            *below.placed((width - below.width) / 2, down),
        ]
        if has_line:
            marks.append(line(0, -self._axis - self._thin / 2, width, self._thin))
        room = em * 0.08
        moved = tuple(mark.moved(room, 0) for mark in marks)
        return Box(width + 2 * room, up + above.ascent, down + below.descent, moved)

    def _root(self, node: Element, style: _Style) -> Box:
        inner = self.box(node[0], style) if node.tag == "mroot" else self._row(list(node), style)
        em, thin = self._em(style), self._thin
        ascent, descent = max(inner.ascent, em * 0.6) + em * 0.18 + thin, max(inner.descent, em * 0.05) + em * 0.06
        begin, hook = 0.0, em * 0.55
        marks: list[Letters | Shape] = []
        height = ascent + descent
        if node.tag == "mroot":
            degree = self.box(node[1], style.smaller())
            begin = max(0.0, degree.width - hook * 0.45)
            marks += degree.placed(0, descent - height * 0.55 - degree.descent)
            ascent = max(ascent, height * 0.55 - descent + degree.height)
        top = -(inner.ascent if inner.ascent > em * 0.6 else em * 0.6) - em * 0.18
        points = [
            (begin, descent - height * 0.42),
            (begin + hook * 0.3, descent - height * 0.5),
            (begin + hook * 0.58, descent),
            (begin + hook, top),
            (begin + hook + inner.width + inner.slant + em * 0.12, top),
        ]
        marks.append(stroke(points, thin))
        marks += inner.placed(begin + hook + em * 0.06, 0)
        return Box(points[-1][0] + em * 0.08, ascent, descent, tuple(marks))

    def _table(self, node: Element, style: _Style) -> Box:
        inner = style if node.get("displaystyle") == "true" else replace(style, display=False)
        em = self._em(style)
        rows = [[self._row(list(cell), inner) for cell in row] for row in node]
        sides = [[cell.get("columnalign", "center") for cell in row] for row in node]
        count = max((len(row) for row in rows), default=0)
        if not count:
            return Box()
        widths = [max((row[at].width for row in rows if at < len(row)), default=0.0) for at in range(count)]
        strut = letters("(", self._letters_font(style))
        heights = [
            (max([strut.ascent, *(c.ascent for c in r)]), max([strut.descent, *(c.descent for c in r)])) for r in rows
        ]
        gap = em * 0.32
        total = sum(up + down for up, down in heights) + gap * (len(rows) - 1)
        y, marks = -total / 2 - self._axis, list[Letters | Shape]()
        longest = max(sides, key=len)
        width = sum(widths) + sum(self._column_gap(longest, at, em) for at in range(count - 1))
        rules = node.get("rowlines", "").split()
        for number, (row, alignments, (up, down)) in enumerate(zip(rows, sides, heights, strict=True)):
            x = 0.0
            for at, cell in enumerate(row):
                side = alignments[at]
                free = widths[at] - cell.width
                marks += cell.placed(x + (free if side == "right" else 0.0 if side == "left" else free / 2), y + up)
                x += widths[at] + self._column_gap(alignments, at, em)
            y += up + down + gap
            if number < min(len(rows) - 1, len(rules)) and rules[number] != "none":
                marks.append(line(0, y - (gap + self._thin) / 2, width, self._thin))
        if "solid" in node.get("columnlines", ""):
            marks += self._column_lines(node.get("columnlines", "").split(), widths, longest, total)
        return Box(width, total / 2 + self._axis, total / 2 - self._axis, tuple(marks))

    def _column_gap(self, sides: Sequence[str], at: int, em: float) -> float:
        """Returns the room behind a column: none between the sides of an equation."""
        if at + 1 >= len(sides):
            return 0.0
        return em * 0.06 if (sides[at], sides[at + 1]) == ("right", "left") else em * 0.9

    def _column_lines(
        self, lines: Sequence[str], widths: Sequence[float], sides: Sequence[str], total: float
    ) -> list[Shape]:
        em, x, made = self._size, 0.0, []
        for at in range(len(widths) - 1):
            gap = self._column_gap(sides, at, em)
            x += widths[at] + gap
            if at < len(lines) and lines[at] == "solid":
                made.append(line(x - gap / 2, -total / 2 - self._axis, self._thin, total))
        return made

    def _enclosed(self, node: Element, style: _Style) -> Box:
        inner, pad, thin = self._row(list(node), style), self._em(style) * 0.25, self._thin
        notation = node.get("notation", "box")
        up, down, width = inner.ascent + pad, inner.descent + pad, inner.width + 2 * pad
        if notation == "box":
            corners = [(thin / 2, -up), (width - thin / 2, -up), (width - thin / 2, down), (thin / 2, down)]
            frame = stroke([*corners, corners[0], corners[1]], thin)
            return Box(width, up + thin, down + thin, (frame, *inner.placed(pad, 0)))
        marks: list[Letters | Shape] = list(inner.marks)
        if "updiagonalstrike" in notation:
            marks.append(stroke([(0, inner.descent), (inner.width, -inner.ascent)], thin))
        if "downdiagonalstrike" in notation:
            marks.append(stroke([(0, -inner.ascent), (inner.width, inner.descent)], thin))
        if "horizontalstrike" in notation:
            marks.append(line(0, -self._axis, inner.width, thin))
        return replace(inner, marks=tuple(marks))


def _around(
    base: Box, above: Box | None, below: Box | None, gap_above: float, gap_below: float, shift: float = 0.0
) -> Box:
    """Returns a box with others above and below its middle."""
    width = max(box.width for box in (base, above, below) if box is not None)
    left = (width - base.width) / 2
    marks, ascent, descent = list(base.placed(left, 0)), base.ascent, base.descent
    if above is not None:
        y = base.ascent + gap_above + above.descent
        marks += above.placed((width - above.width) / 2 + shift, -y)
        ascent = y + above.ascent
    if below is not None:
        y = base.descent + gap_below + below.ascent
        marks += below.placed((width - below.width) / 2, y)
        descent = y + below.descent
    return Box(width, ascent, descent, tuple(marks), base.slant if width == base.width else 0.0)


def _sign_of(node: Element) -> str:
    """Returns the sign that a part is; empty: it is none."""
    text = shown(node)
    if node.tag == "mi" and text in RELATIONS | BINARY:
        return text  # as the library takes the sign for plus and minus
    return text if node.tag == "mo" and len(text) == 1 else ""


def _is_word(node: Element) -> bool:
    text = _last_text(node[0]) if node.tag in ("msub", "msup", "msubsup", "munder") and len(node) else node.text or ""
    return node.tag != "mtext" and len(text) > 1 and text.replace("\u2009", "").isalpha()


def _last_text(node: Element) -> str:
    while node.tag in ("mrow", "mstyle") and len(node):
        node = node[-1]
    return (node.text or "").replace("\u2009", "") if node.tag in ("mo", "mi") else ""


def _stretches(node: Element) -> bool:
    """Tells whether a part is a bracket as high as what stands beside it."""
    if node.tag != "mo" or node.get("stretchy") == "false" or node.get("minsize"):
        return False
    return node.get("stretchy") == "true" or (len(shown(node)) == 1 and shown(node) in FENCES and shown(node) != "/")
