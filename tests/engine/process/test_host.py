"""The engine process's own loop, run here, on this thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from desktop.engine.llama import bindings
from desktop.engine.process.host import Host
from desktop.engine.process.messages import PROTOCOL, Begin, Cancel, Doze, FromProcess, Leave, Resting, Run
from desktop.engine.threads.tuner import Counts
from desktop.engine.types import Dozing, Finished, FinishReason, Generation
from tests.support.engine_harness import GREEDY, config_for, user


def host_of(path: Path, hear: Callable[[Host, FromProcess], None]) -> Host:
    begin = Begin(PROTOCOL, config_for(path), Counts(), logging.WARNING)
    host = Host(begin, bindings.load(), lambda message: hear(host, message), takes_leases=False)
    return host


def test_a_waking_from_a_doze_that_is_cancelled_ends_in_a_doze(tiny_model: Path) -> None:
    said: list[FromProcess] = []

    def hear(host: Host, message: FromProcess) -> None:
        said.append(message)
        match message:
            case Resting(is_loaded=True):
                host.take(Doze())
            case Dozing():
                host.take(Run(request(2), prepares=False))
                host.take(Cancel(2))
            case Resting(is_loaded=False):
                host.take(Leave(keep_state=False))

    def request(number: int) -> Generation:
        return Generation(number, "c", (user("hello"),), GREEDY)

    # GIVEN a model that dozes
    host = host_of(tiny_model, hear)
    host.take(Run(request(1), prepares=True))
    # WHEN somebody asks, and has had enough before it is awake
    host.run()
    # THEN it dozes as before
    ends = [message for message in said if isinstance(message, Finished)]
    assert [end.reason for end in ends] == [FinishReason.COMPLETE, FinishReason.STOPPED]
    rest = said[-1]
    assert isinstance(rest, Resting) and rest.is_dozing and not rest.is_loaded
