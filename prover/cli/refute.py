"""`prover refute`."""

from __future__ import annotations

import click
from rich.text import Text

from prover.assembly.environments import open_environment, theorem_reader
from prover.cli.environment import environment_options
from prover.cli.exits import BAD_INPUT, NOT_PROVED
from prover.cli.read import read_text, write_text
from prover.cli.run import Stop, run
from prover.cli.show import console, invalid_as_json, out, print_json, show_invalid
from prover.core.record import Refutation
from prover.errors import InvalidTheoremError
from prover.proving.refute import EFFORT
from prover.proving.refute import refute as find_refutation
from prover.settings import Settings


@click.command()
@click.argument("statement", required=False)
@click.option("--file", "path", metavar="F.lean", help="Read the statement from a file ('-': standard input).")
@environment_options
@click.option(
    "--effort",
    type=click.FloatRange(min=0, min_open=True, max=1e9),
    default=EFFORT,
    show_default=True,
    help="Work that the search may take; a unit is what an idle core of the reference machine does in a second.",
)
@click.option("--output", metavar="REFUTED.lean", help="Write the proof that the statement is false to a file.")
@click.option("--json", "as_json", is_flag=True, help="Print the refutation as JSON (null if there is none).")
@click.pass_context
def refute(
    ctx: click.Context,
    statement: str | None,
    path: str | None,
    environment: str,
    settings: Settings,
    effort: float,
    output: str | None,
    as_json: bool,
) -> None:
    """Look for a counterexample of a Lean statement and verify that the statement is false.

    Values are tried smallest first. What is found becomes a proof of the negation, and only a proof that the kernel
    accepts counts. Exit status: 0 refuted, 1 not refuted (which says nothing about truth).

    \b
      prover refute "theorem t (a b : Nat) : a - b + b = a"
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    if (statement is None) == (path is None):
        raise click.UsageError("give either a STATEMENT or --file")
    if environment == "isabelle":
        raise click.UsageError("counterexamples are looked for in Lean only")
    text = statement if statement is not None else read_text(path or "-")
    try:
        theorem = theorem_reader(environment, settings)(text)

        async def work(cancel: Stop) -> Refutation | None:
            assistant = open_environment(environment, settings)
            try:
                return await find_refutation(
                    theorem, assistant, effort=effort, verify_timeout_s=settings.verify_timeout_s, cancel=cancel
                )
            finally:
                await assistant.close()

        found = run(work)
    except InvalidTheoremError as error:
        if as_json:
            print_json(invalid_as_json(error))
        else:
            show_invalid(error, text)
        ctx.exit(BAD_INPUT)
    if as_json:
        print_json({"refutation": found.model_dump(mode="json") if found else None})
    else:
        _show(found)
    if found and output:
        write_text(output, found.proof)
    ctx.exit(0 if found else NOT_PROVED)


def _show(found: Refutation | None) -> None:
    if found is None:
        console.print(Text.assemble(("not refuted", "bold yellow"), "   no counterexample was found"), soft_wrap=True)
        return
    values = f"false for {found.in_words}" if found.in_words else "false"
    verification = found.verification
    console.print(
        Text.assemble(("refuted", "bold red"), f"   {values}   {verification.environment}   tier {verification.tier}"),
        soft_wrap=True,
    )
    out.print(Text(found.proof.rstrip()))
