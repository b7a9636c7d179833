"""A question about a document, as a small model is asked it: the text, then the question, then what may answer it.

The text comes first and whole, so that what was read of it serves the next question as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from desktop.common.fences import fenced
from desktop.documents.closest import closest_sentence
from desktop.documents.library.stored import PartSummary
from desktop.documents.types import Document, Part, PartKind

_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
# The question first: below the sentence that may answer it, models of this size answer from another (adr/022).
_ENGLISH_TASK: Final = '{1}\n\nAnswer from this sentence: "{0}"\n\n{1}'
_CHINESE_TASK: Final = "{1}\n\n请根据这句话回答：“{0}”"
_ENGLISH_UNTOLD: Final = "The text does not say it."
_CHINESE_UNTOLD: Final = "文中没有提到。"
# What a small model is told to say where the text says nothing it says of everything, so it is told that only where
# nothing in the text is close to the question (adr/022).
_ENGLISH_UNSURE: Final = f'{{0}}\n\nIf the text does not say it, answer: "{_ENGLISH_UNTOLD}"'
_CHINESE_UNSURE: Final = f"{{0}}\n\n如果文中没有提到，就回答：“{_CHINESE_UNTOLD}”"
_ENGLISH_NOTHING: Final = (
    "The text was searched for the question below, and nothing about it was found. "
    "Answer that the text does not say it.\n\nQuestion: {0}"
)
_CHINESE_NOTHING: Final = "在文字中查找了下面的问题，没有找到相关内容。请回答“文中没有提到”。\n\n问题：{0}"
# What is asked of the text as a whole, and no sentence answers.
_OF_ALL: Final = re.compile(
    r"\b(?:summar(?:y|i[sz])|translat|rewrite|rephrase|shorten|outline|proofread|compar|list (?:all|every|the)\b"
    r"|overview|gist\b|(?:main|key) (?:points?|ideas?|facts?)\b|what (?:is|are) (?:this|it|these|the \w+) about\b)"
    r"|[总概]结|概[括述要]|摘要|翻译|译成|改写|缩写|润色|归纳|大意|要点|主要内容|[讲说写]了什么|[总總]結|翻譯|列出|比较|比較",
    re.IGNORECASE,
)
# Tokens of an answer about a text: longer ones of small models go round in circles.
SHORT_ANSWER: Final = 400
# Between two parts of a text.
NEXT: Final = "\n\n"
_NAMES: Final = frozenset((PartKind.SHEET, PartKind.CHAPTER))


def question_about(document: Document, question: str) -> str:
    """Returns the message to a model that asks about a document, in the language of the question.

    Args:
        document: What was read, or the parts of it that are meant.
        question: As the person has put it.
    """
    text = text_of(document)
    return f"{opening_with(text)}\n\n{task_for(question, text)}"


def task_for(question: str, text: str) -> str:
    """Returns a question as it is put to a model that has a text before it, see :func:`opening_with`.

    Args:
        question: As the person has put it.
        text: The one it is about: what of it is closest to the question is shown once more, unless it is asked about
            as a whole.
    """
    asked = question.strip()
    if _OF_ALL.search(asked):
        return asked
    closest = closest_sentence(text, asked)
    is_chinese = _CHINESE.search(question) is not None
    if closest:
        return (_CHINESE_TASK if is_chinese else _ENGLISH_TASK).format(closest, asked)
    return (_CHINESE_UNSURE if is_chinese else _ENGLISH_UNSURE).format(asked)


def question_about_passages(passages: Sequence[str], question: str, task: str | None = None) -> str:
    """Returns the message that asks about what was found in a text that is too long to be read as a whole.

    Args:
        passages: Each with a line before it that says where it stands; none: nothing was found.
        question: As the person has put it.
        task: How it is put below them; None: as :func:`task_for` puts it.
    """
    if not passages:
        return task or (_CHINESE_NOTHING if _CHINESE.search(question) else _ENGLISH_NOTHING).format(question.strip())
    text = NEXT.join(passages)
    return f"{opening_with(text)}\n\n{task or task_for(question, text)}"


def nothing_found(question: str) -> str:
    """Returns the answer where nothing was found in a text, in the language of the question; no model is needed."""
    return _CHINESE_UNTOLD if _CHINESE.search(question) else _ENGLISH_UNTOLD


def opening_with(text: str) -> str:
    """Returns what stands before the first question about a text; all others are asked with :func:`task_for` alone."""
    return fenced(text)


def text_of(document: Document) -> str:
    """Returns the text of a document, each part below a line that names it; a whole one has no such line."""
    return NEXT.join(headed(title_of(part), part.text) for part in document.parts)


def headed(title: str, text: str) -> str:
    """Returns a part of a document, or a passage of it, below a line that says where it stands; empty: no line."""
    return f"[{title}]\n{text}" if title else text


def title_of(part: Part | PartSummary) -> str:
    """Returns what a part is called within the text, as models know it: "page 3", "sheet 2: Prices"; or nothing."""
    if part.kind is PartKind.WHOLE:
        return ""
    name = f": {part.name}" if part.name and part.kind in _NAMES else ""
    return f"{part.kind.value} {part.number}{name}"
