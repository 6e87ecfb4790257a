"""What `prover prove` prints of a record."""

from __future__ import annotations

from rich.text import Text

from prover.cli.closest import marked, show_advice, show_closest
from prover.cli.read import write_text
from prover.cli.show import console, out, print_json
from prover.cli.show_refutation import show_contradiction, show_refutation
from prover.cli.trace import TraceFiles
from prover.core.axioms import axioms_in_words
from prover.core.plurals import counted
from prover.core.record import ProofRecord


def show_record(
    record: ProofRecord, *, output: str | None, unfinished: bool, as_json: bool, traces: TraceFiles
) -> None:
    """Print a record and write the files that were asked for: the proof, or the closest unfinished one; the traces.

    It is printed first: where the disk is full, a proof is not lost.
    """
    if as_json:
        print_json(record.model_dump(mode="json"))
    else:
        _show(record)
    answer = record.proof or (marked(record) if unfinished else None)
    if answer and output:
        write_text(output, answer)
        if not as_json:
            taken_up = "" if record.proof else "; `prover fill` takes the unfinished proof up"
            console.print(f"written to {output}{taken_up}", soft_wrap=True)
    for written in traces.write(record):
        if not as_json:
            console.print(f"written to {written}", soft_wrap=True)


def _show(record: ProofRecord) -> None:
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
        return
    if record.refutation:
        show_refutation(record.refutation, record.name)
        return
    why = record.search.why_not_proved
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

    show_closest(record)
    show_advice(record)
