"""Which texts the embedded Lean takes for a statement, how it reads them, and what it says about the others."""

from __future__ import annotations

import pytest

from prover.core.budget import SearchBudget
from prover.core.proof_state import Closed
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.syntax.lean.names import hint_for
from prover.errors import InvalidTheoremError
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from prover.proving.verify import verify, verify_source
from tests.conftest import HUNG_S


@pytest.mark.parametrize(
    "gap",
    [
        ":= sorry", ":= by sorry", ":= by\nsorry", ":= by\n  sorry;", ":= by (sorry)", ":= by\n  admit",
        ":= by exact sorry", ":= by exact (by sorry)", ":= (sorry)", ":= by { sorry }", ":= by\n  · sorry",
        ":= by refine sorry", ":= by (admit);", ":=\n  by -- todo\n  sorry -- later", ":= by", ":=", "",
    ],
)  # fmt: skip
async def test_gap_in_any_dress_is_no_proof(lean: LeanWasmEnvironment, gap: str) -> None:
    text = f"theorem t (m : Nat) : m + 0 = m {gap}\n"
    async with lean.open(Theorem.from_text(text)) as session:
        assert session.theorem.statement == "theorem t (m : Nat) : m + 0 = m"
        (outcome,) = await session.apply(session.initial, ["rfl"], timeout_s=HUNG_S)
        assert isinstance(outcome, Closed)
    verdict = await verify(Theorem.from_text(text), ["rfl"], lean, timeout_s=HUNG_S)
    assert verdict.accepted, verdict
    assert "sorry" not in (verdict.source or "")
    assert "admit" not in (verdict.source or "")


@pytest.mark.parametrize(
    "proof", [":= rfl", ":= by rfl", ":= by\n  intros\n  sorry", ":= by intros; sorry", ":= (rfl)"]
)
async def test_what_holds_more_than_a_gap_is_a_proof(lean: LeanWasmEnvironment, proof: str) -> None:
    with pytest.raises(InvalidTheoremError, match="already has a proof"):
        async with lean.open(Theorem.from_text(f"theorem t (m : Nat) : m + 0 = m {proof}")):
            pass


@pytest.mark.parametrize(
    ("text", "variables", "tactic"),
    [
        ("theorem t (xs : List α) : xs ++ [] = xs", ("α",), "simp"),
        ("theorem t (f : α → β) (x : α) : f x = f x", ("α", "β"), "rfl"),
        ("variable (xs : List α)\ntheorem t : xs.length = xs.length", ("α",), "rfl"),
        ("theorem t (x₁ : α') (k : Fin n) : x₁ = x₁ ∧ k = k", ("α'", "n"), "exact ⟨rfl, rfl⟩"),
        ("theorem t (n : Nat) (h : n = m) : m = n", ("m",), "exact h.symm"),
        ("set_option autoImplicit true in\ntheorem t (x : α) : x = x", (), "rfl"),
        ("theorem t (x : Nat) : x = x", (), "rfl"),
    ],
)
async def test_undeclared_name_is_a_variable_as_in_a_plain_file(
    lean: LeanWasmEnvironment, text: str, variables: tuple[str, ...], tactic: str
) -> None:
    record = await prove_theorem(
        Theorem.from_text(text),
        environment=lean,
        generator=ScriptedPolicy([tactic]),
        budget=SearchBudget(effort=5),
    )
    assert record.proved
    told = [note for note in record.notes if "autoImplicit" in note]
    assert len(told) == bool(variables)
    assert all(name in told[0] for name in variables)
    stated, proved = Theorem.from_text(text), Theorem.from_text(record.proof or "")
    assert (await verify_source(proved, lean, against=stated, timeout_s=HUNG_S)).accepted


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("theorem t (n : nat) : n + 0 = n", ["did you mean Nat"]),
        ("theorem t (n : nat) : n = n", ["did you mean Nat"]),
        ("theorem t (xs : list nat) (k : int) : xs = xs", ["List", "Nat", "Int"]),
        ("theorem t (n : ℕ) : n = n", ["did you mean Nat", "--mathlib"]),
        ("theorem t (x : ℝ) : x = x", ["prover setup --mathlib", "--environment lean-project", "lean-projects.md"]),
        ("theorem t (s : Finset Nat) : s = s", ["--mathlib"]),
        ("theorem t (x : Nat) : Real.sqrt x = 0", ["--mathlib"]),
        ("import Mathlib.Data.Nat.Prime\ntheorem t : 1 = 1", ["--mathlib"]),
        ("theorem t (x y : Nat) : x.foo = y", []),
        ("theorem t : undefinedName = undefinedName", []),
        ("theorem t (xs : List α) (x : Elem) : x = x", []),
    ],
)
async def test_slips_and_mathlib_names_get_a_hint(lean: LeanWasmEnvironment, text: str, says: list[str]) -> None:
    with pytest.raises(InvalidTheoremError) as caught:
        async with lean.open(Theorem.from_text(text)):
            pass
    assert all(words in (caught.value.hint or "") for words in says)
    assert bool(says) or "--mathlib" not in (caught.value.hint or "")
    assert "autoImplicit" not in caught.value.reason
    texts = [message.text for message in caught.value.messages]
    assert len(set(texts)) == len(texts)


async def test_error_is_leans_own_where_the_names_are_variables(lean: LeanWasmEnvironment) -> None:
    with pytest.raises(InvalidTheoremError) as caught:
        async with lean.open(Theorem.from_text("theorem t (xs ys : List α) : xs.foo = ys")):
            pass
    assert "foo" in caught.value.reason
    assert "α`" not in caught.value.reason.split("\n")[0]


async def test_function_that_is_declared_nowhere_is_an_unknown_name(lean: LeanWasmEnvironment) -> None:
    with pytest.raises(InvalidTheoremError, match="Unknown identifier `g`"):
        async with lean.open(Theorem.from_text("theorem t (n : Nat) : g n = n")):
            pass


@pytest.mark.parametrize("tactic", ["norm_num", "linarith", "nlinarith [sq_nonneg n]", "simp\n  ring", "positivity"])
async def test_unknown_tactic_of_mathlibs_gets_a_hint(lean: LeanWasmEnvironment, tactic: str) -> None:
    text = Theorem.from_text(f"theorem t (n : Nat) : 0 ≤ n * n + 1 := by\n  {tactic}")
    verdict = await verify_source(text, lean, timeout_s=HUNG_S)
    assert verdict.verdict == "rejected"
    assert "prover setup --mathlib" in (verdict.reason or "")


async def test_other_unknown_tactic_gets_none(lean: LeanWasmEnvironment) -> None:
    verdict = await verify_source(Theorem.from_text("theorem t : 1 = 1 := by frobnicate"), lean, timeout_s=HUNG_S)
    assert "mathlib" not in (verdict.reason or "").lower()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('notation "ℕ" => Nat\ntheorem t (n : ℕ) : n = 0', "omega could not prove: n : ℕ"),
        ("structure Finset where\n  n : Nat\ndef Finset.sum (s : Finset) := s.n\ntheorem t : Finset.sum ⟨0⟩ = 1", "no"),
        ('macro "∑ " t:term : term => `($t)\ntheorem t : ∑ 1 = 2', "unsolved goals"),
    ],
)
def test_what_a_text_defines_itself_is_not_taken_for_mathlibs(text: str, error: str) -> None:
    assert hint_for(text, [error]) is None
    own = text.splitlines()[-1]
    assert "Mathlib" in str(hint_for(own, [error]))
