"""A question about a document, as a small model is asked it: the text, then what to do with it, then the question.

The text comes first and whole, so that what was read of it serves the next question as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from desktop.common.fences import fenced
from desktop.documents.types import Document, Part, PartKind

_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
_ENGLISH_TASK: Final = (
    "Answer the question from the text above only, briefly. "
    "If the text does not say it, answer that the text does not say it.\n\nQuestion: {0}"
)
_CHINESE_TASK: Final = "请只根据上面的文字简短地回答问题。如果文字中没有提到，就回答“文中没有提到”。\n\n问题：{0}"
_ENGLISH_NOTHING: Final = (
    "The text was searched for the question below, and nothing about it was found. "
    "Answer that the text does not say it.\n\nQuestion: {0}"
)
_CHINESE_NOTHING: Final = "在文字中查找了下面的问题，没有找到相关内容。请回答“文中没有提到”。\n\n问题：{0}"
# Between two parts of a text.
NEXT: Final = "\n\n"
_NAMES: Final = frozenset((PartKind.SHEET, PartKind.CHAPTER))


def question_about(document: Document, question: str) -> str:
    """Returns the message to a model that asks about a document, in the language of the question.

    Args:
        document: What was read, or the parts of it that are meant.
        question: As the person has put it.
    """
    return f"{fenced(text_of(document))}\n\n{task_for(question)}"


def task_for(question: str) -> str:
    """Returns a question as it is put below a text, or after one that stands in the instructions to the model."""
    return (_CHINESE_TASK if _CHINESE.search(question) else _ENGLISH_TASK).format(question.strip())


def question_about_passages(passages: Sequence[str], question: str) -> str:
    """Returns the message that asks about what was found in a text that is too long to be read as a whole.

    Args:
        passages: Each with a line before it that says where it stands; none: nothing was found.
        question: As the person has put it.
    """
    if not passages:
        return (_CHINESE_NOTHING if _CHINESE.search(question) else _ENGLISH_NOTHING).format(question.strip())
    return f"{fenced(NEXT.join(passages))}\n\n{task_for(question)}"


def instructions_with(words: str, text: str) -> str:
    """Returns the instructions to a model in a conversation about a text that it always has before it.

    Args:
        words: What it is told otherwise; empty: nothing.
        text: See :func:`text_of`.
    """
    return f"{words.strip()}\n\n{fenced(text)}".strip()


def text_of(document: Document) -> str:
    """Returns the text of a document, each part below a line that names it; a whole one has no such line."""
    return NEXT.join(f"[{title}]\n{part.text}" if (title := title_of(part)) else part.text for part in document.parts)


def title_of(part: Part) -> str:
    """Returns what a part is called within the text, as models know it: "page 3", "sheet 2: Prices"; or nothing."""
    if part.kind is PartKind.WHOLE:
        return ""
    name = f": {part.name}" if part.name and part.kind in _NAMES else ""
    return f"{part.kind.value} {part.number}{name}"
