"""A question about a document, as a small model is asked it: the text, then what to do with it, then the question.

The text comes first and whole, so that what was read of it serves the next question as well.
"""

from __future__ import annotations

import re
from typing import Final

from desktop.common.fences import fenced
from desktop.documents.types import Document, Part, PartKind

_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
_ENGLISH_TASK: Final = (
    "{0}\n\nAnswer the question from the text above only, briefly. "
    "If the text does not say it, answer that the text does not say it.\n\nQuestion: {1}"
)
_CHINESE_TASK: Final = (
    "{0}\n\n请只根据上面的文字简短地回答问题。如果文字中没有提到，就回答“文中没有提到”。\n\n问题：{1}"
)
_NAMES: Final = frozenset((PartKind.SHEET, PartKind.CHAPTER))


def question_about(document: Document, question: str) -> str:
    """Returns the message to a model that asks about a document, in the language of the question.

    Args:
        document: What was read, or the parts of it that are meant.
        question: As the person has put it.
    """
    task = _CHINESE_TASK if _CHINESE.search(question) else _ENGLISH_TASK
    return task.format(fenced(text_of(document)), question.strip())


def text_of(document: Document) -> str:
    """Returns the text of a document, each part below a line that names it; a whole one has no such line."""
    return "\n\n".join(f"[{title}]\n{part.text}" if (title := title_of(part)) else part.text for part in document.parts)


def title_of(part: Part) -> str:
    """Returns what a part is called within the text, as models know it: "page 3", "sheet 2: Prices"; or nothing."""
    if part.kind is PartKind.WHOLE:
        return ""
    name = f": {part.name}" if part.name and part.kind in _NAMES else ""
    return f"{part.kind.value} {part.number}{name}"
