"""What the engine's events look like to a person."""

from __future__ import annotations

from desktop.engine.types import (
    Asleep,
    Awake,
    Dozing,
    EngineConfig,
    Finished,
    FinishReason,
    Reading,
    Recovered,
    SleepReason,
    Stalled,
    Stats,
    Token,
    Waking,
)
from desktop.ui.activity import Activity, ActivityKind, ActivityTracker, activity_words


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def test_states_follow_the_events() -> None:
    clock = Clock()
    tracker = ActivityTracker(clock)
    seen: list[tuple[ActivityKind, int | None]] = []
    tracker.subscribe(lambda activity, request: seen.append((activity.kind, request)))
    for event in (
        Waking(1, 0.0),
        Waking(1, 0.5),
        Awake("tiny", 2048, 2, False, EngineConfig(None)),
        Reading(1, 10, 20),
        Token(1, "a"),
        Finished(1, FinishReason.COMPLETE, Stats()),
        Awake("tiny", 2048, 2, False, EngineConfig(None)),
        Asleep(SleepReason.IDLE),
    ):
        tracker.on_engine_event(event)
    assert seen == [
        (ActivityKind.WAKING, 1),
        (ActivityKind.WAKING, 1),
        (ActivityKind.AWAKE, None),
        (ActivityKind.READING, 1),
        (ActivityKind.WRITING, 1),
        (ActivityKind.AWAKE, None),
        (ActivityKind.ASLEEP, None),
    ]
    assert tracker.awake is None


def test_a_doze_is_a_state_of_its_own_and_a_quick_waking_from_it_shows_no_bar() -> None:
    clock = Clock()
    tracker = ActivityTracker(clock)
    seen: list[ActivityKind] = []
    tracker.subscribe(lambda activity, _request: seen.append(activity.kind))
    awake = Awake("tiny", 2048, 2, False, EngineConfig(None))
    # GIVEN a model that dozes
    tracker.on_engine_event(awake)
    tracker.on_engine_event(Dozing())
    assert activity_words(tracker.current) == "Dozing"
    assert not tracker.current.is_busy
    assert tracker.awake is None
    # WHEN it wakes within a moment
    for event in (Waking(1, 0.0), Waking(1, 1.0), awake, Reading(1, 0, 20)):
        tracker.on_engine_event(event)
        clock.time += 0.03
    # THEN it was never "waking"
    assert seen == [ActivityKind.AWAKE, ActivityKind.DOZING, ActivityKind.AWAKE, ActivityKind.READING]


def test_a_waking_from_a_doze_that_takes_long_is_shown() -> None:
    clock = Clock()
    tracker = ActivityTracker(clock)
    tracker.on_engine_event(Dozing())
    # GIVEN one that was given up
    tracker.on_engine_event(Waking(1, 0.0))
    tracker.on_engine_event(Finished(1, FinishReason.STOPPED, Stats()))
    clock.time += 60
    # WHEN the weights must come from the disk again
    shown = []
    for fraction in (0.0, 0.1, 0.2, 0.3):
        tracker.on_engine_event(Waking(2, fraction))
        shown.append(activity_words(tracker.current))
        clock.time += 0.25
    # THEN the bar comes once it can be read, counted from the waking that goes on
    assert shown == ["Dozing", "Dozing", "Waking 20 %", "Waking 30 %"]


def test_waking_from_sleep_is_shown_at_once() -> None:
    tracker = ActivityTracker(Clock())
    tracker.on_engine_event(Dozing())
    tracker.on_engine_event(Asleep(SleepReason.IDLE))
    tracker.on_engine_event(Waking(1, 0.0))
    assert activity_words(tracker.current) == "Waking 0 %"


