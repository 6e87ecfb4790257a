"""`prover prove`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from importlib import import_module

import click

from prover.assembly.environments import open_environment, theorem_reader
from prover.cli.exits import BAD_INPUT, CANCELLED, NOT_PROVED
from prover.cli.options.budget import budget_options
from prover.cli.options.environment import environment_options
from prover.cli.options.model import policy_options
from prover.cli.options.output import json_option
from prover.cli.options.statement import statement_options
from prover.cli.read import check_writable, read_text
from prover.cli.run import Stop, run
from prover.cli.trace import TraceFiles
from prover.core.budget import SearchBudget
from prover.core.record import ProofRecord, StopReason
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import InvalidTheoremError, ProverError
from prover.settings import Settings


@click.command()
@statement_options
@policy_options
@environment_options
@click.option(
    "--informal",
    metavar="WORDS.txt",
    help="File with the problem in words, and perhaps below a line `### Solution` its solution: for language models.",
)
@budget_options(SearchBudget())
@click.option("--seed", type=int, default=0, show_default=True, help="Random seed, for policies that sample.")
@click.option(
    "--refute/--no-refute",
    "refuting",
    default=True,
    show_default=True,
    help="Look for counterexamples as well, beside the search (embedded Lean; not with --tree or --trace).",
)
@click.option(
    "--test-goals",
    is_flag=True,
    help="Test every new goal at a few small values, and put off what is false (embedded Lean).",
)
@click.option("--output", metavar="PROVED.lean", help="Write the theorem with its proof to a file.")
@click.option(
    "--unfinished",
    is_flag=True,
    help="Without a proof, write the closest unfinished one to --output: marked, with `sorry` at the open goals.",
)
@click.option("--tree", "tree_path", metavar="TREE.html", help="Write the search tree as a web page.")
@click.option("--trace", "trace_path", metavar="TRACE.json", help="Write the search tree as JSON.")
@json_option("the proof record")
@click.pass_context
def prove(
    ctx: click.Context,
    text: str,
    environment: str,
    policy_name: str | None,
    settings: Settings,
    informal: str | None,
    budget: SearchBudget,
    seed: int,
    refuting: bool,
    test_goals: bool,
    output: str | None,
    unfinished: bool,
    tree_path: str | None,
    trace_path: str | None,
    as_json: bool,
) -> None:
    """Search for a proof of a theorem and verify it.

    STATEMENT is Lean: `theorem NAME BINDERS : TYPE`, with or without `:= by sorry`. It may start with `lemma` or
    `example`, and a header may precede it: imports, open, definitions, notation. For Isabelle: `lemma NAME: "..."`, or
    `theorem NAME: fixes ... assumes ... shows "..."`. Of a statement that is
    neither proved nor refuted, you are told how far the search got, and what would help. Exit status: 0 proved, 1 not
    proved, 2 bad input, 3 machine fault.

    \b
      prover prove "theorem t (a b : Nat) : a + b = b + a"
      prover prove --file statement.lean --timeout 30 --output proved.lean
      prover prove --file statement.lean --model http://localhost:8000
      prover prove --environment lean-project --project ~/my-project --file statement.lean
      prover prove --environment isabelle 'lemma t: "rev (rev xs) = xs"'
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    words = read_text(informal) if informal else ""
    if unfinished and not output:
        raise click.UsageError("--unfinished says what to write to --output; give that too")
    if output:
        check_writable(output)
    source: str | None = None
    traces = TraceFiles(text, page=tree_path, data=trace_path)
    try:
        theorem = replace(theorem_reader(environment, settings)(text), informal=words)
        source = theorem.source

        async def work(cancel: Stop) -> ProofRecord:
            assistant = open_environment(environment, settings)
            try:
                if isinstance(assistant, LeanWasmEnvironment):
                    assistant.start_ahead(theorem.imports, statement=theorem.body)
                search = await asyncio.to_thread(import_module, "prover.cli.search")
                record: ProofRecord = await search.searched(
                    theorem,
                    assistant,
                    policy=policy_name,
                    environment=environment,
                    settings=settings,
                    budget=budget,
                    seed=seed,
                    refuting=refuting and not traces.wanted,
                    test_goals=test_goals,
                    traces=traces,
                    quiet=as_json,
                    cancel=cancel,
                )
                return record
            finally:
                await assistant.close()

        record = run(work)
    except InvalidTheoremError as error:
        from prover.cli.show import invalid_as_json, print_json, show_invalid

        if as_json:
            print_json(invalid_as_json(error))
        else:
            show_invalid(error, source)
        ctx.exit(BAD_INPUT)
    except (ProverError, KeyboardInterrupt):
        traces.write(None)
        raise
    from prover.cli.show_record import show_record  # Lean starts before this, see prover.cli.search

    show_record(record, output=output, unfinished=unfinished, as_json=as_json, traces=traces)
    if record.search.stop is StopReason.CANCELLED:
        ctx.exit(CANCELLED)
    ctx.exit(0 if record.proved else NOT_PROVED)
