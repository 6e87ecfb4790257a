"""Where a search's time goes: a flame graph for each language, and tables of the biggest pieces.

    python -m benchmarks.flame [SET] [--sample 12] [--effort 5]

Proves theorems one after the other as `prover prove` does, while Python and the Node processes with their WebAssembly
are sampled. Writes benchmarks/results/flame-python.svg and flame-lean.svg, and prints which tactics the effort went to,
and which parts of Lean and of ours the processor's time. The effort is the same on every machine. The samples are not,
and on a busy one Node's are too large by what it waited for the processor: their shares count.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

import prover.environments.lean_wasm.process as lean_process
from benchmarks.profiling.flame_graph import flame_graph
from benchmarks.profiling.samples import Samples, node_samples, python_sampled
from benchmarks.profiling.wasm_names import function_names
from benchmarks.report import RESULTS
from benchmarks.shortening import SEED, drawn
from prover.assembly.environments import lean_environment
from prover.assembly.policies import open_policy
from prover.bench.conditions import commit, hardware
from prover.bench.problem_sets import Problem, read_problems
from prover.core.budget import SearchBudget
from prover.core.proof_state import Closed, TacticOutcome, TimedOut
from prover.environments.lean_wasm.install import Installation
from prover.proving.prove import prove_theorem
from prover.search.events import SearchEvent, Tried
from prover.settings import Settings

POLITELY = Path(__file__).parent / "profiling" / "leave_politely.mjs"
EVERY_US = 10_000
"""More often, and V8 takes longer to write down what runs than Lean takes to run."""
LONGEST_NAME = 90
FAMILIES = (
    *("exact?", "grind", "bv_omega", "simp_all", "omega", "decide", "ac_rfl", "simpa", "simp", "split", "ext"),
    *("rw", "induction", "cases", "rcases", "obtain", "apply", "exact", "refine", "exists", "intro", "rfl"),
)
"""A tactic counts for the first of these words in it: the dearest come first."""
PARTS = (
    ("verification: elaborating the proof", ("elaborate (instance.mjs)",)),
    ("verification: reading the statement", ("specify (instance.mjs)",)),
    ("printing goals", ("goals (tactics.mjs)",)),
    ("reading tactics", ("parse (tactics.mjs)",)),
    ("checking a term that closes the theorem", ("closed (tactics.mjs)",)),
    ("verification: the kernel", ("check (kernel.mjs)",)),
    ("running tactics: the kernel checks their lemmas", ("Lean.addDecl", "Lean.Environment.addDecl", "type_checker")),
    ("running tactics: exact?", ("Lean.Meta.LibrarySearch", "Lean.Elab.LibrarySearch")),
    ("running tactics: grind", ("Lean.Meta.Grind", "Lean.Elab.Tactic.grind", "Lean.Elab.Tactic.evalGrind")),
    ("running tactics: omega", ("Lean.Elab.Tactic.Omega",)),
    ("running tactics: decide", ("Lean.Elab.Tactic.evalDecide", "Lean.Elab.Tactic.Decide")),
    (
        "running tactics: simp",
        ("Lean.Meta.Simp", "Lean.Meta.simp", "Lean.Elab.Tactic.mkSimp", "Lean.Elab.Tactic.evalSimp"),
    ),
    ("running tactics: others", ("apply (tactics.mjs)",)),
    ("reading the statement", ("open (tactics.mjs)",)),
    ("forgetting, between theorems", ("renew (instance.mjs)",)),
    ("starting Lean", ("restore (instance.mjs)", "boot (heap.mjs)", "Module", "node:internal", "(driver.mjs)")),
    ("running tactics: others", ("Lean.Elab.Tactic", "Lean.Meta", "Lean.Elab.Term")),
    ("JavaScript's garbage", ("(garbage collector)",)),
)
"""Parts of the work by what is on the stack; the first that is counts. V8 tells the last 255 calls."""


@dataclass(slots=True)
class Family:
    """The tactics of one family: how many were tried, the effort, and what became of it."""

    count: int = 0
    again: int = 0
    effort: float = 0.0
    effort_again: float = 0.0
    out_of_effort: float = 0.0
    closed: int = 0


@dataclass(slots=True)
class Attempts:
    """What the searches tried, by family."""

    families: dict[str, Family] = field(default_factory=dict)
    _seen: set[tuple[str, str, str]] = field(default_factory=set)

    def of(self, theorem: str) -> Callable[[SearchEvent], None]:
        """Return a listener for the search of one theorem."""

        def listen(event: SearchEvent) -> None:
            if isinstance(event, Tried):
                self._add(theorem, event.node.state.goals[0].text, event.candidate.tactic, event.outcome)

        return listen

    def _add(self, theorem: str, goal: str, tactic: str, outcome: TacticOutcome) -> None:
        one = self.families.setdefault(family(tactic), Family())
        one.count += 1
        one.effort += outcome.effort
        if (theorem, goal, tactic) in self._seen:
            one.again += 1
            one.effort_again += outcome.effort
        self._seen.add((theorem, goal, tactic))
        if isinstance(outcome, TimedOut):
            one.out_of_effort += outcome.effort
        one.closed += isinstance(outcome, Closed)


def family(tactic: str) -> str:
    """Return the family of a tactic.

    >>> family("cases h <;> grind [Nat.add_comm]"), family("have := h 1"), family("simp_all [f]")
    ('grind', 'others', 'simp_all')
    """
    words = set(re.findall(r"[\w?]+", tactic))
    return next((name for name in FAMILIES if name in words), "others")


def part(stack: Sequence[str]) -> str:
    """Return which part of the work a stack belongs to."""
    for name, marks in PARTS:
        if any(mark in function for function in stack for mark in marks):
            return name
    return (
        "others" if any(".mjs" in function for function in stack) else "so deep in Lean that V8 does not say for whom"
    )


@contextmanager
def node_sampled(folder: Path) -> Iterator[Callable[[], None]]:
    """Have every Lean process that starts meanwhile write what V8 samples to a folder when it leaves.

    Gives what makes them leave. They run without Node's permissions, which would not let them write.
    """
    before = lean_process.driver_command  # type: ignore[attr-defined]

    def command(installation: Installation, config: dict[str, object], *, writable: Path | None = None) -> list[str]:
        node, *rest = before(installation, config, writable=writable)
        rest = [word for word in rest if not word.startswith(("--permission", "--allow-"))]
        sampling = [
            "--cpu-prof",
            f"--cpu-prof-dir={folder}",
            f"--cpu-prof-interval={EVERY_US}",
            "--import",
            str(POLITELY),
        ]
        return [node, *sampling, *rest]

    def leave() -> None:
        children = Path(f"/proc/self/task/{os.getpid()}/children")
        for child in children.read_text().split():
            os.kill(int(child), signal.SIGTERM)
        while children.read_text():  # writing takes seconds
            time.sleep(0.1)

    lean_process.driver_command = command  # type: ignore[attr-defined]
    try:
        yield leave
    finally:
        lean_process.driver_command = before  # type: ignore[attr-defined]


async def search_all(problems: Sequence[Problem], effort: float, attempts: Attempts, leave: Callable[[], None]) -> int:
    """Try to prove each theorem. Returns how many are proved."""
    settings, proved = Settings(), 0
    environment = lean_environment(settings)
    try:
        async with open_policy(None, settings) as policy:
            for problem in problems:
                record = await prove_theorem(
                    problem.theorem(),
                    environment=environment,
                    generator=policy,
                    budget=SearchBudget(expansions=2000, effort=effort),
                    seed=SEED,
                    listener=attempts.of(problem.name),
                )
                proved += record.proved
        await asyncio.to_thread(leave)
    finally:
        await environment.close()
    return proved


def print_families(attempts: Attempts) -> None:
    """Print what the effort went to."""
    whole = sum(one.effort for one in attempts.families.values())
    click.echo("| tactics | tried | closed | effort | of all | of it out of effort | again at the same goal |")
    click.echo("|---|---|---|---|---|---|---|")
    for name, one in sorted(attempts.families.items(), key=lambda item: -item[1].effort):
        again = f"{one.again} ({one.effort_again:.2f})" if one.again else ""
        shares = f"{one.effort:.2f} | {one.effort / whole:.1%} | {one.out_of_effort:.2f}"
        click.echo(f"| {name} | {one.count} | {one.closed} | {shares} | {again} |")


def print_parts(title: str, seconds: dict[str, float], most: int = 30) -> None:
    """Print where samples fell."""
    whole = sum(seconds.values())
    click.echo(f"\n| {title} | s | share |\n|---|---|---|")
    for name, spent in sorted(seconds.items(), key=lambda item: -item[1])[:most]:
        click.echo(f"| {name[:LONGEST_NAME]} | {spent:.2f} | {spent / whole:.1%} |")


def by(samples: Samples, key: Callable[[Sequence[str]], str]) -> dict[str, float]:
    """Return the seconds of stacks by what `key` says of them."""
    seconds: dict[str, float] = {}
    for stack, spent in samples.items():
        name = key(stack)
        seconds[name] = seconds.get(name, 0.0) + spent
    return seconds


@click.command()
@click.argument("problem_set", default="core")
@click.option("--sample", type=int, default=12, show_default=True, help="So many theorems, drawn at random.")
@click.option("--effort", default=5.0, show_default=True, help="Units of effort for each search.")
def main(problem_set: str, sample: int, effort: float) -> None:
    """Measure and draw."""
    machine, attempts, installation = hardware(), Attempts(), Installation.in_cache(Settings().cache_dir)
    problems = drawn(read_problems(problem_set), sample)
    with tempfile.TemporaryDirectory() as name, node_sampled(Path(name)) as leave:
        before = os.times()
        with python_sampled() as python:
            proved = asyncio.run(search_all(problems, effort, attempts, leave))
        after = os.times()
        paths = installation.paths()
        lean = node_samples(Path(name), function_names(Path(paths["wasm"]), Path(paths["symbols"])))
    for language, samples in (("python", python), ("lean", lean)):
        (RESULTS / f"flame-{language}.svg").write_text(flame_graph(f"{problem_set}: {language}", samples))
    print_families(attempts)
    print_parts("Lean's processes", by(lean, part))
    print_parts("Lean's processes, the function itself", by(lean, lambda stack: stack[-1]), 15)
    print_parts("Python, the function itself", by(python, lambda stack: stack[-1]), 10)
    python_s = after.user + after.system - before.user - before.system
    node_s = after.children_user + after.children_system - before.children_user - before.children_system
    click.echo(
        f"\nThe processor's time: Python {python_s:.1f} s, Node {node_s:.1f} s, {sum(lean.values()):.1f} s of samples "
        f"(what compiles beside is not sampled).\n{proved} of {len(problems)} proved; "
        f"`python -m benchmarks.flame {problem_set} --sample {sample} --effort {effort:g}`, commit {commit()}, "
        f"{machine['cpu']}, {machine['cores']} cores, load {machine['load']} before."
    )


if __name__ == "__main__":
    main()
