"""Verification by the thousand: checks a second with one process and with one a core, their times, and memory.

    python -m benchmarks.verification [--count 2000] [--kimina]

Answers of the kinds that models give, of which a quarter is wrong: each to a statement of its own, with its own
numbers. `--kimina` sends the same to `prover serve` by Kimina's own client (extra `[clients]`). It uses
`AsyncProver.verify`, which earlier versions have as well. Writes benchmarks/results/verification.json.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import click
import psutil

from benchmarks.report import Report, Row
from benchmarks.serving import Service
from prover import Lean, Settings
from prover.bench.conditions import hardware

SEED = 0
RIGHT = (
    ("theorem {n} (a b : Nat) : a + b + {k} = b + a + {k}", "by omega"),
    ("theorem {n} (p q : Prop) (h : p ∧ q) : q ∧ p", "⟨h.2, h.1⟩"),
    ("theorem {n} (xs : List Nat) : (xs ++ [{k}]).length = xs.length + 1", "by simp"),
    ("theorem {n} (a b c : Nat) (h : a ≤ b) : a ≤ b + c + {k}", "by\n  have : a ≤ b + c := by omega\n  omega"),
    ("theorem {n} : {k} * {k} + 1 ≠ 0", "by decide"),
    ("theorem {n} (m : Nat) : m % {k} < {k}", "Nat.mod_lt m (by decide)"),
    ("theorem {n} (f : Nat → Nat) (h : ∀ x, f x = x + {k}) : f (f 0) = {k} + {k}", "by simp [h]"),
    ("theorem {n} (p q r : Prop) : (p → q) → (q → r) → p → r", "fun f g h => g (f h)"),
    (
        "theorem {n} (xs : List Nat) : xs.map id = xs",
        "by\n  induction xs with\n  | nil => rfl\n  | cons x xs ih => simp",
    ),
)
WRONG = (
    ("theorem {n} (a b : Nat) : a + {k} = b + {k}", "by omega"),
    ("theorem {n} (p q : Prop) (h : p ∨ q) : q", "by\n  cases h with\n  | inl h => exact h\n  | inr h => exact h"),
    ("theorem {n} : {k} + 1 = {k}", "by sorry"),
)


@dataclass(slots=True)
class Measured:
    """What one way of checking took."""

    seconds: float = 0.0
    each: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    wrong: int = 0
    """Verdicts that are not as they should be."""

    @property
    def rate(self) -> float:
        """Checks a second."""
        return len(self.each) / self.seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """A text, the statement that it should prove, and whether it does."""

    text: str
    statement: str
    right: bool


def answers(count: int) -> list[Answer]:
    """Return so many answers."""
    draw, made = random.Random(SEED), []
    for i in range(count):
        right = draw.random() < 0.75
        statement, proof = draw.choice(RIGHT if right else WRONG)
        stated = statement.format(n=f"t{i}", k=draw.randint(2, 60))
        made.append(Answer(f"{stated} := {proof}", f"{stated} := by sorry", right))
    return made


def memory_mb() -> float:
    """Return the memory of the Lean processes."""
    return sum(child.memory_info().rss for child in psutil.Process().children(recursive=True)) / 2**20


async def measure(given: Sequence[Answer], at_once: int) -> Measured:
    """Verify each text against its statement, so many at a time."""
    found, left = Measured(), iter(given)
    async with Lean() as lean:
        await asyncio.gather(*(lean.verify(answer.text, against=answer.statement) for answer in given[:at_once]))

        async def work() -> None:
            for answer in left:
                began = time.monotonic()
                verification = await lean.verify(answer.text, against=answer.statement)
                found.each.append(time.monotonic() - began)
                found.wrong += verification.accepted != answer.right
                if len(found.each) % max(1, len(given) // 10) == 0:
                    found.memory_mb.append(memory_mb())

        began = time.monotonic()
        await asyncio.gather(*(work() for _ in range(at_once)))
        found.seconds = time.monotonic() - began
    return found


def measure_kimina(given: Sequence[Answer]) -> Measured:
    """Send the texts to a service by Kimina's client, which sends them in batches of its own."""
    from kimina_client import KiminaClient, Snippet

    found = Measured()
    with Service(workers=1, settings={"WEB__VERIFICATIONS": str(os.cpu_count() or 1)}) as service:
        client = KiminaClient(api_url=service.url)
        snippets = [Snippet(id=str(i), code=answer.text) for i, answer in enumerate(given)]
        client.check(snippets[:4], show_progress=False)
        began = time.monotonic()
        results = client.check(snippets, timeout=60, show_progress=False).results
        found.seconds = time.monotonic() - began
    found.each = [result.time for result in results]
    valid = {result.id for result in results if result.analyze().status.value == "valid"}
    found.wrong = sum((str(i) in valid) != answer.right for i, answer in enumerate(given))
    return found


def rows(way: str, found: Measured, target: float | None = None) -> list[Row]:
    """Return the figures of one way."""
    parts = statistics.quantiles(found.each, n=100)
    out = [
        Row(f"{way}: checks a second", (found.rate,), "", target, "higher", 1),
        Row(f"{way}: time of a check, half of them within", (parts[49],), "s", digits=3),
        Row(f"{way}: 99 of 100 within", (parts[98],), "s", digits=3),
        Row(f"{way}: verdicts that are not as they should be", (found.wrong,), "", 0, digits=0),
    ]
    if found.memory_mb:
        growth = found.memory_mb[-1] - found.memory_mb[0]
        out.append(Row(f"{way}: memory of Lean at the end", (found.memory_mb[-1],), "MB", digits=0))
        out.append(Row(f"{way}: growth since the first tenth", (growth,), "MB", digits=0))
    return out


@click.command()
@click.option("--count", default=2000, show_default=True, help="So many answers.")
@click.option("--kimina", is_flag=True, help="Also by Kimina's client, over HTTP.")
def main(count: int, kimina: bool) -> None:
    """Measure."""
    machine, cores = hardware(), os.cpu_count() or 1
    given = answers(count)
    one = asyncio.run(measure(given[: max(100, count // 4)], 1))
    found = rows("one process", one)
    if cores > 1:
        several = asyncio.run(measure(given, cores))
        found += rows(f"{cores} processes", several, 20.0)
        found.append(Row("times one process", (several.rate / one.rate,), "", 1.8, "higher"))
    if kimina:
        found += rows("Kimina's client", measure_kimina(given))
    command = f"python -m benchmarks.verification {' '.join(sys.argv[1:])}".strip()
    budget = {"count": count, "timeout_s": Settings().verify_timeout_s}
    report = Report("verification", command, SEED, budget, machine, found)
    report.save()
    click.echo(report.markdown())


if __name__ == "__main__":
    main()
