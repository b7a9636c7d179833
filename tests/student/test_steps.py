"""The lines that a run tells another program."""

from __future__ import annotations

import json

import pytest

from desktop.student.steps import Finished, Planned, Refused, Step, StepProgress, Told, decode, encode

TOLD: list[Told] = [
    Planned((Step.COLLECT, Step.TRAIN), 5400.5, 400_000_000, 900_000_000),
    StepProgress(Step.COLLECT, 3, 420, 812.5),
    StepProgress(Step.PRUNE, 0, 0),
    Finished("A student of 「茶」\n", "/tmp/a b.gguf", "/tmp/report.html"),
    Refused("It cannot be.", "「茶」.", "Choose another."),
]


@pytest.mark.parametrize("told", TOLD, ids=lambda told: type(told).__name__)
def test_what_is_told_is_understood(told: Told) -> None:
    line = encode(told)
    assert "\n" not in line and json.loads(line)["step"]
    assert decode(line) == told
    assert decode(f" {line}\r\n") == told


def test_the_form_that_others_rely_on() -> None:
    assert json.loads(encode(TOLD[1])) == {"step": "collect", "done": 3, "total": 420, "seconds_left": 812.5}
    assert json.loads(encode(TOLD[2]))["seconds_left"] is None
    assert json.loads(encode(TOLD[3]))["step"] == "done"
    assert json.loads(encode(TOLD[4]))["step"] == "failed"
    assert TOLD[1] == StepProgress(Step.COLLECT, 3, 420, 812.5) and StepProgress(Step.PRUNE, 3, 0).share == 0
    assert StepProgress(Step.PRUNE, 5, 4).share == 1


@pytest.mark.parametrize(
    "line",
    [
        "",
        "collecting",
        "[]",
        "{}",
        '{"step": "sing", "done": 1, "total": 2}',
        '{"step": "collect", "done": "1", "total": 2}',
        '{"step": "collect", "done": -1, "total": 2}',
        '{"step": "collect", "done": 1}',
        '{"step": "done", "sentence": 1, "file": ""}',
        '{"step": "failed", "title": "", "detail": "", "remedy": ""}',
        '{"step": "failed", "title": "No", "detail": 1, "remedy": ""}',
        '{"step": "plan", "steps": ["sing"], "seconds": 1, "disk": 1, "memory": 1}',
        '{"step": "collect", "done": 1, "total": 2, "seconds_left": true}',
        '{"step": ["collect"], "done": 1, "total": 2}',
    ],
)
def test_what_is_no_such_line_is_passed_over(line: str) -> None:
    assert decode(line) is None
