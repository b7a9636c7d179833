"""How a model is asked for an answer in JSON: the names of the fields and what each of them is, in plain words.

A small model does not read a schema. The grammar gives it the names; what belongs under them it has to be told.
"""

from __future__ import annotations

import re
from typing import Final

from desktop.engine.schema.nodes import (
    AnyObjectNode,
    ChoiceNode,
    EitherNode,
    ListNode,
    Node,
    NumberNode,
    ObjectNode,
    Schema,
    TextNode,
)

_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
_ENGLISH_TASK: Final = "{0}\n\nAnswer as JSON: {1}."
_CHINESE_TASK: Final = "{0}\n\n\u8bf7\u7528 JSON \u56de\u7b54\uff1a{1}\u3002"
_FORMS: Final = {
    "date": "a date as YYYY-MM-DD",
    "time": "a time as HH:MM:SSZ",
    "date-time": "a date and time",
    "uuid": "a UUID",
}
_FORMS_ZH: Final = {
    "date": "\u65e5\u671f\uff08YYYY-MM-DD\uff09",
    "time": "\u65f6\u95f4",
    "date-time": "\u65e5\u671f\u548c\u65f6\u95f4",
    "uuid": "UUID",
}
# Values of a choice that are named.
_MOST_NAMED: Final = 20


def json_question(question: str, schema: Schema) -> str:
    """Returns a question with the words that say what the answer is to be, in the language of the question.

    Args:
        question: As the person has put it.
        schema: What the answer keeps to.
    """
    chinese = _CHINESE.search(question) is not None
    task = _CHINESE_TASK if chinese else _ENGLISH_TASK
    return task.format(question.strip(), described(schema.root, chinese=chinese))


def described(node: Node, *, chinese: bool) -> str:
    """Returns what a value is to be, in words.

    Args:
        node: The value.
        chinese: In Chinese instead of English.
    """
    match node:
        case TextNode(_, _, form):
            return (_FORMS_ZH if chinese else _FORMS).get(form) or ("\u6587\u5b57" if chinese else "text")
        case NumberNode(whole):
            if chinese:
                return "\u6574\u6570" if whole else "\u6570\u5b57"
            return "a whole number" if whole else "a number"
        case ChoiceNode((True, False)):
            return "true \u6216 false" if chinese else "true or false"
        case ChoiceNode((None,)):
            return "null"
        case ChoiceNode(values):
            named = ", ".join("null" if value is None else str(value) for value in values[:_MOST_NAMED])
            return f"\u4ece\u4e2d\u9009\u4e00\uff1a{named}" if chinese else f"one of: {named}"
        case ListNode(item):
            inner = described(item, chinese=chinese)
            return f"\u5217\u8868\uff08{inner}\uff09" if chinese else f"a list of ({inner})"
        case EitherNode(options):
            kinds = dict.fromkeys(described(option, chinese=chinese) for option in options)
            return ("\u6216" if chinese else " or ").join(kinds)
        case AnyObjectNode():
            return "JSON \u5bf9\u8c61" if chinese else "a JSON object"
        case ObjectNode(members):
            colon, comma = ("\uff1a", "\uff1b") if chinese else (": ", "; ")
            parts = (f"{each.name}{colon}{each.hint or described(each.node, chinese=chinese)}" for each in members)
            return comma.join(parts)
