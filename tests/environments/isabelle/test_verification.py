"""What is verified, and what is not: with the first look at the text, and with that look taken away."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.core.record import Verification
from prover.core.theorem import Theorem
from prover.environments.isabelle import environment as environment_module
from prover.environments.isabelle.environment import IsabelleEnvironment
from prover.environments.isabelle.theories import Reports, root, theories
from prover.environments.isabelle.witness import guard_ml, new_mark
from prover.environments.syntax.isabelle.statement import IsabelleStatement
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from prover.proving.verify import verify, verify_source
from tests.conftest import HUNG_S
from tests.environments.isabelle.relays import Relay, free_ports, relaying, standin
from tests.environments.syntax.attacks import ATTACKS

FALSE = 'lemma cheat1: "(0::nat) = 1"'
WHOLE = 'lemma whole: "length (xs @ ys) = length (ys @ xs)"'
PROVED_BY = "proof (induct xs) case Nil show ?case by simp next case (Cons a xs) then show ?case by simp qed"
RECORDED_CHEATS = {
    "sorry": FALSE,
    "oops": FALSE,
    r"\<proof>": FALSE,
    'oops axiomatization where bad: "False"': FALSE,
    "proof - show ?thesis sorry qed": FALSE,
    r"proof - show ?thesis \<proof> qed": FALSE,
    r"by (tactic \<open>ALLGOALS (Skip_Proof.cheat_tac @{context})\<close>)": FALSE,
    'sorry lemma "False" using cheat1 by simp': FALSE,
    "by simp end": WHOLE,
    "by eval": 'lemma t: "gcd (12::nat) 18 = 6"',
    "by normalization": 'lemma t: "(2::nat) ^ 10 mod 10 = 4"',
}
"""Texts that the real Isabelle took, level 0 and no state behind them, and why they prove nothing all the same."""


async def checked(environment: IsabelleEnvironment, statement: str, proof: str) -> Verification:
    return await verify(Theorem.from_text(statement), [proof], environment, timeout_s=HUNG_S)


async def test_recorded_proof_is_accepted_and_its_theory_given_back(isabelle: IsabelleEnvironment) -> None:
    good = await checked(isabelle, WHOLE, PROVED_BY)
    assert good.accepted, good.reason
    assert good.tier == "A"
    assert good.theorems[0].name == "whole"
    assert good.source is not None
    assert IsabelleStatement.read(good.source).text == WHOLE
    again = await verify_source(
        Theorem.from_text(good.source), isabelle, against=Theorem.from_text(WHOLE), timeout_s=30
    )
    assert again.accepted


@pytest.mark.parametrize("name", ATTACKS)
async def test_attack_is_not_accepted(name: str, isabelle: IsabelleEnvironment) -> None:
    verdict = await checked(isabelle, FALSE, ATTACKS[name])
    assert not verdict.accepted
    assert verdict.reason


@pytest.mark.parametrize("proof", RECORDED_CHEATS)
async def test_what_isabelle_takes_is_refused_by_what_it_says_of_the_theorem(
    proof: str, isabelle: IsabelleEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without our look at the text: the guard and the kernel's answer decide alone."""
    monkeypatch.setattr(environment_module, "proof_problem", lambda text: None)
    verdict = await checked(isabelle, RECORDED_CHEATS[proof], proof)
    assert not verdict.accepted
    assert verdict.reason


