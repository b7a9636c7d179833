"""Schemas for people: a form is a name and some fields, and a field says what kind of value it holds."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.printable import storable
from desktop.engine.schema.nodes import ChoiceNode, EitherNode, ListNode, Node, NumberNode, ObjectNode, TextNode
from desktop.engine.schema.reading import MOST_CHARACTERS, SPACED, read_schema

# Of a form; more than a small model fills in one answer.
MOST_FIELDS: Final = 40
MOST_NAME: Final = 80
MOST_HINT: Final = 200
MOST_CHOICES: Final = 40
# Of all fields together: a schema may name 200 values, of which what may stay empty takes two.
MOST_IN_ALL: Final = 120
MOST_VALUE: Final = 80
# Characters of a text, and texts of a list: what stands in one cell of a table.
_TEXT, _ITEM, _ITEMS = 200, 80, 10


class FieldKind(Enum):
    """What a field holds; the value is its name in files and on the command line."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole"
    YES_NO = "yes/no"
    DATE = "date"
    CHOICE = "choice"
    LIST = "list"


_KINDS: Final[Mapping[str, FieldKind]] = MappingProxyType(
    {
        **{kind.value: kind for kind in FieldKind},
        "string": FieldKind.TEXT,
        "integer": FieldKind.WHOLE,
        "whole number": FieldKind.WHOLE,
        "yes-no": FieldKind.YES_NO,
        "boolean": FieldKind.YES_NO,
        "texts": FieldKind.LIST,
        "\u6587\u5b57": FieldKind.TEXT,
        "\u6587\u672c": FieldKind.TEXT,
        "\u6570\u5b57": FieldKind.NUMBER,
        "\u6574\u6570": FieldKind.WHOLE,
        "\u662f\u5426": FieldKind.YES_NO,
        "\u65e5\u671f": FieldKind.DATE,
        "\u9009\u62e9": FieldKind.CHOICE,
        "\u9009\u9879": FieldKind.CHOICE,
        "\u5217\u8868": FieldKind.LIST,
    }
)
# "amount: number?", "state: choice(open|paid)": a comma within brackets is not one between fields.
_SEPARATOR: Final = re.compile(r"[,\uff0c;\uff1b\n](?![^(\uff08]*[)\uff09])")
_FIELD: Final = re.compile(
    r"(?P<name>[^:\uff1a]+?)\s*(?:[:\uff1a]\s*(?P<kind>[^(\uff08?\uff1f]+?)\s*"
    r"(?:[(\uff08](?P<choices>[^)\uff09]*)[)\uff09])?\s*)?(?P<optional>[?\uff1f])?"
)
_COMMAS: Final = re.compile("[,;\uff0c\uff1b\u3001]")
# What joins letters and pictures, and cannot be seen.
_JOINERS: Final = "\u200c\u200d"
_QUOTED: Final = re.compile(r'"([^"]+)"')
_TITLE: Final = QT_TRANSLATE_NOOP("Errors", "These fields cannot be used.")


@dataclass(frozen=True)
class Field:
    """A field of a form.

    Attributes:
        name: As people read it; what the answer calls it.
        choices: Of a choice.
        optional: It may stay empty.
        hint: What the model is told about it; empty: its kind.
    """

    name: str
    kind: FieldKind = FieldKind.TEXT
    choices: tuple[str, ...] = ()
    optional: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Form:
    """Some fields that belong together.

    Attributes:
        name: As people call it.
        many: The answer is a list of such forms: a table of several rows.
    """

    name: str
    fields: tuple[Field, ...] = field(default=())
    many: bool = False


class FieldsError(UserFacingError):
    """Fields that cannot be used."""

    def __init__(self, why: str, *values: str, remedy: str = "") -> None:
        """
        Args:
            why: A pattern.
            *values: What stands in it.
            remedy: What to do about it.
        """
        super().__init__(_TITLE, why, remedy, values=values or ("",))


