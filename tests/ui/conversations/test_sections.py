"""Headings by day: right, in one order, and not led astray by a wrong clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from PySide6.QtCore import QLocale
from pytestqt.qtbot import QtBot

from desktop.history.records import Conversation
from desktop.ui.conversations.sections import heading_of, in_sections
from tests.rigs.conversations import conversation

TODAY = date(2026, 11, 29)


def talked(name: str, days_ago: float, pinned: float | None = None) -> Conversation:
    when = datetime.combine(TODAY, time(12)) - timedelta(days=days_ago)
    return replace(conversation(name, name), updated=when.timestamp(), pinned=pinned)


def sections(*conversations: Conversation) -> list[tuple[str, str]]:
    return [(heading, one.id) for heading, one in in_sections(conversations, TODAY)]


@pytest.mark.parametrize(
    ("days_ago", "heading"),
    [
        (-400, "Today"), (0, "Today"), (1, "Yesterday"), (2, "Last 7 days"), (6, "Last 7 days"), (7, "Last 30 days"),
        (29, "Last 30 days"), (30, "October 2026"), (59, "October 2026"), (60, "September 2026"),
        (365, "November 2025"),
    ],
)  # fmt: skip
def test_headings(qtbot: QtBot, days_ago: int, heading: str) -> None:
    del qtbot
    before = QLocale()
    QLocale.setDefault(QLocale("en"))
    try:
        assert heading_of(TODAY - timedelta(days=days_ago), TODAY) == heading
    finally:
        QLocale.setDefault(before)


def test_pinned_ones_come_first_the_one_pinned_last_on_top() -> None:
    assert sections(talked("a", 0), talked("b", 0, pinned=1.0), talked("c", 40, pinned=2.0)) == [
        ("Pinned", "c"), ("Pinned", "b"), ("Today", "a"),
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [-700, 9_000])
def test_a_wrong_clock_changes_neither_the_order_nor_the_headings_of_others(wrong: int) -> None:
    # GIVEN one in the middle whose time was taken by a clock that was years off
    order = [talked("a", 0), talked("b", 1), talked("x", wrong), talked("c", 3), talked("d", 8)]
    # THEN it stands where it stood, below what its neighbour stands below
    assert sections(*order) == [
        ("Today", "a"), ("Yesterday", "b"), ("Yesterday", "x"), ("Last 7 days", "c"), ("Last 30 days", "d"),
    ]  # fmt: skip


@pytest.mark.parametrize("updated", [float("inf"), float("nan"), -1e300, "soon"])
def test_what_is_no_time_has_a_heading_too(updated: object) -> None:
    odd = replace(conversation("a", "a"), updated=updated)  # type: ignore[arg-type]
    ((heading, identity),) = sections(odd)
    assert identity == "a" and heading


def test_no_conversation() -> None:
    assert sections() == []
