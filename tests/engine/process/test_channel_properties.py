"""The pipe to the engine's process: any message comes through, any bytes are refused or are messages (hypothesis)."""

from __future__ import annotations

import dataclasses
import os
import struct
import types
import typing
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop.engine.backends import Backend, EngineFacts
from desktop.engine.process.channel import (
    FROM_PROCESS_LIMIT,
    TO_PROCESS_LIMIT,
    CutShortError,
    ProtocolError,
    Receiver,
    Sender,
)
from desktop.engine.process.messages import FROM_PROCESS, PROTOCOL, TO_PROCESS, Forgotten, Ready
from desktop.engine.process.validation import Validator
from tests.support.properties import PROPERTY

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: _TEXT,
    int: st.integers(0, 9) | st.integers(-(2**63), 2**64 - 1),
    float: st.floats(0, 1) | st.floats(allow_nan=False),
    bool: st.booleans(),
    Path: st.binary(min_size=1, max_size=12).filter(lambda name: b"\0" not in name).map(os.fsdecode).map(Path),
    type(None): st.none(),
}


def _any(kind: Any) -> st.SearchStrategy[Any]:
    """Returns values of a type that a message may have in it."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        return st.builds(kind, **{field.name: _any(hints[field.name]) for field in dataclasses.fields(kind)})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    inner = typing.get_args(kind)
    if typing.get_origin(kind) is tuple:
        if inner[1:] == (...,):
            return st.lists(_any(inner[0]), max_size=3).map(tuple)
        return st.tuples(*map(_any, inner))
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        return st.one_of([_any(each) for each in inner])
    raise TypeError(kind)


_FROM = st.one_of([_any(kind) for kind in FROM_PROCESS])
_TO = st.one_of([_any(kind) for kind in TO_PROCESS])
# What a process says that has begun as it should.
_READY = Ready(PROTOCOL, EngineFacts("1", "1", Backend("none", "", ())))


def _sent(messages: list[object], kinds: tuple[type, ...]) -> bytes:
    reading, writing = os.pipe()
    try:
        sender = Sender(writing, kinds)
        for message in messages:
            sender.send(message)
        os.close(writing)
        writing = -1
        return b"".join(iter(lambda: os.read(reading, 65536), b""))
    finally:
        os.close(reading)
        if writing >= 0:
            os.close(writing)


def _received(content: bytes, kinds: tuple[type, ...], limit: int) -> tuple[list[object], ProtocolError | None]:
    """Returns the messages in some bytes, and what was wrong with the rest."""
    assert len(content) < 60_000, "else nobody reads while it is written"
    reading, writing = os.pipe()
    try:
        os.write(writing, content)
        os.close(writing)
        receiver, messages = Receiver(reading, kinds, limit), []
        try:
            while (message := receiver.receive()) is not None:
                messages.append(message)
        except ProtocolError as problem:
            return messages, problem
        return messages, None
    finally:
        os.close(reading)


@PROPERTY
@given(st.lists(_FROM, max_size=5))
def test_whatever_the_process_says_comes_as_it_was_said(messages: list[object]) -> None:
    assert _received(_sent(messages, FROM_PROCESS), FROM_PROCESS, FROM_PROCESS_LIMIT) == (messages, None)


@PROPERTY
@given(st.lists(_TO, max_size=3))
def test_whatever_the_app_says_comes_as_it_was_said(messages: list[object]) -> None:
    assert _received(_sent(messages, TO_PROCESS), TO_PROCESS, TO_PROCESS_LIMIT) == (messages, None)


@PROPERTY
@given(st.lists(_FROM, min_size=1, max_size=4), st.data())
def test_a_stream_cut_anywhere_gives_what_was_whole(messages: list[object], data: st.DataObject) -> None:
    content = _sent(messages, FROM_PROCESS)
    end = data.draw(st.integers(0, len(content)))
    found, problem = _received(content[:end], FROM_PROCESS, FROM_PROCESS_LIMIT)
    assert found == messages[: len(found)]
    assert problem is None or isinstance(problem, CutShortError)
    assert (problem is None) == (_sent(list(found), FROM_PROCESS) == content[:end])


@PROPERTY
@given(st.lists(_FROM, max_size=3), st.data())
def test_any_bytes_are_messages_or_refused_and_make_sense_or_not(messages: list[object], data: st.DataObject) -> None:
    # GIVEN what a process says, damaged
    content = bytearray(_sent(messages, FROM_PROCESS))
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.sampled_from([0, 1, 1, 4, 40])))
        content[start:end] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b"\xdd\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff", b"\x91" * 5000])
        )
    # WHEN it is read THEN messages come or an error of one kind, and never another
    found, _ = _received(bytes(content), FROM_PROCESS, FROM_PROCESS_LIMIT)
    assert all(type(message) in FROM_PROCESS for message in found)
    # AND whether they make sense is told in the same way
    _judge(found)


@PROPERTY
@given(st.lists(_FROM | _TO, max_size=12))
def test_any_order_of_messages_makes_sense_or_is_refused(messages: list[object]) -> None:
    _judge(messages)


@pytest.mark.parametrize("around", [b"\x91", b"\x81\xa1a"], ids=["lists", "objects"])
def test_a_field_nested_without_end_is_refused(around: bytes) -> None:
    body = b"\x82\xa1x" + around * 18_000 + b"\xc0\xafconversation_id\xa1a"
    content = struct.pack("<IB", len(body), FROM_PROCESS.index(Forgotten)) + body
    found, problem = _received(content, FROM_PROCESS, FROM_PROCESS_LIMIT)
    assert found == []
    assert problem is not None


@PROPERTY
@given(st.binary(max_size=80), st.integers(0, 255), st.integers(0, 2**32 - 1))
@example(b"", 0, FROM_PROCESS_LIMIT + 1)
def test_a_header_is_believed_only_within_the_limit(body: bytes, kind: int, length: int) -> None:
    found, problem = _received(struct.pack("<IB", length, kind) + body, FROM_PROCESS, FROM_PROCESS_LIMIT)
    if length > FROM_PROCESS_LIMIT or kind >= len(FROM_PROCESS):
        assert found == [] and problem is not None and not isinstance(problem, CutShortError)


def _judge(messages: list[object]) -> None:
    """Gives messages of both directions to the one that checks; only its own error may come of it."""
    validator = Validator()
    for message in (_READY, *messages):
        if type(message) in TO_PROCESS:
            validator.sent(message)  # type: ignore[arg-type]
            continue
        try:
            validator.check(message)  # type: ignore[arg-type]
        except ProtocolError as problem:
            assert str(problem)
