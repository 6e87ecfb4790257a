"""Prompts with answers from a run: every state on the way of a found proof, and the tactic that was right there.

    python -m research.tiny_model.pairs SET RUN PAIRS.jsonl

SET is the problem set, RUN the folder that `prover bench SET --output RUN` wrote. Prompts have the Llemma format.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import click
from rich.console import Console

from prover.assembly.environments import lean_environment
from prover.bench.problem_sets import Problem, read_problems
from prover.core.proof_state import Advanced
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.prompts.prompt import Query
from prover.settings import Settings


async def steps_of(problems: dict[str, Problem], results: list[dict[str, object]]) -> list[tuple[str, str, str]]:
    """Return problem, state and tactic of every step."""
    lean = lean_environment(Settings())
    steps: list[tuple[str, str, str]] = []
    try:
        for result in results:
            tactics = dict(result["search"])["tactics"] or []  # type: ignore[call-overload]
            async with lean.open(problems[str(result["problem"])].theorem()) as session:
                state = session.initial
                for tactic in tactics:
                    steps.append((str(result["problem"]), state.text, tactic))
                    (outcome,) = await session.apply(state, [tactic], timeout_s=20)
                    if not isinstance(outcome, Advanced):
                        break
                    state = outcome.state
    finally:
        await lean.close()
    return steps


@click.command()
@click.argument("problem_set")
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("pairs", type=click.Path(path_type=Path))
@click.option("--longest", default=80, show_default=True, help="Characters of a tactic; longer ones are left out.")
def main(problem_set: str, run: Path, pairs: Path, longest: int) -> None:
    """Write the pairs."""
    problems = {problem.name: problem for problem in read_problems(problem_set)}
    results = [json.loads(line) for line in (run / "results.jsonl").read_text().splitlines()]
    steps = asyncio.run(steps_of(problems, [r for r in results if r["proved"] and r["problem"] in problems]))
    render = FORMATS["llemma"].render
    rows = [
        {"problem": name, "prompt": render(Query(state=state)), "answer": f"\n{tactic}\n---"}
        for name, state, tactic in steps
        if len(tactic) <= longest
    ]
    pairs.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    Console(stderr=True).print(f"{len(rows)} steps of {len(results)} results, written to {pairs}")


if __name__ == "__main__":
    main()
