"""The few kinds of plot that a report needs, as SVG that takes its colours from the page."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 400, 235
LEFT, RIGHT, TOP, BOTTOM = 46, 16, 14, 42
NAMES = 122  # room for the names of bars, for 19 letters
COLOURS = {"proved": "good", "refuted": "bad", "unknown": "open"}
"""Classes of the outcomes of theorems."""
MOST_MARKS = 400  # that say which theorem they stand for


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: `value` of `total`, with the interval of the rate if it is known.

    `mark`: a rate to compare with, drawn as a line across.
    """

    name: str
    value: float
    total: float
    interval: tuple[float, float] | None = None
    mark: float | None = None


def solved_curve(
    solved: Iterable[tuple[float, str]],
    total: int,
    *,
    label: str,
    unit: str = "",
    parts: Mapping[str, Sequence[float]] | None = None,
) -> str:
    """How many theorems were solved with at most so much, `solved` being what each took, and its name.

    `parts`: curves of some of them, below, each with its name (which becomes a class of its line).
    """
    points = sorted((max(value, 1e-3), name) for value, name in solved)
    if not points:
        return _empty("nothing was solved")
    scale = _LogScale(points[0][0], points[-1][0])
    highest = max(1, total)

    def y(count: float) -> float:
        return HEIGHT - BOTTOM - count / highest * (HEIGHT - TOP - BOTTOM)

    def line(values: Sequence[float]) -> str:
        steps = [f"M{scale.x(points[0][0]):.1f},{y(0):.1f}"]
        steps += [f"H{scale.x(value):.1f}V{y(count):.1f}" for count, value in enumerate(values, start=1)]
        return "".join([*steps, f"H{WIDTH - RIGHT}"])

    marks = "".join(
        f'<circle cx="{scale.x(value):.1f}" cy="{y(count):.1f}" r="2.5">'
        f"<title>{html.escape(name)}: {_short(value)}{unit}</title></circle>"
        for count, (value, name) in enumerate(points, start=1)
    )
    shown = marks if len(points) <= MOST_MARKS else ""
    path = line([value for value, _ in points])
    below = "".join(
        f'<path class="part {html.escape(name)}" d="{line(sorted(max(value, 1e-3) for value in values))}">'
        f"<title>{html.escape(name)}: {len(values)}</title></path>"
        for name, values in (parts or {}).items()
    )
    area = f"{path}V{y(0):.1f}Z"
    return _svg(
        f"{label}: {len(points)} of {total} solved",
        _horizontal_grid(highest, y)
        + scale.grid(unit)
        + f'<line class="total" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(highest):.1f}" y2="{y(highest):.1f}"/>'
        + f'<path class="area" d="{area}"/>{below}<path class="curve" d="{path}"/><g class="marks">{shown}</g>'
        + _x_title(label),
    )


def histogram(groups: Mapping[str, Sequence[float]], *, label: str, unit: str = "") -> str:
    """How many theorems took so long, one group on top of the other; every decade has four columns.

    `groups`: by outcome, from the lowest on: `proved`, `refuted`, `unknown`.
    """
    everything = [max(value, 1e-3) for values in groups.values() for value in values]
    if not everything:
        return _empty("no times are known")
    scale = _LogScale(min(everything), max(everything))
    first, last = math.floor(4 * math.log10(scale.low)), math.ceil(4 * math.log10(scale.high))

    def columns(values: Sequence[float]) -> list[int]:
        counts = [0] * max(1, last - first)
        for value in values:
            place = math.floor(4 * math.log10(max(value, 1e-3)) + 1e-9) - first
            counts[min(len(counts) - 1, max(0, place))] += 1
        return counts

    stacks = {outcome: columns(values) for outcome, values in groups.items()}
    heights: list[int] = [sum(stack) for stack in zip(*stacks.values(), strict=True)]
    highest = max(heights)

    def y(count: float) -> float:
        return HEIGHT - BOTTOM - count / highest * (HEIGHT - TOP - BOTTOM)

    drawn: list[str] = []
    for place in range(len(heights)):
        low, high = 10 ** ((first + place) / 4), 10 ** ((first + place + 1) / 4)
        x, width = scale.x(low) + 1, scale.x(high) - scale.x(low) - 2
        counted = ", ".join(f"{stack[place]} {outcome}" for outcome, stack in stacks.items())
        title = f"<title>{_short(low)} to {_short(high)}{unit}: {counted}</title>"
        base = 0
        for outcome, stack in stacks.items():
            if count := stack[place]:
                drawn.append(
                    f'<rect class="{COLOURS[outcome]}" x="{x:.1f}" width="{max(1, width):.1f}" '
                    f'y="{y(base + count):.1f}" height="{y(base) - y(base + count):.1f}">{title}</rect>'
                )
                base += count
    return _svg(label, _horizontal_grid(highest, y) + scale.grid(unit) + "".join(drawn) + _x_title(label))


def rate_bars(bars: Sequence[Bar], *, label: str) -> str:
    """The rate of each group as a bar, its 95 % interval as a line."""
    return _bars(bars, label=label, scale=1.0, rates=True)


