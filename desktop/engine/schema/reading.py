"""Reads a JSON Schema, whoever wrote it: what it asks for becomes a bounded tree, what cannot be kept is said by name.

Every text and list gets a longest length here, references are followed until nothing is left of them, and a schema that
nests without end is cut where that leaves one that can be met. All of it is counted, so that neither what is made of it
nor a step of the grammar takes longer than a moment.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import JsonError, parse_json
from desktop.engine.schema.nodes import (
    AnyObjectNode,
    ChoiceNode,
    EitherNode,
    ListNode,
    Member,
    Node,
    NumberNode,
    ObjectNode,
    Scalar,
    Schema,
    TextNode,
)
from desktop.engine.schema.numbers import whole_limits

# Characters of a schema; those that programs make of their types have a tenth of it.
MOST_CHARACTERS: Final = 100_000
# Of a text and a list that say nothing, and of any: an answer that a small model writes is not longer.
USUAL_TEXT, MOST_TEXT = 300, 2_000
USUAL_ITEMS, MOST_ITEMS = 20, 100
# Levels of the answer; of one reference within itself; fields of all; values to choose from, which are tried side by
# side; repetitions, each of which is a rule of the grammar. At all of these together a grammar takes half a second to
# make, and one step in it as long.
MOST_DEPTH: Final = 12
_MOST_RECURSION: Final = 3
_MOST_NODES: Final = 300
_MOST_CHOICES: Final = 200
_MOST_REPETITIONS: Final = 10_000
_MOST_NAME: Final = 200

# Our own word: see TextNode.spaced.
SPACED: Final = "x-catnap-spaced"
# Another one: an object of any fields, which no schema of others can have.
_ANY: Final = "x-catnap-any"
ANY_OBJECT: Final = '{"type": "object", "x-catnap-any": true}'


def without_own_words(schema: Any) -> Any:
    """Returns a schema, as a value of JSON, as others know it: some refuse what they do not."""
    if isinstance(schema, list):
        return [without_own_words(each) for each in schema]
    if isinstance(schema, dict):
        return {name: without_own_words(each) for name, each in schema.items() if not _is_own(name, each)}
    return schema


def _is_own(name: str, value: Any) -> bool:
    return name in (SPACED, _ANY) and value is True


FORMS: Final = frozenset({"date", "time", "date-time", "uuid"})
_TYPES: Final = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
# They say nothing about what is valid. "additionalProperties" allows what is never written.
_WORDS: Final = frozenset(
    {
        *("$schema", "$id", "id", "$comment", "$anchor", "$defs", "definitions", "title", "description", "default"),
        *("examples", "example", "deprecated", "readOnly", "writeOnly", "additionalProperties", "strict"),
        SPACED,
        _ANY,
    }
)
_KEPT: Final = {
    "string": frozenset({"minLength", "maxLength", "format"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
    "object": frozenset({"properties", "required"}),
}
_ANY_KIND: Final = frozenset({"type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref"})
# They ask for what the grammar cannot see to; unknown ones ask for nothing, by the standard.
_CANNOT: Final = frozenset(
    {
        *("not", "if", "then", "else", "pattern", "patternProperties", "propertyNames", "prefixItems", "contains"),
        *("minContains", "maxContains", "minProperties", "maxProperties", "dependentRequired", "dependentSchemas"),
        *("dependencies", "unevaluatedItems", "unevaluatedProperties", "additionalItems", "$dynamicRef"),
        *("$recursiveRef",),
    }
)
# A grammar does not compare; whoever takes the answer does.
_CHECKED: Final = frozenset({"multipleOf", "uniqueItems", "oneOf", "minimum", "maximum"})
# Characters of what a schema says about a field.
_MOST_HINT: Final = 200
_TITLE = QT_TRANSLATE_NOOP("Errors", "This JSON Schema cannot be used.")
_AT = QT_TRANSLATE_NOOP("Errors", "{0}: {1}.")
_SIMPLER = QT_TRANSLATE_NOOP("Errors", "Make the schema simpler: fewer fields, fewer levels, shorter lists.")


class SchemaError(UserFacingError):
    """A schema that cannot be used."""

    def __init__(self, why: str, *values: str, remedy: str = "") -> None:
        """
        Args:
            why: A pattern.
            *values: What stands in it.
            remedy: What to do about it.
        """
        super().__init__(_TITLE, why, remedy, values=values or ("",))


class _EndlessError(Exception):
    """A reference leads into itself too often."""


def read_schema(text: str) -> Schema:
    """Returns what a JSON Schema asks for. Any thread; takes some milliseconds at the most.

    Args:
        text: The schema, of any origin.

    Raises:
        SchemaError: It is none, is too large, or has keywords that cannot be kept; the sentence names them.
    """
    try:
        value = parse_json(text, MOST_CHARACTERS)
    except JsonError as problem:
        raise SchemaError(QT_TRANSLATE_NOOP("Errors", "It is no JSON: {0}."), str(problem)) from problem
    reader = _Reader(value)
    try:
        root = reader.read(value, "#", 0)
    except _EndlessError:
        raise SchemaError(QT_TRANSLATE_NOOP("Errors", "It contains itself without end: {0}."), "$ref") from None
    notes = tuple(dict.fromkeys(reader.notes))
    return Schema(
        root, tuple(key for key in notes if key in _CHECKED), tuple(key for key in notes if key not in _CHECKED)
    )


@dataclass
class _Reader:
    root: Any
    notes: list[str] = field(default_factory=list)
    _nodes: int = 0
    _choices: int = 0
    _repetitions: int = 0
    _lengths: set[tuple[int, int]] = field(default_factory=set)
    _within: tuple[str, ...] = ()

    def read(self, schema: Any, at: str, depth: int) -> Node:
        """Returns what a part of the schema asks for; ``at`` is where it stands, as a pointer."""
        if not isinstance(schema, dict):
            raise SchemaError(_AT, at, "true, false" if isinstance(schema, bool) else type(schema).__name__)
        self._nodes += 1
        if self._nodes > _MOST_NODES or depth > MOST_DEPTH:
            raise SchemaError(
                QT_TRANSLATE_NOOP("Errors", "It has more than {0} fields or {1} levels."),
                *(str(_MOST_NODES), str(MOST_DEPTH)),
                remedy=_SIMPLER,
            )
        if cannot := sorted(_CANNOT & schema.keys()):
            raise SchemaError(
                QT_TRANSLATE_NOOP("Errors", "{0}: Catnap cannot keep to {1}."),
                *(at, ", ".join(cannot)),
                remedy=QT_TRANSLATE_NOOP("Errors", "Leave it out, and check the answer yourself."),
            )
        if "$ref" in schema:
            return self._referred(schema["$ref"], at, depth)
        if "allOf" in schema:
            return self._all_of(schema, at, depth)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._either(schema, key, at, depth)
        if "const" in schema or "enum" in schema:
            return self._choice(schema, at)
        kinds = schema.get("type", _implied(schema))
        if isinstance(kinds, list):
            options = tuple(self.read({**schema, "type": kind}, at, depth) for kind in kinds)
            return _either(options, at)
        return self._of_kind(kinds, schema, at, depth)

    def _of_kind(self, kind: Any, schema: dict[str, Any], at: str, depth: int) -> Node:
        if not isinstance(kind, str) or kind not in _TYPES:
            raise SchemaError(
                QT_TRANSLATE_NOOP("Errors", "{0}: it has no type that is known."),
                at,
                remedy=QT_TRANSLATE_NOOP("Errors", 'Say what it is, such as "type": "string".'),
            )
        others = schema.keys() - _WORDS - _ANY_KIND - _KEPT.get(kind, frozenset())
        all_kept = frozenset[str]().union(*_KEPT.values())
        self.notes += sorted(key for key in others if key not in all_kept)  # of another type they say nothing
        match kind:
            case "string":
                return self._text(schema, at)
            case "number" | "integer":
                return self._number(schema, kind == "integer", at)
            case "array":
                return self._list(schema, at, depth)
            case "object":
                return self._object(schema, at, depth)
            case "boolean":
                return ChoiceNode((True, False))
            case _:
                return ChoiceNode((None,))

    def _text(self, schema: dict[str, Any], at: str) -> Node:
        least, most = _lengths(schema, "minLength", "maxLength", USUAL_TEXT, MOST_TEXT, at)
        if (least, most) not in self._lengths:
            self._lengths.add((least, most))
            self._repeat(most)
        form = schema.get("format")
        if form is not None and form not in FORMS:
            self.notes.append(f"format: {form}" if isinstance(form, str) else "format")
        form = form if isinstance(form, str) and form in FORMS else ""
        return TextNode(least, most, form, spaced=not form and schema.get(SPACED) is True)

    def _number(self, schema: dict[str, Any], whole: bool, at: str) -> Node:
        keys = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
        limits = [_number_at(schema, key, at) for key in keys]
        node = NumberNode(whole, *limits)
        if all(limit is None for limit in limits):
            return node
        lowest = max((each for each in (node.minimum, node.above) if each is not None), default=-math.inf)
        highest = min((each for each in (node.maximum, node.below) if each is not None), default=math.inf)
        if lowest > highest:
            raise SchemaError(_AT, at, f"{lowest:g} > {highest:g}")
        if node.step is not None:
            self.notes.append("multipleOf")
        lowest, highest = whole_limits(node)
        if lowest > highest:  # such as a chance between 0.2 and 0.8
            self.notes.append("minimum")
        return node

    def _list(self, schema: dict[str, Any], at: str, depth: int) -> Node:
        least, most = _lengths(schema, "minItems", "maxItems", USUAL_ITEMS, MOST_ITEMS, at)
        if "items" not in schema:
            raise SchemaError(
                QT_TRANSLATE_NOOP("Errors", "{0}: a list must say what its items are."), at, remedy='"items": {...}'
            )
        self._repeat(most)
        if schema.get("uniqueItems") is True:
            self.notes.append("uniqueItems")
        try:
            item = self.read(schema["items"], f"{at}/items", depth + 1)
        except _EndlessError:
            if least:
                raise
            item, most = ChoiceNode((None,)), 0
        return ListNode(item, least, most, schema.get("uniqueItems") is True)

    def _repeat(self, most: int) -> None:
        self._repetitions += most
        if self._repetitions > _MOST_REPETITIONS:
            raise SchemaError(
                QT_TRANSLATE_NOOP("Errors", "Its lists and texts are longer than {0} altogether."),
                str(_MOST_REPETITIONS),
                remedy=_SIMPLER,
            )

    def _object(self, schema: dict[str, Any], at: str, depth: int) -> Node:
        if schema.get(_ANY) is True:
            self._repeat(USUAL_TEXT)
            return AnyObjectNode()
        properties, required = schema.get("properties"), schema.get("required", [])
        if not isinstance(properties, dict) or not properties:
            raise SchemaError(
                QT_TRANSLATE_NOOP("Errors", "{0}: an object must say which fields it has."),
                at,
                remedy='"properties": {...}',
            )
        if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
            raise SchemaError(_AT, at, "required")
        if missing := [name for name in required if name not in properties]:
            raise SchemaError(_AT, at, f"required: {', '.join(missing)[:_MOST_NAME]}")
        members = []
        for name, inner in properties.items():
            if len(name) > _MOST_NAME or not _is_unicode(name):
                raise SchemaError(_AT, at, name[:_MOST_NAME].encode("utf-8", "replace").decode())
            try:
                node = self.read(inner, f"{at}/properties/{name}", depth + 1)
            except _EndlessError:
                if name in required:
                    raise
                continue
            hint = inner.get("description") if isinstance(inner, dict) else None
            hint = hint[:_MOST_HINT] if isinstance(hint, str) and _is_unicode(hint) else ""
            members.append(Member(name, node, name in required, hint))
        if not members:
            raise _EndlessError
        return ObjectNode(tuple(members))

    def _choice(self, schema: dict[str, Any], at: str) -> Node:
        values = [schema["const"]] if "const" in schema else schema["enum"]
        if not isinstance(values, list) or not values:
            raise SchemaError(_AT, at, "enum")
        kinds = schema.get("type")
        kinds = kinds if isinstance(kinds, list) else [kinds] if kinds is not None else []
        fitting: list[Scalar] = []
        for value in values:
            if not (value is None or isinstance(value, str | int | float)) or not _is_unicode(value):
                raise SchemaError(QT_TRANSLATE_NOOP("Errors", "{0}: a choice can be of texts and numbers only."), at)
            if not kinds or any(is_of_kind(value, kind) for kind in kinds):
                fitting.append(value)
        if not fitting:
            raise SchemaError(_AT, at, "enum, type")
        if "const" in schema and "enum" in schema and schema["const"] not in schema["enum"]:
            raise SchemaError(_AT, at, "const, enum")
        self._choose(len(fitting))
        if any(isinstance(each, str) and len(each) > MOST_TEXT for each in fitting):
            raise SchemaError(_AT, at, "enum", remedy=_SIMPLER)
        return ChoiceNode(tuple(fitting))

    def _choose(self, count: int) -> None:
        self._choices += count
        if self._choices > _MOST_CHOICES:
            raise SchemaError(
                QT_TRANSLATE_NOOP("Errors", "It has more than {0} values to choose from."),
                str(_MOST_CHOICES),
                remedy=_SIMPLER,
            )

    def _either(self, schema: dict[str, Any], key: str, at: str, depth: int) -> Node:
        options = schema[key]
        if not isinstance(options, list) or not options:
            raise SchemaError(_AT, at, key)
        _refuse_beside(schema, key, at)
        self._choose(len(options))
        nodes = []
        for number, option in enumerate(options):
            try:
                nodes.append(self.read(option, f"{at}/{key}/{number}", depth + 1))
            except _EndlessError:
                continue
        if not nodes:
            raise _EndlessError
        if key == "oneOf" and len(nodes) > 1:
            self.notes.append("oneOf")
        return _either(tuple(nodes), at, only_one=key == "oneOf")

    def _all_of(self, schema: dict[str, Any], at: str, depth: int) -> Node:
        parts = schema["allOf"]
        if not isinstance(parts, list) or len(parts) != 1:
            raise SchemaError(QT_TRANSLATE_NOOP("Errors", "{0}: Catnap cannot keep to {1}."), at, "allOf")
        _refuse_beside(schema, "allOf", at)
        return self.read(parts[0], f"{at}/allOf/0", depth)

    def _referred(self, ref: Any, at: str, depth: int) -> Node:
        if not isinstance(ref, str) or not ref.startswith("#"):
            raise SchemaError(
                QT_TRANSLATE_NOOP("Errors", "{0}: it refers to another file, {1}."),
                *(at, str(ref)[:_MOST_NAME]),
                remedy=QT_TRANSLATE_NOOP("Errors", "Put everything into one schema."),
            )
        if self._within.count(ref) >= _MOST_RECURSION:
            raise _EndlessError
        target: Any = self.root
        for part in unquote(ref[1:]).split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(target, dict) and name in target:
                target = target[name]
            elif isinstance(target, list) and name.isdecimal() and len(name) < 4 and int(name) < len(target):
                target = target[int(name)]
            else:
                raise SchemaError(
                    QT_TRANSLATE_NOOP("Errors", "{0}: {1} is nowhere in the schema."), at, ref[:_MOST_NAME]
                )
        before, self._within = self._within, (*self._within, ref)
        try:
            return self.read(target, ref, depth + 1)
        finally:
            self._within = before


def is_of_kind(value: Any, kind: Any) -> bool:
    """Tells whether a JSON value is of a type, by its name in a schema; a number without a fraction is an integer."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind:
        case "string":
            return isinstance(value, str)
        case "integer":
            return is_number and float(value).is_integer()
        case "number":
            return is_number
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
        case _:
            return False


