"""Prompts with answers out of nothing: made-up states of arithmetic, and for each a step that one might try there.

    python -m research.tiny_model.drawn_pairs PAIRS.jsonl [--count 3000]

A language model mostly proposes steps that lead on without leading anywhere, and its searches end at a limit. A tiny
model trained on found proofs alone ends every search at once, and a comparison of search loops with it says nothing.
One trained on these behaves like the large ones where it matters for that: about a third of its tactics are refused,
most others lead on, some close easy goals. Prompts have the Llemma format.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import click

from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.prompts.prompt import Query

VARIABLES = ("x", "y", "z", "a", "b", "n", "m", "k")
HYPOTHESES = ("h₀", "h₁", "h₂", "h₃")
SHAPES = (
    "{v} + {w} = {c}",
    "{c} * {v} = {w}",
    "{v} < {w}",
    "0 < {v}",
    "{v} * {w} = {c}",
    "{v} % {c} = {d}",
    "{v} ≤ {c}",
    "{v} ^ 2 = {c} * {w}",
)
GOALS = (*SHAPES, "{v} = {c}", "{v} ≠ {w}", "∃ k, {v} = {c} * k", "{v} = {c} ∨ {v} = {d}", "{v} = {c} ∧ {w} = {d}")
ENDS = (
    "omega",
    "simp_all",
    "grind",
    "decide",
    "simp",
    "rfl",
    "assumption",
    "constructor <;> omega",
    "subst_vars; simp",
)
STEPS = (
    "by_cases hx : {v} = {c}",
    "by_cases hx : {v} < {w}",
    "have h4 : {v} = {v} := rfl",
    "have h4 : {v} + {w} = {w} + {v} := by omega",
    "have h4 := {h}",
    "have h5 : {c} ≤ {v} := by omega",
    "have h6 := congrArg (fun t => t + {c}) {h}",
    "exfalso",
    "cases {v}",
    "rcases {v} with _ | {v}",
    "induction {v}",
    "simp at {h}",
    "simp only [] at {h}",
    "rw [{h}]",
    "rw [{h}] at {g}",
    "rw [Nat.add_comm] at {h}",
    "rw [Nat.mul_comm] at {h}",
    "rw [Nat.mul_comm]",
    "revert {h}",
    "intro {h}",
    "intro {v}",
    "generalize hg : {v} + {w} = s",
    "refine Classical.byContradiction fun hn => ?_",
    "constructor",
    "left",
    "right",
    "refine ⟨{c}, ?_⟩",
    "clear {h}",
    "subst {h}",
    "apply Nat.le_antisymm",
    "suffices hs : {v} = {c} by simp_all",
    "obtain ⟨k, hk⟩ := {h}",
)
ENDING = 0.3
"""The share of steps that end a proof if they can."""


def draw(chance: random.Random) -> tuple[str, str]:
    """Return a state as Lean prints it, and a tactic."""
    variables = chance.sample(VARIABLES, chance.randint(1, 3))
    known = HYPOTHESES[: chance.randint(0, 4)]

    def names() -> dict[str, object]:
        return {
            "v": chance.choice(variables),
            "w": chance.choice(variables),
            "c": chance.randint(1, 12),
            "d": chance.randint(0, 4),
            "h": chance.choice(known or HYPOTHESES),
            "g": chance.choice(known or HYPOTHESES),
        }

    lines = [f"{' '.join(variables)} : {chance.choice(('Nat', 'Int'))}"]
    lines += [f"{name} : {chance.choice(SHAPES).format(**names())}" for name in known]
    lines.append(f"⊢ {chance.choice(GOALS).format(**names())}")
    tactic = chance.choice(ENDS if chance.random() < ENDING else STEPS)
    return "\n".join(lines), tactic.format(**names())


@click.command()
@click.argument("pairs", type=click.Path(path_type=Path))
@click.option("--count", default=3000, show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(pairs: Path, count: int, seed: int) -> None:
    """Write the pairs."""
    chance = random.Random(seed)
    render = FORMATS["llemma"].render
    rows = []
    for _ in range(count):
        state, tactic = draw(chance)
        rows.append({"prompt": render(Query(state=state)), "answer": f"\n{tactic}\n---"})
    pairs.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


if __name__ == "__main__":
    main()
