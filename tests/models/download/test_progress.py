from __future__ import annotations

import pytest

from desktop.models.download.progress import Meter
from desktop.models.types import DownloadProgress, DownloadState
from tests.support.downloads import model_bytes, spec_of

SPEC = spec_of(model_bytes(1000), None)


class Clock:
    """Time as the test says."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Scene:
    def __init__(self) -> None:
        self.clock = Clock()
        self.told: list[DownloadProgress] = []
        self.meter = Meter(SPEC, self.told.append, self.clock)

    def update(self, seconds: float, done: int) -> None:
        self.clock.now += seconds
        self.meter.update(done)


@pytest.fixture
def scene() -> Scene:
    scene = Scene()
    scene.meter.enter(DownloadState.RUNNING, 0, "host")
    return scene


def test_a_new_state_is_told_at_once_and_only_once(scene: Scene) -> None:
    scene.meter.enter(DownloadState.RUNNING, 0, "host")
    scene.meter.enter(DownloadState.VERIFYING, 1000)
    assert [report.state for report in scene.told] == [DownloadState.RUNNING, DownloadState.VERIFYING]
    assert scene.told[0] == DownloadProgress(SPEC.id, DownloadState.RUNNING, 0, 1000, 0.0, None, "host")


def test_at_most_five_reports_a_second(scene: Scene) -> None:
    for step in range(100):
        scene.update(0.01, step * 10)
    assert 4 <= len(scene.told) <= 6


def test_speed_and_time_left(scene: Scene) -> None:
    scene.update(0.0, 0)
    scene.update(1.0, 100)
    scene.update(1.0, 200)
    assert scene.told[-1].speed == pytest.approx(100)
    assert scene.told[-1].eta == pytest.approx(8)


def test_speed_follows_the_line(scene: Scene) -> None:
    for step in range(20):
        scene.update(1.0, step)
    for step in range(20):
        scene.update(1.0, 19 + step * 20)
    assert scene.told[-1].speed == pytest.approx(20), "what was more than some seconds ago no longer counts"


def test_nothing_is_known_at_first_and_after_a_break(scene: Scene) -> None:
    scene.update(1.0, 100)
    assert (scene.told[-1].speed, scene.told[-1].eta) == (0.0, None)
    scene.update(1.0, 200)
    scene.meter.enter(DownloadState.WAITING, 200, "host")
    assert (scene.told[-1].speed, scene.told[-1].eta) == (0.0, None)
    scene.meter.enter(DownloadState.RUNNING, 200, "host")
    scene.update(50.0, 300)
    scene.update(1.0, 310)
    assert scene.told[-1].speed == pytest.approx(10), "the pause does not count"


def test_a_standstill_has_no_end(scene: Scene) -> None:
    scene.update(0.0, 100)
    scene.update(1.0, 100)
    assert (scene.told[-1].speed, scene.told[-1].eta) == (0.0, None)
