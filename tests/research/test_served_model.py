"""The served model's report, and that its small form is the same chain with less of everything."""

from __future__ import annotations

from dataclasses import fields

from prover.policies.llm.prompts.catalog import FORMATS
from research.served_model import FORMAT, SMALL, WHOLE, table


def test_the_report_has_a_line_before_and_one_after() -> None:
    said = table({"before": {"proved": 0, "total": 60}, "after": {"proved": 9, "total": 60}}).splitlines()
    assert len(said) == 3
    assert " ".join(said[1].split()) == "before trained on Python code only 0 of 60"
    assert " ".join(said[2].split()) == "after and then on steps of proofs 9 of 60"


def test_the_small_form_has_less_of_everything() -> None:
    for field in fields(SMALL):
        if field.name != "model":
            assert 0 < getattr(SMALL, field.name) < getattr(WHOLE, field.name)
    assert SMALL.model["num_hidden_layers"] < 5


def test_the_prompt_is_one_that_the_product_asks_with() -> None:
    assert FORMAT in FORMATS
