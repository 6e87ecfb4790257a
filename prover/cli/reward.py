"""`prover reward`."""

from __future__ import annotations

import re

import click
from rich.text import Text

from prover.assembly.environments import open_environment, theorem_reader
from prover.cli.exits import BAD_INPUT, MACHINE_FAULT, NOT_PROVED, OK
from prover.cli.options.environment import environment_options
from prover.cli.options.numbers import positive
from prover.cli.read import read_text
from prover.cli.run import Stop, run
from prover.cli.show import invalid_as_json, out, print_json, show_invalid
from prover.errors import InvalidTheoremError
from prover.rewards.verifier import ProofRewards, Reward
from prover.settings import Settings

_UNPROVED = re.compile(r"\s*:=(?:\s*by)?(?:\s*sorry)?\s*\Z")


@click.command()
@click.argument("statement_path", metavar="STATEMENT.lean")
@click.argument("answer_path", metavar="ANSWER.txt")
@environment_options
@click.option(
    "--timeout",
    type=positive("seconds"),
    metavar="SECONDS",
    help="Wall-clock limit.  [default: 300, or PROVER_VERIFY_TIMEOUT_S]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the reward as JSON.")
@click.pass_context
def reward(
    ctx: click.Context,
    statement_path: str,
    answer_path: str,
    environment: str,
    settings: Settings,
    timeout: float | None,
    as_json: bool,
) -> None:
    """Print the reward of a model's answer: 1 if it proves the statement, 0 if not.

    STATEMENT.lean has the theorem up to `:= by`, with its header. ANSWER.txt ('-' is standard input) is what a model
    wrote: a proof, or text that holds one. Lemmas that it declares beside the theorem are verified with it. Exit
    status: 0 reward 1, 1 reward 0, 2 bad input, 3 machine fault (no reward: nothing was learnt about the answer).

    \b
      prover reward statement.lean answer.txt
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    if environment == "isabelle":
        raise click.UsageError("answers are read as Lean only")
    stated, answer = read_text(statement_path), read_text(answer_path)
    try:
        theorem = theorem_reader(environment, settings)(_without_proof(stated))

        async def work(_: Stop) -> Reward:
            limit = timeout or settings.verify_timeout_s
            rewards = ProofRewards(open_environment(environment, settings), timeout_s=limit)
            try:
                return (await rewards.score([theorem], [answer]))[0]
            except* InvalidTheoremError as group:
                raise _first(group) from None
            finally:
                await rewards.close()

        found = run(work)
    except InvalidTheoremError as error:
        if as_json:
            print_json(invalid_as_json(error))
        else:
            show_invalid(error, stated)
        ctx.exit(BAD_INPUT)
    if as_json:
        print_json({"reward": found.value, "reason": found.reason, "helpers": list(found.helpers)})
    else:
        _show(found)
    ctx.exit(MACHINE_FAULT if found.value is None else OK if found.value else NOT_PROVED)


def _without_proof(text: str) -> str:
    """Return a statement without the `:= by sorry` that it may end in."""
    return _UNPROVED.sub("", text.rstrip())


def _first(group: BaseExceptionGroup[InvalidTheoremError]) -> InvalidTheoremError:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, InvalidTheoremError)  # the group holds nothing else
    return error


def _show(found: Reward) -> None:
    if found.value is None:
        out.print(Text.assemble(("no reward", "bold yellow"), f"   {found.reason}"))
    elif found.value:
        named = f" with {', '.join(found.helpers)}" if found.helpers else ""
        out.print(Text.assemble(("1.0", "bold green"), f"   the answer proves the statement{named}"))
    else:
        out.print(Text.assemble(("0.0", "bold red"), f"   {found.reason}"))
