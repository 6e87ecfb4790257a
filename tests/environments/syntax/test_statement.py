from __future__ import annotations

import json
from pathlib import Path

import pytest

from prover.environments.syntax.isabelle.statement import IsabelleStatement, isabelle_theorem
from prover.errors import InvalidTheoremError


def test_statement_may_have_a_proof_left_out_or_none() -> None:
    for end in ("", " sorry", "\n  oops", r" \<proof>", " (* later *)"):
        statement = IsabelleStatement.read(f'lemma t: "x = (x::nat)"{end}')
        assert (statement.name, statement.text, statement.proof) == ("t", 'lemma t: "x = (x::nat)"', "")


def test_statement_without_a_name_gets_one() -> None:
    assert IsabelleStatement.read('lemma "True"').text == 'lemma statement: "True"'
    assert IsabelleStatement.read('theorem fixes x :: nat shows "x = x"').name == "statement"
    assert IsabelleStatement.read('lemma [simp]: "True"').text == 'lemma statement[simp]: "True"'


def test_whole_theory_gives_imports_header_statement_and_proof() -> None:
    text = (
        'theory T imports Main "HOL-Library.Multiset" begin\n'
        'definition f where "f = (1::nat)" (* one *)\n'
        'theorem t: "f = 1"\n  by (simp add: f_def)\nend\n'
    )
    statement = IsabelleStatement.read(text)
    assert statement.imports == ("Main", "HOL-Library.Multiset")
    assert statement.header == 'definition f where "f = (1::nat)"'
    assert statement.proof == "by (simp add: f_def)"
    again = IsabelleStatement.read(statement.theory("U", statement.imports, statement.proof))
    assert again.words == statement.words
    assert again.proof == statement.proof


def test_unicode_is_written_as_isabelle_has_it() -> None:
    assert IsabelleStatement.read('lemma t: "∀x. x ≤ y ⟹ x² ∈ A"').text == (
        r'lemma t: "\<forall>x. x \<le> y \<Longrightarrow> x\<^sup>2 \<in> A"'
    )


def test_assumptions_are_seen() -> None:
    assert IsabelleStatement.read('theorem t: assumes "P" shows "P"').assumes
    assert not IsabelleStatement.read('theorem t: "assumes = 1"').assumes


def test_imports_of_a_theorem_are_the_texts_own_or_the_given() -> None:
    assert isabelle_theorem('lemma t: "True"', ("Main",)).imports == ("Main",)
    assert isabelle_theorem('theory T imports Pure begin lemma t: "True" end', ("Main",)).imports == ("Pure",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        'definition "x = (1::nat)"',
        'lemma t: "x',
        'lemma t: "True" lemma',
        'lemma t: "True" ML \\<open>1\\<close>',
        'lemma (in group) t: "True"',
        "lemma t:",
        'lemma a.b: "True"',
        'schematic_goal t: "?x"',
        'theory T imports Main begin lemma t: "True"',
        'theory T imports Main keywords "foo" begin lemma t: "True" end',
        'theory T imports "../evil" begin lemma t: "True" end',
        'lemma t: "True" notes [[quick_and_dirty]] shows "False"',
        'axiomatization where bad: "False" lemma t: "True"',
        'lemma t: "日本"',
        'lemma t: "<apply to top level state>"',
    ],
)
def test_text_that_is_no_statement_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(InvalidTheoremError) as error:
        IsabelleStatement.read(text)
    assert error.value.reason


def test_every_recorded_statement_is_read(shared_data: Path) -> None:
    rows = map(json.loads, (shared_data / "isabelle_transcripts.jsonl").read_text().splitlines())
    openings = [row["command"] for row in rows if row["step_index"] == 0 and row.get("mode_after") == "proof"]
    assert len(openings) > 150
    for command in openings:
        if not command.startswith("schematic_goal"):
            assert IsabelleStatement.read(command).text.split() == command.split()
