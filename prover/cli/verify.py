"""`prover verify`."""

from __future__ import annotations

import click
from rich.text import Text

from prover.assembly.environments import open_environment, theorem_reader
from prover.cli.exits import BAD_INPUT, MACHINE_FAULT, NOT_PROVED, OK
from prover.cli.options.environment import environment_options
from prover.cli.options.numbers import positive
from prover.cli.options.output import json_option
from prover.cli.read import read_text
from prover.cli.run import Stop, run
from prover.cli.show import console, invalid_as_json, print_json, show_invalid, show_messages
from prover.cli.verify_batch import Batch, batch_options, verify_batch
from prover.core.axioms import axioms_in_words
from prover.core.record import Verification
from prover.core.text import MAX_PROOF_BYTES, text_problem
from prover.errors import InvalidTheoremError
from prover.proving.verify import verify_text
from prover.settings import Settings


@click.command()
@click.argument("path", metavar="FILE", required=False)
@click.option("--against", metavar="STATEMENT.lean", help="Accept only a proof of exactly this statement.")
@batch_options
@environment_options
@click.option(
    "--timeout",
    type=positive("seconds"),
    metavar="SECONDS",
    help="Wall-clock limit.  [default: 300, or PROVER_VERIFY_TIMEOUT_S]",
)
@json_option("the verdict")
@click.pass_context
def verify(
    ctx: click.Context,
    path: str | None,
    against: str | None,
    batch: Batch | None,
    environment: str,
    settings: Settings,
    timeout: float | None,
    as_json: bool,
) -> None:
    """Verify a file of proofs.

    Accepts FILE ('-' is standard input) if it has no error and no `sorry`, uses standard axioms only, and the kernel
    accepts every declaration in a fresh process. With --against, FILE must prove exactly the theorems that
    STATEMENT.lean states with `sorry`, under the same header. Where that leaves a definition open (`abbrev answer : Nat
    := sorry`), FILE chooses its value, which is shown. Exit status: 0 accepted, 1 rejected, 2 bad input, 3 machine
    fault or no verdict in time.

    With --batch, each line of a file asks about a text, and gets one line with the verdict, in the same order. A line
    has `source` (a file), `source` and `statement` (as with --against), or `statement` and `answer` (what a model
    wrote, read as `prover reward` reads it), and may have a `name`. The exit status is that of the worst line.

    \b
      prover verify proved.lean
      prover verify proved.lean --against statement.lean
      prover verify T.thy --environment isabelle
      prover verify --batch answers.jsonl --output verdicts.jsonl --resume
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    if batch is not None:
        if path is not None or against is not None:
            raise click.UsageError("--batch takes neither FILE nor --against: each line has its own")
        ctx.exit(verify_batch(batch, environment, settings, timeout_s=timeout or settings.verify_timeout_s))
    if path is None:
        raise click.UsageError("give FILE, or --batch FILE.jsonl")
    text, statement = read_text(path), None if against is None else read_text(against)
    limit = timeout or settings.verify_timeout_s
    try:
        read = theorem_reader(environment, settings)
        stated = None if statement is None else read(statement)
        verification = _screened(text)
        if verification is None:

            async def work(_: Stop) -> Verification:
                assistant = open_environment(environment, settings)
                try:
                    return await verify_text(text, assistant, read=read, against=stated, timeout_s=limit)
                finally:
                    await assistant.close()

            verification = run(work)
    except InvalidTheoremError as error:
        if as_json:
            print_json(invalid_as_json(error))
        else:
            show_invalid(error, statement)
        ctx.exit(BAD_INPUT)
    if as_json:
        print_json(
            {
                "verdict": verification.verdict,
                "axioms": list(verification.axioms),
                **verification.model_dump(mode="json"),
            }
        )
    else:
        _show(verification, text)
    ctx.exit(_STATUS[verification.verdict])


_STATUS = {"accepted": OK, "rejected": NOT_PROVED, "timed_out": MACHINE_FAULT}


def _screened(text: str) -> Verification | None:
    """Return the rejection of text that is not worth parsing, None for text to be checked."""
    problem = text_problem(text, most_bytes=MAX_PROOF_BYTES) or (None if text.strip() else "the text is empty")
    return Verification(accepted=False, environment="none", reason=problem) if problem else None


def _show(verification: Verification, text: str) -> None:
    show_messages(verification.messages, text)
    if verification.verdict == "timed_out":
        advice = "nothing is known of the proof; try a larger --timeout"
        console.print(
            Text.assemble(("timed out", "bold yellow"), f"   {verification.reason}; {advice}"), soft_wrap=True
        )
        return
    if not verification.accepted:
        console.print(Text.assemble(("rejected", "bold red"), f"   {_reason(verification)}"), soft_wrap=True)
        return
    console.print(
        Text.assemble(
            ("accepted", "bold green"),
            f"   {verification.environment}   tier {verification.tier}   {verification.elapsed_s:.1f} s",
        )
    )
    for theorem in verification.theorems:
        axioms = axioms_in_words(theorem.axioms, with_library=theorem.rests_on_library)
        console.print(Text(f"  {theorem.name}   {axioms}"), soft_wrap=True)
    for definition in verification.definitions:
        console.print(Text(f"  {definition.name} := {definition.value}   chosen by the proof"), soft_wrap=True)


def _reason(verification: Verification) -> str:
    """Return why it is rejected, without the text of an error that stands above already."""
    reason = verification.reason or ""
    for message in verification.messages:
        reason = reason.replace(f": {message.text}", "", 1)
    return reason