def checked_form(form: Form) -> Form:
    """Returns a form without blanks around its words.

    Raises:
        FieldsError: It has no fields, too many, or some that nobody could tell apart or fill in.
    """
    fields = tuple(
        Field(
            _tidied(each.name),
            each.kind,
            _told_apart(each.choices) if each.kind is FieldKind.CHOICE else (),
            each.optional,
            _tidied(each.hint)[:MOST_HINT].rstrip(),
        )
        for each in form.fields
    )
    if not fields:
        raise FieldsError(QT_TRANSLATE_NOOP("Errors", "There is no field."), remedy=_EXAMPLE)
    if len(fields) > MOST_FIELDS:
        raise FieldsError(QT_TRANSLATE_NOOP("Errors", "There are more than {0} fields."), str(MOST_FIELDS))
    seen: set[str] = set()
    for each in fields:
        _check_text(each.name, MOST_NAME, QT_TRANSLATE_NOOP("Errors", "A field needs a name of up to {0} characters."))
        if (same := _folded(each.name)) in seen:
            raise FieldsError(QT_TRANSLATE_NOOP("Errors", "There are two fields with the name {0}."), each.name)
        seen.add(same)
        for choice in each.choices:
            _check_text(choice, MOST_VALUE, QT_TRANSLATE_NOOP("Errors", "A value has up to {0} characters."))
        if each.kind is FieldKind.CHOICE and not 2 <= len(each.choices) <= MOST_CHOICES:
            raise FieldsError(
                QT_TRANSLATE_NOOP("Errors", "{0}: a choice needs between 2 and {1} values."),
                *(each.name, str(MOST_CHOICES)),
                remedy=_EXAMPLE,
            )
    if sum(len(each.choices) for each in fields) > MOST_IN_ALL:
        raise FieldsError(
            QT_TRANSLATE_NOOP("Errors", "There are more than {0} values to choose from, in all fields together."),
            str(MOST_IN_ALL),
        )
    return Form(_tidied(form.name)[:MOST_NAME].rstrip(), fields, form.many)


def split_choices(text: str) -> tuple[str, ...]:
    """Returns the values that somebody has typed: between upright lines, else between commas, else between slashes."""
    parts = text.split("|") if "|" in text else _COMMAS.split(text) if _COMMAS.search(text) else text.split("/")
    return tuple(part.strip() for part in parts if part.strip())


def join_choices(choices: Sequence[str]) -> str:
    """Returns values as :func:`split_choices` reads them; not where one has an upright line itself."""
    sign = " | " if any(_COMMAS.search(choice) for choice in choices) else ", "
    return sign.join(choices)


def _tidied(text: str) -> str:
    """Returns a text in one line, with each letter written in one way, without what turns its direction."""
    # What cannot be seen goes first: blanks beside it would come to stand together, and letters become one.
    seen = "".join(sign for sign in storable(text) if sign.isprintable() or sign.isspace() or sign in _JOINERS)
    return " ".join(unicodedata.normalize("NFC", seen).split())


def _told_apart(choices: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(_tidied, choices))))


