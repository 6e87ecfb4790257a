"""Cactus plots: how many theorems each arm proves with so much."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560, 320, 46, 16, 16, 42
COLOURS = ("#444444", "#d08a00", "#0a6ebd", "#008060", "#b0307a")


def cactus(curves: Mapping[str, Sequence[float]], total: int, unit: str) -> str:
    """Return an SVG; `curves`: for each arm what its proofs took. The horizontal axis is logarithmic."""
    everything = [max(v, 1e-3) for values in curves.values() for v in values] or [1.0]
    low, high = min(everything), max(max(everything), min(everything) * 10)
    most = max(1, *(len(values) for values in curves.values()))

    def x(value: float) -> float:
        share = math.log(max(value, low) / low) / math.log(high / low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(count: float) -> float:
        return HEIGHT - BOTTOM - count / most * (HEIGHT - TOP - BOTTOM)

    parts = []
    for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        if low <= 10.0**power <= high:
            parts.append(f'<path d="M{x(10.0**power):.1f},{y(0):.1f}V{TOP}" stroke="#ddd"/>')
            parts.append(
                f'<text x="{x(10.0**power):.1f}" y="{HEIGHT - 24}" text-anchor="middle">{10.0**power:g}</text>'
            )
    for count in sorted({0, most // 2, most}):
        parts.append(f'<path d="M{LEFT},{y(count):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(count) + 4:.1f}" text-anchor="end">{count}</text>')
    for (name, values), colour in zip(curves.items(), COLOURS * len(curves), strict=False):
        path = f"M{LEFT},{y(0):.1f}"
        for count, value in enumerate(sorted(values), start=1):
            path += f"H{x(max(value, 1e-3)):.1f}V{y(count):.1f}"
        parts.append(f'<path d="{path}H{WIDTH - RIGHT}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        at = TOP + 16 * (1 + list(curves).index(name))
        parts.append(f'<text x="{LEFT + 12}" y="{at}" fill="{colour}">{html.escape(name)}: {len(values)}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle:.0f}" y="{HEIGHT - 6}" text-anchor="middle">{html.escape(unit)}</text>')
    label = html.escape(f"theorems proved, of {total}, against {unit}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12" role="img" aria-label="{label}"><rect width="100%" height="100%" fill="white"/>'
        + "".join(parts)
        + "</svg>\n"
    )