def share_bars(bars: Sequence[Bar], *, label: str, unit: str) -> str:
    """What each part has of a whole, in some unit."""
    largest = max((bar.value / bar.total for bar in bars if bar.total), default=1.0)
    return _bars(bars, label=label, scale=largest or 1.0, rates=False, unit=unit)


def count_bars(bars: Sequence[Bar], *, label: str, names: int = NAMES) -> str:
    """The count of each group as a bar; `total` is the whole that it is a part of. `names`: room for them."""
    largest = max((bar.value / max(1, bar.total) for bar in bars), default=1.0)
    return _bars(bars, label=label, scale=largest or 1.0, rates=False, names=names)


def _bars(bars: Sequence[Bar], *, label: str, scale: float, rates: bool, unit: str = "", names: int = NAMES) -> str:
    if not bars:
        return _empty("unknown")
    figures, row = 96, 25
    width = WIDTH - names - figures
    drawn: list[str] = []
    for place, bar in enumerate(bars):
        middle = 8 + row * place + row / 2
        rate = bar.value / bar.total if bar.total else 0.0
        length = rate / scale * width
        drawn.append(
            f'<text class="name" x="{names - 8}" y="{middle:.1f}">{html.escape(_cut(bar.name, names * 19 // NAMES))}'
            f"<title>{html.escape(bar.name)}</title></text>"
            f'<rect class="track" x="{names}" y="{middle - 7:.1f}" width="{width}" height="14" rx="2"/>'
            f'<rect class="good" x="{names}" y="{middle - 7:.1f}" width="{length:.1f}" height="14" rx="2"/>'
        )
        if bar.interval and rates:
            low, high = (names + width * max(0.0, min(1.0, end)) for end in bar.interval)
            drawn.append(
                f'<path class="interval" d="M{low:.1f},{middle - 4:.1f}v8M{low:.1f},{middle:.1f}H{high:.1f}m0,-4v8">'
                f"<title>95 % interval: {bar.interval[0]:.1%} to {bar.interval[1]:.1%}</title></path>"
            )
        if bar.mark is not None:
            at = names + width * max(0.0, min(1.0, bar.mark / scale))
            drawn.append(f'<path class="mark" d="M{at:.1f},{middle - 9:.1f}v18"><title>{bar.mark:.1%}</title></path>')
        value = _short(bar.value) if unit else f"{bar.value:,.0f}"
        figure = f"{value}/{bar.total:,.0f}  {rate:.0%}" if rates else f"{value}{unit}  {rate:.0%}"
        drawn.append(f'<text class="figure" x="{WIDTH - figures + 8}" y="{middle:.1f}">{figure}</text>')
    return _svg(label, "".join(drawn), height=16 + row * len(bars))


class _LogScale:
    """A logarithmic x axis from about `low` to about `high`."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, max(high, low * 1.0001)
        if self.high / self.low < 10:  # a decade at least, so that a narrow range is not blown up
            middle = math.sqrt(self.low * self.high)
            self.low, self.high = middle / 10**0.5, middle * 10**0.5

    def x(self, value: float) -> float:
        share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return LEFT + min(1.0, share) * (WIDTH - LEFT - RIGHT - 6)

    def grid(self, unit: str) -> str:
        decades = math.log10(self.high / self.low)
        steps = (1,) if decades > 3 else (1, 3) if decades > 1.7 else (1, 2, 5)
        exponents = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        ticks = [step * 10.0**exponent for exponent in exponents for step in steps]
        if decades > 7:
            ticks = ticks[::2]
        return "".join(
            f'<line class="grid" x1="{self.x(tick):.1f}" x2="{self.x(tick):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
            f'<text class="tick" x="{self.x(tick):.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">'
            f"{_short(tick)}{unit}</text>"
            for tick in ticks
            if self.low <= tick * 1.0001 and tick <= self.high * 1.0001
        )


def _horizontal_grid(highest: int, y: Callable[[float], float]) -> str:
    step = _round_step(highest / 4)
    counts = [*range(0, highest, step)]
    if highest - counts[-1] < step * 0.6 and len(counts) > 1:
        counts.pop()
    counts.append(highest)
    return "".join(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(count):.1f}" y2="{y(count):.1f}"/>'
        f'<text class="tick" x="{LEFT - 7}" y="{y(count) + 4:.1f}" text-anchor="end">{count}</text>'
        for count in counts
    )


def _round_step(about: float) -> int:
    if about <= 1:
        return 1
    power = 10 ** math.floor(math.log10(about))
    return int(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= about))


def _x_title(label: str) -> str:
    return (
        f'<text class="title" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">'
        f"{html.escape(label)}</text>"
    )


def _svg(label: str, content: str, *, height: int = HEIGHT) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{html.escape(label)}">{content}</svg>'


def _empty(words: str) -> str:
    return f'<p class="empty">{html.escape(words)}</p>'


def _short(value: float) -> str:
    if value >= 10_000:
        return f"{value / 1000:,.0f}k"
    return f"{value:,.0f}" if value >= 10 else f"{value:.3g}"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
