"""Markdown that ends what it began."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.common.fences import FenceTracker, fenced
from desktop.history.exchange.formats.markdown import closed


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", "plain"),
        ("```\nopen", "```\nopen\n```"),
        ("````\n```\nopen", "````\n```\nopen\n````"),
        ("~~~\n```\nopen", "~~~\n```\nopen\n~~~"),
        ("- item\n  ```\n  open", "- item\n  ```\n  open\n  ```"),
        ("<script>\nx", "\\<script>\nx"),
        ("<!-- x", "\\<!-- x"),
        ("a </details> b", "a \\</details> b"),
        ("`<b>` and <b>", "`<b>` and \\<b>"),
        ("``a ` <b>`` <i>", "``a ` <b>`` \\<i>"),
        ("```html\n<b>\n```", "```html\n<b>\n```"),
        ("See <https://example.org/a>.", "See <https://example.org/a>."),
        ("1 < 2 <3", "1 < 2 <3"),
        ("    <b>", "    <b>"),
        ("x\n    <b>", "x\n    \\<b>"),
    ],
)
def test_closed(text: str, written: str) -> None:
    assert closed(text) == written


@given(st.text(alphabet="`~ \n<ab-", max_size=60))
def test_no_code_reaches_into_what_follows(text: str) -> None:
    tracker = FenceTracker()
    for line in closed(text).split("\n"):
        tracker.is_code(line)
    assert tracker.closing == ""


@given(st.text(alphabet="`a\n", max_size=40))
def test_a_fence_is_longer_than_those_inside(code: str) -> None:
    lines = fenced(code, "x").split("\n")
    tracker = FenceTracker()
    assert all(tracker.is_code(line) for line in lines)
    assert tracker.closing == ""
    assert "\n".join(lines[1:-1]) == code.strip("\n")


def test_a_line_of_a_million_backticks_takes_no_time() -> None:
    assert closed("`a" * 500_000).startswith("`a")
