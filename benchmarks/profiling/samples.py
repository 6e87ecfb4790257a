"""Samples of what a processor was at: stacks, and the time spent in each."""

from __future__ import annotations

import json
import re
import signal
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

Stack = tuple[str, ...]
"""Functions, each called by the one before it."""
Samples = defaultdict[Stack, float]
"""Seconds of each stack."""

EVERY_S = 0.002
_WASM = re.compile(r"wasm-function\[(\d+)\]")
_PACKAGE = re.compile(r".*/(?=(prover|benchmarks|site-packages|lib)/)")
_WAITING = {"(idle)", "(root)"}


@contextmanager
def python_sampled() -> Iterator[Samples]:
    """Sample this process while the context is open: a stack for each few milliseconds of the processor's time."""
    samples: Samples = defaultdict(float)

    def sample(number: int, frame: FrameType | None) -> None:
        stack = []
        while frame:
            code = frame.f_code
            stack.append(f"{code.co_qualname} ({_PACKAGE.sub('', code.co_filename)})")
            frame = frame.f_back
        samples[tuple(reversed(stack))] += EVERY_S

    before = signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
    try:
        yield samples
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def node_samples(folder: Path, names: Mapping[int, str]) -> Samples:
    """Return what V8 wrote to a folder of all threads that were profiled, without the time that they waited."""
    samples: Samples = defaultdict(float)
    for file in folder.glob("*.cpuprofile"):
        profile = json.loads(file.read_text())
        nodes = {node["id"]: node for node in profile["nodes"]}
        parents = {child: node["id"] for node in profile["nodes"] for child in node.get("children", ())}
        stacks: dict[int, Stack] = {}

        def stack_of(number: int, nodes: Any = nodes, parents: Any = parents, stacks: Any = stacks) -> Stack:
            path = []
            at = number
            while at not in stacks and at in parents:
                path.append(at)
                at = parents[at]
            stack: Stack = stacks.setdefault(at, ())
            for at in reversed(path):
                stack = stacks[at] = (*stack, _function(nodes[at]["callFrame"], names))
            return stack

        for number, microseconds in zip(profile["samples"], profile["timeDeltas"], strict=True):
            stack = stack_of(number)
            if stack and stack[-1] not in _WAITING:
                samples[stack] += max(0, microseconds) / 1e6
    return samples


def _function(frame: Mapping[str, Any], names: Mapping[int, str]) -> str:
    name = frame["functionName"] or "(anonymous)"
    if wasm := _WASM.fullmatch(name):
        return sys.intern(names.get(int(wasm[1]), "(wasm without a name)"))
    file = frame["url"].rsplit("/", 1)[-1]
    return sys.intern(f"{name} ({file})" if file else name)
