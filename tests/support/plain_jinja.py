"""Chat templates as they are rendered where nobody counts: in jinja2's own sandbox, set up as transformers does."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from jinja2 import Template, TemplateError
from jinja2.ext import Extension
from jinja2.nodes import Node
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from desktop.engine.types import Message


class _GenerationBlock(Extension):
    tags = {"generation"}  # noqa: RUF012 (the base class declares it as an instance attribute)

    def parse(self, parser: Parser) -> list[Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _refuse(message: str) -> None:
    raise TemplateError(message)


def _to_json(value: object, ensure_ascii: bool = False, **options: Any) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, **options)


def plain_template(source: str, now: Callable[[], datetime]) -> Template:
    """Compiles a template without any limit."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", _GenerationBlock]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = lambda pattern: now().strftime(pattern)
    return environment.from_string(source)


def given(messages: Sequence[Message], *, thinking: bool, bos: str = "<s>", eos: str = "</s>") -> dict[str, Any]:
    """Returns what a template is given for a conversation."""
    return {
        "messages": [{"role": message.role.value, "content": message.text} for message in messages],
        "add_generation_prompt": True,
        "enable_thinking": thinking,
        "thinking": thinking,
        "tools": None,
        "documents": None,
        "bos_token": bos,
        "eos_token": eos,
    }
