"""What is made of an answer during which another program came and went, also of one that stood still."""

from __future__ import annotations

from tests.bench.busy_figures import _compared, _median
from tests.bench.disturbance import Moment, _evaluate, _slices

CAME, WENT = 3.0, 13.0
BESIDE, AFTER = _slices(5.0, 13.0, 1), _slices(15.0, 23.0, 2)


def answer(*spans: tuple[float, float]) -> list[Moment]:
    """Returns ten tokens a second in each span, two processors used."""
    times = [start + number / 10 for start, end in spans for number in range(round((end - start) * 10))]
    return [Moment(seconds, number, 2 * seconds) for number, seconds in enumerate(times)]


def test_an_answer_that_goes_on_is_measured_throughout() -> None:
    found = _evaluate(answer((0.0, 24.0)), [*BESIDE, *AFTER], CAME, WENT)
    for speed in (found.beside_tps, found.beside_fixed_tps, found.after_tps, found.after_fixed_tps):
        assert speed is not None and abs(speed - 10) < 0.01
    assert found.pause_s is not None and abs(found.pause_s - 0.1) < 0.01
    assert found.recovery_s is not None and found.recovery_s < 0.2


def test_what_stood_still_is_not_measured_and_the_rest_is() -> None:
    # WHEN no token comes while the other program is there
    found = _evaluate(answer((0.0, 3.0), (13.0, 24.0)), [*BESIDE, *AFTER], CAME, WENT)
    assert (found.beside_tps, found.beside_fixed_tps, found.pause_s) == (None, None, None)
    assert found.after_tps is not None and found.after_fixed_tps is not None
    # AND when none comes at all any more
    found = _evaluate(answer((0.0, 3.0)), [*BESIDE, *AFTER], CAME, WENT)
    assert (found.after_tps, found.recovery_s) == (None, None)


def test_a_slice_without_a_token_leaves_the_others() -> None:
    found = _evaluate(answer((0.0, 6.0), (7.0, 24.0)), [*BESIDE, *AFTER], CAME, WENT)
    assert found.beside_fixed_tps is not None and abs(found.beside_fixed_tps - 10) < 0.01


def test_the_table_says_what_was_not_measured_and_why() -> None:
    nothing: list[dict[str, float | None]] = [{"beside_tps": None, "beside_fixed_tps": None}] * 3
    for figure in (
        _compared("generation", nothing, "beside", 1, 0.85, ""),
        _median("speed", nothing, "beside_tps", ""),
    ):
        assert (figure.value, figure.verdict) == (None, "not measured")
        assert "no token came" in figure.note
    some: list[dict[str, float | None]] = [*nothing, {"beside_tps": 18.0, "beside_fixed_tps": 20.0}]
    assert _compared("generation", some, "beside", 1, 0.85, "").value == 0.9
