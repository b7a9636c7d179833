"""Answers that are a program: the code in them, and whether its function returns what it should."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from desktop.check.scoring.values import same

_BLOCK: Final = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*\n(.*?)(?:^[ \t]*(?:```|~~~)[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
# Characters of code; no answer to such a question is longer.
MOST_CODE: Final = 20_000

# Runs code and calls a function of it, once for each list of arguments; returns what each call returned, None where
# there is nothing to return: it raised, took too much, or is not there. Raises NoWallsError.
RunPython = Callable[[str, str, Sequence[Sequence[Any]]], Sequence[Any] | None]


def code_of(answer: str, function: str) -> str:
    """Returns the code of an answer: its first block in which the function stands, or all of it; empty: none.

    Args:
        answer: As the model gave it.
        function: The name that was asked for.
    """
    blocks = [match[1] for match in _BLOCK.finditer(answer)] or [answer]
    for code in blocks:
        if len(code) <= MOST_CODE and _defines(code, function):
            return code
    return ""


def passes(answer: str, function: str, calls: Sequence[tuple[Sequence[Any], Any]], run: RunPython) -> bool:
    """Tells whether the function of an answer returns what it should, at every call.

    What it should return never gets to the code, which so cannot hand it back.

    Args:
        answer: As the model gave it.
        function: The name that was asked for.
        calls: Arguments, and what the function must return for them.
        run: Runs the code, shut in.
    """
    code = code_of(answer, function)
    if not code:
        return False
    results = run(code, function, [arguments for arguments, _ in calls])
    if results is None or len(results) != len(calls):
        return False
    return all(same(result, wanted) for result, (_, wanted) in zip(results, calls, strict=True))


def _defines(code: str, function: str) -> bool:
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(node, ast.FunctionDef) and node.name == function for node in tree.body)
