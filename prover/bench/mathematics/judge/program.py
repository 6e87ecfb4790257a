"""The program that runs in the sandbox: reads `items.json`, prints a line of JSON for each item.

Nothing of an answer is evaluated, so an answer cannot forge its own verdict; what it can do is take long, and that has
a limit.
"""

from __future__ import annotations

import json
import logging
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from prover.bench.mathematics.judge.rules import Rule
from prover.bench.mathematics.judge.values import Words
from prover.bench.mathematics.judge.verdict import Reading, reading, right, said

STEP_S = 5.0
"""Time for reading an answer, and for one comparison."""
MOST_SAID = 500

Found = TypeVar("Found")


def judged(item: dict[str, Any]) -> dict[str, Any]:
    """Return which answers are right, which are one vote, and what was read."""
    rule = Rule(item["rule"])
    gold = _read(item["gold"], printed=False)
    answers = [_read(text, printed=item["printed"]) for text in item["answers"]]
    verdicts = [_within(partial(right, gold, each, rule), False) for each in answers]
    explained = item["explained"]
    return {
        "right": verdicts,
        "votes": _votes(answers, rule) if item["votes"] else [],
        "gold": _said(gold) if explained else "",
        "answers": [_said(each) for each in answers] if explained else [],
    }


def _votes(answers: list[Reading], rule: Rule) -> list[int]:
    """Return for each answer the place of the first that is the same."""
    firsts: list[int] = []
    found: list[int] = []
    for place, each in enumerate(answers):
        same = (first for first in firsts if _within(partial(right, answers[first], each, rule), False))
        first = next(same, place)
        if first == place:
            firsts.append(place)
        found.append(first)
    return found


def _said(each: Reading) -> str:
    return _within(lambda: said(each), each.text)[:MOST_SAID]


def _read(text: str, *, printed: bool) -> Reading:
    return _within(lambda: reading(text, printed=printed), Reading(text, Words(" ".join(text.split()).casefold())))


def _within(work: Callable[[], Found], otherwise: Found) -> Found:
    """Return what `work` finds in its time; `otherwise` if it takes longer, or SymPy raises what it will.

    A single large calculation, which no exception ends, ends the process: SIGPROF has no handler.
    """
    signal.setitimer(signal.ITIMER_REAL, STEP_S)
    signal.setitimer(signal.ITIMER_PROF, 2 * STEP_S)
    try:
        return work()
    except Exception:
        return otherwise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)


def _too_long(*_: object) -> None:
    raise TimeoutError


def main() -> None:
    """Judge what is in `items.json`."""
    signal.signal(signal.SIGALRM, _too_long)
    sys.setrecursionlimit(2000)
    logging.disable(logging.WARNING)
    with open("items.json", encoding="utf-8") as file:
        items = json.load(file)
    for item in items:
        print(json.dumps(judged(item)), flush=True)
