"""An engine process that speaks the protocol and misbehaves as told: ``python -m tests.support.misbehaving AT DOES``.

It has no model; it answers ``ANSWER`` to everything. AT is the moment at which it misbehaves, one of ``MOMENTS``; DOES
is one of ``DEEDS``, or of ``MESSAGES``: something that makes no sense at that moment.
"""

from __future__ import annotations

import itertools
import os
import signal
import struct
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

from desktop.engine.backends import Backend, EngineFacts
from desktop.engine.process.channel import FROM_PROCESS_LIMIT, TO_PROCESS_LIMIT, Receiver, Sender
from desktop.engine.process.handle import EngineProcess, StartProcess
from desktop.engine.process.messages import (
    FROM_PROCESS,
    PROTOCOL,
    TO_PROCESS,
    Doze,
    Forget,
    Forgotten,
    Leave,
    Loaded,
    LogLine,
    Ready,
    Refused,
    Resting,
    Run,
)
from desktop.engine.threads.tuner import Counts
from desktop.engine.types import Dozing, Finished, FinishReason, Reading, Stats, Token, Trimmed, Waking

ANSWER = ("one ", "two ", "three ", "four")
# What has been said when it misbehaves while answering.
SAID = "one two "
MOMENTS = ("start", "loading", "reading", "answering", "resting", "dozing", "saving")
NEVER = "never"
TELLING = "GGML_ASSERT(n > 0) failed"
_FACTS = EngineFacts("1", "1", Backend("none", "", ()))
_LONG = 900_000


def command(at: str, does: str) -> list[str]:
    """Returns what starts a process that behaves as told."""
    return [sys.executable, "-P", "-m", "tests.support.misbehaving", at, does]


def starting(*behaviours: tuple[str, str]) -> StartProcess:
    """Returns what starts one process after the other that behaves as told; those after the last one behave well."""
    left = iter(behaviours)

    def start(deliver: Any) -> EngineProcess:
        at, does = next(left, (NEVER, "well"))
        return EngineProcess(deliver, command(at, does))

    return start


class Child:
    """The process."""

    def __init__(self, at: str, does: str) -> None:
        self.events = os.dup(1)
        self.commands = os.dup(0)
        self.sender = Sender(self.events, FROM_PROCESS)
        self._receiver = Receiver(self.commands, TO_PROCESS, TO_PROCESS_LIMIT)
        self._at, self._does = at, does
        self.request_id = 0

    def run(self) -> None:
        self._receiver.receive()
        self._moment("start")
        self.sender.send(Ready(PROTOCOL, _FACTS))
        while (message := self._receiver.receive()) is not None:
            match message:
                case Run(request, prepares):
                    self._answer(request.request_id, prepares)
                case Forget(conversation_id):
                    self.sender.send(Forgotten(conversation_id))
                case Doze():
                    self._moment("dozing")
                    self.sender.send(Dozing())
                case Leave():
                    self._moment("saving")
                    return
                case _:
                    pass

    def _answer(self, request_id: int, prepares: bool) -> None:
        self.request_id = request_id
        self.sender.send(Waking(request_id, 0.0))
        self._moment("loading")
        self.sender.send(Loaded("none", 2048, 1, False))
        self.sender.send(Reading(request_id, 0, 4))
        self._moment("reading")
        self.sender.send(Reading(request_id, 4, 4))
        for place, text in enumerate(() if prepares else ANSWER):
            if place == len(SAID.split()):
                self._moment("answering")
            self.sender.send(Token(request_id, text))
        self.sender.send(Finished(request_id, FinishReason.COMPLETE, Stats(generated_tokens=len(ANSWER))))
        self.sender.send(Resting(True, False, 1, Counts(1, 1)))
        self._moment("resting")

    def _moment(self, name: str) -> None:
        if name != self._at:
            return
        if self._does in DEEDS:
            DEEDS[self._does](self)
        else:
            for message in MESSAGES[self._does](self.request_id):
                self.sender.send(message)
            _hang(self)


def _say(text: str) -> None:
    os.write(2, f"{text}\n".encode())