def _folded(name: str) -> str:
    """Returns what is the same of names that nobody could tell apart."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", name).casefold() if sign not in _JOINERS)


def _check_text(text: str, most: int, pattern: str) -> None:
    if not text.strip(_JOINERS) or len(text) > most:
        raise FieldsError(pattern, str(most))


def schema_of(form: Form, *, spaced: bool = False) -> str:
    """Returns the JSON Schema of a form, as text.

    Args:
        form: Was checked.
        spaced: A space stands before each text, see :attr:`desktop.engine.schema.nodes.TextNode.spaced`.
    """
    one = {
        "type": "object",
        "properties": {each.name: _schema_of_field(each, spaced) for each in form.fields},
        "required": [each.name for each in form.fields],
        "additionalProperties": False,
    }
    whole = {"type": "array", "items": one, "minItems": 1, "maxItems": 30} if form.many else one
    return json.dumps(whole, ensure_ascii=False)


def _schema_of_field(each: Field, spaced: bool) -> dict[str, Any]:
    space = {SPACED: True} if spaced else {}
    schema: dict[str, Any]
    match each.kind:
        case FieldKind.TEXT:
            schema = {"type": "string", "maxLength": _TEXT, **space}
        case FieldKind.NUMBER:
            schema = {"type": "number"}
        case FieldKind.WHOLE:
            schema = {"type": "integer"}
        case FieldKind.YES_NO:
            schema = {"type": "boolean"}
        case FieldKind.DATE:
            schema = {"type": "string", "format": "date"}
        case FieldKind.CHOICE:
            schema = {"enum": list(each.choices)}
        case FieldKind.LIST:
            schema = {"type": "array", "items": {"type": "string", "maxLength": _ITEM, **space}, "maxItems": _ITEMS}
    if each.optional:
        schema = {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "description": each.hint} if each.hint else schema


def form_of_schema(text: str, name: str = "") -> Form:
    """Returns the form that a JSON Schema is: an object, or a list of objects, whose values are no objects.

    Raises:
        UserFacingError: It cannot be used, or is no form.
    """
    root = read_schema(text).root
    many = isinstance(root, ListNode)
    one = root.item if isinstance(root, ListNode) else root
    if not isinstance(one, ObjectNode):
        raise FieldsError(
            QT_TRANSLATE_NOOP("Errors", "The JSON Schema is no form: {0}."),
            "object",
            remedy=QT_TRANSLATE_NOOP("Errors", "It must be an object whose values are texts, numbers, lists of texts."),
        )
    fields = tuple(_field_of(each.name, each.node, each.required, each.hint) for each in one.members)
    return checked_form(Form(name, fields, many))


def _field_of(name: str, node: Node, required: bool, hint: str) -> Field:
    match node:
        case EitherNode((inner, ChoiceNode((None,)))) | EitherNode((ChoiceNode((None,)), inner)):
            return _field_of(name, inner, False, hint)
        case TextNode(_, _, form):
            return Field(name, FieldKind.DATE if form == "date" else FieldKind.TEXT, (), not required, hint)
        case NumberNode(whole):
            return Field(name, FieldKind.WHOLE if whole else FieldKind.NUMBER, (), not required, hint)
        case ChoiceNode((True, False)):
            return Field(name, FieldKind.YES_NO, (), not required, hint)
        case ChoiceNode(values) if all(isinstance(value, str) for value in values):
            return Field(name, FieldKind.CHOICE, tuple(map(str, values)), not required, hint)
        case ListNode(TextNode()):
            return Field(name, FieldKind.LIST, (), not required, hint)
        case _:
            raise FieldsError(
                QT_TRANSLATE_NOOP("Errors", "The JSON Schema is no form: {0}."),
                name,
                remedy=QT_TRANSLATE_NOOP(
                    "Errors", "It must be an object whose values are texts, numbers, lists of texts."
                ),
            )


def parse_fields(text: str, name: str = "") -> Form:
    """Returns the form that somebody has typed: a JSON Schema, or fields such as "name: text, amount: number?".

    A field without a kind is a text; "?" says that it may stay empty; a choice names its values in brackets. Fields may
    also stand in lines.

    Args:
        text: What was typed, or stood in a file.
        name: What to call the form.

    Raises:
        UserFacingError: It says no fields.
    """
    text = text.strip()
    if text.startswith(("{", "[")):
        return form_of_schema(text, name)
    if len(text) > MOST_CHARACTERS:
        raise FieldsError(QT_TRANSLATE_NOOP("Errors", "There are more than {0} fields."), str(MOST_FIELDS))
    fields = []
    for part in _SEPARATOR.split(text):
        if not part.strip():
            continue
        found = _FIELD.fullmatch(part.strip())
        kind = _KINDS.get((found["kind"] or "text").strip().casefold()) if found is not None else None
        if found is None or kind is None:
            raise FieldsError(
                QT_TRANSLATE_NOOP("Errors", "{0} is no field."), part.strip()[:MOST_NAME], remedy=_EXAMPLE
            )
        choices = split_choices(found["choices"] or "")
        if choices and kind is not FieldKind.CHOICE and not (kind is FieldKind.LIST and _is_list_of_texts(choices)):
            raise FieldsError(
                QT_TRANSLATE_NOOP("Errors", "{0}: only a choice has values in brackets."),
                part.strip()[:MOST_NAME],
                remedy=_EXAMPLE,
            )
        called, optional = found["name"].strip(), found["optional"] is not None
        if called.endswith(("?", "\uff1f")):  # where it is easily put
            called, optional = called[:-1].strip(), True
        if (quoted := _QUOTED.fullmatch(called)) is not None:
            called = quoted[1]
        fields.append(Field(called, kind, choices, optional))
    return checked_form(Form(name, tuple(fields)))


def _is_list_of_texts(values: tuple[str, ...]) -> bool:
    return len(values) == 1 and _KINDS.get(values[0].casefold()) in (FieldKind.TEXT, FieldKind.LIST)


_EXAMPLE: Final = QT_TRANSLATE_NOOP(
    "Errors", "An example: name: text, amount: number, paid: yes/no, due: date?, state: choice(open|done), tags: list"
)
