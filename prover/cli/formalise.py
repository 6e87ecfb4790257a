"""`prover formalise`."""

from __future__ import annotations

import click
from rich.text import Text

from prover.assembly.environments import open_environment
from prover.assembly.formaliser import formaliser
from prover.assembly.models import language_model
from prover.cli.exits import NOT_PROVED, OK
from prover.cli.options.environment import environment_options
from prover.cli.options.model import model_options
from prover.cli.options.output import json_option
from prover.cli.read import read_text, write_text
from prover.cli.run import Stop, run
from prover.cli.show import console, out, print_json
from prover.core.plurals import counted
from prover.proving.formalise import Formalisation
from prover.settings import Settings


@click.command()
@click.argument("problem", required=False)
@click.option("--file", "path", metavar="PROBLEM.txt", help="Read the problem from a file; '-' is standard input.")
@click.option(
    "--solution", "solution_path", metavar="SOLUTION.txt", help="File with a proof in words, to help the model."
)
@model_options
@environment_options
@click.option("--rounds", type=click.IntRange(1), default=2, show_default=True,
              metavar="N", help="Times to ask the model until a statement is accepted, at most.")  # fmt: skip
@click.option("--sketches", type=click.IntRange(0), default=4, show_default=True,
              metavar="N", help="Sketches of a proof to ask for.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Random seed of the model's samples.")
@click.option("--output", metavar="STATEMENT", help="Write the statement to a file.")
@json_option("all statements and sketches")
@click.pass_context
def formalise(
    ctx: click.Context,
    problem: str | None,
    path: str | None,
    solution_path: str | None,
    environment: str,
    settings: Settings,
    rounds: int,
    sketches: int,
    seed: int,
    output: str | None,
    as_json: bool,
) -> None:
    """State a problem in words formally.

    A language model writes statements of the problem and sketches of a proof; the proof assistant checks that both
    parse and type-check. Whether a statement means what the words mean is for you to judge. Exit status: 0 a statement
    was found, 1 none was, 2 bad input, 3 machine fault.

    \b
      prover formalise "The sum of two odd numbers is even." --model http://localhost:8000
      prover formalise --file problem.txt --solution proof.txt --environment isabelle --model http://localhost:8000
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    if (problem is None) == (path is None):
        raise click.UsageError("give either a PROBLEM or --file")
    words = problem if problem is not None else read_text(path or "-")
    if not words.strip():
        raise click.UsageError("the problem is empty")
    solution = read_text(solution_path) if solution_path else ""

    async def work(_: Stop) -> Formalisation:
        model = language_model(settings.model)
        prover = open_environment(environment, settings)
        try:
            return await formaliser(settings, prover, model).formalise(
                words,
                solution=solution,
                samples=min(settings.model.samples or 8, 8),
                rounds=rounds,
                sketches=sketches,
                seed=seed,
            )
        finally:
            await prover.close()
            if model is not None:
                await model.close()

    found = run(work)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _show(found)
    if output and found.best:
        write_text(output, found.best.statement + "\n")
    ctx.exit(OK if found.best else NOT_PROVED)


def _show(found: Formalisation) -> None:
    best = found.best
    if best is None:
        console.print(Text.assemble(("no statement", "bold yellow"), f"   {len(found.statements)} were tried"))
        for statement in found.statements:
            console.print(Text(f"{statement.statement}\n  {statement.fault}"), soft_wrap=True)
        return
    given = sum(statement.times for statement in found.statements)
    console.print(
        Text.assemble(
            ("stated", "bold green"),
            f"   {best.times} of {counted(given, 'answer')}   {found.environment}   syntax and types only: read it",
        ),
        soft_wrap=True,
    )
    out.print(Text(best.statement))
    for sketch in best.sketches:
        if sketch.problem is None:
            console.print(Text("a sketch of its proof:"))
            out.print(Text(sketch.text))
            return
