"""One event, several receivers."""

from __future__ import annotations

import pytest

from desktop.common.events import Publisher


def test_events_reach_everybody_in_order() -> None:
    relay, heard = Publisher[int](), list[tuple[str, int]]()
    relay.subscribe(lambda event: heard.append(("a", event)))
    relay.subscribe(lambda event: heard.append(("b", event)))
    relay(1)
    relay(2)
    assert heard == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_who_comes_during_an_event_hears_the_next() -> None:
    relay, heard = Publisher[int](), list[int]()

    def receive(event: int) -> None:
        if event == 1:
            relay.subscribe(heard.append)

    relay.subscribe(receive)
    relay(1)
    assert heard == []
    relay(2)
    assert heard == [2]


def test_nobody_need_listen() -> None:
    Publisher[str]()("lost")


def test_a_receiver_that_raises_keeps_the_event_from_nobody() -> None:
    publisher, heard = Publisher[int](), list[str]()

    def fail(event: int) -> None:
        heard.append("failed")
        raise ValueError(f"no {event}")

    publisher.subscribe(lambda event: heard.append("before"))
    publisher.subscribe(fail)
    publisher.subscribe(lambda event: heard.append("after"))
    with pytest.raises(ValueError, match="no 1"):
        publisher(1)
    assert heard == ["before", "failed", "after"]


def test_several_that_raise_are_told_together() -> None:
    publisher = Publisher[int]()

    def fail(event: int) -> None:
        raise ValueError(str(event))

    publisher.subscribe(fail)
    publisher.subscribe(fail)
    with pytest.raises(ExceptionGroup) as caught:
        publisher(3)
    assert [str(each) for each in caught.value.exceptions] == ["3", "3"]


def test_an_event_may_have_several_parts_or_none() -> None:
    pairs, ticks, heard = Publisher[int, str](), Publisher[[]](), list[object]()
    pairs.subscribe(lambda number, text: heard.append((number, text)))
    ticks.subscribe(lambda: heard.append("tick"))
    pairs(1, "one")
    ticks()
    assert heard == [(1, "one"), "tick"]
