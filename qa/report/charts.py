"""Draw the report's charts as SVG by hand; colours come from the page's style sheet, so that dark pages work."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 420, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 14, 14, 44
_POINTS = 300
"""Points that a curve is thinned to; more cannot be told apart on WIDTH pixels."""


@dataclass(frozen=True)
class Series:
    """Hold one curve: its name, its points in order, and the number of its colour (1 to 4)."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: int = 1


@dataclass(frozen=True)
class Axis:
    """Hold an axis: what it shows and its first and last value; `whole` marks each whole number."""

    name: str
    low: float = 0.0
    high: float = 1.0
    whole: bool = False


def _across(axis: Axis, value: float) -> float:
    return _LEFT + (value - axis.low) / (axis.high - axis.low) * (WIDTH - _LEFT - _RIGHT)


def _up(axis: Axis, value: float) -> float:
    return HEIGHT - _BOTTOM - (value - axis.low) / (axis.high - axis.low) * (HEIGHT - _TOP - _BOTTOM)


def _ticks(axis: Axis) -> list[float]:
    if axis.whole:
        return [float(value) for value in range(int(axis.low), int(axis.high) + 1)]
    return [axis.low + (axis.high - axis.low) * step / 5 for step in range(6)]


def _text(axis: Axis, value: float) -> str:
    return f"{value:.0f}" if axis.whole or axis.high >= 10 else f"{value:.1f}" if axis.high > 0.5 else f"{value:.2f}"


def _frame(title: str, across: Axis, up: Axis, body: Sequence[str], legend: Sequence[tuple[str, int]]) -> str:
    """Return a chart around its drawn body: grid, ticks, names of axes, and the legend below."""
    parts = [
        f"<figure><figcaption>{escape(title)}</figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
    ]
    for value in _ticks(up):
        y = _up(up, value)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_text(up, value)}</text>')
    for value in _ticks(across):
        x = _across(across, value)
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{HEIGHT - _BOTTOM + 16}" text-anchor="middle">{_text(across, value)}</text>'
        )
    middle, centre = (_LEFT + WIDTH - _RIGHT) / 2, (_TOP + HEIGHT - _BOTTOM) / 2
    parts.append(f'<text class="axis" x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(across.name)}</text>')
    parts.append(
        f'<text class="axis" transform="translate(12 {centre}) rotate(-90)" text-anchor="middle">{escape(up.name)}</text>'
    )
    parts += [*body, "</svg>"]
    if legend:
        parts.append(
            "<p class=legend>"
            + " ".join(f'<span class="key c{colour}">{escape(name)}</span>' for name, colour in legend)
            + "</p>"
        )
    return "".join([*parts, "</figure>"])  # fmt: skip


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    if len(points) <= _POINTS:
        return list(points)
    return [points[number * (len(points) - 1) // (_POINTS - 1)] for number in range(_POINTS)]


def _curve(across: Axis, up: Axis, series: Series) -> str:
    points = " ".join(f"{_across(across, x):.1f},{_up(up, y):.1f}" for x, y in _thinned(series.points))
    return f'<polyline class="curve c{series.colour}" points="{points}"/>'


def line_chart(title: str, across: Axis, up: Axis, curves: Sequence[Series], points: Sequence[Series] = ()) -> str:
    """Return curves, and single points marked on them."""
    body = [_curve(across, up, series) for series in curves]
    for series in points:
        for x, y in series.points:
            body.append(
                f'<circle class="dot c{series.colour}" cx="{_across(across, x):.1f}" cy="{_up(up, y):.1f}" r="5">'
                f"<title>{escape(series.name)}</title></circle>"
            )
    return _frame(title, across, up, body, [(series.name, series.colour) for series in (*curves, *points)])


def reliability_chart(title: str, bins: Sequence[tuple[float, float, int]]) -> str:
    """Return how often answers are right (y) at each mean confidence (x); a dot's area is its share of questions."""
    across, up = Axis("confidence"), Axis("share right")
    corners = " ".join(f"{_across(across, value):.1f},{_up(up, value):.1f}" for value in (0.0, 1.0))
    body = [f'<polyline class="curve ideal" points="{corners}"/>']
    total = sum(count for _, _, count in bins) or 1
    for confidence, accuracy, count in bins:
        radius = 3 + 17 * (count / total) ** 0.5
        told = f"{count:,} questions: confidence {confidence:.2f}, right {accuracy:.2f}"
        body.append(
            f'<circle class="dot c1" cx="{_across(across, confidence):.1f}" cy="{_up(up, accuracy):.1f}" r="{radius:.1f}">'
            f"<title>{told}</title></circle>"
        )
    return _frame(title, across, up, body, [("questions of one bin; the line is perfect", 1)])


def histogram(title: str, across: Axis, groups: Sequence[tuple[str, Sequence[float], int]], marked: float, bars: int = 20) -> str:
    """Return each group's share of values in equal bins, side by side, with a line at `marked`; values are in [0, 1]."""
    shares = []
    for _, values, _ in groups:
        counts = [0] * bars
        for value in values:
            counts[min(bars - 1, int(value * bars))] += 1
        shares.append([count / max(1, len(values)) for count in counts])
    highest = max((share for group in shares for share in group), default=0.0)
    up = Axis("share of its questions", 0.0, max(1, math.ceil(highest * 20)) / 20)
    width = (_across(across, 1) - _across(across, 0)) / bars / max(1, len(groups))
    body = []
    for number, (group, (name, _, colour)) in enumerate(zip(shares, groups, strict=True)):
        for place, share in enumerate(group):
            x, y = _across(across, place / bars) + number * width, _up(up, share)
            body.append(
                f'<rect class="bar c{colour}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{HEIGHT - _BOTTOM - y:.1f}">'
                f"<title>{escape(name)}: {share:.1%} between {place / bars:.2f} and {(place + 1) / bars:.2f}</title></rect>"
            )
    x = _across(across, marked)
    body.append(
        f'<line class="threshold" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{HEIGHT - _BOTTOM}"><title>threshold</title></line>'
    )
    return _frame(title, across, up, body, [*((name, colour) for name, _, colour in groups), ("threshold", 3)])
