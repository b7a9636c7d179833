"""A missing display is a sentence and not an abort."""

from __future__ import annotations

import pytest

from desktop.display import display_problem


@pytest.mark.parametrize(
    ("environment", "platform"),
    [
        ({}, "win32"),
        ({}, "darwin"),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux"),
        ({"QT_QPA_PLATFORM": "offscreen:size=800x600"}, "linux"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux"),
    ],
)
def test_a_window_can_be_shown(environment: dict[str, str], platform: str) -> None:
    assert display_problem(environment, platform) is None


@pytest.mark.parametrize("environment", [{}, {"QT_QPA_PLATFORM": "xcb"}, {"DISPLAY": ""}])
def test_no_display_points_to_the_command_line(environment: dict[str, str]) -> None:
    problem = display_problem(environment, "linux")
    assert problem is not None
    assert "catnap ask" in problem.remedy


def test_a_display_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a DISPLAY behind which nobody listens (number 987 is far beyond what servers choose)
    monkeypatch.setenv("DISPLAY", ":987")
    problem = display_problem({"DISPLAY": ":987"}, "linux")
    assert problem is not None
    assert problem.detail == "DISPLAY=:987."
