"""`prover grade`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from rich.text import Text

from prover.cli.exits import BAD_INPUT, NOT_PROVED, OK
from prover.cli.extras import needs
from prover.cli.read import read_text
from prover.cli.show import out, print_json

NAMES = ("gsm8k", "math", "ocw", "mmlu_stem", "sat")
WITH_PROGRAMS = ("gsm8k", "math")


@click.command()
@click.argument("benchmark", type=click.Choice(NAMES))
@click.option(
    "--gold", metavar="TEXT", required=True, help="What is expected: an answer, or a solution that ends in it."
)
@click.option("--answer", metavar="TEXT", help="What a model wrote, or only its answer.")
@click.option(
    "--program", metavar="FILE-OR-TEXT", help="A program, run in a sandbox; its last line counts (gsm8k and math only)."
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
@click.pass_context
@needs("grade")
def grade(
    ctx: click.Context, benchmark: str, gold: str, answer: str | None, program: str | None, as_json: bool
) -> None:
    """Judge one answer as `prover eval` does, and say what was compared.

    Numbers are compared exactly: decimals have a tolerance where the benchmark gives one. Exit status: 0 correct,
    1 wrong, 2 no answer could be read.

    \b
      prover grade math --gold '3\\frac12' --answer 3.5
      prover grade gsm8k --gold 29 --answer '29 in all. #### \\$29'
      prover grade math --gold 'x=4' --program 'print(2 + 2)'
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    if (answer is None) == (program is None):
        raise click.UsageError("give either --answer or --program")
    if program is not None and benchmark not in WITH_PROGRAMS:
        raise click.UsageError(f"--program is for gsm8k and math, not {benchmark}")
    from prover.bench.mathematics.grading import Judgement, grade_program
    from prover.bench.mathematics.grading import grade as graded

    found = graded(benchmark, gold, answer) if answer is not None else grade_program(benchmark, gold, _source(program))
    if as_json:
        print_json(asdict(found))
    else:
        style = {Judgement.CORRECT: "bold green", Judgement.WRONG: "bold red"}.get(found.verdict, "bold yellow")
        out.print(Text.assemble((str(found.verdict), style), f"   {found.reason}" if found.reason else ""))
        for what, text, read in (("expected", found.gold, found.gold_read), ("given", found.answer, found.answer_read)):
            out.print(Text(f"  {what:<10}{text}{f'   read as {read}' if read and read != text else ''}"))
    ctx.exit({Judgement.CORRECT: OK, Judgement.WRONG: NOT_PROVED, Judgement.UNREADABLE: BAD_INPUT}[found.verdict])


def _source(program: str | None) -> str:
    """Return a program: of the file, if there is one of that name."""
    text = program or ""
    try:
        is_file = Path(text).is_file()
    except (OSError, ValueError):  # a program is seldom a possible name of a file
        is_file = False
    if not is_file and text.endswith(".py") and len(text.split()) == 1:
        raise click.UsageError(f"there is no file {text}")
    return read_text(text) if is_file or text == "-" else text
