"""Searches as papers describe them, for `prover bench --protocol`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import click

from prover.core.budget import SearchBudget
from prover.settings import ModelSettings, Settings


@dataclass(frozen=True, slots=True)
class Protocol:
    """A published search: its policy, its limits, how the model is sampled, and what it needs a prompt file for."""

    policy: str
    budget: SearchBudget
    model: Mapping[str, Any] = field(default_factory=dict)
    prompt_file: str = ""


LONG, UNLIMITED = 600.0, 60_000.0
PROTOCOLS: Mapping[str, Protocol] = {
    "llemma-paper": Protocol(
        policy="model",
        budget=SearchBudget(
            expansions=100,
            candidates=32,
            effort=UNLIMITED,
            tactic_effort=UNLIMITED,
            timeout_s=LONG,
            tactic_timeout_s=LONG,
        ),
        model={"prompt": "llemma", "beam": True, "samples": 32, "rounds": 1, "temperature": 0.0, "max_tokens": 256},
        prompt_file="the authors' three examples: the prompt in proofsearch.py of wellecks/llemma_formal2formal, up to "
        "its last example",
    ),
}
"""`llemma-paper`: formal-to-formal proving of Azerbayev et al. 2023, section 3.3. 32 beams of a state, each state asked
once, 100 expansions, 600 s a theorem; nothing but that limits a tactic."""


def with_protocol(
    name: str | None, settings: Settings, budget: SearchBudget, policy: str | None
) -> tuple[Settings, SearchBudget, str | None]:
    """Return settings, budget and policy as a protocol has them, or as they are without one."""
    if name is None:
        return settings, budget, policy
    protocol = PROTOCOLS[name]
    if protocol.prompt_file and settings.model.prompt_file is None:
        raise click.UsageError(f"--protocol {name} needs --prompt-file with {protocol.prompt_file}")
    model = ModelSettings.model_validate(settings.model.model_dump() | dict(protocol.model))
    return settings.model_copy(update={"model": model}), protocol.budget, protocol.policy
