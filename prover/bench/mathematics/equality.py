"""Judging many answers, in the sandbox: a model's expression may take for ever to evaluate."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

from prover.bench.mathematics.judge.rules import Rule
from prover.bench.mathematics.sandbox.run import ProgramLimits, run_program

JUDGE = Path(__file__).with_name("judge")
PACKAGE = "prover/bench/mathematics/judge"
START = f"import sys\nsys.path.insert(0, '.')\nfrom {PACKAGE.replace('/', '.')}.program import main\nmain()\n"
AT_ONCE = 200
"""Number of answers judged in one process, which takes two seconds to start."""
LIMITS = ProgramLimits(cpu_s=600, wall_s=1200.0, file_bytes=1 << 22)


@dataclass(frozen=True, slots=True)
class Answers:
    """Different answers to one problem.

    `printed`: by programs. `votes`, `explained`: it is wanted which of them are the same, and what was read.
    """

    gold: str
    answers: tuple[str, ...]
    rule: Rule = Rule.EXACT
    printed: bool = False
    votes: bool = False
    explained: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """For each answer: is it right, the place of the first that is the same; and what was read."""

    right: tuple[bool, ...]
    votes: tuple[int, ...]
    gold: str = ""
    answers: tuple[str, ...] = ()


def judge_answers(items: Sequence[Answers], *, workers: int | None = None) -> list[Judgement]:
    """Return the judgement on each item. Raises SandboxUnavailableError."""
    different = list(dict.fromkeys(items))
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        found = [each for part in pool.map(_judge, _parts(different)) for each in part]
    known = dict(zip(different, found, strict=True))
    return [known[item] for item in items]


def _parts(items: Sequence[Answers]) -> Iterator[list[Answers]]:
    part: list[Answers] = []
    for item in items:
        if part and sum(len(each.answers) for each in part) + len(item.answers) > AT_ONCE:
            yield part
            part = []
        part.append(item)
    if part:
        yield part


def _judge(items: Sequence[Answers]) -> list[Judgement]:
    """Judge in one process. After an item that ends it another goes on behind."""
    found: list[Judgement] = []
    while len(found) < len(items):
        left = items[len(found) :]
        files = {"items.json": json.dumps([asdict(item) for item in left]), **_sources()}
        lines = run_program(START, files=files, limits=LIMITS).output.splitlines()
        found += [_judgement(line) for line in lines if line.endswith("}")]
        if len(found) < len(items):
            found.append(_one_by_one(items[len(found)]))
    return found


def _one_by_one(item: Answers) -> Judgement:
    """Judge an item that ended its process: an answer a process, wrong if it ends that; each is a vote of its own."""
    if len(item.answers) <= 1:
        return Judgement((False,) * len(item.answers), tuple(range(len(item.answers))))
    single = [_judge([replace(item, answers=(answer,), votes=False)])[0] for answer in item.answers]
    return Judgement(tuple(each.right[0] for each in single), tuple(range(len(single))))


def _judgement(line: str) -> Judgement:
    found = json.loads(line)
    return Judgement(tuple(found["right"]), tuple(found["votes"]), found["gold"], tuple(found["answers"]))


@cache
def _sources() -> dict[str, str]:
    """Return the judge's files by their place: the sandbox has none of ours."""
    folders = [PACKAGE.rsplit("/", up)[0] for up in range(1, PACKAGE.count("/") + 1)]
    files = {f"{folder}/__init__.py": "" for folder in folders}
    return files | {f"{PACKAGE}/{path.name}": path.read_text(encoding="utf-8") for path in sorted(JUDGE.glob("*.py"))}