def _either(options: tuple[Node, ...], at: str, *, only_one: bool = False) -> Node:
    if not options:
        raise SchemaError(_AT, at, "type")
    return options[0] if len(options) == 1 else EitherNode(options, only_one)


def _refuse_beside(schema: dict[str, Any], key: str, at: str) -> None:
    """Refuses what stands beside a combination and would have to hold as well."""
    kinds = frozenset[str]().union(*_KEPT.values()) | _ANY_KIND - {key, "type"}
    if beside := sorted(kinds & schema.keys()):
        raise SchemaError(QT_TRANSLATE_NOOP("Errors", "{0}: Catnap cannot keep to {1}."), at, f"{key}, {beside[0]}")


def _implied(schema: dict[str, Any]) -> str | None:
    """Returns the type that a schema without one means by its keywords, as people write it."""
    if "properties" in schema:
        return "object"
    return "array" if "items" in schema else None


def _lengths(schema: dict[str, Any], low: str, high: str, usual: int, longest: int, at: str) -> tuple[int, int]:
    least, most = schema.get(low, 0), schema.get(high)
    for key, value in ((low, least), (high, most)):
        if value is not None and (not is_of_kind(value, "integer") or value < 0):
            raise SchemaError(_AT, at, key)
    least = int(least)
    most = min(int(most), longest) if most is not None else max(usual, min(least, longest))
    if least > most:
        raise SchemaError(_AT, at, f"{low} > {most:,}")
    return least, most


def _number_at(schema: dict[str, Any], key: str, at: str) -> float | None:
    if key not in schema:
        return None
    value: Any = schema[key]
    if not is_of_kind(value, "number") or not math.isfinite(value) or (key == "multipleOf" and value <= 0):
        raise SchemaError(_AT, at, key)
    return int(value) if is_of_kind(value, "integer") else float(value)


def _is_unicode(value: Any) -> bool:
    return not isinstance(value, str) or not any("\ud800" <= each <= "\udfff" for each in value)
