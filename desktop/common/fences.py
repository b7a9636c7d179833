"""Fences around code in Markdown (https://spec.commonmark.org/0.31.2/#fenced-code-blocks)."""

from __future__ import annotations

import re
from typing import Final

_FENCE: Final = re.compile(r"^(?P<indent> *)(?P<marks>`{3,}(?=[^`]*$)|~{3,})")
_RUNS: Final = re.compile(r"`{3,}")


def fenced(code: str, language: str = "") -> str:
    """Returns code within a fence that is longer than any inside it."""
    marks = "`" * max(3, *(len(run) + 1 for run in _RUNS.findall(code)), 3)
    return f"{marks}{language}\n{code.strip(chr(10))}\n{marks}"


class FenceTracker:
    """Tells, line by line, what of a text is code."""

    def __init__(self) -> None:
        self._indent, self._marks = "", ""

    def is_code(self, line: str) -> bool:
        """Takes the next line; returns whether it is code, or a fence."""
        if self._marks:
            stripped = line.strip()
            if len(stripped) >= len(self._marks) and not stripped.strip(self._marks[0]):
                self._indent, self._marks = "", ""
            return True
        opening = _FENCE.match(line)
        if opening is None:
            return False
        self._indent, self._marks = opening["indent"], opening["marks"]
        return True

    @property
    def closing(self) -> str:
        """The line that ends the code in which the text ends; empty: it does not."""
        return f"{self._indent}{self._marks}" if self._marks else ""
