"""What is asked where an answer must be JSON: 200 questions, some of which would rather have anything else."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Final

_TOPICS: Final = (
    *("a cat", "a library", "the moon", "an old laptop", "a bakery in Lyon", "a train", "tea", "a violin teacher"),
    *("the capital of Italy", "a fire drill", "a broken bicycle", "rain", "a doctor called O'Brien", "prime numbers"),
    "a hotel",
)
_FORMS: Final = (
    "Tell me about {0}.",
    "Describe {0} in one sentence.",
    "What is {0} good for?",
    'Write a line of dialogue about {0}, with "quotation marks" and a back\\slash.',
    "Answer in XML, not in JSON: what is {0}?",
    "Write a poem about {0}.",
    "List three facts about {0}.",
    "Is {0} larger than a house?",
    "Write Python code that prints something about {0}.",
    "{0}",
)
_CHINESE_TOPICS: Final = (
    *("\u732b", "\u56fe\u4e66\u9986", "\u6708\u4eae", "\u8336", "\u706b\u8f66"),
    *("\u533b\u751f", "\u5317\u4eac", "\u96e8", "\u5c0f\u63d0\u7434", "\u8001\u7535\u8111"),
)
_CHINESE_FORMS: Final = (
    "\u8bf7\u4ecb\u7ecd\u4e00\u4e0b{0}\u3002",
    "\u7528\u4e00\u53e5\u8bdd\u63cf\u8ff0{0}\u3002",
    "\u5199\u4e00\u9996\u5173\u4e8e{0}\u7684\u8bd7\u3002",
    "\u8bf7\u7528\u82f1\u6587\u56de\u7b54\uff1a{0}\u662f\u4ec0\u4e48\uff1f",
    "{0}\u548c\u201c\u623f\u5b50\u201d\uff0c\u54ea\u4e2a\u66f4\u5927\uff1f",
)

PROMPTS: Final = tuple(
    form.format(topic)
    for forms, topics in ((_FORMS, _TOPICS), (_CHINESE_FORMS, _CHINESE_TOPICS))
    for topic, form in itertools.product(topics, forms)
)


def _text(most: int) -> dict[str, object]:
    return {"type": "string", "maxLength": most}


def _object(properties: Mapping[str, object]) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties)}


_PERSON = {"name": _text(20), "age": {"type": "integer", "minimum": 0, "maximum": 120}, "city": _text(20)}
_ITEM = {"item": _text(15), "price": {"type": "number"}}
_VERDICT = {"answer": {"enum": ["yes", "no", "I don't know"]}, "why": _text(40)}
_CHINESE = {
    "\u540d\u79f0": _text(10),
    "\u65e5\u671f": {"type": "string", "format": "date"},
    "\u7c7b\u522b": {"enum": ["\u4eba", "\u7269", "\u5176\u4ed6\u201c\u7c7b\u201d"]},
    "\u5907\u6ce8": {"type": ["string", "null"], "maxLength": 12},
}
# By name; texts as a program would hand them over.
SCHEMAS: Final = tuple(
    (name, json.dumps(schema))
    for name, schema in (
        ("a person", _object(_PERSON)),
        ("a list", {"type": "array", "minItems": 1, "maxItems": 3, "items": _object(_ITEM)}),
        ("a verdict", _object(_VERDICT)),
        ("in Chinese", _object(_CHINESE)),
    )
)
