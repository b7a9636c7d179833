"""A form filled in from a document: how a model is asked, what of its answer is believed, how parts are put together.

Amounts and dates are asked for as the document writes them, and read by code. A value that does not stand in the text
is kept and marked: small models invent.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from desktop.engine.schema.nodes import Value
from desktop.engine.schema.reading import SPACED
from desktop.structured.fields import Field, FieldKind, Form
from desktop.structured.reading import is_in_text, understood

_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
_ENGLISH: Final = "Extract {0} from this text as JSON.\n\n{1}"
_IN_CHINESE: Final = (
    "\u8bf7\u4ece\u4e0b\u9762\u7684\u6587\u5b57\u4e2d\u627e\u51fa{0}\uff0c\u7528 JSON \u8868\u793a\u3002\n\n{1}"
)
_WRITTEN: Final = frozenset((FieldKind.TEXT, FieldKind.NUMBER, FieldKind.WHOLE, FieldKind.DATE))
# Characters of a value, of a date or an amount as it is written, of one of a list.
_TEXT, _SHORT, _ITEM, _ITEMS = 120, 40, 60, 8


@dataclass(frozen=True)
class Finding:
    """What was found for a field.

    Attributes:
        value: None: nothing.
        in_text: Whether the document says it; None: that cannot be told.
        written: As the document writes it, or was thought to.
    """

    value: Value = None
    in_text: bool | None = None
    written: str = dataclasses.field(default="", compare=False)

    @property
    def is_sure(self) -> bool:
        """Whether nothing better need be looked for."""
        return self.value is not None and self.in_text is not False


def extraction_schema(form: Form) -> str:
    """Returns the JSON Schema of the answer: values as the document writes them."""
    properties = {each.name: _schema(each) for each in form.fields}
    return json.dumps({"type": "object", "properties": properties, "required": list(properties)}, ensure_ascii=False)


def _schema(field: Field) -> dict[str, Any]:
    schema: dict[str, Any]
    match field.kind:
        case FieldKind.YES_NO:
            schema = {"type": "boolean"}
        case FieldKind.CHOICE:
            schema = {"enum": list(field.choices)}
        case FieldKind.LIST:
            item = {"type": "string", "maxLength": _ITEM, SPACED: True}
            schema = {"type": "array", "items": item, "maxItems": _ITEMS}
        case _:
            most = _TEXT if field.kind is FieldKind.TEXT else _SHORT
            schema = {"type": "string", "maxLength": most, SPACED: True}
    return {"anyOf": [schema, {"type": "null"}]} if field.optional else schema


def extraction_question(form: Form, text: str) -> str:
    """Returns the message to a model that fills in a form, in the language of the form's names."""
    names = [f"{each.name} ({each.hint})" if each.hint else each.name.replace("_", " ") for each in form.fields]
    if any(_CHINESE.search(name) for name in names):
        return _IN_CHINESE.format("\u3001".join(names), text)
    return _ENGLISH.format(", ".join(names), text)


def findings(form: Form, answer: Value, text: str) -> dict[str, Finding]:
    """Returns what an answer says, by field.

    Args:
        form: What was asked.
        answer: An answer that keeps to the schema.
        text: What the model was given.
    """
    said = answer if isinstance(answer, dict) else {}
    found = {}
    for field in form.fields:
        written = said.get(field.name)
        value = understood(field, written)
        if value is None and isinstance(written, str) and written.strip() and field.kind in _WRITTEN:
            # What nobody understands is not thrown away.
            found[field.name] = Finding(written.strip(), in_text=False, written=written.strip())
        else:
            found[field.name] = Finding(value, is_in_text(field, written, text), _first_text(written))
    return found


def _first_text(written: Value) -> str:
    """Returns what of a value as it was copied can be looked for in a text."""
    first = next(iter(written), "") if isinstance(written, list) else written
    return " ".join(first.split()) if isinstance(first, str) else ""


def merged(form: Form, first: Mapping[str, Finding], then: Mapping[str, Finding]) -> dict[str, Finding]:
    """Returns what two parts of a document say together: for each field what comes first, and stands in its text.

    Args:
        form: What was asked.
        first: Of the parts so far.
        then: Of the next one.
    """
    return {field.name: _better(first[field.name], then[field.name]) for field in form.fields}


def _better(first: Finding, then: Finding) -> Finding:
    if first.value in (None, []):
        return then
    return then if not first.is_sure and then.is_sure else first


def is_filled_in(found: Mapping[str, Finding]) -> bool:
    """Tells whether no further part need be asked."""
    return all(each.is_sure and each.value != [] for each in found.values())


def pieces(text: str, most: int) -> list[str]:
    """Returns a text in pieces that are not longer than that, cut at the end of a paragraph, a line, a sentence.

    Args:
        text: Any text.
        most: Characters; at least one.
    """
    found = []
    rest = text.strip()
    while len(rest) > most:
        end = _cut(rest, max(most, 1))
        found.append(rest[:end].strip())
        rest = rest[end:].strip()
    return [each for each in (*found, rest) if each]


def _cut(text: str, most: int) -> int:
    for mark in ("\n\n", "\n", "\u3002", ". ", " "):
        end = text.rfind(mark, most // 2, most)
        if end > 0:
            return end + len(mark)
    return most
