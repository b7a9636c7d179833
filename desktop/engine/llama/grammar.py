"""Tokens that keep to a JSON Schema: a schema becomes a grammar of llama.cpp, and that says which token may come next.

A grammar is checked before the library gets it: libllama throws across C where it meets one that it does not expect.
"""

from __future__ import annotations

import codecs
import ctypes
import importlib
import json
import math
import re
from collections.abc import Iterable
from typing import Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.engine.llama.bindings import Native
from desktop.engine.llama.number_grammar import number_rule
from desktop.engine.llama.tokenizer import Tokenizer
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
    Value,
)
from desktop.engine.schema.reading import USUAL_TEXT

_HEX = "[0-9a-fA-F]"
# JSON has no control characters in texts, and half a surrogate pair is no text.
_RULES: Final = {
    "char": (
        r'[^"\\\x00-\x1F\x7F\uD800-\uDFFF] | "\\" (["\\/bfnrt] | "u" '
        rf"([0-9a-cA-CeEfF] {_HEX} {_HEX} {_HEX} | [dD] [0-7] {_HEX} {_HEX}))"
    ),
    "years": "[12] [0-9] [0-9] [0-9]",
    "leap-years": '[12] [0-9] ("0" [48] | [2468] [048] | [13579] [26]) | "2000"',
    "day": (
        'years "-" (("0" [13578] | "10" | "12") "-" ("0" [1-9] | [12] [0-9] | "3" [01]) '
        '| ("0" [469] | "11") "-" ("0" [1-9] | [12] [0-9] | "30") | "02-" ("0" [1-9] | "1" [0-9] | "2" [0-8])) '
        '| leap-years "-02-29"'
    ),
    "hour": '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("Z" | [+-] [01] [0-9] ":" [0-5] [0-9])',
    "date": r'"\"" day "\"" space',
    "time": r'"\"" hour "\"" space',
    "date-time": r'"\"" day "T" hour "\"" space',
    "any-text": rf'"\"" char{{0,{USUAL_TEXT}}} "\"" space',
    "any-number": '"-"? ("0" | [1-9] [0-9]{0,15}) ("." [0-9]{1,15})? space',
    "any-value": 'any-object | any-list | any-text | any-number | ("true" | "false" | "null") space',
    "any-list": '"[" space (any-value ("," space any-value)*)? "]" space',
    "any-member": 'any-text ":" space any-value',
    "any-object": '"{" space (any-member ("," space any-member)*)? "}" space',
    "uuid": rf'"\"" {_HEX}{{8}} "-" {_HEX}{{4}} "-" {_HEX}{{4}} "-" {_HEX}{{4}} "-" {_HEX}{{12}} "\"" space',
}
# What stands for names and values until the library has made rules of the rest.
_PLACEHOLDER: Final = re.compile(r'"\\"(?P<key>[nv]\d+)\\""')
# Characters of a grammar: the largest that a schema within its limits makes is a third of it. And of what is quoted.
_MOST_CHARACTERS, _MOST_LOGGED = 1_000_000, 300


def grammar_of(schema: Schema) -> str:
    """Returns the grammar of a schema, in GBNF; the rule to begin with is "root".

    WORKAROUND(https://github.com/abetlen/llama-cpp-python/blob/main/llama_cpp/llama_grammar.py): the library's
    json_schema_to_gbnf does not escape backslashes and quotes in names and values, writes what lies beyond the basic
    plane as two halves that no text has, lets raw line breaks into texts, and gives names of other scripts the same
    rules. So it gets the structure with placeholders, and what a name or a value is stands in for them afterwards.

    Raises:
        UserFacingError: It became too large.
    """
    converter = importlib.import_module("llama_cpp.llama_grammar")
    writer = _Writer()
    plain = json.dumps(writer.plain(schema.root))
    text: str = converter.json_schema_to_gbnf(plain)
    text = _PLACEHOLDER.sub(lambda found: writer.meant[found["key"]], text)
    text = "\n".join((text, *(f"{name} ::= {rule}" for name, rule in writer.rules())))
    if len(text) > _MOST_CHARACTERS:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This JSON Schema cannot be used."),
            "",
            QT_TRANSLATE_NOOP("Errors", "Make the schema simpler: fewer fields, fewer levels, shorter lists."),
        )
    return text


