"""What a JSON Schema asks for, as a tree of a few kinds: bounded in every direction, with nothing left to look up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = Scalar | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True)
class TextNode:
    """A text.

    Attributes:
        least: Characters that it has at least.
        most: Characters that it may have.
        form: "date", "time", "date-time" or "uuid"; empty: any text.
        spaced: A space stands before it, which is none of its characters. Small models know words as they stand behind
            one: without it they spell names wrong that they have just read.
    """

    least: int
    most: int
    form: str = ""
    spaced: bool = False


@dataclass(frozen=True)
class NumberNode:
    """A number.

    Attributes:
        whole: It has no fraction.
        minimum: None: there is none; so with the others.
        above: It is more than that.
        below: It is less than that.
        step: It is a multiple of that.
    """

    whole: bool
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    step: float | None = None


@dataclass(frozen=True)
class ChoiceNode:
    """One of some values: an enumeration, a constant, yes or no, null."""

    values: tuple[Scalar, ...]


@dataclass(frozen=True)
class ListNode:
    """A list.

    Attributes:
        different: No two of its items are the same.
    """

    item: Node
    least: int
    most: int
    different: bool = False


@dataclass(frozen=True)
class Member:
    """A named value of an object.

    Attributes:
        hint: What the schema says about it, for whoever answers; empty: nothing.
    """

    name: str
    node: Node
    required: bool
    hint: str = ""


@dataclass(frozen=True)
class ObjectNode:
    members: tuple[Member, ...]


@dataclass(frozen=True)
class AnyObjectNode:
    """An object of any fields."""


@dataclass(frozen=True)
class EitherNode:
    """A value of one of several kinds.

    Attributes:
        only_one: It may not be of two of them at once.
    """

    options: tuple[Node, ...]
    only_one: bool = False


Node: TypeAlias = TextNode | NumberNode | ChoiceNode | ListNode | ObjectNode | AnyObjectNode | EitherNode


@dataclass(frozen=True)
class Schema:
    """A schema that was read.

    Attributes:
        root: What an answer is.
        checked: Keywords, by name, that are not kept to while the answer is made, but checked when it is there.
        ignored: Keywords, by name, that nobody keeps to.
    """

    root: Node
    checked: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def inner_nodes(node: Node) -> Iterator[Node]:
    """Yields a node and all nodes in it."""
    yield node
    match node:
        case ListNode(item):
            yield from inner_nodes(item)
        case ObjectNode(members):
            for member in members:
                yield from inner_nodes(member.node)
        case EitherNode(options):
            for option in options:
                yield from inner_nodes(option)
        case _:
            pass
