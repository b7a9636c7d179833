"""A simple formula as words of the line that it stands in: it can be selected, and lines break in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from desktop.ui.transcript.maths.signs import (
    BINARY,
    COMBINING,
    INTEGRALS,
    LIMIT_WORDS,
    RELATIONS,
    VULGAR,
    WITH_LIMITS,
    is_bold,
    is_italic,
    shown,
    space_of,
)

_THIN = "\u2009"
_GROUPS = ("math", "mrow", "mstyle")


@dataclass(frozen=True)
class Run:
    """Words of one look.

    Attributes:
        text: The words.
        raised: 1: above the line, -1: below.
    """

    text: str
    raised: int = 0
    italic: bool = False
    bold: bool = False


def flat_runs(tree: Element) -> Sequence[Run] | None:
    """Returns a formula as words; None: it has parts above each other, and has to be drawn.

    Args:
        tree: The formula, see :func:`desktop.ui.transcript.maths.tree.formula_tree`.
    """
    try:
        return tuple(_merged(_spaced(tuple(_runs(tree)))))
    except _NotFlatError:
        return None


class _NotFlatError(Exception):
    pass


@dataclass(frozen=True)
class _Part:
    run: Run
    is_sign: bool = False


def _runs(node: Element) -> Iterator[_Part]:
    if node.tag in _GROUPS:
        if node.get("displaystyle") == "true":
            raise _NotFlatError
        for child in node:
            yield from _runs(child)
    elif node.tag in ("mi", "mn", "mo", "mtext"):
        if (node.text or "") in WITH_LIMITS | INTEGRALS or node.get("minsize"):
            raise _NotFlatError
        is_word = node.tag == "mi" and len(node.text or "") > 1 and (node.text or "").isalpha()
        text = f"{shown(node)}{_THIN}" if is_word else shown(node)
        yield _Part(Run(text, 0, is_italic(node), is_bold(node)), node.tag == "mo" or shown(node) in RELATIONS | BINARY)
    elif node.tag == "mspace":
        if node.get("linebreak") or space_of(node, 1) < 0:
            raise _NotFlatError
        yield _Part(Run("\u2003" if space_of(node, 1) >= 0.9 else _THIN))
    elif node.tag in ("msub", "msup"):
        if (node[0].text or "") in LIMIT_WORDS:
            raise _NotFlatError
        yield from _base(node[0])
        yield from _script(node[1], 1 if node.tag == "msup" else -1)
    elif node.tag == "mfrac":
        yield _Part(Run(_vulgar(node)))
    elif node.tag == "mover":
        yield _Part(_accented(node))
    else:
        raise _NotFlatError


def _base(node: Element) -> Iterator[_Part]:
    parts = tuple(_runs(node))
    if any(part.run.raised for part in parts):
        raise _NotFlatError
    for part in parts:
        yield _Part(replace(part.run, text=part.run.text.removesuffix(_THIN)), part.is_sign)


def _script(node: Element, raised: int) -> Iterator[_Part]:
    for part in _runs(node):
        if part.run.raised:
            raise _NotFlatError
        yield _Part(replace(part.run, raised=raised))


def _vulgar(node: Element) -> str:
    numbers = tuple("".join(node_.text or "" for node_ in part.iter() if node_.tag == "mn") for part in node)
    is_plain = all(each.tag in ("mrow", "mn") for part in node for each in part.iter())
    if is_plain and numbers in VULGAR and node.get("linethickness") is None:
        return VULGAR[numbers[0], numbers[1]]
    raise _NotFlatError


def _accented(node: Element) -> Run:
    parts, accent = tuple(_runs(node[0])), node[1].text or ""
    if node[1].tag == "mo" and accent in COMBINING and len(parts) == 1 and len(parts[0].run.text) == 1:
        return replace(parts[0].run, text=parts[0].run.text + COMBINING[accent])
    raise _NotFlatError


def _spaced(parts: Sequence[_Part]) -> Iterator[Run]:
    """Yields the words with room around the signs between two of them."""
    for number, part in enumerate(parts):
        sign = part.run.text
        before = parts[number - 1] if number else None
        is_between = before is not None and number + 1 < len(parts) and not part.run.raised
        if part.is_sign and is_between and sign in RELATIONS:
            yield replace(part.run, text=f" {sign} ")
        elif part.is_sign and is_between and sign in BINARY and before is not None and not _is_opening(before):
            yield replace(part.run, text=f"{_THIN}{sign}{_THIN}")
        elif part.is_sign and sign in ",;" and number + 1 < len(parts):
            yield replace(part.run, text=f"{sign}{_THIN}")
        else:
            yield part.run


def _is_opening(part: _Part) -> bool:
    return part.is_sign and (part.run.text in RELATIONS | BINARY or part.run.text in "([{,;")


def _merged(runs: Iterator[Run]) -> Iterator[Run]:
    last: Run | None = None
    for run in runs:
        if last is not None and replace(last, text="") == replace(run, text=""):
            last = replace(last, text=last.text + run.text)
        else:
            if last is not None:
                yield last
            last = run
    if last is not None:
        yield last
