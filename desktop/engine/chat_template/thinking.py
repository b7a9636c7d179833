"""Tells a model's thoughts from its answer while both stream in: ``<think> ... </think>`` at the start of the text."""

from __future__ import annotations

from enum import Enum, auto

OPEN_TAG = "<think>"
CLOSE_TAG = "</think>"


class _State(Enum):
    START = auto()  # nothing seen yet but white space or part of an opening tag
    THOUGHT_START = auto()  # behind an opening tag, white space is dropped
    THOUGHT = auto()
    ANSWER_START = auto()  # behind a closing tag, blank lines are dropped
    ANSWER = auto()


class ThoughtSplitter:
    """Splits one streamed text into pieces of thought and answer. Used by one thread at a time.

    An opening tag counts only at the very start, so an answer *about* the tag stays an answer. The tags and the blank
    lines around them are dropped; what may turn out to be part of either is held back until it is certain.
    """

    def __init__(self, opened: bool) -> None:
        """
        Args:
            opened: The prompt ends with an opening tag, so the text begins as a thought.
        """
        self._state = _State.THOUGHT_START if opened else _State.START
        self._held = ""

    def feed(self, text: str) -> list[tuple[str, bool]]:
        """Returns what is now certain, in order, as (text, is a thought)."""
        self._held += text
        pieces: list[tuple[str, bool]] = []
        while self._step(pieces):
            pass
        return [piece for piece in pieces if piece[0]]

    def flush(self) -> list[tuple[str, bool]]:
        """Returns what was held back when no more text comes."""
        rest, self._held = self._held, ""
        if self._state in (_State.START, _State.ANSWER):
            return [(rest, False)] if rest else []
        if self._state is _State.THOUGHT and rest.strip():
            return [(rest.rstrip(), True)]
        return []

    def _step(self, pieces: list[tuple[str, bool]]) -> bool:
        """Takes one step through ``_held``; returns whether another may follow."""
        match self._state:
            case _State.START:
                return self._start()
            case _State.THOUGHT_START:
                self._held = self._held.lstrip()
                return self._enter(_State.THOUGHT) if self._held else False
            case _State.THOUGHT:
                return self._thought(pieces)
            case _State.ANSWER_START:
                text = self._held.lstrip()
                blank = self._held[: len(self._held) - len(text)]
                # Blank lines go, the indentation of the first line stays: the answer may begin with code.
                self._held = blank[blank.rfind("\n") + 1 :] + text
                return self._enter(_State.ANSWER) if text else False
            case _State.ANSWER:
                pieces.append((self._held, False))
                self._held = ""
        return False

    def _start(self) -> bool:
        text = self._held.lstrip()
        if text.startswith(OPEN_TAG):
            self._held = text.removeprefix(OPEN_TAG)
            return self._enter(_State.THOUGHT_START)
        if OPEN_TAG.startswith(text):
            return False
        return self._enter(_State.ANSWER)

    def _thought(self, pieces: list[tuple[str, bool]]) -> bool:
        thought, tag, answer = self._held.partition(CLOSE_TAG)
        if tag:
            pieces.append((thought.rstrip(), True))
            self._held = answer
            return self._enter(_State.ANSWER_START)
        certain = self._held[: len(self._held) - _partial_tag(self._held)].rstrip()
        pieces.append((certain, True))
        self._held = self._held[len(certain) :]
        return False

    def _enter(self, state: _State) -> bool:
        self._state = state
        return True


def _partial_tag(text: str) -> int:
    """Returns how many characters at the end of ``text`` may be the start of a closing tag."""
    longest = min(len(text), len(CLOSE_TAG) - 1)
    return next((length for length in range(longest, 0, -1) if CLOSE_TAG.startswith(text[-length:])), 0)


def without_thoughts(text: str) -> str:
    """Returns an answer without the thoughts before it; an answer that only mentions the tags is returned as it is."""
    if not text.lstrip().startswith(OPEN_TAG):
        return text
    _, tag, answer = text.partition(CLOSE_TAG)
    return answer.lstrip() if tag else ""
