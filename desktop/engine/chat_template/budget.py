"""How much one rendering of a chat template may do, and the account of it. Standard library only.

A template is a program out of a file from anywhere, and its text and values can grow much faster than it has lines.
Two things bound it. No single value may be large, each part of it counted as often as it would be written: then
whatever is done with a value in one step, in C, where nobody can interrupt it, ends soon. And the steps, and all that
they make together, are counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set, ValuesView
from dataclasses import dataclass
from typing import Final, TypeVar

from desktop.common.errors import Cancelled

_Value = TypeVar("_Value")

# Real templates, 80 of which the tests try, are far from all of this: most take 30 steps for a message, the greediest
# 140, and make a text of some hundred letters of each.
_TEXT: Final = 64 * 1024
_ITEMS: Final = 16 * 1024
_MADE: Final = 4 * 1024 * 1024
_STEPS: Final = 200_000
# Of the processor's time, not of the clock's: a machine that swaps is not the template's fault. Most take some 20
# microseconds for a message; one that looks at all messages for each of them takes a millisecond where there are 200.
# An old laptop takes five times as long.
_SECONDS: Final = 0.5
_MOST_SECONDS: Final = 3.0
_SECONDS_TO_COMPILE: Final = 2.0
# For each message in addition.
_TEXT_EACH: Final = 256
_ITEMS_EACH: Final = 4
_MADE_EACH: Final = 8 * 1024
_STEPS_EACH: Final = 2_000
_SECONDS_EACH: Final = 0.01
# For each letter that the template is given: some of a value's names, and escapes.
_TEXT_PER_LETTER: Final = 2
_MADE_PER_LETTER: Final = 32

# Steps between two looks at the clock; each takes some microseconds at the most.
_LOOK_EVERY: Final = 64
# A number's work grows with the square of its length; the largest float has 1,024 bits.
MOST_BITS: Final = 2048
_MOST_DEPTH: Final = 64
# What is done with so many letters takes as long as one step.
_LETTERS_A_STEP: Final = 256
# Of memory: an item is often a short text of its own.
_BYTES_PER_ITEM: Final = 32
_BYTES_PER_OBJECT: Final = 128
# What a number takes when it is written.
_LETTERS_OF_NUMBER: Final = 24
_BITS_A_LETTER: Final = 3
# Of the largest value: things that hold others which may change. Nobody makes lists of them.
_OPAQUE_SHARE: Final = 16


class LimitError(Exception):
    """The template wants more than a chat template may have."""


@dataclass(frozen=True)
class Room:
    """What a rendering may take.

    Attributes:
        text: Letters of the longest text, be it a value or the output; also what all parts of one value may have.
        items: Items of the longest list.
        made: Letters and bytes of everything that is made on the way.
        steps: Rounds of loops, calls, filters, operators.
        seconds: Processor time.
    """

    text: int
    items: int
    made: int
    steps: int
    seconds: float


def room_for(contents: Sequence[str]) -> Room:
    """Returns what a conversation may take.

    Args:
        contents: What the template is given as the messages' texts.
    """
    count, letters = len(contents), sum(map(len, contents))
    return Room(
        text=_TEXT + _TEXT_EACH * count + _TEXT_PER_LETTER * letters,
        items=_ITEMS + _ITEMS_EACH * count + letters,
        made=_MADE + _MADE_EACH * count + _MADE_PER_LETTER * letters,
        steps=_STEPS + _STEPS_EACH * count,
        seconds=min(_SECONDS + _SECONDS_EACH * count, _MOST_SECONDS),
    )


def room_to_compile() -> Room:
    """Returns what turning a template into a program may take."""
    return Room(_TEXT, _ITEMS, _MADE, _STEPS, _SECONDS_TO_COMPILE)


class Drained(Iterator[object]):
    """Stands for an iterator whose items were taken and counted.

    Attributes:
        items: All of them.
        size: Their letters together.
    """

    def __init__(self, items: list[object], size: int) -> None:
        """
        Args:
            items: What the iterator gave.
            size: See the attribute.
        """
        self.items = items
        self.size = size
        self._rest = iter(items)

    def __next__(self) -> object:
        return next(self._rest)


class Budget:
    """Keeps the account of a rendering, or of several that belong together. On the thread that renders.

    Attributes:
        room: What there is.
    """

    def __init__(
        self,
        room: Room,
        is_stopped: Callable[[], bool],
        opaque: tuple[type, ...] = (),
        nothing: tuple[type, ...] = (),
    ) -> None:
        """
        Args:
            room: What there is.
            is_stopped: Whether nobody wants the result any more; asked again and again.
            opaque: Types whose values may look like lists or iterators, and must not be looked into.
            nothing: Types whose values stand for nothing at all.
        """
        self.room = room
        self._most_text = room.text
        self._is_stopped = is_stopped
        self._opaque = opaque
        self._nothing = nothing
        self._steps = 0
        self._made = 0
        self._look_at = _LOOK_EVERY
        self._until = time.thread_time() + room.seconds
        # By identity: size and depth of each list. They cannot change in the sandbox, and are kept so that nothing else
        # can come to have the same identity.
        self._known: dict[int, tuple[object, int, int]] = {}

    @property
    def steps(self) -> int:
        """The steps taken so far."""
        return self._steps

    def tick(self, steps: int = 1) -> None:
        """Counts steps.

        Raises:
            LimitError: There were too many, or they took too long.
            Cancelled: Nobody wants the result any more.
        """
        self._steps += steps
        if self._steps >= self._look_at:
            self._look()

    def fits(self, size: int) -> None:
        """Checks the length of a text that is about to be made.

        Raises:
            LimitError: It is too long.
        """
        if size > self.room.text:
            raise LimitError(f"a text of {size} letters")

    def fits_items(self, count: int) -> None:
        """Checks the length of a list that is about to be made.

        Raises:
            LimitError: It is too long.
        """
        if count > self.room.items:
            raise LimitError(f"a list of {count} items")

    def weigh(self, value: _Value) -> _Value:
        """Counts what is about to be used, as many steps as it is large, and returns it.

        Raises:
            LimitError: It is too large, or a step too many.
            Cancelled: Nobody wants the result any more.
        """
        if isinstance(value, str):  # nearly everything is, so no further calls
            size = len(value)
            if size > self._most_text:
                self.fits(size)
            self._steps += 1 + size // _LETTERS_A_STEP
        elif isinstance(value, int):
            self._steps += 1
            if value.bit_length() > MOST_BITS:
                self._check_number(value)
        elif value is None or isinstance(value, self._nothing):
            self._steps += 1
        else:
            self._steps += 1 + self._measure(value, 0)[0] // _LETTERS_A_STEP
        if self._steps >= self._look_at:
            self._look()
        return value

    def weigh_parts(self, parts: tuple[_Value, ...]) -> tuple[_Value, ...]:
        """Counts values that are about to be joined to one text, and returns them. Raises as :meth:`weigh`."""
        size = 0
        for part in parts:
            size += len(part) if isinstance(part, str) else self._measure(part, 0)[0]
        self.fits(size)
        self._steps += 1 + size // _LETTERS_A_STEP
        if self._steps >= self._look_at:
            self._look()
        return parts

    def weigh_all(self, value: object) -> object:
        """Counts what is about to be used up to its end: of an iterator all that it will give, one after the other.

        Returns:
            The value, or what stands for an iterator.

        Raises:
            LimitError: It is too large, or a step too many.
            Cancelled: Nobody wants the result any more.
        """
        if isinstance(value, Iterator) and not isinstance(value, self._opaque):
            return value if isinstance(value, Drained) else self._drain(value)
        return self.weigh(value)

    def keep(self, result: _Value) -> _Value:
        """Counts what was made, and returns it.

        Raises:
            LimitError: It is too large, or too much has been made.
        """
        if isinstance(result, str):
            size = len(result)
            if size > self._most_text:
                self.fits(size)
            self._made += size
            if self._made > self.room.made:
                self._add(0)
        elif result is None:
            pass
        elif isinstance(result, int):
            self._check_number(result)
        elif isinstance(result, list | tuple | dict | Set):
            self.fits_items(len(result))
            self._add(_BYTES_PER_OBJECT + _BYTES_PER_ITEM * len(result))
        else:
            self._add(_BYTES_PER_OBJECT)
        return result

    def join(self, parts: Iterable[str]) -> str:
        """Joins texts that a template has written.

        Raises:
            LimitError: They are too long together.
            Cancelled: Nobody wants the result any more.
        """
        kept: list[str] = []
        size = 0
        for part in parts:
            size += len(part)
            self.fits(size)
            kept.append(part)
        self.tick(1 + size // _LETTERS_A_STEP)
        return self.keep("".join(kept))

    def size(self, value: object) -> int:
        """Returns the letters of a value, each of its parts counted as often as it would be written.

        Raises:
            LimitError: It is too large, or too deep.
        """
        return self._measure(value, 0)[0]

    def depth(self, value: object) -> int:
        """Returns how deep a value is nested. Raises as :meth:`size`."""
        return self._measure(value, 0)[1]

    def _look(self) -> None:
        self._look_at = self._steps + _LOOK_EVERY
        if self._is_stopped():
            raise Cancelled
        if self._steps > self.room.steps:
            raise LimitError("too many steps")
        if time.thread_time() > self._until:
            raise LimitError("too much time")

    def _check_number(self, value: int) -> None:
        if value.bit_length() > MOST_BITS:
            raise LimitError("a number of too many digits")

    def _add(self, size: int) -> None:
        self._made += size
        if self._made > self.room.made:
            raise LimitError("too much text")

    def _drain(self, iterator: Iterator[object]) -> Drained:
        items: list[object] = []
        size = 0
        for item in iterator:
            self.tick()
            size += self.size(item)
            self.fits(size)
            items.append(item)
            self.fits_items(len(items))
        self._add(_BYTES_PER_ITEM * len(items))
        return Drained(items, size)

    def _measure(self, value: object, level: int) -> tuple[int, int]:
        if isinstance(value, str):
            return len(value) + 2, 0
        if isinstance(value, int):
            return max(_LETTERS_OF_NUMBER, value.bit_length() // _BITS_A_LETTER), 0
        if value is None or isinstance(value, (float, *self._nothing)):
            return _LETTERS_OF_NUMBER, 0
        if isinstance(value, Drained):
            return value.size, 1
        known = self._known.get(id(value))
        if known is not None:
            return known[1], known[2]
        if level > _MOST_DEPTH:
            raise LimitError("lists nested too deep")
        parts = self._parts(value)
        if parts is None:
            return self.room.text // _OPAQUE_SHARE, 0
        size, depth = 2, 0
        for part in parts:
            if isinstance(part, str):
                size += len(part) + 4
            else:
                part_size, part_depth = self._measure(part, level + 1)
                size += part_size + 2
                depth = max(depth, part_depth)
            if size > self._most_text:
                self.fits(size)
        if depth >= _MOST_DEPTH:
            raise LimitError("lists nested too deep")
        self._add(_BYTES_PER_OBJECT)
        self._known[id(value)] = (value, size, depth + 1)
        return size, depth + 1

    def _parts(self, value: object) -> Iterable[object] | None:
        """Returns what a value consists of; None: that is not known."""
        if type(value) is list or type(value) is tuple:  # nearly all are, and the question is cheap
            return value
        if isinstance(value, self._opaque):
            return None
        if isinstance(value, Mapping):
            return (part for pair in value.items() for part in pair)
        if isinstance(value, list | tuple | Set | ValuesView | range):
            return value
        return None
