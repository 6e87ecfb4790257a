"""`prover models`: the table of families, and what is sent to each, which the documentation shows as well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from prover.cli.main import cli
from prover.policies.llm.examples import STATE, example_prompt
from prover.policies.llm.families import FAMILIES, Family

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "models.md"
A_NAME = {
    "Llemma, Code Llama": "llemma_7b",
    "ReProver (ByT5)": "tacgen-byt5-small",
    "ReProver (decoders)": "reprover",
    "ntp-toolkit, with context": "ntp-mathlib-context",
    "ntp-toolkit": "ntp-mathlib-st",
    "DeepSeek-Prover-V1, V1.5": "DeepSeek-Prover-V1.5-RL",
    "Goedel-Prover-SFT, -DPO": "Goedel-Prover-SFT",
    "STP": "STP_model_Lean",
}
every_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["models", *arguments])
    return result.exit_code, result.output


def test_all_families_are_listed() -> None:
    code, output = run()
    assert code == 0
    assert all(family.name in output for family in FAMILIES)
    assert json.loads(run("--json")[1])["families"][0]["format"] == "llemma"


@every_family
def test_what_is_sent_is_printed_and_documented(family: Family) -> None:
    code, output = run(A_NAME.get(family.name, family.name), "--json")
    told = json.loads(output)
    assert code == 0
    assert told["family"] == family.name
    assert told["example"] == example_prompt(family)
    assert told["example"] in PAGE.read_text(encoding="utf-8")


@every_family
def test_what_is_sent_shows_the_theorem_and_its_header(family: Family) -> None:
    text = example_prompt(family)
    if family.prompt.whole_proof:
        assert "```lean4\nimport Mathlib\n\nopen Nat\n\n" in text
        assert "theorem divisor_le (a b : ℕ)" in text
        assert "A divisor of a positive number" in text or family.prompt.name == "stepfun"
    else:
        assert STATE in text
    if family.prompt.name == "ntp-ctx":
        assert "[CTX]\nimport Mathlib" in text


def test_correction_is_shown_where_there_is_one() -> None:
    code, output = run("Goedel-Prover-V2-8B", "--correction")
    assert code == 0
    assert "<error>simp [hc]</error>" in output
    code, output = run("DeepSeek-Prover-V2-7B", "--correction")
    assert code == 2
    assert "draws afresh" in output


def test_unknown_name_says_what_is_assumed() -> None:
    code, output = run("my-model")
    assert code == 0
    assert "note: my-model is none of the models" in output
    assert run("Kimina-Autoformalizer-7B")[0] == 2
