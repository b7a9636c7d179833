"""One event, several receivers."""

from __future__ import annotations

from desktop.common.events import Relay


def test_events_reach_everybody_in_order() -> None:
    relay, heard = Relay[int](), list[tuple[str, int]]()
    relay.subscribe(lambda event: heard.append(("a", event)))
    relay.subscribe(lambda event: heard.append(("b", event)))
    relay(1)
    relay(2)
    assert heard == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_who_comes_during_an_event_hears_the_next() -> None:
    relay, heard = Relay[int](), list[int]()

    def receive(event: int) -> None:
        if event == 1:
            relay.subscribe(heard.append)

    relay.subscribe(receive)
    relay(1)
    assert heard == []
    relay(2)
    assert heard == [2]


def test_nobody_need_listen() -> None:
    Relay[str]()("lost")
