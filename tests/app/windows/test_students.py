"""What a smaller model takes is reckoned with how fast its teacher is here."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.app.windows.students import offered
from desktop.common.errors import UserFacingError
from desktop.lifecycle.expected_speed import SpeedRange
from desktop.lifecycle.students.offers import LEARNING_MINUTES
from tests.support.command_line import python
from tests.support.tiny import make_tiny
from tests.support.weights import smollm2

MEASURED = SpeedRange(40.0, 40.0)


def test_hours_disk_and_memory_are_those_of_the_command() -> None:
    # GIVEN a real model that makes 40 tokens a second
    larger, smaller = offered(smollm2(), MEASURED)
    assert (larger.offer.layers, smaller.offer.layers, larger.offer.kind) == (22, 20, "Q4_0")
    assert larger.offer.size == pytest.approx(86_700_000, rel=0.02), "as it was measured in docs/adr/033"
    night = larger.costs[max(LEARNING_MINUTES)]
    # THEN a night of learning is most of it
    assert 5.2 * 3600 < night.least_seconds == night.most_seconds < 7 * 3600
    assert 2e9 < night.memory < 4e9
    # AND without learning it takes less of everything
    untrained = larger.costs[0]
    assert night.least_seconds - untrained.least_seconds == pytest.approx(60 * max(LEARNING_MINUTES))
    assert untrained.memory < night.memory / 4
    assert untrained.disk < night.disk


def test_what_was_not_measured_is_a_range(tmp_path: Path) -> None:
    (first, *_) = offered(make_tiny(tmp_path / "tiny.gguf", layers=12), SpeedRange(10.0, 40.0))
    cost = first.costs[0]
    assert cost.least_seconds < cost.most_seconds


def test_a_model_of_few_layers_is_not_offered(tmp_path: Path) -> None:
    assert offered(make_tiny(tmp_path / "tiny.gguf", layers=2), MEASURED) == ()


def test_a_file_that_is_no_model_is_said(tmp_path: Path) -> None:
    file = tmp_path / "no.gguf"
    file.write_bytes(b"no")
    with pytest.raises(UserFacingError):
        offered(file, MEASURED)


def test_nothing_of_it_is_imported_before_somebody_wants_it() -> None:
    program = """
import sys
import desktop.app.windows.rarely_used
late = ("desktop.student", "desktop.lifecycle.students", "desktop.ui.students")
assert not [name for name in sys.modules if name.startswith(late)]
"""
    assert python(program).err == ""
