"""`prover prove`."""

from __future__ import annotations

import click
from rich.text import Text

from prover.assembly.environments import open_environment, theorem_reader
from prover.assembly.policies import open_policy
from prover.cli.exits import BAD_INPUT, CANCELLED, NOT_PROVED
from prover.cli.options.budget import budget_options
from prover.cli.options.environment import environment_options
from prover.cli.options.model import policy_options
from prover.cli.progress import SearchProgress
from prover.cli.read import check_writable, read_text, write_text
from prover.cli.refute import show_contradiction, show_refutation
from prover.cli.run import Stop, run
from prover.cli.show import console, invalid_as_json, out, print_json, show_invalid
from prover.cli.trace import TraceFiles
from prover.core.axioms import axioms_in_words
from prover.core.budget import SearchBudget
from prover.core.effort import Limit
from prover.core.plurals import counted
from prover.core.record import ProofRecord, StopReason
from prover.errors import InvalidTheoremError, ProverError
from prover.proving.prove import REFUTING, prove_theorem
from prover.settings import Settings


@click.command()
@click.argument("statement", required=False)
@click.option("--file", "path", metavar="F.lean", help="Read the statement from a file; '-' is standard input.")
@policy_options
@environment_options
@click.option(
    "--informal",
    metavar="WORDS.txt",
    help="File with the problem, and perhaps its solution, in words: for --policy sketch.",
)
@budget_options(SearchBudget())
@click.option("--seed", type=int, default=0, show_default=True, help="Random seed, for policies that sample.")
@click.option(
    "--refute/--no-refute",
    "refuting",
    default=True,
    show_default=True,
    help="Look for counterexamples as well, first and after the search (embedded Lean; not with --tree or --trace).",
)
@click.option(
    "--test-goals",
    is_flag=True,
    help="Test every new goal at a few small values, and put off what is false (embedded Lean).",
)
@click.option("--output", metavar="PROVED.lean", help="Write the theorem with its proof to a file.")
@click.option("--tree", "tree_path", metavar="TREE.html", help="Write the search tree as a web page.")
@click.option("--trace", "trace_path", metavar="TRACE.json", help="Write the search tree as JSON.")
@click.option("--json", "as_json", is_flag=True, help="Print the proof record as JSON.")
@click.pass_context
def prove(
    ctx: click.Context,
    statement: str | None,
    path: str | None,
    environment: str,
    policy_name: str | None,
    settings: Settings,
    informal: str | None,
    budget: SearchBudget,
    seed: int,
    refuting: bool,
    test_goals: bool,
    output: str | None,
    tree_path: str | None,
    trace_path: str | None,
    as_json: bool,
) -> None:
    """Search for a proof of a theorem and verify it.

    STATEMENT is Lean: `theorem NAME BINDERS : TYPE`, with or without `:= by sorry`. It may start with `lemma` or
    `example`, and a header may precede it: imports, open, definitions, notation. For Isabelle: `lemma NAME: "..."`, or
    `theorem NAME: fixes ... assumes ... shows "..."`. Exit status: 0 proved, 1 not proved, 2 bad input, 3 machine
    fault.

    \b
      prover prove "theorem t (a b : Nat) : a + b = b + a"
      prover prove --file statement.lean --timeout 30 --output proved.lean
      prover prove --file statement.lean --model http://localhost:8000
      prover prove --environment lean-project --project ~/my-project --file statement.lean
      prover prove --environment isabelle 'lemma t: "rev (rev xs) = xs"'
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    if (statement is None) == (path is None):
        raise click.UsageError("give either a STATEMENT or --file")
    text = statement if statement is not None else read_text(path or "-")
    words = read_text(informal) if informal else ""
    if output:
        check_writable(output)
    source: str | None = None
    traces = TraceFiles(text, page=tree_path, data=trace_path)
    try:
        theorem = theorem_reader(environment, settings)(text)
        source = theorem.source

        async def work(cancel: Stop) -> ProofRecord:
            assistant = open_environment(environment, settings)
            try:
                async with open_policy(
                    policy_name, settings, without_model=True, environment=environment, informal=words
                ) as generator:
                    with SearchProgress(budget, quiet=as_json) as progress, cancel.heeded():
                        return await prove_theorem(
                            theorem,
                            environment=assistant,
                            generator=generator,
                            budget=budget,
                            seed=seed,
                            verify_timeout_s=settings.verify_timeout_s,
                            listener=traces.with_listener(progress.update),
                            cancel=cancel,
                            refuting=REFUTING if refuting and not (tree_path or trace_path) else 0.0,
                            test_goals=test_goals,
                        )
            finally:
                await assistant.close()

        record = run(work)
    except InvalidTheoremError as error:
        if as_json:
            print_json(invalid_as_json(error))
        else:
            show_invalid(error, source)
        ctx.exit(BAD_INPUT)
    except (ProverError, KeyboardInterrupt):
        traces.write(None)
        raise
    if record.proof and output:
        write_text(output, record.proof)
    if as_json:
        print_json(record.model_dump(mode="json"))
    else:
        _show(record, output)
    for written in traces.write(record):
        if not as_json:
            console.print(f"written to {written}", soft_wrap=True)
    if record.search.stop is StopReason.CANCELLED:
        ctx.exit(CANCELLED)
    ctx.exit(0 if record.proved else NOT_PROVED)


def _show(record: ProofRecord, output: str | None) -> None:
    for note in record.notes:
        console.print(Text.assemble(("note", "bold yellow"), f" {note}"), soft_wrap=True)
    spent = record.search.statistics
    counts = (
        f"{counted(spent.expansions, 'expansion')}, {counted(spent.tactics, 'tactic')}, effort {spent.effort:.2f}, "
        f"{record.elapsed_s:.1f} s"
    )
    if record.verification and record.proved:
        axioms = axioms_in_words(record.verification.axioms, with_library=record.verification.rests_on_library)
        console.print(
            Text.assemble(
                ("proved", "bold green"), f" {record.name}   {counts}   {record.environment}   "
                f"tier {record.verification.tier}   {axioms}",
            ),
            soft_wrap=True,
        )  # fmt: skip
        if record.contradiction:
            show_contradiction(record.contradiction)
        out.print(Text(record.proof or ""), end="")
        if output:
            console.print(f"written to {output}")
        return
    if record.refutation:
        show_refutation(record.refutation, record.name)
        return
    why = _why(record)
    console.print(Text.assemble(("not proved", "bold yellow"), f" {record.name}   {counts}   {why}"), soft_wrap=True)
    if cut_off := [
        f"{counted(many, 'tactic')} {what}"
        for many, what in (
            (spent.out_of_effort, "ran out of effort"),
            (spent.timed_out, "ran out of time or memory"),
            (spent.not_tried, "not tried"),
        )
        if many
    ]:
        console.print(f"  {', '.join(cut_off)}", soft_wrap=True)
    for refused in record.refused:
        console.print(Text(f"refused by verification: {refused}"), soft_wrap=True)


def _why(record: ProofRecord) -> str:
    search, advice = record.search, ""
    if search.stop is StopReason.EXHAUSTED:
        advice = "; another policy may know more"
    if search.stop is StopReason.BUDGET_SPENT:
        advice = f"; try a larger {_OPTIONS[search.limit or Limit.TIME]}"
    return search.why_not_proved + advice


_OPTIONS = {Limit.EFFORT: "--effort", Limit.TIME: "--timeout", Limit.EXPANSIONS: "--expansions"}
