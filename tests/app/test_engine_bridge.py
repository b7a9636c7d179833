"""The bridge: order, joining, the thread events arrive on, and posting while it is being taken down."""

from __future__ import annotations

import threading
from itertools import groupby, pairwise

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread, QTimer
from pytestqt.qtbot import QtBot

from desktop.app.engine_bridge import EngineBridge
from desktop.engine.types import (
    Asleep,
    Awake,
    EngineConfig,
    EngineEvent,
    Finished,
    FinishReason,
    Reading,
    SleepReason,
    Stats,
    Token,
    Waking,
)
from tests.support.event_loop import let_run
from tests.support.patience import PATIENCE_S


class Listener:
    """Keeps what a bridge emits, and the thread it was emitted on."""

    def __init__(self, bridge: EngineBridge) -> None:
        self.events: list[EngineEvent] = []
        self.threads: set[QThread] = set()
        bridge.event.connect(self._note)

    def _note(self, event: EngineEvent) -> None:
        self.events.append(event)
        self.threads.add(QThread.currentThread())

    def text(self, thinking: bool = False) -> str:
        return "".join(event.text for event in self.events if isinstance(event, Token) and event.thinking == thinking)


@pytest.fixture
def bridge(qapp: QCoreApplication) -> EngineBridge:
    return EngineBridge()


@pytest.fixture
def listener(bridge: EngineBridge) -> Listener:
    return Listener(bridge)


def _finished(request_id: int) -> Finished:
    return Finished(request_id, FinishReason.COMPLETE, Stats())


def _post_from_a_thread(bridge: EngineBridge, events: list[EngineEvent]) -> None:
    def engine() -> None:
        for event in events:
            bridge.post(event)

    thread = threading.Thread(target=engine)
    thread.start()
    thread.join()


def test_an_answer_arrives_whole_in_order_and_on_the_gui_thread(
    qtbot: QtBot, bridge: EngineBridge, listener: Listener
) -> None:
    words = [f"词{n} " for n in range(500)]
    events: list[EngineEvent] = [Waking(1, 0.5), Awake("m", 2048, 2, False, EngineConfig(None)), Reading(1, 3, 9)]
    events += [Token(1, word) for word in words]
    events += [_finished(1), Asleep(SleepReason.IDLE)]

    _post_from_a_thread(bridge, events)
    assert listener.events == []  # queued: nothing happened on the engine's thread
    qtbot.waitUntil(lambda: Asleep(SleepReason.IDLE) in listener.events)

    assert listener.threads == {bridge.thread()}
    assert listener.text() == "".join(words)
    tokens = [event for event in listener.events if isinstance(event, Token)]
    assert len(tokens) < len(words) / 5
    assert sum(token.tokens for token in tokens) == len(words)
    kinds = [kind for kind, _ in groupby(type(event) for event in listener.events)]
    assert kinds == [Waking, Awake, Reading, Token, Finished, Asleep]


def test_other_events_flush_what_was_joined_before_them(qtbot: QtBot, bridge: EngineBridge, listener: Listener) -> None:
    _post_from_a_thread(bridge, [Token(1, "a"), Token(1, "b"), Reading(1, 1, 2), Token(1, "c"), _finished(1)])
    qtbot.waitUntil(lambda: _finished(1) in listener.events)
    assert listener.events == [Token(1, "ab", tokens=2), Reading(1, 1, 2), Token(1, "c"), _finished(1)]


def test_the_event_loop_has_its_turn_between_two_events(qtbot: QtBot, bridge: EngineBridge) -> None:
    # GIVEN an event loop with something else to do, as often as it comes to it
    seen: list[EngineEvent | str] = []
    bridge.event.connect(seen.append)
    other = QTimer(interval=0)
    other.timeout.connect(lambda: seen.append("other"))
    other.start()
    # WHEN events come at once
    _post_from_a_thread(bridge, [Reading(1, 1, 2), Token(1, "a"), _finished(1), Asleep(SleepReason.IDLE)])
    qtbot.waitUntil(lambda: Asleep(SleepReason.IDLE) in seen)
    other.stop()
    # THEN none of them follows another without that
    events = [index for index, each in enumerate(seen) if each != "other"]
    assert [seen[index] for index in events] == [
        Reading(1, 1, 2),
        Token(1, "a"),
        _finished(1),
        Asleep(SleepReason.IDLE),
    ]
    assert all("other" in seen[one:following] for one, following in pairwise(events))


def test_only_tokens_of_one_stream_are_joined(qtbot: QtBot, bridge: EngineBridge, listener: Listener) -> None:
    _post_from_a_thread(
        bridge,
        [
            Token(1, "h", thinking=True),
            Token(1, "m", thinking=True),
            Token(1, "a"),
            Token(2, "b"),
            Token(2, "c", tokens=3),
            _finished(2),
        ],
    )
    qtbot.waitUntil(lambda: _finished(2) in listener.events)
    assert listener.events == [
        Token(1, "hm", thinking=True, tokens=2),
        Token(1, "a"),
        Token(2, "bc", tokens=4),
        _finished(2),
    ]


def test_a_token_with_nothing_behind_it_arrives_by_itself(
    qtbot: QtBot, bridge: EngineBridge, listener: Listener
) -> None:
    bridge.post(Token(7, "lonely"))
    qtbot.waitUntil(lambda: listener.events == [Token(7, "lonely")])


def test_a_receiver_with_its_own_event_loop_gets_nothing_twice(qtbot: QtBot, bridge: EngineBridge) -> None:
    seen: list[EngineEvent] = []

    def receive(event: EngineEvent) -> None:
        seen.append(event)
        if len(seen) == 1:
            QCoreApplication.processEvents()

    bridge.event.connect(receive)
    _post_from_a_thread(bridge, [Token(1, "a"), Reading(1, 1, 2), Token(1, "b"), _finished(1)])
    qtbot.waitUntil(lambda: _finished(1) in seen)
    assert sorted(map(repr, seen)) == sorted(map(repr, [Token(1, "a"), Reading(1, 1, 2), Token(1, "b"), _finished(1)]))


def test_after_close_nothing_arrives_any_more(qtbot: QtBot, bridge: EngineBridge, listener: Listener) -> None:
    bridge._timer.setInterval(3_600_000)  # what is joined does not come out before the end
    bridge.post(Token(1, "joined, not yet emitted"))
    QCoreApplication.processEvents()
    bridge.post(_finished(1))  # queued, not yet received
    bridge.close()
    bridge.close()
    bridge.post(Asleep(SleepReason.IDLE))
    let_run(qtbot)
    assert not bridge._timer.isActive()
    assert listener.events == []


def test_destroying_it_while_the_engine_posts_is_harmless(qtbot: QtBot) -> None:
    for _ in range(20):
        parent = QObject()
        bridge = EngineBridge(parent)
        stop = threading.Event()
        started = threading.Event()
        problems: list[BaseException] = []

        def engine(bridge: EngineBridge = bridge, stop: threading.Event = stop) -> None:
            try:
                while not stop.is_set():
                    bridge.post(Token(1, "x"))
                    started.set()  # noqa: B023 (the loop waits for this thread before it goes on)
            except BaseException as problem:
                problems.append(problem)  # noqa: B023

        thread = threading.Thread(target=engine)
        thread.start()
        assert started.wait(PATIENCE_S)
        bridge.close()
        parent.deleteLater()
        QCoreApplication.sendPostedEvents(parent, QEvent.Type.DeferredDelete)
        QTimer.singleShot(0, stop.set)
        qtbot.waitUntil(stop.is_set)
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
        assert problems == []
