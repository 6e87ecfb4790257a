"""Unfinished proofs in a Lean project: a proof with `sorry` is refused by its words, so the text is read as a file."""

from __future__ import annotations

from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.scripted import ScriptedPolicy
from prover.proving.fill import fill_source
from prover.proving.prove import prove_theorem
from tests.environments.lean_repl.projects import standin_project
from tests.environments.lean_repl.repl import serving

TEXT = 'notation "N" => Nat\n\ntheorem t (n : N) (p q : Prop) (h : p ∧ n = n ∧ q) : q ∧ p := by sorry\n'


async def test_unfinished_proof_is_shown_and_taken_up(lean: LeanWasmEnvironment) -> None:
    async with serving(lean) as command:
        project = standin_project(command)
        try:
            record = await prove_theorem(
                Theorem.from_text(TEXT),
                environment=project,
                generator=ScriptedPolicy(["constructor", "exact nonsense"]),
                closest=3,
            )
            assert record.verdict == "unknown"
            assert [len(proof.goals) for proof in record.closest] == [2]
            assert record.closest[0].source.endswith(":= by\n  constructor\n  · sorry\n  · sorry\n")
            report = await fill_source(
                record.closest[0].source, environment=project, generator=ScriptedPolicy(["exact h.2.2", "exact h.1"])
            )
            assert report.complete, [hole.reason for hole in report.holes]
        finally:
            await project.close()
