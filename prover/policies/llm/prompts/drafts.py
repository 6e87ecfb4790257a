"""A proof in words from a model that knows the problem, in the manner of the drafts of Jiang et al. 2023."""

from __future__ import annotations

from prover.policies.llm.prompts.answers import cut
from prover.policies.llm.prompts.isabelle_dsp import END, PROBLEMS


def draft_prompt(problem: str, statement: str) -> str:
    """Return worked problems and the one to solve; where it is not told in words, its formal statement stands there."""
    blocks = [f"Problem:\n{shot.problem}\n\nSolution:\n{shot.solution}" for shot in PROBLEMS]
    asked = problem.strip() or f"Prove in words:\n{statement}"
    return END.join([*blocks, f"Problem:\n{asked}\n\nSolution:\n"])


def read_draft(answer: str) -> str:
    """Return the solution in an answer, without what would end a comment."""
    text = cut(answer, (END, "Problem:", "Formal:"))
    return text.strip().replace("(*", "( *").replace("*)", "* )")
