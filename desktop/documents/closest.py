"""The sentence of a text, or the row of a table, that a question is most likely about.

A model of 135 million weights reads a text and answers from another line of it; shown the right line once more beside
the question, it answers from that. A row is written out with the heads of its columns, since such models count no
columns. Pure functions.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from desktop.documents.expected_answer import NUMERALS, Kind, has, is_price, kind_of
from desktop.documents.passages.words import Forms, content_words_of, stem, words_of

# No sentence is repeated that is longer, in characters: it would be half of the text.
_LONGEST: Final = 600
# Of a sentence that has the kind of thing that is asked for; of a heading or a salutation, which says nothing.
_EXPECTED: Final = 1.6
_HEADING: Final = 0.7
# Words that say which kind of thing is asked for, and not of what: a sentence that has nothing else of the question is
# about something else, and one that answers it may do without them.
_OF_KINDS: Final = frozenset(map(stem, ("name", "called", "cost", "price", "number", "date", "time", "year")))
_WEIGHT_OF_KINDS: Final = 0.3
_AKIN: Final = 4
_FIGURES: Final = MappingProxyType({stem(word): figure for word, figure in NUMERALS.items()})
_WHOLE: Final = re.compile(r"[.!?。！？；;][\"')\]”’]*$")
_SENTENCE_END: Final = re.compile(
    r"(?<!\b[A-Z])(?<!\bMr)(?<!\bDr)(?<!\bMrs)(?<!\bNo)[.!?][\"')\]”’]*\s+(?=[^a-z])|(?<=[。！？；])"
)
_CLAUSE_END: Final = re.compile(r";\s+|,\s+(?:and|but|so|since|because|while|which|where|who)\s+")
# A heading, or what names a page; these and items of a list begin anew, whatever stands before.
_TITLE: Final = re.compile(r"\s*(?:#{1,6}\s|\[[^\]]*\]\s*$)")
_ITEM: Final = re.compile(r"^\s*(?:[-*+•]|[0-9]{1,3}[.)])\s+")
_ROW: Final = re.compile(r"^\s*\|(.+)\|\s*$")
_RULE: Final = re.compile(r"^[\s|:-]+$")
_CELL_END: Final = re.compile(r"(?<!\\)\|")
_EAST_ASIAN: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True)
class _Sentence:
    """A sentence, or a row of a table.

    Attributes:
        text: In one line; of a row all that is in it, with the heads of its columns.
        row: Heads and cells; None: it is a sentence.
    """

    text: str
    row: tuple[tuple[str, str], ...] | None = None

    def about(self, wanted: Set[str], kind: Kind | None, question: str) -> str:
        """Returns it as it is shown: of a row the columns that are asked for, or all of them where none is.

        Of a sentence only the clause that has as much of the question as the whole, and the kind of thing that is asked
        for: figures and names of other clauses are taken for those.

        Args:
            wanted: Words of the question.
            kind: What it asks for.
            question: As the person has put it.
        """
        if self.row is None:
            if kind is None:
                return self.text
            found = wanted & _words_of(self.text)
            clauses = _CLAUSE_END.split(self.text)
            fitting = [one for one in clauses if found <= _words_of(one) and has(kind, one, question)]
            return fitting[0].strip() if len(fitting) == 1 else self.text
        first, *others = self.row
        asked = [
            (head, cell)
            for head, cell in others
            if wanted & _words_of(f"{head} {cell}") or (kind is Kind.MONEY and is_price(f"{head} {cell}"))
        ]
        return _written_out(first, asked or others)


def closest_sentence(text: str, question: str) -> str:
    """Returns the sentence or the row that most likely answers a question; empty: none does, as far as words tell.

    Args:
        text: With its tables in Markdown.
        question: In any words.
    """
    kind, wanted = kind_of(question), frozenset(_FIGURES.get(word, word) for word in content_words_of(question))
    best, best_score, is_told = _Sentence(""), 0.0, kind is None or kind is Kind.NAME
    for sentence, score in _scored(text, wanted):
        if kind is not None and has(kind, sentence.text, question):
            score *= _EXPECTED
            is_told = True
        if not _WHOLE.search(sentence.text):
            score *= _HEADING
        if score > best_score and len(sentence.text) <= _LONGEST:
            best, best_score = sentence, score
    return best.about(wanted, kind, question) if is_told else ""


def _scored(text: str, wanted: Set[str]) -> Iterator[tuple[_Sentence, float]]:
    """Yields the sentences that have any word that is wanted, with the weight of those that they have."""
    forms: Forms = {}
    sentences = [(sentence, _words_of(sentence.text, forms)) for sentence in _sentences(text)]
    frequency = Counter(word for _, words in sentences for word in wanted & words)
    for missing in wanted - frequency.keys():
        for _, words in sentences:
            if any(_is_akin(missing, word) for word in words):
                words.add(missing)
                frequency[missing] += 1
    subject = {word for word in wanted if frequency[word]} - _OF_KINDS
    for sentence, words in sentences:
        found = wanted & words
        if found and (not subject or found & subject):
            weights = {word: math.log(1 + len(sentences) / frequency[word]) for word in found}
            yield sentence, sum(each * (_WEIGHT_OF_KINDS if word in _OF_KINDS else 1) for word, each in weights.items())


def _words_of(text: str, forms: Forms | None = None) -> set[str]:
    return {_FIGURES.get(word, word) for word in words_of(text, forms)}


def _is_akin(word: str, other: str) -> bool:
    """Returns whether two stems that are not the same begin alike, as those of "descale" and "descaled" do."""
    if min(len(word), len(other)) < _AKIN or not word.isalpha() or not word.isascii():
        return False
    return word.startswith(other) or other.startswith(word)


def _sentences(text: str) -> Iterator[_Sentence]:
    """Yields the sentences and the rows of a text."""
    heads: list[str] | None = None
    lines: list[str] = []
    for line in [*text.split("\n"), ""]:
        row = _ROW.match(line)
        if row is not None or not line.strip() or _ITEM.match(line) or _stands_alone(line, lines):
            yield from map(_Sentence, _cut(lines))
            lines = []
        if row is None:
            heads = None
            if line.strip():
                lines.append(_ITEM.sub("", line, count=1).strip())
            continue
        cells = [cell.strip() for cell in _CELL_END.split(row[1])]
        if heads is None:
            heads = cells
        elif not _RULE.match(line):
            pairs = tuple((head, cell) for head, cell in zip(heads, cells, strict=False) if cell)
            if pairs:
                yield _Sentence(f"{pairs[0][0]} {_written_out(pairs[0], pairs[1:])}", pairs)


def _stands_alone(line: str, before: Sequence[str]) -> bool:
    return _TITLE.match(line) is not None or (len(before) > 0 and _TITLE.match(before[-1]) is not None)


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


def _written_out(first: tuple[str, str], others: Sequence[tuple[str, str]]) -> str:
    """Returns a row as "Desk lamp: Price is 34.90; In stock is 12."."""
    is_chinese = any(_EAST_ASIAN.search(cell) for _, cell in (first, *others))
    colon, semicolon, verb, stop = ("：", "；", "是", "。") if is_chinese else (": ", "; ", " is ", ".")
    said = semicolon.join(f"{head}{verb}{cell}" if head else cell for head, cell in others)
    return first[1] + (colon + said if said else "") + stop