def _abort(_child: Child) -> None:
    _say(f"/build/of/somebody/ggml.c:12: {TELLING}")
    os.abort()


def _hang(_child: Child) -> None:
    while True:
        signal.pause()


def _refuse(child: Child, request_id: int, title: str) -> None:
    child.sender.send(_refusal(request_id, title=title))
    _hang(child)


def _compute(_child: Child) -> None:
    while True:
        pass


def _begin_again(child: Child) -> None:
    """Computes and says how far it is, which is never any further: as a batch that is cut off each time."""
    until = 0.0
    while True:
        if time.monotonic() > until:
            until = time.monotonic() + 0.05
            child.sender.send(Reading(child.request_id, 0, 4))


def _close(child: Child) -> None:
    for handle in (0, 1, child.events, child.commands):
        os.close(handle)
    _hang(child)


def _write(child: Child, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(child.events, rest) :]


def _write_and_hang(content: bytes) -> Callable[[Child], None]:
    def deed(child: Child) -> None:
        _write(child, content)
        _hang(child)

    return deed


def _half(child: Child) -> None:
    _write(child, struct.pack("<IB", 100, 0) + b"half")
    os._exit(3)


def _print_without_end(_child: Child) -> None:
    while True:
        os.write(2, b"x" * 4096)


def _allocate(_child: Child) -> None:
    _say("terminate called after throwing an instance of 'std::bad_alloc'")
    os.abort()


def _be_killed(child: Child) -> None:
    os.kill(os.getpid(), signal.SIGKILL)  # as another program does, and the kernel when memory is short
    _hang(child)


def _use_up_the_processor(child: Child) -> None:
    os.kill(os.getpid(), signal.SIGXCPU)  # as the kernel does at the limit of `ulimit -t`
    _hang(child)


def _stop(child: Child) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)
    _hang(child)


def _header(length: int, kind: int) -> bytes:
    return struct.pack("<IB", length, kind)


DEEDS: Mapping[str, Callable[[Child], None]] = MappingProxyType(
    {
        "abort": _abort,
        "exit": lambda child: os._exit(3),
        "refuse": lambda child: _refuse(child, child.request_id, "There is no room on the device."),
        "refuse at all": lambda child: _refuse(child, 0, "There is another driver."),
        "be killed": _be_killed,
        "use up the processor": _use_up_the_processor,
        "bad_alloc": _allocate,
        "hang": _hang,
        "stop": _stop,
        "compute": _compute,
        "begin again": _begin_again,
        "close": _close,
        "half a message": _half,
        "print without end": _print_without_end,
        # What is no message at all.
        "garbage": _write_and_hang(b"\xff" * 64),
        "garbage in a message": _write_and_hang(_header(4, 6) + b"\xc1\xc1\xc1\xc1"),
        "a message over the limit": _write_and_hang(_header(FROM_PROCESS_LIMIT + 1, 6)),
        "an unknown kind": _write_and_hang(_header(0, 200)),
        "half a surrogate pair": _write_and_hang(_header(21, 9) + b"\x81\xafconversation_id\xa3\xed\xa0\x80"[:21]),
        "a number for a text": _write_and_hang(_header(18, 9) + b"\x81\xafconversation_id\x01"),
    }
)
NO_MESSAGES = tuple(list(DEEDS)[-6:])

_STATS = Stats()
_REFUSAL = Refused(0, "t", "", "", "", (), 0, 0, False, _STATS)


def _stats(**changes: float) -> Stats:
    return replace(_STATS, **changes)  # type: ignore[arg-type]


def _end(request_id: int, **changes: float) -> Finished:
    return Finished(request_id, FinishReason.COMPLETE, _stats(**changes))


def _refusal(request_id: int, **changes: object) -> Refused:
    return replace(_REFUSAL, request_id=request_id, **changes)  # type: ignore[arg-type]


