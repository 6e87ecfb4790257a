"""Refutations and empty theorems as people read them."""

from __future__ import annotations

from rich.text import Text

from prover.cli.show import console, out
from prover.core.record import Contradiction, Refutation


def show_contradiction(found: Contradiction) -> None:
    """Print that a theorem says nothing."""
    console.print(Text.assemble(("vacuous", "bold yellow"), f"   {found.in_words}"), soft_wrap=True)


def show_refutation(found: Refutation, name: str = "") -> None:
    """Print for what the statement is false, and the verified proof of that."""
    values = f"false for {found.in_words}" if found.in_words else "false"
    verification = found.verification
    console.print(
        Text.assemble(
            ("refuted", "bold red"),
            f"{' ' if name else ''}{name}   {values}   {verification.environment}   tier {verification.tier}",
        ),
        soft_wrap=True,
    )
    out.print(Text(found.proof.rstrip()))
