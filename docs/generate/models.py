"""The families of models, and an example of what each is sent."""

from __future__ import annotations

from docs.generate.markdown import table
from prover.policies.llm.examples import example_prompt
from prover.policies.llm.families import FAMILIES, Family


def families() -> str:
    """Return the table of all families."""
    return table(
        (
            "models", "format", "endpoint", "samples", "temperature, top_p", "tokens: answer, context", "rounds",
            "score", "source",
        ),
        (
            (
                family.name,
                f"`{family.prompt.name}`",
                family.endpoint,
                str(family.prompt.samples),
                f"{family.prompt.temperature:g}, {family.prompt.top_p:g}",
                f"{family.prompt.max_tokens:,}, {family.context:,}",
                _rounds(family),
                "a token" if family.normalised else "sum",
                f"{family.source}{'; ' if family.note else ''}{family.note}",
            )
            for family in FAMILIES
        ),
    )  # fmt: skip


def prompts() -> str:
    """Return what is sent to each family for one theorem."""
    parts = []
    for family in FAMILIES:
        parts.append(f"### {family.name}\n\n````text\n{example_prompt(family)}\n````")
        if family.prompt.corrects:
            parts.append(f"After a proof that failed:\n\n````text\n{example_prompt(family, corrected=True)}\n````")
    return "\n\n".join(parts)


def _rounds(family: Family) -> str:
    if family.corrections:
        return f"{family.rounds}, {family.corrections} for each failure"
    return str(family.rounds)
