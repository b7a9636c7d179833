"""Answers that were marked down, as tasks: whether a model, or another one, would say the same again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from desktop.check.tasks import MOST_QUESTION, TaskSet
from desktop.check.types import Kind, Language, Task
from desktop.engine.types import Message, Role

# For whoever opens the file; it is written for experts, in the language of the format.
ABOUT: Final = (
    "Answers that were marked down. Each task asks the question again; as it stands, an answer is right if it is not "
    'much like the one that was marked down. Better: say in "expect" what a right answer is. See docs/TASKS.md.'
)
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_NAMES: Final = {Language.ENGLISH: ("Question", "Answer"), Language.CHINESE: ("问", "答")}
# Tasks of a file; the newest are the most telling.
_MOST: Final = 500


def tasks_of(marked: Iterable[tuple[int, tuple[Message, ...]]]) -> TaskSet:
    """Returns tasks that ask what got answers that were marked down.

    What was said before in the same conversation comes before the question; a document that it was about does not.

    Args:
        marked: The number of each answer, and all that was said up to it; the oldest first.
    """
    tasks = []
    for number, turns in marked:
        if len(turns) < 2 or turns[-1].role is not Role.ASSISTANT or not turns[-1].text.strip():
            continue
        question = _question(turns[:-1])
        if question:
            expect = {"type": "not-again", "answers": [turns[-1].text]}
            language = Language.CHINESE if _CHINESE.search(turns[-2].text) else Language.ENGLISH
            tasks.append(Task(f"rated-{number}", Kind.RATED, language, question, expect, max_tokens=200))
    return TaskSet("", tuple(tasks[-_MOST:]))


def _question(turns: tuple[Message, ...]) -> str:
    asked = turns[-1].text.strip()
    if not asked or len(asked) > MOST_QUESTION:
        return ""
    names = _NAMES[Language.CHINESE if _CHINESE.search(asked) else Language.ENGLISH]
    before = [f"{names[turn.role is Role.ASSISTANT]}: {turn.text.strip()}" for turn in turns[:-1]]
    while before:
        whole = "\n\n".join((*before, f"{names[0]}: {asked}"))
        if len(whole) <= MOST_QUESTION:
            return whole
        before.pop(0)
    return asked
