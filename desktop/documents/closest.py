"""The sentence of a text, or the row of a table, that a question is most likely about.

A model of 135 million weights reads a text and answers from another line of it; shown the right line once more beside
the question, it answers from that. A row is written out with the heads of its columns, since such models count no
columns. Pure functions.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from desktop.documents.passages.words import content_words_of, words_of

# No sentence is repeated that is longer, in characters: it would be half of the text.
_LONGEST: Final = 600
_SENTENCE_END: Final = re.compile(
    r"(?<!\b[A-Z])(?<!\bMr)(?<!\bDr)(?<!\bMrs)(?<!\bNo)[.!?][\"')\]”’]*\s+(?=[^a-z])|(?<=[。！？；])"
)
_ROW: Final = re.compile(r"^\s*\|(.+)\|\s*$")
_RULE: Final = re.compile(r"^[\s|:-]+$")
_CELL_END: Final = re.compile(r"(?<!\\)\|")
_EAST_ASIAN: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def closest_sentence(text: str, question: str) -> str:
    """Returns the sentence or the row that has most of what the question asks about; empty: none has any of it.

    Args:
        text: With its tables in Markdown.
        question: In any words.
    """
    wanted = frozenset(content_words_of(question))
    candidates = [(sentence, wanted.intersection(words_of(sentence))) for sentence in _sentences(text)]
    frequency = Counter(word for _, found in candidates for word in found)
    best, best_score = "", 0.0
    for sentence, found in candidates:
        score = sum(math.log(1 + len(candidates) / frequency[word]) for word in found)
        if score > best_score and len(sentence) <= _LONGEST:
            best, best_score = sentence, score
    return best


def _sentences(text: str) -> Iterator[str]:
    """Yields the sentences and the rows of a text, each in one line."""
    heads: list[str] | None = None
    lines: list[str] = []
    for line in [*text.split("\n"), ""]:
        row = _ROW.match(line)
        if row is not None or not line.strip():
            yield from _cut(lines)
            lines = []
        if row is None:
            heads = None
            if line.strip():
                lines.append(line.strip())
            continue
        cells = [cell.strip() for cell in _CELL_END.split(row[1])]
        if heads is None:
            heads = cells
        elif not _RULE.match(line):
            yield _written_out(heads, cells)


def _cut(lines: list[str]) -> Iterator[str]:
    joined = ""
    for line in lines:  # a line that was broken within Chinese gains no space
        is_close = bool(joined) and _EAST_ASIAN.match(joined[-1]) and _EAST_ASIAN.match(line[0])
        joined += line if not joined or is_close else f" {line}"
    start = 0
    for end in _SENTENCE_END.finditer(joined):
        yield joined[start : end.end()].strip()
        start = end.end()
    if rest := joined[start:].strip():
        yield rest


def _written_out(heads: list[str], cells: list[str]) -> str:
    """Returns a row as "Product Desk lamp: Price 34.90, In stock 12."."""
    pairs = [f"{head} {cell}".strip() for head, cell in zip(heads, cells, strict=False) if cell]
    if not pairs:
        return ""
    is_chinese = _EAST_ASIAN.search("".join(cells)) is not None
    colon, comma, stop = ("：", "，", "。") if is_chinese else (": ", ", ", ".")
    return pairs[0] + (colon + comma.join(pairs[1:]) if len(pairs) > 1 else "") + stop
