"""Names of files made of titles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.history.exchange.file_names import file_name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Cats", "Cats.md"),
        ("a/b\\c:d*e?f\"g<h>i|j", "a b c d e f g h i j.md"),
        ("CON", "_CON.md"),
        ("con.txt", "_con.txt.md"),
        ("nul ", "_nul.md"),
        ("COM1", "_COM1.md"),
        ("COM¹", "_COM¹.md"),
        ("CONSOLE", "CONSOLE.md"),
        ("..", "Conversation.md"),
        ("../../etc/passwd", "etc passwd.md"),
        ("what now...", "what now.md"),
        (" \t\n", "Conversation.md"),
        ("a\x00b\x1b[31m\u202ec", "a b [31m c.md"),
        ("x" * 200, f"{'x' * 100}.md"),
        ("👩‍👩‍👧 nap", "👩‍👩‍👧 nap.md"),
        ("e\u0301", "é.md"),
        ("\ud800", "Conversation.md"),
    ],
)  # fmt: skip
def test_titles(title: str, name: str) -> None:
    assert file_name(title, ".md") == name


def test_a_cut_leaves_no_half_of_a_character() -> None:
    assert file_name("x" * 95 + "👩‍👩‍👧", ".md") == f"{'x' * 95}👩.md"


def test_a_taken_name_gets_a_number() -> None:
    assert file_name("Cats", ".md", {"cats.md", "cats (2).md"}) == "Cats (3).md"


@given(st.text(st.characters()))
def test_any_title_is_a_name_for_every_system(title: str) -> None:
    name = file_name(title, ".md")
    assert not set(name) & set('<>:"/\\|?*\x00\n\r')
    assert name.removesuffix(".md").strip(". ")
    assert len(name.encode()) <= 104
