"""How a server that knows nothing of JSON Schemas is asked for an answer that keeps to one: in words, and again."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from desktop.engine.types import Message, Role

# An answer that does not fit is asked for again, with what is wrong with it, so often.
MOST_SAMPLES: Final = 3
_LONGEST_QUOTE: Final = 4_000  # characters of an answer that is shown to the model again
_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
_TASK: Final = "{0}\n\nAnswer with JSON alone, no words around it, that keeps to this JSON Schema:\n{1}"
_TASK_ZH: Final = "{0}\n\n请只用 JSON 回答，前后不要加任何文字，并符合下面的 JSON Schema：\n{1}"
_AGAIN: Final = "That does not keep to the schema: {0}. Answer again, with the JSON alone."
_AGAIN_ZH: Final = "这不符合要求：{0}。请重新回答，只写 JSON。"
# What JSON can begin with; and a block of code, in which models like to put it.
_BEGINNINGS: Final = '{["-0123456789tfn'
_FENCE: Final = re.compile(r"```[a-zA-Z]*\s*\n(.*?)\n?\s*```", re.DOTALL)
_OBJECT: Final = re.compile(r"[{\[].*[}\]]", re.DOTALL)


def asked_in_words(messages: tuple[Message, ...], schema: str) -> tuple[Message, ...]:
    """Returns the messages with what the answer to the last one is to be."""
    *before, last = messages
    task = _TASK_ZH if _CHINESE.search(last.text) else _TASK
    return (*before, replace(last, text=task.format(last.text, schema)))


def asked_again(answer: str, why: str) -> tuple[Message, ...]:
    """Returns what is said after an answer that did not fit.

    Args:
        answer: What came.
        why: What is wrong with it.
    """
    again = _AGAIN_ZH if _CHINESE.search(answer) else _AGAIN
    return Message(Role.ASSISTANT, answer[:_LONGEST_QUOTE] or "?"), Message(Role.USER, again.format(why))


def is_no_json(text: str) -> bool:
    """Returns whether it is certain by its beginning that an answer is no JSON."""
    begun = text.lstrip()
    return bool(begun) and begun[0] not in _BEGINNINGS


def json_in(text: str) -> str:
    """Returns the JSON that stands in an answer with words or a block of code around it; else the answer."""
    if not is_no_json(text):
        return text.strip()
    if (fenced := _FENCE.search(text)) is not None:
        return fenced[1].strip()
    found = _OBJECT.search(text)
    return found[0] if found is not None else text.strip()
