"""`prover refute`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click
from rich.text import Text

from prover.assembly.environments import open_environment, theorem_reader
from prover.cli.exits import BAD_INPUT, NOT_PROVED
from prover.cli.options.environment import environment_options
from prover.cli.options.numbers import positive
from prover.cli.options.output import json_option
from prover.cli.options.statement import statement_options
from prover.cli.read import check_writable, write_text
from prover.cli.run import Stop, run
from prover.cli.show import console, invalid_as_json, out, print_json, show_invalid
from prover.cli.show_refutation import show_contradiction, show_refutation
from prover.core.record import Contradiction, Refutation
from prover.environments.isabelle.counterexamples import Suggestion
from prover.environments.isabelle.environment import IsabelleEnvironment
from prover.errors import InvalidTheoremError
from prover.proving.contradiction import find_contradiction
from prover.proving.refute import EFFORT
from prover.proving.refute import refute as find_refutation
from prover.proving.refute_isabelle import refute_in_isabelle
from prover.settings import Settings


@click.command()
@statement_options
@environment_options
@click.option(
    "--effort",
    type=positive("units"),
    metavar="UNITS",
    default=EFFORT,
    show_default=True,
    help="Work that Lean may do. A unit is about a second of an idle core, and the same on every machine. In Isabelle: "
    "seconds for each tool.",
)
@click.option("--output", metavar="REFUTED.lean", help="Write the proof that the statement is false to a file.")
@json_option("the refutation", " (null if there is none)")
@click.pass_context
def refute(
    ctx: click.Context,
    text: str,
    environment: str,
    settings: Settings,
    effort: float,
    output: str | None,
    as_json: bool,
) -> None:
    """Look for a counterexample of a statement and verify that the statement is false.

    Values are tried smallest first. A counterexample becomes a proof that the statement is false, and counts only if
    the kernel accepts that proof. A statement that holds because its hypotheses contradict each other is said to be
    vacuous. In Isabelle, quickcheck and nitpick are asked; what they claim and no proof shows is said to be unchecked.
    Exit status: 0 refuted, 1 not refuted (the statement may still be false).

    \b
      prover refute "theorem t (a b : Nat) : a - b + b = a"
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    if output:
        check_writable(output)
    try:
        theorem = theorem_reader(environment, settings)(text)

        async def work(cancel: Stop) -> _Answers:
            assistant = open_environment(environment, settings)
            limit = settings.verify_timeout_s
            try:
                if isinstance(assistant, IsabelleEnvironment):
                    claims = await refute_in_isabelle(
                        theorem, assistant, effort=effort, verify_timeout_s=limit, cancel=cancel
                    )
                    return _Answers(claims.refutation, None, claims.unchecked, claims.silent)
                if refutation := await find_refutation(
                    theorem, assistant, effort=effort, verify_timeout_s=limit, cancel=cancel
                ):
                    return _Answers(refutation)
                return _Answers(
                    None, await find_contradiction(theorem, assistant, verify_timeout_s=limit, cancel=cancel)
                )
            finally:
                await assistant.close()

        answers = run(work)
    except InvalidTheoremError as error:
        if as_json:
            print_json(invalid_as_json(error))
        else:
            show_invalid(error, text)
        ctx.exit(BAD_INPUT)
    if as_json:
        print_json(answers.as_json())
    else:
        _show(answers)
    found = answers.refutation
    if found and output:
        write_text(output, found.proof)
    ctx.exit(0 if found else NOT_PROVED)


@dataclass(frozen=True, slots=True)
class _Answers:
    """What became of the search. `unchecked`: claims of Isabelle's tools; `silent`: why one did not run."""

    refutation: Refutation | None = None
    contradiction: Contradiction | None = None
    unchecked: tuple[Suggestion, ...] = ()
    silent: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        found = {"refutation": self.refutation, "contradiction": self.contradiction}
        return {
            **{name: answer and answer.model_dump(mode="json") for name, answer in found.items()},
            "unchecked": [{"by": claim.by, "counterexample": dict(claim.values)} for claim in self.unchecked],
        }


def _show(answers: _Answers) -> None:
    if answers.refutation:
        show_refutation(answers.refutation)
    elif answers.contradiction:
        show_contradiction(answers.contradiction)
        out.print(Text((answers.contradiction.verification.source or "").rstrip()))
    else:
        why = "no counterexample among the values tried; a larger --effort tries more"
        if answers.unchecked:
            why = "; ".join(claim.in_words for claim in answers.unchecked)
        console.print(Text.assemble(("not refuted", "bold yellow"), f"   {why}"), soft_wrap=True)
    for reason in answers.silent:
        console.print(Text(reason, style="dim"), soft_wrap=True)
