"""How far graders of mathematics agree: ours, Math-Verify by itself, Minerva's rule.

    python -m benchmarks.graders                     # on the cases of our tests, whose right verdict is known
    python -m benchmarks.graders samples_math.jsonl  # on recorded outputs of lm-evaluation-harness (--log_samples)

Recorded outputs are those of the task minerva_math: a line has `doc.solution`, `resps`, `exact_match` (Minerva's rule)
and `math_verify`. Needs the extra eval.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from prover.bench.mathematics.benchmarks import WORDS
from prover.bench.mathematics.equality import Answers, judge_answers
from prover.bench.mathematics.judge.rules import Rule
from prover.bench.mathematics.scoring import score
from tests.bench.mathematics.judge_tables import KINDS, rows

Pair = tuple[str, str]


def ours(pairs: Sequence[Pair]) -> list[bool]:
    """Return our verdicts under the rule of MATH."""
    return [
        found.right[0] for found in judge_answers([Answers(gold, (given,), Rule.DECIMALS) for gold, given in pairs])
    ]


def by_minerva(pairs: Sequence[Pair]) -> list[bool]:
    """Return the verdicts of Minerva's rule."""
    from lm_eval.tasks.minerva_math.utils import normalize_final_answer as normal

    items = [Answers(normal(gold), (normal(given),), Rule.MINERVA) for gold, given in pairs]
    return [found.right[0] for found in judge_answers(items)]


def by_math_verify(pairs: Sequence[Pair]) -> list[bool]:
    """Return the verdicts of Math-Verify by itself."""
    from math_verify import parse, verify

    return [bool(verify(parse(f"${gold}$"), parse(f"${given}$"))) for gold, given in pairs]


def on_our_cases() -> Table:
    """Return how many verdicts of each grader are right, by kind."""
    table = Table("kind", "cases", "ours", "Math-Verify", "Minerva's rule", title="right verdicts")
    total: Counter[str] = Counter()
    for kind, text in KINDS.items():
        cases = rows(text)
        pairs, wanted = [(gold, given) for gold, given, _ in cases], [right for _, _, right in cases]
        counts = {
            grader.__name__: sum(map(bool.__eq__, grader(pairs), wanted))
            for grader in (ours, by_math_verify, by_minerva)
        }
        total.update(counts, cases=len(cases))
        table.add_row(kind, str(len(cases)), *map(str, counts.values()))
    table.add_row("all", *(str(total[name]) for name in ("cases", "ours", "by_math_verify", "by_minerva")))
    return table


def on_recorded_outputs(lines: Iterable[str]) -> tuple[Table, list[str]]:
    """Return how often ours agrees with what was recorded, and the problems where it does not."""
    samples: list[dict[str, Any]] = [json.loads(line) for line in lines if line.strip()]
    benchmark = WORDS["math"]
    texts = [[sample["resps"][0][0]] for sample in samples]
    found = score(benchmark, texts, [{"expected": benchmark.expected(sample["doc"])} for sample in samples])
    verdicts = [bool(each["accuracy"]) for each in found]
    table = Table("recorded", "both right", "both wrong", "only ours", "only recorded", "agreement")
    for name in ("exact_match", "math_verify"):
        pairs = Counter((ours, bool(s[name])) for ours, s in zip(verdicts, samples, strict=True) if name in s)
        if pairs:
            agreed = pairs[True, True] + pairs[False, False]
            counts = (pairs[True, True], pairs[False, False], pairs[True, False], pairs[False, True])
            table.add_row(name, *map(str, counts), f"{agreed / sum(pairs.values()):.1%}")
    different = [
        f"{benchmark.expected(sample['doc'])}   {each['answer']}   ours {verdict}"
        for sample, each, verdict in zip(samples, found, verdicts, strict=True)
        if verdict != bool(sample.get("exact_match", verdict))
    ]
    return table, different


def main() -> None:
    """Print the table."""
    console = Console()
    if len(sys.argv) < 2:
        console.print(on_our_cases())
        return
    table, different = on_recorded_outputs(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines())
    console.print(table)
    for line in different:
        console.print(line, markup=False)


if __name__ == "__main__":
    main()
