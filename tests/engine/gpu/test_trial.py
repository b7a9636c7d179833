"""What a trial of a graphics processor comes to, whatever its process does."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from desktop.common.errors import Cancelled
from desktop.engine.gpu.comparison import Agreement, ProductDifference
from desktop.engine.gpu.messages import Speeds, Try
from desktop.engine.gpu.trial import GpuTrial, judge
from desktop.engine.gpu.verdict import Outcome
from desktop.engine.types import EngineConfig
from tests.support.gpu import DEVICE, LIBRARY, TRIED, command

ORDER = Try(LIBRARY, EngineConfig(None))


def test_what_computes_rightly_and_faster_is_good() -> None:
    verdict = judge(TRIED)
    assert verdict.outcome is Outcome.GOOD
    assert (verdict.device, verdict.name, verdict.driver) == (DEVICE.description, DEVICE.name, DEVICE.driver)
    # 200 tokens read and 100 written: 16.5 s against 4.67 s
    assert verdict.gain == pytest.approx(16.5 / (0.5 + 100 / 24), rel=1e-6)
    assert (verdict.reading, verdict.generation) == (8.0, 3.0)


@pytest.mark.parametrize(("factor", "outcome"), [(1.05, Outcome.SLOW), (0.1, Outcome.SLOW), (1.15, Outcome.GOOD)])
def test_what_is_hardly_faster_is_slow(factor: float, outcome: Outcome) -> None:
    alone = TRIED.alone
    together = Speeds(alone.reading * factor, alone.generation * factor)
    assert judge(replace(TRIED, together=together)).outcome is outcome


@pytest.mark.parametrize("mean", [0.0129, 5.0, float("inf"), float("nan")])
def test_what_computes_something_else_is_wrong_however_fast(mean: float) -> None:
    verdict = judge(replace(TRIED, agreement=Agreement(mean, mean, 0.2), rounding=0.0032))
    assert verdict.outcome is Outcome.WRONG
    assert "20% of the likeliest words agree" in verdict.reason
    assert 0 < verdict.divergence <= 1000.0


@pytest.mark.parametrize("times", [1.1, 0.9, 0.0, float("inf"), float("nan")])
def test_a_product_of_another_size_is_wrong_however_likely_the_words_are(times: float) -> None:
    verdict = judge(replace(TRIED, products=ProductDifference("ffn_out-15", times, 210)))
    assert verdict.outcome is Outcome.WRONG
    assert "ffn_out-15" in verdict.reason and "times what the processor computes" in verdict.reason


def test_a_process_that_says_what_came_of_it_is_believed() -> None:
    trial = GpuTrial(ORDER, command("say"))
    assert trial.run() == judge(TRIED)
    assert trial.devices == (DEVICE,)
    assert trial.walls == ("a wall",)


def test_a_process_that_dies_is_a_verdict() -> None:
    verdict = GpuTrial(replace(ORDER, config=EngineConfig(LIBRARY.path)), command("die")).run()
    assert verdict.outcome is Outcome.DIED
    assert verdict.device == DEVICE.description
    assert verdict.reason == "SIGABRT: GGML_ASSERT(device) failed"


def test_a_process_that_hangs_is_ended_and_that_is_a_verdict() -> None:
    assert GpuTrial(ORDER, command("hang"), seconds=0.5).run().outcome is Outcome.HUNG


def test_a_refusal_is_said_in_its_own_words() -> None:
    verdict = GpuTrial(ORDER, command("refuse")).run()
    assert (verdict.outcome, verdict.reason) == (Outcome.REFUSED, "No. It has no room.")


def test_nonsense_is_no_verdict_for_it() -> None:
    verdict = GpuTrial(replace(ORDER, config=EngineConfig(LIBRARY.path)), command("nonsense")).run()
    assert not verdict.outcome.is_right


@pytest.mark.parametrize("when", ["before", "while"])
def test_a_trial_is_given_up_at_once(when: str) -> None:
    trial = GpuTrial(ORDER, command("hang"))
    if when == "before":
        trial.cancel()
    else:
        timer = threading.Timer(0.2, trial.cancel)
        timer.start()
    with pytest.raises(Cancelled):
        trial.run()
