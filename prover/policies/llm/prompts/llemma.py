"""Llemma, Code Llama and other base models: three examples of Lean 4 tactics. The examples are our own."""

from __future__ import annotations

from pathlib import Path

from prover.policies.llm.prompts.few_shot import FewShotFormat
from prover.policies.llm.prompts.shots import FewShotFile, Shot
from prover.policies.llm.prompts.states import normal, shorter

INSTRUCTION = "Each Lean 4 tactic state below is followed by a good next tactic.\nSome examples, then a new state:"
SHOTS = (
    Shot(
        "a b c : Nat\nhab : a < 2 * b\nhbc : 2 * b ≤ c + 1\nhc : c < 10\n⊢ a ≤ 9",
        "omega",
    ),
    Shot(
        "α : Type u\nf : α → Nat\nxs ys : List α\n⊢ (List.map f (xs ++ ys)).length = xs.length + ys.length",
        "rw [List.length_map, List.length_append]",
    ),
    Shot(
        "p q : Nat → Prop\nn : Nat\nstep : ∀ (k : Nat), p k → q k\n⊢ (∃ k, k < n ∧ p k) → ∃ k, k < n ∧ q k",
        "rintro ⟨k, hk, hp⟩",
    ),
)


def llemma_format(*, prompt_file: Path | None = None) -> FewShotFormat:
    """Return the format with our examples, or with the instruction and examples of a user's file.

    Raises:
        InvalidPromptError: the file cannot be used.
    """
    given = FewShotFile.read(prompt_file) if prompt_file else FewShotFile(INSTRUCTION, SHOTS)
    return FewShotFormat(
        name="llemma",
        instruction=given.instruction,
        labels=("Tactic state:", "Next tactic:"),
        shots=given.shots,
        normal=normal,
        shorter=shorter,
    )