def test_speed_counts_tokens_and_not_events_and_is_not_shown_too_early() -> None:
    clock = Clock()
    tracker = ActivityTracker(clock)
    tracker.on_engine_event(Token(1, "first"))
    clock.time += 0.1
    tracker.on_engine_event(Token(1, "joined", tokens=4))
    assert tracker.current == Activity(ActivityKind.WRITING)
    clock.time += 0.9
    tracker.on_engine_event(Token(1, "more", tokens=6))
    assert tracker.current.tokens_per_second == 10.0
    # WHEN the next answer begins THEN the old speed is gone
    tracker.on_engine_event(Finished(1, FinishReason.COMPLETE, Stats()))
    tracker.on_engine_event(Token(2, "first"))
    assert tracker.current.tokens_per_second is None


def test_how_far_it_is_is_said_of_a_long_reading_alone() -> None:
    clock = Clock()
    tracker = ActivityTracker(clock)
    words = []
    for done in (0, 300, 600):
        tracker.on_engine_event(Reading(1, done, 1000))
        words.append(activity_words(tracker.current, is_answer=True))
        clock.time += 1.2
    assert words == ["Reading your message…", "Reading your message…", "Reading your message… 60 %"]
    # WHEN the next one begins THEN it is short again
    tracker.on_engine_event(Reading(2, 0, 1000))
    assert activity_words(tracker.current) == "Reading…"


def test_thinking_is_said_of_thoughts_alone() -> None:
    clock = Clock()
    tracker = ActivityTracker(clock)
    seen: list[str] = []
    tracker.subscribe(lambda activity, _request: seen.append(activity_words(activity)))
    tracker.on_engine_event(Reading(1, 0, 0))
    tracker.on_engine_event(Token(1, "hm", thinking=True))
    clock.time += 0.6
    tracker.on_engine_event(Token(1, "hm", thinking=True, tokens=6))
    tracker.on_engine_event(Token(1, "So", tokens=1))
    clock.time += 0.4
    tracker.on_engine_event(Token(1, "it is.", tokens=3))
    # THEN the word changes with the first word of the answer, and the speed stays
    assert list(dict.fromkeys(seen)) == ["Reading…", "Thinking", "Thinking · 10.0 tokens/s", "Writing · 10.0 tokens/s"]


def test_a_sleep_for_others_says_why() -> None:
    tracker = ActivityTracker(Clock())
    tracker.on_engine_event(Asleep(SleepReason.MEMORY))
    assert activity_words(tracker.current) == "Asleep: the computer ran short of memory"
    assert not tracker.current.is_busy
    tracker.on_engine_event(Asleep(SleepReason.IDLE))
    assert activity_words(tracker.current) == "Asleep"


def test_an_engine_that_does_not_move_says_so_for_as_long_as_it_lasts_and_then_what_it_does() -> None:
    tracker = ActivityTracker()
    tracker.on_engine_event(Reading(1, 10, 20))
    before = tracker.current

    tracker.on_engine_event(Stalled(1, 60))
    assert activity_words(tracker.current) == "The engine has not moved for 1 min"
    assert tracker.current.is_busy
    tracker.on_engine_event(Stalled(1, 125))
    assert activity_words(tracker.current) == "The engine has not moved for 2 min"

    tracker.on_engine_event(Recovered(1))
    assert tracker.current == before
    tracker.on_engine_event(Token(1, "a"))
    tracker.on_engine_event(Recovered(1))
    assert tracker.current.kind is ActivityKind.WRITING


def test_what_is_done_for_another_program_is_said() -> None:
    tracker = ActivityTracker(Clock(), is_of_program=lambda request: request == 7)
    seen: list[str] = []
    tracker.subscribe(lambda activity, _request: seen.append(activity_words(activity)))
    for request in (7, 8):
        tracker.on_engine_event(Waking(request, 0.5))
        tracker.on_engine_event(Awake("tiny", 2048, 2, False, EngineConfig(None)))
        tracker.on_engine_event(Token(request, "a"))
        tracker.on_engine_event(Finished(request, FinishReason.COMPLETE, Stats()))
    program, own = seen[:3], seen[3:]
    assert program == ["Waking 50 % · for another program", "Awake", "Writing · for another program"]
    assert own == ["Waking 50 %", "Awake", "Writing"]