class _Writer:
    """Writes a schema as the library takes it, and keeps what its placeholders mean.

    Attributes:
        meant: By placeholder: what stands in for it, in GBNF.
    """

    def __init__(self) -> None:
        self.meant: dict[str, str] = {}
        self._used: dict[str, str] = {}

    def plain(self, node: Node) -> Value:
        """Returns a schema of structure and placeholders."""
        match node:
            case ObjectNode(members):
                names = [self._stand_in("n", _literal([member.name])) for member in members]
                pairs = list(zip(names, members, strict=True))
                return {
                    "type": "object",
                    "properties": {name: self.plain(member.node) for name, member in pairs},
                    "required": [name for name, member in pairs if member.required],
                }
            case AnyObjectNode():
                return self._leaf("any-object")
            case ListNode(item, least, most):
                return {"type": "array", "items": self.plain(item), "minItems": least, "maxItems": most}
            case EitherNode(options):
                return {"anyOf": [self.plain(option) for option in options]}
            case ChoiceNode(values):
                return self._leaf(f"({_literal(values)}) space")
            case TextNode(least, most, form, spaced):
                start = r'"\" "' if spaced else r'"\""'
                text = rf'{start} char{{{least},{most}}} "\"" space'
                return self._leaf(form or self._shared("text", text))
            case NumberNode():
                return self._leaf(self._shared("number", number_rule(node)))

    def rules(self) -> Iterable[tuple[str, str]]:
        """Yields the rules that the stand-ins use."""
        return (*_RULES.items(), *((name, expression) for expression, name in self._used.items()))

    def _shared(self, kind: str, expression: str) -> str:
        """Returns the name of the rule for an expression, which is one for all that ask for the same."""
        return self._used.setdefault(expression, f"{kind}-{len(self._used)}")

    def _leaf(self, expression: str) -> Value:
        return {"const": self._stand_in("v", expression)}

    def _stand_in(self, kind: str, expression: str) -> str:
        key = f"{kind}{len(self.meant)}"
        self.meant[key] = expression
        return key


def _literal(values: Iterable[object]) -> str:
    """Returns the alternatives that some JSON values are, each as it is usually written."""
    texts = (json.dumps(value, ensure_ascii=False) for value in values)
    return " | ".join('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts)


class Grammar:
    """Where an answer stands in a grammar. Engine thread only; to be closed.

    llama.cpp takes bytes for characters that spell none, and would end a text at what only looks like a quotation mark:
    so their encoding is checked here.
    """

    def __init__(self, native: Native, tokenizer: Tokenizer, text: str) -> None:
        """
        Args:
            native: The library.
            tokenizer: Of the model.
            text: In GBNF.

        Raises:
            UserFacingError: The library does not take it.
        """
        self._api = native.api
        native.log.take_errors()
        self._tokenizer = tokenizer
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._pointer = self._api.llama_sampler_init_grammar(tokenizer.pointer, text.encode(), b"root")
        if not self._pointer:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "This JSON Schema cannot be used."),
                "; ".join(native.log.take_errors())[:_MOST_LOGGED],
                QT_TRANSLATE_NOOP("Errors", "Make the schema simpler: fewer fields, fewer levels, shorter lists."),
            )
        self._one = (self._api.llama_token_data * 1)()
        self._alone = self._api.llama_token_data_array(self._one, 1, -1, False)

    def allows(self, token: int) -> bool:
        """Tells whether a token may come next."""
        self._one[0] = self._api.llama_token_data(token, 1.0, 0.0)
        self._alone.size = 1
        self.restrict(self._alone)
        return self._one[0].logit > -math.inf and self._spells(token)

    def restrict(self, candidates: Any) -> None:
        """Takes all chance from the candidates that may not come next.

        Args:
            candidates: A ``llama_token_data_array``.
        """
        self._api.llama_sampler_apply(self._pointer, ctypes.byref(candidates))

    def accept(self, token: int) -> None:
        """Goes on by a token that is allowed, and is not the end; any other ends the process."""
        self._api.llama_sampler_accept(self._pointer, token)
        self._decoder.decode(self._tokenizer.piece(token))

    def _spells(self, token: int) -> bool:
        """Tells whether the bytes of a token go on as characters."""
        state = self._decoder.getstate()
        try:
            self._decoder.decode(self._tokenizer.piece(token))
        except UnicodeDecodeError:
            return False
        finally:
            self._decoder.setstate(state)
        return True

    def close(self) -> None:
        """Frees it; may be called twice."""
        if self._pointer:
            self._api.llama_sampler_free(self._pointer)
            self._pointer = None
