"""What the calculator says: a result that was computed, in one line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Calculation:
    """An answer that was computed and not guessed.

    Attributes:
        text: The question as it was understood, with its result, in the language of the question.
        exact: Nothing was rounded.
    """

    text: str
    exact: bool = True
