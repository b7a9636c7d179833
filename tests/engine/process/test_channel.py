"""Messages over a pipe."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from desktop.engine.backends import Backend, EngineFacts, Obstacle, PassedOver
from desktop.engine.process.channel import CutShortError, ProtocolError, Receiver, Sender
from desktop.engine.process.messages import FROM_PROCESS, TO_PROCESS, Begin, Ready, Run
from desktop.engine.threads.tuner import Counts
from desktop.engine.types import EngineConfig, Generation, Message, Role, Token

_LIMIT = 4096


@dataclass
class Pipe:
    read: int
    write: int

    def close_write(self) -> None:
        os.close(self.write)
        self.write = -1


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe(*os.pipe())
    yield made
    for handle in (made.read, made.write):
        if handle >= 0:
            os.close(handle)


def test_a_message_arrives_as_it_was_sent(pipe: Pipe) -> None:
    request = Generation(3, "c", (Message(Role.USER, "你好 \0 \N{CAT FACE}"),), cut=0)
    sent = (
        Begin(1, EngineConfig(Path(os.fsdecode(b"/caf\xe9.gguf")), snapshots_dir=Path("/x")), Counts(2, 3), 10),
        Run(request, True),
    )
    sender, receiver = Sender(pipe.write, TO_PROCESS), Receiver(pipe.read, TO_PROCESS, _LIMIT)
    for message in sent:
        sender.send(message)

    assert [receiver.receive() for _ in sent] == list(sent)


def test_what_utf_8_cannot_carry_is_written_out(pipe: Pipe) -> None:
    passed_over = PassedOver("x", Path("/x"), Obstacle.BROKEN, "caf\udce9")
    facts = EngineFacts("1", "1", Backend("b", "/caf\udce9/lib.so", ("AVX",), 1, (passed_over,)))
    Sender(pipe.write, FROM_PROCESS).send(Ready(1, facts))
    arrived = Receiver(pipe.read, FROM_PROCESS, _LIMIT).receive()

    assert arrived.facts.backend.path == r"/caf\udce9/lib.so"
    assert arrived.facts.backend.passed_over[0] == PassedOver("x", Path("/x"), Obstacle.BROKEN, r"caf\udce9")


def test_many_threads_do_not_mix_their_messages(pipe: Pipe) -> None:
    sender, receiver = Sender(pipe.write, FROM_PROCESS), Receiver(pipe.read, FROM_PROCESS, 1 << 20)
    texts = [letter * 40_000 for letter in "abcd"]
    threads = [threading.Thread(target=sender.send, args=(Token(1, text),)) for text in texts]
    for thread in threads:
        thread.start()
    arrived = {receiver.receive().text for _ in texts}
    for thread in threads:
        thread.join()

    assert arrived == set(texts)


def test_the_end_of_the_pipe_is_no_message(pipe: Pipe) -> None:
    pipe.close_write()
    assert Receiver(pipe.read, FROM_PROCESS, _LIMIT).receive() is None


@pytest.mark.parametrize("content", [b"\x01\x00", b"\x10\x00\x00\x00\x06half"], ids=["header", "body"])
def test_half_a_message_is_known_as_such(pipe: Pipe, content: bytes) -> None:
    os.write(pipe.write, content)
    pipe.close_write()
    with pytest.raises(CutShortError):
        Receiver(pipe.read, FROM_PROCESS, _LIMIT).receive()


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xff\xff\xff\x06",  # 4 GB
        b"\x00\x00\x00\x00\xff",  # no kind
        b"\x01\x00\x00\x00\x06\xc1",  # what MessagePack never has
        b"\x01\x00\x00\x00\x06\x80",  # no fields
        b"\x03\x00\x00\x00\x06\x93\x01\x02",  # a list
        b"\x02\x00\x00\x00\x06\x80\x80",  # one message in another
        b"\xa0\x0f\x00\x00\x06" + b"\x91" * 4000,  # a list in a list in a list ...
    ],
    ids=repr,
)
def test_what_is_no_message_is_refused(pipe: Pipe, content: bytes) -> None:
    os.write(pipe.write, content)
    with pytest.raises(ProtocolError):
        Receiver(pipe.read, FROM_PROCESS, _LIMIT).receive()


def test_a_message_over_the_limit_is_refused_before_it_is_read(pipe: Pipe) -> None:
    os.write(pipe.write, (_LIMIT + 1).to_bytes(4, "little") + b"\x06")  # and nothing after that: it would wait
    with pytest.raises(ProtocolError):
        Receiver(pipe.read, FROM_PROCESS, _LIMIT).receive()


def test_every_message_is_one_of_the_kinds_both_sides_know() -> None:
    assert len(set(FROM_PROCESS)) == len(FROM_PROCESS) and len(set(TO_PROCESS)) == len(TO_PROCESS)
    assert all(fields(kind) is not None for kind in (*FROM_PROCESS, *TO_PROCESS))
