"""`prover models`."""

from __future__ import annotations

from typing import Any

import click

from prover.cli.exits import BAD_INPUT
from prover.cli.show import out, print_json, show_error
from prover.policies.llm.examples import example_prompt
from prover.policies.llm.families import FAMILIES, Family, chosen_for


@click.command()
@click.argument("name", required=False)
@click.option("--correction", is_flag=True, help="Show what is sent after a proof that failed.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_context
def models(ctx: click.Context, name: str | None, correction: bool, as_json: bool) -> None:
    """List the language models that are known, and how each is asked.

    With the NAME of a model: to which family it belongs, the numbers that its authors publish, and an example of what
    is sent. Models of other names are asked like base models.

    \b
      prover models
      prover models Goedel-LM/Goedel-Prover-V2-8B --correction
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    if name is None:
        if as_json:
            print_json({"families": [about(family) for family in FAMILIES]})
        else:
            out.print("\n".join(_lines()), markup=False)
        return
    try:
        chosen = chosen_for(name)
    except ValueError as error:
        show_error(str(error))
        ctx.exit(BAD_INPUT)
    family = chosen.family
    if correction and not family.prompt.corrects:
        show_error(
            f"{family.prompt.name} is not made for corrections: what failed is not shown, the model draws afresh"
        )
        ctx.exit(BAD_INPUT)
    example = example_prompt(family, corrected=correction)
    if as_json:
        print_json({**about(family), "assumed": list(chosen.notes), "example": example})
        return
    for note in chosen.notes:
        out.print(f"note: {note}", markup=False)
    for key, value in about(family).items():
        out.print(f"{key.replace('_', ' ')}: {value}", markup=False)
    out.print(f"\n{example}", markup=False)


def about(family: Family) -> dict[str, Any]:
    """Return everything about a family, by name."""
    prompt = family.prompt
    return {
        "family": family.name,
        "names": family.names,
        "endpoint": family.endpoint,
        "format": prompt.name,
        "asks_for": "a whole proof" if prompt.whole_proof else "a tactic",
        "samples": prompt.samples,
        "temperature": prompt.temperature,
        "top_p": prompt.top_p,
        "max_tokens": prompt.max_tokens,
        "context": family.context,
        "score": "log-probability a token" if family.normalised else "log-probability",
        "rounds": family.rounds,
        "corrections": family.corrections,
        "words": "ours" if prompt.own_words else "as published, or none",
        "source": family.source,
        "note": family.note,
    }


def _lines() -> list[str]:
    """Return the table of all families, a line each."""
    rows = [("models", "format", "endpoint", "answers", "tokens", "rounds")]
    for family in FAMILIES:
        prompt = family.prompt
        drawn = f"{prompt.samples} beams" if family.beam else f"{prompt.samples} at T {prompt.temperature:g}"
        rows.append(
            (
                family.name,
                prompt.name,
                family.endpoint,
                drawn if prompt.top_p == 1 else f"{drawn}, top_p {prompt.top_p:g}",
                f"{prompt.max_tokens:,} of {family.context:,}",
                f"{family.rounds}, corrects" if family.corrections else str(family.rounds),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
