"""Questions that a teacher makes itself: how a template frames one, and which of them are new. Standard library only.

Given a chat template up to where somebody's message begins, a model that was taught to chat writes such a message
(Xu et al. 2024, "Magpie: Alignment Data Synthesis from Scratch by Prompting Aligned LLMs with Nothing"). So there are
distinct answers without end, where further answers to the same prompts are learnt by heart.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Final

from desktop.common.atomic_file import write_atomically
from desktop.common.json_file import parse_json, to_json

# The first bytes of the id of a question that a teacher has made; of a prompt's they are those of a hash.
_MADE: Final = b"made"
_NOTHING_SAID: Final = re.compile(r"[\W_]+")
_LOST: Final = "\ufffd"


def is_made(name: str) -> bool:
    """Tells whether an id is of a question that a teacher has made itself."""
    return name.startswith(_MADE.hex())


def id_of(text: str) -> str:
    """Returns the id of a question that a teacher has made: 32 hexadecimal digits."""
    return (_MADE + hashlib.sha256(text.encode()).digest()[: 16 - len(_MADE)]).hex()


def gist(text: str) -> str:
    """Returns the letters and digits of a text, which are the same for questions that say the same."""
    return _NOTHING_SAID.sub(" ", text.casefold()).strip()


@dataclass(frozen=True)
class Frame:
    """What stands before and behind each question.

    Attributes:
        before: Tokens up to where somebody's message begins.
        after: Tokens from where it ends to where the answer begins; not empty.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]

    @classmethod
    def of(cls, prompts: Sequence[Sequence[int]]) -> Frame:
        """Returns what all prompts begin and end with, as the chat template has laid them out.

        Args:
            prompts: Their tokens, those of the template included.

        Raises:
            ValueError: They are too few, or have nothing in common.
        """
        before, after = _common(prompts), _common([each[::-1] for each in prompts])[::-1]
        if len({*map(tuple, prompts)}) < 2 or not before or not after:
            raise ValueError("the prompts do not tell what the chat template adds")
        return cls(before, after)

    def around(self, question: Sequence[int]) -> tuple[int, ...]:
        """Returns the tokens of a question as it is asked."""
        return (*self.before, *question, *self.after)

    def inside(self, prompt: Sequence[int]) -> tuple[int, ...]:
        """Returns the tokens of the question alone."""
        return tuple(prompt[len(self.before) : len(prompt) - len(self.after)])


class Questions:
    """Tells which questions are new. One thread."""

    def __init__(self, texts: Sequence[bytes | None], known: Iterable[str]) -> None:
        """
        Args:
            texts: What each token says; None: it is the template's, and in no question.
            known: Prompts that must not be among them, nor a part of them.
        """
        self._texts = texts
        self._known = tuple(f" {each} " for each in map(gist, known) if each)
        self._seen: set[str] = set()

    def text(self, question: Sequence[int]) -> str:
        """Returns what a question says; empty: nothing that somebody would write."""
        said = [self._texts[token] for token in question]
        text = b"".join(each for each in said if each is not None).decode("utf-8", "replace")
        return "" if None in said or _LOST in text else text

    def take(self, question: Sequence[int]) -> str:
        """Returns the text of a question, which counts as known from now on; empty: it is not new, or says nothing."""
        text = self.text(question)
        said = gist(text)
        if not said or said in self._seen or any(each in f" {said} " for each in self._known):
            return ""
        self._seen.add(said)
        return text


def write_texts(target: Path, texts: Iterable[bytes | None]) -> None:
    """Writes what each token says.

    Raises:
        OSError: It cannot be written.
    """
    write_atomically(target, to_json([None if each is None else each.hex() for each in texts]).encode("ascii"))


def read_texts(file: Path) -> list[bytes | None]:
    """Reads what :func:`write_texts` has written.

    Raises:
        OSError: It cannot be read.
        ValueError, TypeError: It is something else.
    """
    return [None if each is None else bytes.fromhex(each) for each in parse_json(file.read_bytes())]


def _common(rows: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Returns what all rows begin with; one token of each is left over."""
    shortest = min((len(row) for row in rows), default=1) - 1
    columns = takewhile(lambda column: len({*column}) == 1, zip(*rows, strict=False))
    return tuple(column[0] for column, _ in zip(columns, range(shortest), strict=False))
