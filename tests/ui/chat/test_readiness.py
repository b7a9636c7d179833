"""The ways out where a model does not fit."""

from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtCore import QCoreApplication

from desktop.common.errors import UserFacingError
from desktop.lifecycle.admission import AdmissionCheck, Refusal, Relief, Way
from desktop.settings.types import OptionValue
from desktop.ui.chat.readiness import MEMORY_KEY, Readiness
from desktop.ui.widgets.banner import Notice

PROBLEM = UserFacingError("The settings could not be saved.")
BOTH = (Relief(Way.SHORTER_CONTEXT, 1024), Relief(Way.EIGHT_BITS, "q8_0"))


class Gate:
    """As much of the gate as is used."""

    def __init__(self) -> None:
        self.answer: Refusal | None = Refusal("Big 7B", 5_400_000_000, 1_900_000_000, BOTH)
        self.accepted = 0

    def refusal(self) -> Refusal | None:
        return self.answer

    def accept(self) -> None:
        self.accepted += 1


class Bench:
    def __init__(self) -> None:
        self.gate = Gate()
        self.has_model = True
        self.refuse = False
        self.changes: list[tuple[str, OptionValue]] = []
        self.said: list[str] = []
        self.notices: list[Notice] = []
        self.renewed: list[Notice] = []
        self.troubles: list[UserFacingError] = []
        ready = self.ready = Readiness(lambda: self.has_model, cast(AdmissionCheck, self.gate), self._change)
        ready.noticed.connect(self.notices.append)
        ready.outdated.connect(self.said.append)
        ready.renewed.connect(self.renewed.append)
        ready.resolved.connect(lambda: self.said.append("resolved"))
        ready.modelsRequested.connect(lambda: self.said.append("models"))
        ready.troubled.connect(self.troubles.append)

    def _change(self, key: str, value: OptionValue) -> None:
        if self.refuse:
            raise PROBLEM
        self.changes.append((key, value))

    def press(self, text: str) -> None:
        next(action for action in self.notices[-1].actions if action.text == text).run()


@pytest.fixture
def bench(qapp: QCoreApplication) -> Bench:
    del qapp
    return Bench()


def test_what_fits_can_be_asked_and_what_was_said_is_taken_back(bench: Bench) -> None:
    bench.gate.answer = None
    assert bench.ready.can_ask()
    assert bench.said == [MEMORY_KEY]
    assert not bench.ready.say_why_not()


def test_without_a_model_memory_is_not_the_reason(bench: Bench) -> None:
    bench.has_model = False
    assert not bench.ready.can_ask()
    assert not bench.ready.say_why_not()
    assert bench.notices == []


def test_the_figures_and_the_ways_out_are_shown(bench: Bench) -> None:
    assert not bench.ready.can_ask()
    assert bench.ready.say_why_not()
    notice = bench.notices[0]
    assert notice.title == "Big 7B does not fit into the memory that is free now."
    assert "5.4 GB" in notice.detail and "1.9 GB" in notice.detail
    assert [action.text for action in notice.actions] == [
        "Shorter context (1,024 tokens)",
        "8-bit conversation memory",
        "Smaller model…",
        "Load anyway",
    ]


@pytest.mark.parametrize(
    ("text", "changes", "said", "accepted"),
    [
        ("Shorter context (1,024 tokens)", [("n_ctx", 1024)], ["resolved"], 0),
        ("8-bit conversation memory", [("kv_type", "q8_0")], ["resolved"], 0),
        ("Smaller model…", [], ["models"], 0),
        ("Load anyway", [], ["resolved"], 1),
    ],
)
def test_each_way_out_is_gone(
    bench: Bench, text: str, changes: list[tuple[str, OptionValue]], said: list[str], accepted: int
) -> None:
    bench.ready.can_ask()
    bench.ready.say_why_not()
    bench.press(text)
    assert (bench.changes, bench.said, bench.gate.accepted) == (changes, said, accepted)


def test_a_way_out_that_is_barred_is_said(bench: Bench) -> None:
    bench.ready.can_ask()
    bench.ready.say_why_not()
    bench.refuse = True
    bench.press("8-bit conversation memory")
    assert bench.troubles == [PROBLEM]
    assert bench.said == []


def test_other_settings_are_told_of_what_was_said_of_those_before(bench: Bench) -> None:
    # GIVEN settings that change before anything was said
    bench.ready.look_again()
    assert bench.renewed == [] and bench.said == []
    bench.ready.can_ask()
    bench.ready.say_why_not()
    # WHEN something changes that the memory does not depend on THEN nothing is said anew
    bench.ready.look_again()
    assert bench.renewed == []
    # WHEN somebody has made the context shorter than what is offered THEN it is not offered any more
    bench.gate.answer = Refusal("Big 7B", 5_300_000_000, 1_900_000_000, (BOTH[1],))
    bench.ready.look_again()
    (notice,) = bench.renewed
    assert "5.3 GB" in notice.detail and notice.key == MEMORY_KEY
    assert [action.text for action in notice.actions][:2] == ["8-bit conversation memory", "Smaller model…"]
    # WHEN it fits by now THEN that is said no longer
    bench.gate.answer = None
    bench.ready.look_again()
    assert bench.said == [MEMORY_KEY] and len(bench.renewed) == 1
