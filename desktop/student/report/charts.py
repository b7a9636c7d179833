"""Charts as SVG within a page: no script, no file beside it, colours from the page's own style sheet."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from desktop.check.statistics import Interval

_WIDTH, _HEIGHT = 720, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 14, 44
_MOST_POINTS: Final = 400
# Marks nearer to each other than this would have their numbers on top of one another.
_NEAR_X, _NEAR_Y = 22.0, 13.0


@dataclass(frozen=True)
class Mark:
    """A model in the chart of sizes.

    Attributes:
        number: Its place in the table.
        name: In words, shown where the pointer rests.
        x: Megabytes.
        y: KL.
        interval: Of ``y``.
        style: Of the style sheet: "teacher", "plain", "student".
    """

    number: int
    name: str
    x: float
    y: float
    interval: Interval
    style: str


@dataclass(frozen=True)
class Series:
    """A line in a chart.

    Attributes:
        name: In the legend.
        points: x and y, by x.
        style: Of the style sheet.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    style: str


class _Axis:
    """From values to places on the page."""

    def __init__(self, low: float, high: float, begin: float, end: float, *, logarithmic: bool = False) -> None:
        self._log = logarithmic
        self.low, self.high = low, high if high > low else low + 1.0
        self._begin, self._end = begin, end

    def place(self, value: float) -> float:
        value = min(max(value, self.low), self.high)
        low, high = (math.log(each) if self._log else each for each in (self.low, self.high))
        share = ((math.log(value) if self._log else value) - low) / (high - low)
        return self._begin + share * (self._end - self._begin)

    def ticks(self) -> list[float]:
        if self._log:
            steps = [
                digit * 10.0**power
                for power in range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
                for digit in (1, 2, 5)
            ]
            inside = [each for each in steps if self.low * 0.999 <= each <= self.high * 1.001]
            return inside if len(inside) <= 9 else [each for each in inside if f"{each:e}".startswith("1")]
        rough = (self.high - self.low) / 5
        power = 10.0 ** math.floor(math.log10(rough))
        step = power * next(digit for digit in (1, 2, 2.5, 5, 10) if digit * power >= rough * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        return [step * each for each in range(first, math.floor(self.high / step + 1e-9) + 1)]


def size_chart(marks: Sequence[Mark], label: str, x_label: str, y_label: str) -> str:
    """Returns the chart of KL against size.

    Args:
        marks: At least one.
        label: What the chart shows, for those who cannot see it.
        x_label: Below.
        y_label: At the side.
    """
    low = max(1e-3, min(*(mark.y for mark in marks), 0.1))
    high = max(1.5 * low, *(min(mark.interval.high, 50.0) for mark in marks), *(mark.y for mark in marks))
    y = _Axis(10.0 ** math.floor(math.log10(low)), high * 1.15, _HEIGHT - _BOTTOM, _TOP, logarithmic=True)
    widest = max(mark.x for mark in marks)
    least = min(mark.x for mark in marks)
    room = max(0.06 * (widest - least), 0.02 * widest)
    x = _Axis(max(0.0, least - room), widest + room, _LEFT, _WIDTH - _RIGHT)
    parts = _frame(x, y, x_label, y_label)
    places: list[tuple[float, float]] = []
    for mark in sorted(marks, key=lambda each: -each.y):
        left, top = x.place(mark.x), y.place(mark.y)
        upper, lower = y.place(max(mark.interval.high, 1e-9)), y.place(max(mark.interval.low, 1e-9))
        title = f"<title>{escape(mark.name)}: {mark.x:.1f} MB, KL {mark.y:.3f}</title>"
        words_top = _free(places, left, top)
        places.append((left, words_top))
        parts.append(
            f'<g class="mark {mark.style}">{title}'
            f'<line x1="{left:.1f}" y1="{upper:.1f}" x2="{left:.1f}" y2="{lower:.1f}"/>'
            f'<circle cx="{left:.1f}" cy="{top:.1f}" r="5.5"/>'
            f'<text x="{left + 10:.1f}" y="{words_top + 4:.1f}">{mark.number}</text></g>'
        )
    return _svg(parts, label)


def line_chart(series: Sequence[Series], label: str, x_label: str, y_label: str, *, top: float | None = None) -> str:
    """Returns a chart of lines.

    Args:
        series: At least one, with at least one point.
        label: What the chart shows, for those who cannot see it.
        x_label: Below.
        y_label: At the side.
        top: Of the axis; None: what the lines need.
    """
    points = [point for each in series for point in each.points]
    x = _Axis(0.0, max(point[0] for point in points) or 1.0, _LEFT, _WIDTH - _RIGHT)
    y = _Axis(0.0, top or 1.08 * max(point[1] for point in points) or 1.0, _HEIGHT - _BOTTOM, _TOP)
    parts = _frame(x, y, x_label, y_label)
    for place, each in enumerate(series):
        line = " ".join(f"{x.place(a):.1f},{y.place(b):.1f}" for a, b in _thinned(each.points))
        parts.append(f'<polyline class="line {each.style}" points="{line}"/>')
        if len(each.points) <= 40:
            parts += [
                f'<circle class="dot {each.style}" cx="{x.place(a):.1f}" cy="{y.place(b):.1f}" r="3"/>'
                for a, b in each.points
            ]
        left, height = _WIDTH - _RIGHT - 170, _TOP + 14 + 18 * place
        parts.append(
            f'<line class="line {each.style}" x1="{left}" y1="{height - 4}" x2="{left + 22}" y2="{height - 4}"/>'
            f'<text x="{left + 28}" y="{height}">{escape(each.name)}</text>'
        )
    return _svg(parts, label)


def interval_bar(share: float, interval: Interval, style: str) -> str:
    """Returns a small picture of a share with its interval, 0 at the left and 1 at the right."""
    width, middle = 110, 7
    low, high, at = (4 + each * (width - 8) for each in (interval.low, interval.high, share))
    return (
        f'<svg class="bar {style}" viewBox="0 0 {width} 14" width="{width}" height="14" aria-hidden="true">'
        f'<line class="grid" x1="4" y1="{middle}" x2="{width - 4}" y2="{middle}"/>'
        f'<line x1="{low:.1f}" y1="{middle}" x2="{high:.1f}" y2="{middle}"/>'
        f'<circle cx="{at:.1f}" cy="{middle}" r="4"/></svg>'
    )


def _frame(x: _Axis, y: _Axis, x_label: str, y_label: str) -> list[str]:
    parts = []
    for value in y.ticks():
        top = y.place(value)
        parts.append(
            f'<line class="grid" x1="{_LEFT}" y1="{top:.1f}" x2="{_WIDTH - _RIGHT}" y2="{top:.1f}"/>'
            f'<text class="tick" text-anchor="end" x="{_LEFT - 8}" y="{top + 4:.1f}">{value:g}</text>'
        )
    for value in x.ticks():
        left = x.place(value)
        parts.append(
            f'<line class="grid" x1="{left:.1f}" y1="{_TOP}" x2="{left:.1f}" y2="{_HEIGHT - _BOTTOM}"/>'
            f'<text class="tick" text-anchor="middle" x="{left:.1f}" y="{_HEIGHT - _BOTTOM + 17}">{value:,.10g}</text>'
        )
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    parts.append(
        f'<text class="tick" text-anchor="middle" x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 7}">'
        f"{escape(x_label)}</text>"
        f'<text class="tick" text-anchor="middle" transform="translate(13 {middle}) rotate(-90)">'
        f"{escape(y_label)}</text>"
    )
    return parts


def _svg(parts: Iterable[str], label: str) -> str:
    inside = "".join(parts)
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label, quote=True)}">'
        f"{inside}</svg>"
    )


def _free(taken: Sequence[tuple[float, float]], left: float, top: float) -> float:
    """Returns where a number can stand beside its mark without covering another: there, or below."""
    while any(abs(left - x) < _NEAR_X and abs(top - y) < _NEAR_Y for x, y in taken):
        top += 2.0
    return top


def _thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """Returns no more points than can be seen, each the mean of some neighbours."""
    if len(points) <= _MOST_POINTS:
        return points
    size = math.ceil(len(points) / _MOST_POINTS)
    groups = [points[place : place + size] for place in range(0, len(points), size)]
    return [(group[-1][0], sum(each[1] for each in group) / len(group)) for group in groups]
