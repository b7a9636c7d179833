"""Compiles a chat template the way transformers does, in jinja2's sandbox: it comes out of a file from anywhere.

Imported when the first template is compiled, not before: jinja2 takes some 3 MB and 40 ms that a sleeping Catnap saves.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from jinja2 import Template, TemplateError
from jinja2.ext import Extension
from jinja2.nodes import Node
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment


class TemplateRefusedError(TemplateError):
    """The template called ``raise_exception``: it does not take such a conversation."""


class _GenerationBlock(Extension):
    """``{% generation %} ... {% endgeneration %}`` marks the model's words for training; here only its body counts."""

    tags = {"generation"}  # noqa: RUF012 (the base class declares it as an instance attribute)

    def parse(self, parser: Parser) -> list[Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def compile_template(source: str, now: Callable[[], datetime]) -> Template:
    """Compiles ``source`` with the globals and filters that chat templates expect.

    Args:
        source: Text of the template.
        now: The clock behind ``strftime_now``.

    Raises:
        jinja2.TemplateError: The text is not a template.
    """
    # Block trimming, the loop controls, tojson without HTML escapes: what apply_chat_template of transformers sets up,
    # and therefore what the authors of templates tested with.
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", _GenerationBlock]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = lambda pattern: now().strftime(pattern)
    return environment.from_string(source)


def _refuse(message: str) -> None:
    raise TemplateRefusedError(message)


def _to_json(
    value: object,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
