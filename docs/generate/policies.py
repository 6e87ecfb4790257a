"""The policies, from their registry."""

from __future__ import annotations

from docs.generate.markdown import table
from prover.policies.registry import POLICIES


def policies() -> str:
    """Return the table of all policies."""
    return table(
        ("name", "what it does", "proof assistants", "needs a model"),
        (
            (f"`{entry.usage}`", entry.summary, entry.only or "all", "yes" if entry.needs_model else "no")
            for entry in POLICIES
        ),
    )
