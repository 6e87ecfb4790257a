"""A flame graph as one SVG: what is called hangs below what calls it, and is as wide as the time that it takes."""

from __future__ import annotations

import html
import zlib
from dataclasses import dataclass, field

from benchmarks.profiling.samples import Samples

WIDTH, HEIGHT, LETTER = 1600.0, 16, 6.6
NARROWEST = 1.0
DEEPEST = 100
_HEAD = """<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" font-family="monospace" font-size="11">
<style>g:hover rect {{ stroke: black }} text {{ pointer-events: none }}</style>
<text x="4" y="14">{title}</text>
"""  # noqa: E501


@dataclass(slots=True)
class _Call:
    """A function as called from one place, and the seconds in it."""

    seconds: float = 0.0
    calls: dict[str, _Call] = field(default_factory=dict)


def flame_graph(title: str, samples: Samples) -> str:
    """Return the picture. Direct recursion is one box."""
    root = _Call()
    for stack, seconds in samples.items():
        at = root
        at.seconds += seconds
        last = None
        for name in stack:
            if name == last:
                continue
            last = name
            at = at.calls.setdefault(name, _Call())
            at.seconds += seconds
    boxes: list[str] = []
    depth = _draw(root, "all", 0.0, 0, WIDTH / max(root.seconds, 1e-9), root.seconds, boxes)
    height = (depth + 3) * HEIGHT
    return _HEAD.format(width=WIDTH, height=height, title=html.escape(title)) + "\n".join([*boxes, "</svg>\n"])


def _draw(call: _Call, name: str, x: float, depth: int, scale: float, whole: float, boxes: list[str]) -> int:
    """Add the boxes of a call and of all below it. Returns the greatest depth."""
    width = call.seconds * scale
    if width < NARROWEST or depth > DEEPEST:
        return depth - 1
    y = 2 * HEIGHT + depth * HEIGHT
    shade = zlib.crc32(name.encode()) % 60
    tip = html.escape(f"{name}: {call.seconds:.3f} s, {100 * call.seconds / whole:.1f} %")
    text = html.escape(name[: max(0, int(width / LETTER) - 1)])
    boxes.append(
        f'<g><title>{tip}</title><rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{HEIGHT - 1}" '
        f'fill="rgb(240,{150 + shade},{80 + shade})"/>'
        + (f'<text x="{x + 2:.1f}" y="{y + 12}">{text}</text>' if len(text) > 2 else "")
        + "</g>"
    )
    deepest = depth
    for child, below in sorted(call.calls.items()):
        deepest = max(deepest, _draw(below, child, x, depth + 1, scale, whole, boxes))
        x += below.seconds * scale
    return deepest