@pytest.mark.parametrize("proof", RECORDED_CHEATS)
async def test_without_the_guard_too(
    proof: str, isabelle: IsabelleEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what the kernel says of the theorem is left."""
    monkeypatch.setattr(environment_module, "proof_problem", lambda text: None)
    monkeypatch.setattr("prover.environments.isabelle.verification.guard_ml", lambda *_: "declare [[show_types]]")
    verdict = await checked(isabelle, RECORDED_CHEATS[proof], proof)
    if proof != "by simp end":  # an honest proof, and nothing behind it; only leaving the theory is wrong
        assert not verdict.accepted


async def test_server_to_which_everything_is_finished_is_not_believed(recordings: Path) -> None:
    """`<is finished>` says true for whatever has been tried; the recorded kernel does not know such a theorem."""
    with relaying(free_ports(6), *standin(str(recordings), "--gullible")) as relay:
        environment = relay.environment(provers=False)
        async with environment.open(Theorem.from_text(FALSE)) as session:
            (outcome,) = await session.apply(session.initial, ["by blast"], timeout_s=10)
        assert type(outcome).__name__ == "Closed"  # the session can know no better
        verdict = await checked(environment, FALSE, "by blast")
    assert not verdict.accepted
    assert "no such theorem" in (verdict.reason or "")


async def test_search_goes_on_after_a_proof_that_was_refused(
    isabelle: IsabelleEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`by eval` closes the goal in the session, which is told to try it; verification says it rests on an oracle."""
    monkeypatch.setattr("prover.environments.isabelle.driver.proof_problem", lambda text, **_: None)
    record = await prove_theorem(
        Theorem.from_text('lemma t: "(2::nat) ^ 10 mod 10 = 4"'),
        environment=isabelle,
        generator=ScriptedPolicy(["by eval", "by code_simp", "by simp"]),
    )
    assert record.proved
    assert len(record.refused) == 1
    assert "oracle" in record.refused[0]


@pytest.mark.parametrize(
    "text",
    [
        FALSE + " sorry",
        FALSE,
        FALSE + " by eval",
        'axiomatization where bad: "(0::nat) = 1" ' + FALSE + " by (rule bad)",
        'lemma helper: "(0::nat) = 1" sorry ' + FALSE + " by (rule helper)",
        r"ML \<open>1\<close> " + WHOLE + " " + PROVED_BY,
        "what?",
    ],
)
async def test_file_without_a_proof_is_rejected(text: str, isabelle: IsabelleEnvironment) -> None:
    verdict = await verify_source(Theorem.from_text(text), isabelle, against=None, timeout_s=HUNG_S)
    assert not verdict.accepted
    assert verdict.reason


@pytest.mark.parametrize(
    "other",
    [
        'lemma whole: "length (xs @ ys) = length (ys @ xs) \\<or> True"',
        'lemma other: "length (xs @ ys) = length (ys @ xs)"',
        'theorem whole: "length (xs @ ys) = length (ys @ xs)"',
        'definition length where "length = (\\<lambda>x. 0)" ' + WHOLE,
        'lemma whole: assumes False shows "length (xs @ ys) = length (ys @ xs)"',
    ],
)
async def test_file_must_prove_exactly_the_statement(other: str, isabelle: IsabelleEnvironment) -> None:
    source = Theorem.from_text(f"{other} {PROVED_BY}")
    assert not (await verify_source(source, isabelle, against=Theorem.from_text(WHOLE), timeout_s=HUNG_S)).accepted


async def test_same_statement_in_other_white_space_and_symbols_is_the_same(isabelle: IsabelleEnvironment) -> None:
    stated = Theorem.from_text('lemma t:   "A ∧ B ⟶ B ∧ A"')
    proof = "apply (rule impI) apply (erule conjE) apply (rule conjI) apply assumption apply assumption done"
    source = Theorem.from_text(r'lemma (* x *) t: "A \<and> B \<longrightarrow> B \<and> A"' + f"\n{proof}")
    assert (await verify_source(source, isabelle, against=stated, timeout_s=HUNG_S)).accepted


async def test_verification_that_takes_too_long_is_a_no(isabelle: IsabelleEnvironment) -> None:
    verdict = await verify(Theorem.from_text(FALSE), ["apply hang"], isabelle, timeout_s=0.5)
    assert not verdict.accepted
    assert verdict.timed_out


async def test_process_that_ends_during_verification_is_a_no(relay: Relay) -> None:
    verdict = await verify(Theorem.from_text(FALSE), ["apply crash"], relay.environment(), timeout_s=10)
    assert not verdict.accepted


def test_theories_keep_the_proof_behind_the_guard() -> None:
    statement = IsabelleStatement.read('definition f where "f = (1::nat)" lemma t: "f = 1"')
    mark = new_mark()
    written = theories(
        statement, "by (simp add: f_def)", imports=("Main", "HOL-Library.Multiset"), names=("t",), mark=mark,
        reports=Reports("writeln", "writeln"),
    )  # fmt: skip
    assert "by (simp" not in written["Prover_Guard"]
    assert "by (simp" not in written["Prover_Claim"]
    assert 'imports Main "HOL-Library.Multiset" Prover_Guard' in written["Prover_Proof"]
    assert "quick_and_dirty" not in written["Prover_Proof"]
    assert all(text.isascii() for text in written.values())
    assert '"HOL-Library"' in root("S", "HOL", ("Main", "HOL-Library.Multiset"), timeout_s=60)


def test_proof_goes_into_ml_as_character_codes() -> None:
    proof = r'by (simp add: "x\<close>") ML \<open>' + '"; val x = "'
    ml = guard_ml(proof, new_mark())
    text = ml.split('val text = "')[1].split('";')[0]
    assert text == "".join(f"\\{ord(character):03d}" for character in proof)
    assert ml.count(r"\<close>") == 1
