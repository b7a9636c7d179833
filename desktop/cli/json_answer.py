"""``catnap ask --json-schema``: the schema that is named, and the answer that is JSON or is not printed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from desktop.cli import common
from desktop.common.errors import UserFacingError
from desktop.common.regular_file import NotAFileError, open_regular
from desktop.engine.schema.checking import InvalidAnswerError, parse_answer
from desktop.engine.schema.nodes import Schema, Value
from desktop.engine.schema.reading import MOST_CHARACTERS, read_schema
from desktop.engine.types import FinishReason

_CUT_OFF: Final = "Give it more room: --max-tokens, --ctx, or a schema with fewer and shorter fields."


def read_schema_file(path: Path) -> tuple[str, Schema]:
    """Returns a schema as text, and what it asks for; says on stderr what of it is not kept to.

    Raises:
        UserFacingError: There is no such file, or it is no schema that can be used.
    """
    try:
        with open_regular(path) as file:
            content = file.read(MOST_CHARACTERS + 1)
        text = content.decode("utf-8-sig")
    except NotAFileError as problem:
        raise UserFacingError("The JSON Schema cannot be read.", f"{path}: it is no file.") from problem
    except OSError as problem:
        raise UserFacingError("The JSON Schema cannot be read.", f"{path}: {problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        raise UserFacingError("The JSON Schema is not UTF-8.", f"{path}: byte {problem.start:,}.") from problem
    schema = read_schema(text)
    if schema.checked:
        common.warn(f"{path.name}: checked only when the answer is there: {', '.join(schema.checked)}")
    if schema.ignored:
        common.warn(f"{path.name}: not kept to: {', '.join(schema.ignored)}")
    return text, schema


def value_of(text: str, reason: FinishReason, schema: Schema) -> Value:
    """Returns the value of an answer that was not stopped by the user.

    Args:
        text: The answer.
        reason: How it ended.
        schema: What was asked for.

    Raises:
        UserFacingError: It was cut off, or does not fit.
    """
    if reason is not FinishReason.COMPLETE:
        detail = f"{len(text):,} characters."
        raise UserFacingError("The answer was cut off before its JSON was whole.", detail, _CUT_OFF)
    try:
        return parse_answer(text, schema)
    except InvalidAnswerError as problem:
        raise UserFacingError(
            "The answer does not fit the JSON Schema.",
            f"{problem}.",
            "Ask again with another --seed and a --temperature, or make the schema simpler.",
        ) from problem


def print_value(value: Value) -> None:
    """Prints the JSON alone: for people on a terminal, in one line elsewhere."""
    common.print_json(value, indent=2 if sys.stdout.isatty() else None)
