"""A passage: the piece of a document that is found by a question, and that an answer names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Passage:
    """Some paragraphs, or rows of a table, of one part of a document.

    Attributes:
        part: Number of the part.
        start: Where it begins in the part's text, in characters.
        end: Where it ends.
        text: What stands there; rows of a table are preceded by the head of the table.
        heading: What it stands below, without marks of Markdown; empty: nothing.
    """

    part: int
    start: int
    end: int
    text: str
    heading: str = ""