Messages = Callable[[int], "Sequence[object] | itertools.repeat[Any]"]
_ONE: Mapping[str, Callable[[int], object]] = MappingProxyType(
    {
        "a token of nobody's": lambda i: Token(i + 1, "x"),
        "a token of a request that has ended": lambda i: Token(i - 1, "x"),
        "fewer tokens than none": lambda i: Token(i, "x", tokens=-1),
        "a billion tokens": lambda i: Token(i, "x", tokens=10**9),
        "progress that is no number": lambda i: Waking(i, float("nan")),
        "progress without end": lambda i: Waking(i, float("inf")),
        "less than no progress": lambda i: Waking(i, -1.0),
        "read more than there is": lambda i: Reading(i, 2, 1),
        "read less than nothing": lambda i: Reading(i, -1, 1),
        "a text to read without end": lambda i: Reading(i, 0, 10**12),
        "dropped more than there is": lambda i: Trimmed(i, 1000),
        "took back what it dropped": lambda i: Trimmed(i, -1),
        "finished what nobody asked": lambda i: _end(i + 1),
        "a time that is no number": lambda i: _end(i, ttft_s=float("nan")),
        "a time without end": lambda i: _end(i, read_s=float("inf")),
        "a time before it began": lambda i: _end(i, generate_s=-1.0),
        "a count without end": lambda i: _end(i, generated_tokens=2**63),
        "refused what nobody asked": lambda i: _refusal(i + 1),
        "refused everything while it works": lambda i: _refusal(0),
        "a pattern that looks into values": lambda i: _refusal(i, pattern="{0.__class__}", values=("x",)),
        "a pattern that fills the memory": lambda i: _refusal(i, pattern="{0:>9999999999}", values=("x",)),
        "a pattern with a place too many": lambda i: _refusal(i, pattern="{1}", values=("x",)),
        "a pattern that is none": lambda i: _refusal(i, pattern="{", values=("x",)),
        "a sentence without end": lambda i: _refusal(i, title="x" * 100_000),
        "a context of less than nothing": lambda i: Loaded("x", -1, 1, False),
        "a context without end": lambda i: Loaded("x", 10**12, 1, False),
        "threads without end": lambda i: Loaded("x", 2048, 10**6, False),
        "a name without end": lambda i: Loaded("x" * 100_000, 2048, 1, False),
        "ready twice": lambda i: Ready(PROTOCOL, _FACTS),
        "dozes while it answers": lambda i: Dozing(),
        "forgot what it was not to": lambda i: Forgotten("x"),
        "a line of no log": lambda i: LogLine(-1, "x", "x"),
        "a line without end": lambda i: LogLine(20, "x", "x" * 100_000),
    }
)
FLOODS: Mapping[str, Messages] = MappingProxyType(
    {
        "an answer without end": lambda i: itertools.repeat(Token(i, "x" * _LONG, tokens=0)),
        "pieces of no token without end": lambda i: itertools.repeat(Token(i, "", tokens=0)),
        "tokens without end": lambda i: itertools.repeat(Token(i, "x")),
        "progress without end, again": lambda i: itertools.repeat(Waking(i, 0.5)),
        "lines without end": lambda i: itertools.repeat(LogLine(40, "desktop.engine.x", "x" * 1000)),
        "rests without end": lambda i: itertools.repeat(Resting(True, False, 1, Counts(1, 1))),
        "loads without end": lambda i: itertools.repeat(Loaded("x", 2048, 1, False)),
    }
)
MESSAGES: Mapping[str, Messages] = MappingProxyType(
    {
        **{name: partial(lambda make, i: (make(i),), make) for name, make in _ONE.items()},
        **FLOODS,
        "finished twice": lambda i: (_end(i), _end(i)),
        "a token": lambda i: (Token(i, "x"),),
        "another protocol": lambda i: (Ready(PROTOCOL + 1, _FACTS),),
        "a token before it was ready": lambda i: (Token(1, "x"),),
    }
)
# Of these, what makes no sense while a request is answered.
WHILE_ANSWERING = (*_ONE, *FLOODS, "finished twice")


if __name__ == "__main__":
    Child(*sys.argv[1:]).run()
    os._exit(0)
