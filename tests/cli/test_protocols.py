"""`prover bench --protocol`: the model is asked, and the search limited, as the paper says."""

from __future__ import annotations

from pathlib import Path

import pytest
from click import UsageError

from prover.cli.bench.protocols import PROTOCOLS, with_protocol
from prover.core.budget import SearchBudget
from prover.settings import ModelSettings, Settings

EXAMPLES = "Prove.\n\nTactic state:\n---\n⊢ True\n---\nNext tactic:\n---\ntrivial\n---\n"


@pytest.mark.parametrize("name", PROTOCOLS)
def test_protocol_needs_the_authors_examples(name: str) -> None:
    with pytest.raises(UsageError, match="needs --prompt-file"):
        with_protocol(name, Settings(), SearchBudget(), None)


def test_protocol_wins_over_other_options(tmp_path: Path) -> None:
    path = tmp_path / "shots.txt"
    path.write_text(EXAMPLES, encoding="utf-8")
    given = Settings(model=ModelSettings(prompt_file=path, samples=3, temperature=0.7))
    settings, budget, policy = with_protocol("llemma-paper", given, SearchBudget(expansions=7), "mixture")
    assert policy == "model"
    assert (budget.expansions, budget.candidates, budget.timeout_s) == (100, 32, 600.0)
    assert (settings.model.beam, settings.model.samples, settings.model.rounds) == (True, 32, 1)
    assert settings.model.temperature == 0.0
    assert settings.model.prompt_file == path


def test_no_protocol_changes_nothing() -> None:
    settings, budget = Settings(), SearchBudget()
    assert with_protocol(None, settings, budget, "closers") == (settings, budget, "closers")
