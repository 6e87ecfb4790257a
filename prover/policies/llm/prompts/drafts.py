"""Informal proofs from a model, like the drafts of Jiang et al. 2023."""

from __future__ import annotations

from prover.policies.llm.prompts.answers import cut
from prover.policies.llm.prompts.isabelle_dsp import END, PROBLEMS


def draft_prompt(problem: str, statement: str) -> str:
    """Return worked problems and the one to solve, in words if given, else as its formal statement."""
    blocks = [f"Problem:\n{shot.problem}\n\nSolution:\n{shot.solution}" for shot in PROBLEMS]
    asked = problem.strip() or f"Prove in words:\n{statement}"
    return END.join([*blocks, f"Problem:\n{asked}\n\nSolution:\n"])


def read_draft(answer: str) -> str:
    """Return the solution in an answer, without comment terminators."""
    text = cut(answer, (END, "Problem:", "Formal:"))
    return text.strip().replace("(*", "( *").replace("*)", "* )")
