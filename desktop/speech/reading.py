"""What is being read aloud: one text at a time, whole or while it grows, sentence by sentence."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from desktop.speech.sentences import Sentence, SentenceStream
from desktop.speech.spoken import FindFormula


class SpeechEngine(Protocol):
    """Says sentences. ``Reader.said`` is to be called when one is over, and not for one that was stopped."""

    def say(self, number: int, sentence: Sentence) -> None:
        """Begins with a sentence; returns at once.

        Args:
            number: Tells the sentences apart; never used twice.
            sentence: What to say.
        """

    def stop(self) -> None:
        """Falls silent; returns at once."""


class Reader:
    """Hands sentences to an engine, one after the other.

    The engine has one sentence at a time: what is stopped stops at once, and nothing it had before goes on.
    """

    def __init__(self, engine: SpeechEngine, find_formula: FindFormula, changed: Callable[[], None]) -> None:
        """
        Args:
            engine: Says the sentences.
            find_formula: See :class:`desktop.speech.sentences.SentenceStream`.
            changed: Called when another text is read, or none.
        """
        self._engine, self._find, self._changed = engine, find_formula, changed
        self._stream: SentenceStream | None = None  # of a text that still grows
        self._waiting: deque[Sentence] = deque()
        self._number = 0  # of the sentence that is being said
        self._is_saying = False
        self._key: int | None = None
        self._is_reading = False

    @property
    def is_reading(self) -> bool:
        """Whether a text is read, or will be as soon as there is a sentence of it."""
        return self._is_reading

    @property
    def key(self) -> int | None:
        """What was given with the text that is read; None: none is read, or it was begun without."""
        return self._key

    def read(self, key: int | None, text: str) -> None:
        """Reads a whole text instead of what is being read."""
        self._begin(key)
        self.grow(text)
        self.end()

    def begin(self) -> None:
        """Reads a text that is still to come instead of what is being read."""
        self._begin(None)

    def grow(self, text: str) -> None:
        """Takes what has come of the text begun last."""
        if self._stream is not None:
            self._waiting += self._stream.feed(text)
            self._go_on()

    def end(self, key: int | None = None) -> None:
        """Takes note that the text begun last is whole.

        Args:
            key: What it is called from now on; None: as before.
        """
        stream, self._stream = self._stream, None
        if stream is None:
            return
        self._waiting += stream.end()
        self._key = key if key is not None else self._key
        if key is not None:
            self._changed()
        self._go_on()

    def stop(self) -> None:
        """Reads nothing any more."""
        was_reading, was_saying = self._is_reading, self._is_saying
        self._forget()
        if was_saying:
            self._engine.stop()
        if was_reading:
            self._changed()

    def said(self, number: int) -> None:
        """Takes from the engine that a sentence is over; of an earlier text it means nothing."""
        if self._is_saying and number == self._number:
            self._is_saying = False
            self._go_on()

    def _begin(self, key: int | None) -> None:
        if self._is_saying:
            self._engine.stop()
        self._forget()
        self._stream = SentenceStream(self._find)
        self._key, self._is_reading = key, True
        self._changed()

    def _forget(self) -> None:
        self._stream = None
        self._waiting.clear()
        self._is_saying = self._is_reading = False
        self._key = None

    def _go_on(self) -> None:
        if self._is_saying:
            return
        if self._waiting:
            self._number += 1
            self._is_saying = True
            self._engine.say(self._number, self._waiting.popleft())
        elif self._stream is None and self._is_reading:
            self._forget()
            self._changed()
